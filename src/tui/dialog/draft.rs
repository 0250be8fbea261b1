//! A draft was found: what to do with it.

use super::super::event::Work;
use super::super::model::{Model, Reply};
use super::super::opened::{FoundDraft, Offer};
use super::conflict::{Conflicts, Purpose};
use super::page::{Page, back};
use crate::present;
use crate::say;
use crate::text::line::{Line, Tone};

/// Recovering is the first answer only for one's own drafts. A draft whose form is still open cannot be discarded: that
/// form would write it again at the next key.
pub fn ask(model: &mut Model, offer: Offer) {
    let lang = model.lang();
    let title = match offer.place {
        (_, 1) => say!(lang, "Há um rascunho não gravado", "There is an unsaved draft"),
        (number, count) => say!(lang, "Rascunho não gravado {} de {}", "Unsaved draft {} of {}", number, count),
    };
    let lines = match &offer.found {
        FoundDraft::Broken(broken) => vec![Line::of(Tone::Bad, broken.message(lang))],
        FoundDraft::Whole { draft, merge, made_on, is_old, meanwhile } => {
            let mut lines = present::draft::about(draft, *made_on, *is_old, meanwhile.as_ref(), offer.now, lang);
            lines.extend(present::draft::brings(draft, merge, &model.session, lang));
            if !model.session.would_change(&merge.mine).is_empty() || !merge.conflicts.is_empty() {
                let recovering = say!(
                    lang,
                    "Recuperar traz estes valores ao formulário; nada é gravado antes de F12.",
                    "Recovering brings these values into the form; nothing is saved before F12."
                );
                lines.push(Line::of(Tone::Faint, recovering));
            }
            lines
        }
    };
    let can_discard = match &offer.found {
        FoundDraft::Broken(broken) => broken.is_file,
        FoundDraft::Whole { draft, .. } => !draft.open_elsewhere,
    };
    let (recover, later) = (lang.pick("Recuperar", "Recover"), lang.pick("Agora não", "Not now"));
    let found = offer.found.clone();
    let page = Page::of(title, lines);
    let mut page = match (&offer.found, offer.is_own) {
        (FoundDraft::Broken(_), _) => page.answer(later, back),
        (_, true) => page.answer(recover, move |model| bring(model, found.clone())).answer(later, back),
        (_, false) => page.answer(later, back).answer(recover, move |model| bring(model, found.clone())),
    };
    if can_discard {
        page = page.answer(lang.pick("Descartar rascunho", "Discard draft"), move |model| {
            model.tell(say!(model.lang(), "Rascunho descartado.", "Draft discarded."));
            Reply::Close(vec![model.work(match offer.found.clone() {
                FoundDraft::Whole { draft, .. } => Work::DiscardDraft(draft),
                FoundDraft::Broken(broken) => Work::DiscardBroken(broken.path.clone()),
            })])
        });
    }
    model.open(page);
}

/// Applies the draft, after asking about conflicts with what was saved since.
fn bring(model: &mut Model, found: FoundDraft) -> Reply {
    let FoundDraft::Whole { draft, merge, meanwhile, .. } = found else { return Reply::Close(vec![]) };
    Conflicts::new(vec![], merge.conflicts, meanwhile, Purpose::Recover(draft, merge.mine)).go_on(model)
}
