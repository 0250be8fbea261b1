//! The state of the form, and what can be asked of it. Changed by [`update`](super::update) alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::edit::Edits;
use super::event::{Ending, Ticket};
use super::keymap::Context;
use super::line_edit::LineEdit;
use super::theme::Theme;
use crate::catalog::{Catalog, Finding, Group, Kind, Level, Parameter, rule};
use crate::check::{self, Cancel, Outcome, Request, Status};
use crate::document::ReadError;
use crate::document::saver::Saver;
use crate::key::Key;
use crate::lang::Lang;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::say;
use crate::session::{Change, Session};

/// What has the focus on the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The list of groups.
    List,
    /// The field of this number in the group shown.
    Field(usize),
    /// The button that saves and closes.
    Confirm,
    /// The button that closes.
    Close,
}

/// What lies over the form; the last one has the keys.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// A question with the answer that is picked at the moment, its text scrolled by so many lines.
    Question(Question, usize, usize),
    /// A page of text, scrolled by so many lines.
    Page(Page, usize),
    /// A check or a save is under way; what to do once the check has passed.
    Busy(Busy),
}

/// A question; its answers stand in [`Question::answers`].
#[derive(Clone, Debug)]
pub enum Question {
    /// Closing, with changes that are not saved.
    Unsaved,
    /// Saving, though these targets failed; and whether to close after it.
    SaveAnyway(Vec<Outcome>, After),
    /// The document cannot be read.
    Unreadable(Box<Problem>),
}

/// What a question can be answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Back to the form; nothing happens.
    Stay,
    /// Save, then go on as asked.
    Save(After),
    /// Save without asking the servers again.
    SaveUntested(After),
    /// Throw the changes away and close.
    Discard,
    /// Read the document again.
    Reopen,
    /// Close the program.
    Leave,
}

impl Question {
    /// The answers, the harmless one first: it is the one that Enter picks unless another was chosen.
    pub fn answers(&self) -> Vec<Answer> {
        match self {
            Question::Unsaved => vec![Answer::Stay, Answer::Save(After::Close), Answer::Discard],
            Question::SaveAnyway(_, after) => vec![Answer::Stay, Answer::SaveUntested(*after)],
            Question::Unreadable(_) => vec![Answer::Reopen, Answer::Leave],
        }
    }
}

/// What follows a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The form stays open.
    Stay,
    /// The form closes.
    Close,
}

/// A page of text over the form.
#[derive(Clone, Debug)]
pub enum Page {
    /// The help of a parameter, whole.
    Field(Key),
    /// All keys.
    Keys,
    /// Something went wrong.
    Problem(Box<Problem>),
}

/// Work that the form waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// The checks before a save, and what follows the save.
    Checking(After),
    /// A save, and what follows it.
    Saving(After),
}

/// A sentence in the status line, until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What is said.
    pub words: Safe,
    /// True where something did not go as wished.
    pub warns: bool,
}

/// A check that is under way.
#[derive(Clone, Debug)]
pub struct Running {
    /// Which.
    pub ticket: Ticket,
    /// Ends it early.
    pub cancel: Cancel,
    /// What is tested.
    pub requests: Vec<Request>,
    /// What of it has not answered yet.
    pub waiting: Vec<Request>,
}

/// How the form is set up; does not change while it runs.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The language.
    pub lang: Lang,
    /// Glyphs and colours.
    pub theme: Theme,
    /// How checks are run.
    pub check: check::Options,
    /// Where the document is, as it was named.
    pub path: PathBuf,
    /// In whose name it is saved.
    pub saver: Arc<Saver>,
}

/// A document that was read, and whether this user may write it.
#[derive(Debug)]
pub struct Opened {
    /// The document.
    pub session: Session,
    /// The document cannot be written by this user.
    pub read_only: bool,
}

impl Opened {
    /// Reads the document at `path`, to be saved in the name of `saver`. Errors: why it cannot be read.
    pub fn read(path: &Path, catalog: Arc<Catalog>, saver: Arc<Saver>) -> Result<Opened, ReadError> {
        let session = Session::open(path, catalog)?.signed(saver);
        let read_only = session.document().writable().is_err();
        Ok(Opened { session, read_only })
    }
}

/// The state of the form.
#[derive(Debug)]
pub struct Model {
    /// How it is set up.
    pub setup: Setup,
    /// The document and what is pending; the built-in defaults while the document cannot be read.
    pub session: Session,
    /// The document cannot be written by this user.
    pub read_only: bool,
    /// What can be taken back.
    pub edits: Edits,
    /// Size of the terminal in cells.
    pub size: (u16, u16),
    /// The group shown, as an index into the catalog's.
    pub group: usize,
    /// Where the keys go.
    pub focus: Focus,
    /// The field of this group that had the focus last: the way back from the list and the buttons leads there.
    pub field: usize,
    /// The text of the field in focus, with its cursor.
    pub line: LineEdit,
    /// The field in focus was typed into since it got the focus: words about it wait (marks do not).
    pub typing: bool,
    /// First line shown of list, fields and help.
    pub scroll: Scroll,
    /// What lies over the form.
    pub dialogs: Vec<Dialog>,
    /// What the last check of each target brought, with what was tested.
    pub outcomes: BTreeMap<Key, (Request, Outcome)>,
    /// The check under way.
    pub running: Option<Running>,
    /// The number of the latest piece of work.
    pub ticket: Ticket,
    /// What the status line says.
    pub notice: Option<Notice>,
    /// What was saved since the form was opened: value in force before and now.
    pub saved: Vec<Change>,
    /// Set once the form is to be left.
    pub ending: Option<Ending>,
    /// What is wrong with the values; kept up to date by every change.
    pub findings: Vec<Finding>,
}

/// First line shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    /// Of the list of groups.
    pub list: usize,
    /// Of the group's fields.
    pub fields: usize,
    /// Of the help pane.
    pub help: usize,
}

/// The group that the form opens on.
const FIRST_GROUP: &str = "integracao";

impl Model {
    /// The form as it opens: on Integração (else on the first group with parameters), focus on the first field.
    pub fn new(setup: Setup, opened: Opened, size: (u16, u16)) -> Model {
        let mut model = Model {
            setup,
            session: opened.session,
            read_only: opened.read_only,
            edits: Edits::default(),
            size,
            group: 0,
            focus: Focus::List,
            field: 0,
            line: LineEdit::default(),
            typing: false,
            scroll: Scroll::default(),
            dialogs: Vec::new(),
            outcomes: BTreeMap::new(),
            running: None,
            ticket: Ticket::default(),
            notice: None,
            saved: Vec::new(),
            ending: None,
            findings: Vec::new(),
        };
        let groups = model.catalog().groups();
        let first = groups.iter().position(|group| group.id == FIRST_GROUP && model.has_fields(group));
        let first = first.or_else(|| groups.iter().position(|group| model.has_fields(group)));
        model.group = first.unwrap_or(0);
        model.focus = if first.is_some() { Focus::Field(0) } else { Focus::List };
        model.refresh();
        super::view::settle(&mut model);
        if model.read_only {
            let words =
                say!(model.lang(), "Somente leitura: sem permissão para gravar.", "Read-only: no permission to save.");
            model.warn(words);
        }
        model
    }

    /// The form over what came of opening the document; where that cannot be read, over the question what to do.
    pub fn opened(setup: Setup, opened: Result<Opened, ReadError>, catalog: Arc<Catalog>, size: (u16, u16)) -> Model {
        match opened {
            Ok(opened) => Model::new(setup, opened, size),
            Err(error) => {
                let problem = Box::new(error.problem(setup.lang));
                let session = Session::empty(&setup.path, catalog).signed(Arc::clone(&setup.saver));
                let mut model = Model::new(setup, Opened { session, read_only: true }, size);
                model.dialogs.push(Dialog::Question(Question::Unreadable(problem), 0, 0));
                model
            }
        }
    }

    /// The catalog.
    pub fn catalog(&self) -> &Catalog {
        self.session.catalog()
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.setup.lang
    }

    /// True where the group has parameters.
    pub fn has_fields(&self, group: &Group) -> bool {
        self.catalog().of_group(&group.id).next().is_some()
    }

    /// The group shown. A catalog always has one.
    pub fn shown_group(&self) -> Option<&Group> {
        self.catalog().groups().get(self.group)
    }

    /// The parameters of the group shown.
    pub fn fields(&self) -> Vec<&Parameter> {
        self.shown_group().map(|group| self.catalog().of_group(&group.id).collect()).unwrap_or_default()
    }

    /// The parameter whose field has the focus.
    pub fn focused(&self) -> Option<&Parameter> {
        match self.focus {
            Focus::Field(number) => self.fields().get(number).copied(),
            _ => None,
        }
    }

    /// Where the keys go.
    pub fn context(&self) -> Context {
        match self.dialogs.last() {
            Some(Dialog::Question(Question::Unreadable(_), ..)) => return Context::Unreadable,
            Some(Dialog::Question(..)) => return Context::Question,
            Some(Dialog::Page(..)) => return Context::Page,
            Some(Dialog::Busy(Busy::Checking(_))) => return Context::Checking,
            Some(Dialog::Busy(Busy::Saving(_))) => return Context::Saving,
            None => {}
        }
        match (self.focus, self.focused()) {
            (Focus::List, _) | (Focus::Field(_), None) => Context::List,
            (Focus::Field(_), Some(parameter)) if self.lock(parameter).is_some() => Context::Locked,
            (Focus::Field(_), Some(parameter)) => match parameter.kind {
                Kind::Boolean => Context::Checkbox,
                Kind::Enumeration(_) => Context::Enumeration,
                Kind::Integer { .. } | Kind::Text { .. } => Context::Text,
            },
            (Focus::Confirm | Focus::Close, _) => Context::Button,
        }
    }

    /// The parameter that keeps this one locked.
    pub fn lock(&self, parameter: &Parameter) -> Option<Key> {
        rule::unlock(self.catalog(), &|other| self.session.value(other), parameter)
    }

    /// The worst finding about a parameter.
    pub fn finding(&self, key: &Key) -> Option<&Finding> {
        self.findings.iter().filter(|finding| finding.key == *key).max_by_key(|finding| finding.level())
    }

    /// True where the parameter keeps the document from being saved.
    pub fn is_invalid(&self, key: &Key) -> bool {
        self.finding(key).is_some_and(|finding| finding.level() == Level::Error)
    }

    /// True where the value in force is not the document's.
    pub fn is_changed(&self, key: &Key) -> bool {
        self.session.pending_changes().contains_key(key)
    }

    /// True where words about an invalid value are held back, since more typing may make it right.
    pub fn holds_back(&self, parameter: &Parameter) -> bool {
        let here = self.typing && self.focused().is_some_and(|focused| focused.key == parameter.key);
        here && !parameter.kind.hopeless(self.line.text())
    }

    /// What a check of the values on the screen would test.
    pub fn requests(&self) -> Vec<Request> {
        check::plan(self.catalog(), &|parameter| self.session.value(parameter))
    }

    /// The outcome of the parameter's last check, while what was tested is what the screen says.
    pub fn outcome(&self, key: &Key) -> Option<&Outcome> {
        let (tested, outcome) = self.outcomes.get(key)?;
        self.requests().contains(tested).then_some(outcome)
    }

    /// True while the parameter's check has not answered.
    pub fn is_waiting(&self, key: &Key) -> bool {
        self.running.as_ref().is_some_and(|running| running.waiting.iter().any(|request| request.key == *key))
    }

    /// What would be tested that the document does not say already and that no check has let pass: what F12 tests
    /// before it saves.
    pub fn untested(&self) -> Vec<Request> {
        let saved = check::plan(self.catalog(), &|parameter| self.session.saved_value(parameter));
        let reaches_out = |request: &Request| {
            matches!(
                request.point,
                check::Point::Postgres { .. } | check::Point::Http { .. } | check::Point::Host { .. }
            )
        };
        let passed = |request: &Request| {
            self.outcomes
                .get(&request.key)
                .is_some_and(|(tested, outcome)| tested == request && outcome.status() != Status::Fail)
        };
        let mut wanted = self.requests();
        wanted.retain(|request| reaches_out(request) && !saved.contains(request) && !passed(request));
        wanted
    }

    /// Says something in the status line.
    pub fn tell(&mut self, words: Safe) {
        self.notice = Some(Notice { words, warns: false });
    }

    /// Says in the status line that something did not go as wished.
    pub fn warn(&mut self, words: Safe) {
        self.notice = Some(Notice { words, warns: true });
    }

    /// Brings the findings up to date with the values, and the line in focus with its field.
    pub fn refresh(&mut self) {
        self.findings = self.session.findings();
        let means_it = self.focused().is_some_and(|parameter| {
            // `5 ` reads as 5: what was typed stays as it is while it means the value in force.
            parameter.kind.typed(self.line.text()) == self.session.value(parameter)
        });
        if !means_it {
            self.line = LineEdit::new(self.field_text());
        }
    }

    /// Gives the focus to a stop of the form: the line shows its field, the cursor at the end, and what was said about
    /// the field before no longer waits.
    pub fn focus_on(&mut self, focus: Focus) {
        self.focus = focus;
        if let Focus::Field(number) = focus {
            self.field = number;
        }
        self.typing = false;
        self.scroll.help = 0;
        self.edits.pause();
        self.line = LineEdit::new(self.field_text());
    }

    /// Shows the parameter's group and gives its field the focus.
    pub fn go_to(&mut self, key: &Key) {
        let groups = self.catalog().groups();
        let Some(group) = groups.iter().position(|group| group.id == key.group()) else { return };
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
            self.field = 0;
            self.scroll.fields = 0;
            self.scroll.help = 0;
        }
    }

    fn field_text(&self) -> String {
        self.focused().map(|parameter| parameter.kind.raw(&self.session.value(parameter))).unwrap_or_default()
    }
}
