//! One catalog file, keyword by keyword, into groups and parameters; nothing is held against other files here.

use std::collections::HashSet;

use serde_json::Value;

use super::error::Wrongs;
use super::keywords::Keywords;
use crate::catalog::format::FORMATS;
use crate::catalog::kind::{BoundedBy, Bounds, Choice, Format, Kind, Widget};
use crate::catalog::{Check, Finding, Help, Level, Parameter, Probe, Takes};
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
    pub path: Vec<String>,
    pub title: Option<Localized>,
    pub section: Option<String>,
    pub order: Option<i64>,
    pub parameters: Vec<ParameterPart>,
    /// Parameters that could not be read.
    pub broken: Vec<Key>,
}

/// A parameter, and where its file has it.
pub(super) struct ParameterPart {
    pub parameter: Parameter,
    pub path: Vec<String>,
    pub order: Option<i64>,
}

/// Reads what a file holds. What is wrong with it goes into `wrong`; all that is right is in the answer.
pub(super) fn contents(text: &str, root: &Object, wrong: &mut Wrongs) -> Contents {
    let mut contents = Contents::default();
    let mut file = Keywords::of(text, root);
    // What stands at the head of a schema for editors and people; of no meaning to the catalog.
    for ornament in ["$schema", "$id", "title", "description"] {
        file.take(ornament);
    }
    file.one_of("type", &["object"], wrong);
    if let Some(mut own) = file.object("x-balcao", wrong) {
        contents.section = own.object("section", wrong).and_then(|section| read_section(section, wrong));
        own.finish(wrong);
    }
    if let Some(groups) = file.require("properties", wrong).object("properties", wrong) {
        for (id, group) in groups.into_entries(wrong) {
            contents.groups.extend(group.map(|group| read_group(id, group, wrong)));
        }
    }
    file.finish(wrong);
    contents
}

fn read_section(mut section: Keywords, wrong: &mut Wrongs) -> Option<(String, Localized)> {
    let id = section.require("id", wrong).text("id", wrong);
    let title = section.require("title", wrong).text("title", wrong);
    let english = section.object("en", wrong).and_then(|en| only_title(en, wrong));
    section.finish(wrong);
    Some((id?, in_both(title, english)))
}

fn read_group(id: String, mut group: Keywords, wrong: &mut Wrongs) -> GroupPart {
    // `version` is a key of the document's own.
    if !is_name(&id) || id == "version" {
        wrong.add(group.path(), bad_name());
    }
    group.one_of("type", &["object"], wrong);
    let title = group.text("title", wrong);
    let mut own = group.object("x-balcao", wrong).unwrap_or_default();
    let section = own.text("section", wrong);
    let order = own.integer("order", wrong);
    let english = own.object("en", wrong).and_then(|en| only_title(en, wrong));
    own.finish(wrong);
    let (mut parameters, mut broken) = (Vec::new(), Vec::new());
    if let Some(properties) = group.object("properties", wrong) {
        for (name, body) in properties.into_entries(wrong) {
            match body.and_then(|body| read_parameter(&id, &name, body, wrong)) {
                Some(part) => parameters.push(part),
                None => broken.extend(Key::new(&id, &name)),
            }
        }
    }
    let path = group.path().to_vec();
    group.finish(wrong);
    GroupPart { id, path, title: title.map(|title| in_both(Some(title), english)), section, order, parameters, broken }
}

fn only_title(mut en: Keywords, wrong: &mut Wrongs) -> Option<String> {
    let title = en.text("title", wrong);
    en.finish(wrong);
    title
}

fn read_parameter(group: &str, name: &str, mut body: Keywords, wrong: &mut Wrongs) -> Option<ParameterPart> {
    let path = body.path().to_vec();
    let key = Key::new(group, name).filter(|_| is_name(name));
    if !is_name(name) {
        wrong.add(&path, bad_name());
    }
    let mut own = body.object("x-balcao", wrong).unwrap_or_default();
    let mut en = own.object("en", wrong).unwrap_or_default();

    let title = body.require("title", wrong).text("title", wrong).map(|pt| in_both(Some(pt), en.text("title", wrong)));
    let help = Help {
        what: in_both(body.text("description", wrong), en.text("description", wrong)),
        default: in_both(own.text("default_help", wrong), en.text("default_help", wrong)),
        change: in_both(own.text("change_help", wrong), en.text("change_help", wrong)),
    };
    let kind = read_kind(&mut body, &mut own, &mut en, wrong);
    let default = body.require("default", wrong).take("default");
    let order = own.integer("order", wrong);
    let requires = own.key("requires", wrong);
    let differs = own.key("differs", wrong);
    let check = own.object("check", wrong).and_then(|check| read_check(check, wrong));
    let default_path = body.path_to("default");
    en.finish(wrong);
    own.finish(wrong);
    body.finish(wrong);

    let (key, title, kind, default) = (key?, title?, kind?, default?);
    if let Some(fault) = kind.validate(&default).filter(|fault| fault.level == Level::Error) {
        let finding = Finding { key: key.clone(), value: default.clone(), fault };
        wrong.add(&default_path, bad_default(&finding));
    }
    let parameter = Parameter { key, title, help, kind, default, requires, differs, check };
    Some(ParameterPart { parameter, path, order })
}

/// Type, bounds, format, choices and widget. Keywords that do not go with the type are errors.
fn read_kind<'t>(
    body: &mut Keywords<'t>,
    own: &mut Keywords<'t>,
    en: &mut Keywords<'t>,
    wrong: &mut Wrongs,
) -> Option<Kind> {
    let types = ["boolean", "integer", "string"];
    let json_type = body.require("type", wrong).one_of("type", &types, wrong);
    let kind = json_type.and_then(|json_type| {
        let format = read_format(json_type, body, wrong)?;
        Some(Kind { format, bounds: read_bounds(format, json_type, body, own, en, wrong)? })
    });
    // Each format is shown in one way; asking for another is an error, not a wish unheard.
    let widgets = match &kind {
        Some(kind) => vec![kind.format.widget.name()],
        None => [Widget::Checkbox, Widget::Field, Widget::Choice].map(Widget::name).to_vec(),
    };
    own.one_of("widget", &widgets, wrong);
    // Without a type nothing can be said of what goes with it.
    for (keywords, names) in [(body, &BOUNDS[..]), (own, &["labels"]), (en, &["labels"])] {
        for name in names {
            if keywords.take(name).is_some() && kind.is_some() {
                wrong.misplaced(&keywords.path_to(name));
            }
        }
    }
    kind
}

/// The keywords of which each type takes some.
const BOUNDS: [&str; 5] = ["minimum", "maximum", "maxLength", "format", "enum"];

/// The format of that type: an enumeration where `enum` is written, else the one that `format` names.
fn read_format(json_type: &str, body: &mut Keywords, wrong: &mut Wrongs) -> Option<&'static Format> {
    let of_type = || FORMATS.into_iter().filter(|format| format.json_types.contains(&json_type));
    let is_of_choices = |format: &&Format| format.bounded_by == BoundedBy::Choices;
    if body.has("enum")
        && let Some(format) = of_type().find(is_of_choices)
    {
        return Some(format);
    }
    let keywords: Vec<&str> = of_type().filter_map(|format| format.keyword).collect();
    let keyword = if keywords.is_empty() { None } else { body.one_of("format", &keywords, wrong) };
    of_type().find(|format| format.keyword == keyword && !is_of_choices(format))
}

fn read_bounds(
    format: &Format,
    json_type: &str,
    body: &mut Keywords,
    own: &mut Keywords,
    en: &mut Keywords,
    wrong: &mut Wrongs,
) -> Option<Bounds> {
    let mut bounds = Bounds::default();
    match format.bounded_by {
        BoundedBy::Nothing => {}
        BoundedBy::Range => {
            bounds.minimum = body.integer("minimum", wrong).unwrap_or(bounds.minimum);
            bounds.maximum = body.integer("maximum", wrong).unwrap_or(bounds.maximum);
        }
        BoundedBy::Length => bounds.max_length = body.length("maxLength", wrong),
        BoundedBy::Choices => bounds.choices = read_choices(json_type, body, own, en, wrong)?,
    }
    if bounds.minimum > bounds.maximum {
        let message = localized!("“minimum” é maior que “maximum”", "“minimum” is greater than “maximum”");
        wrong.add(&body.path_to("minimum"), message);
        return None;
    }
    Some(bounds)
}

fn read_choices(
    json_type: &str,
    body: &mut Keywords,
    own: &mut Keywords,
    en: &mut Keywords,
    wrong: &mut Wrongs,
) -> Option<Vec<Choice>> {
    let values = body.list("enum", wrong)?;
    let labels_pt = read_labels(own, values.len(), wrong);
    let labels_en = read_labels(en, values.len(), wrong);
    let fits = if json_type == "string" { Value::is_string } else { Value::is_i64 };
    let distinct: HashSet<String> = values.iter().map(Value::to_string).collect();
    if values.is_empty() || !values.iter().all(fits) || distinct.len() != values.len() {
        let message = localized!(
            "deve ter ao menos um valor, sem repetir, todos do tipo dito em “type”",
            "must have at least one value, none twice, all of the type given in “type”"
        );
        wrong.add(&body.path_to("enum"), message);
        return None;
    }
    let itself = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
    let label_of = |list: &Option<Vec<String>>, at: usize| list.as_ref().and_then(|labels| labels.get(at)).cloned();
    let choice = |(at, value): (usize, Value)| {
        let pt = label_of(&labels_pt, at).unwrap_or_else(|| itself(&value));
        Choice { label: in_both(Some(pt), label_of(&labels_en, at)), value }
    };
    Some(values.into_iter().enumerate().map(choice).collect())
}

fn read_labels(keywords: &mut Keywords, count: usize, wrong: &mut Wrongs) -> Option<Vec<String>> {
    let labels = keywords.list("labels", wrong)?;
    let texts: Vec<String> = labels.iter().filter_map(Value::as_str).map(str::to_string).collect();
    if texts.len() == count && labels.len() == count {
        return Some(texts);
    }
    let message =
        localized!("deve ter um texto para cada valor de “enum”", "must have one text for each value of “enum”");
    wrong.add(&keywords.path_to("labels"), message);
    None
}

fn read_check(mut check: Keywords, wrong: &mut Wrongs) -> Option<Check> {
    let target = check.require("target", wrong).text("target", wrong);
    let probe = check.require("probe", wrong).one_of("probe", &Probe::ALL.map(Probe::name), wrong);
    let probe = probe.and_then(|name| Probe::ALL.into_iter().find(|probe| probe.name() == name));
    match (probe.map(Probe::takes), check.has("host")) {
        (Some(Takes::Port), false) => wrong.missing(check.path(), "host"),
        (Some(Takes::Host | Takes::Path), true) => wrong.misplaced(&check.path_to("host")),
        _ => {}
    }
    let host = check.key("host", wrong);
    check.finish(wrong);
    Some(Check { target: target?, probe: probe?, host })
}

/// A text in both languages: English falls back to Portuguese. Line breaks are the file's layout, not the text's.
fn in_both(pt: Option<String>, en: Option<String>) -> Localized {
    let safe = |text: String| match text.bytes().any(|byte| byte.is_ascii_control()) {
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
        say!(lang, "o valor padrão não é válido: {}", "the default is not valid: {}", finding.sentence(lang))
    })
}
