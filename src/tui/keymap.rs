//! The key bindings: one table, from which the loop, the footer and the reference are made, and the keys on the page of keys.
//!
//! A key has at most one meaning in a context (a test checks the whole table). Keys that are not in the table do nothing;
//! in particular, an unbound Alt combination is never taken for the key without Alt.

mod commands;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::lang::Lang;
use crate::safe::Safe;
use crate::sort;
pub use commands::{COMMANDS, Command};

/// What keys can do in a place, as a set. The focus, or else the top dialog, has one; a binding works where its own set
/// shares a member with that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context(u32);

impl Context {
    const fn and(self, other: Context) -> Context {
        Context(self.0 | other.0)
    }

    pub const fn meets(self, other: Context) -> bool {
        self.0 & other.0 != 0
    }

    const fn holds(self, other: Context) -> bool {
        self.0 & other.0 == other.0
    }
}

pub const LIST: Context = Context(1);
/// A text field, without the editing keys that it shares with other lines of text (`TYPES`).
pub const TEXT: Context = Context(1 << 1);
pub const CHECKBOX: Context = Context(1 << 2);
/// One of a list of values.
pub const ENUMERATION: Context = Context(1 << 3);
/// A checkbox that another parameter keeps locked.
pub const LOCKED: Context = Context(1 << 4);
/// An action of the vendor's dialog that is no setting.
pub const COMMAND: Context = Context(1 << 5);
pub const BUTTON: Context = Context(1 << 6);
/// A line of text can be edited.
const TYPES: Context = Context(1 << 7);
/// Rows can be scrolled or picked.
const SCROLLS: Context = Context(1 << 8);
/// There is a first and a last row to go to.
const ENDS: Context = Context(1 << 9);
/// There are answers to pick from.
const ANSWERS: Context = Context(1 << 10);
const HELPS: Context = Context(1 << 11);
/// Esc goes back to the form.
const LEAVES: Context = Context(1 << 12);
const OPENS_VERSION: Context = Context(1 << 13);
const OPENS_REPORT: Context = Context(1 << 14);
const SETS_ASIDE: Context = Context(1 << 15);
const STOPS_LIVE: Context = Context(1 << 16);
const LEAVES_PROGRAM: Context = Context(1 << 17);
const STOPS_CHECK: Context = Context(1 << 18);
const WAITS: Context = Context(1 << 19);
/// A test may have found something better for the field.
const OFFERS: Context = Context(1 << 20);
/// The server can be looked for.
const FINDS: Context = Context(1 << 21);
const TAKES_SERVER: Context = Context(1 << 22);
const STOPS_SEARCH: Context = Context(1 << 23);
const TESTS_LOGIN: Context = Context(1 << 24);
const OPENS_DRAFT: Context = Context(1 << 25);
/// Esc leaves a save behind that does not end.
const LEAVES_SAVE: Context = Context(1 << 26);
/// What was found can be gone to.
const JUMPS: Context = Context(1 << 27);

/// It only tells: Enter and Space close it, too.
const TELLS: Context = Context(1 << 28);
const LEADS_TO_KEYS: Context = Context(1 << 29);
/// Enter is an answer, be it that one has read.
pub const PRESSED: Context = ANSWERS.and(TELLS);

pub const TEXT_FIELD: Context = TEXT.and(TYPES).and(OFFERS);
/// A field for the name or address of the server.
pub const HOST_FIELD: Context = TEXT.and(TYPES).and(FINDS);
pub const QUESTION: Context = SCROLLS.and(ANSWERS).and(LEAVES);
pub const PAGE: Context = SCROLLS.and(ENDS).and(HELPS).and(LEAVES).and(TELLS);
/// The help of a field, whole: F1 again leads to the keys.
pub const HELP: Context = SCROLLS.and(ENDS).and(LEAVES).and(TELLS).and(LEADS_TO_KEYS);
pub const VERSIONS: Context = SCROLLS.and(ENDS).and(OPENS_VERSION).and(LEAVES);
/// The drafts that were left.
pub const DRAFTS: Context = SCROLLS.and(ENDS).and(OPENS_DRAFT).and(LEAVES);
pub const REPORTS: Context = SCROLLS.and(ENDS).and(OPENS_REPORT).and(LEAVES);
/// Words are typed, and what fits is shown.
pub const SEARCH: Context = SCROLLS.and(TYPES).and(JUMPS).and(LEAVES);
/// The servers that were found.
pub const SERVERS: Context = SCROLLS.and(ENDS).and(TAKES_SERVER).and(LEAVES);
/// The server is being looked for.
pub const SEARCHING: Context = STOPS_SEARCH;
/// The name of a table, to be typed before anything happens to it.
pub const TABLE: Context = SCROLLS.and(TYPES).and(SETS_ASIDE).and(LEAVES);
/// The database password is typed, unseen.
pub const PASSWORD: Context = TYPES.and(TESTS_LOGIN).and(LEAVES);
pub const LIVE: Context = SCROLLS.and(ENDS).and(STOPS_LIVE);
/// The document cannot be read: read it again, or leave.
pub const UNREADABLE: Context = SCROLLS.and(ANSWERS).and(LEAVES_PROGRAM);
/// Work that can be stopped.
pub const CHECKING: Context = STOPS_CHECK;
/// Work that is over in a moment and cannot be stopped.
pub const SAVING: Context = WAITS;
/// It is not over.
pub const LATE: Context = SCROLLS.and(ANSWERS).and(HELPS).and(LEAVES_SAVE);

/// All contexts with their names, so that tests can go through them.
pub const CONTEXTS: &[(&str, Context)] = &[
    ("list", LIST),
    ("text", TEXT_FIELD),
    ("host", HOST_FIELD),
    ("checkbox", CHECKBOX),
    ("enumeration", ENUMERATION),
    ("locked", LOCKED),
    ("command", COMMAND),
    ("button", BUTTON),
    ("question", QUESTION),
    ("page", PAGE),
    ("help", HELP),
    ("versions", VERSIONS),
    ("drafts", DRAFTS),
    ("reports", REPORTS),
    ("search", SEARCH),
    ("servers", SERVERS),
    ("searching", SEARCHING),
    ("table", TABLE),
    ("password", PASSWORD),
    ("live", LIVE),
    ("unreadable", UNREADABLE),
    ("checking", CHECKING),
    ("saving", SAVING),
    ("late", LATE),
];

const FIELD: Context = TEXT.and(CHECKBOX).and(ENUMERATION).and(LOCKED);
const FORM: Context = FIELD.and(LIST).and(COMMAND).and(BUTTON);
const EVERYWHERE: Context = Context(u32::MAX);

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
        footer: Some((0, "Ajuda", "Help")), what: ("ajuda do campo, inteira; de novo: todas as teclas", "the field's help, whole; again: all keys") },
    Binding { keys: &[plain(KeyCode::F(1)), ctrl('k')], action: Action::Help, context: LEADS_TO_KEYS,
        footer: Some((3, "Teclas", "Keys")), what: ("na ajuda de um campo, mostra todas as teclas", "on the help of a field, shows all keys") },
    Binding { keys: &[plain(KeyCode::F(1)), ctrl('k')], action: Action::Help, context: HELPS,
        footer: None, what: ("numa página, fecha-a", "on a page, closes it") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Unlock, context: LOCKED,
        footer: Some((11, "Liberar", "Unlock")), what: ("num campo travado, vai ao campo que o libera", "on a locked field, goes to the field that unlocks it") },
    Binding { keys: &[plain(KeyCode::Char(' '))], action: Action::Toggle, context: CHECKBOX.and(LOCKED),
        footer: Some((12, "Marcar", "Switch")), what: ("liga ou desliga a opção", "switches the checkbox") },
    Binding { keys: &[plain(KeyCode::Char(' '))], action: Action::Toggle, context: ENUMERATION,
        footer: Some((12, "Trocar", "Step")), what: ("passa ao próximo valor da lista", "steps to the next value of the list") },
    Binding { keys: &[plain(KeyCode::F(4)), ctrl('r')], action: Action::Default, context: FIELD,
        footer: Some((14, "Padrão", "Default")), what: ("volta o campo ao padrão", "puts the field back to its default") },
    Binding { keys: &[plain(KeyCode::F(2)), ctrl('g')], action: Action::Compare, context: FORM,
        footer: Some((1, "Comparar", "Compare")), what: ("compara: o que seria gravado", "compares: what would be saved") },
    Binding { keys: &[plain(KeyCode::F(3)), ctrl('f')], action: Action::Search, context: FORM,
        footer: Some((2, "Buscar", "Search")), what: ("busca por rótulo, valor ou assunto, e vai ao campo", "searches labels, values and subjects, and goes to the field") },
    Binding { keys: &[plain(KeyCode::Char('/'))], action: Action::Search, context: LIST,
        footer: None, what: ("na lista de grupos, busca", "in the list of groups, searches") },
    Binding { keys: &[plain(KeyCode::F(7)), ctrl('b')], action: Action::History, context: FORM,
        footer: Some((4, "Histórico", "History")), what: ("histórico: vê, compara e restaura versões gravadas", "history: sees, compares and restores saved versions") },
    Binding { keys: &[plain(KeyCode::F(5)), ctrl('t')], action: Action::Check, context: FORM,
        footer: Some((3, "Testar", "Test")), what: ("testa os valores da tela, gravados ou não; de novo: ao vivo, a cada segundo", "tests the values on the screen, saved or not; again: live, every second") },
    Binding { keys: &[plain(KeyCode::F(8)), ctrl('d')], action: Action::TakeOffer, context: OFFERS,
        footer: Some((10, "Usar", "Use")), what: ("põe no campo a porta em que o teste achou o serviço", "puts the port that the test found the service on into the field") },
    Binding { keys: &[plain(KeyCode::F(8)), ctrl('d')], action: Action::FindServer, context: FINDS,
        footer: Some((13, "Procurar", "Find")), what: ("no endereço do servidor, procura os servidores na rede", "on the server's address, looks for servers in the network") },
    Binding { keys: &[plain(KeyCode::F(12)), ctrl('x')], action: Action::Confirm, context: FORM,
        footer: None, what: ("Confirma: grava e fecha", "Confirm: saves and closes") },
    Binding { keys: &[ctrl('s'), plain(KeyCode::F(9))], action: Action::Save, context: FORM,
        footer: Some((6, "Gravar", "Save")), what: ("grava e continua", "saves and stays") },
    Binding { keys: &[ctrl('z')], action: Action::Undo, context: FORM,
        footer: Some((5, "Desfazer", "Undo")), what: ("desfaz a última mudança, desde o início da sessão", "takes back the last change, back to the session's start") },
    Binding { keys: &[ctrl('y')], action: Action::Redo, context: FORM,
        footer: None, what: ("refaz o que foi desfeito", "does again what was taken back") },
    Binding { keys: &[plain(KeyCode::Tab)], action: Action::NextStop, context: FORM,
        footer: None, what: ("próxima parte: lista, campos, Confirma, Fechar", "next part: list, fields, Confirm, Close") },
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
        footer: Some((0, "Ver e comparar", "See and compare")), what: ("no histórico, mostra a versão e o que ela mudaria", "in the history, shows the version and what it would change") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: OPENS_DRAFT,
        footer: Some((0, "Ver", "See")), what: ("nos rascunhos, mostra o escolhido e o que ele alteraria", "in the drafts, shows the one chosen and what it would change") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: OPENS_REPORT,
        footer: Some((0, "Editar", "Edit")), what: ("nos relatórios, abre o escolhido no editor", "in the reports, opens the one chosen in the editor") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: JUMPS,
        footer: Some((0, "Ir até lá", "Go there")), what: ("na busca, vai ao que foi escolhido", "in the search, goes to the one chosen") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: TAKES_SERVER,
        footer: Some((0, "Usar este", "Use this one")), what: ("nos servidores, põe o escolhido no campo", "in the servers, puts the one chosen into the field") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: SETS_ASIDE,
        footer: Some((0, "Retirar a tabela", "Set the table aside")), what: ("com o nome da tabela digitado, retira-a", "with the table's name typed, sets it aside") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: TESTS_LOGIN,
        footer: Some((0, "Testar", "Test")), what: ("com a senha do banco digitada, testa o login", "with the database password typed, tests the login") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: COMMAND,
        footer: Some((12, "Abrir", "Open")), what: ("numa ação, executa-a", "on an action, runs it") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: TEXT.and(CHECKBOX).and(ENUMERATION),
        footer: None, what: ("campo seguinte", "next field") },
    Binding { keys: &[plain(KeyCode::Enter)], action: Action::Enter, context: BUTTON.and(ANSWERS),
        footer: Some((12, "Escolher", "Choose")), what: ("num botão, faz o que ele diz", "on a button, does what it says") },
    Binding { keys: &[plain(KeyCode::Right)], action: Action::Right, context: LIST.and(TYPES).and(ENUMERATION).and(BUTTON).and(ANSWERS),
        footer: None, what: ("da lista aos campos; no texto, move o cursor; num valor de lista, o seguinte", "from the list to the fields; in text, moves the cursor; on a list value, the next") },
    Binding { keys: &[plain(KeyCode::Left)], action: Action::Left, context: TYPES.and(CHECKBOX).and(ENUMERATION).and(LOCKED).and(COMMAND).and(BUTTON).and(ANSWERS),
        footer: None, what: ("de uma opção de volta à lista; no texto, move o cursor; num valor de lista, o anterior", "from a checkbox back to the list; in text, moves the cursor; on a list value, the one before") },
    Binding { keys: &[plain(KeyCode::F(6)), ctrl('o')], action: Action::OtherPane, context: FORM,
        footer: None, what: ("troca entre a lista e os campos", "between the list and the fields") },
    Binding { keys: &[ctrl('v'), with(ALT, KeyCode::Left)], action: Action::Back, context: FORM,
        footer: None, what: ("volta para onde estava antes do último salto", "goes back to where you were before the last jump") },
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
        footer: None, what: ("apaga sob o cursor", "deletes under the cursor") },
    Binding { keys: &[ctrl('u')], action: Action::ClearLine, context: TYPES,
        footer: Some((15, "Limpar", "Clear")), what: ("limpa o campo", "clears the field") },
    Binding { keys: &[ctrl('w')], action: Action::DeleteWord, context: TYPES,
        footer: None, what: ("apaga a palavra à esquerda", "deletes the word to the left") },
    Binding { keys: &[ctrl('l')], action: Action::Repaint, context: EVERYWHERE,
        footer: None, what: ("desenha a tela de novo", "draws the screen again") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: FORM,
        footer: Some((9, "Parar", "Stop")), what: ("Fechar: fecha o que está por cima; no formulário, pergunta antes se há mudanças", "Close: closes what is on top; on the form, asks first when there are changes") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: LEAVES,
        footer: Some((2, "Voltar", "Back")), what: ("volta ao formulário", "back to the form") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: STOPS_LIVE,
        footer: Some((2, "Parar", "Stop")), what: ("para o teste ao vivo", "stops the live test") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: LEAVES_PROGRAM,
        footer: Some((2, "Fechar", "Close")), what: ("com o arquivo ilegível, fecha o programa", "with a file that cannot be read, closes the program") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: LEAVES_SAVE,
        footer: Some((2, "Sair", "Leave")), what: ("com uma gravação que não termina, sai do programa", "with a save that does not end, leaves the program") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: STOPS_CHECK,
        footer: Some((2, "Interromper", "Stop")), what: ("interrompe o teste e volta ao formulário", "stops the test and goes back to the form") },
    Binding { keys: &[plain(KeyCode::Esc), ctrl('c')], action: Action::Close, context: STOPS_SEARCH,
        footer: Some((2, "Cancelar", "Cancel")), what: ("cancela a procura do servidor", "cancels the search for the server") },
    Binding { keys: &[plain(KeyCode::Enter), plain(KeyCode::Char(' '))], action: Action::Close, context: TELLS,
        footer: None, what: ("numa página que só informa, fecha-a", "on a page that only tells, closes it") },
];

/// What the key means there; a plain character where text is typed is written.
pub fn action(context: Context, key: KeyEvent) -> Option<Action> {
    let chord = normal(key);
    let row = BINDINGS.iter().find(|row| row.context.meets(context) && row.keys.contains(&chord));
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
            assert_eq!(action(TEXT_FIELD, KeyEvent::new(KeyCode::Char(letter), ALT)), None, "{letter}");
        }
    }

    #[test]
    fn every_key_has_a_name() {
        for key in BINDINGS.iter().flat_map(|row| row.keys) {
            assert!(!key.name(Lang::Pt).as_str().contains('?'), "{key:?}");
        }
    }
}
