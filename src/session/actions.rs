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
                "Lista os arquivos do “Diretório dos Relatórios” e abre o escolhido no editor ($VISUAL ou $EDITOR). Ao sair do editor, volta-se a este formulário; o que está sendo editado aqui não muda.",
                "Lists the files of the folder of reports and opens the one chosen in the editor ($VISUAL or $EDITOR). Leaving the editor leads back to this form; what is being edited here stays as it is."
            ),
            Action::SetTableAside => say!(
                lang,
                "Retira a “Tabela de Versão” da vista dos programas, no servidor deste formulário: afeta todos os balcões dele. Mostra a tabela e pede o nome dela antes; nada é apagado, e o SQL que a traz de volta é mostrado. Precisa de login no banco (PGUSER e PGPASSWORD, ~/.pgpass ou --db-user).",
                "Moves the version table out of the programs' sight, on this form's server: it affects every counter of it. Shows the table and asks for its name first; nothing is dropped, and the SQL that puts it back is shown. Needs a login to the database (PGUSER and PGPASSWORD, ~/.pgpass or --db-user)."
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
