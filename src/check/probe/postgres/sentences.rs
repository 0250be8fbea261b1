//! What is said of a PostgreSQL server.

use serde_json::{Map, Value};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::evidence::{Connections, PostgresEvidence, Reason};
use super::tls::Fault;
use crate::catalog::Catalog;
use crate::check::outcome::{ProbeEvidence, title};
use crate::check::{Diagnosis, Outcome, Status};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// The room beside a field, in cells; more is cut.
const SUMMARY_WIDTH: usize = 22;

/// A clock that is off by more than this, in seconds, prints wrong documents.
const MOST_CLOCK_DIFFERENCE_S: u64 = 60;

impl ProbeEvidence for PostgresEvidence {
    fn status(&self, diagnosis: Diagnosis) -> Option<Status> {
        (diagnosis == Diagnosis::Ok && self.wrong_clock().is_some()).then_some(Status::Warning)
    }

    fn suspects_host(&self) -> bool {
        self.reason == Some(Reason::Tls(Fault::WrongName))
    }

    fn reason(&self) -> Option<&'static str> {
        self.reason.as_ref().map(Reason::name)
    }

    fn json(&self) -> Map<String, Value> {
        self.detail()
    }

    fn summary(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        match (outcome.diagnosis, &self.reason) {
            (Diagnosis::Ok, _) if self.wrong_clock().is_some() => {
                Some(say!(lang, "ok, mas relógio errado", "ok, but clock is off"))
            }
            (Diagnosis::Ok, _) => Some(cut(&self.server(), SUMMARY_WIDTH)),
            (Diagnosis::Reset, Some(Reason::ServesNobody)) => Some(say!(lang, "erro do servidor", "server error")),
            (Diagnosis::AuthUnsafe, Some(Reason::Unwanted)) => {
                Some(say!(lang, "prova não aceita", "proof not accepted"))
            }
            _ => None,
        }
    }

    fn message(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        let place = outcome.place();
        Some(match (outcome.diagnosis, &self.reason) {
            (Diagnosis::Ok, _) => self.message_ok(outcome, lang),
            (Diagnosis::Reset, Some(Reason::ServesNobody)) => say!(
                lang,
                "O PostgreSQL em {} responde com um erro e não atende ninguém (SQLSTATE {}).",
                "PostgreSQL at {} answers with an error and serves nobody (SQLSTATE {}).",
                place,
                Safe::outside(self.refusal.as_ref().map(|refusal| refusal.code.as_str()).unwrap_or_default())
            ),
            (Diagnosis::NotPostgres, _) => say!(
                lang,
                "Não é PostgreSQL o que responde em {}{}.",
                "It is not PostgreSQL that answers at {}{}.",
                place,
                outcome.received(lang)
            ),
            (Diagnosis::AuthRequired, _) => say!(
                lang,
                "O PostgreSQL em {} está no ar e pede usuário e senha.",
                "PostgreSQL at {} is up and asks for user and password.",
                place
            ),
            (Diagnosis::AuthFailed, Some(Reason::Role)) => say!(
                lang,
                "O PostgreSQL em {} não tem o usuário {}, ou não o deixa entrar.",
                "PostgreSQL at {} has no user {}, or does not let it log in.",
                place,
                self.user()
            ),
            (Diagnosis::AuthFailed, _) => say!(
                lang,
                "O PostgreSQL em {} recusou o login de {}.",
                "PostgreSQL at {} refused the login of {}.",
                place,
                self.user()
            ),
            (Diagnosis::AuthUnsafe, Some(Reason::Unwanted)) => say!(
                lang,
                "O PostgreSQL em {} não pede a prova que PGREQUIREAUTH exige; nada foi enviado.",
                "PostgreSQL at {} does not ask for the proof that PGREQUIREAUTH demands; nothing was sent.",
                place
            ),
            (Diagnosis::AuthUnsafe, _) => say!(
                lang,
                "O PostgreSQL em {} pede a senha sem proteção; ela não foi enviada.",
                "PostgreSQL at {} asks for the password unprotected; it was not sent.",
                place
            ),
            (Diagnosis::HbaRejected, _) => say!(
                lang,
                "O PostgreSQL em {} não admite {} a partir deste balcão.",
                "PostgreSQL at {} does not admit {} from this counter.",
                place,
                self.user()
            ),
            (Diagnosis::DatabaseMissing, _) => say!(
                lang,
                "O PostgreSQL em {} não tem o banco {}.",
                "PostgreSQL at {} has no database {}.",
                place,
                Safe::outside(self.account.as_ref().map(|account| account.database()).unwrap_or_default())
            ),
            (Diagnosis::StartingUp, _) => say!(
                lang,
                "O PostgreSQL em {} está no ar, mas ainda não aceita conexões.",
                "PostgreSQL at {} is up, but takes no connections yet.",
                place
            ),
            (Diagnosis::ShuttingDown, _) => {
                say!(lang, "O PostgreSQL em {} está sendo desligado.", "PostgreSQL at {} is shutting down.", place)
            }
            (Diagnosis::TooManyConnections, _) => say!(
                lang,
                "O PostgreSQL em {} está no ar, mas sem conexão livre.",
                "PostgreSQL at {} is up, but has no connection left.",
                place
            ),
            (Diagnosis::TlsRequired, _) => {
                say!(lang, "O PostgreSQL em {} exige conexão cifrada.", "PostgreSQL at {} demands encryption.", place)
            }
            (Diagnosis::TlsFailed, reason) => message_tls(reason.as_ref(), place, outcome.host(), lang),
            _ => return None,
        })
    }

    fn remedy(&self, outcome: &Outcome, catalog: &Catalog, lang: Lang) -> Option<Safe> {
        Some(match (outcome.diagnosis, &self.reason) {
            (Diagnosis::Ok, _) if self.wrong_clock().is_some() => say!(
                lang,
                "Acerte o relógio (NTP): um balcão com a hora errada emite documentos errados.",
                "Set the clock (NTP): a counter with the wrong time issues wrong documents."
            ),
            (Diagnosis::AuthFailed, Some(Reason::Role)) => say!(
                lang,
                "Confira o usuário do teste, ou crie-o no servidor (CREATE ROLE … LOGIN).",
                "Check the user of the check, or create it on the server (CREATE ROLE … LOGIN)."
            ),
            (Diagnosis::AuthUnsafe, Some(Reason::Unwanted)) => say!(
                lang,
                "Confira PGREQUIREAUTH e a linha deste balcão no pg_hba.conf do servidor.",
                "Check PGREQUIREAUTH and this counter's line in the server's pg_hba.conf."
            ),
            (Diagnosis::Reset, Some(Reason::ServesNobody)) => say!(
                lang,
                "Provável: disco cheio ou falta de memória no servidor. Veja o log do PostgreSQL nele.",
                "Likely: a full disk or a lack of memory on the server. See PostgreSQL's log there."
            ),
            (Diagnosis::HbaRejected, Some(Reason::PlainOnly)) => say!(
                lang,
                "O pg_hba.conf só o admite sem cifra (hostnossl): use PGSSLMODE=disable, ou mude a linha.",
                "Its pg_hba.conf admits it without encryption only (hostnossl): use PGSSLMODE=disable, or change the line."
            ),
            (Diagnosis::HbaRejected, _) => say!(
                lang,
                "Acrescente no alto do pg_hba.conf do servidor, e recarregue: {}",
                "Add at the top of the server's pg_hba.conf, and reload: {}",
                self.line_to_copy()?
            ),
            (Diagnosis::TlsFailed, Some(Reason::Tls(fault))) => match fault {
                Fault::NotOffered => say!(
                    lang,
                    "Ative TLS no servidor (ssl = on), ou teste com PGSSLMODE=prefer.",
                    "Enable TLS on the server (ssl = on), or test with PGSSLMODE=prefer."
                ),
                Fault::Expired => say!(
                    lang,
                    "Renove o certificado no servidor; confira também o relógio deste balcão.",
                    "Renew the certificate on the server; check this counter's clock as well."
                ),
                Fault::NotYetValid => say!(lang, "Acerte o relógio deste balcão.", "Set this counter's clock."),
                Fault::WrongName => say!(
                    lang,
                    "Use em “{}” um nome que está no certificado, ou renove-o com este nome.",
                    "Use in “{}” a name that is in the certificate, or renew it with this name.",
                    title(catalog, outcome.look_at(), lang)
                ),
                Fault::UnknownIssuer => say!(
                    lang,
                    "Aponte PGSSLROOTCERT para o certificado de quem o emitiu (ou o dele mesmo).",
                    "Point PGSSLROOTCERT at the certificate of its issuer (or at itself)."
                ),
                Fault::Roots(_) => say!(lang, "Confira PGSSLROOTCERT.", "Check PGSSLROOTCERT."),
                Fault::Handshake(_) => return None,
            },
            _ => return None,
        })
    }

    fn found_on(&self, port: u16, lang: Lang) -> Safe {
        say!(lang, "Na porta {} responde um PostgreSQL.", "A PostgreSQL answers on port {}.", port)
    }

    fn line_to_copy(&self) -> Option<Safe> {
        self.hba_line.as_deref().filter(|_| self.reason != Some(Reason::PlainOnly)).map(Safe::outside)
    }

    fn error(&self) -> Option<(&str, Option<&str>)> {
        match (&self.reason, &self.refusal) {
            (Some(Reason::Tls(Fault::Roots(error) | Fault::Handshake(error))), _) => Some((error, None)),
            (_, Some(refusal)) => Some((&refusal.text, Some(&refusal.code))),
            _ => None,
        }
    }
}

impl PostgresEvidence {
    fn user(&self) -> Safe {
        self.account.as_ref().map(|account| Safe::outside(&account.user)).unwrap_or_default()
    }

    /// `PostgreSQL 15.18`
    fn server(&self) -> Safe {
        match &self.version {
            Some(version) => safe!("PostgreSQL {}", Safe::outside(version)),
            None => Safe::own("PostgreSQL"),
        }
    }

    /// How far this terminal's clock is ahead of the server's, in seconds, where that is too far.
    fn wrong_clock(&self) -> Option<i64> {
        self.clock_difference_s.filter(|difference| difference.unsigned_abs() > MOST_CLOCK_DIFFERENCE_S)
    }

    /// Version, login and its protection; then what else is worth a word.
    fn message_ok(&self, outcome: &Outcome, lang: Lang) -> Safe {
        let mut login = vec![safe!("login {}", self.user()), outcome.waited()];
        login.extend(self.protection.map(|protection| protection.title(lang)));
        let login = Safe::join(&login, ", ");
        let place = outcome.place();
        let mut sentences =
            vec![say!(lang, "{} responde em {} ({}).", "{} answers at {} ({}).", self.server(), place, login)];
        if self.standby == Some(true) {
            sentences.push(say!(lang, "É uma réplica, só de leitura.", "It is a read-only standby."));
        }
        if let Some(Connections { used, max }) = self.connections {
            sentences.push(say!(lang, "Conexões: {} de {}.", "Connections: {} of {}.", used, max));
        }
        if let Some(difference) = self.wrong_clock() {
            let off = span(difference.unsigned_abs());
            sentences.push(match difference > 0 {
                true => say!(
                    lang,
                    "O relógio deste balcão está {} à frente do dele.",
                    "This counter's clock is {} ahead of its clock.",
                    off
                ),
                false => say!(
                    lang,
                    "O relógio deste balcão está {} atrás do dele.",
                    "This counter's clock is {} behind its clock.",
                    off
                ),
            });
        }
        Safe::join(&sentences, " ")
    }
}

fn message_tls(reason: Option<&Reason>, place: Safe, host: Safe, lang: Lang) -> Safe {
    match reason {
        Some(Reason::Tls(Fault::NotOffered)) => {
            say!(lang, "{} não oferece conexão cifrada.", "{} offers no encrypted connection.", place)
        }
        Some(Reason::Tls(Fault::Expired)) => {
            say!(lang, "O certificado de {} está vencido.", "The certificate of {} has expired.", place)
        }
        Some(Reason::Tls(Fault::NotYetValid)) => say!(
            lang,
            "O certificado de {} ainda não vale, pelo relógio deste balcão.",
            "The certificate of {} is not valid yet, by this counter's clock.",
            place
        ),
        Some(Reason::Tls(Fault::WrongName)) => say!(
            lang,
            "O certificado de {} não é do nome {}.",
            "The certificate of {} is not made out to {}.",
            place,
            host
        ),
        Some(Reason::Tls(Fault::UnknownIssuer)) => say!(
            lang,
            "O certificado de {} não é de um emissor conhecido.",
            "The certificate of {} is from no known issuer.",
            place
        ),
        Some(Reason::Tls(Fault::Roots(error))) => say!(
            lang,
            "Os certificados de confiança não puderam ser lidos: {}.",
            "The trusted certificates could not be read: {}.",
            Safe::outside(error)
        ),
        _ => say!(lang, "A conexão cifrada com {} falhou.", "The encrypted connection to {} failed.", place),
    }
}

/// A time as a person says it: `90 s`, `5 min`, `3 h`, `12 d`, in the largest unit of which there are two.
fn span(seconds: u64) -> Safe {
    match seconds {
        0..120 => safe!("{} s", seconds),
        120..7_200 => safe!("{} min", seconds / 60),
        7_200..172_800 => safe!("{} h", seconds / 3_600),
        _ => safe!("{} d", seconds / 86_400),
    }
}

/// At most `width` cells; what is cut off ends in `…`.
fn cut(text: &Safe, width: usize) -> Safe {
    if text.as_str().width() <= width {
        return text.clone();
    }
    let mut used = 1;
    let fits = |symbol: &char| {
        used += symbol.width().unwrap_or_default();
        used <= width
    };
    safe!("{}…", Safe::outside(&text.as_str().chars().take_while(fits).collect::<String>()))
}
