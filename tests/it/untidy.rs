//! Terminals that another program has left in disorder, and old ones: the form's bytes give the same screen on each of them.
//!
//! A small terminal of its own, since the emulator of the other tests knows neither insert mode nor character sets.

use rustix::process::{Pid, Signal, kill_process};

use crate::pty::Pty;
use crate::world::World;

const COLUMNS: usize = 80;
const ROWS: usize = 24;

/// What bytes leave set, beside the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Modes {
    /// First and last row, and column, of what scrolls.
    rows: (usize, usize),
    columns: (usize, usize),
    side_margins: bool,
    origin: bool,
    insert: bool,
    line_feed: bool,
    locked: bool,
    /// True where G0 (G1) has the DEC line graphics.
    graphics: [bool; 2],
    shifted_out: bool,
    other_font: bool,
    keypad: bool,
    cursor_keys: bool,
    mouse: bool,
    focus: bool,
    paste: bool,
    kitty: usize,
    other_keys: usize,
}

impl Modes {
    fn tidy() -> Modes {
        Modes {
            rows: (0, ROWS - 1),
            columns: (0, COLUMNS - 1),
            side_margins: false,
            origin: false,
            insert: false,
            line_feed: false,
            locked: false,
            graphics: [false, true],
            shifted_out: false,
            other_font: false,
            keypad: false,
            cursor_keys: false,
            mouse: false,
            focus: false,
            paste: true,
            kitty: 0,
            other_keys: 0,
        }
    }
}

struct Untidy {
    modes: Modes,
    /// Takes `ESC [ =` for a whole sequence, and no notice of `>`: as old consoles do.
    is_old: bool,
    /// Each cell, and whether it is underlined.
    cells: Vec<(char, bool)>,
    at: (usize, usize),
    underlined: bool,
}

impl Untidy {
    fn new(is_old: bool, modes: Modes) -> Untidy {
        Untidy { modes, is_old, cells: vec![('x', true); ROWS * COLUMNS], at: (ROWS - 1, 7), underlined: true }
    }

    fn play(&mut self, text: &str) {
        let mut rest = text.chars();
        while let Some(symbol) = rest.next() {
            match symbol {
                '\x1b' => match rest.next() {
                    Some('[') => {
                        let mut parameters = String::new();
                        for symbol in rest.by_ref() {
                            if ('@'..='~').contains(&symbol) || self.is_old && symbol == '=' {
                                self.obey(&parameters, symbol);
                                break;
                            }
                            parameters.push(symbol);
                        }
                    }
                    Some('(') => self.modes.graphics[0] = rest.next() == Some('0'),
                    Some(mode @ ('>' | '=')) => self.modes.keypad = mode == '=',
                    other => panic!("ESC {other:?}"),
                },
                '\x0e' | '\x0f' => self.modes.shifted_out = symbol == '\x0e',
                '\r' => self.at.1 = if self.at.1 >= self.modes.columns.0 { self.modes.columns.0 } else { 0 },
                '\x08' => self.at.1 = self.at.1.saturating_sub(1),
                '\n' => panic!("a line feed moves"),
                symbol => self.write(symbol),
            }
        }
    }

    fn write(&mut self, symbol: char) {
        let Modes { columns, graphics, shifted_out, insert, other_font, .. } = self.modes;
        let symbol = match symbol {
            'a'..='z' if graphics[usize::from(shifted_out)] || other_font => '◆',
            symbol => symbol,
        };
        if self.at.1 > columns.1 {
            self.at = ((self.at.0 + 1).min(self.modes.rows.1), columns.0);
        }
        let (start, end) = (self.at.0 * COLUMNS + self.at.1, self.at.0 * COLUMNS + columns.1);
        if insert {
            self.cells[start..=end].rotate_right(1);
        }
        self.cells[start] = (symbol, self.underlined);
        self.at.1 += 1;
    }

    fn obey(&mut self, parameters: &str, last: char) {
        let marked = parameters.starts_with(['?', '>', '=']);
        let mark = parameters.chars().next().filter(|_| marked);
        let numbers: Vec<usize> = parameters
            .trim_start_matches(['?', '>', '='])
            .split(';')
            .map(|number| number.parse().unwrap_or(0))
            .collect();
        let (first, second) = (numbers[0].max(1), numbers.get(1).copied().unwrap_or(0).max(1));
        let row = if self.modes.origin { self.modes.rows.0 } else { 0 };
        match (mark, last) {
            (Some('?'), 'h' | 'l') => numbers.iter().for_each(|number| self.private(*number, last == 'h')),
            (None, 'h' | 'l') => numbers.iter().for_each(|number| match number {
                2 => self.modes.locked = last == 'h',
                4 => self.modes.insert = last == 'h',
                20 => self.modes.line_feed = last == 'h',
                other => panic!("mode {other}"),
            }),
            (None, 'r') => {
                self.modes.rows = (0, ROWS - 1);
                self.at = (0, 0);
            }
            (None, 'H') => self.at = ((row + first - 1).min(self.modes.rows.1), second - 1),
            (None, 'A') => self.at.0 = self.at.0.saturating_sub(first).max(self.modes.rows.0),
            (None, 'B') => self.at.0 = (self.at.0 + first).min(self.modes.rows.1),
            (None, 'C') => self.at.1 = (self.at.1.min(COLUMNS - 1) + first).min(COLUMNS - 1),
            (None, 'D') => self.at.1 = self.at.1.saturating_sub(first),
            (None, 'J') => self.erase(self.at.0 * COLUMNS + self.at.1, ROWS * COLUMNS),
            (None, 'K') => self.erase(self.at.0 * COLUMNS + self.at.1, (self.at.0 + 1) * COLUMNS),
            (None, 'X') => self.erase(self.at.0 * COLUMNS + self.at.1, self.at.0 * COLUMNS + self.at.1 + first),
            (None, 'm') => numbers.iter().for_each(|number| self.dress(*number)),
            (Some('>'), 'm') if self.is_old => self.dress(numbers[0]),
            (Some('>'), 'm') => self.modes.other_keys = 0,
            (Some('='), 'u') => self.modes.kitty = numbers[0],
            (None, '=') if self.is_old => {}
            other => panic!("CSI {parameters} {other:?}"),
        }
    }

    fn private(&mut self, number: usize, set: bool) {
        match number {
            1 => self.modes.cursor_keys = set,
            6 => self.modes.origin = set,
            69 => {
                self.modes.side_margins = set;
                self.modes.columns = (0, COLUMNS - 1);
            }
            9 | 1000 | 1002 | 1003 => self.modes.mouse &= set,
            1004 => self.modes.focus = set,
            2004 => self.modes.paste = set,
            25 | 1049 => {}
            other => panic!("private mode {other}"),
        }
    }

    fn dress(&mut self, number: usize) {
        match number {
            0 => self.underlined = false,
            4 => self.underlined = true,
            24 => self.underlined = false,
            10 => self.modes.other_font = false,
            _ => {}
        }
    }

    fn erase(&mut self, from: usize, to: usize) {
        self.cells[from..to].fill((' ', false));
    }

    fn shown(&self) -> String {
        self.cells.chunks(COLUMNS).map(|row| row.iter().map(|(symbol, _)| *symbol).collect::<String>() + "\n").collect()
    }
}

/// Every disorder by itself, and all of them at once.
fn disorders() -> Vec<Modes> {
    let single: [fn(&mut Modes); 14] = [
        |it| it.rows = (0, 22),
        |it| it.rows = (5, 10),
        |it| (it.side_margins, it.columns) = (true, (9, 39)),
        |it| (it.origin, it.rows) = (true, (3, 20)),
        |it| it.insert = true,
        |it| it.line_feed = true,
        |it| it.graphics[0] = true,
        |it| it.shifted_out = true,
        |it| it.other_font = true,
        |it| (it.keypad, it.cursor_keys, it.locked) = (true, true, true),
        |it| (it.mouse, it.focus) = (true, true),
        |it| it.paste = false,
        |it| it.kitty = 31,
        |it| it.other_keys = 2,
    ];
    let mut all = Modes::tidy();
    single.iter().for_each(|leave| leave(&mut all));
    let each = single.iter().map(|leave| {
        let mut modes = Modes::tidy();
        leave(&mut modes);
        modes
    });
    each.chain([Modes::tidy(), all]).collect()
}

#[test]
fn the_form_is_the_same_on_a_terminal_left_in_any_disorder_and_on_an_old_one_from_the_start_and_at_ctrl_l() {
    for (term, locale) in [("xterm", "pt_BR.UTF-8"), ("linux", "pt_BR.UTF-8"), ("vt100", "C")] {
        let world = World::new().variable("TERM", term).variable("LC_ALL", locale);
        let mut pty = Pty::spawn(&world, &[], (COLUMNS as u16, ROWS as u16));
        pty.wait_text("[ Fechar (Esc) ]")
            .press("Down")
            .wait_for("the second field", |screen| screen.cursor_position().0 == 6);
        let opened = pty.log().len();
        pty.press("C-l Down").wait_for("the third field", |screen| screen.cursor_position().0 == 9);
        let (first, again) = pty.log().split_at(opened);
        let (first, again) = (std::str::from_utf8(first).unwrap(), std::str::from_utf8(again).unwrap());
        let mut wanted = vec![];
        for is_old in [false, true] {
            for modes in disorders() {
                let mut terminal = Untidy::new(is_old, modes.clone());
                let mut shown = vec![];
                for part in [first, again] {
                    terminal.play(part);
                    shown.push((terminal.shown(), terminal.cells.clone(), terminal.at));
                    // What an old terminal does not know it keeps.
                    let kept =
                        Modes { kitty: terminal.modes.kitty, other_keys: terminal.modes.other_keys, ..Modes::tidy() };
                    assert_eq!(terminal.modes, if is_old { kept } else { Modes::tidy() }, "{term} {modes:?}");
                    terminal.modes = modes.clone();
                }
                assert!(shown[0].0.contains("Gestor Balc"), "{}", shown[0].0);
                if wanted.is_empty() {
                    wanted = shown.clone();
                }
                for (shown, wanted) in shown.iter().zip(&wanted) {
                    assert!(shown == wanted, "{term} {modes:?}:\n{}\n{}", shown.0, wanted.0);
                }
            }
        }
        kill_process(Pid::from_raw(pty.process() as i32).unwrap(), Signal::TERM).unwrap();
        assert!(pty.end().left_behind.is_empty());
    }
}
