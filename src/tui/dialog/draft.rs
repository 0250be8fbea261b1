//! A draft was found: what to do with it.

use super::super::event::Work;
use super::super::model::{Model, Reply};
use super::conflict::{Conflicts, Purpose};
use super::page::{Page, back};
use crate::document::draft::Broken;
use crate::present;
use crate::say;
use crate::session::opened::FoundDraft;
use crate::text::line::{Line, Tone};

pub fn ask(model: &mut Model, draft: Result<FoundDraft, Broken>) {
    let lang = model.lang();
    let title = match model.offers_in_all {
        1 => say!(lang, "Há um rascunho não gravado", "There is an unsaved draft"),
        count => {
            let number = count - model.offers.len();
            say!(lang, "Rascunho não gravado {} de {}", "Unsaved draft {} of {}", number, count)
        }
    };
    let later = lang.pick("Agora não", "Not now");
    let page = match draft {
        Ok(found) => recoverable(model, Page::of(title, about(model, &found)), later, found),
        Err(broken) => {
            let lines = vec![Line::of(Tone::Bad, broken.message(lang))];
            let page = Page::of(title, lines).answer(later, back);
            if broken.is_file { discard(model, page, move || Work::DiscardBroken(broken.path.clone())) } else { page }
        }
    };
    model.open(page);
}

fn about(model: &Model, found: &FoundDraft) -> Vec<Line> {
    let lang = model.lang();
    let mut lines = present::draft::about(found, lang);
    lines.extend(present::draft::brings(found, &model.session, lang));
    if !model.session.would_change(&found.merge.mine).is_empty() || !found.merge.conflicts.is_empty() {
        let recovering = say!(
            lang,
            "“Recuperar” traz esses valores para a tela; só F12 grava.",
            "Recovering brings these values into the form; nothing is saved before F12."
        );
        lines.push(Line::of(Tone::Faint, recovering));
    }
    lines
}

/// Recovering is the first answer only for one's own drafts. A draft whose form is still open cannot be discarded: that
/// form would write it again at the next key.
fn recoverable(model: &Model, page: Page, later: &'static str, found: FoundDraft) -> Page {
    let recover = model.lang().pick("Recuperar", "Recover");
    let is_own = found.draft.who.is_same_person(&model.session.saver().who);
    let draft = found.draft.clone();
    let bring = move |model: &mut Model| bring(model, found.clone());
    let page = match is_own {
        true => page.answer(recover, bring).answer(later, back),
        false => page.answer(later, back).answer(recover, bring),
    };
    match draft.open_elsewhere {
        true => page,
        false => discard(model, page, move || Work::DiscardDraft(Box::new(draft.clone()))),
    }
}

fn discard(model: &Model, page: Page, work: impl Fn() -> Work + 'static) -> Page {
    page.answer(model.lang().pick("Descartar rascunho", "Discard draft"), move |model| {
        model.tell(say!(model.lang(), "Rascunho descartado.", "Draft discarded."));
        Reply::Close(vec![model.work(work())])
    })
}

/// Applies the draft, after asking about conflicts with what was saved since.
fn bring(model: &mut Model, FoundDraft { draft, merge, mut meanwhile, .. }: FoundDraft) -> Reply {
    Conflicts::new(vec![], merge.conflicts, meanwhile.pop(), Purpose::Recover(Box::new(draft), merge.mine)).go_on(model)
}
