//! What to do about one outcome: the likely cause and the next step, with the very line, port or variable.

use super::title;
use crate::catalog::{Catalog, Probe};
use crate::check::{Diagnosis, Outcome};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

impl Outcome {
    /// The likely cause and what to do; empty where there is nothing to do.
    pub fn remedy(&self, catalog: &Catalog, lang: Lang) -> Safe {
        let words = self.next_step(catalog, lang);
        match self.suggested(lang) {
            Some(suggested) => Safe::join(&[suggested, words], " "),
            None => words,
        }
    }

    /// Where the right service was found.
    fn suggested(&self, lang: Lang) -> Option<Safe> {
        let (_, port) = self.offer()?;
        Some(match self.probe {
            Some(Probe::Postgres) => {
                say!(lang, "Na porta {} responde um PostgreSQL.", "A PostgreSQL answers on port {}.", port)
            }
            _ => say!(lang, "Na porta {} responde um serviço HTTP.", "An HTTP service answers on port {}.", port),
        })
    }

    fn next_step(&self, catalog: &Catalog, lang: Lang) -> Safe {
        let sought_here = matches!(self.diagnosis, Diagnosis::Refused | Diagnosis::Timeout) && self.is_this_machine();
        if sought_here && self.look_at != self.key {
            return say!(
                lang,
                "O servidor está sendo procurado neste próprio balcão. Se é outra máquina, corrija “{}”; se é esta, inicie o serviço.",
                "The server is being sought on this very counter. If it is another machine, correct “{}”; if it is this one, start the service.",
                title(catalog, &self.look_at, lang)
            );
        }
        match self.diagnosis {
            Diagnosis::Ok if self.clock_difference_s().is_some() => say!(
                lang,
                "Acerte o relógio (NTP): um balcão com a hora errada emite documentos errados.",
                "Set the clock (NTP): a counter with the wrong time issues wrong documents."
            ),
            Diagnosis::AuthFailed if self.reason() == "role" => say!(
                lang,
                "Confira o usuário do teste, ou crie-o no servidor (CREATE ROLE … LOGIN).",
                "Check the user of the check, or create it on the server (CREATE ROLE … LOGIN)."
            ),
            Diagnosis::AuthUnsafe if self.reason() == "unwanted" => say!(
                lang,
                "Confira PGREQUIREAUTH e a linha deste balcão no pg_hba.conf do servidor.",
                "Check PGREQUIREAUTH and this counter's line in the server's pg_hba.conf."
            ),
            Diagnosis::Reset if self.reason() == "serves_nobody" => say!(
                lang,
                "Provável: disco cheio ou falta de memória no servidor. Veja o log do PostgreSQL nele.",
                "Likely: a full disk or a lack of memory on the server. See PostgreSQL's log there."
            ),
            Diagnosis::HbaRejected => self.next_step_access(lang),
            Diagnosis::TlsFailed => self.next_step_tls(catalog, lang),
            Diagnosis::Skipped if self.reason() == "invalid" => {
                say!(lang, "Corrija o valor e teste de novo.", "Correct the value and test again.")
            }
            _ => self.in_general(lang),
        }
    }

    /// The words of the diagnosis.
    fn in_general(&self, lang: Lang) -> Safe {
        let words = self.diagnosis.explain(lang);
        if words.cause.is_empty() {
            return words.action;
        }
        say!(lang, "Provável: {} {}", "Likely: {} {}", words.cause, words.action)
    }

    fn next_step_access(&self, lang: Lang) -> Safe {
        if self.reason() == "plain_only" {
            return say!(
                lang,
                "O pg_hba.conf só o admite sem cifra (hostnossl): use PGSSLMODE=disable, ou mude a linha.",
                "Its pg_hba.conf admits it without encryption only (hostnossl): use PGSSLMODE=disable, or change the line."
            );
        }
        match self.hba_line() {
            Some(line) => say!(
                lang,
                "Acrescente no alto do pg_hba.conf do servidor, e recarregue: {}",
                "Add at the top of the server's pg_hba.conf, and reload: {}",
                line
            ),
            None => self.in_general(lang),
        }
    }

    fn next_step_tls(&self, catalog: &Catalog, lang: Lang) -> Safe {
        match self.reason() {
            "not_offered" => say!(
                lang,
                "Ative TLS no servidor (ssl = on), ou teste com PGSSLMODE=prefer.",
                "Enable TLS on the server (ssl = on), or test with PGSSLMODE=prefer."
            ),
            "expired" => say!(
                lang,
                "Renove o certificado no servidor; confira também o relógio deste balcão.",
                "Renew the certificate on the server; check this counter's clock as well."
            ),
            "not_yet_valid" => say!(lang, "Acerte o relógio deste balcão.", "Set this counter's clock."),
            "wrong_name" => say!(
                lang,
                "Use em “{}” um nome que está no certificado, ou renove-o com este nome.",
                "Use in “{}” a name that is in the certificate, or renew it with this name.",
                title(catalog, &self.look_at, lang)
            ),
            "unknown_issuer" => say!(
                lang,
                "Aponte PGSSLROOTCERT para o certificado de quem o emitiu (ou o dele mesmo).",
                "Point PGSSLROOTCERT at the certificate of its issuer (or at itself)."
            ),
            "roots" => say!(lang, "Confira PGSSLROOTCERT.", "Check PGSSLROOTCERT."),
            _ => self.in_general(lang),
        }
    }
}
