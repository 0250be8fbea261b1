//! Saving: the checks before it, its outcome, and the draft that is written instead where this user cannot save.

use super::super::dialog::busy::Busy;
use super::super::dialog::conflict::{Conflicts, Purpose};
use super::super::dialog::page::{tell_merged, tell_problem};
use super::super::dialog::{gone, password, save_anyway};
use super::super::event::{After, Effect, Work};
use super::super::model::others::{Away, News};
use super::super::model::{Model, Retry};
use super::checks;
use crate::check::Request;
use crate::document::merge::{Conflict, Side};
use crate::document::restore::Restored;
use crate::document::save::Cause;
use crate::document::{Changes, Document, SaveError, Saved};
use crate::present::handover;
use crate::present::version::{brought_back, saved_in};
use crate::problem::Account;
use crate::safe::Safe;
use crate::say;
use crate::session::autosave::{Keeping, Kept};
use crate::session::ending::{self, Ending};
use crate::session::{Change, Session};
use crate::sort;

/// Saves, after refusing invalid values and testing what has changed.
pub(super) fn save(model: &mut Model, after: After) -> Vec<Effect> {
    model.edits.pause();
    model.typing = false;
    if let Some(key) = model.to_mend().first().copied().cloned() {
        model.jump_to(&key);
        model.warn(say!(model.lang(), "Nada foi gravado: corrija este valor.", "Nothing was saved: fix this value."));
        return vec![];
    }
    if model.others.away == Some(Away::Gone) && model.denied.is_none() {
        gone::ask(model, None, after);
        return vec![];
    }
    if model.session.pending_changes().is_empty() {
        return nothing_to_save(model, after);
    }
    if let Some(denied) = model.denied.clone() {
        return leave_to_others(model, &denied, after, vec![]);
    }
    let untested = model.session.untested(&model.outcomes);
    if untested.is_empty() {
        return start_save(model, after, vec![]);
    }
    model.open(Busy::Checking(after));
    checks::start(model, untested, Some(after))
}

fn nothing_to_save(model: &mut Model, after: After) -> Vec<Effect> {
    if after == After::Close {
        return leave_saved(model);
    }
    model.tell(say!(model.lang(), "Nada a gravar: não há alterações.", "Nothing to save: there are no changes."));
    vec![]
}

/// The check before a save has ended: saves, or asks first if something failed.
pub(super) fn on_checked(model: &mut Model, requests: &[Request], after: After) -> Vec<Effect> {
    model.close(|busy: &Busy| matches!(busy, Busy::Checking(_)));
    let failed = checks::failed(model, requests);
    if failed.is_empty() {
        let Some(outcome) = checks::lacking_a_password(model, requests) else {
            return start_save(model, after, vec![]);
        };
        password::ask(model, &outcome, Retry::Save(after));
        return vec![];
    }
    save_anyway::ask(model, &failed, after);
    vec![]
}

/// Saves, with these sides holding where both had changed a value.
pub(super) fn start_save(model: &mut Model, after: After, choices: Vec<(Conflict, Side)>) -> Vec<Effect> {
    match model.denied.clone() {
        Some(denied) => leave_to_others(model, &denied, after, choices),
        None => start(model, Work::Save(choices, after)),
    }
}

/// Starts a work that saves.
pub(super) fn start(model: &mut Model, work: Work) -> Vec<Effect> {
    model.open(Busy::Saving);
    model.others.saving = true;
    model.work_alone(work)
}

fn close_saving(model: &mut Model) {
    model.others.saving = false;
    model.close(|busy: &Busy| matches!(busy, Busy::Saving | Busy::Late));
}

pub(super) fn on_saved(
    model: &mut Model,
    saved: &Saved,
    changes: Vec<Change>,
    session: Session,
    after: After,
) -> Vec<Effect> {
    close_saving(model);
    ending::add_saved(&mut model.saved, if saved.written { changes } else { vec![] });
    (model.wall.now, model.untraced) = (saved.wall.now, true);
    model.edits.follow(model.session.document(), session.document(), model.session.pending_changes());
    model.session = session;
    model.refresh();
    // Nothing is pending any more, so the draft can go; unless a power cut could still undo the save.
    model.handed = Some(model.session.pending_changes().clone());
    let mut effects = if saved.durable { vec![model.drop_drafts()] } else { vec![] };
    let (news, _) = (model.others.news.take(), model.others.fresh.take());
    model.others.away = None;
    for note in with_news(saved, news, &model.saved, model.session.document()).notes(model.lang()) {
        if !model.remarks.contains(&note) {
            model.remarks.push(note);
        }
    }
    // Saved, but perhaps not durably: shown even if the form was to close.
    if let Some(doubt) = saved.doubt(model.lang()) {
        tell_problem(model, &doubt);
    } else if after == After::Close {
        effects.extend(leave_saved(model));
    } else if !saved.merged.is_empty() {
        tell_merged(model, saved);
    } else {
        let (path, lang) = (model.session.document().path(), model.lang());
        let message = match saved.written {
            true => saved_in(path, lang),
            false => {
                say!(
                    lang,
                    "Nada a gravar: {} já tem esses valores.",
                    "Nothing to save: {} already has these values.",
                    Safe::path(path)
                )
            }
        };
        model.tell(message);
    }
    effects
}

/// A version has replaced the broken document, and the form is open on it.
pub(super) fn on_restored(model: &mut Model, number: u64, restored: &Restored) {
    let lang = model.lang();
    model.others.saving = false;
    let told = brought_back(number, &restored.kept, lang);
    // Where the broken file is has to be known after the form, too.
    model.remarks.extend([told.clone()].into_iter().chain(restored.saved.notes(lang)));
    match restored.saved.doubt(lang) {
        Some(doubt) => tell_problem(model, &doubt),
        None => model.tell(told),
    }
}

pub(super) fn on_not_restored(model: &mut Model, error: &SaveError) {
    close_saving(model);
    tell_problem(model, &error.problem(model.lang()));
}

/// The save takes too long: whoever waits for it may leave.
pub(super) fn on_late(model: &mut Model) {
    if let Some(busy) = model.dialog::<Busy>().filter(|busy| **busy == Busy::Saving) {
        *busy = Busy::Late;
    }
}

pub(super) fn on_not_saved(
    model: &mut Model,
    error: SaveError,
    taken_in: Option<Box<Session>>,
    decided: Vec<(Conflict, Side)>,
    after: After,
) {
    close_saving(model);
    if let Some(session) = taken_in {
        model.edits.follow(model.session.document(), session.document(), &Changes::new());
        model.session = *session;
        model.handed = None;
        model.refresh();
    }
    match error {
        SaveError { cause: Cause::Conflict { conflicts, meanwhile }, .. } => {
            model.edits.overtake(&conflicts);
            model.open(Conflicts::new(decided, conflicts, meanwhile.last().cloned(), Purpose::Save(after)));
        }
        SaveError { cause: Cause::Gone(version), .. } => {
            model.others.away = Some(Away::Gone);
            gone::ask(model, version, after);
        }
        error => {
            // Where the path leads now is what the form goes on from.
            model.others.again |= matches!(error.cause, Cause::Exchanged);
            tell_problem(model, &error.problem(model.lang()));
        }
    }
}

/// The outcome of a save together with what others had changed before and the form has followed already.
fn with_news(saved: &Saved, news: Option<News>, mine: &[Change], now: &Document) -> Saved {
    let mut saved = saved.clone();
    if let Some(mut news) = news {
        news.follow(now);
        news.changes.retain(|it| !mine.iter().any(|mine| Some(&mine.key) == it.key().as_ref()));
        saved.merged = news.changes;
        saved.meanwhile.splice(..0, news.authors.saved);
    }
    saved
}

/// Leaves the form with nothing left to save.
pub(super) fn leave_saved(model: &mut Model) -> Vec<Effect> {
    let path = model.session.document().path().to_owned();
    let saved = model.saved.clone();
    let is_gone = model.others.away == Some(Away::Gone);
    model.leave(if is_gone { Ending::Gone(path, saved) } else { Ending::Saved(path, saved) })
}

/// Sends what is pending to the autosave thread if it has changed.
pub(super) fn keep(model: &mut Model) -> Option<Effect> {
    let pending = model.session.pending_changes();
    if model.handed.as_ref() == Some(pending) {
        return None;
    }
    let pending = pending.clone();
    model.handed = Some(pending.clone());
    Some(Effect::Keep(if pending.is_empty() {
        Keeping::Nothing
    } else {
        Keeping::Edits(model.session.made_on().clone(), pending, model.edits.recovered())
    }))
}

/// This form may not save: a draft, or a command for who may. The command sets values and asks nobody, so that what others
/// have changed too is asked about first; what was chosen of it is in `choices`.
fn leave_to_others(model: &mut Model, denied: &SaveError, after: After, choices: Vec<(Conflict, Side)>) -> Vec<Effect> {
    let is_foreign = matches!(denied.cause, Cause::Foreign(_));
    let sets_values = is_foreign || matches!(denied.problem(model.lang()).account, Some(Account::Other { .. }));
    let theirs = choices.iter().filter(|(_, side)| *side == Side::Theirs);
    let given_up: Changes =
        sort::filled(theirs.map(|(conflict, _)| (conflict.key.clone(), model.session.document().value(&conflict.key))));
    if !given_up.is_empty() {
        model.set_all(given_up, None);
    }
    if model.session.pending_changes().is_empty() {
        return nothing_to_save(model, after);
    }
    let mut open = model.session.conflicts();
    open.retain(|conflict| !choices.iter().any(|(chosen, _)| chosen == conflict));
    if sets_values && !open.is_empty() {
        let meanwhile = model.others.news.as_ref().and_then(|news| news.authors.saved.last().cloned());
        model.open(Conflicts::new(choices, open, meanwhile, Purpose::Save(after)));
        return vec![];
    }
    if is_foreign { hand_over(model, denied, after) } else { keep_instead(model, after) }
}

/// This user cannot save the document: writes a draft for somebody who can.
fn keep_instead(model: &mut Model, after: After) -> Vec<Effect> {
    model.open(Busy::Saving);
    let kept = keep(model);
    kept.into_iter().chain(model.work_alone(Work::KeepNow(after))).collect()
}

pub(super) fn on_kept_instead(model: &mut Model, kept: Kept, after: After) -> Vec<Effect> {
    close_saving(model);
    let lang = model.lang();
    match kept {
        Kept::In(file) => {
            let problem =
                handover::draft(&model.session, model.setup.catalog.as_deref(), model.denied.as_deref(), &file, lang);
            if after == After::Close {
                return model.leave(Ending::Kept(problem));
            }
            tell_problem(model, &problem);
            vec![]
        }
        Kept::Nothing => vec![],
        Kept::Lost(reason) => {
            let problem = handover::draft_lost(reason, model.denied.as_deref(), lang);
            tell_problem(model, &problem);
            vec![]
        }
    }
}

/// Nothing may be written there, not even a draft: tells the command.
fn hand_over(model: &mut Model, denied: &SaveError, after: After) -> Vec<Effect> {
    let problem = handover::command(&model.session, model.setup.catalog.as_deref(), denied, model.lang());
    if after == After::Close {
        return model.leave(Ending::Kept(problem));
    }
    tell_problem(model, &problem);
    vec![]
}
