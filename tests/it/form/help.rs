//! The help of a field: what it says first, and what a value amounts to.

use crate::journey::{Journey, Opening};

#[test]
fn help_says_what_a_value_amounts_to() {
    let mut journey = Journey::new();
    journey.shows("127.0.0.1 é sempre este computador.");
    for (typed, told) in [
        ("192.168.0.10", "192.168.0.10 é um endereço de rede privada."),
        ("100.64.0.9", "100.64.0.9 é um endereço interno do provedor (CGNAT)."),
        ("servidor", "servidor é um nome, que o DNS ou o arquivo hosts traduz em endereço."),
    ] {
        journey.press(&format!("Down Up \"{typed}\"")).hides("é um").press("Down Up").shows(told);
    }
    let mut journey = Journey::new();
    journey.press("C-p Down").shows("Exemplo: 1.234,50 × 12,34");
    journey
        .press("\"3\" Down \"0\"")
        .shows("Exemplo: 1.234,500 × 12")
        .press("Backspace \"9\"")
        .shows("Exemplo: 1.234,500 × 12,340000000");
    journey.press("\"9\"").hides("Exemplo:");
}

#[test]
fn of_a_value_that_is_another_the_help_names_the_default_and_the_key_that_leads_back() {
    let mut journey = Journey::new();
    journey.press("Down \"5433\"").shows("Padrão: 5432, a porta padrão do PostgreSQL. F4 volta a ele.");
    journey.press("F4").shows("5433 → padrão 5432. Ctrl+Z desfaz.").hides("F4 volta a ele.");
}

#[test]
fn the_whole_help_has_what_a_change_needs() {
    let mut journey = Journey::open(Opening { size: (100, 40), ..Opening::default() });
    journey
        .press("Down F1")
        .shows("Padrão: 5432, a porta padrão do PostgreSQL.")
        .shows("Vale quando o programa do balcão ler");
    journey.shows("Chave integracao.porta_banco_dados").shows("Valores: de 1 a 65535.");
}

#[test]
fn what_the_whole_help_names_as_the_fields_keys_works_in_it() {
    let mut journey = super::versions::form();
    journey.press("Down").wait_for("Alt+Z põe de volta").press("F1").shows("Esc Voltar").press("M-z");
    journey.shows("Voltou a 7000, ainda não gravado.").hides("Esc Voltar");
    assert!(journey.cursor_row().contains("7000"), "{}", journey.cursor_row());
    journey.press("F1 F4").shows("padrão 5432").hides("Esc Voltar");
    let mut journey = Journey::open(Opening { search: super::servers::three, ..Opening::default() });
    journey.press("F1 F8").wait_for("servidor.loja");
    // A locked field's say what closes the page.
    let mut journey = Journey::new();
    journey.press("Down Down Down Down Down F1").shows("Travado: ative antes").hides("Enter leva");
}
