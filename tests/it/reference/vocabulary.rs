//! `docs/reference/catalog.schema.json`: the vocabulary of catalog files as a JSON Schema, so that an editor completes and checks
//! them as they are written. Made here from the tables of formats, probes, sections and built-in parameters, and held to what
//! the program takes and refuses.

use std::fs;

use balcao_config::catalog::format::FORMATS;
use balcao_config::catalog::pattern::LONGEST_TEXT;
use balcao_config::catalog::{Catalog, Probe, Takes};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use super::held;

const FILE: &str = "docs/reference/catalog.schema.json";

/// What a catalog's name, title or text is.
const DEFINITIONS: &str = r##"{
    "texto": { "type": "string", "pattern": "\\S" },
    "titulo": {
      "type": "object", "additionalProperties": false,
      "properties": { "$comment": true, 
        "title": { "$ref": "#/$defs/texto", "description": "O título em inglês." }, "synonyms": { "$ref": "#/$defs/texto" } }
    },
    "chave": { "type": "string", "pattern": "^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$" },
    "nome": { "pattern": "^([a-z][a-z0-9_]*|\\$comment)$", "not": { "const": "version" } }
}"##;

fn schema() -> Value {
    let mut definitions: Value = serde_json::from_str(DEFINITIONS).unwrap();
    definitions["grupo"] = group();
    definitions["acrescimo"] = addition();
    definitions["parametro"] = parameter();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Catálogo do balcao-config",
        "description": "Um arquivo .json da pasta catalog.d, ao lado do arquivo de configuração: parâmetros a mais, com textos, limites, regras e testes. Veja docs/catalog.md.",
        "type": "object",
        "required": ["properties"],
        "additionalProperties": false,
        "properties": {
            "$schema": { "description": "Onde está este esquema, para o editor." },
            "$id": true,
            "$comment": true,
            "title": true,
            "description": true,
            "type": { "const": "object" },
            "x-balcao": { "type": "object", "additionalProperties": false, "properties": { "$comment": true } },
            "properties": {
                "type": "object",
                "description": "Os grupos. Um que já existe recebe parâmetros; um novo pede title e x-balcao.section.",
                "propertyNames": { "$ref": "#/$defs/nome" },
                "properties": built_in_groups(),
                "additionalProperties": { "$ref": "#/$defs/grupo" },
            },
        },
        "$defs": definitions,
    })
}

/// The groups of the program: they get parameters alone, and none that they have.
fn built_in_groups() -> Value {
    let catalog = Catalog::built_in();
    let of_group = |id: &str, title: &str| {
        let mut group =
            json!({ "$ref": "#/$defs/acrescimo", "description": format!("Do programa: {title}. Só properties.") });
        let taken: Vec<&str> = catalog.of_group(id).iter().map(|parameter| parameter.key.name()).collect();
        if !taken.is_empty() {
            group["properties"] = json!({ "properties": without(&taken) });
        }
        group
    };
    let groups = catalog.groups().iter().map(|group| (group.id.clone(), of_group(&group.id, group.title.pt.as_str())));
    let mut groups: Map<String, Value> = groups.collect();
    groups.insert("$comment".into(), json!(true));
    groups.into()
}

/// What is added to a group that is there.
fn addition() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "$comment": true,
            "type": { "const": "object" },
            "x-balcao": {
                "type": "object", "additionalProperties": false,
                "properties": { "$comment": true, "en": { "$ref": "#/$defs/titulo" } },
            },
            "properties": parameters(),
        },
    })
}

fn parameters() -> Value {
    json!({
        "type": "object",
        "description": "Os parâmetros: a chave de cada um é grupo.nome.",
        "propertyNames": { "$ref": "#/$defs/nome" },
        "properties": { "$comment": true },
        "additionalProperties": { "$ref": "#/$defs/parametro" },
    })
}

fn group() -> Value {
    let catalog = Catalog::built_in();
    let sections: Vec<&str> = catalog.sections().iter().map(|section| section.id.as_str()).collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "$comment": true,
            "title": { "$ref": "#/$defs/texto", "description": "O título do grupo, na lista da esquerda." },
            "type": { "const": "object" },
            "x-balcao": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "$comment": true,
                    "section": { "enum": sections, "description": "A seção em que o grupo fica." },
                    "order": order("grupos da seção"),
                    "synonyms": synonyms(),
                    "en": { "$ref": "#/$defs/titulo" },
                },
            },
            "properties": parameters(),
        },
    })
}

fn synonyms() -> Value {
    json!({ "$ref": "#/$defs/texto", "description": "Outras palavras pelas quais a busca o encontra, separadas por vírgulas." })
}

fn order(of: &str) -> Value {
    json!({ "type": "integer", "description": format!("O lugar entre os {of}; os do programa contam de dez em dez. Sem ele, no fim.") })
}

/// Texts in Portuguese, and under `en` in English.
const TEXTS: [(&str, &str); 4] = [
    (
        "default_help",
        "O que o valor padrão significa, como se lê depois de “Padrão:”: “9600, a velocidade de fábrica mais comum.”",
    ),
    ("change_help", "Quando alterar: uma ou duas frases."),
    ("effect", "O que falta para um valor alterado valer: uma frase, como “Reinicie o serviço da balança.”"),
    ("pattern_help", "O que deve ser um texto que serve em pattern, como “um dispositivo, como /dev/ttyS0”."),
];

fn parameter() -> Value {
    let keywords: Vec<&str> = FORMATS.iter().filter_map(|format| format.keyword).collect();
    let labels = json!({ "type": "array", "items": { "$ref": "#/$defs/texto" }, "uniqueItems": true });
    let mut own = json!({
        "$comment": true,
        "order": order("parâmetros do grupo"),
        "widget": { "enum": ["checkbox", "field", "choice"], "description": "Como a tela o mostra; segue do tipo." },
        "requires": { "$ref": "#/$defs/chave", "description": "O parâmetro sim/não que deve estar ativado para este, sim/não, poder ser ativado." },
        "differs": { "$ref": "#/$defs/chave", "description": "O parâmetro do mesmo tipo cujo valor deve ser outro." },
        "check": check(),
        "synonyms": synonyms(),
        "labels": labels,
    });
    let mut english = json!({
        "$comment": true,
        "title": { "$ref": "#/$defs/texto" },
        "description": { "$ref": "#/$defs/texto" },
        "synonyms": { "$ref": "#/$defs/texto" },
        "labels": labels,
    });
    own["labels"]["description"] = "O que se mostra no lugar de cada valor de enum, na mesma ordem.".into();
    for (name, meaning) in TEXTS {
        own[name] = json!({ "$ref": "#/$defs/texto", "description": meaning });
        english[name] = json!({ "$ref": "#/$defs/texto" });
    }
    own["en"] = json!({ "type": "object", "additionalProperties": false, "properties": english, "description": "Os mesmos textos em inglês." });
    json!({
        "type": "object",
        "required": ["title", "type", "default"],
        "additionalProperties": false,
        "properties": {
            "$comment": true,
            "title": { "$ref": "#/$defs/texto", "description": "O rótulo do campo." },
            "description": { "$ref": "#/$defs/texto", "description": "O que o parâmetro é: a primeira frase aparece abaixo do campo." },
            "type": { "enum": ["boolean", "integer", "string"], "description": "Sim/não, número inteiro ou texto." },
            "default": { "description": "O valor onde o arquivo de configuração não diz nenhum; deve caber nos limites." },
            "minimum": { "type": "integer" },
            "maximum": { "type": "integer" },
            "maxLength": { "type": "integer", "minimum": 0, "description": "Em caracteres." },
            "format": { "enum": keywords, "description": "host: nome ou IP; path: caminho; sql-identifier: tabela ou esquema.tabela." },
            "pattern": {
                "type": "string",
                "format": "regex",
                "minLength": 1,
                "maxLength": 200,
                // `\` before signs alone, `(?` of groups alone; what is wrong within […] and {…} only the program tells.
                "pattern": r"^(?:[^\\(]|\\[-^$\\.*+?()\[\]{}|/]|\(\?:|\((?!\?))*$",
                "description": "Expressão regular que o texto deve conter; ^ e $ a prendem ao começo e ao fim. Escreva [0-9] por \\d.",
            },
            "enum": {
                "type": "array",
                "minItems": 1,
                "uniqueItems": true,
                "description": "Os valores possíveis, todos do tipo dito em type; no lugar de limites e format.",
            },
            "x-balcao": { "type": "object", "additionalProperties": false, "properties": own },
        },
        "allOf": rules(),
    })
}

fn check() -> Value {
    let name = |probe: &Probe| probe.name();
    let of_port: Vec<&str> = Probe::ALL.iter().filter(|probe| probe.takes() == Takes::Port).map(name).collect();
    json!({
        "type": "object",
        "description": "O teste do valor, com F5 e “check”.",
        "required": ["probe", "target"],
        "additionalProperties": false,
        "properties": {
            "$comment": true,
            "probe": {
                "enum": Probe::ALL.map(Probe::name),
                "description": "host: o nome tem endereço; postgres, http: o serviço responde na porta; image, folder, device: o arquivo, a pasta ou o dispositivo existe e pode ser usado.",
            },
            "target": { "$ref": "#/$defs/texto", "description": "O nome do teste em “check --only”; um só em todos os catálogos." },
            "host": { "$ref": "#/$defs/chave", "description": "O parâmetro do servidor em que a porta está." },
            "when": { "$ref": "#/$defs/chave", "description": "O parâmetro sim/não sem o qual não se testa." },
        },
        "if": { "properties": { "probe": { "enum": of_port } }, "required": ["probe"] },
        "then": { "required": ["host"] },
        "else": without(&["host"]),
    })
}

fn without(names: &[&str]) -> Value {
    let none: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), json!(false))).collect();
    json!({ "properties": none })
}

/// What goes with which type.
fn rules() -> Value {
    let own = |names: &[&str]| {
        json!({ "properties": { "x-balcao": { "properties": without(names)["properties"].as_object().unwrap().iter()
            .map(|(name, none)| (name.clone(), none.clone()))
            .chain([("en".to_owned(), without(names))]).collect::<Map<_, _>>() } } })
    };
    let widget =
        |widget: &str| json!({ "properties": { "x-balcao": { "properties": { "widget": { "const": widget } } } } });
    let is = |kind: &str| json!({ "properties": { "type": { "const": kind } }, "required": ["type"] });
    let has = |keyword: &str| json!({ "required": [keyword] });
    let case = |test: Value, then: Vec<Value>| json!({ "if": test, "then": { "allOf": then } });
    let both = |one: Value, other: Value| json!({ "allOf": [one, other] });
    let is_not = |test: Value| json!({ "not": test });
    let of_type =
        |kind: &str| json!({ "properties": { "default": { "type": kind }, "enum": { "items": { "type": kind } } } });
    let mut rules = vec![
        case(
            is("boolean"),
            vec![
                of_type("boolean"),
                widget("checkbox"),
                without(&["minimum", "maximum", "maxLength", "format", "pattern", "enum"]),
                own(&["labels"]),
            ],
        ),
        case(is("integer"), vec![of_type("integer"), without(&["maxLength", "format", "pattern"])]),
        case(is("string"), vec![of_type("string"), without(&["minimum", "maximum"])]),
        case(
            both(is_not(is("boolean")), has("enum")),
            vec![widget("choice"), without(&["minimum", "maximum", "maxLength", "format", "pattern"])],
        ),
        case(both(is_not(is("boolean")), is_not(has("enum"))), vec![widget("field"), own(&["labels"])]),
        case(is_not(is("boolean")), vec![own_alone("requires")]),
        json!({
            "if": has("pattern"),
            "then": { "properties": { "maxLength": { "maximum": LONGEST_TEXT } } },
            "else": own(&["pattern_help"]),
        }),
    ];
    rules.extend(Probe::ALL.map(|probe| {
        let tested = json!({ "required": ["x-balcao"], "properties": { "x-balcao": { "required": ["check"], "properties": {
            "check": { "required": ["probe"], "properties": { "probe": { "const": probe.name() } } } } } } });
        let fitting = match probe.takes() {
            Takes::Host => json!({ "required": ["format"], "properties": { "format": { "const": "host" } } }),
            Takes::Path => json!({ "required": ["format"], "properties": { "format": { "const": "path" } } }),
            Takes::Port => json!({
                "required": ["minimum", "maximum"],
                "properties": { "type": { "const": "integer" }, "minimum": { "minimum": 1 }, "maximum": { "maximum": 65535 } },
            }),
        };
        json!({ "if": tested, "then": fitting })
    }));
    rules.into()
}

fn own_alone(name: &str) -> Value {
    json!({ "properties": { "x-balcao": without(&[name]) } })
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::options().build(&schema()).unwrap()
}

/// True where the program takes it for the only extension.
fn is_taken(text: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x.json"), text).unwrap();
    Catalog::load(folder.path()).is_ok()
}

/// The catalogs that are to be learnt from.
fn good() -> Vec<(String, String)> {
    let names = ["examples/catalog.d/10-balanca.json", "examples/catalog.d/20-impressao-recibo.json"];
    let mut good = names.map(|name| (name.to_owned(), fs::read_to_string(name).unwrap())).to_vec();
    let page = fs::read_to_string("docs/catalog.md").unwrap();
    let shown = page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    good.extend(shown.map(|text| ("docs/catalog.md".to_owned(), text.to_owned())));
    assert_eq!(good.len(), 4);
    good
}

#[test]
fn the_schema_of_catalogs_is_the_vocabulary() {
    jsonschema::draft202012::meta::validate(&schema()).unwrap();
    held(FILE, &(serde_json::to_string_pretty(&schema()).unwrap() + "\n"), "reference");
}

#[test]
fn the_examples_and_the_programs_own_data_are_of_the_schema() {
    let validator = validator();
    for (name, text) in good() {
        assert!(is_taken(&text), "{name}");
        let value: Value = serde_json::from_str(&text).unwrap();
        let told: Vec<_> =
            validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(told, [""; 0], "{name}");
    }
    // The program's own alone declare a section, and their groups are the ones that are there.
    let mut own = schema();
    own["properties"]["properties"]["properties"] = json!({});
    own["properties"]["x-balcao"] = json!(true);
    let own = jsonschema::draft202012::options().build(&own).unwrap();
    for entry in fs::read_dir("src/catalog/data").unwrap() {
        let path = entry.unwrap().path();
        let value: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let told: Vec<_> = own.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(told, [""; 0], "{path:?}");
    }
}

/// What is wrong with them JSON Schema has no word for: values held against each other, and what other files say.
const BEYOND: &str = "check-host-is-no-host circle default-bad-host default-not-a-choice default-out-of-bounds \
    default-breaks-its-pattern differs-another-type differs-broken-by-default differs-itself group-without-section \
    group-without-title minimum-over-maximum requires-an-integer requires-broken-by-default requires-itself \
    requires-unknown target-exists";

#[test]
fn what_the_program_refuses_for_its_shape_the_schema_refuses_too() {
    let validator = validator();
    let mut accepted = vec![];
    let mut refused = 0;
    for entry in fs::read_dir("tests/it/data/catalogs").unwrap() {
        let path = entry.unwrap().path();
        // What is no JSON an editor tells by itself; of a key that stands twice it keeps one.
        let Ok(value) = serde_json::from_str::<Value>(&fs::read_to_string(&path).unwrap()) else { continue };
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        match validator.is_valid(&value) {
            true if !name.starts_with("duplicate-") => accepted.push(name),
            _ => refused += 1,
        }
    }
    accepted.sort();
    let mut beyond: Vec<&str> = BEYOND.split_whitespace().collect();
    beyond.sort_unstable();
    assert_eq!(accepted, beyond);
    assert!(refused > 30, "{refused}");
}

/// Every object in it, by the way that leads there.
fn objects(value: &Value, way: String, found: &mut Vec<String>) {
    if let Some(object) = value.as_object() {
        for (name, inner) in object {
            objects(inner, format!("{way}/{}", name.replace('~', "~0").replace('/', "~1")), found);
        }
        found.push(way);
    }
}

/// No false alarm: what the program takes is never underlined in red.
#[test]
fn what_the_program_takes_the_schema_takes_too() {
    let validator = validator();
    let words = [
        "title",
        "description",
        "type",
        "default",
        "minimum",
        "maximum",
        "maxLength",
        "pattern",
        "format",
        "enum",
        "x-balcao",
        "order",
        "widget",
        "requires",
        "differs",
        "check",
        "labels",
        "pattern_help",
        "en",
        "probe",
        "target",
        "host",
        "when",
        "section",
        "$comment",
        "outro",
    ];
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(9600),
        json!(""),
        json!("/dev/ttyS1"),
        json!("string"),
        json!("integer"),
        json!("boolean"),
        json!("path"),
        json!("host"),
        json!("device"),
        json!("image"),
        json!("choice"),
        json!("field"),
        json!("^/"),
        json!("\\d"),
        json!("balanca.usar"),
        json!([]),
        json!([1, 2]),
        json!(["a", "b"]),
        json!({}),
        json!("mix"),
    ];
    let mut runner = TestRunner::new(ProptestConfig::default());
    let (mut taken, mut refused) = (0, 0);
    for (_, text) in good() {
        let whole: Value = serde_json::from_str(&text).unwrap();
        let mut places = vec![];
        objects(&whole, String::new(), &mut places);
        let change = (
            prop::sample::select(places),
            prop::sample::select(words.to_vec()),
            prop::sample::select(values.to_vec()),
            any::<bool>(),
        );
        for _ in 0..150 {
            let (place, word, value, drops) =
                proptest::strategy::ValueTree::current(&change.new_tree(&mut runner).unwrap());
            let mut changed = whole.clone();
            let object = changed.pointer_mut(&place).unwrap().as_object_mut().unwrap();
            if drops {
                object.remove(word);
            } else {
                object.insert(word.to_owned(), value.clone());
            }
            if is_taken(&changed.to_string()) {
                taken += 1;
                assert!(validator.is_valid(&changed), "{place}: {word} = {value}, or without it: {drops}");
            } else {
                refused += usize::from(!validator.is_valid(&changed));
            }
        }
    }
    assert!(taken > 30 && refused > 30, "{taken} {refused}");
}
