//! The help of a parameter, whole, with the evidence behind its last check.

use super::super::keymap::{self, Action, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::view::help;
use super::keys::Keys;
use crate::catalog::Probe;
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
        let check = model.catalog().parameter(&self.0).and_then(|parameter| parameter.check.as_ref());
        match action {
            Action::Help => {
                model.open(Keys);
                Some(Reply::Close(vec![]))
            }
            // What it names as the field's keys.
            Action::PutBack | Action::Default => Some(Reply::Act(action)),
            Action::TakeOffer => check.map(|check| match check.probe {
                Probe::Host => Reply::Act(Action::FindServer),
                _ => Reply::Act(Action::TakeOffer),
            }),
            _ => None,
        }
    }
}
