//! Drafts that were found: recovered, or thrown away.

use super::super::dialog::{Choosing, Dialog, Found, Offer, Purpose, Question};
use super::super::event::Effect;
use super::super::model::Model;
use super::values::show_brought;
use crate::document::Changes;
use crate::document::draft::Draft;
use crate::say;

/// Brings a draft's edits into the form; where the file has changed the same values since, asks first which hold.
pub(super) fn recover(model: &mut Model, offer: Offer) -> Vec<Effect> {
    let Found::Whole { draft, merge, meanwhile, .. } = offer.found else { return vec![] };
    if merge.conflicts.is_empty() {
        return bring(model, *draft, merge.mine);
    }
    let choosing = Choosing {
        decided: vec![],
        conflicts: merge.conflicts,
        chosen: vec![],
        meanwhile,
        purpose: Purpose::Recover(draft, merge.mine),
    };
    model.open(Dialog::Question(Question::Conflict(Box::new(choosing))));
    vec![]
}

/// Recovers, as one step that can be taken back. A draft that brings nothing new has nothing left to offer: it goes.
pub(super) fn bring(model: &mut Model, draft: Draft, mut changes: Changes) -> Vec<Effect> {
    changes.retain(|key, _| model.session.catalog().parameter(key).is_some());
    let changed = model.edits.change_all(&mut model.session, changes, Some(draft.clone()));
    // The draft that this form keeps names those that it has taken over.
    model.handed = None;
    show_brought(model, &changed);
    let lang = model.lang();
    let words = match changed.len() {
        0 => say!(
            lang,
            "O formulário já tem tudo o que havia no rascunho.",
            "The form has all that the draft had already."
        ),
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
    let spent = changed.is_empty() && model.session.pending_changes().is_empty() && !draft.open_elsewhere;
    if spent { vec![Effect::DiscardDraft(model.next_ticket(), Box::new(draft))] } else { vec![] }
}

pub(super) fn discard(model: &mut Model, offer: Offer) -> Vec<Effect> {
    let words = say!(model.lang(), "Rascunho descartado.", "Draft discarded.");
    model.tell(words);
    model.offer_draft();
    let ticket = model.next_ticket();
    vec![match offer.found {
        Found::Whole { draft, .. } => Effect::DiscardDraft(ticket, draft),
        Found::Broken(broken) => Effect::DiscardBroken(ticket, broken.path.clone()),
    }]
}
