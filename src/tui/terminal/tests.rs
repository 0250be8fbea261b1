//! The terminal over a pseudo-terminal made here.

use std::fs::File;
use std::sync::{MutexGuard, mpsc};
use std::thread;

use portable_pty::{MasterPty, PtySize, native_pty_system};

use rustix::termios::LocalModes;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGTERM, SIGWINCH};
use signal_hook::low_level;

use super::*;

/// Long enough for any machine, so that only a real hang fails.
const PATIENCE: Option<Duration> = Some(Duration::from_secs(20));

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
        Terminal::open(&self.near, &self.near).unwrap()
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
        let error = Terminal::open(input, output).err().unwrap();
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
    assert_eq!((Signal::Terminate.number(), Signal::Hangup.ends(), Signal::Resize.ends()), (15, true, false));
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
fn a_terminal_that_takes_no_bytes_does_not_hold_a_program_that_is_told_to_end() {
    let pair = Pair::new(24, 80);
    let terminal = pair.open();
    let (mut screen, (told, heard)) = (terminal.screen(), mpsc::channel());
    let writer = thread::spawn(move || {
        // Nobody reads the far end: the kernel's buffer fills, and the write waits.
        let failed = (0..1000).find_map(|_| screen.write_all(&[b'x'; 4096]).err());
        told.send(failed.map(|error| error.kind())).unwrap();
    });
    low_level::raise(SIGHUP).unwrap();
    assert_eq!(heard.recv_timeout(Duration::from_secs(20)).unwrap(), Some(io::ErrorKind::TimedOut));
    writer.join().unwrap();
    drop(terminal);
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
