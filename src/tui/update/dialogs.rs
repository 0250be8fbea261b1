//! Keys in what lies over the form: pages, questions, work under way; and closing.

use super::super::dialog::{Answer, Busy, Choosing, Dialog, Found, Offer, Page, Purpose, Question};
use super::super::event::{Effect, Ending};
use super::super::keymap::Action;
use super::super::layout;
use super::super::model::Model;
use super::{saving, work};
use crate::check::Outcome;
use crate::document::Changes;
use crate::document::draft::Draft;
use crate::document::history::Entry;
use crate::document::merge::Side;
use crate::say;

pub(super) fn open_help(model: &mut Model) {
    model.typing = false;
    let page = model.focused().map_or(Page::Keys, |parameter| Page::Field(parameter.key.clone()));
    model.dialogs.push(Dialog::Page(page, 0));
}

pub(super) fn open_page(model: &mut Model, page: Page) {
    model.typing = false;
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

pub(super) fn in_versions(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = layout::page(model);
    let Some(Dialog::Versions(versions)) = model.dialogs.last_mut() else { return vec![] };
    let last = versions.listed.len().saturating_sub(1);
    versions.picked = match action {
        Action::Up => versions.picked.saturating_sub(1),
        Action::Down => versions.picked + 1,
        Action::PageUp => versions.picked.saturating_sub(page),
        Action::PageDown => versions.picked + page,
        Action::Home => 0,
        Action::End => last,
        _ => versions.picked,
    }
    .min(last);
    match action {
        Action::Enter => {
            let Some(number) = versions.listed.get(versions.picked).map(|listed| listed.number) else { return vec![] };
            vec![Effect::ReadVersion(work::next_ticket(model), number)]
        }
        Action::Close => {
            model.dialogs.pop();
            vec![]
        }
        Action::Repaint => vec![Effect::Repaint],
        _ => vec![],
    }
}

pub(super) fn in_live(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = layout::page(model);
    let Some(Dialog::Live(_, scroll)) = model.dialogs.last_mut() else { return vec![] };
    match action {
        Action::Up => *scroll = scroll.saturating_sub(1),
        Action::Down => *scroll += 1,
        Action::PageUp => *scroll = scroll.saturating_sub(page),
        Action::PageDown => *scroll += page,
        Action::Home => *scroll = 0,
        Action::End => *scroll = usize::MAX / 2,
        Action::Close => {
            model.dialogs.pop();
            work::stop_check(model);
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
    let Some(Dialog::Question(question, ..)) = question else { return vec![] };
    match answer {
        Answer::Stay => {
            match question {
                Question::SaveAnyway(failed, _) => go_to_failed(model, &failed),
                Question::Draft(_) => model.offer_draft(),
                _ => {}
            }
            vec![]
        }
        Answer::Recover => recover(model, question),
        Answer::DiscardDraft => discard_draft(model, question),
        Answer::Choose(side) => choose(model, question, side),
        Answer::Restore => restore(model, question),
        Answer::Save(after) => saving::save(model, after),
        Answer::SaveUntested(after) => saving::start_save(model, after),
        Answer::Discard => {
            let thrown = model.session.changes().len();
            let path = model.session.document().path().to_owned();
            let mut effects = saving::settle(model);
            effects.extend(leave(model, Ending::Discarded(thrown, path, model.saved.clone())));
            effects
        }
        Answer::Reopen => {
            let ticket = work::next_ticket(model);
            vec![Effect::Open(ticket, model.setup.path.clone())]
        }
        Answer::Leave => match question {
            Question::Unreadable(problem) => leave(model, Ending::Unreadable(*problem)),
            _ => vec![],
        },
    }
}

/// Brings a draft's edits into the form; where the file has changed the same values since, asks first which hold.
fn recover(model: &mut Model, question: Question) -> Vec<Effect> {
    let Question::Draft(offer) = question else { return vec![] };
    let Offer { found: Found::Whole { draft, merge, meanwhile, .. }, .. } = *offer else { return vec![] };
    if merge.conflicts.is_empty() {
        bring(model, *draft, merge.mine);
        return vec![];
    }
    let choosing = Choosing {
        conflicts: merge.conflicts,
        chosen: vec![],
        meanwhile,
        purpose: Purpose::Recover(draft, merge.mine),
    };
    model.dialogs.push(Dialog::Question(Question::Conflict(Box::new(choosing)), 0, 0));
    vec![]
}

/// Recovers, as one step that can be taken back.
fn bring(model: &mut Model, draft: Draft, mut changes: Changes) {
    changes.retain(|key, _| model.session.catalog().parameter(key).is_some());
    let changed = model.edits.change_all(&mut model.session, changes);
    model.recovered.push(draft);
    // The draft that this form keeps names those that it has taken over.
    model.handed = None;
    show_brought(model, &changed);
    let lang = model.lang();
    let words = match changed.len() {
        0 => say!(lang, "O arquivo já tem tudo o que havia no rascunho.", "The file has all that the draft had."),
        1 => say!(
            lang,
            "Recuperada 1 alteração, ainda não gravada. Ctrl+Z desfaz.",
            "1 change recovered, not saved yet. Ctrl+Z takes it back."
        ),
        count => say!(
            lang,
            "Recuperadas {} alterações, ainda não gravadas. Ctrl+Z desfaz.",
            "{} changes recovered, not saved yet. Ctrl+Z takes them back.",
            count
        ),
    };
    model.tell(words);
    model.offer_draft();
}

/// Shows the first of these parameters, with its value as it now is.
fn show_brought(model: &mut Model, changed: &[crate::key::Key]) {
    if let Some(key) = changed.first() {
        model.go_to(key);
    }
    model.refresh();
}

fn discard_draft(model: &mut Model, question: Question) -> Vec<Effect> {
    let Question::Draft(offer) = question else { return vec![] };
    let file = match offer.found {
        Found::Whole { draft, .. } => draft.file,
        Found::Broken(broken) => broken.path.clone(),
    };
    let words = say!(model.lang(), "Rascunho descartado.", "Draft discarded.");
    model.tell(words);
    model.offer_draft();
    vec![Effect::DiscardDraft(work::next_ticket(model), file)]
}

/// Goes on to the next conflict, or, after the last, to what they stood in the way of.
fn choose(model: &mut Model, question: Question, side: Side) -> Vec<Effect> {
    let Question::Conflict(mut choosing) = question else { return vec![] };
    choosing.chosen.push(side);
    if choosing.current().is_some() {
        model.dialogs.push(Dialog::Question(Question::Conflict(choosing), 0, 0));
        return vec![];
    }
    let choices = choosing.choices();
    match choosing.purpose {
        Purpose::Save(after) => saving::save_with(model, after, choices),
        Purpose::Recover(draft, mut changes) => {
            let mine = choices.into_iter().filter(|(_, side)| *side == Side::Mine);
            changes.extend(mine.map(|(conflict, _)| (conflict.key, conflict.mine)));
            bring(model, *draft, changes);
            vec![]
        }
    }
}

/// Brings the values of a version into the form, as one step that can be taken back; the list closes.
fn restore(model: &mut Model, question: Question) -> Vec<Effect> {
    let Question::Version(entry, _) = question else { return vec![] };
    if matches!(model.dialogs.last(), Some(Dialog::Versions(_))) {
        model.dialogs.pop();
    }
    let Entry { number, .. } = *entry;
    match model.session.values_of(&entry) {
        Ok(values) => {
            let changed = model.edits.change_all(&mut model.session, values);
            show_brought(model, &changed);
            let words = say!(
                model.lang(),
                "Valores da versão {} no formulário, ainda não gravados. Ctrl+Z desfaz.",
                "Values of version {} in the form, not saved yet. Ctrl+Z takes them back.",
                number
            );
            model.tell(words);
        }
        Err(error) => work::tell_problem(model, error.problem(model.lang())),
    }
    vec![]
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
