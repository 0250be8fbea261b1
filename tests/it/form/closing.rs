//! Saving, closing, and what can go wrong then.

use balcao_config::session::ending::Ending;
use serde_json::json;

use super::{PORT, changed, drafts};
use crate::fakes::{Fake, Refusing};
use crate::history;
use crate::journey::{Journey, Opening};

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
    journey.press("Down Down Down Space C-s").wait_for("Falhou").press("Esc").shows("[x]").shows("● 1");
    assert!(journey.path().is_dir());
}

#[test]
fn an_unreadable_document_is_told_and_left_alone() {
    let broken = "{\"integracao\": {\"porta_banco_dados\": 5432,}}";
    let mut journey = Journey::on(broken);
    journey.shows("Não foi possível ler o arquivo");
    journey.press("F12 \"x\" F5 Down Up F4");
    assert!(journey.is_open());
    std::fs::write(journey.path(), PORT).unwrap();
    journey.press("Enter").wait_for("5433").hides("somente leitura");
    let mut journey = Journey::on(broken);
    journey.press("Esc");
    assert!(matches!(journey.ending(), Ending::Unreadable(_)));
    assert_eq!(journey.document().unwrap(), broken);
}

/// A form on a document that was saved once and then cut short, and the document's text before.
fn cut_short() -> (Journey, String) {
    let before = Journey::on("{}");
    let mut ana = history::open(&before.path(), "ana");
    history::set(&mut ana, "geral.vendedor_padrao", json!("Ana"));
    let whole = before.document().unwrap();
    std::fs::write(before.path(), &whole[..whole.len() / 2]).unwrap();
    (drafts::open(&before, "rui"), whole)
}

#[test]
fn a_broken_document_is_brought_back_from_the_form_and_kept_beside_it() {
    let (mut journey, whole) = cut_short();
    journey.shows("Não foi possível ler o arquivo").shows("A versão 2 do histórico (").shows("[ Pôr de volta ]");
    journey.hides("rollback");
    let broken = journey.document().unwrap();
    journey.press("Right Enter").wait_for("posta de volta").hides("possível ler o arquivo");
    assert_eq!(journey.document().unwrap(), whole);
    let folder = journey.path().parent().unwrap().to_owned();
    let kept = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let kept: Vec<_> = kept.filter(|it| it.to_str().unwrap().contains(".quebrado-")).collect();
    assert_eq!(std::fs::read_to_string(&kept[0]).unwrap(), broken);
    // It is a form as any other from then on.
    journey.press("F12");
    assert!(matches!(journey.ending(), Ending::Saved(..)));
}

#[test]
fn what_was_written_over_a_broken_document_meanwhile_is_not_replaced() {
    let (mut journey, _) = cut_short();
    std::fs::write(journey.path(), PORT).unwrap();
    journey.press("Right Enter").wait_for("nada foi gravado");
    assert_eq!(journey.document().unwrap(), PORT);
    journey.press("Esc").shows("[ Pôr de volta ]").press("Left Enter").wait_for("5433");
}

#[test]
fn an_invalid_value_in_the_document_can_be_mended() {
    let mut journey =
        Journey::on(r#"{"integracao": {"porta_banco_dados": "abc", "verificar_crediario_vencido_dav": 7}}"#);
    journey.shows("abc").shows("[!]").press("Down Down Down Space F12").shows("Nada foi gravado");
    assert!(journey.cursor_row().contains("abc"), "{}", journey.cursor_row());
    journey.press("F4 F12").wait_for("Gravar mesmo assim?").press("Right Enter");
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

#[test]
fn f12_without_a_change_closes_also_while_a_check_runs() {
    let silent = Fake::silent();
    let mut journey = Journey::on(&json!({"integracao": {"porta_banco_dados": silent.port}}).to_string());
    journey.press("F5").wait_for("aguardando resposta").press("F12");
    assert!(matches!(journey.ending(), Ending::Saved(_, changes) if changes.is_empty()));
}

#[test]
fn a_question_scrolls_on_a_small_screen_and_keeps_its_answers_in_sight() {
    let refusing = Refusing::new();
    let mut journey = Journey::open(Opening { size: (40, 12), ..Opening::default() });
    journey.press(&format!("Down Down C-u \"{}\" F12", refusing.port)).wait_for("Gravar mesmo assim?");
    journey.shows("[ Voltar ]").hides("inicie o").press("PgDn PgDn PgDn").shows("inicie o").shows("[ Voltar ]");
}

/// What only root can set up.
mod root {
    use std::fs;
    use std::os::unix::fs::chown;
    use std::process::Command;
    use std::sync::Arc;

    use super::*;
    use crate::world::PROGRAM;

    #[test]
    fn in_anothers_folder_f12_asks_about_what_both_have_changed_before_it_prints_a_command() {
        for (answer, is_mine) in [("Right Enter", true), ("Right Right Enter", false)] {
            let folder = Arc::new(tempfile::tempdir().unwrap());
            chown(folder.path(), Some(4321), Some(4321)).unwrap();
            let (folder, document) = (Some(folder), Some(PORT.into()));
            let mut journey = Journey::open(Opening { folder, document, watched: true, ..Opening::default() });
            journey.press("Down C-u \"5434\" F2").shows("F12 mostra o comando que grava em").press("Esc");
            let new = journey.path().with_extension("new");
            fs::write(&new, PORT.replace("5433", "7000")).unwrap();
            fs::rename(new, journey.path()).unwrap();
            journey.wait_for("▲ conflito").press("F12").shows("Alterado aqui e no arquivo").press(answer);
            match journey.ending() {
                Ending::Kept(problem) if is_mine => {
                    let command = problem.hints.last().unwrap().as_str();
                    assert!(command.ends_with("set integracao.porta_banco_dados=5434"), "{command}");
                }
                Ending::Saved(_, changes) if !is_mine => assert_eq!(changes, []),
                ending => panic!("{ending:?}"),
            }
        }
    }

    #[test]
    fn in_anothers_folder_root_keeps_nothing_and_f12_prints_the_owners_command_which_saves() {
        let folder = tempfile::Builder::new().prefix("d'").tempdir().unwrap();
        let folder = Arc::new(folder);
        chown(folder.path(), Some(4321), Some(4321)).unwrap();
        let opening = Opening { folder: Some(Arc::clone(&folder)), document: Some(PORT.into()), ..Opening::default() };
        let mut journey = Journey::open(opening);
        journey.shows("[somente leitura]").shows("é de 4321");
        journey.press("Down Down Down Space").press("Up Up F4").press("C-s").shows("Para gravar").press("Esc");
        journey.press("F12");
        let Ending::Kept(problem) = journey.ending() else { panic!("not kept") };
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["catalog.d", "config.json"], "no draft, lock, history or checks");
        let command = problem.hints.last().unwrap().as_str().strip_prefix("Para gravar: ").unwrap().to_owned();
        let program = folder.path().join("program");
        assert!(Command::new("cp").arg(PROGRAM).arg(&program).status().unwrap().success());
        assert!(command.starts_with("setpriv --reuid 4321 "), "{command}");
        let command = command.replacen("balcao-config", "\"$0\"", 1);
        let output = Command::new("sh").args(["-c", &command]).arg(&program).output().unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        let saved: serde_json::Value = serde_json::from_str(&journey.document().unwrap()).unwrap();
        assert_eq!(saved, json!({"version": 1, "integracao": {"verificar_crediario_vencido_dav": true}}));
    }
}
