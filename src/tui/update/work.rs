//! Checks and saves: started here, heard of here.

use super::super::event::{Effect, Ending, News, Ticket};
use super::super::model::{After, Busy, Dialog, Model, Opened, Page, Question, Running};
use super::dialogs::{leave, leave_saved};
use crate::catalog::Level;
use crate::check::{Cancel, Outcome, Point, Request, Status};
use crate::document::{ReadError, SaveError, Saved};
use crate::safe::Safe;
use crate::say;
use crate::session::Session;
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
    model.running = Some(Running { ticket, cancel: cancel.clone(), requests: requests.clone(), waiting });
    vec![Effect::Check(ticket, requests, model.setup.check.clone(), cancel)]
}

pub(super) fn stop_check(model: &mut Model) {
    if let Some(running) = model.running.take() {
        running.cancel.cancel();
    }
}

pub(super) fn learn(model: &mut Model, ticket: Ticket, news: News) -> Vec<Effect> {
    match news {
        News::Tested(outcome) => learn_outcome(model, ticket, outcome),
        News::CheckEnded => return check_ended(model, ticket),
        News::Lost => {
            stop_check(model);
            let unsaved = model.session.changes().len();
            return leave(model, Ending::Broken(unsaved));
        }
        _ if ticket != model.ticket => {}
        News::Saved(result) => return learn_saved(model, result),
        News::Opened(result) => learn_opened(model, result),
    }
    vec![]
}

pub(super) fn learn_outcome(model: &mut Model, ticket: Ticket, outcome: Outcome) {
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
            return start_save(model, after);
        }
        model.dialogs.push(Dialog::Question(Question::SaveAnyway(failed, after), 0, 0));
        return vec![];
    }
    sum_up(model, &ended.requests, failed.len());
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

/// The one way to save: invalid values first, then what no check has let pass, then the save itself.
pub(super) fn save(model: &mut Model, after: After) -> Vec<Effect> {
    model.edits.pause();
    model.typing = false;
    let invalid =
        model.findings.iter().find(|finding| finding.level() == Level::Error).map(|finding| finding.key.clone());
    if let Some(key) = invalid {
        model.go_to(&key);
        let words = say!(
            model.lang(),
            "Nada foi gravado: este valor precisa ser corrigido.",
            "Nothing was saved: this value needs mending."
        );
        model.warn(words);
        return vec![];
    }
    if model.session.pending_changes().is_empty() {
        if after == After::Close {
            return leave_saved(model);
        }
        let words = say!(model.lang(), "Nada a gravar: nada mudou.", "Nothing to save: nothing has changed.");
        model.tell(words);
        return vec![];
    }
    let untested = model.untested();
    if untested.is_empty() {
        return start_save(model, after);
    }
    model.dialogs.push(Dialog::Busy(Busy::Checking(after)));
    start_check(model, untested)
}

pub(super) fn start_save(model: &mut Model, after: After) -> Vec<Effect> {
    stop_check(model);
    let ticket = next_ticket(model);
    model.dialogs.push(Dialog::Busy(Busy::Saving(after)));
    vec![Effect::Save(ticket, Box::new(model.session.clone()))]
}

pub(super) fn learn_saved(model: &mut Model, result: Result<(Saved, Box<Session>), SaveError>) -> Vec<Effect> {
    let after = match model.dialogs.pop() {
        Some(Dialog::Busy(Busy::Saving(after))) => after,
        _ => After::Stay,
    };
    match result {
        Ok((saved, session)) => {
            note_saved(model);
            model.session = *session;
            model.refresh();
            // In place, but not proven to survive a power cut: said, whatever was to follow.
            if let Some(doubt) = saved.doubt(model.lang()) {
                model.dialogs.push(Dialog::Page(Page::Problem(Box::new(doubt)), 0));
                return vec![];
            }
            if after == After::Close {
                return leave_saved(model);
            }
            let path = Safe::path(model.session.document().path());
            let words = say!(model.lang(), "Gravado em {}.", "Saved in {}.", path);
            model.tell(words);
        }
        Err(error) => {
            let problem = Box::new(error.problem(model.lang()));
            model.dialogs.push(Dialog::Page(Page::Problem(problem), 0));
        }
    }
    vec![]
}

/// Adds what was just saved to what the technician is told in the end: one line a parameter, from the value at the
/// start to the value now.
pub(super) fn note_saved(model: &mut Model) {
    for change in model.session.changes() {
        match model.saved.iter_mut().find(|saved| saved.key == change.key) {
            Some(saved) => saved.to = change.to,
            None => model.saved.push(change),
        }
    }
    // Changed and changed back over two saves is no change to tell.
    let session = &model.session;
    model.saved.retain(|saved| saved.from != saved.to || session.pending_changes().contains_key(&saved.key));
}

pub(super) fn learn_opened(model: &mut Model, result: Result<Box<Opened>, ReadError>) {
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
