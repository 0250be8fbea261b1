//! What the form costs a slow link, counted exactly: bytes, writes, wake-ups. Counts do not depend on the machine.

use std::time::Duration;

use crate::busy::{at_best, wait_until};
use crate::journey::{Journey, Opening};
use crate::pty::Pty;
use crate::world::World;

/// UTF-8 bytes of the cells that differ, in text or in looks.
fn changed_bytes(before: &[vt100::Cell], after: &[vt100::Cell]) -> usize {
    let changed = before.iter().zip(after).filter(|(before, after)| before != after);
    changed.map(|(_, after)| after.contents().len().max(1)).sum()
}

#[test]
fn the_first_screen_is_one_write_of_at_most_2200_bytes() {
    let journey = Journey::new();
    let written = journey.written();
    assert_eq!(written.writes, 1);
    assert!(written.bytes <= 2200, "{written:?}");
}

#[test]
fn a_key_is_one_write_bounded_by_what_changed() {
    let mut journey = Journey::new();
    for key in "Down Down Down Down Down Up Up Up Up Up F6 Down Up C-n C-p F6 Tab Tab Tab".split(' ') {
        let (cells, before) = (journey.cells(), journey.written());
        journey.press(key);
        let after = journey.written();
        let (bytes, changed) = (after.bytes - before.bytes, changed_bytes(&cells, &journey.cells()));
        assert!(after.writes - before.writes <= 1, "{key}: {} writes", after.writes - before.writes);
        let bound = changed * 5 / 4 + 48;
        assert!(bytes <= bound, "{key}: {bytes} bytes for {changed} bytes of cells, bound {bound}");
    }
}

#[test]
fn a_typed_character_is_a_handful_of_bytes() {
    let mut journey = Journey::new();
    // The second character on: the first changes the marks.
    journey.press("C-p \"a\"");
    for letter in "bcde".chars() {
        let before = journey.written();
        journey.press(&letter.to_string());
        let after = journey.written();
        assert!(
            after.bytes - before.bytes <= 12 && after.writes - before.writes == 1,
            "{letter}: {before:?} {after:?}"
        );
    }
}

#[test]
fn a_second_of_the_live_test_is_a_cell_a_target_and_what_counts_on() {
    let ports = r#"{"integracao": {"porta_banco_dados": 1, "porta_integracao_clientes": 2}}"#;
    let mut journey = Journey::on(ports);
    journey.press("F5 F5").wait_for("3 testes");
    journey.frames();
    journey.wait_for("9 testes");
    let frames = journey.frames();
    assert!(frames.len() <= 8 && frames.iter().all(|bytes| *bytes <= 100), "{frames:?}");
    journey.shows("✗✗✗✗✗✗✗✗✗").shows("1 sinal por teste: ▁ até 5 ms");
}

#[test]
fn a_key_that_does_nothing_costs_nothing() {
    let mut journey = Journey::new();
    journey.press("M-x");
    let before = journey.written();
    journey.press("M-x F10 C-q F11");
    assert_eq!(journey.written(), before);
}

#[test]
fn a_journey_of_fixed_keys_costs_no_more_than_it_did() {
    let mut journey = Journey::open(Opening::default());
    journey.press(
        "Down Down Up C-u \"10.0.0.25\" Down C-u \"5433\" Down Down Space Down Down C-n Space C-p F1 F1 Esc Esc",
    );
    let written = journey.written();
    assert_eq!(written.writes, 32, "one a key, one for the first screen");
    assert!(written.bytes <= 16_000, "{written:?}");
}

#[test]
fn a_burst_of_500_keys_is_drawn_in_at_most_10_frames() {
    let world = World::new();
    let mut pty = Pty::spawn(&world, &[], (80, 24));
    pty.wait_text("[ Fechar (Esc) ]").press("C-p");
    pty.wait_text("Casas Decimais Qtde");
    let before = pty.log().len();
    let burst = "\x1b[B\x1b[A".repeat(250) + "\x1b[B\x0b";
    pty.send(burst.as_bytes()).wait_text("Chave geral.");
    let frames = pty.log()[before..].len();
    assert!(frames <= 10 * 2500, "{frames} bytes: more than ten whole screens");
}

#[test]
fn while_an_arrow_is_held_only_mark_and_cursor_follow_and_the_rest_when_it_is_released() {
    let mut journey = Journey::new();
    journey.frames();
    let (first, last) = ("IP do Servidor Retaguarda", "Confirma");
    for (key, count) in [("Down", 8), ("Up", 8), ("Down", 3), ("Up", 2)] {
        journey.hold(key, count);
        let frames = journey.frames();
        // One for the first press, one for the calm; on a line of 9,600 bit/s, those between never queue.
        let between = &frames[1..frames.len() - 1];
        assert!(!between.is_empty() && between.len() < count, "{key}: {frames:?}");
        assert!(between.iter().all(|bytes| *bytes <= 60), "{key}: {frames:?}");
    }
    journey.hold("Up", 12).shows(&format!("▌{first}"));
    let help = |journey: &Journey| journey.screen().lines().skip(17).collect::<Vec<_>>().join("\n");
    assert!(help(&journey).contains(first), "{}", journey.screen());
    journey.hold("Down", 40);
    assert!(help(&journey).contains(last), "{}", journey.screen());
}

#[test]
fn all_is_drawn_120_ms_after_the_last_key_however_large_the_frames_before_it_were() {
    let mut journey = Journey::new();
    for (key, count) in [("Down", 4), ("C-n", 6), ("C-p", 6), ("C-n", 2), ("Down", 3), ("C-p", 12)] {
        journey.hold(key, count);
        assert!(journey.followed_after() <= Duration::from_millis(120), "{key}: {:?}", journey.followed_after());
        let followed = journey.screen();
        assert_eq!(journey.press("C-l").screen(), followed, "{key}");
    }
}

#[test]
fn forty_held_arrows_cost_a_slow_line_no_more_than_twenty() {
    let cost = |count: usize| {
        let mut journey = Journey::new();
        journey.frames();
        journey.hold("Down", count);
        let frames = journey.frames();
        // What is sent once the keys have begun to repeat, against what the line takes meanwhile.
        let sent: usize = frames[1..frames.len() - 1].iter().sum();
        let taken = (count * 33 * 960) / 1000;
        assert!(sent <= taken, "{sent} bytes, {taken} taken: {frames:?}");
    };
    cost(20);
    cost(40);
}

#[test]
fn an_idle_form_neither_wakes_up_nor_writes() {
    let world = World::new();
    let mut pty = Pty::spawn(&world, &[], (80, 24));
    pty.wait_text("[ Fechar (Esc) ]").press("F5").wait_text("no teste");
    let switches = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", pty.process())).unwrap();
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap();
        line.split_whitespace().last().unwrap().parse::<u64>().unwrap()
    };
    let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
    let tasks = || std::fs::read_dir(format!("/proc/{}/task", pty.process())).unwrap().flatten().map(name);
    // The check's threads end by themselves, each within its deadline; then there are but the one that waits for keys and
    // the one that waits for drafts.
    let threads = || tasks().filter(|name| name.trim() != "autosave").count();
    let asleep = || std::fs::read_to_string(format!("/proc/{}/stat", pty.process())).unwrap().contains(") S ");
    wait_until("the check's threads end", || threads() == 1 && asleep());
    // What was still on its way counts for nothing: what wakes up by itself does so every time.
    let wakes = || {
        let before = switches();
        std::thread::sleep(Duration::from_secs(2));
        switches() - before
    };
    assert_eq!(at_best(wakes, |wakes| *wakes == 0), 0);
}
