//! Carries effects out: checks, saves, reads and the keeping of drafts run on threads of their own and report back.
//!
//! Messages of workers go through a channel, and the loop is woken to fetch them. A worker that panics sends `Lost`, so
//! that the form does not wait for it forever.

use crate::channel::{Receiver, Sender, channel};
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::Duration;

use super::event::{After, Effect, Message, Ticket, Work};
use crate::check::Progress;
use crate::check::version_table as table;
use crate::document::draft::{self, Draft, DraftLocations};
use crate::document::history::{Entry, History};
use crate::document::merge::{Conflict, Side};
use crate::document::watch::{Unwatched, Watch};
use crate::document::{Location, ReadError, Saver};
use crate::session::Session;
use crate::session::attempt::Attempt;
use crate::session::autosave::{self, Autosave, Said};
use crate::session::look::Look;
use crate::session::opened::Opened;

/// Wakes the loop from its one wait; may be called from any thread.
pub type WakeLoop = Arc<dyn Fn() + Send + Sync>;

/// The threads at work for the form.
pub struct Workers {
    sender: Sender<(Ticket, Message)>,
    messages: Receiver<(Ticket, Message)>,
    wake: WakeLoop,
    autosave: Arc<Autosave>,
    locations: DraftLocations,
    watch: Option<Arc<Watch>>,
    /// How long a save may take before that is told.
    pub late: Duration,
}

/// A save takes milliseconds on a healthy disk, a second or two on a bad one; one that takes longer is told.
const LATE: Duration = Duration::from_secs(3);

/// How long something that happened to the file is left alone: whoever writes it in several steps is not interrupted, and
/// several saves are told as one.
const QUIET: Duration = Duration::from_millis(150);

/// How often a file that is missing or cannot be read is looked at once more: editors move it away, or empty it, first.
const LOOKS: usize = 3;

impl Workers {
    /// Starts the autosave thread; drafts are written in the name of `saver`.
    pub fn new(wake: WakeLoop, saver: Arc<Saver>, locations: DraftLocations) -> Workers {
        let (sender, messages) = channel();
        let reporter = Reporter { ticket: Ticket::default(), sender: sender.clone(), wake: Arc::clone(&wake) };
        let autosave = Arc::new(Autosave::start(saver, locations.clone(), move |said| {
            reporter.send(match said {
                Said::Kept(kept) => Message::Kept(kept),
                Said::NotRemoved(file, error) => Message::NotDiscarded(file, error),
            })
        }));
        Workers { sender, messages, wake, autosave, locations, watch: None, late: LATE }
    }

    /// With the document's folder watched: every look makes sure of that first.
    pub fn watching(self, watch: Option<Arc<Watch>>) -> Workers {
        Workers { watch, ..self }
    }

    /// The next thing that a worker said, if there is one.
    pub fn message(&self) -> Option<(Ticket, Message)> {
        self.messages.try_recv().ok()
    }

    /// Starts what the effect asks for; `session` is the form's own. [`Effect::Edit`] and
    /// [`Effect::Repaint`] are the loop's own business.
    pub fn start(&self, effect: Effect, session: &Session) {
        match effect {
            Effect::Work(ticket, work) => {
                let (session, autosave, locations) =
                    (session.clone(), Arc::clone(&self.autosave), self.locations.clone());
                let saves = matches!(work, Work::Save(..) | Work::SaveAnew(_) | Work::Restore(_));
                let ends = saves.then(|| self.tell_if_late(ticket));
                self.spawn(ticket, move |reporter| {
                    carry_out(work, session, &autosave, &locations, reporter);
                    drop(ends);
                });
            }
            Effect::Look { waits } => {
                let (session, watch) = (session.clone(), self.watch.clone());
                self.spawn(Ticket::default(), move |reporter| {
                    let (look, watched) = look(&session, watch.as_deref(), waits);
                    reporter.send(Message::Looked(Box::new(look), watched));
                });
            }
            Effect::Trace(number) => {
                let session = session.clone();
                self.spawn(Ticket::default(), move |reporter| {
                    // Where it cannot be read, the list of versions says why.
                    let trace = session.trace().unwrap_or_default();
                    reporter.send(Message::Traced(number, trace, session.saver().now()));
                });
            }
            Effect::StopCheck(cancel) => cancel.cancel(),
            Effect::Keep(keeping) => self.autosave.keep(keeping),
            Effect::Edit(_) | Effect::Repaint => {}
        }
    }

    /// What keeps the form's edits.
    pub fn autosave(&self) -> &Autosave {
        &self.autosave
    }

    /// Tells where what holds the sender takes too long.
    fn tell_if_late(&self, ticket: Ticket) -> Sender<()> {
        let ((ends, ended), late) = (channel(), self.late);
        self.spawn(ticket, move |reporter| {
            if ended.recv_timeout(late) == Err(RecvTimeoutError::Timeout) {
                reporter.send(Message::Late);
            }
        });
        ends
    }

    fn spawn(&self, ticket: Ticket, work: impl FnOnce(&Reporter) + Send + 'static) {
        let reporter = Reporter { ticket, sender: self.sender.clone(), wake: Arc::clone(&self.wake) };
        let started = thread::Builder::new().name("worker".into()).spawn(move || work(&reporter));
        if started.is_err() {
            // The thread could not be started: handled like one that panicked.
            let _ = self.sender.send((ticket, Message::Lost));
            (self.wake)();
        }
    }
}

fn carry_out(work: Work, session: Session, autosave: &Autosave, locations: &DraftLocations, reporter: &Reporter) {
    let history = || History::of(session.document().location());
    let now = || session.saver().now();
    match work {
        Work::Check(requests, options, cancel) => {
            session.check(&requests, &options, &cancel, &now, &mut |progress| match progress {
                Progress::Entered(request, stage) => reporter.send(Message::Entered(request.key.clone(), stage)),
                Progress::Done(outcome) => reporter.send(Message::Tested(Box::new(outcome.clone()))),
            });
            reporter.send(Message::CheckEnded);
        }
        Work::Watch(requests, options, cancel) => {
            session.watch(&requests, &options, &cancel, &now, &mut |round| {
                reporter.send(Message::Round(round));
                true
            });
            reporter.send(Message::CheckEnded);
        }
        Work::Save(choices, after) => reporter.send(save(session, Some(choices), after)),
        Work::SaveAnew(after) => reporter.send(save(session, None, after)),
        Work::KeepNow(after) => reporter.send(Message::KeptInstead(autosave.finish(autosave::PATIENCE, || ()), after)),
        Work::LookAtDraft(draft) => reporter.send(Message::Draft(session.found(*draft).map(Box::new))),
        Work::DiscardDrafts(drafts, broken) => {
            let left = drafts.iter().flat_map(Draft::discard_with_absorbed);
            let broken = broken.into_iter().filter_map(|file| Some((file.clone(), draft::remove_broken(&file).err()?)));
            left.chain(broken).for_each(|(file, error)| reporter.send(Message::NotDiscarded(file, error)));
        }
        Work::ListVersions => {
            let listing = history().each(|version| version.map(Entry::without_text)).map(|mut listing| {
                listing.versions.reverse();
                listing
            });
            reporter.send(Message::Listed(listing, now()));
        }
        Work::ReadVersion(number) => {
            let version = history().entry(number);
            reporter.send(Message::Version(version.map(|found| found.map(|entry| entry.map(Box::new)))));
        }
        Work::Open(location) => {
            reporter.send(Message::Opened(open(&session, &location, locations)));
        }
        Work::Restore(broken) => {
            let number = broken.version.number;
            let version = History::of(broken.location()).newest(|entry| entry.number == number);
            let restored = version.map(|it| session.saver().restore(&broken, &it, session.catalog()));
            let opened = || open(&session, broken.location(), locations);
            reporter.send(match restored {
                Some(Ok(restored)) => Message::Restored(number, restored, opened()),
                Some(Err(error)) => Message::NotRestored(error),
                // What is on offer now is another version, or none.
                None => Message::Opened(opened()),
            });
        }
        Work::ListReports => reporter.send(Message::Reports(session.reports())),
        Work::Search(wanted, search, cancel) => {
            let report = search(&wanted, &cancel, &mut |progress| reporter.send(Message::Searching(progress)));
            // Whoever cancels it waits for nothing more.
            report.into_iter().for_each(|report| reporter.send(Message::Found(Box::new(report))));
        }
        Work::LookAtTable(server, name, options) => {
            reporter.send(Message::Table(table::look(&server, &name, &options).map(Box::new)));
        }
        Work::SetTableAside(server, table, options) => {
            let moved = table::set_aside(&server, &table, now(), &options);
            reporter.send(Message::SetAside(table.place(), moved));
        }
    }
}

fn open(session: &Session, location: &Location, locations: &DraftLocations) -> Result<Box<Opened>, ReadError> {
    let (catalog, saver) = (Arc::clone(session.catalog()), Arc::clone(session.saver()));
    Opened::read(&location.again(), catalog, saver, locations).map(Box::new)
}

/// Looks at the file, once things there are quiet if it waits. Watched first, so that what happens after the look is heard.
fn look(session: &Session, watch: Option<&Watch>, waits: bool) -> (Look, Option<Result<(), Unwatched>>) {
    let mut looks = 0;
    loop {
        if waits || looks > 0 {
            thread::sleep(QUIET);
        }
        let watched = watch.map(Watch::arm);
        let look = session.look();
        let is_there = look.now.as_ref().is_ok_and(|now| now.exists() || !look.before.exists());
        looks += 1;
        if is_there || looks == LOOKS {
            return (look, watched);
        }
    }
}

fn save(session: Session, choices: Option<Vec<(Conflict, Side)>>, after: After) -> Message {
    match session.attempt(choices.as_deref()) {
        Attempt::Saved(saved, changes, session) => Message::Saved(saved, changes, session, after),
        Attempt::NotSaved(error, taken_in) => Message::NotSaved(error, taken_in, choices.unwrap_or_default(), after),
    }
}

/// Sends a worker's messages under its ticket.
struct Reporter {
    ticket: Ticket,
    sender: Sender<(Ticket, Message)>,
    wake: WakeLoop,
}

impl Reporter {
    fn send(&self, message: Message) {
        // The channel is closed only when the form has ended.
        let _ = self.sender.send((self.ticket, message));
        (self.wake)();
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        if thread::panicking() {
            self.send(Message::Lost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_panics_says_so_and_wakes_the_loop() {
        let (sender, woken) = channel();
        let workers = Workers::new(
            Arc::new(move || sender.send(()).unwrap_or_default()),
            Arc::default(),
            DraftLocations::default(),
        );
        workers.spawn(Ticket(7), |_| panic!("as a broken probe would"));
        woken.recv().unwrap();
        assert!(matches!(workers.message(), Some((Ticket(7), Message::Lost))));
    }
}
