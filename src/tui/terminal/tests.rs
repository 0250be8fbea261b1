//! The terminal over a pseudo-terminal made here.

use std::fs::File;
use std::sync::MutexGuard;
use std::thread;

use portable_pty::{MasterPty, PtySize, native_pty_system};

use rustix::termios::{InputModes, LocalModes, OptionalActions, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::low_level;

use super::shared::LEAVE;
use super::*;

/// Long enough for any machine, so that only a real hang fails.
const PATIENCE: Option<Duration> = Some(Duration::from_secs(20));

const USUAL: Size = Size::new(80, 24);

/// Signals reach every terminal that is open in the process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// The far end of a pseudo-terminal, and the near end as a file.
struct Pair {
    far: Box<dyn MasterPty + Send>,
    near: File,
    _alone: MutexGuard<'static, ()>,
}

impl Pair {
    fn new(rows: u16, cols: u16) -> Pair {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() }).unwrap();
        let path = pair.master.tty_name().unwrap();
        let near = File::options().read(true).write(true).open(path).unwrap();
        Pair { far: pair.master, near, _alone: alone }
    }

    fn open(&self) -> Terminal {
        Terminal::open(&self.near, &self.near, USUAL).unwrap()
    }

    /// Reads from the far end until `end` was seen.
    fn shown_until(&self, end: &[u8]) -> Vec<u8> {
        let (mut reader, mut shown, mut byte) = (self.far.try_clone_reader().unwrap(), Vec::new(), [0]);
        while !shown.ends_with(end) && reader.read(&mut byte).unwrap() == 1 {
            shown.extend_from_slice(&byte);
        }
        shown
    }
}

fn modes(terminal: &File) -> String {
    let modes = tcgetattr(terminal).unwrap();
    format!("{:?} {:?} {:?}", modes.input_modes, modes.output_modes, modes.local_modes)
}

#[test]
fn what_is_no_terminal_is_refused() {
    let file = tempfile::tempfile().unwrap();
    let pair = Pair::new(24, 80);
    for (input, output) in [(&file, &pair.near), (&pair.near, &file)] {
        let error = Terminal::open(input, output, USUAL).err().unwrap();
        assert_eq!(error.raw_os_error(), Some(Errno::NOTTY.raw_os_error()));
    }
}

#[test]
fn the_terminal_is_raw_while_open_and_as_it_was_afterwards() {
    let pair = Pair::new(24, 80);
    let before = modes(&pair.near);
    let mut terminal = pair.open();
    let raw = tcgetattr(&pair.near).unwrap();
    for mode in [LocalModes::ICANON, LocalModes::ECHO, LocalModes::ISIG] {
        assert!(!raw.local_modes.contains(mode), "{mode:?}");
    }
    terminal.screen().write_all(ENTER).unwrap();
    terminal.restore();
    assert_eq!(modes(&pair.near), before);
    assert!(terminal.screen().write_all(b"late").is_err(), "a form that was sent away still draws");
    drop(terminal);
    let shown = pair.shown_until(LEAVE);
    assert_eq!(shown, [ENTER, LEAVE].concat(), "left once, not twice");
}

#[test]
fn a_screen_that_was_never_drawn_on_is_not_emptied() {
    let pair = Pair::new(24, 80);
    drop(pair.open());
    (&pair.near).write_all(b"$").unwrap();
    assert_eq!(pair.shown_until(b"$"), b"$");
}

#[test]
fn keys_workers_and_the_end_of_the_terminal_wake_the_loop() {
    let pair = Pair::new(24, 80);
    let (mut terminal, mut input) = (pair.open(), Vec::new());
    assert_eq!(terminal.wait(&mut input, Some(Duration::ZERO)).unwrap(), Wake::Silence);

    let mut keys = pair.far.take_writer().unwrap();
    keys.write_all(b"\x1b[A\x03").unwrap();
    while input.len() < 4 {
        assert_eq!(terminal.wait(&mut input, PATIENCE).unwrap(), Wake::Input);
    }
    assert_eq!(input, b"\x1b[A\x03");

    let waker = terminal.waker();
    thread::spawn(move || (0..100_000).for_each(|_| waker.wake())).join().unwrap();
    assert_eq!(terminal.wait(&mut input, PATIENCE).unwrap(), Wake::Message);
    assert_eq!(terminal.wait(&mut input, Some(Duration::ZERO)).unwrap(), Wake::Silence, "one wake-up for many calls");

    let Pair { far, _alone, .. } = pair;
    drop((keys, far));
    assert_eq!(terminal.wait(&mut input, PATIENCE).unwrap(), Wake::Ended(SIGHUP));
    assert!(terminal.screen().write_all(b"x").is_err());
}

#[test]
fn signals_are_told_the_ending_ones_first() {
    let pair = Pair::new(24, 80);
    let (mut terminal, mut input) = (pair.open(), Vec::new());
    for signal in [SIGWINCH, SIGCONT, SIGTERM] {
        low_level::raise(signal).unwrap();
    }
    // After a stop the terminal may show anything, as after a resize.
    let resized = Wake::Resized(Size::new(80, 24));
    for wake in [Wake::Ended(SIGTERM), resized, resized, Wake::Silence] {
        assert_eq!(terminal.wait(&mut input, Some(Duration::ZERO)).unwrap(), wake);
    }
    // A stop that was taken back before it was heard is none.
    low_level::raise(SIGTSTP).unwrap();
    low_level::raise(SIGCONT).unwrap();
    for wake in [resized, Wake::Silence] {
        assert_eq!(terminal.wait(&mut input, Some(Duration::ZERO)).unwrap(), wake);
    }
}

#[test]
fn the_size_is_believed_within_bounds() {
    let cases =
        [((24, 80), (80, 24)), ((0, 0), (80, 24)), ((65535, 65535), (500, 200)), ((1, 1), (1, 1)), ((0, 40), (40, 24))];
    for ((rows, cols), (width, height)) in cases {
        assert_eq!(Pair::new(rows, cols).open().size(), Size::new(width, height));
    }
}

#[test]
fn a_terminal_that_takes_no_bytes_holds_nothing() {
    let pair = Pair::new(24, 80);
    let (mut terminal, mut written) = (pair.open(), 0);
    // Nobody reads the far end: the kernel's buffer fills, and what does not fit waits here.
    while terminal.is_ready() {
        written += terminal.screen().write(&[b'x'; 4096]).unwrap();
    }
    low_level::raise(SIGTERM).unwrap();
    assert_eq!(terminal.wait(&mut Vec::new(), PATIENCE).unwrap(), Wake::Ended(SIGTERM));
    let mut reader = pair.far.try_clone_reader().unwrap();
    let reading = thread::spawn(move || {
        let (mut read, mut bytes) = (0, [0; 4096]);
        while read < written {
            read += reader.read(&mut bytes).unwrap();
        }
        read
    });
    assert_eq!(terminal.wait(&mut Vec::new(), PATIENCE).unwrap(), Wake::Taken, "what was not taken is sent later");
    assert!(terminal.is_ready());
    assert_eq!(reading.join().unwrap(), written);
    // And one that never takes anything again is left all the same.
    while terminal.is_ready() {
        terminal.screen().write_all(&[b'x'; 4096]).unwrap();
    }
    drop(terminal);
    // What it would show next is not glued to half a frame.
    (&pair.near).write_all(b"$").unwrap();
    assert!(pair.shown_until(b"$").ends_with(&[LEAVE, b"$"].concat()));
}

#[test]
fn keys_may_come_from_another_terminal_than_the_one_that_shows_the_form() {
    let keyboard = Pair::new(24, 80);
    let screen = native_pty_system().openpty(PtySize { rows: 30, cols: 100, ..PtySize::default() }).unwrap();
    let near = File::options().read(true).write(true).open(screen.master.tty_name().unwrap()).unwrap();
    let before = [modes(&keyboard.near), modes(&near)];
    let mut terminal = Terminal::open(&keyboard.near, &near, USUAL).unwrap();
    assert_eq!(terminal.size(), Size::new(100, 30));
    for end in [&keyboard.near, &near] {
        assert!(!tcgetattr(end).unwrap().local_modes.contains(LocalModes::ICANON));
    }
    let (mut keys, mut input) = (keyboard.far.take_writer().unwrap(), Vec::new());
    keys.write_all(b"k").unwrap();
    assert_eq!((terminal.wait(&mut input, PATIENCE).unwrap(), &*input), (Wake::Input, &b"k"[..]));
    drop(terminal);
    assert_eq!([modes(&keyboard.near), modes(&near)], before);
}

#[test]
fn flow_control_that_both_ends_of_a_line_use_stays_the_lines() {
    let flow = InputModes::IXON | InputModes::IXOFF;
    for (set, kept) in [(flow, flow), (InputModes::IXON, InputModes::empty())] {
        let pair = Pair::new(24, 80);
        let mut settings = tcgetattr(&pair.near).unwrap();
        settings.input_modes = (settings.input_modes - flow) | set;
        tcsetattr(&pair.near, OptionalActions::Now, &settings).unwrap();
        let terminal = pair.open();
        assert_eq!(tcgetattr(&pair.near).unwrap().input_modes & flow, kept);
        assert_eq!(terminal.has_flow_control(), set == flow);
    }
}

#[test]
fn a_panic_in_any_thread_gives_the_screen_back_and_sends_the_loop_away() {
    let pair = Pair::new(24, 80);
    let before = modes(&pair.near);
    let mut terminal = pair.open();
    terminal.screen().write_all(ENTER).unwrap();
    thread::spawn(give_back).join().unwrap();
    assert_eq!(modes(&pair.near), before);
    assert_eq!(terminal.wait(&mut Vec::new(), PATIENCE).unwrap(), Wake::Panicked);
    assert_eq!(pair.shown_until(LEAVE), [ENTER, LEAVE].concat());
}

#[test]
fn a_terminal_that_was_given_back_is_taken_again() {
    let pair = Pair::new(24, 80);
    let mut terminal = pair.open();
    let raw = modes(&pair.near);
    terminal.restore();
    assert_ne!(modes(&pair.near), raw);
    low_level::raise(SIGCONT).unwrap();
    terminal.resume().unwrap();
    assert_eq!(modes(&pair.near), raw);
    assert_eq!(
        terminal.wait(&mut Vec::new(), Some(Duration::ZERO)).unwrap(),
        Wake::Silence,
        "its own return is no news"
    );
}
