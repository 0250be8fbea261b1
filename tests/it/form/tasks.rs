//! What a shop's technician comes for, as journeys through the form: the way that the screen leads to, beside the shortest there is.
//!
//! What a detour costs is not keys but acts: a key, a key that is held, or a text that is typed is one.

use balcao_config::session::ending::Ending;
use serde_json::json;

use super::{changed, drafts, http};
use crate::fakes::Fake;
use crate::history;
use crate::journey::Journey;
use crate::keys::tokens;
use crate::pty::Pty;
use crate::world::World;

/// The acts of these keys.
fn acts(keys: &str) -> usize {
    let mut acts = 0;
    for (number, part) in keys.split('"').enumerate() {
        match number % 2 {
            1 => acts += 1,
            _ => {
                let mut held: Vec<String> = tokens(part);
                held.dedup();
                acts += held.len();
            }
        }
    }
    acts
}

/// Presses these keys step by step, each up to what the screen then shows; holds that the way is hardly longer than the shortest.
fn walk(journey: &mut Journey, steps: &[(&str, &str)], shortest: usize) {
    for (keys, shown) in steps {
        journey.press(keys);
        if !shown.is_empty() {
            journey.wait_for(shown);
        }
    }
    let way: usize = steps.iter().map(|(keys, _)| acts(keys)).sum();
    assert!(way as f64 <= 1.2 * shortest as f64, "{way} acts, where {shortest} do");
}

#[test]
fn acts_are_counted_as_a_person_does_them() {
    assert_eq!(acts("F5"), 1);
    assert_eq!(acts("Down Down Down \"5432\" F12"), 3);
    assert_eq!(acts("Down Up Down"), 3);
}

#[test]
fn point_it_at_a_server_and_prove_it() {
    let service = http();
    let database = crate::postgres::cluster().port;
    let ports = json!({"integracao": {"porta_banco_dados": database, "porta_integracao_clientes": service.port}});
    let mut journey = Journey::on(&ports.to_string());
    // The address is selected on arrival, and what is typed replaces it.
    walk(&mut journey, &[("\"localhost\"", "localhost"), ("F5", "Teste sem falhas"), ("F12", "")], 3);
    assert_eq!(changed(&journey.ending()), [("integracao.ip_servidor_retaguarda".to_owned(), json!("localhost"))]);
}

#[test]
fn find_a_wrong_port_before_changing_it() {
    let service = http();
    let database = crate::postgres::cluster().port;
    let ports = json!({"integracao": {"porta_banco_dados": database, "porta_integracao_clientes": 1}});
    let mut journey = Journey::on(&ports.to_string());
    let right = format!("\"{}\"", service.port);
    let steps = [("F5", "1 falha no teste"), ("Down Down", "recusada"), (right.as_str(), ""), ("F12", "")];
    walk(&mut journey, &steps, 4);
    assert_eq!(changed(&journey.ending()), [("integracao.porta_integracao_clientes".to_owned(), json!(service.port))]);
}

#[test]
fn switch_whatsapp_on_through_its_lock() {
    for steps in [
        &[
            ("Down Down Down Down Down", "Enviar Notificação"),
            ("Space", "Campo travado"),
            ("Right Enter", "[x]"),
            ("F12", ""),
        ][..],
        // Whoever does not know where it is asks for it.
        &[
            ("F3", "Buscar"),
            ("\"zap\"", "3 de 33"),
            ("Enter", "Enviar"),
            ("Space", "Campo travado"),
            ("Right Enter F12", ""),
        ],
    ] {
        let mut journey = Journey::new();
        let shortest = if steps[0].0 == "F3" { 7 } else { 5 };
        walk(&mut journey, steps, shortest);
        let keys: Vec<_> = changed(&journey.ending()).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["integracao.enviar_notificacao_os_whatsapp", "notificacao_whatsapp.licenca_whatsapp_msg"]);
    }
}

#[test]
fn switch_one_of_two_policies_on() {
    let mut journey = Journey::new();
    walk(&mut journey, &[("Down Down Down Down", "Pré-Venda"), ("Space", "[x]"), ("F12", "")], 3);
    assert_eq!(changed(&journey.ending())[0].0, "integracao.verificar_crediario_vencido_pre_venda");
    // The search tells both apart, and switches where it shows them.
    let mut journey = Journey::new();
    let steps = [("F3", "Buscar"), ("\"crediario\"", "2 de 33"), ("Down", "Espaço"), ("Space", "sim"), ("Esc F12", "")];
    walk(&mut journey, &steps, 6);
    assert_eq!(changed(&journey.ending())[0].0, "integracao.verificar_crediario_vencido_pre_venda");
}

#[test]
fn put_back_the_one_thing_that_somebody_changed_yesterday() {
    let before = Journey::new();
    let mut rui = history::open(&before.path(), "rui");
    rui.set(&history::key("geral.casas_decimais_valor"), Some(json!(4)));
    history::set(&mut rui, "geral.vendedor_padrao", json!("Rui"));
    let mut journey = drafts::open(&before, "ana");
    let changes = journey.press("F7").wait_for("Casas Decimais Valor: 2 → 4").screen();
    let is_first = changes.find("Casas Decimais") < changes.find("Vendedor Padrão");
    let steps = [(if is_first { "Home" } else { "Down" }, ""), ("\"r\"", "Voltou a 2"), ("F12", "")];
    walk(&mut journey, &steps, 3);
    assert_eq!(changed(&journey.ending()), [("geral.casas_decimais_valor".to_owned(), json!(2))]);
}

#[test]
fn go_on_after_a_line_that_dropped() {
    let mut journey = drafts::open(&Journey::new(), "ana");
    journey.press("\"10.0.0.5\" Down Down Down Space").signal(1);
    assert!(matches!(journey.ending(), Ending::Signal(1, 2)));
    let mut journey = drafts::open(&journey, "ana");
    walk(&mut journey, &[("Enter", "● 2"), ("C-s", "10.0.0.5")], 2);
}

#[test]
fn see_what_the_server_has_to_admit() {
    let text = "no pg_hba.conf entry for host \"127.0.0.1\", user \"postgres\", database \"postgres\", no encryption";
    let refusing = Fake::postgres_error("28000", text);
    let mut journey = Journey::on(&json!({"integracao": {"porta_banco_dados": refusing.port}}).to_string());
    walk(&mut journey, &[("F5", "no teste"), ("Down", "pg_hba.conf"), ("F1", "127.0.0.1/32")], 3);
}

#[test]
fn show_the_boss_what_would_change() {
    let mut journey = Journey::new();
    journey.press("Down Down Down Space");
    walk(&mut journey, &[("F2", "não → sim")], 1);
}

#[test]
fn put_a_broken_file_back() {
    let before = Journey::on("{}");
    let mut ana = history::open(&before.path(), "ana");
    history::set(&mut ana, "geral.vendedor_padrao", json!("Ana"));
    let whole = before.document().unwrap();
    std::fs::write(before.path(), &whole[..whole.len() / 2]).unwrap();
    let mut journey = drafts::open(&before, "rui");
    walk(&mut journey, &[("Right", "Pôr de volta"), ("Enter", "posta de volta"), ("F12", "")], 3);
    assert!(matches!(journey.ending(), Ending::Saved(_, changes) if changes.is_empty()));
    assert_eq!(journey.document().unwrap(), whole);
}

#[test]
fn set_the_second_counter_up_like_this_one() {
    let (first, second) = (World::with_config("{}"), World::with_config("{}"));
    let mut form = Pty::spawn(&first, &[], (100, 30));
    form.wait_text("Retaguarda").press("Down Down Down Space").wait_text("[x]").press("F12");
    let left = form.end().text;
    // The line that the form leaves is pasted into the other counter's shell as it is.
    let line = left.lines().map(str::trim).find(|line| line.starts_with("balcao-config ")).expect(&left);
    let ran = second.line(line.strip_prefix("balcao-config ").unwrap());
    assert_eq!(ran.code, 0, "{line}: {ran:?}");
    let differs = second.run(&["diff".as_ref(), first.path("config.json").as_os_str()]);
    assert_eq!((differs.code, differs.stdout.as_str()), (0, ""), "{differs:?}");
    assert!(second.config().contains("verificar_crediario_vencido_dav"));
}
