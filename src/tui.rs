//! The form: groups on the left, fields on the right, help below.
//!
//! Data flows one way: bytes from the terminal become events ([`input`]), [`update`](update::update) changes the
//! [`Model`] and returns effects, [`Workers`] carry those out and report back as events, [`View`]
//! shows the model. [`drive`] is that loop, over any source of bytes and any screen; [`run`] drives it on the real terminal.

pub mod dialog;
pub mod effect;
pub mod event;
pub mod input;
pub mod keymap;
pub mod layout;
pub mod line_edit;
pub mod model;
pub mod output;
pub mod pace;
mod rows;
pub mod scroll;
pub mod setup;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Size;
use rustix::io::Errno;
use signal_hook::consts::SIGHUP;

use crate::catalog::Catalog;
use crate::document::draft;
use crate::document::watch::Watch;
use crate::errno;
use crate::lang::Lang;
use crate::present::commands;
use crate::present::exit_report::ExitReport;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::autosave;
use crate::session::ending::Ending;
use crate::session::opened::Opened;
use crate::text::encoding::Encoding;
use effect::Workers;
use event::{Effect, Event};
use input::{Dialect, Framer, Keyboard};
use model::Model;
use output::{Traits, Wire};
use pace::Pace;
use scroll::Scroll;
pub use setup::Setup;
pub use terminal::{Source, Wake};
pub use theme::Theme;
use view::View;

/// What the form has to know about the terminal it runs on.
#[derive(Clone, Copy, Debug)]
pub struct TerminalTraits {
    /// What it can do beyond what all can.
    pub traits: Traits,
    /// How long a lone Esc waits for the rest of a key that arrives in pieces.
    pub escape_delay: Duration,
    /// What its type and the locale decide about the bytes that it sends.
    pub keyboard: Keyboard,
    /// The size of a terminal that does not know its own.
    pub usual_size: Size,
}

impl TerminalTraits {
    /// From the environment, and whether colours are wanted.
    pub fn of(variable: &dyn Fn(&str) -> Option<String>, colours: bool) -> TerminalTraits {
        let cells = |name: &str| variable(name)?.trim().parse().ok().filter(|cells| *cells > 0);
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
        let encoding = Encoding::of(&locale.unwrap_or_default());
        let term = variable("TERM").unwrap_or_default();
        TerminalTraits {
            traits: output::traits_of(&term, !colours, encoding),
            keyboard: Keyboard { dialect: Dialect::of(&term), encoding },
            escape_delay: input::escape_delay(variable("ESCDELAY").as_deref()),
            usual_size: Size::new(cells("COLUMNS").unwrap_or(80), cells("LINES").unwrap_or(24)),
        }
    }
}

/// The message for a terminal that cannot be opened.
pub fn no_screen(error: &io::Error, lang: Lang) -> Problem {
    let message = say!(lang, "Não foi possível usar o terminal.", "Could not use the terminal.");
    let hint = say!(lang, "Use os comandos: balcao-config --help", "Use the commands: balcao-config --help");
    Problem::new(Kind::Usage, "no_terminal", message).because(errno::message(error, lang)).hint(hint)
}

/// Opens the form on the terminal that stdin and stdout are, and gives the terminal back when it is over, however it
/// ends. Errors: what the system says where the terminal cannot be had.
///
/// Whoever waits for the disk then is told by `waiting`.
pub fn run(
    setup: Setup,
    catalog: Arc<Catalog>,
    terminal_traits: TerminalTraits,
    waiting: &dyn Fn(Safe),
) -> io::Result<ExitReport> {
    let lang = setup.lang;
    // Watched before it is read: what happens after that is heard.
    let (watch, unwatched) = match Watch::of(&setup.location).map(Arc::new) {
        Ok(watch) => (Some(Arc::clone(&watch)), watch.arm().err()),
        Err(why) => (None, Some(why)),
    };
    // Whatever the file says is read before the terminal changes hands.
    let opened = Opened::read(&setup.location, Arc::clone(&catalog), Arc::clone(&setup.saver), &setup.locations);
    let mut terminal = terminal::Terminal::open(io::stdin(), io::stdout(), terminal_traits.usual_size)?;
    let size = terminal.size();
    let mut wire = Wire::new(terminal.screen(), terminal_traits.traits, size);
    wire.queue(terminal::ENTER);
    terminal.watch(watch.clone());
    let waker = terminal.waker();
    let workers = Workers::new(Arc::new(move || waker.wake()), Arc::clone(&setup.saver), setup.locations.clone());
    let workers = workers.watching(watch);
    terminal::install_panic_hook(workers.autosave().at_a_panic());
    let mut model = update::open(setup, opened, catalog, (size.width, size.height));
    model.others.unwatched = unwatched;
    model.has_flow_control = terminal.has_flow_control();
    let mut framer = Framer::new(terminal_traits.escape_delay, terminal_traits.keyboard);
    let ending = drive(&mut model, &mut terminal, &mut framer, &mut wire, &workers);
    // The terminal is restored before waiting for the disk.
    let usual_signals = terminal.usual_signals();
    drop((wire, terminal));
    let kept = workers.autosave().finish(autosave::PATIENCE, || waiting(draft::is_waited_for(lang)));
    // With the edits kept, nothing that follows may hold a program that is told to end.
    usual_signals.restore();
    let mut remarks = model.remarks;
    // If the terminal failed, the user still has to learn where the edits are.
    let ending = ending.unwrap_or_else(|error| {
        let unsaved = model.session.changes().len();
        // A line that hangs up sends SIGCONT as well, and what answers that may fail before SIGHUP is seen.
        if error.raw_os_error() == Some(Errno::IO.raw_os_error()) {
            return Ending::Signal(SIGHUP, unsaved);
        }
        remarks.push(errno::message(&error, lang));
        Ending::Broken(unsaved)
    });
    let again = commands::saved(&model.session, &model.saved);
    Ok(ExitReport { ending, kept, remarks, printed: model.printed, again })
}

/// The loop: waits, updates, starts what is to be done, draws once. Ends when the form is left; a screen that cannot be
/// written to any more is gone, and ends it as SIGHUP does.
pub fn drive<W: Write>(
    model: &mut Model,
    source: &mut impl Source,
    framer: &mut Framer,
    wire: &mut Wire<W>,
    workers: &Workers,
) -> io::Result<Ending> {
    let (mut bytes, mut typed) = (Vec::new(), Vec::new());
    let (mut view, mut pace) = (View::default(), Pace::default());
    // When the last byte came; and for how long none has come, as far as that was waited for: where the machine is busy, the
    // rest of a key may be late too.
    let (mut pressed, mut silent) = (source.now(), Duration::ZERO);
    // When a slow line is done with the last frame.
    let mut due = Duration::ZERO;
    // True where the screen may show something else than the model.
    let mut is_stale = true;
    let mut is_shown = false;
    loop {
        let held_up = due.checked_sub(source.now()).filter(|left| is_stale && !pace.is_calm() && !left.is_zero());
        if is_stale && held_up.is_none() {
            let page = view.compose(model, pace.is_calm());
            model.scrolled(page.scroll);
            if source.is_ready() {
                let Ok(drawn) = view.show(page, wire) else {
                    let why = source.wait(&mut bytes, Some(Duration::ZERO));
                    let signal = if let Ok(Wake::Ended(signal)) = why { signal } else { SIGHUP };
                    return Ok(Ending::Signal(signal, model.session.changes().len()));
                };
                pace.drawn(drawn);
                is_stale = false;
                // A terminal that takes bytes as slowly as they are sent paces the frames by itself.
                due = source.now() + pace.rest().filter(|_| source.is_ready()).unwrap_or_default();
            }
        }
        if !is_shown && !is_stale {
            is_shown = true;
            update::update(model, Event::Shown).into_iter().for_each(|work| workers.start(work, &model.session));
        }
        bytes.clear();
        let mut events = VecDeque::new();
        let quiet = source.now().saturating_sub(pressed);
        let of_key = framer.deadline().map(|deadline| deadline.saturating_sub(silent));
        let of_pace = pace.deadline().map(|deadline| deadline.saturating_sub(quiet));
        let patience = [of_key, of_pace, held_up].into_iter().flatten().min();
        let wake = source.wait(&mut bytes, patience)?;
        let was_calm = pace.is_calm();
        match wake {
            Wake::Input => {
                (pressed, silent) = (source.now(), Duration::ZERO);
                framer.feed(&bytes, &mut typed);
            }
            Wake::Silence => {
                silent += patience.unwrap_or_default();
                if framer.deadline().is_some_and(|deadline| deadline <= silent) {
                    framer.silence(&mut typed);
                }
            }
            Wake::Resized(size) => {
                wire.set_size(size);
                events.push_back(Event::Resized(size.width, size.height));
            }
            Wake::Document => events.push_back(Event::Touched),
            Wake::Message | Wake::Taken => {}
            Wake::Ended(signal) => {
                events.push_back(Event::Ended(Ending::Signal(signal, model.session.changes().len())))
            }
            Wake::Panicked => events.push_back(Event::Ended(Ending::Broken(model.session.changes().len()))),
        }
        // Whatever else wakes the loop, keys that have stopped are over.
        if wake != Wake::Input && pace.deadline().is_some_and(|due| due <= source.now().saturating_sub(pressed)) {
            pace.silence();
        }
        if !typed.is_empty() {
            events.push_back(Event::Burst { repeats: !pace.is_quiet() });
        }
        pace.pressed(typed.len());
        events.extend(typed.drain(..).map(Event::Input));
        while let Some((ticket, message)) = workers.message() {
            events.push_back(Event::Done(ticket, message));
        }
        is_stale |= !events.is_empty() || pace.is_calm() != was_calm;
        while let Some(event) = events.pop_front() {
            // A dialog that was opened within this burst of keys does not know yet how far it scrolls.
            if model.dialogs.last().is_some_and(|dialog| dialog.scroll == Scroll::default()) {
                model.scrolled(view.compose(model, false).scroll);
            }
            for effect in update::update(model, event) {
                match effect {
                    Effect::Repaint => wire.repaint(),
                    Effect::Edit(file) => {
                        let ended = source.lend(&mut || model.setup.editor.open(&file));
                        events.push_back(Event::Edited(file, ended));
                    }
                    work => workers.start(work, &model.session),
                }
            }
            if let Some(ending) = model.ending.take() {
                return Ok(ending);
            }
        }
    }
}
