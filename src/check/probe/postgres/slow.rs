//! What is said where a server has answered and the time was up in the midst of a later stage.
//!
//! The link is blamed only where the first stages, a round trip each, were slow themselves. Else the server is waiting for
//! something, and nothing on the wire tells for what: what it may be is said as such, and where it shows.

use std::time::Duration;

use super::evidence::PostgresEvidence;
use crate::check::credentials::Method;
use crate::check::diagnosis::Diagnosis;
use crate::check::outcome::Outcome;
use crate::check::remedy::{Place, Remedy};
use crate::check::stage::{Stage, StageRecord};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// Connecting and the first answer are two round trips of at most eight: a link that is slow spends more than this part of
/// the time on them.
const PART_OF_A_SLOW_LINK: u32 = 5;

/// Times worth trying, in seconds, where the link is slow.
const LONGER: [u64; 2] = [15, 60];

/// True where connecting and the first answer took so large a part of the time that the way there explains the rest.
fn is_link(stages: &[StageRecord]) -> bool {
    let of = |wanted: fn(&StageRecord) -> bool| {
        stages.iter().filter(|record| wanted(record)).map(|record| record.elapsed).sum::<Duration>()
    };
    let all = of(|record| record.stage != Stage::Resolve);
    let first = of(|record| matches!(record.stage, Stage::Connect | Stage::Protocol) && record.result == Diagnosis::Ok);
    !first.is_zero() && first * PART_OF_A_SLOW_LINK >= all
}

/// `conexão 510 ms, protocolo 498 ms, login 1990 ms`
fn times(stages: &[StageRecord], lang: Lang) -> Safe {
    let one = |record: &StageRecord| safe!("{} {} ms", record.stage.title(lang), record.elapsed.as_millis());
    Safe::join(&stages.iter().map(one).collect::<Vec<_>>(), ", ")
}

/// The stage that did not end.
fn unfinished(outcome: &Outcome) -> Stage {
    outcome.evidence.stages.last().map_or(Stage::Login, |record| record.stage)
}

pub fn message(found: &PostgresEvidence, outcome: &Outcome, lang: Lang) -> Safe {
    let (place, waited, stages) = (outcome.place(), outcome.waited(), &outcome.evidence.stages);
    if is_link(stages) {
        return say!(
            lang,
            "{} responde, mas o teste não terminou em {}: {}.",
            "{} answers, but the test did not end within {}: {}.",
            place,
            waited,
            times(stages, lang)
        );
    }
    let what = match (unfinished(outcome), found.method) {
        (Stage::Tls, _) => say!(lang, "não iniciou o TLS", "did not set up TLS"),
        (Stage::Question, _) => {
            say!(lang, "aceitou o login e não respondeu à consulta", "took the login and did not answer the question")
        }
        (_, Some(_)) => {
            say!(lang, "pediu a senha e não concluiu o login", "asked for the password and did not end the login")
        }
        (_, None) => say!(lang, "não concluiu o login", "did not end the login"),
    };
    let passed: Vec<_> = stages.iter().filter(|record| record.result == Diagnosis::Ok).copied().collect();
    match passed.is_empty() {
        true => say!(lang, "{} responde, mas {} em {}.", "{} answers, but {} within {}.", place, what, waited),
        false => say!(
            lang,
            "{} responde ({}), mas {} em {}.",
            "{} answers ({}), but {} within {}.",
            place,
            times(&passed, lang),
            what,
            waited
        ),
    }
}

pub fn remedy(found: &PostgresEvidence, outcome: &Outcome, lang: Lang) -> Remedy {
    if is_link(&outcome.evidence.stages) {
        let waited = outcome.elapsed.as_secs_f64().round();
        return match LONGER.into_iter().find(|seconds| *seconds as f64 > waited) {
            Some(seconds) => say!(
                lang,
                "Provável: rede lenta (satélite, 3G) ou servidor sobrecarregado. No shell, teste com check --timeout {}.",
                "Likely: a slow network (satellite, 3G) or an overloaded server. In the shell, test with check --timeout {}.",
                seconds
            ),
            None => say!(
                lang,
                "Provável: rede lenta (satélite, 3G) ou servidor sobrecarregado. Veja a carga e o log dele.",
                "Likely: a slow network (satellite, 3G) or an overloaded server. Look at its load and its log."
            ),
        }
        .into();
    }
    let sentence = match (unfinished(outcome), found.method) {
        (Stage::Tls, _) => say!(
            lang,
            "Pode ser sobrecarga, ou um proxy sem o servidor dele. Veja os serviços e o log:",
            "It may be overloaded, or a proxy without its server. Look at the services and the log:"
        ),
        // The one way in which a server asks somebody else about the password.
        (Stage::Login | Stage::Protocol, Some(Method::Password)) => say!(
            lang,
            "Pode ser RADIUS ou LDAP que não responde, PgBouncer sem o PostgreSQL dele, ou sobrecarga. Veja no servidor:",
            "It may be RADIUS or LDAP not answering, PgBouncer without its PostgreSQL, or overload. Look there:"
        ),
        _ => say!(
            lang,
            "Pode ser um PgBouncer em PAUSE ou sem o PostgreSQL dele, ou sobrecarga. Veja no servidor:",
            "It may be a PgBouncer paused or without its PostgreSQL, or overload. Look there:"
        ),
    };
    Remedy::from(sentence).paste(
        Place::Server,
        [
            Safe::own("systemctl --no-pager list-units --all 'pgbouncer*' 'postgresql*'"),
            Safe::own("sudo journalctl --no-pager -n 30 -u 'pgbouncer*' -u 'postgresql*'"),
        ],
    )
}
