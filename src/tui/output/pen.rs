//! The pen of the terminal: colours and modifiers, what of them a cell shows, and the shortest way between two.

use std::ops::Deref;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Modifiers that show on a space too.
const ON_BLANKS: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK);

/// Modifiers with the number that sets and the one that ends them; bold and dim end together.
const MODIFIERS: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// How what is written next will look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) fg: Color,
    pub(super) bg: Color,
    modifier: Modifier,
}

impl Look {
    pub(super) const PLAIN: Look = Look { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    pub(super) fn of(cell: &Cell) -> Look {
        Look { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// How this terminal will show a symbol in the cell's style; what does not show is left out, so that what looks alike is
    /// alike.
    pub(super) fn shown(symbol: &str, cell: &Cell, colours: bool) -> Look {
        let (fg, bg) = if colours { (named(cell.fg), named(cell.bg)) } else { (Color::Reset, Color::Reset) };
        if symbol == " " && !cell.modifier.intersects(ON_BLANKS) {
            return Look { bg, ..Look::PLAIN };
        }
        Look { fg, bg, modifier: cell.modifier }
    }

    /// True where the pen writes the cell as it should look. On a blank, only the background shows.
    pub(super) fn writes(self, cell: &Cell) -> bool {
        if cell.symbol().is_empty() {
            // The second column of a wide character comes with the first.
            true
        } else if blank(cell) {
            self.bg == cell.bg && !self.modifier.intersects(ON_BLANKS)
        } else {
            self == Look::of(cell)
        }
    }

    /// The bytes that make this pen write `cell`, and the pen that it is then; `None` where it does already.
    pub(super) fn change_for(self, cell: &Cell) -> Option<(Vec<u8>, Look)> {
        if self.writes(cell) {
            return None;
        }
        let wanted = Look::of(cell);
        let kept = Look { fg: self.fg, modifier: self.modifier - ON_BLANKS, ..wanted };
        let bytes = self.to(wanted);
        if blank(cell) {
            let shorter = self.to(kept);
            if shorter.len() < bytes.len() {
                return Some((shorter, kept));
            }
        }
        Some((bytes, wanted))
    }

    /// The shorter of changing what differs and beginning anew.
    fn to(self, wanted: Look) -> Vec<u8> {
        let changes = select(&self.changes(wanted));
        let mut numbers = vec![0];
        numbers.extend(Look::PLAIN.changes(wanted));
        let anew = select(&numbers);
        if anew.len() < changes.len() { anew } else { changes }
    }

    fn changes(self, wanted: Look) -> Vec<u8> {
        let mut numbers = Vec::new();
        let mut left = self.modifier;
        for (modifier, _, end) in MODIFIERS {
            if left.contains(modifier) && !wanted.modifier.contains(modifier) {
                numbers.push(end);
                let ended = MODIFIERS.iter().filter(|other| other.2 == end);
                ended.for_each(|other| left.remove(other.0));
            }
        }
        for (modifier, set, _) in MODIFIERS {
            if wanted.modifier.contains(modifier) && !left.contains(modifier) {
                numbers.push(set);
            }
        }
        if wanted.fg != self.fg {
            numbers.push(number(wanted.fg));
        }
        if wanted.bg != self.bg {
            numbers.push(number(wanted.bg) + 10);
        }
        numbers
    }
}

/// True for a space of which nothing but the background shows: what erasing can make.
pub(super) fn blank(cell: &Cell) -> bool {
    cell.symbol() == " " && !cell.modifier.intersects(ON_BLANKS)
}

/// True where two cells show the same. `==` would compare what no cell here has, too.
pub(super) fn alike(one: &Cell, other: &Cell) -> bool {
    same(one.symbol(), other.symbol()) && Look::of(one) == Look::of(other)
}

/// Nearly all symbols are a byte, which needs no call to be compared.
fn same(one: &str, other: &str) -> bool {
    match (one.as_bytes(), other.as_bytes()) {
        ([one], [other]) => one == other,
        (one, other) => one == other,
    }
}

/// Makes the cell show the symbol with this look; true where it showed something else.
pub(super) fn shown_as(cell: &mut Cell, symbol: &str, look: Look) -> bool {
    let differs = !same(cell.symbol(), symbol) || Look::of(cell) != look;
    if differs {
        cell.set_symbol(symbol);
        (cell.fg, cell.bg, cell.modifier) = (look.fg, look.bg, look.modifier);
    }
    differs
}

/// Only the sixteen colours of the person's own palette are used: on these a terminal's theme can be read.
fn named(colour: Color) -> Color {
    match colour {
        Color::Rgb(..) | Color::Indexed(_) => Color::Reset,
        named => named,
    }
}

/// The number that sets a colour as foreground; ten more as background.
fn number(colour: Color) -> u8 {
    match colour {
        Color::Black => 30,
        Color::Red => 31,
        Color::Green => 32,
        Color::Yellow => 33,
        Color::Blue => 34,
        Color::Magenta => 35,
        Color::Cyan => 36,
        Color::Gray => 37,
        Color::DarkGray => 90,
        Color::LightRed => 91,
        Color::LightGreen => 92,
        Color::LightYellow => 93,
        Color::LightBlue => 94,
        Color::LightMagenta => 95,
        Color::LightCyan => 96,
        Color::White => 97,
        Color::Reset | Color::Rgb(..) | Color::Indexed(_) => 39,
    }
}

/// SGR with these numbers; 0 may be left out.
fn select(numbers: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x1b[".to_vec();
    for (index, number) in numbers.iter().enumerate() {
        if index > 0 {
            bytes.push(b';');
        }
        if *number > 0 {
            bytes.extend_from_slice(&Way::default().number(usize::from(*number)));
        }
    }
    bytes.push(b'm');
    bytes
}

/// The bytes that move the cursor: few, so they need no memory of their own.
#[derive(Clone, Copy, Default)]
pub(super) struct Way {
    bytes: [u8; Way::MOST],
    length: usize,
}

impl Way {
    /// More than any way has that is worth going: CR, and two commands of at most six bytes.
    const MOST: usize = 32;

    pub(super) fn of(bytes: &[u8]) -> Way {
        Way::default().and(bytes)
    }

    /// So many times the same byte; of what is too long to be the shortest way, the beginning.
    pub(super) fn repeat(byte: u8, count: usize) -> Way {
        Way { bytes: [byte; Way::MOST], length: count.min(Way::MOST) }
    }

    /// `ESC [ count last`, without a count of 0 or 1, which is what leaving it out means.
    pub(super) fn command(count: usize, last: u8) -> Way {
        let way = Way::of(b"\x1b[");
        (if count > 1 { way.number(count) } else { way }).and(&[last])
    }

    /// How long that is.
    pub(super) fn command_length(count: usize) -> usize {
        if count > 1 { 3 + digits(count) } else { 3 }
    }

    /// How long [`Way::place`] is.
    pub(super) fn place_length(row: usize, column: usize) -> usize {
        4 + digits(row) + digits(column)
    }

    /// The command that goes to a row and a column, counted from 1.
    pub(super) fn place(row: usize, column: usize) -> Way {
        Way::of(b"\x1b[").number(row).and(b";").number(column).and(b"H")
    }

    fn number(self, number: usize) -> Way {
        let digit = [b'0' + (number % 10) as u8];
        if number < 10 { self.and(&digit) } else { self.number(number / 10).and(&digit) }
    }

    /// This way, and then the other.
    pub(super) fn and(mut self, more: &[u8]) -> Way {
        let more = &more[..more.len().min(Way::MOST - self.length)];
        self.bytes[self.length..self.length + more.len()].copy_from_slice(more);
        self.length += more.len();
        self
    }

    /// The shorter of the two; this one where they are equally long.
    pub(super) fn or(self, other: Way) -> Way {
        if other.length < self.length { other } else { self }
    }
}

fn digits(number: usize) -> usize {
    match number {
        0..10 => 1,
        10..100 => 2,
        number => 2 + digits(number / 100),
    }
}

impl Deref for Way {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}
