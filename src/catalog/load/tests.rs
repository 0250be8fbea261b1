//! The built-in catalog's data, and the table that is made of it.

use std::fmt::Write;
use std::fs;

use super::*;
use crate::catalog::{Group, Parameter, Section};
use crate::lang::{Lang, Localized};

/// The built-in catalog's files, one for each section, in the order of the sections.
const DATA: [(&str, &str); 6] = [
    ("gerencial.json", include_str!("../data/gerencial.json")),
    ("balanca.json", include_str!("../data/balanca.json")),
    ("termo_garantia.json", include_str!("../data/termo_garantia.json")),
    ("termo_condicional.json", include_str!("../data/termo_condicional.json")),
    ("registros.json", include_str!("../data/registros.json")),
    ("mix.json", include_str!("../data/mix.json")),
];

/// Where the table is kept.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/catalog/load/table.rs");

/// Sections, groups and parameters with their orders.
pub type Parts = (Vec<Section>, Vec<(Group, Option<i64>)>, Vec<(Parameter, Option<i64>)>);

/// What the data says, and what is wrong with it.
fn read_data() -> (Assembly<'static>, Vec<LoadError>) {
    let mut assembly = Assembly::default();
    let mut errors = vec![];
    for (source, (name, text)) in DATA.into_iter().enumerate() {
        let root = json::read(text).unwrap();
        let wrong = FileErrors::default();
        assembly.add(source, Path::new(name), read::contents(text, &root, &wrong), true, &wrong);
        errors.extend(placed(Path::new(name), text, &root, wrong));
    }
    (assembly, errors)
}

#[test]
fn the_built_in_catalog_has_no_errors() {
    let (assembly, errors) = read_data();
    let said: Vec<_> = errors.iter().map(|error| error.sentence(Lang::Pt)).collect();
    assert_eq!(said, []);
    let of_files: Vec<_> = DATA.iter().map(|_| FileErrors::default()).collect();
    let catalog = assembly.finish(&of_files);
    assert!(of_files.into_iter().all(|errors| errors.into_list().is_empty()));
    assert_eq!((catalog.sections().len(), catalog.groups().len(), catalog.parameters().len()), (6, 18, 13));
}

#[test]
fn the_table_of_the_built_in_catalog_says_what_its_data_says() {
    let text = table_of(read_data().0);
    if std::env::var_os("BALCAO_WRITE").is_some() {
        fs::write(TABLE, &text).unwrap();
    }
    let told = "src/catalog/load/table.rs is out of date: BALCAO_WRITE=1 cargo test --lib the_table_of, and once more";
    assert!(fs::read_to_string(TABLE).unwrap() == text, "{told}");
    let read = read_data().0.finish(&DATA.map(|_| FileErrors::default()));
    assert!(format!("{:?}", Catalog::built_in()) == format!("{read:?}"), "{told}");
}

fn table_of(assembly: Assembly<'_>) -> String {
    let mut text = String::from(
        "//! The built-in catalog, made from the files of `data/`: change those, and then\n\
         //! `BALCAO_WRITE=1 cargo test --lib the_table_of` makes this file anew.\n\n\
         use super::row::{GroupRow, Literal, ParameterRow, SectionRow};\n\
         use crate::catalog::Probe;\n\
         use crate::catalog::format::",
    );
    let parts = assembly.in_order();
    let mut formats: Vec<&str> = parts.2.iter().map(|(parameter, _)| parameter.kind.format.name).collect();
    formats.sort();
    formats.dedup();
    let _ = write!(text, "{{{}}};\n\n", formats.join(", "));
    text += "#[rustfmt::skip]\npub(super) const SECTIONS: &[SectionRow] = &[\n";
    for section in &parts.0 {
        let _ = writeln!(text, "    SectionRow {{ id: {:?}, title: {} }},", section.id, both(&section.title));
    }
    text += "];\n\n#[rustfmt::skip]\npub(super) const GROUPS: &[GroupRow] = &[\n";
    for (group, order) in &parts.1 {
        let (title, synonyms) = (both(&group.title), both(&group.synonyms));
        let _ = writeln!(
            text,
            "    GroupRow {{ id: {:?}, section: {}, order: {order:?}, title: {title}, synonyms: {synonyms} }},",
            group.id, group.section
        );
    }
    text += "];\n\n#[rustfmt::skip]\npub(super) const PARAMETERS: &[ParameterRow] = &[\n";
    for (parameter, order) in &parts.2 {
        text += &row_of(parameter, *order);
    }
    text + "];\n"
}

fn row_of(parameter: &Parameter, order: Option<i64>) -> String {
    let Parameter { key, title, synonyms, help, kind, default, requires, differs, check } = parameter;
    let bounds = &kind.bounds;
    let number = |number: i64| match number {
        i64::MIN => "i64::MIN".to_owned(),
        i64::MAX => "i64::MAX".to_owned(),
        number => number.to_string(),
    };
    let pattern = bounds.pattern.as_ref();
    let pattern = pattern.map_or("None".to_owned(), |it| format!("Some(({:?}, {}))", it.text, both(&it.help)));
    let choices: Vec<_> =
        bounds.choices.iter().map(|choice| format!("({}, {})", literal(&choice.value), both(&choice.label))).collect();
    let check = check.as_ref().map_or("None".to_owned(), |check| {
        let (host, when) = (name(check.host.as_ref()), name(check.when.as_ref()));
        format!("Some(({:?}, Probe::{:?}, {host:?}, {when:?}))", check.target, check.probe)
    });
    format!(
        "    ParameterRow {{ key: {:?}, order: {order:?}, title: {}, synonyms: {},\n        what: {},\n        default_help: {},\n        \
         change: {},\n        effect: {},\n        format: &{}::FORMAT, range: ({}, {}), max_length: {:?}, pattern: {pattern}, choices: &[{}], default: {},\n        \
         requires: {:?}, differs: {:?}, check: {check} }},\n",
        key.as_str(),
        both(title),
        both(synonyms),
        both(&help.what),
        both(&help.default),
        both(&help.change),
        both(&help.effect),
        kind.format.name,
        number(bounds.minimum),
        number(bounds.maximum),
        bounds.max_length,
        choices.join(", "),
        literal(default),
        name(requires.as_ref()),
        name(differs.as_ref()),
    )
}

fn name(key: Option<&crate::key::Key>) -> Option<&str> {
    key.map(crate::key::Key::as_str)
}

fn literal(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Bool(is_on) => format!("Literal::Switch({is_on})"),
        serde_json::Value::String(text) => format!("Literal::Text({text:?})"),
        number => format!("Literal::Whole({})", number.as_i64().unwrap()),
    }
}

fn both(text: &Localized) -> String {
    format!("({:?}, {:?})", text.pt.as_str(), text.en.as_str())
}
