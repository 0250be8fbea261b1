//! What a terminal, a line or a user's cat can send: the form survives it, types nothing of it, and stays usable.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};

use rustix::pty::{OpenptFlags, openpt, ptsname, unlockpt};
use rustix::termios::Winsize;

use crate::busy::wait_until;
use crate::journey::Journey;
use crate::pty::Pty;
use crate::world::{PROGRAM, World};

const SIZE: (u16, u16) = (80, 24);

fn form(world: &World) -> Pty {
    let mut pty = Pty::spawn(world, &[], SIZE);
    pty.wait_text("[ Fechar (Esc) ]");
    pty
}

/// Holds that nothing was typed or moved, and that the form still answers: Down, then the value of the field there.
fn assert_untouched(mut pty: Pty, what: &str) {
    pty.press("Down C-u \"5439\"").wait_for(what, |screen| screen.contents().contains("▌5439 "));
    assert!(pty.text().contains("127.0.0.1  ") && pty.text().contains("● 1"), "{what}:\n{}", pty.text());
    pty.press("C-z C-z Esc");
    let ended = pty.end();
    assert_eq!((ended.code, ended.signal, ended.left_behind), (0, None, vec![]), "{what}");
}

#[test]
fn replies_and_reports_that_nobody_asked_for_type_nothing() {
    let late: [&[u8]; 12] = [
        b"\x1b[24;80R",
        b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
        b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
        b"\x1b[?62;22c",
        b"\x1b[?2026;2$y",
        b"\x1bP>|xterm(390)\x1b\\",
        b"\x1b_Gi=31;OK\x1b\\",
        b"\x1b[M #!",
        b"\x1b[<0;10;10M\x1b[<0;10;10m",
        b"\x1b[I\x1b[O",
        b"\x1b[?1u",
        b"\x1b[8;24;80t",
    ];
    let world = World::new();
    let mut pty = form(&world);
    for reply in late {
        pty.send(reply);
    }
    assert_untouched(pty, "late replies");
}

#[test]
fn sequences_without_end_are_swallowed_whole() {
    let world = World::new();
    let mut pty = form(&world);
    pty.send(b"\x1b[").send(&[b'1'; 10_000]).send(b"A");
    assert_untouched(pty, "a sequence of 10,000 digits");

    // A string or a paste without an end: Ctrl+C works at once, and what follows is heard.
    for start in [&b"\x1b]0;title"[..], b"\x1bPdata", b"\x1b[200~"] {
        let mut pty = form(&world);
        pty.send(start).send(b"\x03");
        let ended = pty.end();
        assert_eq!((ended.code, ended.left_behind), (0, vec![]), "{}", start.escape_ascii());
    }
}

#[test]
fn every_single_byte_is_survived() {
    for byte in 0..=255u8 {
        // Ctrl+C, Ctrl+X and Esc close it, as they should; Ctrl+T starts a check.
        if matches!(byte, 0x03 | 0x14 | 0x18 | 0x1b) {
            continue;
        }
        let mut journey = Journey::new();
        journey.send(&[byte]);
        if journey.is_open() {
            journey.press("C-l");
            // A dialog as tall as the screen has the place of the form's title.
            assert!(["Gestor Balcão", "── "].iter().any(|title| journey.screen().contains(title)), "{byte:#x}");
        }
    }
}

#[test]
fn noise_neither_crashes_nor_hangs() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut noise = Vec::with_capacity(1 << 15);
    while noise.len() < 1 << 15 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise.extend_from_slice(&state.to_le_bytes());
    }
    let mut journey = Journey::new();
    for part in noise.chunks(4096) {
        // Noise holds keys that close the form: closed is an answer too, and the rest goes to a new one.
        if !journey.is_open() {
            journey = Journey::new();
        }
        journey.send(part);
    }
}

#[test]
fn a_terminal_that_claims_to_be_enormous_is_drawn_as_far_as_makes_sense() {
    let world = World::new();
    let mut pty = form(&world);
    for (columns, rows) in [(65535, 65535), (1, 1), (500, 200), (1, 65535), (65535, 1)] {
        pty.claim(columns, rows);
    }
    // Until its own size is known again, the form takes no keys.
    pty.wait_text("Aumente a janela").resize(80, 24);
    pty.press("C-l").wait_gone("Aumente a janela").wait_text("[ Fechar (Esc) ]");
    assert_untouched(pty, "sizes");
}

/// A terminal whose only other side is the program's: dropped, the line is lost.
fn on_a_line_of_its_own(world: &World, program: &mut Command) -> (File, Child) {
    let line = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    unlockpt(&line).unwrap();
    let name = ptsname(&line, Vec::new()).unwrap();
    let end = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    rustix::termios::tcsetwinsize(&end, Winsize { ws_col: 80, ws_row: 24, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    program.env_clear().envs(world.environment().iter().map(|(name, value)| (name, value)));
    program.stdin(end.try_clone().unwrap()).stdout(end.try_clone().unwrap()).stderr(end);
    let child = program.spawn().unwrap();
    // Its own handles of the line's end go with it.
    *program = Command::new("true");
    let mut line = File::from(line);
    read_until(&mut line, "Fechar (Esc)");
    (line, child)
}

fn read_until(line: &mut File, text: &str) {
    let mut seen = vec![];
    let mut part = [0; 4096];
    while !String::from_utf8_lossy(&seen).contains(text) {
        let count = line.read(&mut part).unwrap();
        seen.extend_from_slice(&part[..count]);
    }
}

#[test]
fn a_closed_terminal_ends_it_with_a_hang_up_and_without() {
    // As the terminal's session leader it gets SIGHUP; beside one (nohup, some supervisors) only an end of file.
    let mut leader = Command::new("setsid");
    leader.args(["--ctty", "--wait", PROGRAM]);
    for mut program in [leader, Command::new(PROGRAM)] {
        let world = World::new();
        let (mut line, mut child) = on_a_line_of_its_own(&world, &mut program);
        // The last keys are still on their way into the form.
        line.write_all(b"\x1b[B\x1b[B\x1b[B ").unwrap();
        read_until(&mut line, "●");
        drop(line);
        wait_until("it ends without its terminal", || child.try_wait().unwrap().is_some());
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(129), "{status:?}");
        // The next form, over another line, offers what was lost with it.
        Pty::spawn(&world, &[], (80, 24)).wait_text("Há alterações não gravadas").press("Enter").wait_text("[x]");
    }
}

#[test]
fn fast_typing_of_a_paste_never_confirms_what_loses_data() {
    // A terminal that does not mark pastes sends them as keys: line ends are Enter, and move on.
    let world = World::new();
    let mut pty = form(&world);
    pty.press("C-u").send(b"10.0.0.7\r\n5433\r\n").wait_text("●");
    pty.press("Esc").wait_text("não foram gravadas");
    pty.send(b"colado\r\nde novo\r\n").wait_gone("não foram gravadas");
    pty.press("C-l").wait_text("[ Fechar (Esc) ]");
    assert!(!world.path("config.json").exists());
}
