//! Draws the form as an SVG picture, from the program itself: `cargo run --example picture > docs/form.svg`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use balcao_config::catalog::Catalog;
use balcao_config::check::Options;
use balcao_config::document::Location;
use balcao_config::document::draft::DraftLocations;
use balcao_config::lang::Lang;
use balcao_config::session::Session;
use balcao_config::session::opened::{Left, Opened};
use balcao_config::session::reports::Editor;
use balcao_config::tui::Setup;
use balcao_config::tui::model::Model;
use balcao_config::tui::theme::{Charset, Palette, Theme};
use balcao_config::tui::view::View;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

/// Pixels of one cell: a monospaced font of 14 pixels.
const CELL: (f32, f32) = (8.43, 17.0);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = Path::new("/etc/gestor-balcao/config.json");
    let text = br#"{"version": 1, "integracao": {"ip_servidor_retaguarda": "192.168.0.10"}}"#;
    let catalog = Arc::new(Catalog::built_in());
    let session = Session::parse(path, text, catalog).map_err(|_| "the example document does not parse")?;
    let setup = Setup {
        lang: Lang::Pt,
        theme: Theme::new(Charset::Rich, true).with(Palette::Dark),
        check: Options::default(),
        location: Location::nowhere(path),
        saver: Arc::default(),
        locations: DraftLocations::default(),
        editor: Editor::of(&|_| None),
        search: |_, _, _| None,
        catalog: None,
    };
    let model = Model::new(setup, Opened { session, denied: None, left: Left::default() }, (80, 24));
    let page = View::default().compose(&model, true);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
    for (y, row) in (0..).zip(buffer.content.chunks_mut(80)) {
        page.paint(y, 0..80, row);
    }
    std::io::stdout().write_all(svg(&buffer).as_bytes())?;
    Ok(())
}

fn svg(buffer: &Buffer) -> String {
    let (width, height) = (f32::from(buffer.area.width) * CELL.0 + 16.0, f32::from(buffer.area.height) * CELL.1 + 16.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#16181d\"/>\n"
    );
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let first = &buffer[(x, y)];
            let mut text = String::new();
            let start = x;
            while x < buffer.area.width && looks(&buffer[(x, y)]) == looks(first) {
                text.push_str(buffer[(x, y)].symbol());
                x += 1;
            }
            run(&mut svg, start, y, &text, first);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn looks(cell: &Cell) -> (Color, Modifier) {
    (cell.fg, cell.modifier)
}

fn run(svg: &mut String, x: u16, y: u16, text: &str, cell: &Cell) {
    let (left, top) = (8.0 + f32::from(x) * CELL.0, 8.0 + f32::from(y) * CELL.1);
    let long = text.chars().count() as f32 * CELL.0;
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    let colour = match (cell.fg, cell.modifier) {
        _ if reversed => "#16181d",
        (Color::Cyan, _) => "#5fd7e7",
        (Color::LightYellow, _) => "#e5c07b",
        (Color::Green, _) => "#8fce6e",
        (Color::LightRed, _) => "#ff6b6b",
        (_, modifier) if modifier.contains(Modifier::DIM) => "#868c98",
        _ => "#dcdfe4",
    };
    if reversed {
        let _ = writeln!(
            svg,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{long:.1}\" height=\"{}\" fill=\"#dcdfe4\"/>",
            CELL.1
        );
    }
    if cell.modifier.contains(Modifier::UNDERLINED) {
        let under = top + CELL.1 - 1.5;
        let _ = writeln!(svg, "<path d=\"M{left:.1} {under:.1}h{long:.1}\" stroke=\"{colour}\"/>");
    }
    if text.trim().is_empty() {
        return;
    }
    let weight = if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(
        svg,
        "<text x=\"{left:.1}\" y=\"{:.1}\" fill=\"{colour}\"{weight} textLength=\"{long:.1}\" xml:space=\"preserve\">{text}</text>",
        top + 13.0
    );
}
