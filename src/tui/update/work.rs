//! Work outside: what is heard of it, whatever it is, and checks from start to end.

use std::collections::BTreeMap;

use super::super::autosave::Kept;
use super::super::dialog::{Busy, Dialog, List, Listing, Page, Question, Turn};
use super::super::event::{Effect, Ending, Message, Round, Ticket};
use super::super::model::{Model, Running};
use super::super::opened::Opened;
use super::dialogs::leave;
use super::{actions, saving};
use crate::check::watch;
use crate::check::{Cancel, Outcome, Point, Request, Status};
use crate::document::ReadError;
use crate::document::draft;
use crate::document::history::{Entry, History};
use crate::problem::Problem;
use crate::say;

pub(super) fn next_ticket(model: &mut Model) -> Ticket {
    model.ticket = Ticket(model.ticket.0 + 1);
    model.ticket
}

pub(super) fn start_check(model: &mut Model, requests: Vec<Request>) -> Vec<Effect> {
    stop_check(model);
    // Whoever asks for a test is done typing: what is wrong is said in words now.
    model.typing = false;
    let (ticket, cancel) = (next_ticket(model), Cancel::default());
    for request in &requests {
        model.outcomes.remove(&request.key);
    }
    let waiting = requests.clone();
    let stages = BTreeMap::new();
    model.running = Some(Running { ticket, cancel: cancel.clone(), requests: requests.clone(), waiting, stages });
    vec![Effect::Check(ticket, requests, model.setup.check.clone(), cancel)]
}

/// Tests again and again, and shows how it changes, until it is closed.
pub(super) fn start_live(model: &mut Model) -> Vec<Effect> {
    stop_check(model);
    let (ticket, cancel) = (next_ticket(model), Cancel::default());
    let requests: Vec<Request> = model.requests().into_iter().filter(Request::reaches_out).collect();
    let (waiting, stages) = (requests.clone(), BTreeMap::new());
    model.running = Some(Running { ticket, cancel: cancel.clone(), requests: requests.clone(), waiting, stages });
    model.dialogs.push(Dialog::Live(Box::default(), 0));
    vec![Effect::Watch(ticket, requests, model.setup.check.clone(), cancel)]
}

fn on_round(model: &mut Model, ticket: Ticket, round: Round) {
    let turns: Vec<Turn> = round.changes.iter().filter_map(|change| turn(model, change)).collect();
    // Between rounds the marks show what the last one found.
    if let Some(running) = model.running.as_mut().filter(|running| running.ticket == ticket) {
        running.waiting = running.requests.clone();
    }
    for outcome in round.outcomes {
        on_outcome(model, ticket, outcome);
    }
    if let Some(Dialog::Live(live, _)) = model.dialogs.last_mut() {
        live.targets = round.targets;
        live.turns.splice(0..0, turns.into_iter().rev());
        live.turns.truncate(MOST_CHANGES);
    }
}

/// What a target was and what it is; nothing for one that was not tested before.
fn turn(model: &Model, change: &watch::Change) -> Option<Turn> {
    let (_, since) = change.before?;
    let (_, before) = model.outcomes.get(&change.outcome.key)?;
    Some(Turn {
        at: change.at,
        key: change.outcome.key.clone(),
        before: (before.brief(model.lang()), since.before(change.at).as_secs()),
        after: change.outcome.brief(model.lang()),
        status: change.outcome.status(),
    })
}

/// So many changes of a live view are kept: more than anybody scrolls through.
const MOST_CHANGES: usize = 200;

pub(super) fn stop_check(model: &mut Model) {
    if let Some(running) = model.running.take() {
        running.cancel.cancel();
    }
}

pub(super) fn learn(model: &mut Model, ticket: Ticket, news: Message) -> Vec<Effect> {
    match news {
        Message::Entered(key, stage) => {
            if let Some(running) = model.running.as_mut().filter(|running| running.ticket == ticket) {
                running.stages.insert(key, stage);
            }
        }
        Message::Tested(outcome) => on_outcome(model, ticket, outcome),
        Message::Round(round) => on_round(model, ticket, round),
        Message::CheckEnded => return check_ended(model, ticket),
        Message::Lost => {
            stop_check(model);
            let unsaved = model.session.changes().len();
            return leave(model, Ending::Broken(unsaved));
        }
        Message::Kept(Kept::Lost(reason)) => model.warn(draft::not_kept(reason, model.lang())),
        Message::Kept(_) => {}
        Message::NotDiscarded(file, error) => model.warn(draft::not_removed(&file, &error, model.lang())),
        _ if ticket != model.ticket => {}
        Message::Saved(saved, changes, session) => return saving::on_saved(model, &saved, changes, *session),
        Message::NotSaved(error, session, choices) => saving::on_not_saved(model, error, session, choices),
        Message::KeptInstead(kept, after) => return saving::on_kept_instead(model, kept, after),
        Message::Opened(result) => on_opened(model, result),
        Message::Listed(Ok(listed)) if listed.is_empty() => {
            let words = say!(model.lang(), "Nenhuma versão foi gravada ainda.", "No version has been saved yet.");
            model.tell(words);
        }
        Message::Listed(Ok(listed)) => {
            model.dialogs.push(Dialog::List(List::of(Listing::Versions(listed))));
        }
        Message::Listed(Err(error)) => {
            let history = History::of(model.session.document().path());
            tell_problem(model, history.problem(&error, model.lang()));
        }
        Message::Reports(found) => actions::on_reports(model, found),
        Message::Table(found) => actions::on_table(model, found),
        Message::SetAside(place, moved) => actions::on_set_aside(model, place, moved),
        Message::Version(Ok(Some(Ok(entry)))) => on_version(model, entry),
        Message::Version(Ok(Some(Err(damaged)))) => tell_problem(model, damaged.problem(model.lang())),
        Message::Version(Ok(None)) => {
            let words = say!(model.lang(), "Essa versão não existe mais.", "That version is gone.");
            model.warn(words);
        }
        Message::Version(Err(error)) => {
            let history = History::of(model.session.document().path());
            tell_problem(model, history.problem(&error, model.lang()));
        }
    }
    vec![]
}

pub(super) fn on_outcome(model: &mut Model, ticket: Ticket, outcome: Outcome) {
    let Some(running) = model.running.as_mut().filter(|running| running.ticket == ticket) else { return };
    let place =
        running.waiting.iter().position(|request| request.key == outcome.key && request.target == outcome.target);
    if let Some(place) = place {
        let request = running.waiting.remove(place);
        model.outcomes.insert(outcome.key.clone(), (request, outcome));
    }
}

pub(super) fn check_ended(model: &mut Model, ticket: Ticket) -> Vec<Effect> {
    let Some(ended) = model.running.take_if(|running| running.ticket == ticket) else { return vec![] };
    let failed = failed(model, &ended.requests);
    if let Some(Dialog::Busy(Busy::Checking(after))) = model.dialogs.last() {
        let after = *after;
        model.dialogs.pop();
        if failed.is_empty() {
            return saving::start_save(model, after);
        }
        model.dialogs.push(Dialog::Question(Question::SaveAnyway(failed, after), 0, 0));
        return vec![];
    }
    sum_up(model, &ended.requests, failed.len());
    // What was found about the login and is not used explains most of what it did not do.
    let ignored = model.setup.check.credentials.warnings.first().map(|warning| warning.words(model.lang()));
    if let Some(words) = ignored {
        model.warn(words);
    }
    vec![]
}

/// Says in one line what came of a check; never that all is well where something was not tested.
fn sum_up(model: &mut Model, requests: &[Request], failed: usize) {
    let (lang, glyphs) = (model.lang(), model.setup.theme.glyphs);
    let invalid = requests.iter().filter(|request| request.point == Point::Invalid).count();
    let outcomes = requests.iter().filter_map(|request| model.outcomes.get(&request.key));
    let warned = outcomes.filter(|(_, outcome)| outcome.status() == Status::Warning).count();
    let words = match (failed, invalid, warned) {
        (0, 0, 0) => return model.tell(say!(lang, "Teste sem falhas.", "Test without failure.")),
        (0, 0, 1) => say!(lang, "1 aviso no teste, marcado com {}.", "1 warning in the test, marked {}.", glyphs.warns),
        (0, 0, _) => say!(
            lang,
            "{} avisos no teste, marcados com {}.",
            "{} warnings in the test, marked {}.",
            warned,
            glyphs.warns
        ),
        (0, _, _) => say!(
            lang,
            "Não testado: corrija o valor marcado com {}.",
            "Not tested: mend the value marked {}.",
            glyphs.invalid
        ),
        (1, ..) => say!(lang, "1 falha no teste, marcada com {}.", "1 failure in the test, marked {}.", glyphs.fails),
        _ => say!(
            lang,
            "{} falhas no teste, marcadas com {}.",
            "{} failures in the test, marked {}.",
            failed,
            glyphs.fails
        ),
    };
    model.warn(words);
}

/// Those of the requests that failed, in their order. One without an outcome (the check broke off) has not failed.
pub(super) fn failed(model: &Model, requests: &[Request]) -> Vec<Outcome> {
    let outcomes = requests.iter().filter_map(|request| model.outcomes.get(&request.key));
    outcomes.map(|(_, outcome)| outcome).filter(|outcome| outcome.status() == Status::Fail).cloned().collect()
}

pub(super) fn tell_problem(model: &mut Model, problem: Problem) {
    model.dialogs.push(Dialog::Page(Page::Problem(Box::new(problem)), 0));
}

fn on_version(model: &mut Model, entry: Box<Entry>) {
    let lang = model.lang();
    match model.session.values_of(&entry) {
        Ok(values) => {
            let changes = model.session.would_change(&values);
            model.dialogs.push(Dialog::Question(Question::Version(entry, changes), 0, 0));
        }
        Err(error) => tell_problem(model, error.problem(lang)),
    }
}

pub(super) fn on_opened(model: &mut Model, result: Result<Box<Opened>, ReadError>) {
    model.dialogs.clear();
    match result {
        Ok(opened) => {
            let setup = model.setup.clone();
            *model = Model { ticket: model.ticket, ..Model::new(setup, *opened, model.size) };
        }
        Err(error) => {
            let problem = Box::new(error.problem(model.lang()));
            model.dialogs.push(Dialog::Question(Question::Unreadable(problem), 0, 0));
        }
    }
}
