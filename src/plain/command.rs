//! The commands: words with one letter each, at any prompt. Where a value is asked for, a colon goes before them, since
//! almost any word can be a value.

use crate::lang::Lang;
use crate::safe::Safe;
use crate::text::ascii;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Test,
    Find,
    Compare,
    Save,
    Undo,
    Redo,
    Default,
    Before,
    History,
    Actions,
    Leave,
}

/// A command, its words, the first letter of which is enough, and what it does; both languages.
type Row = (Command, (&'static str, &'static str), (&'static str, &'static str));

const COMMANDS: [Row; 11] = [
    (Command::Test, ("testar", "test"), ("testa os valores, gravados ou não", "tests the values, saved or not")),
    (Command::Compare, ("comparar", "compare"), ("lista o que será gravado", "lists what would be saved")),
    (Command::Find, ("buscar", "find"), ("procura um parâmetro", "looks for a parameter")),
    (Command::Save, ("gravar", "save"), ("grava, depois de perguntar", "saves, after asking")),
    (Command::Undo, ("desfazer", "undo"), ("desfaz uma alteração", "undoes one change")),
    (Command::Redo, ("refazer", "redo"), ("refaz o que foi desfeito", "redoes what was undone")),
    (
        Command::Default,
        ("padrão", "default"),
        ("devolve este parâmetro ao padrão", "puts this parameter back to its default"),
    ),
    (
        Command::Before,
        ("voltar", "before"),
        ("põe de volta o valor anterior deste parâmetro", "puts back this parameter's value from before"),
    ),
    (Command::History, ("histórico", "history"), ("lista as versões gravadas", "lists the versions that were saved")),
    (
        Command::Actions,
        ("ações", "actions"),
        ("Editar Relatório, Excluir Tab Versão", "Edit report, set the version table aside"),
    ),
    (Command::Leave, ("sair", "quit"), ("sai; antes pergunta se grava", "leaves; asks first whether to save")),
];

impl Command {
    /// By its word, or the word's first letter.
    pub fn named(typed: &str, lang: Lang) -> Option<Command> {
        let typed = folded(typed);
        let found = COMMANDS.iter().find(|(_, (pt, en), _)| {
            let word = folded(lang.pick(pt, en));
            typed == word || !typed.is_empty() && word.get(..1) == Some(&typed)
        });
        found.map(|(command, ..)| *command)
    }
}

/// In small letters without accents, as words are compared.
pub fn folded(text: &str) -> String {
    ascii(text.trim()).to_lowercase()
}

/// All commands, a line each; `is_value`: where a value is asked for.
pub fn listed(is_value: bool, lang: Lang) -> Vec<Line> {
    let heading = match is_value {
        true => say!(lang, "Comandos, com dois-pontos antes:", "Commands, with a colon before:"),
        false => say!(lang, "Comandos, a palavra ou a letra:", "Commands, the word or the letter:"),
    };
    let commands =
        COMMANDS.iter().filter(|(command, ..)| is_value || !matches!(command, Command::Default | Command::Before));
    let line = |(_, (pt, en), (what_pt, what_en)): &Row| {
        let word = lang.pick(pt, en);
        let letter = word.get(..word.chars().next().map_or(0, char::len_utf8)).unwrap_or_default();
        let colon = if is_value { ":" } else { "" };
        let (word, letter) =
            (safe!("{}{}", Safe::own(colon), Safe::own(word)), safe!("{}{}", Safe::own(colon), Safe::own(letter)));
        Line::from(say!(lang, "{} ou {}: {}", "{} or {}: {}", letter, word, lang.pick(what_pt, what_en)))
    };
    std::iter::once(Line::of(Tone::Strong, heading)).chain(commands.map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_letter_of_its_own_in_each_language() {
        for lang in [Lang::Pt, Lang::En] {
            for (command, (pt, en), _) in COMMANDS {
                let word = lang.pick(pt, en);
                let letter: String = word.chars().take(1).collect();
                for typed in [word, &letter, &word.to_uppercase(), &ascii(word)] {
                    assert_eq!(Command::named(typed, lang), Some(command), "{typed}");
                }
            }
            assert_eq!(Command::named("", lang), None);
            assert_eq!(Command::named("x", lang), None);
        }
    }
}
