//! Journeys through the form: keys in, screens and files out. The loop is the production one (see `journey`).

use balcao_config::lang::Lang;
use balcao_config::tui::event::Ending;
use balcao_config::tui::keymap::{Action, BINDINGS, Context};
use balcao_config::tui::theme::Charset;
use proptest::prelude::*;
use serde_json::json;

use super::fakes::{Fake, Refusing};
use super::journey::{Journey, Opening};

const PORT: &str = r#"{"version": 1, "integracao": {"porta_banco_dados": 5433}}"#;

/// A server that answers as the integration service does.
fn http() -> Fake {
    Fake::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
}

fn changed(ending: &Ending) -> Vec<(String, serde_json::Value)> {
    match ending {
        Ending::Saved(_, changes) | Ending::Discarded(_, _, changes) => {
            changes.iter().map(|change| (change.key.to_string(), change.to.clone())).collect()
        }
        other => panic!("{other:?}"),
    }
}

// --- screens -----------------------------------------------------------------------------------

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

/// The document's folder has another name in every run; what is left of it in the title line is hidden.
fn hide_path(screen: &str) -> String {
    let (title, rest) = screen.split_once('\n').unwrap();
    let title = match title.find(['…', '/']).or_else(|| title.find("CONFIG")) {
        Some(at) => format!("{}PATH", title[..at].trim_end()),
        None => title.to_owned(),
    };
    format!("{title}\n{rest}")
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
    journey.press("C-u \"10.0.0.1\"").resize(39, 12).shows("Aumente o terminal").resize(1, 1).resize(80, 24);
    journey.shows("10.0.0.1").shows("●1");
}

// --- focus -------------------------------------------------------------------------------------

#[test]
fn opens_on_the_first_field_of_integracao() {
    let journey = Journey::new();
    assert!(journey.cursor_row().contains("127.0.0.1"), "{}", journey.cursor_row());
}

#[test]
fn tab_goes_the_round_and_back() {
    let mut journey = Journey::new();
    let mut rows = Vec::new();
    for key in ["Tab", "Tab", "Tab", "Tab"] {
        journey.press(key);
        rows.push((journey.cursor_row(), journey.cursor().0));
    }
    assert!(rows[0].0.contains("[ Confirma (F12) ]") && rows[1].0.contains("[ Fechar (Esc) ]"), "{rows:?}");
    assert!(rows[1].1 > rows[0].1, "the cursor moves from one button to the other");
    assert!(rows[2].0.contains("Integração"), "{rows:?}");
    assert!(rows[3].0.contains("127.0.0.1"), "{rows:?}");
    for expected in ["Integração", "[ Fechar", "[ Confirma", "127.0.0.1"] {
        journey.press("S-Tab");
        assert!(journey.cursor_row().contains(expected), "{expected}: {}", journey.cursor_row());
    }
}

#[test]
fn enter_goes_down_the_fields_and_ends_on_the_button() {
    let mut journey = Journey::new();
    for expected in ["5432", "8082", "[ ] Verificar", "[ ] Verificar", "[ ] Enviar"] {
        journey.press("Enter");
        assert!(journey.cursor_row().contains(expected), "{expected}: {}", journey.cursor_row());
    }
    journey.press("Up Up Up Up Up");
    assert!(journey.cursor_row().contains("127.0.0.1"));
    journey.press("PgDn Down");
    assert!(journey.cursor_row().contains("[ Confirma"), "{}", journey.cursor_row());
    journey.press("Up PgUp");
    assert!(journey.cursor_row().contains("127.0.0.1"), "{}", journey.cursor_row());
}

#[test]
fn the_other_pane_and_the_arrows_between_panes() {
    let mut journey = Journey::new();
    for keys in ["F6", "F6 C-o", "C-o C-o F6", "Down Down Down Left"] {
        let mut journey = Journey::new();
        journey.press(keys);
        let in_list = journey.cursor_row().contains("Integração") && journey.cursor().0 < 28;
        assert_eq!(in_list, keys != "F6 C-o", "{keys}: {}", journey.cursor_row());
    }
    journey.press("F6 Right");
    assert!(journey.cursor_row().contains("127.0.0.1"));
    journey.press("F6 Enter");
    assert!(journey.cursor_row().contains("127.0.0.1"));
}

#[test]
fn groups_with_parameters_are_reached_from_anywhere() {
    for next in ["C-n", "C-PgDn", "M-Down"] {
        let mut journey = Journey::new();
        journey.press(next);
        journey.shows("Licença WhatsApp MSG ativa");
    }
    for previous in ["C-p", "C-PgUp", "M-Up"] {
        let mut journey = Journey::new();
        journey.press(previous).shows("Casas Decimais Qtde");
        journey.press("C-n").shows("127.0.0.1");
    }
}

#[test]
fn a_group_without_parameters_says_so_and_how_to_add_some() {
    let mut journey = Journey::new();
    journey.press("F6 Down").shows("Nenhum parâmetro neste grupo").shows("catalog.d");
    journey.press("Enter").shows("ainda não tem parâmetros");
    assert!(journey.cursor_row().contains("Ordem de Serviço"));
    journey.press("Home");
    assert!(journey.cursor_row().contains("Geral"));
    journey.press("End");
    assert!(journey.cursor_row().contains("Mix"));
}

// --- typing ------------------------------------------------------------------------------------

#[test]
fn the_editing_keys_edit_at_the_cursor() {
    let cases = [
        ("\"9\"", "127.0.0.19"),
        ("Backspace \"2\"", "127.0.0.2"),
        ("Home Delete", "27.0.0.1"),
        ("C-a Delete End \"5\"", "27.0.0.15"),
        ("Left Left \"3\"", "127.0.03.1"),
        ("Home Right \"0\" C-e \"0\"", "1027.0.0.10"),
        ("C-w \"77\"", "127.0.0.77"),
        ("C-u \"a.b\"", "a.b"),
    ];
    for (keys, expected) in cases {
        let mut journey = Journey::new();
        journey.press(keys);
        assert!(journey.cursor_row().contains(&format!(" {expected} ")), "{keys}: {}", journey.cursor_row());
    }
    let mut journey = Journey::new();
    journey.send(b"\x08\x08\x0822");
    assert!(journey.cursor_row().contains("127.0.22"), "{}", journey.cursor_row());
}

#[test]
fn a_paste_is_one_edit_without_controls_and_says_so() {
    let mut journey = Journey::new();
    journey.press("C-u").send(b"\x1b[200~10.1.\x1b[31m2.3\r\n\x1b[201~");
    journey.shows("10.1.").shows("Colado sem");
    assert!(journey.is_open());
    journey.press("C-z C-z").shows("127.0.0.1").hides("●");
}

#[test]
fn words_about_an_invalid_value_wait_until_no_typing_could_mend_it() {
    let mut journey = Journey::new();
    journey.press("Down C-u").hides("de 1 a 65535 \n");
    let marked = |journey: &Journey| journey.cursor_row().contains('!');
    assert!(marked(&journey), "an empty port is marked at once: {}", journey.cursor_row());
    assert!(!journey.cursor_row().contains("de 1 a 65535"), "{}", journey.cursor_row());
    journey.press("\"6553\"");
    assert!(!marked(&journey), "{}", journey.cursor_row());
    journey.press("\"6\"");
    assert!(journey.cursor_row().contains("de 1 a 65535"), "{}", journey.cursor_row());
    journey.press("C-u Down").shows("! de 1 a 65535");
}

#[test]
fn f12_with_an_invalid_value_saves_nothing_and_goes_there() {
    for confirm in ["F12", "C-x", "C-s", "Tab Enter"] {
        let mut journey = Journey::new();
        journey.press("Down C-u \"0\" Down Down").press(confirm);
        assert!(journey.cursor_row().contains("   0 "), "{confirm}: {}", journey.cursor_row());
        journey.shows("Nada foi gravado").shows("de 1 a 65535");
        assert!(journey.is_open() && journey.document().is_none());
    }
}

#[test]
fn two_equal_ports_are_a_finding_at_the_second() {
    let mut journey = Journey::new();
    journey.press("Down Down C-u \"5432\" Up F12").shows("Nada foi gravado");
    assert!(journey.cursor_row().contains("5432") && journey.cursor_row().contains('!'), "{}", journey.cursor_row());
}

#[test]
fn space_switches_a_checkbox_and_steps_an_enumeration() {
    let extension = json!({"properties": {"balanca": {"properties": {"velocidade": {
        "title": "Velocidade", "description": "Da porta.", "type": "integer", "enum": [2400, 4800, 9600], "default": 4800
    }}}}});
    let extensions = vec![("10-balanca.json", extension.to_string())];
    let mut journey = Journey::open(Opening { extensions, ..Opening::default() });
    journey.press("Down Down Down Space").shows("[x] Verificar se Existe Crediário Vencido no DAV").shows("●1");
    journey.press("Space").hides("[x]").hides("●1");
    journey.press("F6 End Up Up Up Up").shows("Velocidade").shows("< 4800 >");
    journey
        .press("Enter Space")
        .shows("< 9600 >")
        .press("Right")
        .shows("< 2400 >")
        .press("Left Left")
        .shows("< 4800 >");
    journey.hides("●1");
}

// --- undo --------------------------------------------------------------------------------------

#[test]
fn undo_and_redo_go_over_the_whole_session() {
    let mut journey = Journey::new();
    journey.press("C-u \"10.0.0.5\" Down C-u \"5433\" Down Down Space").shows("●3");
    journey.press("C-z").hides("[x]").press("C-z").press("C-z").shows("5432");
    journey.press("C-z C-z").shows("127.0.0.1").hides("●").press("C-z").shows("Não há o que desfazer");
    journey.press("C-y C-y C-y C-y C-y").shows("10.0.0.5").shows("5433").shows("[x]").shows("●3");
    journey.press("C-y").shows("Não há o que refazer");
}

#[test]
fn undo_goes_over_a_save() {
    let mut journey = Journey::new();
    journey.press("Down Down Down Space C-s").wait_for("Gravado em").hides("●");
    assert!(journey.document().unwrap().contains("\"verificar_crediario_vencido_dav\": true"));
    journey.press("C-z").shows("[ ] Verificar se Existe Crediário Vencido no DAV").shows("●1");
    journey.press("C-s").wait_for("Gravado em");
    assert!(!journey.document().unwrap().contains("dav"), "{:?}", journey.document());
}

#[test]
fn the_default_comes_back_with_f4_and_can_be_taken_back() {
    for key in ["F4", "C-r"] {
        let mut journey = Journey::on(PORT);
        journey.press("Down").shows("5433").press(key);
        assert!(journey.cursor_row().contains("5432"), "{}", journey.cursor_row());
        journey.shows("De volta ao padrão").press("C-z");
        assert!(journey.cursor_row().contains("5433"), "{}", journey.cursor_row());
    }
}

// --- the lock ----------------------------------------------------------------------------------

#[test]
fn the_locked_field_says_why_and_enter_goes_to_what_unlocks_it() {
    let mut journey = Journey::new();
    journey
        .press("Down Down Down Down Down")
        .shows("travado")
        .shows("Travado: precisa de “Licença WhatsApp MSG ativa”");
    journey.press("Space").hides("[x]").shows("Travado: antes, ligue");
    journey.press("Enter").shows("Controle de Notificação de");
    assert!(journey.cursor_row().contains("Licença WhatsApp MSG ativa"), "{}", journey.cursor_row());
    journey.press("Space C-p PgDn Space").shows("[x] Enviar Notificação").hides("travado");
    // Taking the licence back makes the other invalid: it is marked, nothing is saved, and it can be mended.
    journey.press("C-n Space F12").shows("Nada foi gravado");
    assert!(journey.cursor_row().contains("[x] Enviar"), "{}", journey.cursor_row());
    journey.press("Space").shows("[ ] Enviar").hides("●");
}

// --- help --------------------------------------------------------------------------------------

#[test]
fn help_of_the_field_then_all_keys_then_back() {
    for key in ["F1", "C-k"] {
        let mut journey = Journey::new();
        journey.press(key).shows("Chave integracao.ip_servidor_retaguarda").press(key).shows("Teclas").shows("Ctrl+S");
        journey.press("PgDn End").shows("Parar".trim_start_matches("Parar")).press("Home Esc").hides("Teclas");
        assert!(journey.is_open());
    }
}

#[test]
fn the_help_pane_scrolls() {
    let mut journey = Journey::new();
    let before = journey.screen();
    journey.press("S-Down");
    assert_ne!(journey.screen(), before);
    journey.press("S-Up");
    assert_eq!(journey.screen(), before);
}

#[test]
fn repainting_draws_the_whole_screen_again() {
    let mut journey = Journey::new();
    let (screen, before) = (journey.screen(), journey.written());
    journey.press("C-l");
    assert_eq!(journey.screen(), screen);
    assert!(journey.written().bytes > before.bytes + 500);
}

// --- checks ------------------------------------------------------------------------------------

#[test]
fn f5_says_what_answers_and_what_does_not() {
    let (http, refusing) = (http(), Refusing::new());
    let closed = refusing.port;
    for key in ["F5", "C-t"] {
        let document = json!({"integracao": {"porta_banco_dados": closed, "porta_integracao_clientes": http.port}});
        let mut journey = Journey::on(&document.to_string());
        journey.press(key).wait_for("1 falha no teste").shows("✗ recusada").shows("✓");
        journey.press("Down").shows(&format!("porta {closed}"));
    }
}

#[test]
fn esc_stops_a_check_and_leaves_the_form_open() {
    let silent = Fake::silent();
    let mut journey = Journey::on(&json!({"integracao": {"porta_banco_dados": silent.port}}).to_string());
    journey.press("F5").shows("testando").press("Esc").shows("Teste interrompido").hides("testando");
    assert!(journey.is_open());
}

#[test]
fn f12_tests_a_changed_address_first_and_asks_when_it_fails() {
    let refusing = Refusing::new();
    let closed = refusing.port;
    let mut journey = Journey::new();
    journey.press(&format!("Down C-u \"{closed}\" F12")).wait_for("Gravar assim mesmo?");
    assert!(journey.document().is_none(), "nothing is saved before the answer");
    journey.press("Enter").hides("Gravar assim mesmo?");
    assert!(journey.is_open() && journey.document().is_none(), "the harmless answer comes first");
    journey.press("F12").wait_for("Gravar assim mesmo?").press("Right Enter");
    assert_eq!(changed(&journey.ending()), [("integracao.porta_banco_dados".to_string(), json!(closed))]);
    assert!(journey.document().unwrap().contains(&closed.to_string()));
}

#[test]
fn esc_during_the_check_before_a_save_saves_nothing() {
    let silent = Fake::silent();
    let mut journey = Journey::new();
    journey
        .press(&format!("Down C-u \"{}\" F12", silent.port))
        .shows("Testando")
        .press("Esc")
        .shows("nada foi gravado");
    assert!(journey.is_open() && journey.document().is_none());
}

#[test]
fn a_target_that_passed_is_not_tested_again() {
    let http = http();
    let mut journey = Journey::new();
    journey.press(&format!("Down Down C-u \"{}\" F5", http.port)).wait_for("no teste");
    journey.press("F12");
    assert_eq!(changed(&journey.ending()).len(), 1);
}

// --- saving and closing ------------------------------------------------------------------------

#[test]
fn every_way_to_confirm_saves_exactly_the_changes_and_closes() {
    for confirm in ["F12", "C-x", "Tab Enter", "F6 S-Tab S-Tab Enter"] {
        let mut journey = Journey::on(PORT);
        journey.press("Down Down Down Space").press(confirm);
        let ending = journey.ending();
        assert_eq!(
            changed(&ending),
            [("integracao.verificar_crediario_vencido_dav".to_string(), json!(true))],
            "{confirm}"
        );
        let text = journey.document().unwrap();
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            json!({"version": 1, "integracao": {"porta_banco_dados": 5433, "verificar_crediario_vencido_dav": true}})
        );
    }
}

#[test]
fn confirming_without_a_change_writes_nothing() {
    let mut journey = Journey::new();
    journey.press("F12");
    assert!(matches!(journey.ending(), Ending::Saved(_, changes) if changes.is_empty()));
    assert!(journey.document().is_none());
}

#[test]
fn closing_with_changes_asks_and_esc_never_loses_one() {
    for close in ["Esc", "C-c", "Tab Tab Enter"] {
        let mut journey = Journey::new();
        journey
            .press("Down Down Down Space")
            .press(close)
            .shows("1 alteração não foi gravada")
            .shows("(Orçamento): não →");
        journey.press("Esc").shows("[x]").hides("não foi gravada");
        journey.press(close).press("Enter").shows("[x]");
        assert!(journey.is_open());
        journey.press(close).press("Right Right Enter");
        assert!(matches!(journey.ending(), Ending::Discarded(1, ..)));
        assert!(journey.document().is_none());
        let mut journey = Journey::new();
        journey.press("Down Down Down Space").press(close).press("Right Enter");
        assert_eq!(changed(&journey.ending()).len(), 1);
        assert!(journey.document().is_some());
    }
}

#[test]
fn closing_without_changes_asks_nothing() {
    for close in ["Esc", "C-c", "Tab Tab Enter"] {
        let mut journey = Journey::new();
        journey.press(close);
        assert!(matches!(journey.ending(), Ending::Saved(_, changes) if changes.is_empty()));
    }
}

#[test]
fn a_save_that_fails_says_why_and_keeps_the_edits() {
    let mut journey = Journey::on(PORT);
    std::fs::remove_file(journey.path()).unwrap();
    std::fs::create_dir(journey.path()).unwrap();
    journey.press("Down Down Down Space C-s").wait_for("Não deu certo").press("Esc").shows("[x]").shows("●1");
    assert!(journey.path().is_dir());
}

#[test]
fn an_unreadable_document_is_told_and_left_alone() {
    let broken = "{\"integracao\": {\"porta_banco_dados\": 5432,}}";
    let mut journey = Journey::on(broken);
    journey.shows("O arquivo não pode ser lido").shows("somente leitura");
    journey.press("F12 \"x\" F5 Down Up F4");
    assert!(journey.is_open());
    std::fs::write(journey.path(), PORT).unwrap();
    journey.press("Enter").wait_for("5433").hides("somente leitura");
    let mut journey = Journey::on(broken);
    journey.press("Esc");
    assert!(matches!(journey.ending(), Ending::Unreadable(_)));
    assert_eq!(journey.document().unwrap(), broken);
}

#[test]
fn an_invalid_value_in_the_document_can_be_mended() {
    let mut journey =
        Journey::on(r#"{"integracao": {"porta_banco_dados": "abc", "verificar_crediario_vencido_dav": 7}}"#);
    journey.shows("abc").shows("[!]").press("Down Down Down Space F12").shows("Nada foi gravado");
    assert!(journey.cursor_row().contains("abc"), "{}", journey.cursor_row());
    journey.press("F4 F12").wait_for("Gravar assim mesmo?").press("Right Enter");
    assert_eq!(changed(&journey.ending()).len(), 2);
}

#[test]
fn what_a_document_holds_cannot_drive_the_terminal() {
    let mut journey = Journey::on(r#"{"geral": {"vendedor_padrao": "a\u001b[2J\u202eb"}}"#);
    journey.press("C-p").shows("a‹ESC›[2J\\u{202e}b").press("F5").shows("Gerencial");
}

#[test]
fn a_signal_ends_the_form_and_tells_how_much_was_not_saved() {
    let mut journey = Journey::new();
    journey.press("Down Down Down Space").signal(1);
    assert_eq!(journey.ending(), Ending::Signal(1, 1));
}

// --- the whole table ---------------------------------------------------------------------------

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
        Context::Enumeration | Context::Busy => "",
    };
    for row in BINDINGS {
        for context in row.contexts.iter().filter(|context| !places(**context, row.action).is_empty()) {
            if matches!(
                row.action,
                Action::Redo
                    | Action::Up
                    | Action::PageUp
                    | Action::HelpUp
                    | Action::Home
                    | Action::Undo
                    | Action::Check
            ) {
                continue; // have journeys of their own, which build up what these take back
            }
            for key in row.keys {
                let mut journey = Journey::open(Opening { size: (80, 24), ..Opening::default() });
                journey.press(places(*context, row.action));
                if !journey.is_open() {
                    continue;
                }
                let (before, cursor, count) = (journey.screen(), journey.cursor(), journey.written());
                journey.press(&super::keys::name(*key));
                let answered = !journey.is_open() || journey.screen() != before || journey.cursor() != cursor;
                assert!(
                    answered || row.action == Action::Repaint && journey.written() != count,
                    "{key:?} in {context:?}:\n{before}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn random_keys_at_random_sizes_never_panic(
        keys in prop::collection::vec(0usize..100, 1..40),
        sizes in prop::collection::vec((1u16..120, 1u16..50), 1..4),
    ) {
        let names: Vec<String> = BINDINGS.iter().flat_map(|row| row.keys).map(|key| super::keys::name(*key))
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
