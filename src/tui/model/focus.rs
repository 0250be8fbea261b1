//! What can have the focus in the group shown, and how it gets it.

use super::super::keymap;
use super::super::line_edit::LineEdit;
use super::super::scroll::Scroll;
use super::{Focus, Model, Place};
use crate::catalog::Parameter;
use crate::key::Key;
use crate::session::actions;

/// Something that Enter would press: an answer of a dialog (or the dialog, where it only tells), or what has the focus on the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    Answer(usize, usize),
    Form(Focus),
}

impl Model {
    /// The button that Enter would press now.
    pub fn button(&self) -> Option<Button> {
        match (self.dialogs.last(), self.focus) {
            (Some(open), _) => {
                let is_pressed = open.dialog.context().meets(keymap::PRESSED);
                is_pressed.then_some(Button::Answer(open.number, open.picked))
            }
            (None, focus @ (Focus::Action(_) | Focus::Confirm | Focus::Close)) => Some(Button::Form(focus)),
            (None, Focus::List | Focus::Field(_)) => None,
        }
    }

    pub fn fields(&self) -> &[Parameter] {
        self.catalog().members(self.group)
    }

    pub fn actions(&self) -> &'static [actions::Action] {
        self.actions_of(self.group)
    }

    /// How many stops the group shown has: its fields, then its actions.
    pub fn stops(&self) -> usize {
        self.fields().len() + self.actions().len()
    }

    /// The stop of this number in the group shown.
    pub fn stop(&self, number: usize) -> Focus {
        match number.checked_sub(self.fields().len()) {
            Some(action) if action < self.actions().len() => Focus::Action(action),
            _ => Focus::Field(number),
        }
    }

    /// The number of the stop that has the focus, where it is one of the group's.
    pub fn stop_in_focus(&self) -> Option<usize> {
        match self.focus {
            Focus::Field(number) => Some(number),
            Focus::Action(number) => Some(self.fields().len() + number),
            Focus::List | Focus::Confirm | Focus::Close => None,
        }
    }

    /// The parameter whose field has the focus.
    pub fn focused(&self) -> Option<&Parameter> {
        match self.focus {
            Focus::Field(number) => self.fields().get(number),
            _ => None,
        }
    }

    /// Moves the focus. The line shows the new field, its value selected.
    pub fn focus_on(&mut self, focus: Focus) {
        self.focus = focus;
        if let Some(number) = self.stop_in_focus() {
            self.stop = number;
        }
        self.typing = false;
        self.scroll.help = Scroll::default();
        self.edits.pause();
        self.line = LineEdit::selected(self.field_text());
    }

    pub fn actions_of(&self, group: usize) -> &'static [actions::Action] {
        self.catalog().groups().get(group).map(|group| actions::Action::of_group(&group.id)).unwrap_or_default()
    }

    /// Gives the parameter's field the focus, and remembers where one was: [`Model::jump_back`] leads there.
    pub fn jump_to(&mut self, key: &Key) {
        self.jump(|model| model.go_to(key));
    }

    /// The same for the first stop of a group, or the group itself where it has none.
    pub fn jump_to_group(&mut self, group: usize) {
        self.jump(|model| {
            model.show_group(group);
            model.focus_on(if model.stops() > 0 { model.stop(0) } else { Focus::List });
        });
    }

    /// The same for an action of a group.
    pub fn jump_to_action(&mut self, group: usize, number: usize) {
        self.jump(|model| {
            model.show_group(group);
            model.focus_on(Focus::Action(number));
        });
    }

    fn jump(&mut self, go: impl FnOnce(&mut Model)) {
        let from = Place { group: self.group, focus: self.focus, fields: self.scroll.fields };
        go(self);
        // A question over the search may lead elsewhere, too: what was looked for is found then.
        self.dialogs.retain(|open| ![keymap::SEARCH, keymap::DEED].contains(&open.dialog.context()));
        if (from.group, from.focus) != (self.group, self.focus) {
            self.jumps.push(from);
        }
    }

    /// True where there is a place that the last jump led away from.
    pub fn can_jump_back(&self) -> bool {
        self.jumps.iter().any(|place| (place.group, place.focus) != (self.group, self.focus))
    }

    /// Back to where one was before the last jump; false where there is none that led away from here.
    pub fn jump_back(&mut self) -> bool {
        let here = (self.group, self.focus);
        while let Some(place) = self.jumps.pop() {
            if (place.group, place.focus) != here {
                self.show_group(place.group);
                self.focus_on(place.focus);
                self.scroll.fields = place.fields;
                return true;
            }
        }
        false
    }

    /// Shows the parameter's group and gives its field the focus.
    fn go_to(&mut self, key: &Key) {
        let Some(group) = self.catalog().group_number(key.group()) else { return };
        self.show_group(group);
        let field = self.fields().iter().position(|parameter| parameter.key == *key);
        if let Some(number) = field {
            self.focus_on(Focus::Field(number));
        }
    }

    /// Shows a group, its first fields on top.
    pub fn show_group(&mut self, group: usize) {
        if self.group != group {
            self.group = group;
            self.stop = 0;
            self.scroll.fields = 0;
            self.scroll.help = Scroll::default();
        }
    }

    pub(super) fn field_text(&self) -> String {
        self.focused().map(|parameter| parameter.kind.raw(self.value(parameter))).unwrap_or_default()
    }
}
