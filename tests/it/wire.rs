//! What a terminal emulator shows after the bytes of the form's backend, against the buffer that was drawn.

use std::io::{self, Write};
use std::num::NonZeroU16;

use balcao_config::text::encoding::Encoding;
use balcao_config::tui::output::{Traits, Wire, traits_of};
use proptest::collection::vec;
use proptest::prelude::*;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::{Color, Modifier, Style};

/// Keeps what was written, and in how many writes.
#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
    writes: usize,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        self.writes += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One thing drawn: where, what, how.
#[derive(Clone, Debug)]
struct Stroke {
    x: u16,
    y: u16,
    text: String,
    style: Style,
}

#[derive(Clone, Debug)]
enum Step {
    Frame {
        strokes: Vec<Stroke>,
        cursor: Option<(u16, u16)>,
    },
    Resize(u16, u16),
    /// A size that came and went before a frame was drawn.
    Wink(u16, u16),
    /// Something else wrote to the screen.
    Scribble(String),
}

fn style() -> impl Strategy<Value = Style> {
    let colours = [
        Color::Reset,
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Gray,
        Color::DarkGray,
        Color::LightBlue,
        Color::White,
    ];
    let modifiers =
        [Modifier::empty(), Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED];
    let colour = || prop_oneof![2 => Just(Color::Reset), 1 => prop::sample::select(colours.to_vec())];
    let modifier = prop::sample::select(modifiers.to_vec());
    (colour(), colour(), modifier.clone(), modifier).prop_map(|(fg, bg, one, other)| {
        let both = one | other;
        // The emulator knows bold and dim only one at a time.
        let both = if both.contains(Modifier::BOLD | Modifier::DIM) { Modifier::BOLD } else { both };
        Style::new().fg(fg).bg(bg).remove_modifier(Modifier::all()).add_modifier(both)
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z ]{1,20}",
        2 => " {1,60}",
        2 => ("[─a=│ ]", 1usize..60).prop_map(|(symbol, times)| symbol.repeat(times)),
        2 => "[é日本€●✓ e\u{301}]{1,12}",
        1 => "[日]{1,30}",
    ]
}

fn stroke() -> impl Strategy<Value = Stroke> {
    (0u16..62, 0u16..21, text(), style()).prop_map(|(x, y, text, style)| Stroke { x, y, text, style })
}

fn step() -> impl Strategy<Value = Step> {
    let size = || prop_oneof![1 => 1u16..4, 3 => 4u16..61];
    let rows = || prop_oneof![1 => 1u16..4, 3 => 4u16..21];
    prop_oneof![
        12 => (vec(stroke(), 0..12), prop::option::of((0u16..64, 0u16..22)))
            .prop_map(|(strokes, cursor)| Step::Frame { strokes, cursor }),
        1 => (size(), rows()).prop_map(|(width, height)| Step::Resize(width, height)),
        1 => (size(), rows()).prop_map(|(width, height)| Step::Wink(width, height)),
        1 => "[a-z\r\n]{1,40}".prop_map(Step::Scribble),
    ]
}

fn count(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

/// The emulator's colour for one of ratatui's.
fn emulated(colour: Color) -> vt100::Color {
    let named = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match named.iter().position(|other| *other == colour) {
        Some(index) => vt100::Color::Idx(index as u8),
        None => vt100::Color::Default,
    }
}

/// Compares every cell in all that can be seen of it; on a blank, neither its colour nor its weight can.
fn assert_same(buffer: &Buffer, screen: &vt100::Screen, traits: Traits) {
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let (wanted, shown) = (&buffer[(x, y)], screen.cell(y, x).unwrap());
            let at = format!("({x}, {y}) wants {wanted:?}, shows {shown:?}");
            let contents = if shown.has_contents() { shown.contents() } else { " " };
            assert_eq!(contents, wanted.symbol(), "{at}");
            assert_eq!(shown.inverse(), wanted.modifier.contains(Modifier::REVERSED), "{at}");
            assert_eq!(shown.underline(), wanted.modifier.contains(Modifier::UNDERLINED), "{at}");
            let colour = |colour| if traits.colours { emulated(colour) } else { vt100::Color::Default };
            assert_eq!(shown.bgcolor(), colour(wanted.bg), "{at}");
            let decorated = wanted.modifier.intersects(Modifier::REVERSED | Modifier::UNDERLINED);
            if wanted.symbol() != " " || decorated {
                assert_eq!(shown.fgcolor(), colour(wanted.fg), "{at}");
                assert_eq!(shown.bold(), wanted.modifier.contains(Modifier::BOLD), "{at}");
                assert_eq!(shown.dim(), wanted.modifier.contains(Modifier::DIM), "{at}");
                assert_eq!(shown.italic(), wanted.modifier.contains(Modifier::ITALIC), "{at}");
            }
            let columns = wanted.cell_width().max(1);
            assert_eq!(shown.is_wide(), columns == 2, "{at}");
            x += columns;
        }
    }
}

fn play(traits: Traits, width: u16, height: u16, steps: &[Step]) {
    let mut emulator = vt100::Parser::new(count(height), count(width), 0);
    emulator.process(b"left over\x1b[7;33m from before");
    let mut wire = Wire::new(Line::default(), traits, Size::new(width, height));
    let mut before = None;
    let mut size = Size::new(width, height);
    for step in steps {
        match step {
            Step::Resize(width, height) => {
                size = Size::new(*width, *height);
                emulator.set_size(count(*height), count(*width));
                wire.set_size(size);
            }
            Step::Wink(width, height) => {
                for passing in [Size::new(*width, *height), size] {
                    emulator.set_size(count(passing.height), count(passing.width));
                    wire.set_size(passing);
                }
            }
            Step::Scribble(noise) => {
                emulator.process(noise.as_bytes());
                wire.repaint();
            }
            Step::Frame { .. } => {}
        }
        let (strokes, cursor) = match step {
            Step::Frame { strokes, cursor } => (strokes.as_slice(), *cursor),
            _ => (&[][..], Some((0, 0))),
        };
        let mut buffer = Buffer::empty(Rect::new(0, 0, size.width, size.height));
        for stroke in strokes {
            if stroke.x < size.width && stroke.y < size.height {
                buffer.set_string(stroke.x, stroke.y, &stroke.text, stroke.style);
            }
        }
        // Only what changed is noted.
        let rows = buffer.content.chunks(usize::from(size.width));
        for (y, row) in (0..).zip(rows) {
            let shown = before.as_ref().filter(|before: &&Buffer| before.area == buffer.area);
            if shown.is_none_or(|before| before.content.chunks(row.len()).nth(usize::from(y)) != Some(row)) {
                wire.row(y, 0..size.width, row);
            }
        }
        before = Some(buffer.clone());
        wire.cursor(cursor.map(|(x, y)| Position { x, y }));
        wire.flush().unwrap();
        let line = std::mem::take(wire.get_mut());
        assert!(line.writes <= 1, "{} writes for one frame", line.writes);
        emulator.process(&line.bytes);
        let screen = emulator.screen();
        assert_same(&buffer, screen, traits);
        assert_eq!(screen.hide_cursor(), cursor.is_none());
        if let Some((x, y)) = cursor {
            assert_eq!(screen.cursor_position(), (y.min(size.height - 1), x.min(size.width - 1)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn the_screen_equals_the_buffer_after_every_frame(
        term in prop::sample::select(vec!["xterm-256color", "linux", "screen", "tmux-256color", "vt100", "alacritty"]),
        no_colour in any::<bool>(),
        width in 1u16..61,
        height in 1u16..21,
        steps in vec(step(), 1..12),
    ) {
        play(traits_of(term, no_colour, Encoding::Utf8), width, height, &steps);
    }
}

#[test]
fn rows_that_scroll_or_break_a_line_stay_where_they_are() {
    let full = |symbol: &str| Step::Frame {
        strokes: (0..3).map(|y| Stroke { x: 0, y, text: symbol.repeat(10), style: Style::new() }).collect(),
        cursor: Some((9, 2)),
    };
    for term in ["xterm", "vt100"] {
        play(
            traits_of(term, false, Encoding::Utf8),
            10,
            3,
            &[full("a"), full("─"), full("日"), full("b"), full(" "), full("日")],
        );
        play(traits_of(term, false, Encoding::Utf8), 1, 1, &[full("a"), full(" "), full("b")]);
    }
}
