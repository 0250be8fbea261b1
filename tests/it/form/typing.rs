//! Values: typing, pasting, validity, taking back.

use serde_json::json;

use super::PORT;
use crate::journey::{Journey, Opening};

#[test]
fn the_editing_keys_edit_at_the_cursor() {
    let cases = [
        ("\"9\"", "9"),
        ("End \"9\"", "127.0.0.19"),
        ("Down Up Right \"9\"", "127.0.0.19"),
        ("Delete \"9\"", "127.0.0.19"),
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
        assert!(journey.cursor_row().contains(&format!("▌{expected} ")), "{keys}: {}", journey.cursor_row());
    }
    let mut journey = Journey::new();
    journey.send(b"\x08\x08\x0822");
    assert!(journey.cursor_row().contains("127.0.22"), "{}", journey.cursor_row());
}

/// What is shown reversed.
fn reversed(journey: &Journey) -> String {
    journey.cells().iter().filter(|cell| cell.inverse()).map(vt100::Cell::contents).collect()
}

#[test]
fn a_value_is_selected_on_arrival_and_what_is_typed_or_pasted_replaces_it_in_one_step() {
    let mut journey = Journey::new();
    assert_eq!(reversed(&journey), "127.0.0.1");
    journey.press("Down");
    assert_eq!(reversed(&journey), "5432");
    assert_eq!(reversed(journey.press("\"54\"")), "");
    journey.press("\"33\" Down Up");
    assert_eq!(reversed(&journey), "5433");
    assert_eq!(reversed(journey.press("C-z")), "5432");
    journey.hides("●").press("C-y");
    assert_eq!(reversed(&journey), "5433");
    journey.send(b"\x1b[200~ 8000 \x1b[201~").shows("▌8000 ").press("C-z").shows("▌5433 ");
    for key in ["Left", "Right", "Home", "End", "Backspace", "Delete", "C-w", "C-u"] {
        assert_eq!(reversed(journey.press("Down Up").press(key)), "", "{key}");
    }
    // A value that F12 refuses is replaced at once, too.
    journey.press("C-u \"0\" F12 \"5435\"").shows("▌5435 ").press("C-n C-p Up Down");
    assert_eq!(reversed(&journey), "5435");
}

#[test]
fn a_paste_is_one_edit_without_controls_and_says_so() {
    let mut journey = Journey::new();
    journey.press("C-u").send(b"\x1b[200~10.1.\x1b[31m2.3\r\n\x1b[201~");
    journey.shows("10.1.").shows("caracteres inválidos");
    assert!(journey.is_open());
    journey.press("C-z C-z").shows("127.0.0.1").hides("●");
}

#[test]
fn words_about_an_invalid_value_wait_until_no_typing_could_mend_it() {
    let mut journey = Journey::new();
    journey.press("Down C-u");
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
        assert!(journey.cursor_row().contains("▌0 "), "{confirm}: {}", journey.cursor_row());
        journey.shows("Nada foi gravado").shows("de 1 a 65535");
        assert!(journey.is_open() && journey.document().is_none());
    }
}

#[test]
fn of_two_equal_ports_both_are_marked_and_the_one_changed_last_is_spoken_of() {
    let (first, second) = ("Porta Banco de Dados Gestores", "Porta de Comunicação para Integração do");
    // Changed last: the one above, the one below, the one above again, and after an undo the one before.
    for (keys, other) in [
        ("Down \"8082\" Down Down", second),
        ("Down Down \"5432\" Up Up", first),
        ("Down Down \"9000\" Up \"9000\" Down", second),
        ("Down \"9000\" Down \"9000\" \"1\" C-z C-y Backspace", first),
    ] {
        let mut journey = Journey::new();
        journey.press(keys).press("F6");
        let screen = journey.screen();
        assert_eq!(screen.matches("igual a outro campo").count(), 1, "{keys}:\n{screen}");
        assert_eq!(screen.matches('!').count(), 4, "both, their group, and in its help:\n{screen}");
        journey.press("F12").shows("Nada foi gravado");
        assert!(journey.cursor_row().contains("igual a outro campo"), "{keys}: {}", journey.cursor_row());
        journey.shows(&format!("é também o valor de “{}", &other[..16]));
    }
}

#[test]
fn in_the_form_words_name_labels_and_what_would_be_right_and_never_a_key() {
    let cases = [
        ("Down \"70000\"", "! 70000 é inválido: informe de 1 a 65535."),
        ("Down \"abc\"", "! “abc” é inválido: informe um número inteiro de 1 a 65535."),
        ("Down C-u Up Down", "! Vazio: informe um número inteiro de 1 a 65535."),
        ("\"srv:5432\" Down Up", "! “srv:5432” contém a porta; informe só o endereço."),
        ("C-u Down Up", "! Vazio: informe o IP ou o nome do servidor."),
        ("Down \"05432\"", "! “05432” tem zeros à esquerda: informe sem os zeros."),
    ];
    for (keys, words) in cases {
        let mut journey = Journey::new();
        journey.press(keys).shows(words);
        let screen = journey.screen();
        assert!(screen.lines().all(|line| !line.contains('!') || !line.contains("integracao.")), "{screen}");
    }
    let document = r#"{"integracao": {"porta_banco_dados": "5432", "enviar_notificacao_os_whatsapp": true}}"#;
    let mut journey = Journey::on(document);
    journey.press("Down").shows("! “5432” está no arquivo entre aspas, como texto: informe o");
    journey
        .press("\"5432\" Down Down Down Down")
        .shows("! Depende do parâmetro “Licença WhatsApp MSG ativa”, que está");
    journey.press("C-n").shows("! O parâmetro “Enviar Notificação da Ordem de Serviço pelo");
    journey.press("F2").shows("WhatsApp: Depende do").hides("integracao.enviar");
}

#[test]
fn a_value_in_quotes_shows_that_as_the_reason_and_blanks_around_are_no_part_of_it() {
    let mut journey = Journey::new();
    journey.press("Down \"'5432'\"").shows("tem aspas").shows("! “'5432'” tem aspas: informe só o número.");
    journey.press("C-u").send("\x1b[200~ \u{a0}\t\"5433\"\x1b[201~".as_bytes()).shows("tem aspas");
    journey.press("C-u").send("\x1b[200~\u{a0}5433\u{200b} \x1b[201~".as_bytes()).hides("!").shows("▌5433 ");
    journey.press("Up Space \"10.0.0.7\" Space Down").hides("!").shows(" 10.0.0.7");
    journey.press("Up").send(b"\x1b[200~ '10.0.0.8' \x1b[201~").shows("tem aspas");
}

#[test]
fn space_switches_a_checkbox_and_steps_an_enumeration() {
    let extension = json!({"properties": {"balanca": {"properties": {"velocidade": {
        "title": "Velocidade", "description": "Da porta.", "type": "integer", "enum": [2400, 4800, 9600], "default": 4800
    }}}}});
    let extensions = vec![("10-balanca.json", extension.to_string())];
    let mut journey = Journey::open(Opening { extensions, ..Opening::default() });
    journey.press("Down Down Down Space").shows("[x] Verificar se Existe Crediário Vencido no DAV").shows("● 1");
    journey.press("Space").hides("[x]").hides("● 1");
    journey.press("F6 End Up Up Up Up").shows("Velocidade").shows("< 4800 >");
    journey
        .press("Enter Space")
        .shows("< 9600 >")
        .press("Right")
        .shows("< 2400 >")
        .press("Left Left")
        .shows("< 4800 >");
    journey.hides("● 1");
}

#[test]
fn undo_and_redo_go_over_the_whole_session() {
    let mut journey = Journey::new();
    journey.press("C-u \"10.0.0.5\" Down C-u \"5433\" Down Down Space").shows("● 3");
    journey.press("C-z").hides("[x]").press("C-z").press("C-z").shows("5432");
    journey.press("C-z C-z").shows("127.0.0.1").hides("●").press("C-z").shows("Nada a desfazer");
    journey.press("C-y C-y C-y C-y C-y").shows("10.0.0.5").shows("5433").shows("[x]").shows("● 3");
    journey.press("C-y").shows("Nada a refazer");
}

#[test]
fn undo_goes_over_a_save() {
    let mut journey = Journey::new();
    journey.press("Down Down Down Space C-s").wait_for("Gravado em").hides("●");
    assert!(journey.document().unwrap().contains("\"verificar_crediario_vencido_dav\": true"));
    journey.press("C-z").shows("[ ] Verificar se Existe Crediário Vencido no DAV").shows("● 1");
    journey.press("C-s").wait_for("Gravado em");
    assert!(!journey.document().unwrap().contains("dav"), "{:?}", journey.document());
}

#[test]
fn the_default_comes_back_with_f4_and_can_be_taken_back() {
    for key in ["F4", "C-r"] {
        let mut journey = Journey::on(PORT);
        journey.press("Down").shows("5433").press(key);
        assert!(journey.cursor_row().contains("5432"), "{}", journey.cursor_row());
        journey
            .shows("5433 → padrão 5432. Ctrl+Z desfaz.")
            .press("F4 F4")
            .shows("Já está no padrão: 5432.")
            .press("C-z");
        assert!(journey.cursor_row().contains("5433"), "{}", journey.cursor_row());
    }
}

#[test]
fn a_blank_in_a_number_is_dropped_without_moving_the_cursor() {
    let mut journey = Journey::new();
    journey.press("Down Home Space \"1\"").shows(" 15432 ");
}
