//! The form and its dialogs at every size, in both languages, with colours, without, and in ASCII: a file each, to be looked at.

use std::fmt::Write as _;
use std::fs;

use balcao_config::lang::Lang;
use balcao_config::tui::theme::Charset;
use serde_json::json;

use super::{PORT, drafts};
use crate::history::{PORT as KEY, open, saver, set};
use crate::journey::{Journey, Opening};

/// Keys, and what shows that they were answered, where that comes from a disk.
type Step = (&'static str, &'static str);

/// A size, a language, characters, a theme.
type Manner = ((u16, u16), Lang, Charset, Option<&'static str>);

/// What every scene is shown in.
const MANNERS: [Manner; 10] = [
    ((80, 24), Lang::Pt, Charset::Rich, Some("dark")),
    ((80, 24), Lang::Pt, Charset::Ascii, Some("mono")),
    ((80, 24), Lang::En, Charset::Rich, None),
    ((40, 12), Lang::Pt, Charset::Rich, None),
    ((40, 12), Lang::En, Charset::Ascii, None),
    ((120, 40), Lang::Pt, Charset::Rich, None),
    ((120, 40), Lang::En, Charset::Rich, None),
    ((200, 50), Lang::Pt, Charset::Rich, None),
    ((200, 50), Lang::En, Charset::Rich, None),
    ((100, 30), Lang::Pt, Charset::Rich, None),
];

fn scene(name: &str, opening: impl Fn() -> Opening, steps: &[Step]) {
    let mut shown = String::new();
    for (size, lang, charset, theme) in MANNERS {
        let mut journey = Journey::open(Opening { size, lang, charset, theme, ..opening() });
        for (keys, answer) in steps {
            journey.press(keys).wait_for(answer);
        }
        let (width, height) = size;
        let _ = writeln!(shown, "==== {width}x{height} {lang:?} {charset:?} {}", theme.unwrap_or("by itself"));
        shown.push_str(&without_path(&journey));
        if let Some(theme) = theme {
            let _ = writeln!(shown, "---- looks, {theme}: colours cgry, Reversed, Underlined, Bold, dim");
            shown.push_str(&looks(&journey, width.into()));
        }
        assert!(charset != Charset::Ascii || journey.screen().is_ascii(), "{name}");
    }
    insta::assert_snapshot!(name, shown);
}

/// The screen without the name of the folder, which is another one every time: without the rows that show it, and what the title
/// shows of it.
fn without_path(journey: &Journey) -> String {
    const HIDDEN: char = '\u{2592}';
    let folder = journey.path().parent().unwrap().display().to_string();
    let screen = journey.screen().replace(&folder, &HIDDEN.to_string().repeat(folder.len()));
    let (title, rest) = screen.split_once('\n').unwrap();
    let rest: String = rest.split_inclusive('\n').filter(|line| !line.contains(HIDDEN)).collect();
    // Name, path, and what is to be known of it stand blanks apart.
    let name = title.find("  ").filter(|_| title.starts_with(" Gestor"));
    let title = match name {
        Some(at) => {
            let behind = title.find("config.json ").map(|at| at + "config.json".len()).or_else(|| title.find(" ["));
            format!("{} PATH{}", &title[..at], behind.map_or("", |at| &title[at..]))
        }
        None => title.to_owned(),
    };
    format!("{title}\n{rest}")
}

/// A letter for the look of every cell.
fn looks(journey: &Journey, width: usize) -> String {
    let look = |cell: &vt100::Cell| match cell.fgcolor() {
        vt100::Color::Idx(4 | 6) => 'c',
        vt100::Color::Idx(2) => 'g',
        vt100::Color::Idx(1 | 9) => 'r',
        vt100::Color::Idx(11) => 'y',
        _ if cell.inverse() => 'R',
        _ if cell.underline() => 'U',
        _ if cell.bold() => 'B',
        _ if cell.dim() => 'd',
        _ if cell.contents().trim().is_empty() => ' ',
        _ => '.',
    };
    let cells = journey.cells();
    cells
        .chunks(width)
        .skip(1)
        .map(|row| row.iter().map(look).collect::<String>().trim_end().to_owned() + "\n")
        .collect()
}

fn on(document: &str) -> Opening {
    Opening { document: Some(document.into()), saver: saver("ana"), ..Opening::default() }
}

/// A document that has been 5433, then 7000.
fn saved_twice() -> Opening {
    let before = Journey::on(PORT);
    set(&mut open(&before.path(), "rui"), KEY, json!(7000));
    Opening { folder: Some(before.folder()), saver: saver("ana"), ..Opening::default() }
}

#[test]
fn the_form() {
    scene("form", || on(PORT), &[]);
}

#[test]
fn a_form_with_changes_and_what_is_not_valid() {
    scene("changed", || on(PORT), &[("Down C-u \"70000\" Down Down Space Up Up", "70000")]);
}

#[test]
fn the_list_of_groups() {
    scene("groups", || on(PORT), &[("F6 Up", "")]);
}

#[test]
fn another_group_with_actions() {
    scene("actions", || on(PORT), &[("C-p End Down Down Down Down Down Down", "")]);
}

#[test]
fn the_help_of_a_field() {
    scene("help", || on(PORT), &[("Down F1", "")]);
}

#[test]
fn the_page_of_keys() {
    scene("keys", || on(PORT), &[("F1 F1", "")]);
}

#[test]
fn the_search() {
    scene("search", || on(PORT), &[("F3 \"cred\"", "")]);
}

#[test]
fn what_would_be_saved() {
    scene("compare", || on(PORT), &[("Down C-u \"70000\" Down Down Space F2", "")]);
}

#[test]
fn closing_with_changes() {
    scene("unsaved", || on(PORT), &[("Down Down Down Space Esc", "")]);
}

#[test]
fn a_locked_field() {
    scene("locked", || on(PORT), &[("Down Down Down Down Down Space", "")]);
}

#[test]
fn the_saved_versions() {
    scene("versions", saved_twice, &[("F7", "rui")]);
}

#[test]
fn a_saved_version() {
    scene("version", saved_twice, &[("F7", "rui"), ("Down Enter", "Rest")]);
}

#[test]
fn a_file_that_cannot_be_read() {
    scene("unreadable", || on("{\"integracao\": {\"porta"), &[]);
}

#[test]
fn a_file_that_cannot_be_saved() {
    let linked = || {
        let before = Journey::on(PORT);
        fs::hard_link(before.path(), before.path().with_extension("copy")).unwrap();
        Opening { folder: Some(before.folder()), saver: saver("ana"), ..Opening::default() }
    };
    scene("read_only", linked, &[]);
    scene("read_only_why", linked, &[("Down F2", "")]);
}

#[test]
fn a_draft_that_was_left() {
    let lost = || {
        let before = drafts::lost("ana");
        Opening { folder: Some(before.folder()), saver: drafts::saver("ana"), ..Opening::default() }
    };
    scene("draft", lost, &[]);
}
