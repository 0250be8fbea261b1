//! The state of the form, and what can be asked of it. Changed by [`update`](super::update) alone.

mod checks;
mod focus;
mod notice;
pub mod others;
mod running;
mod values;

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::event::{After, Effect, Ticket, Work};
use super::keymap::{self, Action, Context};
use super::line_edit::LineEdit;
use super::rows::{Row, rows_of};
use super::scroll::{Scroll, Scrolls};
use super::setup::Setup;
use crate::catalog::{Catalog, Finding, Group, Level, Parameter, Probe, Widget, rule};
use crate::check::credentials::Secret;
use crate::check::{Outcome, Request};
use crate::document::draft::Draft;
use crate::document::merge::{Conflict, Side};
use crate::document::zone::Wall;
use crate::document::{Changes, SaveError};
use crate::key::Key;
use crate::lang::Lang;
use crate::present::strays::Strays;
use crate::safe::Safe;
use crate::session::autosave::Keeping;
use crate::session::edit::Edits;
use crate::session::ending::Ending;
use crate::session::opened::Opened;
use crate::session::trace::Trace;
use crate::session::{Change, Session};
use crate::sort;
use crate::text::line::Line;
use others::Others;
pub use running::Running;

pub use values::GroupMarks;

/// What has the focus on the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    List,
    /// The field of this number in the group shown.
    Field(usize),
    /// The action of this number in the group shown.
    Action(usize),
    /// The button that saves and closes.
    Confirm,
    Close,
}

/// Where one was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    group: usize,
    focus: Focus,
    /// The scroll position of the fields.
    fields: usize,
}

/// A sentence in the status line, until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub message: Safe,
    /// True where something did not go as wished.
    pub warns: bool,
    /// Typing does not take it away.
    pub stays: bool,
}

/// What brought the focus to a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReachedBy {
    /// Which also presses it.
    Enter,
    Other,
}

/// The state of the form.
pub struct Model {
    /// How it is set up.
    pub setup: Setup,
    /// What times are told by; as late as a worker has last said.
    pub wall: Wall,
    /// The document and what is pending; the built-in defaults while the document cannot be read.
    pub session: Session,
    /// The document cannot be written by this user, or not be read.
    pub read_only: bool,
    /// What others did to the file.
    pub others: Others,
    /// Who changed what, as the history has it.
    pub trace: Trace,
    /// True where that is to be read.
    pub untraced: bool,
    /// How often it was asked for: an answer to an earlier question is dropped.
    pub traces: u64,
    /// Why, where another user could save.
    pub denied: Option<Arc<SaveError>>,
    /// The edits that were last sent to be kept as a draft; `None` where they have to be sent again.
    pub handed: Option<Changes>,
    /// Remarks of the saves (what was merged, say); the exit report repeats them.
    pub remarks: Vec<Safe>,
    /// Undo and redo.
    pub edits: Edits,
    /// The database password that was typed here. It is kept nowhere, and forgotten where a server refuses it.
    pub password: Option<Secret>,
    /// Size of the terminal in cells.
    pub size: (u16, u16),
    /// The group shown, as an index into the catalog's.
    pub group: usize,
    pub focus: Focus,
    /// The stop of this group that had the focus last: the way back from the list and the buttons leads there.
    pub stop: usize,
    /// Where one was before each jump; the last one leads back first.
    jumps: Vec<Place>,
    /// The text of the field in focus, with its cursor.
    pub line: LineEdit,
    /// True once something was typed into the field in focus: the message about an invalid value waits, its mark does not.
    pub typing: bool,
    pub scroll: Scrolls,
    /// What lies over the form; the last one has the keys.
    pub dialogs: Vec<OpenDialog>,
    /// How many were opened so far.
    dialogs_opened: usize,
    /// What the last check of each target brought.
    pub outcomes: BTreeMap<Key, Outcome>,
    pub running: Option<Running>,
    /// The number of the latest piece of work.
    pub ticket: Ticket,
    /// What the status line says.
    pub notice: Option<Notice>,
    /// What was saved since the form was opened: value in force before and now.
    pub saved: Vec<Change>,
    /// Printed after the form has closed: what was changed on a server, with the SQL that takes it back.
    pub printed: Vec<Safe>,
    /// True where the last key was F5: pressed again, it starts the live test.
    pub just_tested: bool,
    /// What of the burst of keys at hand has brought the focus to a button, which this burst does not press, too.
    pub reached_button: Option<ReachedBy>,
    /// Ctrl+S and Ctrl+Q are the line's, and never come.
    pub has_flow_control: bool,
    /// Set once the form is to be left.
    pub ending: Option<Ending>,
    /// What is wrong with the values.
    pub findings: Vec<Finding>,
    /// What a check of the values on the screen would test.
    pub requests: Vec<Request>,
    /// The keys of the document that the catalog does not know.
    pub strays: Strays,
    /// How often they were taken anew.
    values_number: u64,
    /// The values in force that somebody set, in the document or here; all others are the defaults.
    values: BTreeMap<Key, Value>,
}

/// A dialog: its state, its keys, its rows. Here and not in `dialog`, so that the model can hold dialogs without importing
/// them.
pub trait Dialog: Any {
    fn context(&self) -> Context;

    /// What it shows in rows of `room` cells.
    fn content(&self, model: &Model, room: u16, picked: usize) -> Content;

    /// What a question can be answered with, the harmless one first: Enter takes it unless another was picked.
    fn answers(&self, _: &Model) -> Vec<&'static str> {
        vec![]
    }

    /// What stays above its rows.
    fn above(&self, _: &Model, _room: u16) -> Vec<Row> {
        vec![]
    }

    /// True where it is as high as the screen allows, however little it shows.
    fn fills(&self) -> bool {
        false
    }

    /// Of how many rows one can be picked; 0 where the rows are text.
    fn count(&self) -> usize {
        0
    }

    /// Enter, with this answer or row picked.
    fn enter(&mut self, _: &mut Model, _picked: usize) -> Reply {
        Reply::Stay(vec![])
    }

    /// Esc.
    fn close(&mut self, _: &mut Model) -> Reply {
        Reply::Close(vec![])
    }

    /// After every event while it lies on top; `told`: it was no key. The row or answer that is picked from now on.
    fn follow(&mut self, _: &Model, picked: usize, _told: bool) -> usize {
        picked
    }

    /// Any other key; `None` where it has no meaning of its own here.
    fn press(&mut self, _: &mut Model, _: Action) -> Option<Reply> {
        None
    }

    /// The same where it matters which row is picked.
    fn press_on(&mut self, model: &mut Model, _picked: usize, action: Action) -> Option<Reply> {
        self.press(model, action)
    }
}

/// What a key in a dialog leads to.
pub enum Reply {
    Stay(Vec<Effect>),
    Close(Vec<Effect>),
    /// It stays, and this parameter is switched, as Space does in its field.
    Switch(Key),
    /// It closes, and this is done as by its key.
    Act(Action),
    /// It closes, and what is pending is saved.
    Save(After),
    /// It closes, and what lacked the password that was typed is done again.
    Retry(Retry),
    /// The same as `Save` without a check, with what was chosen of conflicts.
    SaveUntested(After, Vec<(Conflict, Side)>),
    /// It closes, and the file that is gone is written anew.
    SaveAnew(After),
}

/// What is done again with a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    Test,
    /// Looking at the table of versions.
    Table,
    /// The test before a save, and the save.
    Save(After),
}

/// What a dialog shows.
#[derive(Default)]
pub struct Content {
    pub title: Safe,
    /// What scrolls.
    pub rows: Vec<Row>,
    /// What stays below it.
    pub below: Vec<Row>,
}

impl Content {
    /// Lines of text.
    pub fn of(title: Safe, lines: &[Line], model: &Model, room: u16) -> Content {
        Content { title, rows: rows_of(lines, room, model.setup.theme).collect(), below: vec![] }
    }
}

/// A dialog that lies over the form.
pub struct OpenDialog {
    pub dialog: Box<dyn Dialog>,
    pub scroll: Scroll,
    /// The answer or the row that Enter would take.
    pub picked: usize,
    /// Which of all that were opened it is.
    number: usize,
}

/// The group that the form opens on.
const FIRST_GROUP: &str = "integracao";

impl Model {
    /// The form as it opens: on Integração (else on the first group with parameters), focus on the first field.
    pub fn new(setup: Setup, opened: Opened, size: (u16, u16)) -> Model {
        let wall = Wall { zone: setup.saver.zone.clone(), now: opened.left.now };
        let mut model = Model {
            setup,
            wall,
            session: opened.session,
            read_only: opened.denied.is_some(),
            others: Others::default(),
            trace: Trace::default(),
            untraced: true,
            traces: 0,
            values_number: 0,
            denied: opened.denied,
            handed: Some(Changes::new()),
            remarks: Vec::new(),
            edits: Edits::default(),
            password: None,
            size,
            group: 0,
            focus: Focus::List,
            stop: 0,
            jumps: Vec::new(),
            line: LineEdit::default(),
            typing: false,
            scroll: Scrolls::default(),
            dialogs: Vec::new(),
            outcomes: BTreeMap::new(),
            running: None,
            ticket: Ticket::default(),
            notice: None,
            saved: Vec::new(),
            printed: Vec::new(),
            just_tested: false,
            reached_button: None,
            has_flow_control: false,
            dialogs_opened: 0,
            ending: None,
            findings: Vec::new(),
            requests: Vec::new(),
            strays: Strays::default(),
            values: BTreeMap::new(),
        };
        let groups = model.catalog().groups();
        let first = groups.iter().position(|group| group.id == FIRST_GROUP && model.has_fields(group));
        let first = first.or_else(|| groups.iter().position(|group| model.has_fields(group)));
        model.group = first.unwrap_or(0);
        model.focus = if first.is_some() { Focus::Field(0) } else { Focus::List };
        model.refresh();
        model.warn_of_document();
        model
    }

    pub fn open(&mut self, dialog: impl Dialog) {
        self.dialogs_opened += 1;
        let number = self.dialogs_opened;
        self.dialogs.push(OpenDialog { dialog: Box::new(dialog), scroll: Scroll::default(), picked: 0, number });
    }

    /// The dialog of this kind that lies over the form.
    pub fn dialog<D: Dialog>(&mut self) -> Option<&mut D> {
        self.dialogs.iter_mut().find_map(|open| (&mut *open.dialog as &mut dyn Any).downcast_mut())
    }

    /// Closes the dialogs of this kind for which this holds; whatever else lies over the form stays.
    pub fn close<D: Dialog>(&mut self, is_done: impl Fn(&D) -> bool) {
        let is = |open: &OpenDialog| (&*open.dialog as &dyn Any).downcast_ref().is_some_and(&is_done);
        self.dialogs.retain(|open| !is(open));
    }

    /// Takes over the clamped positions of the frame that was drawn.
    pub fn scrolled(&mut self, scroll: Scrolls) {
        self.scroll = scroll;
        if let Some(open) = self.dialogs.last_mut() {
            open.scroll = scroll.dialog;
        }
    }

    pub fn next_ticket(&mut self) -> Ticket {
        self.ticket = Ticket(self.ticket.0 + 1);
        self.ticket
    }

    /// Starts work under a new ticket, so that messages of all earlier work are dropped.
    pub fn work(&mut self, work: Work) -> Effect {
        Effect::Work(self.next_ticket(), work)
    }

    /// Cancels the running check.
    pub fn stop_check(&mut self) -> Option<Effect> {
        self.running.take().map(|running| Effect::StopCheck(running.cancel))
    }

    /// Cancels the running check and starts this work.
    pub fn work_alone(&mut self, work: Work) -> Vec<Effect> {
        let stop = self.stop_check();
        stop.into_iter().chain([self.work(work)]).collect()
    }

    /// Leaves the form.
    pub fn leave(&mut self, ending: Ending) -> Vec<Effect> {
        self.ending = Some(ending);
        self.stop_check().into_iter().collect()
    }

    pub fn catalog(&self) -> &Catalog {
        self.session.catalog()
    }

    pub fn lang(&self) -> Lang {
        self.setup.lang
    }

    pub fn has_fields(&self, group: &Group) -> bool {
        !self.catalog().of_group(&group.id).is_empty()
    }

    /// The group shown. A catalog always has one.
    pub fn shown_group(&self) -> Option<&Group> {
        self.catalog().groups().get(self.group)
    }

    pub fn context(&self) -> Context {
        if let Some(open) = self.dialogs.last() {
            return open.dialog.context();
        }
        match (self.focus, self.focused()) {
            (Focus::List, _) | (Focus::Field(_), None) => keymap::LIST,
            (Focus::Field(_), Some(parameter)) if self.lock(parameter).is_some() => keymap::LOCKED,
            (Focus::Field(_), Some(parameter)) => match parameter.kind.format.widget {
                Widget::Checkbox => keymap::CHECKBOX,
                Widget::Choice => keymap::ENUMERATION,
                Widget::Field if parameter.check.as_ref().is_some_and(|check| check.probe == Probe::Host) => {
                    keymap::HOST_FIELD
                }
                Widget::Field => keymap::TEXT_FIELD,
            },
            (Focus::Action(_), _) => keymap::COMMAND,
            (Focus::Confirm | Focus::Close, _) => keymap::BUTTON,
        }
    }

    /// The parameter that keeps this one locked.
    pub fn lock(&self, parameter: &Parameter) -> Option<Key> {
        rule::unlock(self.catalog(), &|other| self.value(other).clone(), parameter)
    }

    /// The most severe one; where its value does not go with another's, told of this parameter.
    pub fn finding(&self, key: &Key) -> Option<Finding> {
        let told_here = |finding: &Finding| match finding.key == *key {
            true => Some(finding.clone()),
            false => finding.mirrored(self.catalog(), &|other| self.value(other).clone()),
        };
        let found = self.findings.iter().filter(|finding| finding.concerns(key)).filter_map(told_here);
        found.max_by_key(|finding| (finding.level(), finding.fault.other.is_none()))
    }

    /// The parameters to be mended before anything can be saved, in order.
    pub fn to_mend(&self) -> Vec<&Key> {
        let errors = self.findings.iter().filter(|finding| finding.level() == Level::Error);
        let mut keys: Vec<&Key> = errors.map(|finding| self.edits.blamed(finding)).collect();
        sort::sort_by_key(&mut keys, |key| self.catalog().number(key));
        keys.dedup();
        keys
    }

    /// True where the value in force is not the document's.
    pub fn is_changed(&self, key: &Key) -> bool {
        self.session.pending_changes().contains_key(key)
    }

    /// True where the message about an invalid value waits, since more typing may make it valid.
    pub fn holds_back(&self, parameter: &Parameter) -> bool {
        let here = self.typing && self.focused().is_some_and(|focused| focused.key == parameter.key);
        here && !parameter.kind.cannot_become_valid(self.line.text())
    }

    /// Another number where values may have changed since.
    pub fn values_number(&self) -> u64 {
        self.values_number
    }

    /// Sets several parameters as one edit, which may come from a draft, and goes to the first. Returns those that changed.
    pub fn set_all(&mut self, changes: Changes, recovered: Option<Draft>) -> Vec<Key> {
        let changed = self.edits.change_all(&mut self.session, changes, recovered);
        if let Some(key) = changed.first() {
            self.jump_to(key);
        }
        self.refresh_of(&changed);
        changed
    }

    /// Sets several parameters as one edit of this one, which keeps the focus.
    pub fn change_at(&mut self, at: &Key, changes: Changes) {
        let changed = self.edits.change_at(&mut self.session, at, changes);
        self.refresh_of(&changed);
    }

    /// Removes this form's draft and those it recovered: their edits were saved or discarded.
    pub fn drop_drafts(&mut self) -> Effect {
        self.handed = Some(self.session.pending_changes().clone());
        Effect::Keep(Keeping::Done(self.edits.take_recovered()))
    }
}
