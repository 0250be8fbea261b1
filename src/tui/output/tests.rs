//! What frames cost, and what they leave on the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::*;

const SIZE: Size = Size::new(80, 24);

/// Counts writes, so that one frame in two pieces is seen.
#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
    writes: usize,
    broken: bool,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.bytes.extend_from_slice(bytes);
        self.writes += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Screen(Wire<Line>);

impl Screen {
    fn new(term: &str) -> Screen {
        Screen(Wire::new(Line::default(), traits_of(term, false, Encoding::Utf8), SIZE))
    }

    /// What one frame of these strokes sends.
    fn frame(&mut self, strokes: &[(u16, u16, &str, Style)], cursor: Option<(u16, u16)>) -> String {
        self.draw(strokes);
        self.0.cursor(cursor.map(|(x, y)| Position { x, y }));
        self.0.flush().unwrap();
        let line = std::mem::take(self.0.get_mut());
        assert_eq!(line.writes, usize::from(!line.bytes.is_empty()));
        String::from_utf8(line.bytes).unwrap()
    }

    fn draw(&mut self, strokes: &[(u16, u16, &str, Style)]) {
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.width, SIZE.height));
        for (x, y, text, style) in strokes {
            buffer.set_string(*x, *y, text, *style);
        }
        for (y, row) in (0..).zip(buffer.content.chunks(usize::from(SIZE.width))) {
            self.0.row(y, 0..SIZE.width, row);
        }
    }
}

/// What the second frame sends after the first.
fn second(term: &str, first: &[(u16, u16, &str, Style)], second: &[(u16, u16, &str, Style)]) -> String {
    let mut screen = Screen::new(term);
    screen.frame(first, None);
    screen.frame(second, None)
}

fn plain() -> Style {
    Style::new()
}

#[test]
fn a_frame_that_changes_nothing_writes_nothing() {
    let mut screen = Screen::new("xterm");
    let strokes = [(3, 3, "Porta", plain().bold()), (3, 4, "5432", plain())];
    assert!(!screen.frame(&strokes, Some((7, 4))).is_empty());
    assert_eq!(screen.frame(&strokes, Some((7, 4))), "");
}

#[test]
fn a_typed_character_costs_itself() {
    let mut screen = Screen::new("xterm");
    let field = plain().add_modifier(Modifier::UNDERLINED);
    screen.frame(&[(0, 0, "Configuração", plain().bold()), (4, 9, "543   ", field)], Some((7, 9)));
    let first = screen.frame(&[(0, 0, "Configuração", plain().bold()), (4, 9, "5432  ", field)], Some((8, 9)));
    assert!(first.len() <= 12, "{first:?}");
    let next = screen.frame(&[(0, 0, "Configuração", plain().bold()), (4, 9, "54321 ", field)], Some((9, 9)));
    assert_eq!(next, "1");
}

#[test]
fn a_deleted_character_costs_a_step_back() {
    let mut screen = Screen::new("xterm");
    screen.frame(&[(4, 9, "5432", plain())], Some((8, 9)));
    assert_eq!(screen.frame(&[(4, 9, "543", plain())], Some((7, 9))), "\x08 \x08");
}

#[test]
fn a_moved_cursor_costs_only_the_way() {
    let mut screen = Screen::new("xterm");
    screen.frame(&[(0, 0, "abc", plain())], Some((3, 0)));
    let cases = [
        ((2, 0), "\x08"),
        ((0, 0), "\r"),
        ((2, 0), "ab"),
        ((0, 2), "\x1b[3H"),
        ((40, 2), "\x1b[40C"),
        ((40, 1), "\x1b[A"),
    ];
    for (at, bytes) in cases {
        assert_eq!(screen.frame(&[(0, 0, "abc", plain())], Some(at)), bytes, "to {at:?}");
    }
}

#[test]
fn the_cursor_is_shown_and_hidden_on_change_only() {
    let mut screen = Screen::new("xterm");
    assert!(screen.frame(&[], None).ends_with("\x1b[?25l"));
    assert_eq!(screen.frame(&[], None), "");
    assert_eq!(screen.frame(&[], Some((0, 0))), "\x1b[?25h");
    assert_eq!(screen.frame(&[], Some((0, 0))), "");
    assert_eq!(screen.frame(&[], None), "\x1b[?25l");
}

#[test]
fn blanks_are_erased_where_that_is_shorter_and_the_terminal_can() {
    let text = [(0, 0, "abcdefghijklmnopqrstuvwxyz", plain())];
    let kept = [(0, 0, "ab", plain()), (20, 0, "uvwxyz", plain())];
    assert_eq!(second("xterm", &text, &[]), "\r\x1b[K");
    assert_eq!(second("vt100", &text, &[]), "\r\x1b[K");
    assert_eq!(second("xterm", &text, &kept), "\rab\x1b[18X");
    assert_eq!(second("vt100", &text, &kept), format!("\rab{}", " ".repeat(18)));
    let red = Style::new().bg(Color::Red);
    let bar = " ".repeat(80);
    assert_eq!(second("xterm", &[], &[(0, 0, &bar, red)]), "\x1b[41m\x1b[K");
    let spelled = second("alacritty", &[], &[(0, 0, &bar, red)]);
    assert_eq!(spelled, format!("\x1b[41m{bar}"), "no erasing in colour without the trait");
}

#[test]
fn the_pen_changes_by_the_shorter_way_and_only_where_it_shows() {
    let bold = plain().bold();
    let red = plain().fg(Color::Red);
    let changes = |strokes: &[(u16, u16, &str, Style)]| second("xterm", &[], strokes);
    assert_eq!(changes(&[(0, 0, "a", bold), (1, 0, "b", plain())]), "\x1b[1ma\x1b[mb");
    assert_eq!(changes(&[(0, 0, "a", bold), (1, 0, " ", red), (2, 0, "b", bold)]), "\x1b[1ma b");
    assert_eq!(
        changes(&[(0, 0, "a", bold.fg(Color::Red)), (1, 0, "b", bold.fg(Color::LightBlue))]),
        "\x1b[1;31ma\x1b[94mb"
    );
    let many = bold.fg(Color::Red).bg(Color::Blue).italic();
    assert_eq!(changes(&[(0, 0, "a", many), (1, 0, "b", red)]), "\x1b[1;3;31;44ma\x1b[;31mb");
    assert_eq!(changes(&[(0, 0, "a", bold.dim()), (1, 0, "b", bold)]), "\x1b[1;2ma\x1b[;1mb");
    let other = plain().add_modifier(Modifier::HIDDEN | Modifier::CROSSED_OUT | Modifier::SLOW_BLINK);
    assert_eq!(changes(&[(0, 0, "a", other)]), "\x1b[5;8;9ma");
}

#[test]
fn colours_are_the_sixteen_or_none() {
    let style = Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::Indexed(200));
    assert_eq!(second("xterm", &[], &[(0, 0, "a", style)]), "a");
    assert_eq!(second("vt100", &[], &[(0, 0, "a", plain().red().bold())]), "\x1b[1ma");
    assert!(!traits_of("xterm-256color", true, Encoding::Utf8).colours);
}

#[test]
fn traits_follow_the_terminal_type() {
    let cases = [
        ("xterm", (true, true, true)),
        ("xterm-256color", (true, true, true)),
        ("xterm-kitty", (true, true, false)),
        ("linux", (true, true, true)),
        ("rxvt-unicode-256color", (true, true, true)),
        ("tmux-256color", (true, true, false)),
        ("screen-256color", (true, false, false)),
        ("vt100", (false, false, false)),
        ("vt220", (false, false, false)),
        ("dumb", (false, false, false)),
        ("", (false, false, false)),
    ];
    for (term, (colours, erase, back_colour_erase)) in cases {
        assert_eq!(
            traits_of(term, false, Encoding::Utf8),
            Traits { colours, erase, back_colour_erase, has_map: false },
            "{term}"
        );
    }
}

#[test]
fn nothing_that_drives_a_terminal_is_sent_from_a_cell() {
    let mut wire = Wire::new(Line::default(), traits_of("xterm", false, Encoding::Utf8), SIZE);
    wire.flush().unwrap();
    wire.get_mut().bytes.clear();
    let symbols =
        ["\x1b", "\x1b[2J", "\u{9b}", "\u{202e}", "a\u{200b}", "\n", "\u{7f}", "\u{301}", "", "e\u{301}", "日"];
    let cells: Vec<Cell> = symbols
        .iter()
        .map(|symbol| {
            let mut cell = Cell::EMPTY;
            cell.set_symbol(symbol);
            cell
        })
        .collect();
    for (y, cell) in (0..).zip(cells) {
        wire.row(y, 0..80, &[vec![Cell::EMPTY; 79], vec![cell]].concat());
    }
    wire.flush().unwrap();
    let sent = String::from_utf8(wire.get_ref().bytes.clone()).unwrap();
    assert_eq!(sent.matches('?').count(), 9 + sent.matches("[?").count(), "{sent:?}");
    assert!(
        !sent.contains(['\u{9b}', '\u{202e}', '\u{200b}', '\u{7f}', '日']) && sent.contains("e\u{301}"),
        "{sent:?}"
    );
    assert!(!sent.contains("\x1b[2J"), "{sent:?}");
}

#[test]
fn queued_bytes_travel_with_the_next_frame_in_one_write() {
    let mut wire = Wire::new(Line::default(), traits_of("xterm", false, Encoding::Utf8), SIZE);
    wire.queue(b"\x1b[?1049h");
    wire.flush().unwrap();
    assert!(wire.get_ref().bytes.starts_with(&[b"\x1b[?1049h", SETTLE, ASCII_SET, WIPE].concat()));
    assert_eq!(wire.get_ref().writes, 1);
}

#[test]
fn the_map_of_a_console_that_shows_no_utf8_is_left_alone() {
    let sends = |term, encoding| {
        let mut wire = Wire::new(Line::default(), traits_of(term, false, encoding), SIZE);
        wire.flush().unwrap();
        wire.get_ref().bytes.windows(ASCII_SET.len()).any(|bytes| bytes == ASCII_SET)
    };
    assert!(!sends("linux", Encoding::Latin1) && sends("linux", Encoding::Utf8) && sends("xterm", Encoding::Latin1));
}

#[test]
fn after_a_failed_write_the_whole_screen_is_sent_again() {
    let mut screen = Screen::new("xterm");
    screen.frame(&[(0, 0, "abc", plain())], None);
    screen.0.get_mut().broken = true;
    screen.draw(&[(0, 0, "abd", plain())]);
    assert!(screen.0.flush().is_err());
    screen.0.get_mut().broken = false;
    assert!(screen.frame(&[(0, 0, "abd", plain())], None).contains("\x1b[m\x1b[H\x1b[Jabd"));
}

#[test]
fn screens_of_no_size_are_drawn_without_a_panic() {
    for size in [Size::new(0, 0), Size::new(0, 5), Size::new(5, 0), Size::new(1, 1)] {
        let mut wire = Wire::new(Line::default(), traits_of("xterm", false, Encoding::Utf8), size);
        for y in [0, 7] {
            wire.row(y, 0..9, &[Cell::new("a"), Cell::new("日")]);
        }
        wire.cursor(Some(Position { x: 9, y: 9 }));
        wire.flush().unwrap();
    }
}

/// A screen like the form's, as text.
const FORM: &str = include_str!("form.txt");

#[test]
fn a_first_screen_stays_within_its_bytes() {
    let mut strokes: Vec<(u16, u16, &str, Style)> =
        FORM.lines().enumerate().map(|(row, line)| (0, row as u16, line, plain())).collect();
    strokes.push((0, 0, "Gestor Balcão", plain().bold()));
    strokes.push((31, 4, "192.168.0.10", plain().add_modifier(Modifier::UNDERLINED)));
    let sent = Screen::new("xterm-256color").frame(&strokes, Some((43, 4)));
    let drawn: usize = FORM.lines().map(|line| line.trim_end().len()).sum();
    assert!(sent.len() <= 2300 && sent.len() < drawn + 100, "{} bytes for {drawn}", sent.len());
}
