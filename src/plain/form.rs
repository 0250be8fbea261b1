//! The state of the form; how it says, asks, and keeps what is not saved.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::command::{self, folded};
use super::console::{Console, Heard};
use super::setup::Setup;
use super::step::{Step, Stop};
use crate::catalog::{Catalog, Finding, Level, Parameter};
use crate::channel::{Receiver, channel};
use crate::check::credentials::Secret;
use crate::check::{self, Outcome};
use crate::document::draft::{self, Draft};
use crate::document::watch::Watch;
use crate::document::zone::Wall;
use crate::document::{Changes, SaveError};
use crate::key::Key;
use crate::lang::Lang;
use crate::present::exit_report::ExitReport;
use crate::present::{change, commands, help, problem};
use crate::problem::Problem;
use crate::safe::Safe;
use crate::session::autosave::{self, Autosave, Keeping, Kept, Said};
use crate::session::edit::Edits;
use crate::session::ending::Ending;
use crate::session::opened::{Left, Opened};
use crate::session::trace::Trace;
use crate::session::{Change, Session};
use crate::text::line::Line;
use crate::{safe, say};

/// Where in the form somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Groups,
    /// A parameter, by the numbers of its group and of itself in there.
    Parameter(usize, usize),
}

pub struct Form {
    pub setup: Setup,
    pub console: Console,
    pub session: Session,
    /// Why this user cannot save, where that is so.
    pub denied: Option<Arc<SaveError>>,
    /// The drafts that were left, until they were asked about.
    pub left: Left,
    pub edits: Edits,
    /// What the last test of each target brought.
    pub outcomes: BTreeMap<Key, Outcome>,
    /// The database password that was typed here, for this form alone.
    pub password: Option<Secret>,
    /// What was saved since the form was opened.
    pub saved: Vec<Change>,
    /// Remarks of the saves, for the end.
    pub remarks: Vec<Safe>,
    /// Printed after the form has closed.
    pub printed: Vec<Safe>,
    pub place: Place,
    /// The edits that were last handed over to be kept; `None` where they have to be handed over again.
    pub handed: Option<Changes>,
    pub autosave: Autosave,
    said: Receiver<Said>,
    /// Hears of changes in the document's folder, where that can be.
    pub watch: Option<Arc<Watch>>,
    /// What others do to the file is heard of.
    pub is_watched: bool,
    /// A look at the file was begun and not ended.
    pub looks_again: bool,
    /// The file was removed, and not written anew.
    pub is_gone: bool,
    /// What the history knows of the parameters, once that was asked for.
    trace: Option<Arc<Trace>>,
}

impl Form {
    pub fn new(setup: Setup, opened: Opened, watch: Option<Arc<Watch>>, is_watched: bool, console: Console) -> Form {
        let (sender, said) = channel();
        let report = move |it| _ = sender.send(it);
        let autosave = Autosave::start(Arc::clone(&setup.saver), setup.locations.clone(), report);
        install_panic_hook(autosave.at_a_panic());
        Form {
            setup,
            console,
            session: opened.session,
            denied: opened.denied,
            left: opened.left,
            edits: Edits::default(),
            outcomes: BTreeMap::new(),
            password: None,
            saved: vec![],
            remarks: vec![],
            printed: vec![],
            place: Place::Groups,
            handed: Some(Changes::new()),
            autosave,
            said,
            watch,
            is_watched,
            looks_again: false,
            is_gone: false,
            trace: None,
        }
    }

    /// Waits until what is not saved is kept, and tells how it ended.
    pub fn close(self, ending: Ending, waiting: &dyn Fn(Safe)) -> ExitReport {
        let lang = self.setup.lang;
        // The terminal is given back before the disk is waited for.
        drop(self.console);
        let kept = self.autosave.finish(autosave::PATIENCE, || waiting(draft::is_waited_for(lang)));
        let again = commands::saved(&self.session, &self.saved);
        ExitReport { ending, kept, remarks: self.remarks, printed: self.printed, again }
    }

    pub fn lang(&self) -> Lang {
        self.setup.lang
    }

    /// The clock on the wall, as of now.
    pub fn wall(&self) -> Wall {
        self.setup.saver.wall()
    }

    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(self.session.catalog())
    }

    /// The one of this number in the group of that number.
    pub fn parameter(&self, group: usize, number: usize) -> Option<Parameter> {
        self.session.catalog().members(group).get(number).cloned()
    }

    /// Leads to this parameter.
    pub fn go_to(&mut self, key: &Key) {
        let catalog = self.catalog();
        if let Some(group) = catalog.group_number(key.group())
            && let Some(number) = catalog.members(group).iter().position(|parameter| parameter.key == *key)
        {
            self.place = Place::Parameter(group, number);
        }
    }

    /// How servers are tested and logged in to: with the password that was typed, where there is one.
    pub fn check_options(&self) -> check::Options {
        // The password file as it is now: it may have been put right since the last test.
        let anew = self.setup.check.credentials.anew();
        let credentials = self.password.clone().map_or(anew.clone(), |password| anew.with_password(password));
        check::Options { credentials: Arc::new(credentials), ..self.setup.check.clone() }
    }

    /// The outcome of the parameter's last test, unless the values have changed since.
    pub fn outcome(&self, key: &Key) -> Option<&Outcome> {
        self.outcomes.get(key).filter(|outcome| self.session.requests().contains(&outcome.request))
    }

    /// The errors of the values in force.
    pub fn errors(&self) -> Vec<Finding> {
        let mut findings = self.session.findings();
        findings.retain(|finding| finding.level() == Level::Error);
        findings
    }

    /// Tells the errors that were not there before.
    pub fn say_new_errors(&mut self, before: &[Finding]) -> Step<()> {
        let mut errors = self.errors();
        errors.retain(|finding| !before.contains(finding));
        self.say_findings(&errors)
    }

    /// What the history knows of the parameters; read where it is not yet.
    pub fn trace(&mut self) -> Step<Arc<Trace>> {
        if let Some(trace) = &self.trace {
            return Ok(Arc::clone(trace));
        }
        let session = self.session.clone();
        let trace = Arc::new(self.work(move || session.trace().unwrap_or_default())?);
        self.trace = Some(Arc::clone(&trace));
        Ok(trace)
    }

    /// There may be a new version.
    pub fn forget_trace(&mut self) {
        self.trace = None;
    }

    /// Tells what is wrong, each with the name of its parameter.
    pub fn say_findings(&mut self, findings: &[Finding]) -> Step<()> {
        let (lang, catalog) = (self.lang(), self.catalog());
        let line = |it: &Finding| {
            let title = change::title(&catalog, &it.key, lang);
            help::finding(it, safe!("{}: {}", title, it.told(lang)))
        };
        self.say(&findings.iter().map(line).collect::<Vec<_>>())
    }

    /// Sets values as one edit, which may come from a draft; how many changed.
    pub fn change_all(&mut self, changes: Changes, recovered: Option<Draft>) -> usize {
        if recovered.is_some() {
            // This form's draft lists the drafts that it has recovered, so it has to be written again.
            self.handed = None;
        }
        let changed = self.edits.change_all(&mut self.session, changes, recovered).len();
        self.keep();
        changed
    }

    /// Hands over what is pending, to be kept, if that has changed.
    pub fn keep(&mut self) {
        let pending = self.session.pending_changes();
        if self.handed.as_ref() != Some(pending) {
            self.handed = Some(pending.clone());
            self.autosave.keep(match pending.is_empty() {
                true => Keeping::Nothing,
                false => Keeping::Edits(self.session.made_on().clone(), pending.clone(), self.edits.recovered()),
            });
        }
    }

    /// Removes this form's draft and those it recovered: their edits were saved or thrown away.
    pub fn drop_drafts(&mut self) {
        self.handed = Some(self.session.pending_changes().clone());
        self.autosave.keep(Keeping::Done(self.edits.take_recovered()));
    }

    pub fn say(&mut self, lines: &[Line]) -> Step<()> {
        let lang = self.lang();
        self.console.say(lines, lang)
    }

    pub fn tell(&mut self, sentence: Safe) -> Step<()> {
        self.say(&[sentence.into()])
    }

    pub fn tell_problem(&mut self, problem: &Problem) -> Step<()> {
        self.say(&problem::lines(problem, self.lang()))
    }

    /// Asks, and gives the line that answers, without the blanks around it.
    pub fn ask(&mut self, question: &Safe) -> Step<String> {
        self.tell_of_keeping()?;
        self.console.ask(question).map(|line| line.trim().to_owned())
    }

    /// Asks until the answer is one of these words, or begins as one of them alone does. What was typed before is no answer.
    pub fn choose(&mut self, question: &Safe, words: &[&'static str]) -> Step<usize> {
        let lang = self.lang();
        let listed = Safe::join(&words.iter().map(|word| Safe::own(word)).collect::<Vec<_>>(), ", ");
        let question = safe!("{} {}:", question, listed);
        loop {
            self.console.forget_typed();
            let answer = folded(&self.ask(&question)?);
            let meant = |word: &&&str| !answer.is_empty() && folded(word).starts_with(&answer);
            let mut found = words.iter().enumerate().filter(|(_, word)| meant(word));
            if let (Some((number, _)), None) = (found.next(), found.next()) {
                return Ok(number);
            }
            self.tell(say!(lang, "Responda com uma destas palavras.", "Answer with one of these words."))?;
        }
    }

    pub fn confirm(&mut self, question: &Safe) -> Step<bool> {
        let lang = self.lang();
        Ok(self.choose(question, &[lang.pick("sim", "yes"), lang.pick("não", "no")])? == 0)
    }

    /// What became of the drafts, where that is a trouble.
    fn tell_of_keeping(&mut self) -> Step<()> {
        let lang = self.lang();
        while let Ok(said) = self.said.try_recv() {
            let trouble = match said {
                Said::Kept(Kept::Lost(reason)) => draft::not_kept(reason, lang),
                Said::Kept(_) => continue,
                Said::NotRemoved(file, error) => draft::not_removed(&file, &error, lang),
            };
            self.say(&[problem::warning(trouble, lang)])?;
        }
        Ok(())
    }

    /// Does this on a thread of its own: a disk that does not answer can be left.
    pub fn work<T: Send + 'static>(&mut self, work: impl FnOnce() -> T + Send + 'static) -> Step<T> {
        let Ok(messages) = self.console.start(move |tell| tell(work())) else { return Err(self.broken()) };
        match self.console.hear(&messages, None)? {
            Heard::Message(found) => Ok(found),
            Heard::Nothing | Heard::Late => Err(self.broken()),
        }
    }

    /// The same for what cannot be stopped half-way: Ctrl+C is answered with `in_hand`.
    pub fn work_through<T: Send + 'static>(
        &mut self,
        in_hand: &Safe,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Step<T> {
        let Ok(messages) = self.console.start(move |tell| tell(work())) else { return Err(self.broken()) };
        loop {
            match self.console.hear(&messages, None) {
                Ok(Heard::Message(found)) => return Ok(found),
                Ok(Heard::Nothing | Heard::Late) => return Err(self.broken()),
                Err(Stop::Interrupted) => self.tell(in_hand.clone())?,
                Err(stop) => return Err(stop),
            }
        }
    }

    /// A worker could not be started, or broke off.
    pub fn broken(&self) -> Stop {
        Stop::left(Ending::Broken(self.session.changes().len()))
    }

    /// The commands, for `?`.
    pub fn list_commands(&mut self, is_value: bool) -> Step<()> {
        self.say(&command::listed(is_value, self.lang()))
    }
}

/// Keeps the edits before the message of any thread's panic but a check's. For the whole process.
fn install_panic_hook(keep: impl Fn() + Send + Sync + 'static) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // A check tells itself of what went wrong in it.
        if !check::thread::is_current() {
            keep();
            before(panic);
        }
    }));
}
