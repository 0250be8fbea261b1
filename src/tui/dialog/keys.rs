//! The help on keys, made from the table of bindings.

use super::super::keymap::{self, Action, BINDINGS, Binding, Context};
use super::super::model::{Content, Dialog, Model};
use super::super::rows::Row;
use crate::safe::Safe;
use crate::say;
use crate::text::line::blanks;
use crate::text::{width, wrap};

pub struct Keys;

impl Dialog for Keys {
    fn context(&self) -> Context {
        keymap::PAGE
    }

    fn content(&self, model: &Model, room: u16, _: usize) -> Content {
        let (theme, lang) = (model.setup.theme, model.lang());
        let names =
            |binding: &Binding| Safe::join(&binding.keys.iter().map(|key| key.name(lang)).collect::<Vec<_>>(), ", ");
        let comes = |binding: &&Binding| binding.action != Action::Save || !model.has_flow_control;
        let column =
            BINDINGS.iter().map(|binding| width(&names(binding))).max().unwrap_or(0).min(usize::from(room) / 2);
        let mut rows = Vec::new();
        for binding in BINDINGS.iter().filter(comes) {
            let what = Safe::own(lang.pick(binding.what.0, binding.what.1));
            let heads = wrap(&names(binding), column);
            let tails = wrap(&what, usize::from(room).saturating_sub(column + 4));
            for line in 0..heads.len().max(tails.len()) {
                let head = heads.get(line).cloned().unwrap_or_default();
                let pad = blanks(column + 2 - width(&head));
                let tail = tails.get(line).cloned().unwrap_or_default();
                rows.push(
                    Row::of(" ".into(), theme.text())
                        .and(head, theme.key())
                        .and(pad, theme.text())
                        .and(tail, theme.text()),
                );
            }
        }
        Content { title: say!(lang, "Teclas", "Keys"), rows, below: vec![] }
    }
}
