//! The page of keys: what one wants to do, and the keys for it, as the table of bindings has them.

use super::super::keymap::{self, Action, BINDINGS, Binding, Context};
use super::super::model::{Content, Dialog, Model};
use super::super::rows::{Row, width_of};
use super::super::theme::Theme;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;
use crate::sort;
use crate::text::line::blanks;
use crate::text::{width, wrap};

pub struct Keys;

/// What one wants, with the keys for it: Portuguese, English.
pub struct Intent(&'static str, &'static str, &'static [Deed]);

/// A row: the actions whose keys stand in it, and what they do.
pub struct Deed(pub &'static [Action], &'static str, &'static str);

/// Everything that a key does, once.
#[rustfmt::skip]
pub const INTENTS: &[Intent] = &[
    Intent("Alterar", "Change", &[
        Deed(&[Action::Toggle], "marca; próximo valor", "switches; next value"),
        Deed(&[Action::Default], "volta ao padrão", "back to the default"),
        Deed(&[Action::TakeOffer, Action::FindServer], "usa o que achou", "uses what was found"),
        Deed(&[Action::Undo, Action::Redo], "desfaz, refaz", "undoes, redoes"),
        Deed(&[Action::PutBack], "repõe; no histórico", "as before; in history"),
        Deed(&[Action::ClearLine, Action::DeleteWord], "apaga tudo, a palavra", "clears all, the word"),
        Deed(&[Action::Home, Action::End], "início, fim do texto", "start, end of text"),
        Deed(&[Action::Backspace, Action::Delete], "apaga antes, depois", "deletes before, after"),
    ]),
    Intent("Entender e testar", "Understand and test", &[
        Deed(&[Action::Help], "ajuda, depois teclas", "help, then all keys"),
        Deed(&[Action::HelpUp, Action::HelpDown], "rola a ajuda", "scrolls the help"),
        Deed(&[Action::Check], "testa; F5: contínuo", "tests; F5: nonstop"),
    ]),
    Intent("Gravar e fechar", "Save and close", &[
        Deed(&[Action::Compare], "o que será gravado", "what will be saved"),
        Deed(&[Action::Confirm], "grava e fecha", "saves and closes"),
        Deed(&[Action::Save], "grava e continua", "saves and stays"),
        Deed(&[Action::History], "versões gravadas", "saved versions"),
        Deed(&[Action::Close], "fecha, volta, para", "closes, stops"),
    ]),
    Intent("Ir a outro lugar", "Go elsewhere", &[
        Deed(&[Action::Search], "busca", "searches"),
        Deed(&[Action::Up, Action::Down], "anterior, seguinte", "previous, next"),
        Deed(&[Action::Enter, Action::Unlock], "avança, abre, escolhe", "goes on, opens, picks"),
        Deed(&[Action::NextStop, Action::PreviousStop], "lista, campos, botões", "list, fields, buttons"),
        Deed(&[Action::Left, Action::Right], "cursor; lista, campos", "cursor; list, fields"),
        Deed(&[Action::OtherPane], "lista ou campos", "list or fields"),
        Deed(&[Action::NextGroup, Action::PreviousGroup], "outro grupo; Alt+↓ ↑", "group; Alt+↓ ↑"),
        Deed(&[Action::PageUp, Action::PageDown], "uma página", "one page"),
        Deed(&[Action::Back], "volta ao anterior", "back to where you were"),
        Deed(&[Action::Repaint], "redesenha a tela", "redraws the screen"),
    ]),
];

/// Keys of a row that have room beside its words.
const NAMES: usize = 16;
/// From here on, two columns stand side by side.
const ABREAST: u16 = 76;

impl Deed {
    /// The keys, those of two opposite actions side by side: first the function keys, then their twins; as many as have room.
    fn keys(&self, lang: Lang, has_flow_control: bool) -> Safe {
        // The keys that close what only tells are those that come to hand.
        let is_told = |row: &&Binding| self.0.contains(&row.action) && row.context != keymap::TELLS;
        let mut keys: Vec<_> = BINDINGS.iter().filter(is_told).collect();
        sort::sort_by_key(&mut keys, |row| self.0.iter().position(|action| *action == row.action));
        let ranked = (0..).map_while(|rank| {
            let names = keys.iter().filter_map(|row| row.keys(has_flow_control).nth(rank)).map(|key| key.short(lang));
            let names: Vec<Safe> = names.collect();
            (!names.is_empty()).then_some(names)
        });
        let mut shown: Vec<Safe> = vec![];
        for name in ranked.flatten() {
            let all = Safe::join(&[shown.clone(), vec![name.clone()]].concat(), " ");
            if !shown.contains(&name) && width(&all) <= NAMES {
                shown.push(name);
            }
        }
        Safe::join(&shown, " ")
    }

    fn rows(&self, model: &Model, room: usize) -> Vec<Row> {
        let (theme, lang) = (model.setup.theme, model.lang());
        let keys = self.keys(lang, model.has_flow_control);
        let words = wrap(&lang.pick(self.1, self.2).into(), room.saturating_sub(NAMES + 2));
        let line = |(number, words): (usize, Safe)| {
            let keys = if number == 0 { keys.clone() } else { Safe::default() };
            let pad = blanks(NAMES + 1 - width(&keys));
            Row::of(keys, theme.key()).and(pad, theme.text()).and(words, theme.text())
        };
        words.into_iter().enumerate().map(line).collect()
    }
}

impl Dialog for Keys {
    fn context(&self) -> Context {
        keymap::PAGE
    }

    fn content(&self, model: &Model, room: u16, _: usize) -> Content {
        let (theme, lang) = (model.setup.theme, model.lang());
        let title = say!(lang, "Teclas (^ é Ctrl)", "Keys (^ is Ctrl)");
        let width = usize::from(room).saturating_sub(2);
        if room < ABREAST {
            return Content { title, rows: indented(column(model, INTENTS, width), theme), below: vec![] };
        }
        let (left, right) = INTENTS.split_at(INTENTS.len() / 2);
        let half = width / 2;
        let (left, right) = (column(model, left, half), column(model, right, half));
        let row = |number: usize| {
            let mut row = left.get(number).cloned().unwrap_or_default();
            if let Some(beside) = right.get(number) {
                row.left.push((blanks(half.saturating_sub(width_of(&row.left))), theme.text()));
                row.left.extend(beside.left.iter().cloned());
            }
            row
        };
        let rows = (0..left.len().max(right.len())).map(row).collect();
        Content { title, rows: indented(rows, theme), below: vec![] }
    }

    /// What lies below would be a scrap.
    fn fills(&self) -> bool {
        true
    }
}

/// Intents one below the other.
fn column(model: &Model, intents: &[Intent], width: usize) -> Vec<Row> {
    let mut rows = vec![];
    for Intent(pt, en, deeds) in intents {
        if !rows.is_empty() {
            rows.push(Row::default());
        }
        rows.push(Row::of(model.lang().pick(pt, en).into(), model.setup.theme.heading()));
        rows.extend(deeds.iter().flat_map(|deed| deed.rows(model, width)));
    }
    rows
}

fn indented(mut rows: Vec<Row>, theme: Theme) -> Vec<Row> {
    rows.iter_mut().for_each(|row| row.left.insert(0, (" ".into(), theme.text())));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_stands_on_the_page_once_with_a_key() {
        let told: Vec<Action> = INTENTS.iter().flat_map(|intent| intent.2).flat_map(|deed| deed.0).copied().collect();
        for row in BINDINGS {
            assert_eq!(told.iter().filter(|action| **action == row.action).count(), 1, "{:?}", row.action);
        }
        for deed in INTENTS.iter().flat_map(|intent| intent.2) {
            assert!(!deed.keys(Lang::Pt, true).is_empty(), "{:?}", deed.0);
        }
    }
}
