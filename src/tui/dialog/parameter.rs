//! The help of a parameter, whole, with the evidence behind its last check.

use super::super::keymap::{self, Action, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::view::help;
use super::keys::Keys;
use crate::key::Key;
use crate::present::change;

pub struct ParameterHelp(pub Key);

impl Dialog for ParameterHelp {
    fn context(&self) -> Context {
        keymap::HELP
    }

    fn content(&self, model: &Model, room: u16, _: usize) -> Content {
        let title = change::title(model.catalog(), &self.0, model.lang());
        Content::of(title, &help::page(model, &self.0), model, room)
    }

    fn press(&mut self, model: &mut Model, action: Action) -> Option<Reply> {
        (action == Action::Help).then(|| {
            model.open(Keys);
            Reply::Close(vec![])
        })
    }
}
