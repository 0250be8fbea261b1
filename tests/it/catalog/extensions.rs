//! Extension catalogs: what they add, and how a bad one is told.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use balcao_config::catalog::load::LoadErrors;
use balcao_config::catalog::rule::{validate, validate_one};
use balcao_config::catalog::{Catalog, Parameter};
use balcao_config::lang::Lang;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{examples, key};
use crate::world::World;

#[test]
fn the_examples_add_to_a_group_and_make_a_new_one() {
    let catalog = examples();
    let names: Vec<&str> = catalog.of_group("balanca").iter().map(|parameter| parameter.key.name()).collect();
    assert_eq!(
        names,
        [
            "usar",
            "porta_serial",
            "velocidade",
            "protocolo",
            "digitos_peso",
            "casas_decimais_peso",
            "espera_ms",
            "pesar_ao_incluir_item"
        ]
    );
    let at = |id: &str| catalog.groups().iter().position(|group| group.id == id).unwrap();
    assert_eq!(at("impressao_recibo"), at("controles_impressao") + 1);
    let protocol = catalog.parameter(&key("balanca.protocolo")).unwrap();
    assert_eq!(protocol.kind.shown(&json!("filizola"), Lang::Pt).as_str(), "Filizola");
    assert_eq!(protocol.kind.validate(&json!("toledo")).map(|fault| fault.code), Some("not_a_choice"));
    assert_eq!(catalog.nearest("protocolo"), Some(&protocol.key));
}

#[test]
fn an_enumeration_goes_by_its_labels_in_both_languages_and_round_with_the_arrows() {
    let catalog = examples();
    let columns = &catalog.parameter(&key("impressao_recibo.colunas")).unwrap().kind;
    let shown = |value: Value, lang| columns.shown(&value, lang).to_string();
    assert_eq!(shown(json!(32), Lang::Pt), "32 (papel de 58 mm)");
    assert_eq!(shown(json!(32), Lang::En), "32 (58 mm paper)");
    assert_eq!(shown(json!(40), Lang::En), "40");
    assert_eq!(columns.step(&json!(64), 1), Some(json!(32)));
    assert_eq!(columns.step(&json!(32), -1), Some(json!(64)));
    assert_eq!(columns.typed(" 40 "), json!(40));
    for (wrong, code) in [(json!(41), "not_a_choice"), (json!("40"), "wrong_type"), (json!(40.0), "wrong_type")] {
        let found = columns.validate(&wrong).map(|fault| fault.code);
        assert!(found == Some(code) || wrong.is_f64(), "{wrong}: {found:?}");
    }
}

/// Catalogs that speak of each other's parameters and of the built-in ones.
fn speaking() -> (tempfile::TempDir, Catalog) {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, groups: Value| {
        fs::write(folder.path().join(name), json!({ "properties": groups }).to_string()).unwrap();
    };
    let switch = |own: Value| json!({ "title": "T", "type": "boolean", "default": false, "x-balcao": own });
    let port = |default: u16, own: Value| json!({ "title": "P", "type": "integer", "minimum": 1, "maximum": 65535, "default": default, "x-balcao": own });
    // The one that is spoken of is in a later file.
    put(
        "1.json",
        json!({ "balanca": { "properties": {
            "avisa": switch(json!({ "requires": "mix.liga" })),
            "porta": port(9000, json!({ "differs": "integracao.porta_banco_dados" })),
        }}}),
    );
    put(
        "2.json",
        json!({ "mix": { "properties": {
            "liga": switch(json!({ "requires": "notificacao_whatsapp.licenca_whatsapp_msg" })),
            "porta": port(9001, json!({ "differs": "balanca.porta" })),
        }}}),
    );
    let catalog = Catalog::load(folder.path()).unwrap();
    (folder, catalog)
}

#[test]
fn rules_hold_across_groups_and_files_and_with_built_in_parameters() {
    let (_folder, catalog) = speaking();
    let found = |values: &[(&str, Value)]| -> Vec<String> {
        let value_of = |parameter: &Parameter| {
            let set = values.iter().find(|(name, _)| *name == parameter.key.as_str());
            set.map_or_else(|| parameter.default.clone(), |(_, value)| value.clone())
        };
        let told = validate(&catalog, &value_of);
        told.iter().map(|finding| format!("{} {}", finding.key, finding.code())).collect()
    };
    let licence = ("notificacao_whatsapp.licenca_whatsapp_msg", json!(true));
    assert_eq!(found(&[]), [""; 0]);
    assert_eq!(found(&[("balanca.avisa", json!(true))]), ["balanca.avisa requires"]);
    assert_eq!(found(&[("balanca.avisa", json!(true)), ("mix.liga", json!(true))]), ["mix.liga requires"]);
    assert_eq!(found(&[("balanca.avisa", json!(true)), ("mix.liga", json!(true)), licence]), [""; 0]);
    assert_eq!(found(&[("integracao.porta_banco_dados", json!(9000))]), ["balanca.porta same_as"]);
    assert_eq!(found(&[("balanca.porta", json!(9001))]), ["mix.porta same_as"]);
    // A change of the one decides about the other, wherever it is.
    let decided = |name: &str| -> Vec<String> {
        let about = key(name);
        let numbers: Vec<usize> = catalog.decided_by(&about).collect();
        numbers.iter().map(|number| catalog.parameters()[*number].key.to_string()).collect()
    };
    assert_eq!(decided("mix.liga"), ["mix.liga", "balanca.avisa"]);
    assert!(decided("integracao.porta_banco_dados").contains(&"balanca.porta".to_owned()));
}

#[test]
fn a_circle_through_two_files_is_told_in_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let group = |group: &str, name: &str, other: &str| {
        let own = json!({ "requires": other });
        let one = json!({ "title": "T", "type": "boolean", "default": false, "x-balcao": own });
        json!({ "properties": { group: { "properties": { name: one } } } }).to_string()
    };
    fs::write(folder.path().join("1.json"), group("balanca", "a", "mix.b")).unwrap();
    fs::write(folder.path().join("2.json"), group("mix", "b", "balanca.a")).unwrap();
    let problem = Catalog::load(folder.path()).unwrap_err().problem(Lang::Pt);
    assert_eq!(problem.causes.len(), 1);
    let told = problem.causes[0].as_str();
    assert!(told.contains("1.json:1:"), "{told}");
    assert!(told.ends_with("balanca.a.x-balcao.requires: dependência circular: balanca.a → mix.b → balanca.a"));
}

#[test]
fn a_text_that_does_not_fit_its_pattern_is_told_in_the_catalogs_words() {
    let catalog = examples();
    let port = catalog.parameter(&key("balanca.porta_serial")).unwrap();
    let told = |value: &str| {
        let value_of = |other: &Parameter| {
            if other.key == port.key { json!(value) } else { other.default.clone() }
        };
        validate_one(&catalog, &value_of, port).map(|found| found.sentence(Lang::Pt).to_string()).collect::<Vec<_>>()
    };
    assert_eq!(told("COM1"), ["balanca.porta_serial é \"COM1\"; deve ser um dispositivo, como /dev/ttyS0"]);
    assert_eq!(told(""), ["balanca.porta_serial está vazio; deve ser um dispositivo, como /dev/ttyS0"]);
    assert_eq!(told("/dev/ttyUSB0"), [""; 0]);
    assert_eq!(port.kind.bounds(Lang::En).as_str(), "a device, such as /dev/ttyS0");
    // Its length is told first, in its own words.
    let long = told(&format!("/dev/{}", "x".repeat(96)));
    assert!(long[0].ends_with("e tem 101 caracteres; o máximo é 100"), "{long:?}");
}

/// The catalog of a document that is in the same folder.
fn beside(path: &Path) -> Result<Catalog, LoadErrors> {
    Catalog::beside(Arc::new(File::open(path.parent().unwrap()).unwrap()), path)
}

#[test]
fn a_folder_that_does_not_exist_matters_only_when_it_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("catalog.d");
    assert_eq!(beside(&none).unwrap().parameters().len(), 13);
    let problem = Catalog::load(&none).unwrap_err().problem(Lang::Pt);
    assert_eq!((problem.kind.exit_code(), problem.code), (3, "catalog_invalid"));
    assert!(problem.causes[0].as_str().ends_with("catalog.d: não foi possível ler a pasta: não existe"));
    fs::write(&none, "").unwrap();
    let problem = beside(&none).unwrap_err().problem(Lang::Pt);
    assert!(problem.causes[0].as_str().ends_with("não é uma pasta"), "{:?}", problem.causes);
}

#[test]
fn a_new_group_without_an_order_comes_last_in_its_section() {
    let folder = tempfile::tempdir().unwrap();
    let group = |title: &str, own: Value| json!({ "title": title, "x-balcao": own });
    let first = json!({ "properties": {
        "ultimo": group("Último", json!({ "section": "gerencial" })),
        "depois": group("Depois", json!({ "section": "gerencial" })),
        "segundo": group("Segundo", json!({ "section": "gerencial", "order": 15 })),
    }});
    fs::write(folder.path().join("1.json"), first.to_string()).unwrap();
    fs::write(folder.path().join(".oculto.json"), "not read").unwrap();
    fs::write(folder.path().join("leia-me.txt"), "not read").unwrap();
    let second = json!({ "properties": {
        "ultimo": { "properties": { "novo": { "title": "Novo", "type": "boolean", "default": false } } },
    }});
    fs::write(folder.path().join("2.json"), second.to_string()).unwrap();
    let catalog = Catalog::load(folder.path()).unwrap();
    let ids: Vec<&str> = catalog.groups().iter().filter(|group| group.section == 0).map(|group| &*group.id).collect();
    assert_eq!(ids[..3], ["geral", "segundo", "operacional"]);
    assert_eq!(ids[ids.len() - 3..], ["notificacao_whatsapp", "ultimo", "depois"]);
    let new = catalog.parameter(&key("ultimo.novo")).unwrap();
    assert_eq!(new.title.en.as_str(), "Novo", "without a translation the Portuguese stands");
}

#[test]
fn what_is_no_regular_file_is_refused_without_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("a.json")).unwrap();
    let fifo = std::process::Command::new("mkfifo").arg(path("b.json")).status().unwrap();
    assert!(fifo.success());
    std::os::unix::fs::symlink("/dev/zero", path("c.json")).unwrap();
    std::os::unix::fs::symlink("nowhere", path("d.json")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(path("e.json")).unwrap();
    fs::write(path("f.json"), vec![b' '; 1024 * 1024 + 1]).unwrap();
    fs::write(path("g.json"), b"{\"properties\": {\"\xe7\": 1}}").unwrap();
    let problem = Catalog::load(folder.path()).unwrap_err().problem(Lang::Pt);
    let said: Vec<String> =
        problem.causes.iter().map(|cause| cause.as_str().rsplit('/').next().unwrap_or_default().to_string()).collect();
    assert_eq!(
        said,
        [
            "a.json: não é um arquivo comum",
            "b.json: não é um arquivo comum",
            "c.json: não é um arquivo comum",
            "d.json: não foi possível ler este arquivo: não existe",
            "e.json: não é um arquivo comum",
            "f.json: é grande demais; o máximo é de 1048576 bytes",
            "g.json:1:18: o byte 0xe7 não é UTF-8; talvez o arquivo esteja em Latin-1",
        ]
    );
}

#[test]
fn a_copy_of_a_catalog_is_told_with_both_files() {
    let folder = tempfile::tempdir().unwrap();
    let [original, copy] = ["10-balanca.json", "10-balanca (cópia).json"].map(|name| folder.path().join(name));
    for path in [&original, &copy] {
        fs::copy("examples/catalog.d/10-balanca.json", path).unwrap();
    }
    let problem = Catalog::load(folder.path()).unwrap_err().problem(Lang::Pt);
    assert_eq!(problem.causes.len(), 8);
    for cause in problem.causes {
        for path in [&original, &copy] {
            assert!(cause.as_str().contains(path.to_str().unwrap()), "{cause}");
        }
    }
}

#[test]
fn a_link_that_leads_nowhere_is_no_folder_without_catalogs() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("catalog.d");
    std::os::unix::fs::symlink("/nowhere", &link).unwrap();
    let problem = beside(&link).unwrap_err().problem(Lang::Pt);
    assert!(problem.causes[0].as_str().ends_with("catalog.d: é um link para /nowhere, que não existe"));
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    assert!(beside(&link).is_ok());
}

#[test]
fn catalogs_are_bounded_in_number_and_in_what_they_take_together() {
    let folder = tempfile::tempdir().unwrap();
    let said = || Catalog::load(folder.path()).unwrap_err().problem(Lang::Pt).causes[0].to_string();
    let put = |number: usize, text: &str| fs::write(folder.path().join(format!("{number:03}.json")), text).unwrap();
    let huge = format!("{{\"properties\": {{}}, \"title\": \"{}\"}}", "x".repeat(900_000));
    for number in 0..2 {
        put(number, &huge);
    }
    assert!(
        said().ends_with("/001.json: os catálogos juntos são grandes demais; o máximo é de 1048576 bytes"),
        "{}",
        said()
    );
    for number in 0..101 {
        put(number, "{\"properties\": {}}");
    }
    assert!(said().ends_with(": há arquivos demais na pasta; o máximo é 100"), "{}", said());
    fs::remove_file(folder.path().join("100.json")).unwrap();
    assert!(Catalog::load(folder.path()).is_ok());
    for number in 0..10_000 {
        fs::File::create(folder.path().join(number.to_string())).unwrap();
    }
    assert!(said().ends_with(": há arquivos demais na pasta; o máximo é 10000"), "{}", said());
}

#[test]
fn as_many_parameters_as_fit_into_catalogs_take_no_more_than_64_mib() {
    let world = World::with_config("{}\n");
    let one = |number: usize| format!("\"p{number}\":{{\"title\":\"t\",\"type\":\"boolean\",\"default\":false}}");
    let parameters: Vec<String> = (0..18_500).map(one).collect();
    let text = format!("{{\"properties\":{{\"geral\":{{\"properties\":{{{}}}}}}}}}", parameters.join(","));
    assert!((1_000_000..1_048_576).contains(&text.len()), "{}", text.len());
    world.write("catalog.d/x.json", text);
    let program = world.command(&["get", "geral.p18499"]);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "ulimit -d 65536; exec \"$0\" \"$@\""]).arg(program.get_program()).args(program.get_args());
    let output = shell.env_clear().envs(world.environment().iter().cloned()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "false\n", "{output:?}");
}

/// What loading this one file says, the file's name in the place of its path.
fn complaints(name: &str, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let Err(errors) = Catalog::load(folder.path()) else { return format!("{name}: accepted\n") };
    let problem = errors.problem(Lang::Pt);
    assert!(problem.line.is_some(), "{name}: the problem has no line");
    let english = errors.problem(Lang::En);
    assert_eq!(problem.causes.len(), english.causes.len());
    let within = format!("{}/", folder.path().display());
    let lines = problem.causes.iter().map(|cause| cause.as_str().replace(&within, "") + "\n");
    lines.collect()
}

#[test]
fn every_bad_catalog_is_told_by_file_line_and_reason() {
    let mut files: Vec<_> =
        fs::read_dir("tests/it/data/catalogs").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 30);
    let mut page = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        page += &complaints(name, &fs::read(&file).unwrap());
    }
    assert!(!page.contains("accepted"), "{page}");
    insta::assert_snapshot!("bad_catalogs", page);
}

#[test]
fn a_file_full_of_errors_is_told_in_a_hundred_lines() {
    let unknown: Vec<String> = (0..60_000).map(|n| format!("\"k{n}\": 1")).collect();
    let said = complaints("x.json", format!("{{\"properties\": {{}}, {}}}", unknown.join(", ")).as_bytes());
    assert_eq!(said.lines().count(), 101);
    assert!(said.ends_with("e mais 59900 erros\n"));
}

#[test]
fn an_extension_cut_short_anywhere_is_refused_with_its_place() {
    let text = fs::read_to_string("examples/catalog.d/10-balanca.json").unwrap();
    let end = text.rfind('}').unwrap();
    for cut in (0..end).filter(|cut| text.is_char_boundary(*cut)).step_by(37) {
        let said = complaints("x.json", &text.as_bytes()[..cut]);
        assert!(said.contains("o arquivo termina antes de fechar") || cut == 0, "{cut}: {said}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_mangled_extension_never_panics(at in 0usize..9000, bytes in prop::collection::vec(any::<u8>(), 1..4)) {
        let mut text = fs::read("examples/catalog.d/10-balanca.json").unwrap();
        let at = at.min(text.len() - 4);
        text[at..at + bytes.len()].copy_from_slice(&bytes);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.json"), &text).unwrap();
        if let Err(errors) = Catalog::load(folder.path()) {
            prop_assert!(!errors.0.is_empty());
            errors.problem(Lang::Pt);
        }
    }
}
