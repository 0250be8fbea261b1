//! The whole table of keys, and keys at random.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use balcao_config::catalog::Catalog;
use balcao_config::check::credentials::Credentials;
use balcao_config::key::Key;
use balcao_config::lang::Lang;
use balcao_config::session::Session;
use balcao_config::session::reports::Editor;
use balcao_config::tui::keymap::{self, Action, BINDINGS, Binding, CONTEXTS, Context};
use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use crate::history::saver;
use crate::journey::{Journey, Opening};
use crate::postgres::Cluster;

/// Presses every key of the table that works in this context, each in a form of its own, and holds that something
/// visible came of it: a cell, the cursor, or the end of the form. `mute` are the actions that show nothing, exactly.
fn every_key_answers(name: &str, mute: &[Action], open: impl Fn(Action) -> Journey) {
    let (_, context) = CONTEXTS.iter().find(|(known, _)| *known == name).unwrap();
    let mut silent = vec![];
    for row in BINDINGS.iter().filter(|row| row.context.meets(*context)) {
        for key in row.keys {
            let mut journey = open(row.action);
            let (before, cursor, count) = (journey.screen(), journey.cursor(), journey.written());
            assert!(has_footer_of(*context, &before), "not in {name} for {:?}:\n{before}", row.action);
            journey.press(&crate::keys::name(*key));
            let shown = |screen: &str, journey: &Journey| screen != before || journey.cursor() != cursor;
            // What the disk or a server has to say comes a moment later.
            let asks = row.action == Action::History
                || row.action == Action::Enter && ["command", "versions", "drafts", "unreadable"].contains(&name);
            if asks {
                journey.wait_until("an answer", |screen| screen != before);
            }
            let drawn_again = row.action == Action::Repaint && journey.written() != count;
            if journey.is_open() && !shown(&journey.screen(), &journey) && !drawn_again && !silent.contains(&row.action)
            {
                silent.push(row.action);
            }
        }
    }
    assert_eq!(silent, mute, "in {name}");
}

/// True where the keys at the foot of the screen are keys of the context, in the order of the table.
fn has_footer_of(context: Context, screen: &str) -> bool {
    let shown = screen.lines().last().unwrap().split("  ").map(str::trim).filter(|key| !key.is_empty());
    let mut rows = keymap::footer(context).into_iter();
    let is_of = |row: &Binding, shown: &str| {
        let (key, word) = (row.keys[0], row.footer.unwrap().1);
        shown == format!("{} {word}", key.name(Lang::Pt)) || shown == key.short(Lang::Pt).as_str()
    };
    let mut count = 0;
    let ordered = shown.inspect(|_| count += 1).all(|shown| rows.any(|row| is_of(row, shown)));
    ordered && (count > 0 || keymap::footer(context).is_empty())
}

/// The form on no document, with these keys pressed.
fn form(keys: &str) -> Journey {
    let mut journey = Journey::new();
    journey.press(keys);
    journey
}

/// The same on a terminal where hardly any dialog fits.
fn small(keys: &str) -> Journey {
    let mut journey = Journey::open(Opening { size: (40, 12), ..Opening::default() });
    journey.press(keys);
    journey
}

/// True for what leads back: it shows nothing at the start.
fn is_back(action: Action) -> bool {
    matches!(action, Action::Up | Action::PageUp | Action::Home)
}

/// What lies before the key, so that it has something to do.
fn before(action: Action) -> &'static str {
    match action {
        Action::Undo => " Space",
        Action::Redo => " Space C-z",
        Action::HelpUp => " S-Down",
        _ => "",
    }
}

#[test]
fn every_key_of_the_list_answers() {
    every_key_answers("list", &[], |action| match action {
        Action::Undo => form("Down Down Down Space F6 Up"),
        Action::Redo => form("Down Down Down Space C-z F6 Up"),
        // A group's help is short, but for what is changed in it.
        Action::HelpDown => small("Down Down Down Space F6"),
        Action::HelpUp => small("Down Down Down Space F6 S-Down"),
        _ => form("F6 Up"),
    });
}

#[test]
fn every_key_of_a_text_field_answers() {
    every_key_answers("text", &[], |action| match action {
        Action::Redo => form("Down Home Right \"1\" C-z"),
        Action::HelpUp => form("Down S-Down"),
        _ => form("Down Home Right \"1\""),
    });
}

#[test]
fn every_key_of_a_host_field_answers() {
    every_key_answers("host", &[], |action| match action {
        Action::Up | Action::PageUp => form("Down Up Home Right"),
        Action::Redo => form("Home Right \"1\" C-z"),
        Action::HelpUp => form("S-Down"),
        _ => form("Home Right \"1\""),
    });
}

#[test]
fn every_key_of_a_checkbox_answers() {
    every_key_answers("checkbox", &[], |action| match action {
        Action::Default => form("Down Down Down Space"),
        _ => form(&format!("Down Down Down{}", before(action))),
    });
}

#[test]
fn every_key_of_a_list_of_values_answers() {
    let extension = json!({"properties": {"balanca": {"properties": {
        "velocidade": { "title": "Velocidade", "description": "Da porta.", "type": "integer", "enum": [2400, 4800, 9600], "default": 4800 },
        "paridade": { "title": "Paridade", "description": "Da porta. ".repeat(40), "type": "integer", "enum": [0, 1, 2], "default": 0 },
        "parada": { "title": "Parada", "description": "Da porta.", "type": "integer", "enum": [1, 2], "default": 1 },
    }}}});
    every_key_answers("enumeration", &[], |action| {
        let extensions = vec![("10-balanca.json", extension.to_string())];
        let mut journey = Journey::open(Opening { extensions, ..Opening::default() });
        journey.press("F6 End Up Up Up Up Enter Down").press(before(action));
        journey
    });
}

#[test]
fn every_key_of_a_locked_field_answers() {
    // It is the last field: a page further down lies nothing.
    every_key_answers("locked", &[Action::PageDown], |action| match action {
        Action::Undo => form("Down Down Down Space Down Down"),
        Action::Redo => form("Down Down Down Space C-z Down Down"),
        _ => form(&format!("Down Down Down Down Down{}", before(action))),
    });
}

#[test]
fn every_key_of_an_action_answers() {
    every_key_answers("command", &[], |action| {
        let start = match action {
            Action::Undo => "Down Down Down Space ",
            Action::Redo => "Down Down Down Space C-z ",
            _ => "",
        };
        let keys = format!("{start}C-p Down Down Down Down Down Down");
        match action {
            Action::HelpDown => small(&keys),
            Action::HelpUp => small(&format!("{keys} S-Down")),
            _ => form(&keys),
        }
    });
}

#[test]
fn every_key_of_a_button_answers() {
    // A button's help is a line or two.
    every_key_answers("button", &[Action::HelpUp, Action::HelpDown], |action| match action {
        Action::Left => form("Down Down Down Space Tab Tab"),
        Action::Redo => form("Down Down Down Space C-z Tab"),
        _ => form("Down Down Down Space Tab"),
    });
}

#[test]
fn every_key_of_a_question_answers() {
    every_key_answers("question", &[], |action| {
        let mut journey = small("Down C-u \"6000\" Down C-u \"6001\" Down Space Down Space Esc");
        journey.press(if is_back(action) { "PgDn" } else { "" });
        journey
    });
}

#[test]
fn every_key_of_a_page_answers() {
    every_key_answers("page", &[], |action| small(if is_back(action) { "F1 F1 PgDn" } else { "F1 F1" }));
    every_key_answers("help", &[], |action| small(if is_back(action) { "F1 PgDn" } else { "F1" }));
}

#[test]
fn every_key_of_the_versions_answers() {
    every_key_answers("versions", &[], |action| {
        let mut journey = Journey::open(Opening { folder: Some(three_versions()), ..Opening::default() });
        journey.press("F7").wait_for("Histórico (").press(if is_back(action) { "End" } else { "" });
        journey
    });
}

#[test]
fn every_key_of_a_version_answers() {
    // It has one change, in its first row.
    every_key_answers("version", &[Action::Up, Action::PageUp, Action::Home], |_| {
        let mut journey = Journey::open(Opening { folder: Some(three_versions()), ..Opening::default() });
        journey.press("F7").wait_for("Histórico (").press("Down Enter").wait_for("Versão 2");
        journey
    });
}

#[test]
fn every_key_on_the_whole_of_a_version_answers() {
    // What is put back by R is marked; to go on leads nowhere from the last row.
    every_key_answers("version-whole", &[Action::Down, Action::PageDown, Action::End], |_| {
        let mut journey = Journey::open(Opening { folder: Some(three_versions()), ..Opening::default() });
        journey.press("F7").wait_for("Histórico (").press("Down Enter").wait_for("Versão 2").press("Space End");
        journey
    });
}

#[test]
fn every_key_of_a_comparison_answers() {
    every_key_answers("compare", &[], |action| {
        let mut journey = form("Down \"6000\" Down \"6001\" Down Space F2");
        journey.press(if is_back(action) { "End" } else { "" });
        journey
    });
}

#[test]
fn every_key_of_the_drafts_answers() {
    let before = super::drafts::lost_thrice();
    every_key_answers("drafts", &[], |action| {
        let mut journey = super::drafts::open(&before, "ana");
        journey.shows("Há 4 rascunhos").press(if is_back(action) { "End" } else { "" });
        journey
    });
}

#[test]
fn every_key_of_the_reports_answers() {
    every_key_answers("reports", &[], |action| {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        for name in ["pedido.rel", "venda.rel", "zero.rel"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let document = json!({"geral": {"diretorio_relatorios": folder.path()}}).to_string();
        let editor = Editor::of(&|_| Some("true".into()));
        let mut journey =
            Journey::open(Opening { document: Some(document), editor, folder: Some(folder), ..Opening::default() });
        journey.press("C-p Down Down Down Down Down Down Enter").wait_for("pedido.rel");
        journey.press(if is_back(action) { "End" } else { "" });
        journey
    });
}

#[test]
fn every_key_of_the_search_answers() {
    every_key_answers("search", &[], |action| match action {
        Action::Right | Action::Delete | Action::End => form("F3 \"porta\" Left"),
        _ if is_back(action) => form("F3 \"crediario\" Down Down"),
        _ => form("F3 \"porta\""),
    });
}

#[test]
fn every_key_of_a_command_that_was_found_answers() {
    every_key_answers("deed", &[], |action| match action {
        Action::Right | Action::Delete | Action::End => form("F3 \"comparar\" Left"),
        _ if is_back(action) => form("F3 \"grupo\" End Down Down"),
        _ => form("F3 \"comparar\""),
    });
}

#[test]
fn every_key_of_the_servers_answers() {
    every_key_answers("servers", &[], |action| {
        let mut journey = Journey::open(Opening { search: super::servers::three, ..Opening::default() });
        journey.press("F8").wait_for("servidor.loja").press(if is_back(action) { "End" } else { "" });
        journey
    });
}

#[test]
fn every_key_during_a_search_answers() {
    every_key_answers("searching", &[], |_| {
        let mut journey = Journey::open(Opening { search: super::servers::endless, ..Opening::default() });
        journey.press("F8").wait_for("12 de 253");
        journey
    });
}

/// The form with the table of versions on this server before one's eyes.
fn table_shown(server: &Cluster) -> Journey {
    let credentials = Credentials::default().with_login(Some("postgres".into()), Some("postgres".into())).unwrap();
    let document = json!({"integracao": {"porta_banco_dados": server.port}}).to_string();
    let mut journey = Journey::open(Opening {
        document: Some(document),
        size: (40, 12),
        credentials: Arc::new(credentials),
        ..Opening::default()
    });
    journey.press("C-p Down Down Down Down Down Down Down Enter").wait_for("Digite o nome");
    journey
}

#[test]
fn every_key_where_a_tables_name_is_typed_answers() {
    let server = crate::cli_action::server();
    every_key_answers("table", &[], |action| {
        let mut journey = table_shown(&server);
        journey.press(match action {
            Action::Up | Action::PageUp => "PgDn",
            Action::Right | Action::Delete | Action::End => "\"tab\" Left",
            _ => "\"tab\"",
        });
        journey
    });
}

#[test]
fn a_table_scrolled_past_its_end_stays_before_ones_eyes() {
    let server = crate::cli_action::server();
    let mut journey = table_shown(&server);
    let first = journey.screen();
    journey.press("PgDn PgDn PgDn PgDn").shows("aparece na tela");
    let last = journey.screen();
    assert_ne!(journey.press("Up").screen(), last, "nothing has to be taken back");
    assert_eq!(journey.press("PgUp PgUp").screen(), first);
}

#[test]
fn every_key_where_a_password_is_typed_answers() {
    let port = crate::postgres::cluster().port;
    every_key_answers("password", &[], |action| {
        let document = json!({"integracao": {"porta_banco_dados": port}}).to_string();
        let credentials = crate::check::login(Cluster::SCRAM, "postgres");
        let mut journey = Journey::open(Opening { document: Some(document), credentials, ..Opening::default() });
        journey.press("F5").wait_for("Senha do banco").press(match action {
            Action::Right | Action::Delete | Action::End => "\"abc\" Left Left",
            _ => "\"abc\"",
        });
        journey
    });
}

#[test]
fn every_key_of_a_live_test_answers() {
    every_key_answers("live", &[], |action| {
        let mut journey = small("F5 F5");
        journey.wait_for("Porta").press(if is_back(action) { "PgDn" } else { "" });
        journey
    });
}

#[test]
fn every_key_before_an_unreadable_document_answers() {
    every_key_answers("unreadable", &[], |action| {
        let document = Some(format!("{{ \"geral\": {{ \"{}\": 1, }} }}", "a".repeat(200)));
        let mut journey = Journey::open(Opening { document, size: (40, 12), ..Opening::default() });
        if action == Action::Enter {
            std::fs::write(journey.path(), "{}").unwrap();
        }
        journey.press(if is_back(action) { "PgDn" } else { "" });
        journey
    });
}

#[test]
fn every_key_during_a_check_before_a_save_answers() {
    // Takes the connection and says nothing, for as long as the check waits.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    every_key_answers("checking", &[], |_| {
        let mut journey = form(&format!("Down C-u \"{port}\" C-s"));
        journey.wait_for("testando antes de gravar");
        journey
    });
}

#[test]
fn every_key_during_a_save_answers() {
    every_key_answers("saving", &[], |_| {
        let journey = form("Down Down Down Space");
        let lock = std::fs::File::create(journey.path().with_file_name(".config.json.lock")).unwrap();
        lock.lock().unwrap();
        // Held until the test ends: the save waits for it.
        std::mem::forget(lock);
        let mut journey = journey;
        journey.press("C-s").wait_for("Gravando");
        journey
    });
}

#[test]
fn every_key_of_a_save_that_does_not_end_answers() {
    // To wait is what it does already.
    every_key_answers("late", &[Action::Enter], |action| {
        let opening = Opening { size: (40, 12), late: Duration::ZERO, saver: saver("ana"), ..Opening::default() };
        let mut journey = Journey::open(opening);
        let lock = std::fs::File::create(journey.path().with_file_name(".config.json.lock")).unwrap();
        lock.lock().unwrap();
        std::mem::forget(lock);
        journey.press("Down Down Down Space C-s").wait_for("não terminou");
        journey.press(if is_back(action) { "PgDn" } else { "" });
        journey
    });
}

#[test]
fn no_context_is_left_out() {
    let tested = include_str!("table.rs");
    for (name, _) in CONTEXTS {
        assert!(tested.contains(&format!("every_key_answers(\"{name}\"")), "{name}");
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
            if number % 13 == 12 && journey.is_open() {
                let (width, height) = sizes[number % sizes.len()];
                journey.resize(width, height);
            }
            // What was saved before may have closed it only now.
            if !journey.is_open() {
                break;
            }
            journey.press(&names[key % names.len()]);
        }
    }
}
