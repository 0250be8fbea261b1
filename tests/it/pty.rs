//! The real binary on a real pseudo-terminal, with a terminal emulator looking at its bytes.
//!
//! Nothing here waits for time: [`Pty::wait_for`] waits for what the screen shows, and fails with the screen's text.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::termios::{Action, tcflow};
use vt100::{Parser, Screen};

use crate::busy::PATIENCE;
use crate::journey::has;
use crate::world::World;

/// Bits of `c_lflag` on Linux: a terminal that a shell left alone has both.
const ICANON: u32 = 0o2;
const ECHO: u32 = 0o10;

/// The binary, running on a terminal.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    /// Held until the program has ended, so that the terminal's last settings can be read.
    slave: Option<Box<dyn SlavePty + Send>>,
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    emulator: Parser,
    log: Vec<u8>,
}

/// How the program ended, and what it left behind.
#[derive(Debug)]
pub struct Ended {
    /// The exit code.
    pub code: u32,
    /// The name of the signal that ended it, if one did.
    pub signal: Option<String>,
    /// The text on the screen: on a terminal that was given back, what was printed after the form.
    pub text: String,
    /// What was not put back as it had been; empty on a terminal left clean.
    pub left_behind: Vec<&'static str>,
}

impl Pty {
    /// Starts the binary on a terminal of `columns` x `rows`, in the world's folder and environment.
    pub fn spawn(world: &World, arguments: &[&str], size: (u16, u16)) -> Pty {
        Pty::run(world, &[&[crate::world::PROGRAM], arguments].concat(), size)
    }

    /// Starts a program that starts the binary, in the same surroundings.
    pub fn run(world: &World, words: &[&str], (columns, rows): (u16, u16)) -> Pty {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(words[0]);
        command.args(&words[1..]);
        command.env_clear();
        for (name, value) in world.environment() {
            command.env(name, value);
        }
        command.cwd(world.folder());
        let child = pair.slave.spawn_command(command).expect("the binary starts");
        let mut screen = pair.master.try_clone_reader().expect("the terminal's output");
        let keyboard = pair.master.take_writer().expect("the terminal's input");
        let (sender, bytes) = channel();
        // Ends by itself: the read fails as soon as nobody holds the terminal's other side.
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = screen.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let emulator = Parser::new(at_least_one(rows), at_least_one(columns), 0);
        Pty { master: pair.master, slave: Some(pair.slave), child, keyboard, bytes, emulator, log: vec![] }
    }

    /// Presses keys, named as in [`crate::keys`]: `Down Down C-u "5433" F12`.
    pub fn press(&mut self, keys: &str) -> &mut Pty {
        for key in crate::keys::tokens(keys) {
            self.send(&crate::keys::bytes(&key));
        }
        self
    }

    /// Sends these very bytes.
    pub fn send(&mut self, bytes: &[u8]) -> &mut Pty {
        self.keyboard.write_all(bytes).expect("the terminal takes input");
        self.keyboard.flush().expect("the terminal takes input");
        self
    }

    /// Waits until the screen is as wished.
    pub fn wait_for(&mut self, wish: &str, fulfilled: impl Fn(&Screen) -> bool) -> &mut Pty {
        let deadline = Instant::now() + PATIENCE;
        while !fulfilled(self.emulator.screen()) {
            match self.bytes.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => panic!("never came: {wish}; the screen:\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => panic!("ended before: {wish}; the screen:\n{}", self.text()),
            }
        }
        self
    }

    /// Waits until this text stands on the screen, in one row.
    pub fn wait_text(&mut self, text: &str) -> &mut Pty {
        self.wait_for(text, |screen| has(&screen.contents(), text))
    }

    /// Waits until this text stands on the screen no more.
    pub fn wait_gone(&mut self, text: &str) -> &mut Pty {
        self.wait_for(&format!("no more {text}"), |screen| !has(&screen.contents(), text))
    }

    /// Waits until the program has sent this text after its first `heard` bytes; where in the log it ends.
    pub fn wait_said(&mut self, text: &str, heard: usize) -> usize {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let said = &self.log[heard..];
            if let Some(at) = said.windows(text.len()).position(|part| part == text.as_bytes()) {
                return heard + at + text.len();
            }
            match self.bytes.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => panic!("never said: {text}; but:\n{}", String::from_utf8_lossy(said)),
            }
        }
    }

    /// The screen.
    pub fn screen(&self) -> &Screen {
        self.emulator.screen()
    }

    /// The text on the screen.
    pub fn text(&self) -> String {
        self.emulator.screen().contents()
    }

    /// All bytes that the program has sent so far.
    pub fn log(&self) -> &[u8] {
        &self.log
    }

    /// The process, for signals.
    pub fn process(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    /// Lets the terminal take no byte until [`Pty::thaw`], as one whose link is frozen.
    pub fn freeze(&mut self) -> &mut Pty {
        self.flow(Action::OOff)
    }

    pub fn thaw(&mut self) -> &mut Pty {
        self.flow(Action::OOn)
    }

    fn flow(&mut self, action: Action) -> &mut Pty {
        let name = self.master.tty_name().expect("the terminal's name");
        let terminal = std::fs::File::options().read(true).write(true).open(name).expect("the terminal");
        tcflow(&terminal, action).expect("the terminal's flow");
        self
    }

    /// Waits until the program has stopped itself: a SIGCONT that came before would be lost.
    pub fn wait_stopped(&mut self) -> &mut Pty {
        let deadline = Instant::now() + PATIENCE;
        let path = format!("/proc/{}/stat", self.process());
        // The state follows the name, which stands in brackets and may hold anything.
        let state = || Some(std::fs::read_to_string(&path).ok()?.rsplit_once(") ")?.1.starts_with('T'));
        while state() != Some(true) {
            assert!(Instant::now() < deadline, "does not stop; the screen:\n{}", self.text());
            if let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(5)) {
                self.take(&bytes);
            }
        }
        self
    }

    /// Makes the terminal so large.
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Pty {
        self.emulator.set_size(at_least_one(rows), at_least_one(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("the terminal changes its size");
        self
    }

    /// Tells the program a size that the emulator here does not have.
    pub fn claim(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("the terminal changes its size");
    }

    /// Waits until the program ends by itself.
    pub fn end(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            // Its output is read meanwhile: a full terminal would keep it from ending.
            if let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(5)) {
                self.take(&bytes);
            }
            if let Some(status) = self.child.try_wait().expect("its status") {
                break status;
            }
            assert!(Instant::now() < deadline, "does not end; the screen:\n{}", self.text());
        };
        let modes = self.master.get_termios().map_or(0, |settings| settings.local_flags.bits());
        self.slave = None;
        while let Ok(bytes) = self.bytes.recv_timeout(PATIENCE) {
            self.take(&bytes);
        }
        let screen = self.emulator.screen();
        let left_behind = [
            (screen.alternate_screen(), "alternate screen"),
            (screen.hide_cursor(), "hidden cursor"),
            (screen.bracketed_paste(), "bracketed paste"),
            (screen.application_cursor(), "application cursor keys"),
            (modes & ICANON == 0, "no line mode"),
            (modes & ECHO == 0, "no echo"),
        ];
        Ended {
            code: status.exit_code(),
            signal: status.signal().map(str::to_owned),
            text: screen.contents(),
            left_behind: left_behind.into_iter().filter(|(left, _)| *left).map(|(_, what)| what).collect(),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.log.extend_from_slice(bytes);
        self.emulator.process(bytes);
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // A failed test leaves no process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn at_least_one(length: u16) -> NonZeroU16 {
    NonZeroU16::new(length).unwrap_or(NonZeroU16::MIN)
}

#[test]
fn a_command_on_a_terminal_leaves_it_clean() {
    let ended = Pty::spawn(&World::new(), &["--version"], (80, 24)).end();
    assert_eq!((ended.code, ended.signal), (0, None));
    assert!(ended.text.starts_with("balcao-config "), "{}", ended.text);
    assert!(ended.left_behind.is_empty(), "{:?}", ended.left_behind);
}
