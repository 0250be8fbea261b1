//! Frames to bytes: knows what the terminal shows and writes the least that changes it.
//!
//! `row` and `cursor` only note what is wanted; `flush` compares it with what is shown, row by row, and hands the
//! difference to the writer in one `write_all`. It asks the terminal nothing, and touches no device itself.
//! Which escape sequence says what is next door, in `pen`.

use std::io::{self, Write};
use std::ops::Range;

use ratatui::buffer::{Cell, CellWidth};
use ratatui::layout::{Position, Size};
use unicode_width::UnicodeWidthStr;

use crate::safe;
use crate::text::encoding::Encoding;
use pen::{Look, Way, alike, blank, shown_as};

mod pen;
#[cfg(test)]
mod tests;

/// Half of a wide character whose other half was written over: terminals differ in what they leave there.
const BROKEN: Cell = Cell::new("\0");
/// Undoes what other programs, killed ones above all, may have left set and what this one relies on: no margins (DECSTBM, DECLRMM);
/// cursor keys, origin, mouse and focus reports off; keyboard lock, insert and line feed mode off; G0 in use, from the first font; numbers on
/// the keypad; no flags of kitty's keyboard protocol and no xterm keys in longer spellings; pastes marked.
///
/// A terminal that does not know one of these ignores it or takes it for something that [`WIPE`] undoes: older ones print
/// the end of `ESC [ = 0 u`, and may take `ESC [ > 4 m` for underlining. No RIS and no DECSTR: they undo what a person has set, too.
const SETTLE: &[u8] =
    b"\x1b[?2004h\x1b[r\x1b[?1;6;9;69;1000;1002;1003;1004l\x1b[2;4;20l\x0f\x1b[10m\x1b>\x1b[=0u\x1b[>4m";
/// Makes G0 the ASCII that it usually is.
const ASCII_SET: &[u8] = b"\x1b(B";
/// Puts an unknown screen into a known state: pen, cursor, contents.
const WIPE: &[u8] = b"\x1b[m\x1b[H\x1b[J";

/// What the terminal can do beyond what all can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    /// Shows the sixteen colours, and the person did not refuse them.
    pub colours: bool,
    /// Erases cells in place (ECH).
    pub erase: bool,
    /// Erases with the background of the pen, not with the default one.
    pub back_colour_erase: bool,
    /// Shows letters through a map that the person has chosen, and that [`ASCII_SET`] would replace: a Linux console, where it does
    /// not show UTF-8.
    pub has_map: bool,
}

/// What a terminal of the type `term` (as in `TERM`) can do, as the terminfo entries have it; `encoding` is that of the locale.
///
/// REP, which repeats a character and would make rules cheaper, is not among it: tmux and mosh let programs believe that
/// they talk to an xterm and do not have it (mosh issue 1064), and what was not repeated shows the screen before.
pub fn traits_of(term: &str, no_colour: bool, encoding: Encoding) -> Traits {
    let is = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
    let plain = term.is_empty() || is(&["dumb", "vt1", "vt2", "vt3", "vt4", "vt5", "ansi-m"]);
    let xterm = term == "xterm" || is(&["xterm-color", "xterm-16color", "xterm-256color"]);
    Traits {
        colours: !plain && !no_colour,
        erase: xterm || is(&["linux", "rxvt", "tmux", "putty", "alacritty", "foot", "konsole", "vte", "xterm"]),
        back_colour_erase: xterm || is(&["linux", "rxvt"]),
        has_map: encoding != Encoding::Utf8 && is(&["linux"]),
    }
}

/// The terminal's screen; `W` gets one `write_all` for a frame that changes something and none for one that does not.
pub struct Wire<W: Write> {
    out: W,
    traits: Traits,
    /// The size last told, and the one that the two grids have.
    told: Size,
    size: Size,
    /// The frame that is to be shown, in the terms of what this terminal can show. It and `shown` have `size` cells:
    /// everything walks the rows, so no index leaves them.
    wanted: Vec<Cell>,
    shown: Vec<Cell>,
    /// The columns of each row in which the two may differ.
    touched: Vec<Range<u16>>,
    /// False before the first frame and after anything else may have written to the screen.
    known: bool,
    pen: Look,
    /// Where the cursor stands. The column past the last means: in this row, the column is not certain
    /// (a terminal that was just written to in its last column waits there with the line break).
    at: Position,
    cursor: Position,
    cursor_wanted: bool,
    cursor_shown: Option<bool>,
    bytes: Vec<u8>,
}

impl<W: Write> Wire<W> {
    /// For a screen of `size` whose contents are unknown.
    pub fn new(out: W, traits: Traits, size: Size) -> Wire<W> {
        let mut wire = Wire {
            out,
            traits,
            told: size,
            size: Size::ZERO,
            wanted: Vec::new(),
            shown: Vec::new(),
            touched: Vec::new(),
            known: false,
            pen: Look::PLAIN,
            at: Position::ORIGIN,
            cursor: Position::ORIGIN,
            cursor_wanted: true,
            cursor_shown: None,
            bytes: Vec::new(),
        };
        wire.fit();
        wire
    }

    /// Tells the size of the screen, in cells. After a change nothing is known of it: terminals differ in what they keep.
    pub fn set_size(&mut self, size: Size) {
        if size != self.told {
            self.told = size;
            self.repaint();
        }
    }

    /// Gives the grids the size last told. Not at once: a size that came and went between two frames must leave
    /// the wanted one whole, since only the rows that changed in it will be noted.
    fn fit(&mut self) {
        if self.size != self.told {
            self.size = self.told;
            let cells = usize::from(self.size.width) * usize::from(self.size.height);
            self.wanted = vec![Cell::EMPTY; cells];
            self.shown = vec![Cell::EMPTY; cells];
            self.touched = vec![0..self.size.width; usize::from(self.size.height)];
        }
    }

    /// Forgets what the screen shows: the next flush draws all of it anew.
    pub fn repaint(&mut self) {
        self.known = false;
        self.cursor_shown = None;
    }

    /// Sends `bytes` (modes to set) with the next frame, before it, in the same write.
    pub fn queue(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub fn get_ref(&self) -> &W {
        &self.out
    }

    /// The writer, to write what is not a frame.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    fn index(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.size.width) + usize::from(x)
    }

    /// Notes what a row shows in these of its columns; `cells` are those of the whole row. The one behind a wide character counts
    /// for nothing.
    pub fn row(&mut self, y: u16, columns: Range<u16>, cells: &[Cell]) {
        self.fit();
        if y >= self.size.height {
            return;
        }
        let (start, end) = (self.index(0, y), columns.end.min(self.size.width));
        let mut x = columns.start;
        while x < end {
            let cell = cells.get(usize::from(x)).unwrap_or(&Cell::EMPTY);
            let at = start + usize::from(x);
            // Most are as they were: what is wanted already is what it would be shown as.
            if cell.symbol().len() == 1 && alike(cell, &self.wanted[at]) {
                x += 1;
                continue;
            }
            let (symbol, width) = drawable(cell, end - x);
            let look = Look::shown(symbol, cell, self.traits.colours);
            let mut differs = shown_as(&mut self.wanted[at], symbol, look);
            for wanted in &mut self.wanted[at + 1..at + usize::from(width)] {
                differs |= shown_as(wanted, if symbol == "?" { " " } else { "" }, look);
            }
            if differs {
                let touched = &mut self.touched[usize::from(y)];
                let is_first = touched.start == touched.end;
                *touched = if is_first { x..x + width } else { touched.start.min(x)..touched.end.max(x + width) };
            }
            x += width;
        }
    }

    /// Notes where the cursor is; `None` hides it.
    pub fn cursor(&mut self, position: Option<Position>) {
        self.cursor_wanted = position.is_some();
        self.cursor = position.unwrap_or(self.cursor);
    }

    /// Writes the difference, if there is one; how many bytes it has. After an error nothing is known of the screen.
    pub fn flush(&mut self) -> io::Result<usize> {
        self.fit();
        self.render();
        let count = self.bytes.len();
        if count > 0 {
            let written = self.out.write_all(&self.bytes).and_then(|()| self.out.flush());
            self.bytes.clear();
            if written.is_err() {
                self.repaint();
            }
            written?;
        }
        Ok(count)
    }

    fn render(&mut self) {
        if !self.known {
            self.bytes.extend_from_slice(SETTLE);
            if !self.traits.has_map {
                self.bytes.extend_from_slice(ASCII_SET);
            }
            self.bytes.extend_from_slice(WIPE);
            self.shown.fill(Cell::EMPTY);
            self.touched.fill(0..self.size.width);
            self.pen = Look::PLAIN;
            self.at = Position::ORIGIN;
            self.known = true;
        }
        for y in 0..self.size.height {
            let touched = std::mem::take(&mut self.touched[usize::from(y)]);
            if touched.start < touched.end {
                self.render_row(y, touched);
            }
        }
        if self.cursor_wanted && self.size.width > 0 && self.size.height > 0 {
            self.go(self.cursor.x.min(self.size.width - 1), self.cursor.y.min(self.size.height - 1));
        }
        if self.cursor_shown != Some(self.cursor_wanted) {
            self.bytes.extend_from_slice(if self.cursor_wanted { b"\x1b[?25h" } else { b"\x1b[?25l" });
            self.cursor_shown = Some(self.cursor_wanted);
        }
    }

    fn render_row(&mut self, y: u16, touched: Range<u16>) {
        let (row, end) = (self.index(0, y), self.index(0, y) + usize::from(self.size.width));
        let (mut at, last) = (row + usize::from(touched.start), row + usize::from(touched.end));
        while let Some(changed) = (at..last).find(|&cell| self.differs(cell)) {
            // A half that changed alone (its character was broken) is mended by the whole.
            at = if is_half(&self.wanted[changed]) && changed > row { changed - 1 } else { changed };
            let x = (at - row) as u16;
            let alike = match blank(&self.wanted[at]) {
                true => (at..end).take_while(|&cell| alike(&self.wanted[cell], &self.wanted[at])).count(),
                false => 0,
            };
            at += usize::from(if alike > 0 && self.erase(x, y, alike, last) {
                // The whole stretch is done; what of it was blank before cost nothing more.
                alike as u16
            } else {
                self.write(x, y)
            });
        }
    }

    /// Erases the `alike` blank cells from (x, y) on, where that is shorter than writing spaces; false where not. From `last` on
    /// nothing has changed.
    fn erase(&mut self, x: u16, y: u16, alike: usize, last: usize) -> bool {
        let start = self.index(x, y);
        let span = self.changed(start, alike.min(last - start));
        let row_end = self.index(0, y) + usize::from(self.size.width);
        let to_the_end = start + alike == row_end;
        let bytes = if to_the_end { Way::command(0, b'K') } else { Way::command(span, b'X') };
        // After ECH the cursor has to be brought past the stretch, if something follows.
        let more = (start + alike..last).any(|cell| self.differs(cell));
        let cost = bytes.len() + if more { Way::command_length(span) } else { 0 };
        let coloured = self.wanted[start].bg != Look::PLAIN.bg;
        let able = (to_the_end || self.traits.erase) && (!coloured || self.traits.back_colour_erase);
        if !able || span <= cost {
            return false;
        }
        self.go(x, y);
        self.dress(start);
        self.bytes.extend_from_slice(&bytes);
        self.settle(start, span);
        true
    }

    /// How many cells of a stretch it takes to reach the last that changed.
    fn changed(&self, start: usize, alike: usize) -> usize {
        (0..alike).rev().find(|offset| self.differs(start + offset)).map_or(0, |last| last + 1)
    }

    fn differs(&self, cell: usize) -> bool {
        !alike(&self.shown[cell], &self.wanted[cell])
    }

    /// Writes the cell at (x, y); says how many columns that was.
    fn write(&mut self, x: u16, y: u16) -> u16 {
        let start = self.index(x, y);
        self.go(x, y);
        self.dress(start);
        let symbol = self.wanted[start].symbol();
        let columns = if symbol.len() == 1 { 1 } else { symbol.width() as u16 };
        self.bytes.extend_from_slice(symbol.as_bytes());
        self.at.x = x + columns;
        self.settle(start, usize::from(columns));
        columns
    }

    /// Notes that `count` cells from `start` on are as wanted.
    fn settle(&mut self, start: usize, count: usize) {
        let end = start + count;
        if !end.is_multiple_of(usize::from(self.size.width)) && is_half(&self.shown[end]) {
            self.shown[end] = BROKEN;
        }
        self.shown[start..end].clone_from_slice(&self.wanted[start..end]);
    }

    /// Changes the pen so that the cell can be written.
    fn dress(&mut self, cell: usize) {
        if let Some((bytes, pen)) = self.pen.change_for(&self.wanted[cell]) {
            self.bytes.extend_from_slice(&bytes);
            self.pen = pen;
        }
    }

    /// Moves the cursor by the shortest way. Never by LF: in a mode that others may have left, it returns to the first column.
    fn go(&mut self, x: u16, y: u16) {
        if self.at == (Position { x, y }) {
            return;
        }
        let (row, column) = (usize::from(y) + 1, usize::from(x) + 1);
        let rows = usize::from(y.abs_diff(self.at.y));
        let vertical = match rows {
            0 => Way::default(),
            _ if y > self.at.y => Way::command(rows, b'B'),
            _ => Way::command(rows, b'A'),
        };
        // The place itself, unless something else is shorter.
        let place = if x == 0 { Way::command_length(row) } else { Way::place_length(row, column) };
        let mut best = None;
        let mut length = place;
        if self.at.x < self.size.width {
            let way = vertical.and(&self.across(self.at.x, x, y));
            if way.len() < length {
                (best, length) = (Some(way), way.len());
            }
        }
        if 1 + vertical.len() + usize::from(x).min(Way::command_length(usize::from(x))) < length {
            let way = Way::of(b"\r").and(&vertical).and(&self.across(0, x, y));
            if way.len() < length {
                best = Some(way);
            }
        }
        let best = best.unwrap_or_else(|| if x == 0 { Way::command(row, b'H') } else { Way::place(row, column) });
        self.bytes.extend_from_slice(&best);
        self.at = Position { x, y };
    }

    /// The shortest way from one column to another within row `y`, which is as wanted left of both.
    fn across(&self, from: u16, to: u16, y: u16) -> Way {
        if to <= from {
            let back = usize::from(from - to);
            return if back == 0 { Way::default() } else { Way::repeat(8, back).or(Way::command(back, b'D')) };
        }
        let jump = Way::command(usize::from(to - from), b'C');
        let (start, end) = (self.index(from, y), self.index(to, y));
        // What stands between is written again where that is shorter; a wide character only whole.
        let whole = !is_half(&self.shown[start]) && !is_half(&self.shown[end]);
        let mut again = Way::default();
        for cell in &self.shown[start..end] {
            if !whole || again.len() >= jump.len() || !self.pen.writes(cell) {
                return jump;
            }
            again = again.and(cell.symbol().as_bytes());
        }
        jump.or(again)
    }
}

/// True for the second column of a wide character, which has no symbol.
fn is_half(cell: &Cell) -> bool {
    cell.symbol().is_empty()
}

/// What may be sent for a cell, and how many columns of the `room` left in the row it takes.
///
/// Texts are safe long before they come here; this is the last line of defence, so it names nothing: `?`.
fn drawable(cell: &Cell, room: u16) -> (&str, u16) {
    let symbol = cell.symbol();
    if symbol.is_empty() {
        return (" ", 1);
    }
    // One byte has one column, and most are that.
    if let [b' '..=b'~'] = symbol.as_bytes() {
        return (symbol, 1);
    }
    let mut symbols = symbol.chars();
    let sound = symbols.next().is_some_and(safe::allowed)
        && symbols.all(|after| safe::allowed(after) || safe::is_combining(after));
    // One byte has one column; ratatui asserts that it is no control character, so it is not asked.
    let (columns, width) = if symbol.len() == 1 { (1, 1) } else { (cell.cell_width().clamp(1, room), symbol.width()) };
    if sound && (1..=2).contains(&width) && width == usize::from(columns) { (symbol, columns) } else { ("?", columns) }
}
