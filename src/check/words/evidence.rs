//! How it is known: the evidence behind a diagnosis, as a technician would note it down for whoever runs the server.

use serde_json::Value;

use crate::check::Outcome;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// A raw text is cut after so many characters: a server's message, not its log.
const MOST_RAW: usize = 200;

impl Outcome {
    /// One line a fact: how far it came and in which time, what each address did, the raw error with its SQLSTATE. Results
    /// go by their names in JSON. Empty where nothing was asked.
    pub fn evidence(&self, lang: Lang) -> Vec<Safe> {
        [self.stages(lang), self.attempts(lang), self.raw(lang)].into_iter().flatten().collect()
    }

    fn stages(&self, lang: Lang) -> Option<Safe> {
        let steps = self.list("stages", |step| {
            let stage = match step["stage"].as_str()? {
                "resolve" => lang.pick("nome", "name"),
                "connect" => lang.pick("conexão", "connection"),
                "protocol" => lang.pick("protocolo", "protocol"),
                "tls" => "TLS",
                "login" => "login",
                "question" => lang.pick("pergunta", "question"),
                _ => return None,
            };
            Some(safe!("{} {}", stage, result(step)?))
        })?;
        Some(say!(lang, "Etapas: {}", "Stages: {}", steps))
    }

    fn attempts(&self, lang: Lang) -> Option<Safe> {
        let attempts = self.list("addresses", |attempt| {
            Some(safe!("{} {}", Safe::outside(attempt["address"].as_str()?), result(attempt)?))
        })?;
        Some(say!(lang, "Endereços: {}", "Addresses: {}", attempts))
    }

    fn raw(&self, lang: Lang) -> Option<Safe> {
        let error = self.detail.get("error").and_then(Value::as_str)?;
        let error = Safe::outside(&error.chars().take(MOST_RAW).collect::<String>());
        Some(match self.text("sqlstate") {
            Some(sqlstate) => say!(lang, "Erro: SQLSTATE {}: {}", "Error: SQLSTATE {}: {}", sqlstate, error),
            None => say!(lang, "Erro: {}", "Error: {}", error),
        })
    }

    fn list(&self, name: &str, words: impl Fn(&Value) -> Option<Safe>) -> Option<Safe> {
        let told: Vec<Safe> = self.detail.get(name)?.as_array()?.iter().filter_map(words).collect();
        (!told.is_empty()).then(|| Safe::join(&told, "; "))
    }
}

/// `ok, 3 ms`
fn result(step: &Value) -> Option<Safe> {
    Some(safe!("{}, {} ms", Safe::outside(step["result"].as_str()?), step["elapsed_ms"].as_u64()?))
}
