//! Moving about: panes, fields, groups, buttons, help, the lock.

use crate::journey::{Journey, Opening};
use crate::keys::bytes;

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

#[test]
fn the_locked_field_says_why_and_enter_goes_to_what_unlocks_it() {
    let mut journey = Journey::new();
    journey
        .press("Down Down Down Down Down")
        .shows("travado")
        .shows("Travado: ative antes “Licença WhatsApp MSG ativa”");
    journey.press("Enter").shows("Controle de Notificação de");
    assert!(journey.cursor_row().contains("Licença WhatsApp MSG ativa"), "{}", journey.cursor_row());
    journey.press("Space C-p PgDn Space").shows("[x] Enviar Notificação").hides("travado");
    journey.press("Space").shows("[ ] Enviar").press("C-n Space").hides("●");
}

#[test]
fn one_key_leads_back_from_every_jump_and_from_the_first_one_no_further() {
    for back in ["C-v", "M-Left"] {
        let mut journey = Journey::new();
        journey.press("Down Down Down Down Down Enter").shows("Ctrl+V volta a “Enviar Notificação da Ordem de");
        assert!(journey.cursor_row().contains("Licença WhatsApp MSG ativa"), "{}", journey.cursor_row());
        journey.press("Space").press(back);
        assert!(journey.cursor_row().contains("[ ] Enviar"), "{}", journey.cursor_row());
        // Undo jumps to what it takes back; F12 to what it refuses.
        journey.press("C-z");
        assert!(journey.cursor_row().contains("[ ] Licença"), "{}", journey.cursor_row());
        journey.press(back).press("Up Up Up C-u C-p F12").shows("Nada foi gravado").press(back);
        journey.shows("Casas Decimais Qtde").press(back).shows("Não há para onde voltar");
    }
}

#[test]
fn a_page_opened_and_scrolled_within_one_burst_of_keys_stops_at_its_end() {
    let keys = [bytes("F1"), bytes("End"), bytes("Up")];
    let small = || Journey::open(Opening { size: (40, 12), ..Opening::default() });
    let (mut one_by_one, mut burst) = (small(), small());
    let end = one_by_one.press("F1 End").screen();
    assert_ne!(one_by_one.press("Up").screen(), end);
    assert_eq!(burst.send(&keys.concat()).screen(), one_by_one.screen());
}

#[test]
fn help_of_the_field_then_all_keys_then_back() {
    for key in ["F1", "C-k"] {
        let mut journey = Journey::new();
        journey.press(key).shows("Chave integracao.ip_servidor_retaguarda").press(key).shows("Teclas").shows("F12 ^X");
        journey.shows("redesenha").press("Esc").hides("F12 ^X");
        journey.press(key).press("Enter").hides("Chave integracao").press(key).press("Space").hides("Chave integracao");
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

#[test]
fn an_unknown_key_is_told_as_the_form_opens_and_in_the_help_of_what_was_meant_and_is_in_nobodys_way() {
    let mut journey = Journey::on(r#"{"integracao": {"porta_banco_dado": 5433}, "geral": {"outra": 1}}"#);
    let screen = journey.screen();
    assert!(screen.contains("2 chaves desconhecidas. Linha 1: "), "{screen}");
    journey.press("Enter");
    let screen = journey.screen();
    assert!(!screen.contains("2 chaves desconhecidas"), "{screen}");
    assert!(screen.contains("▲ Linha 1: chave desconhecida “integracao.porta_banco_dado”"), "{screen}");
    assert!(screen.contains("seria") && screen.contains("integracao.porta_banco_dados?"), "{screen}");
    journey.press("Enter");
    assert!(!journey.screen().contains("porta_banco_dado”"), "{}", journey.screen());

    // A brace that was closed too late takes a whole group away.
    let mut journey = Journey::on(
        "{\n  \"geral\": {\n    \"vendedor_padrao\": \"Ana\",\n    \"integracao\": {\"porta_banco_dados\": 1}\n  }\n}",
    );
    let told = "“integracao” está dentro de “geral”: falta um } antes da linha 4";
    assert!(journey.screen().contains(told), "{}", journey.screen());
    journey.press("Enter");
    assert!(journey.screen().contains(told), "{}", journey.screen());
}
