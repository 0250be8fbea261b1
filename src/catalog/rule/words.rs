//! Findings in words: a few for beside the field, a whole sentence for everywhere else.

use serde_json::Value;

use super::{Fault, Finding, Found};
use crate::catalog::{Catalog, Kind};
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// Of a value in a sentence, so many characters are shown: about a line of 80 columns, less the key.
const LONGEST_QUOTE: usize = 60;

impl Finding {
    /// What is expected instead, short, as the form says it beside the field: `de 1 a 65535`.
    pub fn brief(&self, catalog: &Catalog, lang: Lang) -> Safe {
        let bounds = || catalog.parameter(&self.key).map(|parameter| parameter.kind.bounds(lang)).unwrap_or_default();
        match &self.fault {
            Fault::Type(_) | Fault::OutOfRange | Fault::TooLong | Fault::NotAChoice => bounds(),
            Fault::LeadingZeros => say!(lang, "sem zeros à esquerda", "no leading zeros"),
            Fault::Control => say!(lang, "sem caracteres de controle", "no control characters"),
            Fault::Host(fault) => fault.words(lang),
            Fault::Path(fault) => fault.words(lang),
            Fault::Identifier(fault) => fault.words(lang),
            Fault::SameAs(other) => {
                say!(lang, "deve ser diferente de “{}”", "must differ from “{}”", title(catalog, other, lang))
            }
            Fault::Requires(other) => say!(lang, "requer “{}”", "requires “{}”", title(catalog, other, lang)),
        }
    }

    /// The whole sentence: `integracao.porta_banco_dados é 70000; deve estar entre 1 e 65535`.
    pub fn sentence(&self, catalog: &Catalog, lang: Lang) -> Safe {
        let kind = catalog.parameter(&self.key).map_or(&Kind::Boolean, |parameter| &parameter.kind);
        self.sentence_of(kind, lang)
    }

    /// The sentence for a parameter of this kind, which need not be in a catalog yet.
    pub(in crate::catalog) fn sentence_of(&self, kind: &Kind, lang: Lang) -> Safe {
        let key = Safe::outside(self.key.as_str());
        let is = match &self.value {
            Value::String(text) if text.is_empty() => say!(lang, "{} está vazio", "{} is empty", key),
            // Digits beyond any number type are kept as a text; they were typed without quotes.
            Value::String(digits) if self.fault == Fault::OutOfRange => {
                say!(lang, "{} é {}", "{} is {}", key, cut(digits.trim()))
            }
            value => say!(lang, "{} é {}", "{} is {}", key, cut(&value.to_string())),
        };
        match &self.fault {
            Fault::Type(Found::Empty) => {
                say!(lang, "{}; deve ser {}", "{}; it must be {}", is, expected(kind, lang))
            }
            Fault::Type(found) => {
                let expected = expected(kind, lang);
                say!(lang, "{} ({}); deve ser {}", "{} ({}); it must be {}", is, found.words(lang), expected)
            }
            Fault::OutOfRange => say!(lang, "{}; {}", "{}; {}", is, within(kind, lang)),
            Fault::LeadingZeros => {
                let expected = expected(kind, lang);
                say!(
                    lang,
                    "{}; deve ser {}, sem zeros à esquerda",
                    "{}; it must be {}, without leading zeros",
                    is,
                    expected
                )
            }
            Fault::TooLong => {
                let length = self.value.as_str().map_or(0, |text| text.chars().count());
                let most = match kind {
                    Kind::Text { max_length: Some(most), .. } => say!(lang, "até {}", "up to {}", *most),
                    _ => kind.bounds(lang),
                };
                say!(
                    lang,
                    "{} e tem {} caracteres; são aceitos {}",
                    "{} and has {} characters; it takes {}",
                    is,
                    length,
                    most
                )
            }
            Fault::NotAChoice => {
                say!(lang, "{}; deve ser {}", "{}; it must be {}", is, kind.bounds(lang))
            }
            Fault::Control => say!(
                lang,
                "{}; contém caracteres de controle, que não são aceitos",
                "{}; it contains control characters, which are not accepted",
                is
            ),
            Fault::Host(fault) => safe!("{}: {}", is, fault.words(lang)),
            Fault::Path(fault) => safe!("{}: {}", is, fault.words(lang)),
            Fault::Identifier(fault) => safe!("{}: {}", is, fault.words(lang)),
            Fault::SameAs(other) => {
                let other = Safe::outside(other.as_str());
                say!(lang, "{}, igual a {}; deve ser diferente", "{}, the same as {}; it must differ", is, other)
            }
            Fault::Requires(other) => {
                let other = Safe::outside(other.as_str());
                say!(lang, "{}; isso requer {} = true", "{}; this requires {} = true", is, other)
            }
        }
    }
}

impl Found {
    fn words(self, lang: Lang) -> &'static str {
        match self {
            Found::Null => lang.pick("nulo", "null"),
            Found::Boolean => lang.pick("valor lógico", "a boolean"),
            Found::Decimal => lang.pick("número com casas decimais ou expoente", "a number with decimals or exponent"),
            Found::Number => lang.pick("número", "a number"),
            Found::Text => lang.pick("texto", "a text"),
            Found::Quoted => lang.pick("texto, por causa das aspas", "a text, because of the quotes"),
            Found::Empty => lang.pick("vazio", "empty"),
            Found::List => lang.pick("lista", "a list"),
            Found::Object => lang.pick("objeto", "an object"),
        }
    }
}

/// What a value of this kind is, to follow "deve ser".
fn expected(kind: &Kind, lang: Lang) -> Safe {
    match kind {
        Kind::Boolean => say!(lang, "true ou false", "true or false"),
        Kind::Integer { minimum: i64::MIN, maximum: i64::MAX } | Kind::Enumeration(_) => kind.bounds(lang),
        Kind::Integer { .. } => say!(lang, "um número inteiro {}", "a whole number {}", kind.bounds(lang)),
        Kind::Text { .. } => say!(lang, "um texto", "a text"),
    }
}

/// Where a whole number must lie.
fn within(kind: &Kind, lang: Lang) -> Safe {
    match *kind {
        Kind::Integer { minimum, maximum: i64::MAX } if minimum > i64::MIN => {
            say!(lang, "deve ser no mínimo {}", "it must be at least {}", minimum)
        }
        Kind::Integer { minimum: i64::MIN, maximum } if maximum < i64::MAX => {
            say!(lang, "deve ser no máximo {}", "it must be at most {}", maximum)
        }
        Kind::Integer { minimum, maximum } => {
            say!(lang, "deve estar entre {} e {}", "it must be between {} and {}", minimum, maximum)
        }
        _ => kind.bounds(lang),
    }
}

fn title(catalog: &Catalog, key: &Key, lang: Lang) -> Safe {
    catalog.parameter(key).map_or_else(|| Safe::outside(key.as_str()), |parameter| parameter.title.of(lang).clone())
}

fn cut(text: &str) -> Safe {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => safe!("{}…", Safe::outside(&text[..end])),
        None => Safe::outside(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Level, unlock, validate};
    use super::*;

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
                "integracao.porta_banco_dados é \"5432\" (texto, por causa das aspas); deve ser um número inteiro de 1 a 65535",
            ),
            (
                port,
                json!("05432"),
                "integracao.porta_banco_dados é \"05432\"; deve ser um número inteiro de 1 a 65535, sem zeros à esquerda",
            ),
            (
                port,
                json!(5432.0),
                "integracao.porta_banco_dados é 5432.0 (número com casas decimais ou expoente); deve ser um número inteiro de 1 a 65535",
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
                "integracao.ip_servidor_retaguarda é \"srv:5432\": contém a porta; escreva só o endereço",
            ),
            (
                host,
                json!("\u{1b}[2J"),
                "integracao.ip_servidor_retaguarda é \"\\u001b[2J\"; contém caracteres de controle, que não são aceitos",
            ),
            (
                seller,
                json!("Maria Aparecida da Silva"),
                "geral.vendedor_padrao é \"Maria Aparecida da Silva\" e tem 24 caracteres; são aceitos até 20",
            ),
            (
                table,
                json!("tab-versao"),
                "geral.tabela_versao é \"tab-versao\": contém “-”; só letras, dígitos, “_” e “$”, sem aspas",
            ),
            (
                whatsapp,
                json!("sim"),
                "integracao.enviar_notificacao_os_whatsapp é \"sim\" (texto); deve ser true ou false",
            ),
            (
                whatsapp,
                json!(true),
                "integracao.enviar_notificacao_os_whatsapp é true; isso requer notificacao_whatsapp.licenca_whatsapp_msg = true",
            ),
        ];
        let catalog = Catalog::built_in();
        for (key, value, sentence) in cases {
            let found = findings(&[(key, value.clone())]);
            let said: Vec<_> = found.iter().map(|finding| finding.sentence(&catalog, Lang::Pt)).collect();
            assert_eq!(said.iter().map(Safe::as_str).collect::<Vec<_>>(), [sentence], "{key} = {value}");
            assert!(!found[0].brief(&catalog, Lang::Pt).is_empty());
            assert!(!found[0].sentence(&catalog, Lang::En).is_empty());
        }
    }

    #[test]
    fn equal_ports_are_found_on_the_one_that_must_differ() {
        let found = findings(&[("integracao.porta_banco_dados", json!(8082))]);
        let catalog = Catalog::built_in();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].key.as_str(), "integracao.porta_integracao_clientes");
        assert_eq!(found[0].code(), "same_as");
        assert_eq!(
            found[0].brief(&catalog, Lang::Pt).as_str(),
            "deve ser diferente de “Porta Banco de Dados Gestores”"
        );
        assert_eq!(
            found[0].sentence(&catalog, Lang::Pt).as_str(),
            "integracao.porta_integracao_clientes é 8082, igual a integracao.porta_banco_dados; deve ser diferente"
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
        let sentence = found[0].sentence(&Catalog::built_in(), Lang::Pt);
        assert!(sentence.as_str().chars().count() < 160, "{sentence}");
    }
}
