//! The merged catalog as one JSON Schema (draft 2020-12), for editors and other programs.
//!
//! Made from the catalog in force, not from its files: what is printed is what is validated. Documents may have unknown
//! keys, so nothing here forbids them.

use serde_json::{Map, Value, json};

use super::kind::{BoundedBy, Kind};
use super::{Catalog, Group, Parameter};
use crate::lang::Localized;

/// No control characters, as in every text; an ECMA-262 pattern, as JSON Schema wants it.
const NO_CONTROL: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";

pub fn schema(catalog: &Catalog) -> Value {
    let mut properties = Map::new();
    properties.insert(
        "$schema".into(),
        json!({ "type": "string", "description": "Onde está este esquema, para os editores de texto." }),
    );
    properties.insert(
        "version".into(),
        json!({ "const": 1, "default": 1, "description": "A versão do formato do arquivo." }),
    );
    for group in catalog.groups() {
        properties.insert(group.id.clone(), group_schema(catalog, group));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuração do Gestor Balcão",
        "description": "O arquivo lido pelo programa do balcão. O que não está nele fica no padrão; chaves desconhecidas são aceitas e mantidas.",
        "type": "object",
        "properties": properties,
    })
}

fn group_schema(catalog: &Catalog, group: &Group) -> Value {
    let parameters: Map<String, Value> = catalog
        .of_group(&group.id)
        .iter()
        .map(|parameter| (parameter.key.name().to_string(), parameter_schema(parameter)))
        .collect();
    let section = catalog.sections().get(group.section).map(|section| section.id.as_str());
    let (mut own, mut en) = (Map::new(), Map::new());
    own.insert("section".into(), json!(section));
    en.insert("title".into(), json!(group.title.en.as_str()));
    say(&mut own, &mut en, "synonyms", &group.synonyms);
    own.insert("en".into(), Value::Object(en));
    json!({
        "title": group.title.pt.as_str(),
        "type": "object",
        "properties": parameters,
        "x-balcao": own,
    })
}

fn parameter_schema(parameter: &Parameter) -> Value {
    let mut schema = Map::new();
    let mut own = Map::new();
    let mut en = Map::new();
    say(&mut schema, &mut en, "title", &parameter.title);
    say(&mut schema, &mut en, "description", &parameter.help.what);
    kind_schema(&parameter.kind, &mut schema, &mut own, &mut en);
    schema.insert("default".into(), parameter.default.clone());
    for (name, key) in [("requires", &parameter.requires), ("differs", &parameter.differs)] {
        own.extend(key.as_ref().map(|key| (name.to_string(), json!(key.as_str()))));
    }
    if let Some(check) = &parameter.check {
        let mut written = json!({ "probe": check.probe.name(), "target": check.target });
        for (name, key) in [("host", &check.host), ("when", &check.when)] {
            if let Some(key) = key {
                written[name] = json!(key.as_str());
            }
        }
        own.insert("check".into(), written);
    }
    say(&mut own, &mut en, "synonyms", &parameter.synonyms);
    say(&mut own, &mut en, "default_help", &parameter.help.default);
    say(&mut own, &mut en, "change_help", &parameter.help.change);
    own.insert("en".into(), Value::Object(en));
    schema.insert("x-balcao".into(), Value::Object(own));
    Value::Object(schema)
}

fn kind_schema(
    kind: &Kind,
    schema: &mut Map<String, Value>,
    own: &mut Map<String, Value>,
    en: &mut Map<String, Value>,
) {
    let bounds = &kind.bounds;
    let mut put = |keyword: &str, value: Value| schema.insert(keyword.into(), value);
    put("type", json!(kind.json_type()));
    match kind.format.bounded_by {
        BoundedBy::Nothing => {}
        BoundedBy::Range => {
            put("minimum", json!(bounds.minimum));
            put("maximum", json!(bounds.maximum));
        }
        BoundedBy::Length => {
            bounds.max_length.map(|most| put("maxLength", json!(most)));
            match (kind.format.keyword, &bounds.pattern) {
                (Some(name), _) => put("format", json!(name)),
                (None, None) => put("pattern", json!(NO_CONTROL)),
                (None, Some(_)) => put("allOf", json!([{ "pattern": NO_CONTROL }])),
            };
            if let Some(pattern) = &bounds.pattern {
                put("pattern", json!(pattern.text));
                say(own, en, "pattern_help", &pattern.help);
            }
        }
        BoundedBy::Choices => {
            put("enum", bounds.choices.iter().map(|choice| choice.value.clone()).collect());
            own.insert("labels".into(), bounds.choices.iter().map(|choice| choice.label.pt.as_str()).collect());
            en.insert("labels".into(), bounds.choices.iter().map(|choice| choice.label.en.as_str()).collect());
        }
    }
}

/// Inserts a text in both languages, if there is one.
fn say(pt: &mut Map<String, Value>, en: &mut Map<String, Value>, keyword: &str, text: &Localized) {
    for (language, text) in [(pt, &text.pt), (en, &text.en)] {
        if !text.is_empty() {
            language.insert(keyword.into(), json!(text.as_str()));
        }
    }
}
