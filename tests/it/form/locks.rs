//! Parameters that depend on others: switched together, taken back together.

use serde_json::json;

use crate::history::{open, set};
use crate::journey::{Journey, Opening};

/// Down to the checkbox that the licence keeps locked.
const LOCKED: &str = "Down Down Down Down Down";

#[test]
fn space_on_a_locked_field_offers_to_switch_both_on_to_go_there_or_to_stay() {
    let mut journey = Journey::new();
    journey.press(LOCKED).press("Space").shows("Para ativar “Enviar Notificação da Ordem de Serviço pelo");
    journey.shows("Licença WhatsApp MSG ativa (Controle de Notificação de").shows("[ Ativar os dois ]");
    journey.hides("Para desativar").press("Esc").hides("[x]").hides("●");
    // Over a checkbox, Enter goes on: here it changes nothing.
    journey.press("Space Enter").hides("[x]").hides("●").hides("Ativar os dois");
    // There, and back.
    journey.press("Space Left Enter").shows("Ctrl+V volta a");
    assert!(journey.cursor_row().contains("[ ] Licença"), "{}", journey.cursor_row());
    // The way back is told for as long as there is one.
    journey.press("Space").shows("[x] Licença").shows("^V Voltar").press("C-z C-v").hides("^V Voltar");
    assert!(journey.cursor_row().contains("[ ] Enviar"), "{}", journey.cursor_row());
    // Both, as one edit that is made here.
    journey.press("Space Right Enter").shows("[x] Enviar").shows("● 2").shows("2 parâmetros alterados. Ctrl+Z desfaz.");
    assert!(journey.cursor_row().contains("[x] Enviar"), "{}", journey.cursor_row());
    journey.press("C-n C-z").shows("[ ] Enviar").hides("●");
    assert!(journey.cursor_row().contains("[ ] Enviar"), "{}", journey.cursor_row());
    journey.press("C-p C-y");
    assert!(journey.cursor_row().contains("[x] Enviar"), "{}", journey.cursor_row());
    journey.press("F12");
    journey.ending();
    let saved = journey.document().unwrap();
    assert!(
        saved.contains("\"licenca_whatsapp_msg\": true") && saved.contains("\"enviar_notificacao_os_whatsapp\": true")
    );
}

#[test]
fn what_breaks_a_dependent_says_so_first() {
    let both = json!({"integracao": {"enviar_notificacao_os_whatsapp": true}, "notificacao_whatsapp": {"licenca_whatsapp_msg": true}});
    for key in ["Space", "F4", "C-r"] {
        let mut journey = Journey::on(&both.to_string());
        journey.press("C-n").press(key).shows("Depende de “Licença WhatsApp MSG ativa” e está ativado:");
        journey.press("Enter").shows("[x] Licença").hides("●");
        journey.press(key).press("Right Enter").shows("[ ] Licença").shows("● 2");
        journey.press("C-p C-z").shows("[x] Licença").hides("●");
    }
}

#[test]
fn a_chain_of_locks_opens_and_closes_at_once() {
    let parameter = |title: &str, order: i64, requires: Option<&str>| {
        let mut own = json!({ "order": order });
        if let Some(key) = requires {
            own["requires"] = key.into();
        }
        json!({ "title": title, "description": "Da balança.", "type": "boolean", "default": false, "x-balcao": own })
    };
    let extension = json!({"properties": {"balanca": {"properties": {
        "usa": parameter("Usa Balança", 1, None),
        "le_peso": parameter("Lê o Peso", 2, Some("balanca.usa")),
        "confirma_peso": parameter("Confirma o Peso", 3, Some("balanca.le_peso")),
    }}}});
    let extensions = vec![("10-balanca.json", extension.to_string())];
    let mut journey = Journey::open(Opening { extensions, ..Opening::default() });
    journey
        .press("F6 End Up Up Up Up Enter Down Down Space")
        .shows("[ Ativar todos ]")
        .press("Right Enter")
        .shows("● 3");
    assert!(journey.cursor_row().contains("[x] Confirma"), "{}", journey.cursor_row());
    journey.press("Up Up Space").shows("Dependem de “Usa Balança” e estão ativados:");
    journey.press("Right Enter").hides("●").press("C-z").shows("● 3").press("C-z").hides("●");
}

#[test]
fn what_the_history_puts_back_asks_about_dependents_too() {
    let before = Journey::on("{}");
    let mut rui = open(&before.path(), "rui");
    set(&mut rui, "notificacao_whatsapp.licenca_whatsapp_msg", json!(true));
    set(&mut rui, "integracao.enviar_notificacao_os_whatsapp", json!(true));
    let form = || Journey::open(Opening { folder: Some(before.folder()), ..Opening::default() });
    let mut journey = form();
    journey.press("C-n").wait_for("Antes: não").press("M-z");
    journey.shows("Depende de “Licença WhatsApp MSG ativa” e está ativado:").press("Enter").hides("●");
    journey.press("M-z Right Enter").shows("[ ] Licença").shows("● 2").press("C-z").hides("●");
    let mut journey = form();
    journey.press("F7").wait_for("Histórico (").press("Down \"r\"").shows("Depende de “Licença WhatsApp MSG ativa”");
    journey.press("Right Enter").shows("[ ] Licença").shows("● 2");
    // Both at once need nothing more.
    let mut journey = form();
    journey.press("F7").wait_for("Histórico (").press("Space Down Space \"r\"").shows("● 2").hides("Depende de");
}
