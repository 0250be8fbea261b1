//! What is said of a PostgreSQL server.

use serde_json::{Map, Value};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::evidence::{Connections, PostgresEvidence, Reason, Refusal};
use super::tls::{Fault, Unread};
use super::{behind, faults, remedy, slow};
use crate::catalog::Catalog;
use crate::check::credentials::Method;
use crate::check::diagnosis::{Diagnosis, Status};
use crate::check::outcome::{Outcome, ProbeEvidence};
use crate::check::remedy::Remedy;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// The room beside a field, in cells; more is cut.
const SUMMARY_WIDTH: usize = 22;

/// A clock that is off by more than this, in seconds, prints wrong documents.
const MOST_CLOCK_DIFFERENCE_S: u64 = 60;

impl ProbeEvidence for PostgresEvidence {
    fn status(&self, diagnosis: Diagnosis) -> Option<Status> {
        match (diagnosis, &self.reason) {
            (Diagnosis::Ok, _) => self.wrong_clock().map(|_| Status::Warning),
            (Diagnosis::Standby, Some(Reason::AdmitsNobody)) => Some(Status::Fail),
            (Diagnosis::Skipped, Some(Reason::Unusable(_))) => Some(Status::Warning),
            // Nothing is wrong there: this program cannot do it.
            (Diagnosis::AuthMethod, Some(Reason::TooManyRounds(_))) => Some(Status::Warning),
            // Whoever asks: it is the pooler that is not let in.
            (Diagnosis::HbaRejected, Some(Reason::BehindPooler)) => None,
            // Refused under a name that nobody gave: the counter's own may be let in.
            (
                Diagnosis::HbaRejected
                | Diagnosis::TlsRequired
                | Diagnosis::CertificateRequired
                | Diagnosis::AuthMethod
                | Diagnosis::DatabaseMissing
                | Diagnosis::NoConnectRight,
                _,
            ) if self.is_guess() => Some(Status::Warning),
            _ => None,
        }
    }

    fn suspects_host(&self, diagnosis: Diagnosis) -> bool {
        diagnosis == Diagnosis::Standby || self.reason == Some(Reason::Tls(Fault::WrongName))
    }

    fn reason(&self) -> Option<&'static str> {
        self.reason.as_ref().map(Reason::name)
    }

    fn json(&self) -> Map<String, Value> {
        self.detail()
    }

    fn summary(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        match (outcome.diagnosis, &self.reason) {
            (Diagnosis::Ok, _) if self.wrong_clock().is_some() => Some(say!(lang, "relógio errado", "clock is off")),
            (Diagnosis::Ok, _) => Some(cut(&self.server(), SUMMARY_WIDTH)),
            (Diagnosis::ServerError, Some(Reason::BehindPooler)) => {
                Some(say!(lang, "pooler sem PostgreSQL", "pooler, no PostgreSQL"))
            }
            (Diagnosis::AuthUnsafe, Some(Reason::Unwanted)) => {
                Some(say!(lang, "método não aceito", "method not accepted"))
            }
            (Diagnosis::AuthUnsafe, Some(Reason::Unproven)) => {
                Some(say!(lang, "servidor duvidoso", "server not proven"))
            }
            (Diagnosis::AuthMethod, Some(Reason::TooManyRounds(_))) => {
                Some(say!(lang, "SCRAM não suportado", "SCRAM not supported"))
            }
            _ => None,
        }
    }

    fn message(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        let place = outcome.place();
        if self.is_guess() && self.status(outcome.diagnosis) == Some(Status::Warning) {
            return self.message_guess(outcome, lang);
        }
        Some(match (outcome.diagnosis, &self.reason) {
            (Diagnosis::Skipped, Some(Reason::Unusable(error))) => {
                say!(lang, "Não testado: {}.", "Not tested: {}.", error.problem(lang).message)
            }
            (Diagnosis::Ok, _) => self.message_ok(outcome, lang),
            (Diagnosis::Standby, Some(Reason::AdmitsNobody)) => say!(
                lang,
                "O PostgreSQL em {} é uma réplica que não atende ninguém (hot_standby = off).",
                "PostgreSQL at {} is a standby that serves nobody (hot_standby = off).",
                place
            ),
            (Diagnosis::Standby, _) => say!(
                lang,
                "O {} em {} é uma réplica, só de leitura ({}).",
                "{} at {} is a standby, read-only ({}).",
                self.server(),
                place,
                self.login(outcome, lang)
            ),
            (Diagnosis::ServerError, Some(Reason::NoProcess)) => say!(
                lang,
                "O PostgreSQL em {} está sem processos ou memória.",
                "PostgreSQL at {} is out of processes or memory.",
                place
            ),
            (Diagnosis::ServerError | Diagnosis::HbaRejected, Some(Reason::BehindPooler)) => {
                behind::message(self, outcome, lang)
            }
            (Diagnosis::ServerError, _) => {
                say!(lang, "O PostgreSQL em {} responde com um erro.", "PostgreSQL at {} answers with an error.", place)
            }
            (Diagnosis::NotPostgres, _) => say!(
                lang,
                "O serviço em {} não é um PostgreSQL{}.",
                "The service at {} is not PostgreSQL{}.",
                place,
                outcome.received(lang)
            ),
            (Diagnosis::AuthRequired, _) => say!(
                lang,
                "O PostgreSQL em {} está em execução e pede usuário e senha.",
                "PostgreSQL at {} is running and asks for a user name and password.",
                place
            ),
            (Diagnosis::NoPassword, _) => say!(
                lang,
                "O PostgreSQL em {} pede a senha de {}, e não há nenhuma: o login não foi testado.",
                "PostgreSQL at {} asks for the password of {}, and there is none: the login was not tested.",
                place,
                self.user()
            ),
            (Diagnosis::AuthFailed, Some(Reason::RoleMissing)) => say!(
                lang,
                "O PostgreSQL em {} não tem o usuário {}.",
                "PostgreSQL at {} has no user {}.",
                place,
                self.user()
            ),
            (Diagnosis::AuthFailed, Some(Reason::RoleMayNotLogIn)) => say!(
                lang,
                "No PostgreSQL em {}, o usuário {} não tem permissão de login.",
                "At PostgreSQL at {}, the user {} may not log in.",
                place,
                self.user()
            ),
            (Diagnosis::AuthFailed, Some(Reason::Role)) => say!(
                lang,
                "O PostgreSQL em {} não tem o usuário {}, ou ele não tem permissão de login.",
                "PostgreSQL at {} has no user {}, or it may not log in.",
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
                "O PostgreSQL em {} não usa o método de autenticação exigido por PGREQUIREAUTH; nada foi enviado.",
                "PostgreSQL at {} does not use the method that PGREQUIREAUTH requires; nothing was sent.",
                place
            ),
            (Diagnosis::AuthUnsafe, Some(Reason::Unproven)) => say!(
                lang,
                "O servidor em {} não provou que conhece a senha de {}: pode ser um impostor.",
                "The server at {} did not prove that it knows the password of {}: it may be an impostor.",
                place,
                self.user()
            ),
            (Diagnosis::AuthUnsafe, _) => say!(
                lang,
                "O PostgreSQL em {} pede a senha sem proteção ({}); ela não foi enviada.",
                "PostgreSQL at {} asks for the password unprotected ({}); it was not sent.",
                place,
                if self.method == Some(Method::Md5) { Safe::own("MD5") } else { say!(lang, "aberta", "in clear") }
            ),
            (Diagnosis::AuthMethod, Some(Reason::TooManyRounds(rounds))) => say!(
                lang,
                "O PostgreSQL em {} exige {} iterações de SCRAM; este teste faz até 100000, e o login não foi testado.",
                "PostgreSQL at {} requires {} iterations of SCRAM; this test does up to 100000, and the login was not tested.",
                place,
                *rounds
            ),
            (Diagnosis::AuthMethod, _) => say!(
                lang,
                "O PostgreSQL em {} não pede senha a {}: exige outro método ({}).",
                "PostgreSQL at {} asks {} for no password: it requires another method ({}).",
                place,
                self.user(),
                Safe::own(match self.method {
                    Some(Method::Gss) => "Kerberos, GSSAPI",
                    Some(Method::Sspi) => "Kerberos, SSPI",
                    Some(_) => "OAuth",
                    None => "ident, cert",
                })
            ),
            (Diagnosis::CertificateRequired, _) => say!(
                lang,
                "O servidor em {} exige um certificado deste computador, que este teste não apresenta.",
                "The server at {} requires a certificate of this computer, which this test does not present.",
                place
            ),
            (Diagnosis::HbaRejected, Some(Reason::Pooler)) => say!(
                lang,
                "O pooler em {} responde, mas o PostgreSQL por trás dele não libera o acesso.",
                "The pooler at {} answers, but the PostgreSQL behind it does not allow it.",
                place
            ),
            (Diagnosis::HbaRejected, _) => match self.seen_from() {
                Some(address) => say!(
                    lang,
                    "O PostgreSQL em {} não libera o acesso de {} a partir de {}.",
                    "PostgreSQL at {} does not allow {} from {}.",
                    place,
                    self.user(),
                    address
                ),
                None => say!(
                    lang,
                    "O PostgreSQL em {} não libera o acesso de {} a partir deste computador.",
                    "PostgreSQL at {} does not allow {} from this computer.",
                    place,
                    self.user()
                ),
            },
            (Diagnosis::DatabaseMissing, _) if self.database_is_the_users_name() => say!(
                lang,
                "Nenhum banco foi informado, e o PostgreSQL em {} não tem um com o nome do usuário, {}.",
                "No database was given, and PostgreSQL at {} has none of the user's name, {}.",
                place,
                self.user()
            ),
            (Diagnosis::DatabaseMissing, _) => say!(
                lang,
                "O PostgreSQL em {} não tem o banco {}.",
                "PostgreSQL at {} has no database {}.",
                place,
                self.database()
            ),
            (Diagnosis::DatabaseClosed, _) => say!(
                lang,
                "No PostgreSQL em {}, o banco {} não aceita conexões.",
                "At PostgreSQL at {}, the database {} does not accept connections.",
                place,
                self.database()
            ),
            (Diagnosis::NoConnectRight, _) => say!(
                lang,
                "No PostgreSQL em {}, {} não tem o direito de conectar ao banco {}.",
                "At PostgreSQL at {}, {} has no right to connect to the database {}.",
                place,
                self.user(),
                self.database()
            ),
            (Diagnosis::StartingUp, _) => say!(
                lang,
                "O PostgreSQL em {} está em execução, mas ainda não aceita conexões.",
                "PostgreSQL at {} is running, but does not accept connections yet.",
                place
            ),
            (Diagnosis::ShuttingDown, _) => {
                say!(lang, "O PostgreSQL em {} está sendo encerrado.", "PostgreSQL at {} is shutting down.", place)
            }
            (Diagnosis::TooManyConnections, Some(Reason::Pooler)) => say!(
                lang,
                "O pooler em {} (como o PgBouncer) está em execução, mas sem conexão livre.",
                "The pooler at {} (such as PgBouncer) is running, but has no connection left.",
                place
            ),
            (Diagnosis::TooManyConnections, _) => say!(
                lang,
                "O PostgreSQL em {} está em execução, mas sem conexão livre.",
                "PostgreSQL at {} is running, but has no connection left.",
                place
            ),
            (Diagnosis::ConnectionLimit, Some(Reason::LimitOfDatabase)) => say!(
                lang,
                "No PostgreSQL em {}, o banco {} já tem todas as conexões que pode ter.",
                "At PostgreSQL at {}, the database {} has all the connections that it may have.",
                place,
                self.database()
            ),
            (Diagnosis::ConnectionLimit, _) => say!(
                lang,
                "No PostgreSQL em {}, o usuário {} já tem todas as conexões que pode ter.",
                "At PostgreSQL at {}, the user {} has all the connections that it may have.",
                place,
                self.user()
            ),
            (Diagnosis::Slow, _) => slow::message(self, outcome, lang),
            (Diagnosis::TlsRequired, _) => say!(
                lang,
                "O PostgreSQL em {} exige conexão criptografada.",
                "PostgreSQL at {} requires an encrypted connection.",
                place
            ),
            (Diagnosis::TlsVersion, _) => say!(
                lang,
                "{} não tem versão de TLS ou cifra em comum com este programa (TLS 1.2 e 1.3).",
                "{} has no TLS version or cipher in common with this program (TLS 1.2 and 1.3).",
                place
            ),
            (Diagnosis::TlsFailed, reason) => faults::message(reason.as_ref(), place, outcome.host(), lang),
            _ => return None,
        })
    }

    fn remedy(&self, outcome: &Outcome, catalog: &Catalog, lang: Lang) -> Option<Remedy> {
        if outcome.diagnosis == Diagnosis::Ok && self.wrong_clock().is_some() {
            let sentence = say!(
                lang,
                "Acerte o relógio (NTP): os documentos fiscais saem com data e hora erradas.",
                "Set the clock (NTP): fiscal documents get the wrong date and time."
            );
            return Some(sentence.into());
        }
        if self.is_guess() && self.status(outcome.diagnosis) == Some(Status::Warning) {
            let sentence = say!(
                lang,
                "O usuário do balcão pode ter acesso: teste com ele (--db-user, --db-name, --ask-password ou ~/.pgpass).",
                "The POS program's user may get in: test with it (--db-user, --db-name, --ask-password, ~/.pgpass)."
            );
            return Some(sentence.into());
        }
        Some(remedy::remedy(self, outcome, catalog, lang))
    }

    /// The server sees itself as the one who asks, and is not this machine: somebody beside it passes the connection on.
    fn is_behind_a_proxy(&self, outcome: &Outcome) -> bool {
        let seen = self.refusal.as_ref().and_then(Refusal::address);
        outcome.evidence.this_machine == Some(false) && seen.is_some_and(|address| address.is_loopback())
    }

    fn found_on(&self, port: u16, lang: Lang) -> Safe {
        say!(lang, "Na porta {} responde um PostgreSQL.", "A PostgreSQL answers on port {}.", port)
    }

    fn said(&self) -> Option<(String, Option<&str>)> {
        let refusal = self.refusal.as_ref()?;
        Some((refusal.whole(), Some(refusal.code.as_str()).filter(|code| !code.is_empty())))
    }

    fn error(&self) -> Option<(&str, Option<&str>)> {
        match (&self.reason, &self.refusal) {
            (Some(Reason::Tls(Fault::Roots(_, Unread::System(error)) | Fault::Handshake(error))), _) => {
                Some((error, None))
            }
            (_, Some(refusal)) => Some((&refusal.text, Some(refusal.code.as_str()).filter(|code| !code.is_empty()))),
            _ => None,
        }
    }
}

impl PostgresEvidence {
    /// True where nobody has named the user.
    fn is_guess(&self) -> bool {
        self.account.as_ref().is_some_and(|account| !account.given)
    }

    /// The address that the server sees, where that is told.
    pub(super) fn seen_from(&self) -> Option<Safe> {
        self.refusal.as_ref()?.address().map(|address| Safe::outside(&address.to_string()))
    }

    /// Refused under a name that nobody gave.
    fn message_guess(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        let (place, user) = (outcome.place(), self.user());
        let what = match outcome.diagnosis {
            Diagnosis::TlsRequired => say!(lang, "exige conexão criptografada", "it requires an encrypted connection"),
            Diagnosis::CertificateRequired => {
                say!(lang, "exige um certificado deste computador", "it requires a certificate of this computer")
            }
            Diagnosis::AuthMethod => {
                say!(lang, "exige outro método de login, não senha", "it requires another login method than a password")
            }
            Diagnosis::DatabaseMissing => {
                say!(lang, "não tem o banco {}", "it has no database {}", self.database())
            }
            Diagnosis::NoConnectRight => {
                say!(lang, "não dá acesso ao banco {}", "it gives no right to connect to {}", self.database())
            }
            _ => say!(lang, "não libera este computador", "it does not allow this computer"),
        };
        Some(say!(
            lang,
            "O PostgreSQL em {} recusa o usuário {} (nenhum foi informado): {}.",
            "PostgreSQL at {} refuses the user {} (none was given): {}.",
            place,
            user,
            what
        ))
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

    /// As whom, in which time, under which protection.
    fn login(&self, outcome: &Outcome, lang: Lang) -> Safe {
        let mut login = vec![safe!("login {}", self.user()), outcome.waited()];
        login.extend(self.protection.map(|protection| protection.title(lang)));
        Safe::join(&login, ", ")
    }

    /// Version, login and its protection; then what else is worth a word.
    fn message_ok(&self, outcome: &Outcome, lang: Lang) -> Safe {
        let (place, login) = (outcome.place(), self.login(outcome, lang));
        let mut sentences =
            vec![say!(lang, "{} responde em {} ({}).", "{} answers at {} ({}).", self.server(), place, login)];
        if let Some(Connections { used, max }) = self.connections {
            sentences.push(say!(lang, "Conexões em uso: {} de {}.", "Connections in use: {} of {}.", used, max));
        }
        if let Some(difference) = self.wrong_clock() {
            let off = span(difference.unsigned_abs());
            sentences.push(match difference > 0 {
                true => say!(
                    lang,
                    "O relógio deste computador está {} adiantado.",
                    "This computer's clock is {} ahead of the server's.",
                    off
                ),
                false => say!(
                    lang,
                    "O relógio deste computador está {} atrasado.",
                    "This computer's clock is {} behind the server's.",
                    off
                ),
            });
        }
        Safe::join(&sentences, " ")
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
