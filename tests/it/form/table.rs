//! The whole table of keys, and keys at random.

use std::sync::Arc;

use balcao_config::catalog::Catalog;
use balcao_config::key::Key;
use balcao_config::session::Session;
use balcao_config::tui::keymap::{Action, BINDINGS, Context};
use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use crate::journey::{Journey, Opening};

#[test]
fn every_binding_of_the_form_answers() {
    // Opens where the binding works, presses each of its keys, and holds that something visible came of it.
    let places = |context: Context, action: Action| match context {
        Context::Button if action == Action::Left => "Down Down Down Space Tab Tab",
        Context::List => "F6 Up",
        Context::Text => "Home Right \"1\"",
        Context::Checkbox => "Down Down Down Space Up Down",
        Context::Locked => "Down Down Down Space Down Down",
        Context::Button => "Down Down Down Space S-Tab S-Tab S-Tab S-Tab S-Tab S-Tab S-Tab",
        Context::Question => "Down Down Down Space Esc",
        Context::Page => "F1 F1 Down",
        Context::Versions => "F7",
        Context::Live => "F5 F5",
        Context::Command => "C-p Down Down Down Down Down Down",
        // Reports and the name of a table have journeys of their own: they need a folder and a server.
        Context::Enumeration
        | Context::Reports
        | Context::Typing
        | Context::Unreadable
        | Context::Checking
        | Context::Saving => "",
    };
    for row in BINDINGS {
        for context in row.contexts.iter().filter(|context| !places(**context, row.action).is_empty()) {
            // A question of a few lines has nothing to scroll.
            if *context == Context::Question && matches!(row.action, Action::Down | Action::PageDown) {
                continue;
            }
            // Nor has a live view of two targets.
            if *context == Context::Live && matches!(row.action, Action::Down | Action::PageDown | Action::End) {
                continue;
            }
            // The locked field is the last: nothing lies further down.
            if *context == Context::Locked && row.action == Action::PageDown {
                continue;
            }
            if matches!(
                row.action,
                Action::Redo
                    | Action::Up
                    | Action::PageUp
                    | Action::HelpUp
                    | Action::HelpDown
                    | Action::Home
                    | Action::Undo
                    | Action::Check
            ) {
                continue; // have journeys of their own, which build up what these take back
            }
            for key in row.keys {
                let folder = (*context == Context::Versions).then(three_versions);
                let mut journey = Journey::open(Opening { folder, ..Opening::default() });
                journey.press(places(*context, row.action));
                if *context == Context::Versions {
                    journey.wait_for("Histórico");
                }
                if !journey.is_open() {
                    continue;
                }
                let (before, cursor, count) = (journey.screen(), journey.cursor(), journey.written());
                journey.press(&crate::keys::name(*key));
                let asks_the_disk =
                    matches!(context, Context::Versions | Context::Command) && row.action == Action::Enter;
                if row.action == Action::History || asks_the_disk {
                    journey.wait_until("an answer from the disk", |screen| screen != before);
                }
                let answered = !journey.is_open() || journey.screen() != before || journey.cursor() != cursor;
                assert!(
                    answered || row.action == Action::Repaint && journey.written() != count,
                    "{key:?} in {context:?}:\n{before}"
                );
            }
        }
    }
}

/// A document that was saved twice, after it had been there.
fn three_versions() -> Arc<TempDir> {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let path = folder.path().join("config.json");
    std::fs::write(&path, "{}").unwrap();
    let mut session = Session::open(&path, Arc::new(Catalog::built_in())).unwrap();
    for port in [6000, 6001] {
        session.set(&Key::parse("integracao.porta_banco_dados").unwrap(), Some(json!(port)));
        session.save(&[]).unwrap();
    }
    folder
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn random_keys_at_random_sizes_never_panic(
        keys in prop::collection::vec(0usize..100, 1..40),
        sizes in prop::collection::vec((1u16..120, 1u16..50), 1..4),
    ) {
        let names: Vec<String> = BINDINGS.iter().flat_map(|row| row.keys).map(|key| crate::keys::name(*key))
            .filter(|key| !matches!(key.as_str(), "F5" | "C-t" | "F12" | "C-x" | "C-s"))
            .chain("a9.Ç Z".chars().map(|letter| if letter == ' ' { "Space".into() } else { letter.to_string() }))
            .collect();
        let mut journey = Journey::open(Opening { size: sizes[0], ..Opening::default() });
        for (number, key) in keys.iter().enumerate() {
            if !journey.is_open() {
                break;
            }
            if number % 13 == 12 {
                let (width, height) = sizes[number % sizes.len()];
                journey.resize(width, height);
            }
            journey.press(&names[key % names.len()]);
        }
    }
}
