//! The form: groups on the left, fields on the right, help below.
//!
//! Data flows one way: bytes from the terminal become events ([`input`]), [`update`](update::update) changes the
//! [`Model`] and returns effects, [`Workers`] carry those out and report back as events, [`view::draw`] shows the
//! model. [`drive`] is that loop, over any source of bytes and any screen; [`run`] drives it on the real terminal.

pub mod edit;
pub mod effect;
pub mod event;
pub mod farewell;
pub mod input;
pub mod keymap;
pub mod layout;
pub mod line_edit;
pub mod model;
pub mod output;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;

use std::io;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::layout::Rect;

use effect::Workers;
use event::{Effect, Ending, Event};
use input::{Framer, Input};
use model::Model;

/// Why a wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Bytes were read.
    Input,
    /// Nothing happened for as long as was asked.
    Silence,
    /// The terminal has another size now, in cells.
    Resized(u16, u16),
    /// The terminal was given back to the program (SIGCONT): nothing on it can be relied on.
    Resumed,
    /// A worker has news.
    News,
    /// The program is asked to end by this signal; a terminal that is gone counts as SIGHUP.
    Ended(i32),
}

/// What the loop waits on: a terminal, or a script that stands in for one.
pub trait Source {
    /// Waits for the next thing to happen, at most `patience`. What was typed is appended to `bytes`.
    fn wait(&mut self, patience: Option<Duration>, bytes: &mut Vec<u8>) -> io::Result<Wake>;
}

/// The loop: waits, updates, starts what is to be done, draws once. Ends when the form is left, or when the screen
/// cannot be written to any more (the terminal is gone, which the next wait would say as well).
pub fn drive<B: Backend>(
    model: &mut Model,
    source: &mut impl Source,
    framer: &mut Framer,
    screen: &mut Terminal<B>,
    workers: &Workers,
) -> io::Result<Ending>
where
    B::Error: Into<io::Error>,
{
    let mut bytes = Vec::new();
    let mut typed = Vec::new();
    draw(model, screen)?;
    loop {
        bytes.clear();
        let mut events = Vec::new();
        match source.wait(framer.deadline(), &mut bytes)? {
            Wake::Input => framer.feed(&bytes, &mut typed),
            Wake::Silence => framer.silence(&mut typed),
            Wake::Resized(width, height) => events.push(Event::Resized(width, height)),
            Wake::Resumed => events.push(Event::Resized(model.size.0, model.size.1)),
            Wake::News => {}
            Wake::Ended(signal) => events.push(Event::Ended(Ending::Signal(signal, model.session.changes().len()))),
        }
        events.extend(typed.drain(..).map(|input| match input {
            Input::Key(key) => Event::Key(key),
            Input::Paste { text, removed, .. } => Event::Paste { text, removed },
        }));
        while let Some((ticket, news)) = workers.news() {
            events.push(Event::Done(ticket, news));
        }
        for event in events {
            for effect in update::update(model, event) {
                match effect {
                    Effect::Repaint => repaint(model, screen)?,
                    Effect::Quit => {}
                    work => workers.start(work, &model.session),
                }
            }
            if let Some(ending) = model.ending.take() {
                return Ok(ending);
            }
        }
        draw(model, screen)?;
    }
}

fn draw<B: Backend>(model: &Model, screen: &mut Terminal<B>) -> io::Result<()>
where
    B::Error: Into<io::Error>,
{
    screen.draw(|frame| view::draw(model, frame)).map(|_| ()).map_err(Into::into)
}

/// Forgets what is on the screen, so that the next frame draws all of it. `Terminal::clear` would ask the terminal where
/// its cursor is and wait for the answer; `resize` does not.
fn repaint<B: Backend>(model: &Model, screen: &mut Terminal<B>) -> io::Result<()>
where
    B::Error: Into<io::Error>,
{
    let (width, height) = model.size;
    screen.resize(Rect::new(0, 0, width, height)).map_err(Into::into)
}
