//! A terminal's screen as an SVG picture, and several of them as one that moves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Pixels of one cell: a monospaced font of 14 pixels.
const CELL: (f32, f32) = (8.43, 17.0);

/// Around the screen, in pixels.
const MARGIN: f32 = 10.0;

/// The sixteen colours of a terminal, on a dark ground.
const PALETTE: [&str; 16] = [
    "#16181d", "#ff6b6b", "#8fce6e", "#e5c07b", "#6aa9f0", "#c792ea", "#5fd7e7", "#dcdfe4", "#868c98", "#ff8f8f",
    "#aee08f", "#f2d79c", "#8cc0f7", "#dab2f2", "#8ae6f2", "#ffffff",
];
const GROUND: &str = PALETTE[0];
const INK: &str = PALETTE[7];
const FAINT: &str = PALETTE[8];

/// What one frame shows.
pub struct Screen {
    /// Row by row.
    cells: Vec<Vec<vt100::Cell>>,
    /// Column and row, where it is shown.
    cursor: Option<(usize, usize)>,
}

impl Screen {
    pub fn of(screen: &vt100::Screen) -> Screen {
        let (rows, columns) = screen.size();
        let row = |row| (0..columns.get()).filter_map(|column| screen.cell(row, column).cloned()).collect();
        let (row_of_cursor, column) = screen.cursor_position();
        Screen {
            cells: (0..rows.get()).map(row).collect(),
            cursor: (!screen.hide_cursor()).then_some((column.into(), row_of_cursor.into())),
        }
    }
}

/// Text that looks alike, from a column on.
struct Run {
    column: usize,
    width: usize,
    text: String,
    ink: &'static str,
    ground: &'static str,
    style: String,
}

fn colour(of: vt100::Color, usual: &'static str) -> &'static str {
    match of {
        vt100::Color::Idx(number) => PALETTE.get(usize::from(number)).copied().unwrap_or(usual),
        _ => usual,
    }
}

fn looks(cell: &vt100::Cell) -> (&'static str, &'static str, String) {
    let usual = if cell.dim() { FAINT } else { INK };
    let (mut ink, mut ground) = (colour(cell.fgcolor(), usual), colour(cell.bgcolor(), GROUND));
    if cell.inverse() {
        (ink, ground) = (ground, ink);
    }
    let mut style = String::new();
    for (is_so, class) in [(cell.bold(), "b"), (cell.underline(), "u")] {
        if is_so {
            style += if style.is_empty() { "" } else { " " };
            style += class;
        }
    }
    (ink, ground, style)
}

fn runs(row: &[vt100::Cell], replaced: &[(String, String)]) -> Vec<Run> {
    let symbol = |cell: &vt100::Cell| if cell.has_contents() { cell.contents().to_owned() } else { " ".to_owned() };
    let symbols = replace(row.iter().map(symbol).collect(), replaced);
    let mut runs: Vec<Run> = vec![];
    for (column, (cell, symbol)) in row.iter().zip(symbols).enumerate() {
        let (mut ink, ground, mut style) = looks(cell);
        // Nobody sees what a blank would be written in, and what was there before may have left it.
        let is_blank = symbol == " ";
        if is_blank {
            (ink, style) = (INK, if cell.underline() { "u".to_owned() } else { String::new() });
        }
        let joins = |run: &&mut Run| match is_blank {
            true => run.ground == ground && run.style.contains('u') == cell.underline(),
            false => (run.ink, run.ground, &run.style) == (ink, ground, &style),
        };
        match runs.last_mut().filter(joins) {
            Some(run) => {
                run.text += &symbol;
                run.width += 1;
            }
            None => runs.push(Run { column, width: 1, text: symbol, ink, ground, style }),
        }
    }
    runs
}

/// What differs from run to run (an address, a folder) gives way to what is no longer; the cells that are left over go to where the
/// next gap is.
fn replace(mut symbols: Vec<String>, replaced: &[(String, String)]) -> Vec<String> {
    // How long something took.
    let text = symbols.concat();
    let mut took: Vec<(String, String)> = vec![];
    for (at, _) in text.match_indices(" ms") {
        let digits = text[..at].chars().rev().take_while(char::is_ascii_digit).count();
        if digits > 0 {
            took.push((text[at - digits..at + 3].to_owned(), "2 ms".to_owned()));
        }
    }
    let replaced = [replaced, &took].concat();
    let replaced = &replaced;
    for (from, to) in replaced {
        let from: Vec<String> = from.chars().map(String::from).collect();
        let mut at = 0;
        while let Some(found) =
            symbols.get(at..).and_then(|rest| rest.windows(from.len()).position(|piece| *piece == from))
        {
            let (start, end) = (at + found, at + found + from.len());
            let to: Vec<String> = to.chars().map(String::from).collect();
            let spare = from.len().checked_sub(to.len()).expect("what comes in its place is no longer");
            let is_gap =
                |place: usize| (place..place + 2).all(|place| symbols.get(place).is_none_or(|symbol| symbol == " "));
            let gap = (end..=symbols.len()).find(|place| is_gap(*place)).unwrap_or(symbols.len());
            symbols.splice(gap..gap, vec![" ".to_owned(); spare]);
            symbols.splice(start..end, to);
            at = start + 1;
        }
    }
    symbols
}

/// A row as SVG.
fn drawn(row: usize, runs: &[Run]) -> String {
    let mut svg = String::new();
    let top = MARGIN + row as f32 * CELL.1;
    let mut rect = |run: &Run| {
        let (left, wide) = (MARGIN + run.column as f32 * CELL.0, run.width as f32 * CELL.0);
        format!(
            "<rect x=\"{left:.1}\" y=\"{top:.0}\" width=\"{wide:.1}\" height=\"{:.0}\" fill=\"{}\"/>",
            CELL.1, run.ground
        )
    };
    svg.extend(runs.iter().filter(|run| run.ground != GROUND).map(&mut rect));
    for run in runs.iter().filter(|run| !run.text.trim().is_empty() || run.style.contains('u')) {
        let (left, wide) = (MARGIN + run.column as f32 * CELL.0, run.width as f32 * CELL.0);
        let class = if run.style.is_empty() { String::new() } else { format!(" class=\"{}\"", run.style) };
        let fill = if run.ink == INK { String::new() } else { format!(" fill=\"{}\"", run.ink) };
        let text = run.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let base = top + 13.0;
        write!(svg, "<text x=\"{left:.1}\" y=\"{base:.0}\"{class}{fill} textLength=\"{wide:.1}\">{text}</text>")
            .unwrap();
    }
    svg
}

fn cursor((column, row): (usize, usize)) -> String {
    let (left, top) = (MARGIN + column as f32 * CELL.0, MARGIN + row as f32 * CELL.1);
    format!(
        "<rect x=\"{left:.1}\" y=\"{top:.0}\" width=\"{:.1}\" height=\"{:.0}\" fill=\"{INK}\" opacity=\".45\"/>",
        CELL.0, CELL.1
    )
}

fn framed(screen: &Screen, title: &str, style: &str, body: &str) -> String {
    let (rows, columns) = (screen.cells.len() as f32, screen.cells[0].len() as f32);
    let (width, height) = (columns * CELL.0 + 2.0 * MARGIN, rows * CELL.1 + 2.0 * MARGIN);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" xml:space=\"preserve\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\" fill=\"{INK}\">\n<title>{title}</title>\n\
         <style>text{{white-space:pre}}.b{{font-weight:bold}}.u{{text-decoration:underline}}{style}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{GROUND}\"/>\n{body}</svg>\n"
    )
}

/// One screen.
pub fn still(screen: &Screen, title: &str, replaced: &[(String, String)]) -> String {
    let mut body = String::new();
    for (number, row) in screen.cells.iter().enumerate() {
        let row = drawn(number, &runs(row, replaced));
        if !row.is_empty() {
            body += &(row + "\n");
        }
    }
    body.extend(screen.cursor.map(|place| cursor(place) + "\n"));
    framed(screen, title, "", &body)
}

/// Screens of one size one after the other, each for so many seconds, round and round. A row that stays as it is is drawn once.
pub fn moving(frames: &[(Screen, f32)], title: &str, replaced: &[(String, String)]) -> String {
    let whole: f32 = frames.iter().map(|(_, seconds)| seconds).sum();
    // What is drawn, and in which frames.
    let mut pieces: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (number, (screen, _)) in frames.iter().enumerate() {
        let rows = screen.cells.iter().enumerate().map(|(at, row)| drawn(at, &runs(row, replaced)));
        for piece in rows.chain(screen.cursor.map(cursor)).filter(|piece| !piece.is_empty()) {
            pieces.entry(piece).or_default().insert(number);
        }
    }
    let mut shows: BTreeMap<BTreeSet<usize>, String> = BTreeMap::new();
    for (piece, when) in pieces {
        *shows.entry(when).or_default() += &piece;
    }
    let starts: Vec<f32> =
        frames.iter().scan(0.0, |at, (_, seconds)| Some(std::mem::replace(at, *at + seconds))).collect();
    let mut style = format!(
        "g{{animation-duration:{whole:.1}s;animation-iteration-count:infinite;animation-timing-function:step-end}}"
    );
    let mut body = String::new();
    for (number, (when, drawn)) in shows.iter().enumerate() {
        if when.len() == frames.len() {
            writeln!(body, "{drawn}").unwrap();
            continue;
        }
        write!(style, "@keyframes k{number}{{").unwrap();
        let mut shown = None;
        for (at, start) in starts.iter().enumerate() {
            let is_shown = when.contains(&at);
            if shown != Some(is_shown) {
                let to = if is_shown { "visible" } else { "hidden" };
                write!(style, "{:.2}%{{visibility:{to}}}", start / whole * 100.0).unwrap();
                shown = Some(is_shown);
            }
        }
        style.push('}');
        // Where nothing moves, the first frame stands.
        let usual = if when.contains(&0) { "" } else { " visibility=\"hidden\"" };
        writeln!(body, "<g style=\"animation-name:k{number}\"{usual}>{drawn}</g>").unwrap();
    }
    framed(&frames[0].0, title, &style, &body)
}
