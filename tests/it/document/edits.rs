//! Values changed in a document: every other byte stays, and what is written can be read again.

use balcao_config::document::validate::validate;

use super::*;

#[test]
fn every_valid_file_keeps_every_other_byte_through_set_and_unset() {
    for path in files("tests/it/data/valid").into_iter().chain(files("examples/configs")) {
        let text = fs::read_to_string(&path).unwrap();
        let document = Document::read(&path, &CATALOG).unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(document.text(), text);
        assert!(!document.is_changed());
        for name in [PORT, "integracao.ip_servidor_retaguarda", SELLER, "geral.casas_decimais_qtde"] {
            let set = document.with(&change(name, json!("um valor novo")));
            assert_eq!(set.value(&key(name)), Some(json!("um valor novo")), "{}", path.display());
            let reread = Document::parse(&path, set.text().as_bytes(), &CATALOG).unwrap();
            assert_eq!(reread.value(&key(name)), Some(json!("um valor novo")));
            if !document.has(&key(name)) {
                let undone = set.with(&Changes::from([(key(name), None)]));
                assert!(undone.value(&key(name)).is_none());
                // The group that was made for it, or that was empty, is the only trace.
                let emptied = undone.text().split_whitespace().collect::<String>();
                let before = text.split_whitespace().collect::<String>();
                let group = key(name).group().to_owned();
                let made = format!("\"{group}\":{{}}");
                assert!(
                    emptied == before
                        || emptied.replacen(&format!(",{made}"), "", 1) == before
                        || emptied.replacen(&made, "", 1) == before,
                    "{}\n{}",
                    path.display(),
                    undone.text()
                );
            }
        }
    }
}

#[test]
fn edits_look_like_the_document_around_them() {
    let mut out = String::new();
    let changes: Changes = [
        (key(PORT), Some(json!(6000))),
        (key("integracao.verificar_crediario_vencido_dav"), Some(json!(true))),
        (key(SELLER), Some(json!("Zé \"da\" Silva\u{1}"))),
    ]
    .into();
    let missing = Document::missing(Path::new("config.json")).with(&changes);
    writeln!(out, "a new document\n{}", missing.text()).unwrap();
    for path in files("tests/it/data/valid") {
        if path.ends_with("deep.json") {
            continue;
        }
        let document = Document::read(&path, &CATALOG).unwrap();
        let name = path.file_name().unwrap().display();
        writeln!(out, "{name}\n{}", document.with(&changes).text().replace('\r', "‹CR›").replace('\t', "‹TAB›"))
            .unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_save_never_makes_a_document_that_could_not_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    let most = 16 * 1024 * 1024;
    let text = format!("{{\"x\": \"{}\"}}", "a".repeat(most - 9));
    assert_eq!(text.len(), most);
    fs::write(&path, &text).unwrap();
    let document = Document::read(&path, &CATALOG).unwrap();
    let changes = Changes::from([(Key::parse("integracao.porta_banco_dados").unwrap(), Some(json!(5433)))]);
    let larger = document.with(&changes);
    assert!(matches!(save(&larger), Err(SaveError { cause: Cause::TooLarge, .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    // One that is as large as can be read afterwards is saved.
    let growth = larger.text().len() - most;
    fs::write(&path, text.replacen(&"a".repeat(growth), "", 1)).unwrap();
    save(&Document::read(&path, &CATALOG).unwrap().with(&changes)).unwrap();
    let full = Document::read(&path, &CATALOG).unwrap().with(&change(PORT, json!(5434)));
    fs::write(&path, full.text().replace("5434", "5433") + " ").unwrap();
    assert!(matches!(save(&full), Err(SaveError { cause: Cause::Changed, .. })), "one byte more than can be read");
    fs::write(&path, full.text().replace("5434", "5433")).unwrap();
    assert_eq!((save(&full).unwrap().written, full.text().len()), (true, most));
}

#[test]
fn the_examples_are_valid_and_name_only_what_they_mean_to() {
    for path in files("examples/configs") {
        let document = Document::read(&path, &CATALOG).unwrap_or_else(|error| panic!("{error:?}"));
        let findings = validate(&document, &CATALOG);
        let known: Vec<_> =
            findings.known.iter().filter(|(found, _)| found.level() == balcao_config::catalog::Level::Error).collect();
        assert!(known.is_empty(), "{}: {known:?}", path.display());
        let unknown: Vec<&str> = findings.unknown.iter().map(|unknown| &*unknown.name).collect();
        if path.ends_with("chaves-desconhecidas.json") {
            assert_eq!(unknown, ["observacao", "integracao.porta_banco_dado", "impressora_fiscal"]);
            let sentence = findings.unknown[1].sentence(&CATALOG, Lang::Pt);
            assert!(sentence.as_str().ends_with(&format!("seria {PORT}?")), "{sentence}");
            assert_eq!(findings.unknown[1].place, (6, 25));
        } else {
            assert!(unknown.is_empty(), "{}: {unknown:?}", path.display());
        }
        if path.ends_with("loja-completa.json") {
            for parameter in CATALOG.parameters() {
                assert!(document.has(&parameter.key), "{}", parameter.key);
            }
        }
    }
}

#[test]
fn unknown_keys_are_found_empty_and_dotted_ones_among_them() {
    let path = files("tests/it/data/valid").into_iter().find(|path| path.ends_with("unknown-keys.json")).unwrap();
    let document = Document::read(&path, &CATALOG).unwrap();
    let unknown: Vec<_> =
        document.unknown(&CATALOG).into_iter().map(|unknown| (unknown.name, unknown.place.0)).collect();
    let expected = [
        ("", 4),
        ("a.b", 5),
        ("integraçao", 6),
        ("integracao.", 8),
        ("integracao.porta.banco", 9),
        ("integracao.porta_banco_dado", 10),
        ("integracao.aninhado", 11),
        ("texto", 13),
        ("lista", 14),
    ];
    assert_eq!(unknown, expected.map(|(name, line)| (name.to_owned(), line)));
}

#[test]
fn invalid_values_open_and_are_found_with_their_places() {
    let path = files("tests/it/data/valid").into_iter().find(|path| path.ends_with("invalid-values.json")).unwrap();
    let findings = validate(&Document::read(&path, &CATALOG).unwrap(), &CATALOG);
    let found: Vec<_> = findings.known.iter().map(|(found, place)| (found.key.as_str(), place.unwrap())).collect();
    for expected in [
        ("integracao.ip_servidor_retaguarda", (3, 31)),
        (PORT, (4, 26)),
        ("integracao.porta_integracao_clientes", (5, 34)),
        (SELLER, (7, 33)),
        ("geral.casas_decimais_qtde", (7, 62)),
    ] {
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
}
