//! The tests: run, told as they come, then each that did not pass with what to do.

use std::time::Duration;

use super::console::Heard;
use super::form::Form;
use super::step::Step;
use crate::catalog::Catalog;
use crate::check::{Cancel, Diagnosis, Outcome, Point, Progress, Request, Status};
use crate::lang::Lang;
use crate::present::{change, outcome};
use crate::safe::Safe;
use crate::say;
use crate::text::line::{Line, Tone};

/// Tests all values in force.
pub fn all(form: &mut Form) -> Step<()> {
    let (lang, requests) = (form.lang(), form.session.requests());
    run(form, &requests)?;
    let catalog = form.catalog();
    let mut told: Vec<Outcome> = vec![];
    for found in outcomes(form, &requests) {
        if found.status() == Status::Fail || found.status() == Status::Warning {
            let again = told.iter().any(|other| outcome::same_remedy(other, &found, &catalog, lang));
            if !again {
                form.say(&details(&found, &catalog, lang, true))?;
            }
            told.push(found);
        }
    }
    form.tell(sum(form, &requests))?;
    if lacks_a_password(form, &requests) && ask_password(form)? {
        return all(form);
    }
    Ok(())
}

/// Runs these tests to their end. Ctrl+C ends them before.
pub fn run(form: &mut Form, requests: &[Request]) -> Step<()> {
    let lang = form.lang();
    let options = form.check_options();
    let seconds = options.timeout.as_secs();
    form.tell(match requests.len() {
        1 => say!(lang, "1 teste, até {} s; Ctrl+C cancela.", "1 test, {} s at most; Ctrl+C cancels it.", seconds),
        count => say!(
            lang,
            "{} testes, até {} s; Ctrl+C cancela.",
            "{} tests, {} s at most; Ctrl+C cancels them.",
            count,
            seconds
        ),
    })?;
    for request in requests {
        form.outcomes.remove(&request.key);
    }
    let cancel = Cancel::default();
    let (session, wanted, cancelled) = (form.session.clone(), requests.to_vec(), cancel.clone());
    let started = form.console.start(move |tell| {
        let now = || session.saver().now();
        session.check(&wanted, &options, &cancelled, &now, &mut |step| {
            if let Progress::Done(outcome) = step {
                tell(outcome.clone());
            }
        });
    });
    let Ok(messages) = started else { return Err(form.broken()) };
    let ended = loop {
        match form.console.hear(&messages, None) {
            Ok(Heard::Message(found)) => {
                let catalog = form.catalog();
                let name = change::title(&catalog, &found.request.key, lang);
                let heading = Line::of(Tone::Strong, name).and(Tone::Plain, ": ");
                // One may come twice: what another port's test finds out of it comes later.
                let is_news =
                    form.outcomes.get(&found.request.key).is_none_or(|told| told.diagnosis != found.diagnosis);
                form.outcomes.insert(found.request.key.clone(), found.clone());
                if is_news {
                    let passed = matches!(found.status(), Status::Ok | Status::Skipped);
                    let told = match passed {
                        true => found.message(&catalog, lang),
                        // The rest follows once all have ended.
                        false => found.summary(lang),
                    };
                    form.say(&[heading.and(Tone::Plain, told)])?;
                }
            }
            Ok(Heard::Nothing | Heard::Late) => break Ok(()),
            Err(stop) => break Err(stop),
        }
    };
    cancel.cancel();
    if outcomes(form, requests).iter().any(|outcome| outcome.diagnosis == Diagnosis::AuthFailed) {
        // A password that a server refuses is asked for anew.
        form.password = None;
    }
    ended
}

/// Those of the requests that were tested, in their order.
fn outcomes(form: &Form, requests: &[Request]) -> Vec<Outcome> {
    requests.iter().filter_map(|request| form.outcomes.get(&request.key)).cloned().collect()
}

pub fn failed(form: &Form, requests: &[Request]) -> Vec<Outcome> {
    let mut failed = outcomes(form, requests);
    failed.retain(|outcome| outcome.status() == Status::Fail);
    failed
}

/// An outcome with all that is known of it: what happened, what to do, what the server said; `whole`: and how that is known.
pub fn details(found: &Outcome, catalog: &Catalog, lang: Lang, whole: bool) -> Vec<Line> {
    let mut lines = vec![
        Line::of(Tone::Strong, change::title(catalog, &found.request.key, lang)),
        outcome::line(found, catalog, lang),
    ];
    lines.extend(outcome::to_paste(&found.remedy(catalog, lang), lang));
    lines.extend(outcome::said(found, lang).map(Line::from));
    if whole {
        lines.extend(outcome::facts(found, lang).into_iter().map(Line::from));
    }
    lines
}

/// One line about all of them. It must not say that all is well if something was not tested.
fn sum(form: &Form, requests: &[Request]) -> Safe {
    let lang = form.lang();
    let failed = failed(form, requests).len();
    let invalid = requests.iter().filter(|request| request.point == Point::Invalid).count();
    let warned = outcomes(form, requests).iter().filter(|outcome| outcome.status() == Status::Warning).count();
    match (failed, invalid, warned) {
        (0, 0, 0) => say!(lang, "Teste sem falhas.", "Test without failures."),
        (0, 0, 1) => say!(lang, "Teste com 1 aviso.", "Test with 1 warning."),
        (0, 0, _) => say!(lang, "Teste com {} avisos.", "Test with {} warnings.", warned),
        (0, ..) => {
            say!(lang, "Há valores inválidos: nem tudo foi testado.", "Not all was tested: some values are invalid.")
        }
        (1, ..) => say!(lang, "Teste com 1 falha.", "Test with 1 failure."),
        _ => say!(lang, "Teste com {} falhas.", "Test with {} failures.", failed),
    }
}

pub fn lacks_a_password(form: &Form, requests: &[Request]) -> bool {
    outcomes(form, requests).iter().any(|outcome| outcome.diagnosis == Diagnosis::NoPassword)
}

/// Asks for the password of the database, unseen; false where none was given.
pub fn ask_password(form: &mut Form) -> Step<bool> {
    let lang = form.lang();
    let user = form.setup.check.credentials.user.clone().unwrap_or_default();
    form.tell(say!(
        lang,
        "A senha vale só até sair e não é gravada; Enter sozinho segue sem senha.",
        "The password is kept only until you leave and is not saved; Enter alone goes on without it."
    ))?;
    let typed = form.console.ask_unseen(&outcome::password_question(&user, lang))?;
    let is_given = !typed.is_empty();
    form.password = Some(typed).filter(|_| is_given);
    Ok(is_given)
}

/// How long a save may take before that is told: it takes milliseconds on a healthy disk.
pub const LATE: Duration = Duration::from_secs(3);
