//! The key bindings: one table, from which the loop, the footer and the reference are made, and the keys on the page of keys.
//!
//! A key has at most one meaning in a context (a test checks the whole table). Keys that are not in the table do nothing;
//! in particular, an unbound Alt combination is never taken for the key without Alt.

mod commands;

mod context;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::lang::Lang;
use crate::safe::Safe;
use crate::sort;
pub use commands::{COMMANDS, Command};
pub use context::*;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// To the next stop of the round: group list, fields, Confirma, Fechar.
    NextStop,
    PreviousStop,
    Up,
    Down,
    /// One to the left: the cursor, the value, the pane or the button.
    Left,
    Right,
    Enter,
    /// To the parameter that keeps this one locked.
    Unlock,
    /// To where one was before the last jump.
    Back,
    /// From the list to the fields and back.
    OtherPane,
    /// Groups without parameters are passed over.
    NextGroup,
    PreviousGroup,
    PageUp,
    PageDown,
    HelpUp,
    HelpDown,
    /// The start of the line, or the first of the list.
    Home,
    /// The end of the line, or the last of the list.
    End,
    /// Takes out the character before the cursor.
    Backspace,
    /// Takes out the character under the cursor.
    Delete,
    ClearLine,
    /// Takes out the word before the cursor.
    DeleteWord,
    Insert(char),
    /// Switches a checkbox, steps an enumeration.
    Toggle,
    /// The help of the field, whole; on it, all keys.
    Help,
    Default,
    /// Puts back what the history has: of the field, or of what is marked.
    PutBack,
    Compare,
    Search,
    History,
    Check,
    /// Puts what the check found into the field.
    TakeOffer,
    FindServer,
    Undo,
    Redo,
    Save,
    Confirm,
    /// Closes what is on top.
    Close,
    Repaint,
}

/// A key with its modifiers; the code of a character is the character itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chord(pub KeyModifiers, pub KeyCode);

/// A row of the table.
#[derive(Debug)]
pub struct Binding {
    /// The keys, the one to show first.
    pub keys: &'static [Chord],
    pub action: Action,
    /// Where: in every context that has something in common with this.
    pub context: Context,
    /// The footer's word for it and its rank there (0 first); `None`: not in the footer. On the form, the first ten are for keys that
    /// work wherever the focus is.
    pub footer: Option<(u8, &'static str, &'static str)>,
    /// What the reference says, Portuguese and English; the page of keys is shorter.
    pub what: (&'static str, &'static str),
}

impl Binding {
    /// The keys that can come, the one to show first: Ctrl+S does not where it is the line's.
    pub fn keys(&self, has_flow_control: bool) -> impl Iterator<Item = Chord> {
        self.keys.iter().copied().filter(move |key| !has_flow_control || *key != ctrl('s'))
    }

    /// True where it works on all of the form, whatever has the focus.
    pub fn is_of_form(&self) -> bool {
        self.context.holds(FORM)
    }
}

const fn plain(code: KeyCode) -> Chord {
    Chord(KeyModifiers::NONE, code)
}
const fn ctrl(letter: char) -> Chord {
    Chord(KeyModifiers::CONTROL, KeyCode::Char(letter))
}
const fn with(modifiers: KeyModifiers, code: KeyCode) -> Chord {
    Chord(modifiers, code)
}
const ALT: KeyModifiers = KeyModifiers::ALT;
const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;

#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    Binding { keys: &[plain(KeyCode::F(1)), ctrl('k')], action: Action::Help, context: FORM,
        footer: Some((0, "Ajuda", "Help")), what: ("ajuda completa do campo; de novo: todas as teclas", "the field's full help; again: all keys") },
    Binding { keys: &[plain(KeyCode::F(1)), ctrl('k')], action: Action::Help, context: LEADS_TO_KEYS,
        footer: Some((3, "Teclas", "Keys")), what: ("na ajuda de um campo, mostra todas as teclas", "on the help of a field, shows all keys") },
    Binding { keys: &[plain(KeyCode::F(1)), ctrl('k')], action: Action::Help, context: HELPS,
        footer: None, what: ("fecha uma página", "closes a page") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Unlock, context: LOCKED,
        footer: Some((11, "Destravar", "Unlock")), what: ("num campo travado, vai ao campo de que ele depende", "on a locked field, goes to the field that it depends on") },
    Binding { keys: &[plain(KeyCode::Char(' '))], action: Action::Toggle, context: CHECKBOX.and(LOCKED),
        footer: Some((12, "Marcar", "Switch")), what: ("ativa ou desativa a opção", "turns the option on or off") },
    Binding { keys: &[plain(KeyCode::Char(' '))], action: Action::Toggle, context: ENUMERATION,
        footer: Some((12, "Seguinte", "Next")), what: ("passa ao próximo valor da lista", "steps to the next value of the list") },
    Binding { keys: &[plain(KeyCode::Char(' '))], action: Action::Toggle, context: MARKS,
        footer: Some((1, "Marcar", "Mark")), what: ("no histórico, marca um valor", "in the history, marks a value") },
    Binding { keys: &[plain(KeyCode::Char(' '))], action: Action::Toggle, context: COMPARES,
        footer: Some((1, "Incluir ou não", "In or out")), what: ("na comparação, deixa a alteração de fora ou inclui de novo", "in the comparison, leaves the change out, or puts it in again") },
    Binding { keys: &[with(ALT, KeyCode::Char('z'))], action: Action::PutBack, context: FIELD.and(LEADS_TO_KEYS),
        footer: None, what: ("num campo, volta ao valor de antes da última alteração gravada; o histórico faz o mesmo", "on a field, puts back the value from before the last saved change, as the history does") },
    Binding { keys: &[plain(KeyCode::Char('r'))], action: Action::PutBack, context: OPENS_VERSION,
        footer: Some((1, "Pôr de volta", "Put back")), what: ("no histórico, põe de volta os valores marcados ou o escolhido", "in the history, puts back the values that are marked, or the one picked") },
    Binding { keys: &[plain(KeyCode::F(4)), ctrl('r')], action: Action::Default, context: FIELD.and(LEADS_TO_KEYS),
        footer: Some((14, "Padrão", "Default")), what: ("devolve o campo ao padrão", "puts the field back to its default") },
    Binding { keys: &[plain(KeyCode::F(2)), ctrl('g')], action: Action::Compare, context: FORM,
        footer: Some((1, "Comparar", "Compare")), what: ("mostra o que será gravado; nessa lista, Espaço deixa de fora", "shows what will be saved; in that list, Space leaves out") },
    Binding { keys: &[plain(KeyCode::F(3)), ctrl('f')], action: Action::Search, context: FORM,
        footer: Some((2, "Buscar", "Search")), what: ("busca por rótulo, valor ou assunto, e vai ao campo", "searches labels, values and subjects, and goes to the field") },
    Binding { keys: &[plain(KeyCode::Char('/'))], action: Action::Search, context: LIST,
        footer: None, what: ("na lista de grupos, busca", "in the list of groups, searches") },
    Binding { keys: &[plain(KeyCode::F(7)), ctrl('b')], action: Action::History, context: FORM,
        footer: Some((4, "Histórico", "History")), what: ("histórico: ver, comparar e pôr de volta valores ou versões", "history: see, compare and put back values or versions") },
    Binding { keys: &[plain(KeyCode::F(5)), ctrl('t')], action: Action::Check, context: FORM,
        footer: Some((3, "Testar", "Test")), what: ("testa os valores da tela, mesmo não gravados; de novo: teste contínuo", "tests the values on the screen, even unsaved ones; again: continuous test") },
    Binding { keys: &[plain(KeyCode::F(8)), ctrl('d')], action: Action::TakeOffer, context: OFFERS.and(LEADS_TO_KEYS),
        footer: Some((10, "Usar", "Use")), what: ("usa a porta em que o teste encontrou o serviço", "uses the port on which the test found the service") },
    Binding { keys: &[plain(KeyCode::F(8)), ctrl('d')], action: Action::FindServer, context: FINDS,
        footer: Some((13, "Procurar", "Find")), what: ("no endereço do servidor, procura os servidores na rede", "on the server's address, looks for servers in the network") },
    Binding { keys: &[plain(KeyCode::F(12)), ctrl('x')], action: Action::Confirm, context: FORM,
        footer: None, what: ("Confirma: grava e fecha", "Confirm: saves and closes") },
    Binding { keys: &[plain(KeyCode::F(12)), ctrl('x')], action: Action::Confirm, context: COMPARES,
        footer: Some((2, "Confirma", "Confirm")), what: ("na comparação, grava e fecha", "in the comparison, saves and closes") },
    Binding { keys: &[ctrl('s'), plain(KeyCode::F(9))], action: Action::Save, context: FORM.and(COMPARES),
        footer: Some((6, "Gravar", "Save")), what: ("grava e continua", "saves and stays") },
    Binding { keys: &[ctrl('z')], action: Action::Undo, context: FORM,
        footer: Some((5, "Desfazer", "Undo")), what: ("desfaz a última alteração", "undoes the last change") },
    Binding { keys: &[ctrl('y')], action: Action::Redo, context: FORM,
        footer: None, what: ("refaz o que foi desfeito", "redoes what was undone") },
    Binding { keys: &[plain(KeyCode::Tab)], action: Action::NextStop, context: FORM,
        footer: None, what: ("avança: lista, campos, Confirma, Fechar", "goes on: list, fields, Confirm, Close") },
    Binding { keys: &[plain(KeyCode::Tab)], action: Action::NextStop, context: ANSWERS,
        footer: Some((8, "Outra opção", "Other answer")), what: ("numa pergunta, a opção seguinte", "in a question, the next answer") },
    Binding { keys: &[with(SHIFT, KeyCode::BackTab)], action: Action::PreviousStop, context: FORM.and(ANSWERS),
        footer: None, what: ("parte anterior", "part before") },
    Binding { keys: &[plain(KeyCode::Up)], action: Action::Up, context: FORM.and(SCROLLS),
        footer: None, what: ("anterior", "previous") },
    Binding { keys: &[plain(KeyCode::Down)], action: Action::Down, context: FORM.and(SCROLLS),
        footer: None, what: ("seguinte", "next") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: LIST,
        footer: Some((12, "Abrir", "Open")), what: ("na lista, entra nos campos do grupo", "in the list, goes into the group's fields") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: OPENS_VERSION,
        footer: Some((0, "Ver", "View")), what: ("no histórico, mostra a versão e o que ela alteraria", "in the history, shows the version and what it would change") },
    Binding { keys: &[plain(KeyCode::Char('r'))], action: Action::PutBack, context: RESTORES.and(RESTORES_ALL),
        footer: None, what: ("numa versão, põe de volta os valores marcados ou o escolhido", "in a version, puts back the values that are marked, or the one picked") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: RESTORES,
        footer: Some((0, "Pôr de volta", "Put back")), what: ("numa versão, põe de volta o valor", "in a version, puts the value back") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: RESTORES_ALL,
        footer: Some((0, "Restaurar", "Restore")), what: ("no fim dela, restaura a versão inteira", "at its end, restores the whole version") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: COMPARES,
        footer: Some((0, "Ir ao campo", "Go to it")), what: ("na comparação, vai ao campo escolhido", "in the comparison, goes to the field chosen") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: OPENS_DRAFT,
        footer: Some((0, "Ver", "See")), what: ("nos rascunhos, mostra o escolhido e o que ele alteraria", "in the drafts, shows the one chosen and what it would change") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: OPENS_REPORT,
        footer: Some((0, "Editar", "Edit")), what: ("nos relatórios, abre o escolhido no editor", "in the reports, opens the one chosen in the editor") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: JUMPS,
        footer: Some((0, "Ir até lá", "Go there")), what: ("na busca, vai ao item escolhido", "in the search, goes to the item chosen") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: DOES,
        footer: Some((0, "Executar", "Do it")), what: ("na busca, executa o comando escolhido", "in the search, carries the command chosen out") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: TAKES_SERVER,
        footer: Some((0, "Usar este", "Use this one")), what: ("nos servidores, põe o escolhido no campo", "in the servers, puts the one chosen into the field") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: SETS_ASIDE,
        footer: Some((0, "Retirar", "Set aside")), what: ("retira a tabela cujo nome foi digitado", "sets aside the table whose name was typed") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: TESTS_LOGIN,
        footer: Some((0, "Testar", "Test")), what: ("testa o login com a senha digitada", "tests the login with the password typed") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: COMMAND,
        footer: Some((12, "Abrir", "Open")), what: ("executa a ação", "runs the action") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: TEXT.and(CHECKBOX).and(ENUMERATION),
        footer: None, what: ("campo seguinte", "next field") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: BUTTON,
        footer: None, what: ("aciona o botão", "presses the button") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: ANSWERS,
        footer: Some((0, "Escolher", "Choose")), what: ("numa pergunta, dá a resposta", "in a question, gives the answer") },
    Binding { keys: &[plain(KeyCode::Right)], action: Action::Right, context: LIST.and(TYPES).and(ENUMERATION).and(BUTTON).and(ANSWERS),
        footer: None, what: ("da lista aos campos; no texto, move o cursor; na lista de valores, o seguinte", "from the list to the fields; in text, moves the cursor; on a list value, the next") },
    Binding { keys: &[plain(KeyCode::Left)], action: Action::Left, context: TYPES.and(CHECKBOX).and(ENUMERATION).and(LOCKED).and(COMMAND).and(BUTTON).and(ANSWERS),
        footer: None, what: ("na opção, volta à lista; no texto, move o cursor; na lista de valores, o anterior", "from a checkbox back to the list; in text, moves the cursor; on a list value, the one before") },
    Binding { keys: &[plain(KeyCode::F(6)), ctrl('o')], action: Action::OtherPane, context: FORM,
        footer: None, what: ("alterna entre a lista e os campos", "between the list and the fields") },
    Binding { keys: &[ctrl('v'), with(ALT, KeyCode::Left)], action: Action::Back, context: FORM,
        footer: Some((11, "Voltar", "Back")), what: ("volta para onde estava antes", "goes back to where you were") },
    Binding { keys: &[ctrl('n'), with(CONTROL, KeyCode::PageDown), with(ALT, KeyCode::Down)], action: Action::NextGroup, context: FORM,
        footer: Some((7, "Grupo", "Group")), what: ("próximo grupo que tem parâmetros", "next group that has parameters") },
    Binding { keys: &[ctrl('p'), with(CONTROL, KeyCode::PageUp), with(ALT, KeyCode::Up)], action: Action::PreviousGroup, context: FORM,
        footer: None, what: ("grupo anterior que tem parâmetros", "group with parameters before") },
    Binding { keys: &[plain(KeyCode::PageUp)], action: Action::PageUp, context: FORM.and(SCROLLS),
        footer: None, what: ("uma página acima", "one page up") },
    Binding { keys: &[plain(KeyCode::PageDown)], action: Action::PageDown, context: FORM.and(SCROLLS),
        footer: None, what: ("uma página abaixo", "one page down") },
    Binding { keys: &[with(SHIFT, KeyCode::Up)], action: Action::HelpUp, context: FORM,
        footer: None, what: ("rola a ajuda para cima", "scrolls the help up") },
    Binding { keys: &[with(SHIFT, KeyCode::Down)], action: Action::HelpDown, context: FORM,
        footer: None, what: ("rola a ajuda para baixo", "scrolls the help down") },
    Binding { keys: &[plain(KeyCode::Home), ctrl('a')], action: Action::Home, context: LIST.and(TYPES).and(ENDS),
        footer: None, what: ("início do texto ou da lista", "start of the text or the list") },
    Binding { keys: &[plain(KeyCode::End), ctrl('e')], action: Action::End, context: LIST.and(TYPES).and(ENDS),
        footer: None, what: ("fim do texto ou da lista", "end of the text or the list") },
    Binding { keys: &[plain(KeyCode::Backspace)], action: Action::Backspace, context: TYPES,
        footer: None, what: ("apaga à esquerda do cursor", "deletes to the left of the cursor") },
    Binding { keys: &[plain(KeyCode::Delete)], action: Action::Delete, context: TYPES,
        footer: None, what: ("apaga o caractere sob o cursor", "deletes under the cursor") },
    Binding { keys: &[ctrl('u')], action: Action::ClearLine, context: TYPES,
        footer: Some((15, "Limpar", "Clear")), what: ("limpa o campo", "clears the field") },
    Binding { keys: &[ctrl('w')], action: Action::DeleteWord, context: TYPES,
        footer: None, what: ("apaga a palavra à esquerda", "deletes the word to the left") },
    Binding { keys: &[ctrl('l')], action: Action::Repaint, context: EVERYWHERE,
        footer: None, what: ("redesenha a tela", "redraws the screen") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: FORM,
        footer: Some((9, "Cancelar", "Cancel")), what: ("Fechar: fecha o quadro aberto; na tela, pergunta antes se há alterações", "Close: closes the open box; on the form, asks first if there are changes") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: LEAVES,
        footer: Some((2, "Voltar", "Back")), what: ("volta à tela", "back to the form") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: STOPS_LIVE,
        footer: Some((2, "Encerrar", "End")), what: ("encerra o teste contínuo", "ends the continuous test") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: LEAVES_PROGRAM,
        footer: Some((2, "Fechar", "Close")), what: ("com o arquivo ilegível, fecha o programa", "with a file that cannot be read, closes the program") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: LEAVES_SAVE,
        footer: Some((2, "Sair", "Leave")), what: ("com uma gravação que não termina, sai do programa", "with a save that does not end, leaves the program") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: STOPS_CHECK,
        footer: Some((2, "Cancelar", "Cancel")), what: ("cancela o teste e volta à tela", "cancels the test and goes back to the form") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: STOPS_SEARCH,
        footer: Some((2, "Cancelar", "Cancel")), what: ("cancela a procura do servidor", "cancels the search for the server") },
    Binding { keys: &[plain(KeyCode::Enter), plain(KeyCode::Char(' '))], action: Action::Close, context: TELLS,
        footer: None, what: ("fecha uma página que só informa", "closes a page that only informs") },
];

/// What the key means there; a plain character where text is typed is written.
pub fn action(context: Context, key: KeyEvent) -> Option<Action> {
    let chord = normal(key);
    // A letter is the same key with Caps Lock.
    let folded = match chord {
        Chord(modifiers, KeyCode::Char(letter)) => Chord(modifiers, KeyCode::Char(letter.to_ascii_lowercase())),
        chord => chord,
    };
    let row = BINDINGS.iter().find(|row| row.context.meets(context) && row.keys.contains(&folded));
    match (row, chord) {
        (Some(row), _) => Some(row.action),
        (None, Chord(KeyModifiers::NONE, KeyCode::Char(letter))) if context.meets(TYPES) => {
            Some(Action::Insert(letter))
        }
        _ => None,
    }
}

/// Shift is part of the character itself, and of the back-tab key whether or not a terminal says so.
fn normal(key: KeyEvent) -> Chord {
    match key.code {
        KeyCode::Char(_) => Chord(key.modifiers - SHIFT, key.code),
        KeyCode::BackTab => Chord(key.modifiers | SHIFT, key.code),
        code => Chord(key.modifiers, code),
    }
}

/// The rows whose key the footer shows there, most important first.
pub fn footer(context: Context) -> Vec<&'static Binding> {
    let mut rows: Vec<_> = BINDINGS.iter().filter(|row| row.footer.is_some() && row.context.meets(context)).collect();
    sort::sort_by_key(&mut rows, |row| row.footer.map(|(rank, ..)| rank));
    rows
}

impl Chord {
    /// The key's name where room is short: `^S`.
    pub fn short(self, lang: Lang) -> Safe {
        match self {
            Chord(CONTROL, code) => crate::safe!("^{}", plain(code).name(lang)),
            _ => self.name(lang),
        }
    }

    /// The key's name as printed on keyboards: `F12`, `Ctrl+S`, `Esc`, `↑`.
    pub fn name(self, lang: Lang) -> Safe {
        let Chord(modifiers, code) = self;
        let key = match code {
            KeyCode::Char(' ') => Safe::own(lang.pick("Espaço", "Space")),
            KeyCode::Char(letter) => crate::safe!("{}", letter.to_ascii_uppercase()),
            KeyCode::F(number) => crate::safe!("F{}", number),
            other => Safe::own(match other {
                KeyCode::Up => "↑",
                KeyCode::Down => "↓",
                KeyCode::Left => "←",
                KeyCode::Right => "→",
                KeyCode::Enter => "Enter",
                KeyCode::Tab | KeyCode::BackTab => "Tab",
                KeyCode::Esc => "Esc",
                KeyCode::PageUp => "PgUp",
                KeyCode::PageDown => "PgDn",
                KeyCode::Home => "Home",
                KeyCode::End => "End",
                KeyCode::Backspace => "Backspace",
                KeyCode::Delete => "Delete",
                _ => "?",
            }),
        };
        let prefix = [(CONTROL, "Ctrl+"), (ALT, "Alt+"), (SHIFT, "Shift+")];
        prefix
            .iter()
            .rev()
            .filter(|(modifier, _)| modifiers.contains(*modifier))
            .fold(key, |name, (_, word)| crate::safe!("{}{}", *word, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_means_one_thing_in_one_place() {
        for (name, context) in CONTEXTS {
            let mut seen: Vec<Chord> = Vec::new();
            for row in BINDINGS.iter().filter(|row| row.context.meets(*context)) {
                for key in row.keys {
                    assert!(!seen.contains(key), "{key:?} twice in {name}");
                    seen.push(*key);
                }
            }
        }
    }

    #[test]
    fn every_place_but_a_save_under_way_can_be_left_with_esc() {
        for (_, context) in CONTEXTS.iter().filter(|(_, context)| *context != SAVING) {
            assert_eq!(action(*context, KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)), Some(Action::Close));
        }
    }

    #[test]
    fn alt_with_a_letter_writes_nothing() {
        for letter in ' '..='~' {
            let meant = action(TEXT_FIELD, KeyEvent::new(KeyCode::Char(letter), ALT));
            assert!(!matches!(meant, Some(Action::Insert(_))), "{letter}");
        }
    }

    #[test]
    fn every_key_has_a_name() {
        for key in BINDINGS.iter().flat_map(|row| row.keys) {
            assert!(!key.name(Lang::Pt).as_str().contains('?'), "{key:?}");
        }
    }
}
