//! What the form's keys do, by name, for the search: no key is the only way. A terminal may keep any key for itself, and some
//! keyboards have no more than letters, arrows, Tab and Enter.

use super::{Action, BINDINGS, Binding};
use crate::lang::Lang;
use crate::safe::Safe;

/// An action of the whole form or of its fields, which the search can do.
#[derive(Debug)]
pub struct Command {
    pub action: Action,
    /// As it is looked for, Portuguese and English.
    name: (&'static str, &'static str),
}

const fn command(action: Action, pt: &'static str, en: &'static str) -> Command {
    Command { action, name: (pt, en) }
}

pub const COMMANDS: &[Command] = &[
    command(Action::Confirm, "Confirma: gravar e fechar", "Confirm: save and close"),
    command(Action::Save, "Gravar e continuar", "Save and stay"),
    command(Action::Close, "Fechar a tela", "Close the form"),
    command(Action::Check, "Testar a conexão", "Test the connection"),
    command(Action::FindServer, "Procurar o servidor na rede", "Find the server in the network"),
    command(Action::TakeOffer, "Usar a porta encontrada", "Use the port found"),
    command(Action::Compare, "Comparar as alterações", "Compare the changes"),
    command(Action::History, "Histórico de versões", "History of versions"),
    command(Action::PutBack, "Pôr de volta o valor anterior do campo", "Put back the field's value from before"),
    command(Action::Undo, "Desfazer", "Undo"),
    command(Action::Redo, "Refazer", "Redo"),
    command(Action::Default, "Devolver o campo ao padrão", "Default: put the field back to it"),
    command(Action::Back, "Voltar ao campo anterior", "Back to the field before"),
    command(Action::NextGroup, "Próximo grupo", "Next group"),
    command(Action::PreviousGroup, "Grupo anterior", "Previous group"),
    command(Action::OtherPane, "Alternar entre lista e campos", "Switch between list and fields"),
    command(Action::Help, "Ajuda do campo e teclas", "Help on the field, and keys"),
    command(Action::Repaint, "Redesenhar a tela", "Redraw the screen"),
];

impl Command {
    pub fn name(&self, lang: Lang) -> Safe {
        Safe::own(lang.pick(self.name.0, self.name.1))
    }

    /// What it does, as the help on keys says it.
    pub fn what(&self, lang: Lang) -> Safe {
        let what = self.binding().map(|row| row.what).unwrap_or_default();
        Safe::own(lang.pick(what.0, what.1))
    }

    /// Its keys.
    pub fn keys(&self, lang: Lang) -> Safe {
        let keys = self.binding().map(|row| row.keys).unwrap_or_default();
        Safe::join(&keys.iter().map(|key| key.name(lang)).collect::<Vec<_>>(), ", ")
    }

    fn binding(&self) -> Option<&'static Binding> {
        BINDINGS.iter().find(|row| row.action == self.action)
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;

    use super::super::{ALT, CONTROL, Chord, FORM, LIST, ctrl, plain};
    use super::*;

    /// Keys that do not arrive everywhere, and what keeps them.
    type Takes = fn(&Chord) -> bool;

    fn taken() -> [(&'static str, Takes); 11] {
        [
            ("drop-down terminals", |key| [plain(KeyCode::F(12)), plain(KeyCode::F(11))].contains(key)),
            ("desktop terminals' help and menus", |key| [plain(KeyCode::F(1)), plain(KeyCode::F(10))].contains(key)),
            ("keyboards without a row of F keys", |Chord(_, code)| matches!(code, KeyCode::F(_))),
            ("tmux", |key| *key == ctrl('b')),
            ("screen", |key| *key == ctrl('a')),
            ("flow control of a serial line", |key| [ctrl('s'), ctrl('q')].contains(key)),
            ("browsers, with a console in them", |key| [ctrl('n'), ctrl('t'), ctrl('w')].contains(key)),
            ("editors, with a terminal in them", |key| [ctrl('f'), ctrl('p'), ctrl('b'), ctrl('k')].contains(key)),
            ("Windows Terminal's paste", |key| *key == ctrl('v')),
            ("PuTTY's own scrolling", |Chord(modifiers, code)| {
                modifiers.contains(CONTROL) && matches!(code, KeyCode::PageUp | KeyCode::PageDown)
            }),
            ("window managers and mosh", |Chord(modifiers, _)| modifiers.contains(ALT)),
        ]
    }

    /// Everything that the form does but for typing and moving about.
    fn of_form() -> Vec<&'static Binding> {
        let is_done = |row: &&Binding| !MOVES.contains(&row.action) && row.context.meets(FORM);
        BINDINGS.iter().filter(is_done).collect()
    }

    /// Keys that every keyboard and terminal has, and those that spare some of them.
    const MOVES: &[Action] = &[
        Action::Up,
        Action::Down,
        Action::Left,
        Action::Right,
        Action::Enter,
        Action::Unlock,
        Action::NextStop,
        // Tab goes round.
        Action::PreviousStop,
        Action::PageUp,
        Action::PageDown,
        Action::Home,
        Action::End,
        // The help is whole on a page of its own.
        Action::HelpUp,
        Action::HelpDown,
        Action::Toggle,
        Action::Search,
    ];

    /// A shorter way to what is done elsewhere, too: the history puts single values back.
    const OTHERWISE: &[Action] = &[Action::PutBack];

    #[test]
    fn whatever_keys_a_terminal_keeps_everything_can_be_done_in_two_ways() {
        for row in of_form() {
            let is_found = COMMANDS.iter().any(|command| command.action == row.action);
            assert!(is_found, "{:?} cannot be looked for", row.action);
            for (who, takes) in taken() {
                let is_left = row.keys.iter().any(|key| !takes(key)) || OTHERWISE.contains(&row.action);
                assert!(is_left, "{who} take all keys of {:?}: {:?}", row.action, row.keys);
            }
        }
    }

    #[test]
    fn each_f_key_has_a_twin_that_is_none() {
        for row in BINDINGS.iter().filter(|row| row.keys.iter().any(|key| matches!(key.1, KeyCode::F(_)))) {
            assert!(row.keys.iter().any(|key| !matches!(key.1, KeyCode::F(_))), "{:?}", row.keys);
        }
    }

    #[test]
    fn the_search_is_reached_by_a_plain_letter_where_tab_leads() {
        let opens = |row: &Binding| row.action == Action::Search && row.context.meets(LIST);
        assert!(BINDINGS.iter().any(|row| opens(row) && row.keys.contains(&plain(KeyCode::Char('/')))));
        let leads = |row: &Binding| row.action == Action::NextStop && row.context.holds(FORM);
        assert!(BINDINGS.iter().any(|row| leads(row) && row.keys.contains(&plain(KeyCode::Tab))));
    }

    #[test]
    fn every_command_has_a_key_that_says_what_it_does() {
        for lang in [Lang::Pt, Lang::En] {
            for command in COMMANDS {
                assert!(!command.keys(lang).is_empty() && !command.what(lang).is_empty(), "{command:?}");
            }
        }
    }
}
