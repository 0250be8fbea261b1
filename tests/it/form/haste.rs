//! Keys that come at once, on terminals too small to see the form, and pastes that stall.

use balcao_config::session::ending::Ending;

use crate::journey::Journey;

#[test]
fn in_a_dialog_esc_and_the_next_key_in_one_packet_are_two_keys() {
    let mut journey = Journey::new();
    journey.press("F1").shows("Padrão").send(b"\x1b\x1b[17~\x1b[B").shows("▌ Ordem de Serviço");
    let mut journey = Journey::new();
    journey.press("Down C-u \"5433\" F2").shows("5432 → 5433").send(b"\x1b\x1bOS");
    journey.hides("F12 grava em").shows("5433 → padrão 5432. Ctrl+Z desfaz.");
    // What begins no key is Esc, too.
    journey
        .press("F1")
        .shows("Padrão")
        .send(b"\x1b[")
        .hides("Esc Voltar")
        .press("F1")
        .shows("Padrão")
        .send(b"\x1bO")
        .hides("Esc Voltar");
    // In one packet with what opens it, too.
    let mut journey = Journey::new();
    journey.send(b"\x1b[12~\x1b\x1b[B").hides("Esc Voltar").press("C-u \"1\"").shows("● 1");
}

#[test]
fn in_a_dialog_esc_and_a_paste_in_one_packet_close_it_and_paste() {
    let mut journey = Journey::new();
    journey.press("Down C-u F1").shows("Padrão").send(b"\x1b\x1b[200~5433\x1b[201~").shows("5433").hides("Esc Voltar");
    // On the form it is Alt with something, and nothing is lost.
    journey.press("C-u").send(b"\x1b\x1b[200~5434\x1b[201~").shows("5434");
    assert!(journey.is_open());
}

#[test]
fn what_wakes_the_loop_meanwhile_does_not_put_off_what_waits_for_the_keys_to_stop() {
    let mut journey = Journey::new();
    journey.hold("Down", 5).stir().hold("Down", 5).stir().press("Up");
}

#[test]
fn on_the_form_esc_and_a_key_within_the_delay_are_alt_with_it() {
    let mut journey = Journey::new();
    journey.send(b"\x1bx").hides("●").send(b"\x1b\t").hides("●");
    assert!(journey.is_open());
    journey.send(b"\x1b\x1b[B").hides("▌ Integração");
}

#[test]
fn one_burst_never_both_reaches_a_button_and_presses_it() {
    // A pasted list, its marks lost on the way.
    let mut journey = Journey::new();
    journey.send(&b"\r\n".repeat(12));
    assert!(journey.is_open());
    assert!(journey.cursor_row().contains("Confirma"), "{}", journey.cursor_row());
    journey.press("Enter");
    assert!(matches!(journey.ending(), Ending::Saved(..)));
    // Nor does Enter that is held down.
    let mut journey = Journey::new();
    journey.hold("Enter", 20);
    assert!(journey.is_open());
    assert!(journey.cursor_row().contains("Confirma"), "{}", journey.cursor_row());
    // Nor a question that it has asked, nor an answer that it has picked.
    let mut journey = Journey::new();
    journey.press("Down Down Down Space").send(b"\x03\x1b[C\x1b[C\r").shows("não foi gravada");
    journey.press("Esc").shows("[x]").press("Esc Right Right Enter");
    assert!(matches!(journey.ending(), Ending::Discarded(1, ..)));
    // Nor the button below a question that it has closed.
    let mut journey = Journey::new();
    journey.press("Down Down Down Space Tab Tab Esc").shows("não foi gravada").send(b"\x1b\r");
    assert!(journey.is_open());
}

#[test]
fn on_a_terminal_too_small_nobody_acts_on_what_nobody_sees() {
    for size in [(39, 12), (40, 11), (20, 2)] {
        let mut journey = Journey::new();
        journey.press("Down Down Down Space").shows("[x]").resize(size.0, size.1).shows("Aumente a janela");
        journey.press("Space F4 C-u C-z Down Tab \"x\" F7").send(b"\x1b[200~9\x1b[201~");
        // Esc asks, and only Esc answers.
        journey
            .press("Esc")
            .shows("Gravar antes")
            .press("Right Right Enter")
            .shows("Gravar antes")
            .press("Esc")
            .hides("Gravar antes");
        journey.resize(80, 24).shows("[x]").shows("● 1");
        journey.resize(size.0, size.1).press("F12");
        assert!(matches!(journey.ending(), Ending::Saved(_, changes) if changes.len() == 1));
    }
    let mut journey = Journey::new();
    journey.resize(10, 5).press("C-c");
    assert!(matches!(journey.ending(), Ending::Saved(_, changes) if changes.is_empty()));
}

#[test]
fn a_paste_that_stalls_is_told_and_ends_with_its_end_or_with_ctrl_c() {
    let mut journey = Journey::new();
    journey.press("Down").send(b"\x1b[200~54").shows("A colagem ainda não terminou. Ctrl+C cancela.");
    journey.send(b"33\r\r\r").send(b"\x1b[201~").shows("5433").shows("● 1");
    let mut journey = Journey::new();
    journey.press("Down").send(b"\x1b[200~54").send(b"\x03").shows("Colagem cancelada").hides("●");
    journey.press("C-u \"1\"").shows("● 1");
}

#[test]
fn alt_with_a_character_writes_none_though_a_dialog_lies_over_the_field() {
    for key in ["F1", "F2", "F3", "F1 F1"] {
        let mut journey = Journey::new();
        journey.press(key).send(b"\x1bz").hides("●");
        assert!(journey.is_open());
    }
}
