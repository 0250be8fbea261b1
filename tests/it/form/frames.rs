//! What is left of a frame when the next one writes only what changed: the same screen as one drawn from nothing.

use std::io::{self, Write};
use std::num::NonZeroU16;
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
use balcao_config::text::encoding::Encoding;
use balcao_config::tui::Setup;
use balcao_config::tui::event::Event;
use balcao_config::tui::input::Input;
use balcao_config::tui::keymap::BINDINGS;
use balcao_config::tui::model::Model;
use balcao_config::tui::output::{Wire, traits_of};
use balcao_config::tui::theme::{Charset, Theme};
use balcao_config::tui::update;
use balcao_config::tui::view::View;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::layout::Size;

/// A terminal that can be looked at.
struct Paper(vt100::Parser);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.process(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn wire((width, height): (u16, u16)) -> Wire<Paper> {
    let cells = |count| NonZeroU16::new(count).unwrap();
    let paper = Paper(vt100::Parser::new(cells(height), cells(width), 0));
    Wire::new(paper, traits_of("xterm-256color", false, Encoding::Utf8), Size::new(width, height))
}

/// All that can be seen: the cells with their looks, and the cursor.
fn seen(wire: &Wire<Paper>) -> (String, Option<(u16, u16)>) {
    let screen = wire.get_ref().0.screen();
    let (rows, columns) = screen.size();
    let places = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
    let cell = |(row, column)| {
        let cell = screen.cell(row, column).unwrap();
        let text = if cell.has_contents() { cell.contents() } else { " " };
        // Of a blank, neither its colour nor its weight can be seen.
        let looks = (text != " ").then(|| (cell.fgcolor(), cell.bold(), cell.dim()));
        format!("{text}{looks:?}{:?}", (cell.inverse(), cell.bgcolor()))
    };
    (places.map(cell).collect(), (!screen.hide_cursor()).then(|| screen.cursor_position()))
}

#[derive(Clone, Debug)]
enum Step {
    Key(KeyCode, KeyModifiers),
    /// The same while keys repeat.
    Held(KeyCode, KeyModifiers),
    Resized(u16, u16),
}

fn step() -> impl Strategy<Value = Step> {
    let bound: Vec<_> = BINDINGS.iter().flat_map(|row| row.keys).map(|key| (key.1, key.0)).collect();
    let arrows = [KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right, KeyCode::PageDown];
    let arrow = || prop::sample::select(arrows.to_vec()).prop_map(|code| (code, KeyModifiers::NONE));
    let typed = prop::sample::select("01579.ax é".chars().collect::<Vec<_>>());
    let key = prop_oneof![
        3 => prop::sample::select(bound),
        3 => typed.prop_map(|letter| (KeyCode::Char(letter), KeyModifiers::NONE)),
        3 => arrow(),
    ];
    prop_oneof![
        8 => key.prop_map(|(code, modifiers)| Step::Key(code, modifiers)),
        6 => arrow().prop_map(|(code, modifiers)| Step::Held(code, modifiers)),
        1 => (20u16..130, 8u16..45).prop_map(|(width, height)| Step::Resized(width, height)),
    ]
}

fn model() -> Model {
    let setup = Setup {
        lang: Lang::Pt,
        theme: Theme::new(Charset::Rich, true, None),
        check: Options::default(),
        location: Location::nowhere(Path::new("/nowhere/config.json")),
        saver: Arc::default(),
        locations: DraftLocations::default(),
        editor: Editor::of(&|_| None),
        search: |_, _, _| None,
        catalog: None,
    };
    let text = br#"{"version": 1, "integracao": {"porta_banco_dados": 5433, "porta_integracao_clientes": "x"}}"#;
    let session = Session::parse(Path::new("/nowhere/config.json"), text, Arc::new(Catalog::built_in())).unwrap();
    Model::new(setup, Opened { session, denied: None, left: Left::default() }, (80, 24))
}

#[test]
fn where_ctrl_s_is_the_lines_the_keys_do_not_list_it() {
    for is_the_lines in [false, true] {
        let (mut model, mut screen) = (model(), wire((80, 24)));
        model.has_flow_control = is_the_lines;
        for _ in 0..2 {
            update::update(&mut model, Event::Input(Input::Key(KeyEvent::new(KeyCode::F(1), KeyModifiers::NONE))));
        }
        let page = View::default().compose(&model, true);
        View::default().show(page, &mut screen).unwrap();
        let shown = screen.get_ref().0.screen().contents();
        assert!(shown.contains("Teclas") && shown.contains("^S") != is_the_lines, "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_screen_drawn_bit_by_bit_is_the_one_drawn_at_once(steps in prop::collection::vec(step(), 1..40)) {
        let (mut model, mut view, mut screen) = (model(), View::default(), wire((80, 24)));
        for step in steps {
            let (event, calm) = match step {
                Step::Key(code, modifiers) => (Event::Input(Input::Key(KeyEvent::new(code, modifiers))), true),
                Step::Held(code, modifiers) => (Event::Input(Input::Key(KeyEvent::new(code, modifiers))), false),
                Step::Resized(width, height) => {
                    screen.get_mut().0.set_size(NonZeroU16::new(height).unwrap(), NonZeroU16::new(width).unwrap());
                    screen.set_size(Size::new(width, height));
                    (Event::Resized(width, height), true)
                }
            };
            // What is to be done besides (saving, testing) is left undone: its dialogs stay.
            update::update(&mut model, event);
            prop_assert_eq!(&model.findings, &model.session.findings());
            prop_assert_eq!(&model.requests, &model.session.requests());
            let page = view.compose(&model, calm);
            model.scrolled(page.scroll);
            view.show(page, &mut screen).unwrap();
            if calm {
                let (mut anew, mut fresh) = (View::default(), wire(model.size));
                let page = anew.compose(&model, true);
                prop_assert_eq!(page.scroll, model.scroll);
                anew.show(page, &mut fresh).unwrap();
                prop_assert_eq!(seen(&screen), seen(&fresh));
            }
        }
    }
}
