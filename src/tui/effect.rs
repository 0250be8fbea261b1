//! Carries effects out: checks, saves, reads and the keeping of drafts run on threads of their own and report back.
//!
//! A worker's messages wait in a channel; the loop is woken to fetch them. A worker that panics says so on its way out, so
//! that the form never waits for something that will not come.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use super::autosave::{Autosave, Said};
use super::event::{After, Effect, Listed, Message, Ticket};
use super::opened::Opened;
use crate::check::version_table as table;
use crate::check::{Cancel, Options, Progress, Request};
use crate::document::Saver;
use crate::document::draft::{self, DraftLocations};
use crate::document::history::{Damaged, Entry, History};
use crate::document::merge::{Conflict, Side};
use crate::document::save::Cause;
use crate::session::{Change, Session};

/// Wakes the loop from its one wait; may be called from any thread.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// The threads at work for the form.
pub struct Workers {
    sender: Sender<(Ticket, Message)>,
    messages: Receiver<(Ticket, Message)>,
    wake: Wake,
    autosave: Arc<Autosave>,
    shelf: DraftLocations,
}

/// How long a technician waits for a draft to be on the disk, where it is all that they will have.
const KEEP_PATIENCE: Duration = Duration::from_secs(10);

impl Workers {
    /// None at work yet but the one that keeps what is not saved, in the saver's name.
    pub fn new(wake: Wake, saver: Arc<Saver>, shelf: DraftLocations) -> Workers {
        let (sender, messages) = channel();
        let desk = Desk { ticket: Ticket::default(), sender: sender.clone(), wake: Arc::clone(&wake) };
        let autosave = Arc::new(Autosave::start(saver, shelf.clone(), move |said| {
            desk.tell(match said {
                Said::Kept(kept) => Message::Kept(kept),
                Said::NotRemoved(file, error) => Message::NotDiscarded(file, error),
            })
        }));
        Workers { sender, messages, wake, autosave, shelf }
    }

    /// The next thing that a worker said, if there is one.
    pub fn message(&self) -> Option<(Ticket, Message)> {
        self.messages.try_recv().ok()
    }

    /// Starts the work that the effect asks for; `session` is the form's own, for what needs the catalog.
    /// [`Effect::Edit`], [`Effect::Repaint`] and [`Effect::Quit`] are the loop's own business.
    pub fn start(&self, effect: Effect, session: &Session) {
        match effect {
            Effect::Check(ticket, requests, options, cancel) => {
                let session = session.clone();
                self.spawn(ticket, move |desk| test(desk, &session, &requests, &options, &cancel));
            }
            Effect::Watch(ticket, requests, options, cancel) => {
                let session = session.clone();
                self.spawn(ticket, move |desk| watch(desk, &session, &requests, &options, &cancel));
            }
            Effect::StopCheck(cancel) => cancel.cancel(),
            Effect::Save(ticket, session, choices, after) => {
                self.spawn(ticket, move |desk| desk.tell(save(session, choices, after)))
            }
            Effect::Open(ticket, path) => {
                let (catalog, saver) = (Arc::clone(session.catalog()), Arc::clone(session.saver()));
                let shelf = self.shelf.clone();
                self.spawn(ticket, move |desk| {
                    desk.tell(Message::Opened(Opened::read(&path, catalog, saver, &shelf).map(Box::new)))
                });
            }
            Effect::Keep(keeping) => self.autosave.keep(keeping),
            Effect::KeepNow(ticket, after) => {
                let autosave = Arc::clone(&self.autosave);
                self.spawn(ticket, move |desk| desk.tell(Message::KeptInstead(autosave.finish(KEEP_PATIENCE), after)));
            }
            Effect::DiscardDraft(ticket, draft) => self.spawn(ticket, move |desk| {
                draft
                    .discard_with_absorbed()
                    .into_iter()
                    .for_each(|(file, error)| desk.tell(Message::NotDiscarded(file, error)));
            }),
            Effect::DiscardBroken(ticket, file) => self.spawn(ticket, move |desk| {
                if let Err(error) = draft::remove_broken(&file) {
                    desk.tell(Message::NotDiscarded(file, error));
                }
            }),
            Effect::ListVersions(ticket) => {
                let history = History::of(session.document().path());
                self.spawn(ticket, move |desk| {
                    let listed = history.each(listed).map(|mut versions| {
                        versions.reverse();
                        versions
                    });
                    desk.tell(Message::Listed(listed));
                });
            }
            Effect::ReadVersion(ticket, number) => {
                let history = History::of(session.document().path());
                self.spawn(ticket, move |desk| {
                    let entry = history.entry(number);
                    desk.tell(Message::Version(entry.map(|found| found.map(|entry| entry.map(Box::new)))));
                });
            }
            Effect::ListReports(ticket) => {
                let session = session.clone();
                self.spawn(ticket, move |desk| desk.tell(Message::Reports(session.reports())));
            }
            Effect::LookAtTable(ticket, server, name, options) => self.spawn(ticket, move |desk| {
                desk.tell(Message::Table(table::look(&server, &name, &options).map(Box::new)));
            }),
            Effect::SetTableAside(ticket, server, table, options) => {
                let now = session.saver().now();
                self.spawn(ticket, move |desk| {
                    let moved = table::set_aside(&server, &table, now, &options);
                    desk.tell(Message::SetAside(table.place(), moved));
                });
            }
            Effect::Edit(_) | Effect::Repaint | Effect::Quit => {}
        }
    }

    /// What keeps the form's edits.
    pub fn autosave(&self) -> &Autosave {
        &self.autosave
    }

    fn spawn(&self, ticket: Ticket, work: impl FnOnce(&Desk) + Send + 'static) {
        let desk = Desk { ticket, sender: self.sender.clone(), wake: Arc::clone(&self.wake) };
        let started = thread::Builder::new().name("worker".into()).spawn(move || work(&desk));
        if started.is_err() {
            // No thread to be had: as good as one that broke off, and told the same way.
            let _ = self.sender.send((ticket, Message::Lost));
            (self.wake)();
        }
    }
}

/// Tests once, telling every stage and every outcome as it comes; keeps what passes.
fn test(desk: &Desk, session: &Session, requests: &[Request], options: &Options, cancel: &Cancel) {
    session.check(requests, options, cancel, &|| session.saver().now(), &mut |step| match step {
        Progress::Entered(request, stage) => desk.tell(Message::Entered(request.key.clone(), stage)),
        Progress::Done(outcome) => desk.tell(Message::Tested(outcome.clone())),
    });
    desk.tell(Message::CheckEnded);
}

/// Tests every second until it is cancelled.
fn watch(desk: &Desk, session: &Session, requests: &[Request], options: &Options, cancel: &Cancel) {
    session.watch(requests, options, cancel, &|| session.saver().now(), &mut |round| {
        desk.tell(Message::Round(round));
        true
    });
    desk.tell(Message::CheckEnded);
}

/// Saves, with what was chosen where both sides had changed a value. Where the values are not right together with what
/// others changed, their changes are taken in, so that the form shows what has to be mended.
fn save(mut session: Box<Session>, choices: Vec<(Conflict, Side)>, after: After) -> Message {
    let mut changes = session.changes();
    match session.save(&choices) {
        Ok(saved) => {
            // Where theirs was chosen, nothing was saved.
            let is_theirs =
                |change: &Change| choices.iter().any(|(shown, side)| shown.key == change.key && *side == Side::Theirs);
            changes.retain(|change| !is_theirs(change));
            Message::Saved(saved, changes, session, after)
        }
        Err(error) => {
            let merged = match &error.cause {
                Cause::Invalid { merged, .. } => Some(merged),
                _ => None,
            };
            let taken_in = merged.map(|merged| {
                session.take_in(merged);
                session
            });
            Message::NotSaved(error, taken_in, choices, after)
        }
    }
}

fn listed(version: Result<Entry, Damaged>) -> Listed {
    match version {
        Ok(entry) => {
            let names = entry.changes.iter().map(|change| change.name.clone()).collect();
            Listed { number: entry.number, entry: Some((entry.stamp(), entry.kind, names)) }
        }
        Err(damaged) => Listed { number: damaged.number, entry: None },
    }
}

/// Where a worker hands in its messages.
struct Desk {
    ticket: Ticket,
    sender: Sender<(Ticket, Message)>,
    wake: Wake,
}

impl Desk {
    fn tell(&self, message: Message) {
        // A closed channel means that the form is gone: nobody is left to be told.
        let _ = self.sender.send((self.ticket, message));
        (self.wake)();
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if thread::panicking() {
            self.tell(Message::Lost);
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
