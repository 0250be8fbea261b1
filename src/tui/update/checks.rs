//! Checks from start to end, and what is heard of them meanwhile.

use std::collections::BTreeMap;

use super::super::dialog::live::Live;
use super::super::dialog::password;
use super::super::event::{After, Effect, Ticket, Work};
use super::super::model::{Model, Notice, Retry, Running};
use crate::check::watch::Round;
use crate::check::{self, Cancel, Diagnosis, Outcome, Point, Request, Stage, Status};
use crate::key::Key;
use crate::present::mark;
use crate::say;

/// Tests these; `before`: before a save, and what follows that.
pub(super) fn start(model: &mut Model, requests: Vec<Request>, before: Option<After>) -> Vec<Effect> {
    for request in &requests {
        model.outcomes.remove(&request.key);
    }
    run(model, requests, before, Work::Check)
}

/// Tests again and again, and shows how it changes, until it is closed.
pub(super) fn start_live(model: &mut Model) -> Vec<Effect> {
    let requests = model.requests.iter().filter(|request| request.reaches_out()).cloned().collect();
    model.open(Live::default());
    run(model, requests, None, Work::Watch)
}

fn run(
    model: &mut Model,
    requests: Vec<Request>,
    before: Option<After>,
    work: fn(Vec<Request>, check::Options, Cancel) -> Work,
) -> Vec<Effect> {
    // Typing is over: messages about invalid values need not wait any longer.
    model.typing = false;
    let cancel = Cancel::default();
    let effects = model.work_alone(work(requests.clone(), model.check_options(), cancel.clone()));
    let (ticket, waiting, stages) = (model.ticket, requests.clone(), BTreeMap::new());
    model.running = Some(Running { ticket, cancel, requests, waiting, stages, awaited: None, before });
    effects
}

/// Stops the check that is under way, and says so.
pub(super) fn stop(model: &mut Model) -> Option<Effect> {
    let stop = model.stop_check()?;
    model.warn(say!(model.lang(), "Teste cancelado.", "Test canceled."));
    Some(stop)
}

pub(super) fn on_entered(model: &mut Model, ticket: Ticket, key: Key, stage: Stage) {
    if let Some(running) = model.running.as_mut().filter(|running| running.ticket == ticket) {
        running.stages.insert(key, stage);
    }
}

pub(super) fn on_round(model: &mut Model, ticket: Ticket, round: Round) {
    // The marks go on showing the last round's outcomes.
    let Some(running) = model.running.as_mut().filter(|running| running.ticket == ticket) else { return };
    running.waiting = running.requests.clone();
    for outcome in round.outcomes {
        on_outcome(model, ticket, outcome);
    }
    if let Some(live) = model.dialog::<Live>() {
        live.targets = round.targets;
        let changes = round.changes.into_iter().rev().filter(|change| change.before.is_some());
        live.changes.splice(0..0, changes);
        live.changes.truncate(MOST_CHANGES);
    }
}

/// More than anybody scrolls through.
const MOST_CHANGES: usize = 200;

pub(super) fn on_outcome(model: &mut Model, ticket: Ticket, outcome: Outcome) {
    let Some(running) = model.running.as_mut().filter(|running| running.ticket == ticket) else { return };
    // One may come twice: what another port's test finds out of it is told later.
    if running.requests.contains(&outcome.request) {
        running.waiting.retain(|request| *request != outcome.request);
        model.outcomes.insert(outcome.request.key.clone(), outcome);
    }
}

/// One line about the whole check. It must not say that all is well if something was not tested.
pub(super) fn sum_up(model: &mut Model, requests: &[Request]) {
    let lang = model.lang();
    let failed = failed(model, requests).len();
    let invalid = requests.iter().filter(|request| request.point == Point::Invalid).count();
    let outcomes = requests.iter().filter_map(|request| model.outcomes.get(&request.key));
    let warned = outcomes.filter(|outcome| outcome.status() == Status::Warning).count();
    let message = match (failed, invalid, warned) {
        (0, 0, 0) => say!(lang, "Teste sem falhas.", "Test without failures."),
        (0, 0, 1) => say!(lang, "1 aviso no teste, marcado com {}.", "1 warning in the test, marked {}.", mark::WARNS),
        (0, 0, _) => say!(
            lang,
            "{} avisos no teste, marcados com {}.",
            "{} warnings in the test, marked {}.",
            warned,
            mark::WARNS
        ),
        (0, _, _) => say!(
            lang,
            "Não testado: corrija o valor marcado com {}.",
            "Not tested: fix the value marked {}.",
            mark::INVALID
        ),
        (1, ..) => say!(lang, "1 falha no teste, marcada com {}.", "1 failure in the test, marked {}.", mark::FAILS),
        _ => say!(
            lang,
            "{} falhas no teste, marcadas com {}.",
            "{} failures in the test, marked {}.",
            failed,
            mark::FAILS
        ),
    };
    let warns = (failed, invalid, warned) != (0, 0, 0);
    model.notice = Some(Notice { message, warns, stays: false });
    // Login settings that were ignored often explain a failure.
    let warned = model.outcomes.values().find_map(|outcome| outcome.evidence.warnings.first());
    if let Some(warning) = warned.map(|warning| warning.message(lang)) {
        model.warn(warning);
    }
}

/// A login that lacked a password is to be tested anew.
pub(super) fn forget_untested(model: &mut Model) {
    model.outcomes.retain(|_, outcome| outcome.diagnosis != Diagnosis::NoPassword);
}

/// The login that lacked a password, if one did.
pub(super) fn lacking_a_password(model: &Model, requests: &[Request]) -> Option<Outcome> {
    let mut outcomes = requests.iter().filter_map(|request| model.outcomes.get(&request.key));
    outcomes.find(|outcome| outcome.diagnosis == Diagnosis::NoPassword).cloned()
}

/// Asks for the password that a login lacked; not over what somebody is doing meanwhile: the next test asks again.
pub(super) fn ask_password(model: &mut Model, requests: &[Request]) {
    let found = lacking_a_password(model, requests);
    if let Some(outcome) = found.filter(|_| model.dialogs.is_empty() && !model.typing) {
        password::ask(model, &outcome, Retry::Test);
    }
}

/// A password that a server refuses is asked for anew the next time.
pub(super) fn forget_if_refused(model: &mut Model, requests: &[Request]) {
    let mut outcomes = requests.iter().filter_map(|request| model.outcomes.get(&request.key));
    if outcomes.any(|outcome| outcome.diagnosis == Diagnosis::AuthFailed) {
        model.password = None;
    }
}

/// Those of the requests that failed, in their order. One without an outcome (the check broke off) has not failed.
pub(super) fn failed(model: &Model, requests: &[Request]) -> Vec<Outcome> {
    let outcomes = requests.iter().filter_map(|request| model.outcomes.get(&request.key));
    outcomes.filter(|outcome| outcome.status() == Status::Fail).cloned().collect()
}
