//! Walks through the form in memory: the production loop, reading scripted bytes, writing to a terminal emulator.
//!
//! The loop runs on a thread of its own. [`Journey::press`] hands it bytes as a terminal would send them and returns when
//! it waits again, so that what the emulator then shows is the answer. Silence is virtual: where the loop is only
//! willing to wait a while and nothing more was typed, that while has passed.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use balcao_config::catalog::Catalog;
use balcao_config::check::Options;
use balcao_config::check::credentials::Credentials;
use balcao_config::check::discover::{Report, Search};
use balcao_config::document::Location;
use balcao_config::document::Saver;
use balcao_config::document::draft::DraftLocations;
use balcao_config::document::watch::{Unwatched, Watch};
use balcao_config::lang::Lang;
use balcao_config::session::autosave::Patience;
use balcao_config::session::ending::Ending;
use balcao_config::session::opened::Opened;
use balcao_config::session::reports::Editor;
use balcao_config::text::encoding::Encoding;
use balcao_config::tui::Setup;
use balcao_config::tui::effect::Workers;
use balcao_config::tui::input::{Framer, Keyboard};
use balcao_config::tui::model::Model;
use balcao_config::tui::output::{Wire, traits_of};
use balcao_config::tui::theme::{Charset, Theme};
use balcao_config::tui::update;
use balcao_config::tui::{self, Source, Wake};
use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::busy::PATIENCE;
use crate::pictures::svg::Screen;

/// Between two keys of one that is held down.
const HELD: Duration = Duration::from_millis(33);

enum Step {
    Bytes(Vec<u8>),
    /// A key that is held down: these bytes so many times, [`HELD`] apart.
    Held(Vec<u8>, usize),
    Resize(u16, u16),
    End(i32),
    Message,
    /// What wakes the loop every [`HELD`] for a minute, and no key among it.
    Stir,
    Touched,
}

/// A form that is open.
pub struct Journey {
    steps: Sender<Step>,
    /// How many steps the loop had taken each time that it came to wait.
    idle: Receiver<usize>,
    sent: usize,
    emulator: Arc<Mutex<vt100::Parser>>,
    bytes: Arc<Mutex<Counter>>,
    frames: Arc<Mutex<Vec<usize>>>,
    times: Arc<Mutex<Times>>,
    form: Option<JoinHandle<Ending>>,
    folder: Arc<tempfile::TempDir>,
    ended: Option<Ending>,
}

/// What was written to the terminal so far.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Bytes.
    pub bytes: usize,
    /// Writes.
    pub writes: usize,
}

/// By the virtual clock.
#[derive(Default)]
struct Times {
    now: Duration,
    /// When the last key came.
    pressed: Duration,
    /// When the last bytes were written.
    written: Duration,
}

/// How a form is opened.
pub struct Opening {
    /// The document's text; `None`: there is no file.
    pub document: Option<String>,
    /// Size of the terminal.
    pub size: (u16, u16),
    /// Language.
    pub lang: Lang,
    /// Glyphs.
    pub charset: Charset,
    /// `--theme`.
    pub theme: Option<&'static str>,
    /// Extension catalogs, by file name.
    pub extensions: Vec<(&'static str, String)>,
    /// Whose form it is.
    pub saver: Arc<Saver>,
    /// Where else drafts are.
    pub shelf: DraftLocations,
    /// What servers are logged in to with.
    pub credentials: Arc<Credentials>,
    /// How long a test of the form's may take.
    pub timeout: Duration,
    /// The program that edits reports.
    pub editor: Editor,
    /// How servers are looked for.
    pub search: Search,
    /// Whether the document's folder is watched.
    pub watched: bool,
    /// How long a save may take before that is told.
    pub late: Duration,
    /// Why it is not, as far as the form is told.
    pub unwatched: Option<Unwatched>,
    /// The folder of a journey before this one; `None`: a new one.
    pub folder: Option<Arc<tempfile::TempDir>>,
}

impl Default for Opening {
    fn default() -> Opening {
        Opening {
            document: None,
            size: (80, 24),
            lang: Lang::Pt,
            charset: Charset::Rich,
            theme: None,
            extensions: vec![],
            saver: Arc::default(),
            shelf: DraftLocations::default(),
            credentials: Arc::default(),
            timeout: PATIENCE,
            editor: Editor::of(&|_| None),
            // No test of the form asks the tester's own network.
            search: |wanted, _, _| Some(Report { wanted: wanted.to_vec(), ..Report::default() }),
            watched: false,
            unwatched: None,
            late: PATIENCE,
            folder: None,
        }
    }
}

impl Journey {
    /// Opens the form on no document.
    pub fn new() -> Journey {
        Journey::open(Opening::default())
    }

    /// Opens the form on a document with this text.
    pub fn on(document: &str) -> Journey {
        Journey::open(Opening { document: Some(document.into()), ..Opening::default() })
    }

    /// Opens the form.
    pub fn open(opening: Opening) -> Journey {
        let folder = opening.folder.unwrap_or_else(|| Arc::new(tempfile::tempdir().unwrap()));
        let path = folder.path().join("config.json");
        if let Some(text) = &opening.document {
            std::fs::write(&path, text).unwrap();
        }
        let extensions = folder.path().join("catalog.d");
        std::fs::create_dir_all(&extensions).unwrap();
        for (name, text) in &opening.extensions {
            std::fs::write(extensions.join(name), text).unwrap();
        }
        let catalog = Arc::new(Catalog::load(&extensions).unwrap());
        let setup = Setup {
            lang: opening.lang,
            theme: Theme::new(opening.charset, true, opening.theme),
            // What is silent in these tests is silent until it is stopped.
            check: Options { timeout: opening.timeout, credentials: opening.credentials, ..Options::default() },
            location: Location::find(&path),
            saver: opening.saver.clone(),
            locations: opening.shelf.clone(),
            editor: opening.editor.clone(),
            search: opening.search,
            catalog: None,
        };
        let (saver, shelf) = (opening.saver, opening.shelf);
        let (width, height) = opening.size;
        let emulator = Arc::new(Mutex::new(vt100::Parser::new(cells(height), cells(width), 0)));
        let bytes = Arc::new(Mutex::new(Counter::default()));
        let frames = Arc::new(Mutex::new(vec![]));
        let times = Arc::new(Mutex::new(Times::default()));
        let (steps, script) = channel();
        let (idle_sender, idle) = channel();
        let paper = Paper {
            emulator: Arc::clone(&emulator),
            count: Arc::clone(&bytes),
            frames: Arc::clone(&frames),
            times: Arc::clone(&times),
        };
        let of_script = Arc::clone(&times);
        let waker = steps.clone();
        let size = opening.size;
        let watch = opening.watched.then(|| watched(&path, steps.clone()));
        let form = std::thread::spawn(move || {
            let mut source = Script {
                steps: script,
                queue: VecDeque::new(),
                times: of_script,
                stirred: None,
                taken: 0,
                idle: idle_sender,
            };
            let mut workers =
                Workers::new(Arc::new(move || drop(waker.send(Step::Message))), saver, shelf).watching(watch);
            workers.late = opening.late;
            let mut model = open(setup, catalog, size);
            model.others.unwatched = opening.unwatched;
            let mut wire =
                Wire::new(paper, traits_of("xterm-256color", false, Encoding::Utf8), Size::new(size.0, size.1));
            let mut framer = Framer::new(Duration::from_millis(100), Keyboard::default());
            let ending = tui::drive(&mut model, &mut source, &mut framer, &mut wire, &workers).unwrap();
            workers.autosave().finish(Patience { prompt: PATIENCE, last: PATIENCE }, || ());
            ending
        });
        let mut journey =
            Journey { steps, idle, sent: 0, emulator, bytes, frames, times, form: Some(form), folder, ended: None };
        journey.settle();
        journey
    }

    /// Presses keys: names separated by blanks (`Tab F12 C-s S-Down M-Up`), and `"text"` typed letter by letter.
    pub fn press(&mut self, keys: &str) -> &mut Journey {
        for key in super::keys::tokens(keys) {
            self.send(&super::keys::bytes(&key));
        }
        self
    }

    /// Sends bytes in one piece.
    pub fn send(&mut self, bytes: &[u8]) -> &mut Journey {
        self.step(Step::Bytes(bytes.to_vec()))
    }

    /// Holds a key down until it has come so many times.
    pub fn hold(&mut self, key: &str, times: usize) -> &mut Journey {
        self.step(Step::Held(super::keys::bytes(key), times))
    }

    /// Wakes the loop again and again for a minute, without a key; asserts that it waits for none of the keys before for longer
    /// than a second.
    pub fn stir(&mut self) -> &mut Journey {
        self.steps.send(Step::Stir).unwrap();
        self
    }

    /// Changes the size of the terminal.
    pub fn resize(&mut self, width: u16, height: u16) -> &mut Journey {
        self.emulator.lock().unwrap().set_size(cells(height), cells(width));
        self.step(Step::Resize(width, height))
    }

    /// Asks the program to end, as a signal would.
    pub fn signal(&mut self, number: i32) -> &mut Journey {
        self.step(Step::End(number))
    }

    fn step(&mut self, step: Step) -> &mut Journey {
        assert!(self.ended.is_none(), "the form has closed already: {:?}", self.ended);
        self.steps.send(step).unwrap();
        self.sent += 1;
        self.settle();
        self
    }

    /// Waits until the loop has taken every step and waits again, or has ended.
    fn settle(&mut self) {
        loop {
            match self.idle.recv_timeout(PATIENCE) {
                Ok(taken) if taken < self.sent => {}
                Ok(_) => return,
                Err(RecvTimeoutError::Timeout) => panic!("the form hangs:\n{}", self.screen()),
                Err(RecvTimeoutError::Disconnected) => return self.join(),
            }
        }
    }

    fn join(&mut self) {
        if let Some(form) = self.form.take() {
            self.ended = Some(form.join().expect("the form panicked"));
        }
    }

    /// Waits until the screen shows the text.
    pub fn wait_for(&mut self, text: &str) -> &mut Journey {
        self.wait_until(text, |screen| has(screen, text))
    }

    /// Waits until the screen is as wished.
    pub fn wait_until(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> &mut Journey {
        let end = Instant::now() + PATIENCE;
        while !holds(&self.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            match self.idle.recv_timeout(left) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.join();
                    panic!("the form closed ({:?}) before it showed {what:?}", self.ended);
                }
                Err(_) => panic!("{what:?} is not shown:\n{}", self.screen()),
            }
        }
        self
    }

    /// Asserts that the screen shows the text now.
    pub fn shows(&mut self, text: &str) -> &mut Journey {
        assert!(has(&self.screen(), text), "{text:?} is not shown:\n{}", self.screen());
        self
    }

    /// Asserts that the screen does not show the text now.
    pub fn hides(&mut self, text: &str) -> &mut Journey {
        assert!(!has(&self.screen(), text), "{text:?} is shown:\n{}", self.screen());
        self
    }

    /// What the terminal shows, a line a row.
    pub fn screen(&self) -> String {
        let emulator = self.emulator.lock().unwrap();
        let (_, width) = emulator.screen().size();
        emulator.screen().rows(0, width.get()).map(|row| row.trim_end().to_owned() + "\n").collect()
    }

    /// The cells of the terminal, row by row, with their looks.
    pub fn cells(&self) -> Vec<vt100::Cell> {
        let emulator = self.emulator.lock().unwrap();
        let (rows, columns) = emulator.screen().size();
        let places = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
        places.filter_map(|(row, column)| emulator.screen().cell(row, column).cloned()).collect()
    }

    /// What the terminal shows, to be drawn.
    pub fn look(&self) -> Screen {
        Screen::of(self.emulator.lock().unwrap().screen())
    }

    /// The row the cursor is in.
    pub fn cursor_row(&self) -> String {
        let (row, _) = self.emulator.lock().unwrap().screen().cursor_position();
        self.screen().lines().nth(row.into()).unwrap_or_default().to_owned()
    }

    /// The cursor's column and row.
    pub fn cursor(&self) -> (u16, u16) {
        let (row, column) = self.emulator.lock().unwrap().screen().cursor_position();
        (column, row)
    }

    /// What was written to the terminal so far.
    pub fn written(&self) -> Counter {
        *self.bytes.lock().unwrap()
    }

    /// The bytes of each frame since this was asked last.
    pub fn frames(&self) -> Vec<usize> {
        std::mem::take(&mut self.frames.lock().unwrap())
    }

    /// How long after the last key the last bytes came, by the virtual clock.
    pub fn followed_after(&self) -> Duration {
        let times = self.times.lock().unwrap();
        times.written - times.pressed
    }

    /// The document's text on disk.
    pub fn document(&self) -> Option<String> {
        std::fs::read_to_string(self.path()).ok()
    }

    /// The document's path.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("config.json")
    }

    /// The folder of the document, for another form on it.
    pub fn folder(&self) -> Arc<tempfile::TempDir> {
        Arc::clone(&self.folder)
    }

    /// True while the form is open.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Waits for the form to close; how it was left.
    pub fn ending(&mut self) -> Ending {
        let end = Instant::now() + PATIENCE;
        while self.ended.is_none() {
            match self.idle.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => self.join(),
                Err(_) => panic!("the form does not close:\n{}", self.screen()),
            }
        }
        self.ended.clone().unwrap()
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}

fn open(setup: Setup, catalog: Arc<Catalog>, size: (u16, u16)) -> Model {
    let opened = Opened::read(&setup.location, Arc::clone(&catalog), Arc::clone(&setup.saver), &setup.locations);
    update::open(setup, opened, catalog, size)
}

/// Watches the document's folder as the terminal's poll does, for a loop that has no terminal.
fn watched(path: &std::path::Path, steps: Sender<Step>) -> Arc<Watch> {
    let watch = Arc::new(Watch::of(&Location::find(path)).unwrap());
    watch.arm().unwrap();
    let watching = Arc::clone(&watch);
    std::thread::spawn(move || {
        let now_and_then = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        // The form lets go of it when it ends.
        while Arc::strong_count(&watching) > 1 {
            let is_told = poll(&mut [PollFd::new(&*watching, PollFlags::IN)], Some(&now_and_then));
            if is_told.is_ok_and(|count| count > 0) && watching.changed() && steps.send(Step::Touched).is_err() {
                break;
            }
        }
    });
    watch
}

impl Drop for Journey {
    fn drop(&mut self) {
        let _ = self.steps.send(Step::End(15));
        if let Some(form) = self.form.take() {
            let _ = form.join();
        }
    }
}

struct Script {
    steps: Receiver<Step>,
    /// What is still to come, and when.
    queue: VecDeque<(Duration, Step)>,
    /// Time passes where the loop waits.
    times: Arc<Mutex<Times>>,
    /// Since when it is woken without keys.
    stirred: Option<Duration>,
    taken: usize,
    idle: Sender<usize>,
}

impl Script {
    /// Takes what was sent; a key that is held comes bit by bit.
    fn take_steps(&mut self) {
        while let Ok(step) = self.steps.try_recv() {
            self.enqueue(step);
        }
    }

    fn enqueue(&mut self, step: Step) {
        match step {
            Step::Held(key, times) => {
                let last = u32::try_from(times).unwrap() - 1;
                let now = self.now();
                let keys = (0..last).map(|number| (now + HELD * number, Step::Held(key.clone(), 1)));
                self.queue.extend(keys.collect::<Vec<_>>());
                self.queue.push_back((now + HELD * last, Step::Bytes(key)));
            }
            Step::Stir => {
                let now = self.now();
                self.stirred = Some(now);
                self.queue.extend((1..1800).map(|number| (now + HELD * number, Step::Message)));
            }
            step => self.queue.push_back((self.now(), step)),
        }
    }
}

impl Source for Script {
    fn lend(&mut self, start: &mut dyn FnMut() -> io::Result<Child>) -> io::Result<Option<ExitStatus>> {
        start()?.wait().map(Some)
    }

    fn now(&self) -> Duration {
        self.times.lock().unwrap().now
    }

    fn wait(&mut self, bytes: &mut Vec<u8>, patience: Option<Duration>) -> io::Result<Wake> {
        self.take_steps();
        let now = self.now();
        let is_stirred = self.stirred.is_some_and(|since| now > since + Duration::from_secs(1));
        assert!(!is_stirred || patience.is_none(), "the loop waits for keys that are over");
        let is_patient = |at: Duration| patience.is_none_or(|patience| at <= now + patience);
        if self.queue.front().is_none_or(|(at, _)| !is_patient(*at)) {
            if let Some(patience) = patience {
                self.times.lock().unwrap().now += patience;
                return Ok(Wake::Silence);
            }
            let _ = self.idle.send(self.taken);
            let step = self.steps.recv().unwrap_or(Step::End(1));
            self.enqueue(step);
        }
        let Some((at, step)) = self.queue.pop_front() else { return Ok(Wake::Message) };
        let mut times = self.times.lock().unwrap();
        times.now = times.now.max(at);
        if matches!(step, Step::Bytes(_) | Step::Held(..)) {
            (self.stirred, times.pressed) = (None, times.now);
        }
        if !matches!(step, Step::Message | Step::Touched | Step::Held(..)) {
            self.taken += 1;
        }
        Ok(match step {
            Step::Bytes(typed) => {
                bytes.extend(typed);
                Wake::Input
            }
            Step::Held(key, _) => {
                bytes.extend(key);
                Wake::Input
            }
            Step::Resize(width, height) => Wake::Resized(Size::new(width, height)),
            Step::End(signal) => Wake::Ended(signal),
            Step::Message | Step::Stir => Wake::Message,
            Step::Touched => Wake::Document,
        })
    }
}

/// Where the form's bytes go: into the emulator, and into the count.
struct Paper {
    emulator: Arc<Mutex<vt100::Parser>>,
    count: Arc<Mutex<Counter>>,
    frames: Arc<Mutex<Vec<usize>>>,
    times: Arc<Mutex<Times>>,
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.emulator.lock().unwrap().process(bytes);
        let mut count = self.count.lock().unwrap();
        count.bytes += bytes.len();
        count.writes += 1;
        self.frames.lock().unwrap().push(bytes.len());
        let mut times = self.times.lock().unwrap();
        times.written = times.now;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// True where the screen shows the text, in a row or, in a dialog that is as wide as the screen, broken over several.
pub fn has(screen: &str, text: &str) -> bool {
    screen.contains(text) || screen.lines().map(str::trim).collect::<Vec<_>>().join(" ").contains(text)
}
