//! Reads one catalog file, keyword by keyword, into groups and parameters; references are checked in `link`.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::error::{FileErrors, Trail, misplaced};
use super::keywords::Keywords;
use crate::catalog::format::FORMATS;
use crate::catalog::kind::{BoundedBy, Bounds, Choice, Format, Kind, Widget};
use crate::catalog::{Check, Finding, Help, Level, Parameter, Pattern, Probe, Takes, pattern};
use crate::json::Object;
use crate::key::Key;
use crate::lang::Localized;
use crate::safe::Safe;
use crate::{localized, say};

#[derive(Default)]
pub(super) struct Contents {
    /// The section that it declares, id and title (the built-in catalog alone).
    pub section: Option<(String, Localized)>,
    /// Its groups, in its order.
    pub groups: Vec<GroupPart>,
}

/// A group, or what a file adds to one.
pub(super) struct GroupPart {
    pub id: String,
    pub path: Trail,
    pub title: Option<Localized>,
    pub synonyms: Localized,
    pub section: Option<String>,
    pub order: Option<i64>,
    pub parameters: Vec<ParameterPart>,
    /// Parameters that could not be read.
    pub broken: Vec<Key>,
}

/// A parameter, and where its file has it.
pub(super) struct ParameterPart {
    pub parameter: Parameter,
    pub path: Trail,
    pub order: Option<i64>,
}

/// Reads a file. What is wrong with it goes into `errors`; everything else is in the result.
pub(super) fn contents(text: &str, root: &Object, errors: &FileErrors) -> Contents {
    let mut contents = Contents::default();
    let mut file = Keywords::of(text, root, errors);
    // For editors and people; they mean nothing to the catalog.
    for ignored in ["$schema", "$id", "title", "description"] {
        file.take(ignored);
    }
    file.one_of("type", &["object"]);
    if let Some(mut own) = file.object("x-balcao") {
        contents.section = own.object("section").and_then(read_section);
        own.finish();
    }
    if let Some(groups) = file.require("properties").object("properties") {
        for (id, group) in groups.into_entries() {
            contents.groups.extend(group.map(|group| read_group(id.into_owned(), group)));
        }
    }
    file.finish();
    contents
}

fn read_section(mut section: Keywords) -> Option<(String, Localized)> {
    let id = section.require("id").text("id");
    let title = section.require("title").text("title");
    let english = section.object("en").and_then(only_title);
    section.finish();
    Some((id?.into_owned(), in_both(title, english)))
}

fn read_group(id: String, mut group: Keywords) -> GroupPart {
    // `version` is a key of the document's own.
    if !is_name(&id) || id == "version" {
        group.errors.add(&group.path, bad_name());
    }
    group.one_of("type", &["object"]);
    let title = group.text("title");
    let mut own = group.object_or_empty("x-balcao");
    let section = own.text("section").map(Cow::into_owned);
    let order = own.integer("order");
    let synonyms = own.text("synonyms");
    let mut en = own.object_or_empty("en");
    let english = en.text("title");
    let synonyms = in_both(synonyms, en.text("synonyms"));
    en.finish();
    own.finish();
    let (mut parameters, mut broken) = (Vec::new(), Vec::new());
    if let Some(properties) = group.object("properties") {
        for (name, body) in properties.into_entries() {
            match body.and_then(|body| read_parameter(&id, &name, body)) {
                Some(part) => parameters.push(part),
                None => broken.extend(Key::new(&id, &name)),
            }
        }
    }
    let path = group.path.clone();
    group.finish();
    let title = title.map(|title| in_both(Some(title), english));
    GroupPart { id, path, title, synonyms, section, order, parameters, broken }
}

fn only_title(mut en: Keywords<'_>) -> Option<Cow<'_, str>> {
    let title = en.text("title");
    en.finish();
    title
}

fn read_parameter(group: &str, name: &str, mut body: Keywords) -> Option<ParameterPart> {
    let (errors, path) = (body.errors, body.path.clone());
    let key = Key::new(group, name).filter(|_| is_name(name));
    if !is_name(name) {
        errors.add(&path, bad_name());
    }
    let mut own = body.object_or_empty("x-balcao");
    let mut en = own.object_or_empty("en");

    let title = body.require("title").text("title").map(|pt| in_both(Some(pt), en.text("title")));
    let synonyms = in_both(own.text("synonyms"), en.text("synonyms"));
    let help = Help {
        what: in_both(body.text("description"), en.text("description")),
        default: in_both(own.text("default_help"), en.text("default_help")),
        change: in_both(own.text("change_help"), en.text("change_help")),
        effect: in_both(own.text("effect"), en.text("effect")),
    };
    let kind = read_kind(&mut body, &mut own, &mut en);
    let default = body.require("default").take("default");
    let order = own.integer("order");
    let requires = own.key("requires");
    let differs = own.key("differs");
    let check = own.object("check").and_then(read_check);
    en.finish();
    own.finish();
    body.finish();

    let (key, title, kind, default) = (key?, title?, kind?, default?);
    if let Some(fault) = kind.validate(&default).filter(|fault| fault.level == Level::Error) {
        let finding = Finding { key: key.clone(), value: default.clone(), fault };
        errors.add(&path.and("default"), bad_default(&finding));
    }
    let parameter = Parameter { key, title, synonyms, help, kind, default, requires, differs, check };
    Some(ParameterPart { parameter, path, order })
}

/// Type, bounds, format, choices and widget. Keywords that do not go with the type are errors.
fn read_kind<'t>(body: &mut Keywords<'t>, own: &mut Keywords<'t>, en: &mut Keywords<'t>) -> Option<Kind> {
    let types = ["boolean", "integer", "string"];
    let json_type = body.require("type").one_of("type", &types);
    let kind = json_type.and_then(|json_type| {
        let format = read_format(json_type, body)?;
        Some(Kind { format, bounds: read_bounds(format, json_type, body, own, en)? })
    });
    // Each format is shown in one way; to ask for another is an error.
    match &kind {
        Some(kind) => own.one_of("widget", &[kind.format.widget.name()]),
        None => own.one_of("widget", &[Widget::Checkbox, Widget::Field, Widget::Choice].map(Widget::name)),
    };
    // Without a type it is unknown which keywords go with it.
    for (keywords, names) in [(body, &BOUNDS[..]), (own, WORDS), (en, WORDS)] {
        for name in names {
            if keywords.take(name).is_some() && kind.is_some() {
                keywords.wrong(name, misplaced());
            }
        }
    }
    kind
}

/// Each type takes some of these keywords.
const BOUNDS: [&str; 6] = ["minimum", "maximum", "maxLength", "pattern", "format", "enum"];

/// What `x-balcao` and its `en` say of them.
const WORDS: &[&str] = &["labels", "pattern_help"];

/// The format of that type: an enumeration where `enum` is written, else the one that `format` names.
fn read_format(json_type: &str, body: &mut Keywords) -> Option<&'static Format> {
    let of_type = || FORMATS.iter().copied().filter(|format| format.json_types.contains(&json_type));
    let is_of_choices = |format: &&Format| format.bounded_by == BoundedBy::Choices;
    if body.has("enum")
        && let Some(format) = of_type().find(is_of_choices)
    {
        return Some(format);
    }
    let mut keyword = None;
    if body.has("format") {
        let keywords: Vec<&str> = of_type().filter_map(|format| format.keyword).collect();
        keyword = if keywords.is_empty() { None } else { body.one_of("format", &keywords) };
    }
    of_type().find(|format| format.keyword == keyword && !is_of_choices(format))
}

fn read_bounds(
    format: &Format,
    json_type: &str,
    body: &mut Keywords,
    own: &mut Keywords,
    en: &mut Keywords,
) -> Option<Bounds> {
    let mut bounds = Bounds::default();
    match format.bounded_by {
        BoundedBy::Nothing => {}
        BoundedBy::Range => {
            bounds.minimum = body.integer("minimum").unwrap_or(bounds.minimum);
            bounds.maximum = body.integer("maximum").unwrap_or(bounds.maximum);
        }
        BoundedBy::Length => {
            bounds.max_length = body.length("maxLength");
            if body.has("pattern") {
                bounds.pattern = Some(Arc::new(read_pattern(body, own, en)?));
                bounds.max_length = Some(short_enough(bounds.max_length, body)?);
            }
        }
        BoundedBy::Choices => bounds.choices = read_choices(json_type, body, own, en)?,
    }
    if bounds.minimum > bounds.maximum {
        let message = localized!("“minimum” é maior que “maximum”", "“minimum” is greater than “maximum”");
        body.wrong("minimum", message);
        return None;
    }
    Some(bounds)
}

fn read_pattern(body: &mut Keywords, own: &mut Keywords, en: &mut Keywords) -> Option<Pattern> {
    let help = in_both(own.text("pattern_help"), en.text("pattern_help"));
    let read = Pattern::new(body.text("pattern")?.into_owned(), help);
    read.map_err(|message| body.wrong("pattern", message)).ok()
}

/// The bound on a text that is held to a pattern: it has one, whether the catalog gives it or not.
fn short_enough(given: Option<usize>, body: &Keywords) -> Option<usize> {
    let longest = pattern::LONGEST_TEXT;
    let fitting = Some(given.unwrap_or(longest)).filter(|most| *most <= longest);
    if fitting.is_none() {
        let message = localized!("com “pattern”, no máximo {}", "with “pattern”, at most {}", longest);
        body.wrong("maxLength", message);
    }
    fitting
}

fn read_choices(json_type: &str, body: &mut Keywords, own: &mut Keywords, en: &mut Keywords) -> Option<Vec<Choice>> {
    let values = body.list("enum")?;
    let labels_pt = read_labels(own, values.len());
    let labels_en = read_labels(en, values.len());
    let fits = if json_type == "string" { Value::is_string } else { Value::is_i64 };
    let distinct: HashSet<String> = values.iter().map(Value::to_string).collect();
    if values.is_empty() || !values.iter().all(fits) || distinct.len() != values.len() {
        let message = localized!(
            "deve ter ao menos um valor, sem repetir, todos do tipo informado em “type”",
            "must have at least one value, none twice, all of the type given in “type”"
        );
        body.wrong("enum", message);
        return None;
    }
    let itself = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
    let label_of = |list: &Option<Vec<String>>, at: usize| {
        list.as_ref().and_then(|labels| labels.get(at)).map(|label| Cow::Owned(label.clone()))
    };
    let choice = |(at, value): (usize, Value)| {
        let pt = label_of(&labels_pt, at).unwrap_or_else(|| Cow::Owned(itself(&value)));
        Choice { label: in_both(Some(pt), label_of(&labels_en, at)), value }
    };
    Some(values.into_iter().enumerate().map(choice).collect())
}

fn read_labels(keywords: &mut Keywords, count: usize) -> Option<Vec<String>> {
    let labels = keywords.list("labels")?;
    let texts: Vec<String> = labels.iter().filter_map(Value::as_str).map(str::to_string).collect();
    let distinct: HashSet<&str> = texts.iter().map(|text| text.trim()).collect();
    if labels.len() == count && distinct.len() == count && !distinct.contains("") {
        return Some(texts);
    }
    let message = localized!(
        "deve ter um texto para cada valor de “enum”, nenhum vazio ou repetido",
        "must have one text for each value of “enum”, none empty or twice"
    );
    keywords.wrong("labels", message);
    None
}

fn read_check(mut check: Keywords) -> Option<Check> {
    let target = check.require("target").text("target");
    let probe = check.require("probe").one_of("probe", &Probe::ALL.map(Probe::name));
    let probe = probe.and_then(|name| Probe::ALL.into_iter().find(|probe| probe.name() == name));
    match (probe.map(Probe::takes), check.has("host")) {
        (Some(Takes::Port), false) => check.errors.missing(&check.path, "host"),
        (Some(Takes::Host | Takes::Path), true) => check.wrong("host", misplaced()),
        _ => {}
    }
    let (host, when) = (check.key("host"), check.key("when"));
    check.finish();
    Some(Check { target: target?.into_owned(), probe: probe?, host, when })
}

/// English falls back to Portuguese. Line breaks belong to the file's layout, not to the text.
fn in_both(pt: Option<Cow<str>>, en: Option<Cow<str>>) -> Localized {
    let safe = |text: Cow<str>| match text.bytes().any(|byte| byte.is_ascii_control()) {
        true => Safe::outside(&text.split_whitespace().collect::<Vec<_>>().join(" ")),
        false => Safe::outside(&text),
    };
    let pt = pt.map(safe).unwrap_or_default();
    Localized { en: en.map(safe).unwrap_or_else(|| pt.clone()), pt }
}

/// `[a-z][a-z0-9_]*`: names that need no quotes in a shell, in JSON paths and in `KEY=VALUE`.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn bad_name() -> Localized {
    localized!(
        "nome não aceito: letras minúsculas sem acento, dígitos e “_”, começando por letra; “version” é reservado",
        "name not accepted: small unaccented letters, digits and “_”, starting with a letter; “version” is reserved"
    )
}

pub(super) fn bad_default(finding: &Finding) -> Localized {
    Localized::each(|lang| {
        say!(lang, "o valor padrão é inválido: {}", "the default is invalid: {}", finding.sentence(lang))
    })
}
