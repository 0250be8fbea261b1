//! Carries effects out: checks, saves and reads run on threads of their own and report back.
//!
//! A worker's news wait in a channel; the loop is woken to fetch them. A worker that panics says so on its way out, so
//! that the form never waits for something that will not come.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::event::{Effect, News, Ticket};
use super::model::Opened;
use crate::check;
use crate::session::Session;

/// Wakes the loop from its one wait; may be called from any thread.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// The threads at work for the form.
pub struct Workers {
    sender: Sender<(Ticket, News)>,
    news: Receiver<(Ticket, News)>,
    wake: Wake,
}

impl Workers {
    /// None at work yet.
    pub fn new(wake: Wake) -> Workers {
        let (sender, news) = channel();
        Workers { sender, news, wake }
    }

    /// The next piece of news, if there is one.
    pub fn news(&self) -> Option<(Ticket, News)> {
        self.news.try_recv().ok()
    }

    /// Starts the work that the effect asks for; `session` is the form's own, for what needs the catalog.
    /// [`Effect::Repaint`] and [`Effect::Quit`] are the loop's own business.
    pub fn start(&self, effect: Effect, session: &Session) {
        match effect {
            Effect::Check(ticket, requests, options, cancel) => self.spawn(ticket, move |desk| {
                check::run(&requests, &options, &cancel, &mut |outcome| desk.tell(News::Tested(outcome.clone())));
                desk.tell(News::CheckEnded);
            }),
            Effect::Save(ticket, mut session) => self.spawn(ticket, move |desk| {
                let saved = session.save().map(|saved| (saved, session));
                desk.tell(News::Saved(saved));
            }),
            Effect::Open(ticket, path) => {
                let (catalog, saver) = (Arc::clone(session.catalog()), Arc::clone(session.saver()));
                self.spawn(ticket, move |desk| {
                    desk.tell(News::Opened(Opened::read(&path, catalog, saver).map(Box::new)))
                });
            }
            Effect::Repaint | Effect::Quit => {}
        }
    }

    fn spawn(&self, ticket: Ticket, work: impl FnOnce(&Desk) + Send + 'static) {
        let desk = Desk { ticket, sender: self.sender.clone(), wake: Arc::clone(&self.wake) };
        let started = thread::Builder::new().name("worker".into()).spawn(move || work(&desk));
        if started.is_err() {
            // No thread to be had: as good as one that broke off, and told the same way.
            let _ = self.sender.send((ticket, News::Lost));
            (self.wake)();
        }
    }
}

/// Where a worker hands in its news.
struct Desk {
    ticket: Ticket,
    sender: Sender<(Ticket, News)>,
    wake: Wake,
}

impl Desk {
    fn tell(&self, news: News) {
        // A closed channel means that the form is gone: nobody is left to be told.
        let _ = self.sender.send((self.ticket, news));
        (self.wake)();
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if thread::panicking() {
            self.tell(News::Lost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_panics_says_so_and_wakes_the_loop() {
        let (sender, woken) = channel();
        let workers = Workers::new(Arc::new(move || sender.send(()).unwrap_or_default()));
        workers.spawn(Ticket(7), |_| panic!("as a broken probe would"));
        woken.recv().unwrap();
        assert!(matches!(workers.news(), Some((Ticket(7), News::Lost))));
    }
}
