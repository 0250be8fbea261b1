//! Validates all values of a catalog: each by itself, and against each other.

use serde_json::Value;

use super::fault::{Fault, Level, OUT_OF_RANGE, Told};
use super::format::boolean;
use super::kind::raw;
use super::{Catalog, Parameter};
use crate::key::Key;
use crate::lang::{Lang, Localized};
use crate::safe::Safe;
use crate::{localized, safe, say};

/// What is wrong with one parameter's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub key: Key,
    pub value: Value,
    pub fault: Fault,
}

impl Finding {
    pub fn level(&self) -> Level {
        self.fault.level
    }

    /// A stable word for programs, snake case: `out_of_range`, `same_as`…
    pub fn code(&self) -> &'static str {
        self.fault.code
    }

    /// What is expected instead, short, as the form says it beside the field: `de 1 a 65535`.
    pub fn summary(&self, lang: Lang) -> Safe {
        self.fault.summary.of(lang).clone()
    }

    /// The whole sentence for whoever sees the parameter's title: `70000 é inválido: informe de 1 a 65535.`
    pub fn told(&self, lang: Lang) -> Safe {
        let is_empty = self.value.as_str().is_some_and(|text| text.trim().is_empty());
        let shown = match &self.value {
            Value::String(text) if self.fault.code != OUT_OF_RANGE => safe!("“{}”", Safe::excerpt(text)),
            other => Safe::excerpt(&raw(other)),
        };
        match &self.fault.told {
            Told::Bounds(bounds) if is_empty => say!(lang, "Vazio: informe {}.", "Empty: enter {}.", bounds.of(lang)),
            Told::Bounds(bounds) => {
                say!(lang, "{} é inválido: informe {}.", "{} is not valid: enter {}.", shown, bounds.of(lang))
            }
            Told::OfValue(words) if is_empty => say!(lang, "Vazio: {}.", "Empty: {}.", words.of(lang)),
            Told::OfValue(words) => safe!("{} {}.", shown, words.of(lang)),
            Told::Whole(sentence) => sentence.of(lang).clone(),
        }
    }

    /// The same fault, told of the other one of the two parameters whose values do not go together.
    pub fn mirrored(&self, catalog: &Catalog, value_of: &dyn Fn(&Parameter) -> Value) -> Option<Finding> {
        let (this, other) = (catalog.parameter(&self.key)?, catalog.parameter(self.fault.other.as_ref()?)?);
        let fault = if self.fault.code == SAME_AS { same_as(this) } else { required_by(this) };
        Some(Finding { key: other.key.clone(), value: value_of(other), fault })
    }

    /// True where the fault is this parameter's, or one of it and another.
    pub fn concerns(&self, key: &Key) -> bool {
        self.key == *key || self.fault.other.as_ref() == Some(key)
    }

    /// The whole sentence: `integracao.porta_banco_dados é 70000; deve estar entre 1 e 65535`.
    pub fn sentence(&self, lang: Lang) -> Safe {
        self.sentence_of(&self.value.to_string(), self.fault.found.of(lang), lang)
    }

    /// The same of a value that was typed as an argument: without the quotes, and the type, that nobody typed.
    pub fn sentence_as_typed(&self, lang: Lang) -> Safe {
        match &self.value {
            Value::String(text) if !self.fault.found.of(lang).is_empty() => {
                self.sentence_of(text, &Safe::default(), lang)
            }
            _ => self.sentence(lang),
        }
    }

    fn sentence_of(&self, spelled: &str, found: &Safe, lang: Lang) -> Safe {
        let name = Safe::outside(self.key.as_str());
        let ending = self.fault.ending.of(lang);
        let value = match &self.value {
            Value::String(text) if text.is_empty() => {
                return say!(lang, "{} está vazio{}", "{} is empty{}", name, ending);
            }
            Value::String(digits) if self.fault.code == OUT_OF_RANGE => digits.trim(),
            _ => spelled,
        };
        say!(lang, "{} é {}{}{}", "{} is {}{}{}", name, Safe::excerpt(value), found, ending)
    }
}

/// All findings, in the catalog's order. `value_of` gives the value in force (the default where the document sets none).
pub fn validate(catalog: &Catalog, value_of: &dyn Fn(&Parameter) -> Value) -> Vec<Finding> {
    let of_parameter = |parameter| validate_one(catalog, value_of, parameter);
    catalog.parameters().iter().flat_map(of_parameter).collect()
}

/// The findings about one parameter: its value by itself, then `differs`, then `requires`.
pub fn validate_one(
    catalog: &Catalog,
    value_of: &dyn Fn(&Parameter) -> Value,
    parameter: &Parameter,
) -> impl Iterator<Item = Finding> + use<> {
    let value = value_of(parameter);
    let faults = parameter.kind.validate(&value).into_iter().chain(between(catalog, value_of, parameter));
    let key = parameter.key.clone();
    faults.map(move |fault| Finding { key: key.clone(), value: value.clone(), fault })
}

/// What is wrong with a parameter's value given those of others.
pub(super) fn between(
    catalog: &Catalog,
    value_of: &dyn Fn(&Parameter) -> Value,
    parameter: &Parameter,
) -> impl Iterator<Item = Fault> + use<> {
    let value = value_of(parameter);
    let same = parameter.differs.as_ref().and_then(|key| catalog.parameter(key));
    let same = same.filter(|other| value_of(other) == value).map(same_as);
    let needed = (value == Value::Bool(true)).then(|| unlock(catalog, value_of, parameter)).flatten();
    let needed = needed.and_then(|key| catalog.parameter(&key));
    let needed = needed.map(|other| requires(other, value_of(other) == Value::Bool(false)));
    same.into_iter().chain(needed)
}

/// Of two values that must differ: either of them can be changed.
pub const SAME_AS: &str = "same_as";

/// Off, with another on that depends on it.
pub const REQUIRED: &str = "required";

fn same_as(other: &Parameter) -> Fault {
    let key = Safe::outside(other.key.as_str());
    let ending = localized!(", igual a {}; os dois devem ser diferentes", ", the same as {}; the two must differ", key);
    let told = Localized::each(|lang| {
        let title = other.title.of(lang);
        say!(
            lang,
            "é também o valor de “{}”: informe outro num dos dois",
            "is the value of “{}”, too: enter another in one of them",
            title
        )
    });
    let summary = localized!("igual a outro campo", "same as another");
    Fault::error(SAME_AS, summary, ending).told(Told::OfValue(told)).with(&other.key)
}

/// `off`: that one has a valid value, but the wrong one.
fn requires(other: &Parameter, off: bool) -> Fault {
    let key = Safe::outside(other.key.as_str());
    let told = Localized::each(|lang| {
        let title = other.title.of(lang);
        match off {
            true => say!(
                lang,
                "Depende do parâmetro “{}”, que está desativado.",
                "Depends on the parameter “{}”, which is off.",
                title
            ),
            false => say!(
                lang,
                "Depende do parâmetro “{}”, cujo valor é inválido.",
                "Depends on the parameter “{}”, whose value is not valid.",
                title
            ),
        }
    });
    let ending = localized!("; depende de {} ativado", "; it requires {} to be on", key);
    let summary = localized!("depende de outro", "depends on another");
    Fault::error("requires", summary, ending).told(Told::Whole(told)).with(&other.key)
}

/// The other side of [`requires`].
fn required_by(other: &Parameter) -> Fault {
    let key = Safe::outside(other.key.as_str());
    let told = Localized::each(|lang| {
        let title = other.title.of(lang);
        say!(
            lang,
            "O parâmetro “{}”, ativado, depende deste: ative este ou desative aquele.",
            "The parameter “{}” is on and depends on this one: turn this one on, or that one off.",
            title
        )
    });
    let ending =
        localized!("; {}, que está ativado, depende deste parâmetro", "; {} is on and depends on this parameter", key);
    let summary = localized!("outro depende deste", "another depends on it");
    Fault::error(REQUIRED, summary, ending).told(Told::Whole(told)).with(&other.key)
}

/// The parameter to switch on before this one can be; `None` where nothing locks it.
pub fn unlock(catalog: &Catalog, value_of: &dyn Fn(&Parameter) -> Value, parameter: &Parameter) -> Option<Key> {
    let required = catalog.parameter(parameter.requires.as_ref()?)?;
    let locked = parameter.kind.is(&boolean::FORMAT) && value_of(required) != Value::Bool(true);
    locked.then(|| required.key.clone())
}

/// All that is to be switched on before this parameter can be, the nearest first.
pub fn unmet<'c>(
    catalog: &'c Catalog,
    value_of: &dyn Fn(&Parameter) -> Value,
    parameter: &'c Parameter,
) -> Vec<&'c Parameter> {
    // No circle is ever loaded.
    let above = |parameter: &&'c Parameter| catalog.parameter(parameter.requires.as_ref()?);
    let chain = std::iter::successors(above(&parameter), above);
    chain.filter(|needed| value_of(needed) != Value::Bool(true)).collect()
}

/// All that is on and depends on this parameter, also through others, the nearest first.
pub fn dependents<'c>(catalog: &'c Catalog, value_of: &dyn Fn(&Parameter) -> Value, key: &Key) -> Vec<&'c Parameter> {
    let mut found: Vec<&Parameter> = vec![];
    let mut wanted = vec![key.clone()];
    while let Some(key) = wanted.pop() {
        let direct = catalog.decided_by(&key).filter_map(|number| catalog.parameters().get(number));
        let direct = direct.filter(|it| it.requires.as_ref() == Some(&key) && value_of(it) == Value::Bool(true));
        let direct: Vec<_> = direct.collect();
        wanted.extend(direct.iter().map(|it| it.key.clone()));
        found.extend(direct);
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::Level;

    /// The findings on the built-in catalog with these values over the defaults.
    fn findings(values: &[(&str, Value)]) -> Vec<Finding> {
        validate(&Catalog::built_in(), &|parameter| {
            let set = values.iter().find(|(key, _)| *key == parameter.key.as_str());
            set.map_or_else(|| parameter.default.clone(), |(_, value)| value.clone())
        })
    }

    #[test]
    fn the_defaults_have_no_findings() {
        assert_eq!(findings(&[]), []);
    }

    #[test]
    fn a_finding_names_the_key_its_value_and_what_is_expected() {
        let (port, host) = ("integracao.porta_banco_dados", "integracao.ip_servidor_retaguarda");
        let (seller, table) = ("geral.vendedor_padrao", "geral.tabela_versao");
        let whatsapp = "integracao.enviar_notificacao_os_whatsapp";
        let cases = [
            (port, json!(70000), "integracao.porta_banco_dados é 70000; deve estar entre 1 e 65535"),
            (
                port,
                json!("5432"),
                "integracao.porta_banco_dados é \"5432\" (texto, por estar entre aspas); deve ser um número inteiro de 1 a 65535",
            ),
            (
                port,
                json!("05432"),
                "integracao.porta_banco_dados é \"05432\"; deve ser um número inteiro de 1 a 65535, sem zeros à esquerda",
            ),
            (
                port,
                json!(5432.0),
                "integracao.porta_banco_dados é 5432.0 (número não inteiro); deve ser um número inteiro de 1 a 65535",
            ),
            (port, json!(null), "integracao.porta_banco_dados é null (nulo); deve ser um número inteiro de 1 a 65535"),
            (port, json!(""), "integracao.porta_banco_dados está vazio; deve ser um número inteiro de 1 a 65535"),
            (
                port,
                json!("99999999999999999999"),
                "integracao.porta_banco_dados é 99999999999999999999; deve estar entre 1 e 65535",
            ),
            (
                host,
                json!("srv:5432"),
                "integracao.ip_servidor_retaguarda é \"srv:5432\": contém a porta; informe só o endereço",
            ),
            (
                host,
                json!("\u{1b}[2J"),
                "integracao.ip_servidor_retaguarda é \"\\u001b[2J\"; contém caracteres de controle, que não são aceitos",
            ),
            (
                seller,
                json!("Maria Aparecida da Silva"),
                "geral.vendedor_padrao é \"Maria Aparecida da Silva\" e tem 24 caracteres; o máximo é 20",
            ),
            (
                table,
                json!("tab-versao"),
                "geral.tabela_versao é \"tab-versao\": contém “-”; só letras, dígitos, “_” e “$”, sem aspas",
            ),
            (
                whatsapp,
                json!("sim"),
                "integracao.enviar_notificacao_os_whatsapp é \"sim\" (texto); deve ser sim ou não (no arquivo, true ou false, sem aspas)",
            ),
            (
                whatsapp,
                json!(true),
                "integracao.enviar_notificacao_os_whatsapp é true; depende de notificacao_whatsapp.licenca_whatsapp_msg ativado",
            ),
        ];
        for (key, value, sentence) in cases {
            let found = findings(&[(key, value.clone())]);
            let said: Vec<_> = found.iter().map(|finding| finding.sentence(Lang::Pt)).collect();
            assert_eq!(said.iter().map(Safe::as_str).collect::<Vec<_>>(), [sentence], "{key} = {value}");
            assert!(!found[0].summary(Lang::Pt).is_empty());
            assert!(!found[0].sentence(Lang::En).is_empty());
        }
    }

    #[test]
    fn equal_ports_are_found_on_the_one_that_must_differ() {
        let found = findings(&[("integracao.porta_banco_dados", json!(8082))]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].key.as_str(), "integracao.porta_integracao_clientes");
        assert_eq!(found[0].code(), "same_as");
        assert_eq!(found[0].summary(Lang::Pt).as_str(), "igual a outro campo");
        assert_eq!(
            found[0].sentence(Lang::Pt).as_str(),
            "integracao.porta_integracao_clientes é 8082, igual a integracao.porta_banco_dados; os dois devem ser diferentes"
        );
    }

    #[test]
    fn all_findings_come_in_the_catalogs_order() {
        let found = findings(&[
            ("notificacao_whatsapp.licenca_whatsapp_msg", json!(1)),
            ("integracao.enviar_notificacao_os_whatsapp", json!(true)),
            ("integracao.porta_integracao_clientes", json!(0)),
            ("integracao.porta_banco_dados", json!(0)),
        ]);
        let codes: Vec<_> = found.iter().map(|finding| (finding.key.name(), finding.code())).collect();
        assert_eq!(
            codes,
            [
                ("porta_banco_dados", "out_of_range"),
                ("porta_integracao_clientes", "out_of_range"),
                ("porta_integracao_clientes", "same_as"),
                ("enviar_notificacao_os_whatsapp", "requires"),
                ("licenca_whatsapp_msg", "wrong_type"),
            ]
        );
    }

    #[test]
    fn a_warning_holds_nothing_up() {
        for (key, value, code) in [
            ("integracao.ip_servidor_retaguarda", "srv_01", "host_underscore"),
            ("geral.caminho_imagem_logo", "logo.png", "relative_path"),
        ] {
            let found = findings(&[(key, json!(value))]);
            assert_eq!(
                found.iter().map(|finding| (finding.code(), finding.level())).collect::<Vec<_>>(),
                [(code, Level::Warning)]
            );
        }
    }

    #[test]
    fn a_locked_parameter_names_what_unlocks_it() {
        let catalog = Catalog::built_in();
        let whatsapp = catalog.parameter(&Key::parse("integracao.enviar_notificacao_os_whatsapp").unwrap()).unwrap();
        let licence = Key::parse("notificacao_whatsapp.licenca_whatsapp_msg").unwrap();
        assert_eq!(unlock(&catalog, &|parameter| parameter.default.clone(), whatsapp), Some(licence));
        assert_eq!(unlock(&catalog, &|_| Value::Bool(true), whatsapp), None);
    }

    #[test]
    fn a_long_value_is_cut_in_sentences() {
        let found = findings(&[("geral.vendedor_padrao", json!("é".repeat(5000)))]);
        let sentence = found[0].sentence(Lang::Pt);
        assert!(sentence.as_str().chars().count() < 160, "{sentence}");
    }
}
