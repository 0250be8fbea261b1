//! The actions: commands of the dialog that are no settings.

use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;
use crate::session::Session;

/// An action of the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Editar Relatório: opens one of the files of the reports' folder in the editor.
    EditReport,
    /// Excluir Tab Versão: moves the table of versions out of the programs' sight.
    SetTableAside,
}

/// The parameter that names the table of versions.
pub const TABLE_KEY: &str = "geral.tabela_versao";

/// The group that the actions stand in.
const GROUP: &str = "geral";

impl Action {
    /// Those of a group, in the dialog's order.
    pub fn of_group(id: &str) -> &'static [Action] {
        if id == GROUP { &[Action::EditReport, Action::SetTableAside] } else { &[] }
    }

    /// As the dialog calls it.
    pub fn title(self, lang: Lang) -> Safe {
        match self {
            Action::EditReport => say!(lang, "Editar Relatório", "Edit report"),
            Action::SetTableAside => say!(lang, "Excluir Tab Versão", "Set the version table aside"),
        }
    }

    /// What it does, and what it needs.
    pub fn what(self, lang: Lang) -> Safe {
        match self {
            Action::EditReport => say!(
                lang,
                "Mostra os arquivos de “Diretório dos Relatórios” e abre o escolhido no editor de texto ($VISUAL ou $EDITOR). Ao fechar o editor, você volta a esta tela; as alterações em andamento aqui continuam como estavam.",
                "Lists the files in “Reports Folder” and opens the one you choose in the text editor ($VISUAL or $EDITOR). When you close the editor you are back here; changes in progress are kept."
            ),
            Action::SetTableAside => say!(
                lang,
                "Retira a “Tabela de Versão” do servidor informado nesta tela; afeta todos os balcões desse servidor. Antes, mostra a tabela e pede o nome dela. Nada é apagado: a tabela vai para o esquema balcao_excluidas, e o SQL para desfazer aparece na tela. Precisa de usuário e senha do banco (PGUSER e PGPASSWORD, ~/.pgpass ou --db-user).",
                "Sets aside the “Version Table” on the server given here; it affects every POS terminal of that server. First shows the table and asks for its name. Nothing is deleted: the table moves to the schema balcao_excluidas, and the SQL to undo it is shown. Needs a database user and password (PGUSER and PGPASSWORD, ~/.pgpass or --db-user)."
            ),
        }
    }
}

impl Session {
    /// The name of the table of versions in force.
    pub fn version_table(&self) -> String {
        let parameter = Key::parse(TABLE_KEY).and_then(|key| self.catalog().parameter(&key));
        let value = parameter.map(|parameter| self.value(parameter));
        value.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    }
}
