//! Keys in what lies over the form: pages, questions, work under way; and closing.

use super::super::event::{Effect, Ending};
use super::super::keymap::Action;
use super::super::layout;
use super::super::model::{Answer, Busy, Dialog, Model, Page, Question};
use super::work;
use crate::check::Outcome;
use crate::say;
pub(super) fn open_help(model: &mut Model) {
    model.typing = false;
    let page = model.focused().map_or(Page::Keys, |parameter| Page::Field(parameter.key.clone()));
    model.dialogs.push(Dialog::Page(page, 0));
}

pub(super) fn in_page(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = layout::page(model).max(1);
    let Some(Dialog::Page(page, scroll)) = model.dialogs.last_mut() else { return vec![] };
    match action {
        Action::Up => *scroll = scroll.saturating_sub(1),
        Action::Down => *scroll += 1,
        Action::PageUp => *scroll = scroll.saturating_sub(height),
        Action::PageDown => *scroll += height,
        Action::Home => *scroll = 0,
        Action::End => *scroll = usize::MAX / 2,
        Action::Help if matches!(page, Page::Field(_)) => (*page, *scroll) = (Page::Keys, 0),
        Action::Close | Action::Help => {
            model.dialogs.pop();
        }
        Action::Repaint => return vec![Effect::Repaint],
        _ => {}
    }
    vec![]
}

pub(super) fn in_question(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = layout::page(model);
    let Some(Dialog::Question(question, picked, scroll)) = model.dialogs.last_mut() else { return vec![] };
    let answers = question.answers();
    let count = answers.len();
    match action {
        Action::Up => *scroll = scroll.saturating_sub(1),
        Action::Down => *scroll += 1,
        Action::PageUp => *scroll = scroll.saturating_sub(page),
        Action::PageDown => *scroll += page,
        Action::Right | Action::NextStop => *picked = (*picked + 1) % count,
        Action::Left | Action::PreviousStop => *picked = (*picked + count - 1) % count,
        Action::Enter => {
            let answer = answers[*picked % count];
            return decide(model, answer);
        }
        Action::Close if matches!(question, Question::Unreadable(_)) => return decide(model, Answer::Leave),
        Action::Close => return decide(model, Answer::Stay),
        Action::Repaint => return vec![Effect::Repaint],
        _ => {}
    }
    vec![]
}

pub(super) fn decide(model: &mut Model, answer: Answer) -> Vec<Effect> {
    let question = match answer {
        // The document is still unreadable until it has been read again: the question stays.
        Answer::Reopen | Answer::Leave => model.dialogs.last().cloned(),
        _ => model.dialogs.pop(),
    };
    match answer {
        Answer::Stay => {
            if let Some(Dialog::Question(Question::SaveAnyway(failed, _), ..)) = question {
                go_to_failed(model, &failed);
            }
            vec![]
        }
        Answer::Save(after) => work::save(model, after),
        Answer::SaveUntested(after) => work::start_save(model, after),
        Answer::Discard => {
            let thrown = model.session.changes().len();
            let path = model.session.document().path().to_owned();
            leave(model, Ending::Discarded(thrown, path, model.saved.clone()))
        }
        Answer::Reopen => {
            let ticket = work::next_ticket(model);
            vec![Effect::Open(ticket, model.setup.path.clone())]
        }
        Answer::Leave => match question {
            Some(Dialog::Question(Question::Unreadable(problem), ..)) => leave(model, Ending::Unreadable(*problem)),
            _ => vec![],
        },
    }
}

pub(super) fn go_to_failed(model: &mut Model, failed: &[Outcome]) {
    let Some(key) = failed.first().map(|outcome| outcome.look_at.clone()) else { return };
    model.go_to(&key);
    let title = model.catalog().parameter(&key).map(|parameter| parameter.title.of(model.lang()).clone());
    let words = say!(model.lang(), "Confira “{}”.", "Check “{}”.", title.unwrap_or_default());
    model.tell(words);
}

pub(super) fn in_busy(model: &mut Model, action: Action) -> Vec<Effect> {
    match (action, model.dialogs.last()) {
        (Action::Close, Some(Dialog::Busy(Busy::Checking(_)))) => {
            model.dialogs.pop();
            work::stop_check(model);
            let words = say!(model.lang(), "Teste interrompido; nada foi gravado.", "Test stopped; nothing was saved.");
            model.warn(words);
            vec![]
        }
        (Action::Repaint, _) => vec![Effect::Repaint],
        // A save cannot be stopped half-way: it is over in a moment, one way or the other.
        _ => vec![],
    }
}

pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    if model.running.is_some() {
        work::stop_check(model);
        let words = say!(model.lang(), "Teste interrompido.", "Test stopped.");
        model.warn(words);
        return vec![];
    }
    if model.session.pending_changes().is_empty() {
        return leave_saved(model);
    }
    model.dialogs.push(Dialog::Question(Question::Unsaved, 0, 0));
    vec![]
}

/// Leaves the form with everything saved.
pub(super) fn leave_saved(model: &mut Model) -> Vec<Effect> {
    let path = model.session.document().path().to_owned();
    leave(model, Ending::Saved(path, model.saved.clone()))
}

pub(super) fn leave(model: &mut Model, ending: Ending) -> Vec<Effect> {
    work::stop_check(model);
    model.ending = Some(ending);
    vec![Effect::Quit]
}
