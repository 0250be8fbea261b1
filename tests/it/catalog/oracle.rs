//! The merged schema, and our verdicts against those of an independent validator of JSON Schema.

use std::collections::BTreeMap;

use balcao_config::catalog::format::FORMATS;
use balcao_config::catalog::kind::Bounds;
use balcao_config::catalog::rule::validate;
use balcao_config::catalog::schema::schema;
use balcao_config::catalog::{Catalog, Kind, Level, Parameter, Pattern};
use balcao_config::key::Key;
use balcao_config::lang::Localized;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};

use super::examples;

fn validator(schema: &Value) -> jsonschema::Validator {
    let mut options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
    for format in FORMATS {
        let Some(name) = format.keyword else { continue };
        let kind = Kind { format, bounds: Bounds::default() };
        options = options.with_format(name, move |text: &str| {
            kind.validate(&Value::from(text)).is_none_or(|fault| fault.level == Level::Warning)
        });
    }
    options.build(schema).unwrap()
}

#[test]
fn the_merged_schema_is_a_valid_schema() {
    for catalog in [Catalog::built_in(), examples()] {
        let schema = schema(&catalog);
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        let validator = validator(&schema);
        for document in [json!({}), json!({ "$schema": "x", "version": 1, "outro": { "a": 1 }, "": null })] {
            assert!(validator.is_valid(&document), "{document}");
        }
        for document in [json!([]), json!({ "version": 2 }), json!({ "version": "1" }), json!({ "geral": [] })] {
            assert!(!validator.is_valid(&document), "{document}");
        }
    }
}

#[test]
fn the_merged_schema_says_what_the_catalog_says() {
    let catalog = examples();
    let schema = schema(&catalog);
    for parameter in catalog.parameters() {
        let said = &schema["properties"][parameter.key.group()]["properties"][parameter.key.name()];
        assert_eq!(said["default"], parameter.default, "{}", parameter.key);
        assert_eq!(said["title"], parameter.title.pt.as_str());
        assert_eq!(said["x-balcao"]["en"]["title"], parameter.title.en.as_str());
        assert_eq!(said["x-balcao"]["requires"].as_str(), parameter.requires.as_ref().map(Key::as_str));
    }
    let port = &schema["properties"]["integracao"]["properties"]["porta_integracao_clientes"];
    assert_eq!((&port["minimum"], &port["maximum"]), (&json!(1), &json!(65535)));
    assert_eq!(port["x-balcao"]["differs"], "integracao.porta_banco_dados");
    let check =
        json!({ "probe": "http", "target": "integracao_clientes", "host": "integracao.ip_servidor_retaguarda" });
    assert_eq!(port["x-balcao"]["check"], check);
}

/// Values that a parameter of this kind might be given: right, nearly right and wrong ones.
fn candidates(parameter: &Parameter) -> BoxedStrategy<Value> {
    let strange = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // 5432.0 is a whole number for JSON Schema and none for us.
        any::<f64>().prop_filter("whole", |x| x.is_finite() && x.fract() != 0.0).prop_map(Value::from),
        Just(json!(1e30)),
        any::<String>().prop_map(Value::from),
        "[0-9]{1,6}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
    ];
    let Bounds { minimum, maximum, max_length, choices, .. } = &parameter.kind.bounds;
    let near: BoxedStrategy<Value> = match parameter.kind.format.name {
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        "integer" => {
            let edges = vec![minimum - 1, *minimum, minimum + 1, maximum - 1, *maximum, maximum + 1];
            prop_oneof![prop::sample::select(edges), minimum - 3..=maximum + 3].prop_map(Value::from).boxed()
        }
        "host" => prop_oneof![
            "[0-9]{1,3}(\\.[0-9]{1,3}){2,4}",
            "[a-z0-9_-]{1,8}(\\.[a-z0-9-]{1,70}){0,6}\\.?",
            "[0-9a-f:.]{2,20}",
            "[ -~]{0,12}",
        ]
        .prop_map(Value::from)
        .boxed(),
        "path" => {
            prop_oneof!["/?[ -~]{0,30}", "/dev/[a-zA-Z0-9]{0,8}", "/[a-z]{4090,4097}"].prop_map(Value::from).boxed()
        }
        "sql_identifier" => "[a-zç_$1]{0,40}([.][a-z_1]{0,40}){0,2}".prop_map(Value::from).boxed(),
        "text" => {
            let around = max_length.unwrap_or(10);
            prop_oneof![
                prop::collection::vec(any::<char>(), 0..around + 3).prop_map(String::from_iter),
                prop::collection::vec(prop::char::range('a', 'é'), around - 1..around + 2).prop_map(String::from_iter),
                "[a-z\\u{1}\\u{7f}\\u{85}\\u{a0}]{0,5}",
            ]
            .prop_map(Value::from)
            .boxed()
        }
        "enumeration" => {
            prop::sample::select(choices.iter().map(|choice| choice.value.clone()).collect::<Vec<_>>()).boxed()
        }
        other => panic!("no values to try for {other}"),
    };
    prop_oneof![1 => strange, 3 => near].boxed()
}

/// Values for some of the parameters, most of them right, so that whole documents are valid now and then.
fn documents(catalog: &Catalog) -> impl Strategy<Value = BTreeMap<Key, Value>> + use<> {
    let each: Vec<_> = catalog
        .parameters()
        .iter()
        .map(|parameter| {
            let (key, default) = (parameter.key.clone(), parameter.default.clone());
            prop_oneof![
                4 => Just(None),
                4 => Just(Some(default)),
                1 => candidates(parameter).prop_map(Some),
            ]
            .prop_map(move |value| value.map(|value| (key.clone(), value)))
        })
        .collect();
    each.prop_map(|values| values.into_iter().flatten().collect())
}

fn as_document(values: &BTreeMap<Key, Value>) -> Value {
    let mut document = json!({});
    for (key, value) in values {
        document[key.group()][key.name()] = value.clone();
    }
    document
}

#[test]
fn each_parameters_values_are_judged_as_json_schema_judges_them() {
    let catalog = examples();
    let schema = schema(&catalog);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    for parameter in catalog.parameters() {
        let own = &schema["properties"][parameter.key.group()]["properties"][parameter.key.name()];
        let validator = validator(own);
        let judged = runner.run(&candidates(parameter), |value| {
            let ours = parameter.kind.validate(&value).is_none_or(|fault| fault.level == Level::Warning);
            prop_assert_eq!(ours, validator.is_valid(&value), "{} = {}", parameter.key, value);
            if ours {
                prop_assert_eq!(parameter.kind.typed(&parameter.kind.raw(&value)), value);
            }
            Ok(())
        });
        judged.unwrap();
    }
}

/// The engine of the other validator reads them, and finds the same.
#[test]
fn what_is_taken_for_a_pattern_is_read_as_json_schema_reads_it() {
    let patterns = r"(\^|\(|\[\^?[a0.-]{1,3}\]|[ab0çé.]|\\[.()$/-]|[*+?|)$]|\{[0-3],?[2-4]?\}){0,8}";
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(1_000));
    let mut taken = 0;
    for _ in 0..1_000 {
        let (text, values) =
            (patterns, prop::collection::vec("[ab0çé.()$/-]{0,6}", 20)).new_tree(&mut runner).unwrap().current();
        let Ok(pattern) = Pattern::new(text.clone(), Localized::default()) else { continue };
        taken += 1;
        let theirs = jsonschema::draft202012::new(&json!({ "pattern": text })).unwrap();
        for value in values {
            assert_eq!(pattern.fits(&value), theirs.is_valid(&json!(value)), "{text} on {value}");
        }
    }
    assert!(taken > 100, "{taken}");
}

#[test]
fn whole_documents_are_judged_as_json_schema_judges_them() {
    let catalog = examples();
    let validator = validator(&schema(&catalog));
    let mut verdicts = BTreeMap::from([(true, 0), (false, 0)]);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(600));
    for _ in 0..600 {
        let values = documents(&catalog).new_tree(&mut runner).unwrap().current();
        let document = as_document(&values);
        let value_of = |p: &Parameter| values.get(&p.key).cloned().unwrap_or_else(|| p.default.clone());
        // Rules between parameters are our own; JSON Schema has no word for them.
        let ours = validate(&catalog, &value_of)
            .iter()
            .all(|found| found.level() == Level::Warning || matches!(found.code(), "requires" | "same_as"));
        assert_eq!(ours, validator.is_valid(&document), "{document}");
        *verdicts.entry(ours).or_default() += 1;
    }
    assert!(verdicts.values().all(|count| *count > 50), "both verdicts were given: {verdicts:?}");
}
