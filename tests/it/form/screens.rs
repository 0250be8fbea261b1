//! What the form looks like, at sizes, in languages, in states.

use std::fs;
use std::time::Duration;

use balcao_config::document::watch::Unwatched;
use balcao_config::lang::Lang;
use balcao_config::tui::theme::Charset;
use serde_json::json;

use super::{PORT, hide_path};
use crate::history;
use crate::journey::{Journey, Opening};

#[test]
fn the_first_screen_at_every_size_and_in_both_languages() {
    for (width, height) in [(80, 24), (120, 40), (40, 12)] {
        for lang in [Lang::Pt, Lang::En] {
            let journey = Journey::open(Opening { size: (width, height), lang, ..Opening::default() });
            let screen = journey.screen().replace(&journey.path().display().to_string(), "CONFIG");
            insta::assert_snapshot!(format!("first_{width}x{height}_{lang:?}"), hide_path(&screen));
        }
    }
}

#[test]
fn what_others_did_at_every_size_and_in_both_languages() {
    for (width, height) in [(80, 24), (120, 40), (40, 12)] {
        for lang in [Lang::Pt, Lang::En] {
            let unwatched = Some(Unwatched::Network);
            let opening =
                Opening { document: Some(PORT.into()), size: (width, height), lang, unwatched, ..Opening::default() };
            let mut journey = Journey::open(opening);
            journey.press("Down C-u \"5434\"");
            let mut rui = history::open(&journey.path(), "rui");
            rui.set(&history::key("geral.vendedor_padrao"), Some(json!("Rui")));
            history::set(&mut rui, history::PORT, json!(7000));
            journey
                .press("F2")
                .wait_until("what rui saved", |screen| screen.contains("rui") || screen.contains("7000"));
            // On the small screen, the dialog and the marks leave no room for it.
            let is_traced = |screen: &str| height == 12 || ["Antes:", "Before:"].iter().any(|it| screen.contains(it));
            journey.wait_until("who changed it", is_traced);
            let folder = journey.path().parent().unwrap().display().to_string();
            let look = |screen: String| hide_folder(&screen.replace(&folder, &"-".repeat(folder.len())));
            insta::assert_snapshot!(format!("compare_{width}x{height}_{lang:?}"), look(journey.screen()));
            journey.press("Esc");
            insta::assert_snapshot!(format!("overtaken_{width}x{height}_{lang:?}"), look(journey.screen()));
            fs::remove_file(journey.path()).unwrap();
            journey.press("F2 Esc").wait_until("that it went", |screen| screen.contains("[remov"));
            insta::assert_snapshot!(format!("removed_{width}x{height}_{lang:?}"), look(journey.screen()));
        }
    }
}

#[test]
fn a_save_that_does_not_end_at_every_size_and_in_both_languages() {
    for (width, height) in [(80, 24), (120, 40), (40, 12)] {
        for lang in [Lang::Pt, Lang::En] {
            let (late, saver) = (Duration::ZERO, history::saver("ana"));
            let mut journey = Journey::open(Opening { size: (width, height), lang, late, saver, ..Opening::default() });
            let lock = fs::File::create(journey.path().with_file_name(".config.json.lock")).unwrap();
            lock.lock().unwrap();
            journey.press("Down Down Down Space C-s").wait_until("that it is late", |screen| screen.contains(" 3 s"));
            let folder = journey.path().parent().unwrap().display().to_string();
            let screen = journey.screen().replace(&folder, &"-".repeat(folder.len()));
            insta::assert_snapshot!(format!("late_{width}x{height}_{lang:?}"), hide_folder(&screen));
            drop(lock);
            journey.wait_until("that it ends", |screen| !screen.contains(" 3 s"));
        }
    }
}

/// Without the rows of a dialog that show the document's path, and what is left of it in the title; what stands behind that
/// stays.
fn hide_folder(screen: &str) -> String {
    let (title, rest) = screen.split_once('\n').unwrap();
    let (shown, behind) = title.split_at(title.find(" [").unwrap_or(title.len()));
    let shown = shown.split(['…', '/', '-']).next().unwrap();
    let rest: String = rest.split_inclusive('\n').filter(|line| !line.contains("-----")).collect();
    format!("{}PATH{behind}\n{rest}", shown.trim_end())
}

#[test]
fn the_screens_of_a_session() {
    let mut journey = Journey::on(PORT);
    let look = |name: &str, journey: &Journey| insta::assert_snapshot!(name, hide_path(&journey.screen()));
    journey.press("Down C-u \"70000\"");
    look("invalid", &journey);
    journey.press("C-u \"5434\" Down Down Down Down");
    look("changed_and_locked", &journey);
    journey.press("F1");
    look("help_of_a_field", &journey);
    journey.press("F1");
    look("help_of_keys", &journey);
    journey.press("Esc F6");
    look("list", &journey);
    journey.press("Up Up");
    look("group_without_parameters", &journey);
    journey.press("Esc");
    look("question_unsaved", &journey);
}

#[test]
fn ascii_screens_hold_nothing_but_ascii() {
    for keys in ["", "F1", "F1 F1", "F6", "\"x\" Esc", "Tab"] {
        let mut journey = Journey::open(Opening { charset: Charset::Ascii, ..Opening::default() });
        journey.press(keys);
        let screen = journey.screen();
        assert!(screen.is_ascii(), "{keys}:\n{screen}");
    }
}

#[test]
fn a_terminal_too_small_asks_for_room_in_one_line_and_keeps_the_edits() {
    let mut journey = Journey::new();
    journey.press("C-u \"10.0.0.1\"").resize(39, 12).shows("Aumente a janela").resize(1, 1).resize(80, 24);
    journey.shows("10.0.0.1").shows("● 1");
}
