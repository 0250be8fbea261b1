//! The search: what is found while typing, where Enter goes, what Space does, and the way back.

use balcao_config::lang::Lang;
use serde_json::json;

use super::PORT;
use crate::journey::{Journey, Opening};

/// The search with this typed.
fn typed(text: &str) -> Journey {
    let mut journey = Journey::new();
    journey.press("F3").press(&format!("\"{text}\""));
    journey
}

#[test]
fn every_key_that_opens_the_search_does() {
    for keys in ["F3", "C-f", "F6 /"] {
        let mut journey = Journey::new();
        journey.press(keys).shows("── Buscar").shows("@alterado").shows("33 de 33");
    }
}

#[test]
fn results_come_while_typing_with_group_and_value() {
    let mut journey = typed("5432");
    journey.shows("Porta Banco de Dados Gestores").shows("Integração").shows("1 de 33");
    journey.press("C-u \"whastap\"").shows("Enviar Notificação da Ordem de Serviço").shows("não");
    journey.press("C-u \"notificassao\"").shows("Licença WhatsApp MSG");
}

#[test]
fn enter_goes_there_and_one_key_leads_back() {
    let mut journey = typed("logotipo");
    journey.press("Enter").hides("Buscar ─").shows("Caminho da Imagem Logo");
    assert!(journey.cursor_row().contains("(vazio)") || journey.cursor().0 > 28, "{}", journey.screen());
    journey.press("\"/x\"").shows("/x").press("C-v \"1\"").shows("1");
    assert!(journey.cursor_row().contains('1'));
    // An action, and a group without parameters.
    journey.press("F3 \"editar relatorio\" Enter").shows("Editar Relatório");
    journey.press("F3 \"mix\" Enter").shows("Nenhum parâmetro neste grupo.");
    journey.press("F3 \"integracao\" Enter Up").shows("IP do Servidor Retaguarda");
}

#[test]
fn esc_comes_back_to_where_one_was() {
    let mut journey = Journey::new();
    journey.press("C-p Down Down Right");
    let (screen, cursor) = (journey.screen(), journey.cursor());
    journey.press("F3 \"porta\" Down Down Esc");
    assert_eq!((journey.screen(), journey.cursor()), (screen, cursor));
}

#[test]
fn a_blank_belongs_to_the_words_until_a_row_is_picked() {
    let mut journey = typed("crediario");
    journey.press("Space \"pre\"").shows("crediario pre").shows("2 de 33").hides("Espaço altera");
    journey.press("C-u \"crediario\" Down").shows("Espaço altera aqui").press("Space").shows("sim").shows("●");
    // Typing again is typing.
    journey.press("\"x\" Backspace Space \"d\"").shows("crediario d");
    journey.press("Esc C-z").hides("●");
    // A field is typed, not switched; a locked one asks, as it does on the form.
    journey.press("F3 \"porta\" Down Space").shows("porta ").press("Esc");
    journey.press("F3 \"ordem whatsapp\" Up Space").shows("Campo travado").press("Esc").shows("Buscar").shows("não");
    journey.press("Up Space Left Enter").hides("─ Buscar").press("C-v").shows("127.0.0.1");
    journey.press("F3 \"ordem whatsapp\" Up Space Right Enter").shows("Buscar").shows("sim").shows("●");
}

#[test]
fn filters_find_what_is_the_matter() {
    let mut journey = Journey::on(PORT);
    journey.press("Down C-u \"0\" Down Down Space F3 \"@alterado\"").shows("2 de 33");
    journey.press("C-u \"@invalido\"").shows("1 de 33").shows("Porta Banco de Dados Gestores");
    journey.press("C-u \"@modified crediario\"").shows("1 de 33");
    journey.press("C-u \"@padrao\"").shows("11 de 33");
    journey.press("C-u \"@\"").shows("33 de 33").press("C-u \"@falha\"").shows("Nenhum resultado com o filtro @falha.");
    journey.shows("0 de 33").press("C-u \"xyzq\"").shows("0 de 33");
    // What this shop has that no other has, whether or not it was saved.
    journey.press("C-u \"@diferente\"").shows("2 de 33").press("Esc C-z C-z F3 \"@nondefault\"").shows("1 de 33");
    journey.press("C-u \"@xyz\"").shows("Não há o filtro @xyz.");
}

#[test]
fn a_test_that_ends_meanwhile_is_heard() {
    let mut journey = Journey::on(r#"{"integracao": {"porta_banco_dados": 1, "porta_integracao_clientes": 2}}"#);
    journey.press("F5 F3 \"@falha\"").wait_for("2 de 33");
}

#[test]
fn where_nothing_fits_the_nearest_is_offered() {
    let mut journey = typed("rejixtrus");
    journey.shows("O mais parecido:").press("Enter").shows("Registros");
    journey.press("F3 \"xyzzy\"").shows("Nada encontrado.").press("Enter").shows("── Buscar");
}

#[test]
fn what_a_key_does_is_found_and_done_where_the_key_does_not_arrive() {
    let mut journey = Journey::on(PORT);
    journey
        .press("Down Down Down Space Tab Tab Tab / \"comparar\"")
        .shows("F2, Ctrl+G")
        .press("Enter")
        .shows("não → sim");
    journey.press("Esc / \"desfazer\" Enter").hides("●");
    journey.press("F6 / \"gravar\" Enter").wait_until("the end", |screen| !screen.contains("── Buscar"));
    let mut journey = Journey::on(PORT);
    journey.press("C-f \"fechar\" Enter");
    assert!(!journey.is_open());
}

#[test]
fn a_paste_is_searched_for() {
    let mut journey = Journey::new();
    journey.press("F3").send(b"\x1b[200~  crediario pre \n\x1b[201~").shows("crediario pre").shows("2 de 33");
    let long = "porta ".repeat(20_000);
    journey.send(format!("\x1b[200~{long}\x1b[201~").as_bytes()).shows("── Buscar");
}

#[test]
fn extensions_are_found_by_their_synonyms_in_both_languages() {
    let extension = json!({"properties": {"mix": {"properties": {"fator": {
        "title": "Fator", "description": "Do mix.", "type": "integer", "default": 1,
        "x-balcao": {"synonyms": "multiplicador, índice", "en": {"title": "Factor", "synonyms": "multiplier"}},
    }}}}});
    for (lang, label) in [(Lang::Pt, "Fator"), (Lang::En, "Factor")] {
        for word in ["indice", "multipler", "Fator", "factor"] {
            let extensions = vec![("10-mix.json", extension.to_string())];
            let mut journey = Journey::open(Opening { extensions, lang, ..Opening::default() });
            journey.press(&format!("F3 \"{word}\"")).shows(label).shows("1 ");
        }
    }
}

#[test]
fn the_search_works_at_every_size() {
    for size in [(40, 12), (60, 16), (80, 24), (120, 40)] {
        let mut journey = Journey::open(Opening { size, ..Opening::default() });
        journey.press("C-f \"porta\"").shows("Porta Banco").press("Enter").shows("5432");
    }
}
