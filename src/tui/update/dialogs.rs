//! Keys in what lies over the form.

use super::super::dialog::{Answer, Busy, Choosing, Dialog, Listing, Page, Purpose, Question};
use super::super::event::{Effect, Ending};
use super::super::keymap::Action;
use super::super::layout;
use super::super::model::{Frame, Model};
use super::{actions, drafts, saving, versions};
use crate::check::Outcome;
use crate::document::merge::Side;
use crate::say;

pub(super) fn open_help(model: &mut Model) {
    let page = model.focused().map_or(Page::Keys, |parameter| Page::Field(parameter.key.clone()));
    open_page(model, page);
}

pub(super) fn open_page(model: &mut Model, page: Page) {
    model.typing = false;
    model.open(Dialog::Page(page));
}

pub(super) fn press(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Close {
        return close(model);
    }
    let page = layout::page(model);
    let Some(Frame { dialog, scroll, picked }) = model.dialogs.last_mut() else { return vec![] };
    match dialog {
        Dialog::Question(question) => {
            let count = question.answers().len();
            match action {
                Action::Right | Action::NextStop => *picked = (*picked + 1) % count,
                Action::Left | Action::PreviousStop => *picked = (*picked + count - 1) % count,
                Action::Enter => {
                    let answer = question.answers()[*picked % count];
                    return decide(model, answer);
                }
                _ => {}
            }
        }
        Dialog::List(list) => {
            let last = list.count().saturating_sub(1);
            *picked = match action {
                Action::Up => picked.saturating_sub(1),
                Action::Down => *picked + 1,
                Action::PageUp => picked.saturating_sub(page),
                Action::PageDown => *picked + page,
                Action::Home => 0,
                Action::End => last,
                Action::Enter => return pick(model),
                _ => *picked,
            }
            .min(last);
            return vec![];
        }
        Dialog::TypeName(_, line) => match action {
            Action::Insert(letter) => line.insert(letter.encode_utf8(&mut [0; 4])),
            Action::Backspace => line.backspace(),
            Action::Delete => line.delete(),
            Action::DeleteWord => line.delete_word(),
            Action::ClearLine => line.clear(),
            Action::Left => line.left(),
            Action::Right => line.right(),
            Action::Home => line.home(),
            Action::End => line.end(),
            Action::Enter => return actions::set_aside(model),
            _ => {}
        },
        Dialog::Page(page @ Page::Field(_)) if action == Action::Help => {
            (*page, *scroll) = (Page::Keys, Default::default());
        }
        Dialog::Page(_) if action == Action::Help => return close(model),
        Dialog::Page(_) | Dialog::Live(_) | Dialog::Busy(_) => {}
    }
    let Some(Frame { dialog, scroll, .. }) = model.dialogs.last_mut() else { return vec![] };
    match action {
        Action::Up => scroll.up(1),
        Action::Down => scroll.down(1),
        Action::PageUp => scroll.up(page),
        Action::PageDown => scroll.down(page),
        Action::Home if !matches!(dialog, Dialog::TypeName(..)) => scroll.up(usize::MAX),
        Action::End if !matches!(dialog, Dialog::TypeName(..)) => scroll.down(usize::MAX),
        _ => {}
    }
    vec![]
}

/// Esc: closes what is on top, where it can be closed.
fn close(model: &mut Model) -> Vec<Effect> {
    let lang = model.lang();
    match model.dialogs.last().map(|frame| &frame.dialog) {
        Some(Dialog::Question(Question::Unreadable(_))) => return decide(model, Answer::Leave),
        Some(Dialog::Question(_)) => return decide(model, Answer::Stay),
        // A save cannot be stopped half-way: it is over in a moment, one way or the other.
        Some(Dialog::Busy(Busy::Saving | Busy::Moving)) => return vec![],
        _ => {}
    }
    match model.dialogs.pop().map(|frame| frame.dialog) {
        Some(Dialog::Live(_)) => return model.stop_check().into_iter().collect(),
        Some(Dialog::TypeName(..)) => {
            model.tell(say!(lang, "Nada foi alterado no servidor.", "Nothing was changed on the server."));
        }
        Some(Dialog::Busy(Busy::Checking(_))) => {
            model.warn(say!(lang, "Teste interrompido; nada foi gravado.", "Test stopped; nothing was saved."));
            return model.stop_check().into_iter().collect();
        }
        // What it finds comes too late; looking changes nothing.
        Some(Dialog::Busy(Busy::Looking)) => drop(model.next_ticket()),
        _ => {}
    }
    vec![]
}

fn pick(model: &mut Model) -> Vec<Effect> {
    let Some(Frame { dialog: Dialog::List(list), picked, .. }) = model.dialogs.last() else { return vec![] };
    match list {
        Listing::Versions(listed) => {
            let Some(number) = listed.get(*picked).map(|listed| listed.number) else { return vec![] };
            vec![Effect::ReadVersion(model.next_ticket(), number)]
        }
        Listing::Reports(reports) => {
            let picked = reports.names.get(*picked).map(|name| reports.folder.join(name));
            picked.map(Effect::Edit).into_iter().collect()
        }
    }
}

fn decide(model: &mut Model, answer: Answer) -> Vec<Effect> {
    let question = match answer {
        // The document is still unreadable until it has been read again: the question stays.
        Answer::Reopen | Answer::Leave => model.dialogs.last().map(|frame| frame.dialog.clone()),
        _ => model.dialogs.pop().map(|frame| frame.dialog),
    };
    let Some(Dialog::Question(question)) = question else { return vec![] };
    match (answer, question) {
        (Answer::Stay, Question::SaveAnyway(failed, _)) => go_to_failed(model, &failed),
        (Answer::Stay, Question::Draft(_)) => model.offer_draft(),
        (Answer::Stay, Question::Conflict(choosing)) if matches!(choosing.purpose, Purpose::Recover(..)) => {
            model.offer_draft()
        }
        (Answer::Recover, Question::Draft(offer)) => return drafts::recover(model, *offer),
        (Answer::DiscardDraft, Question::Draft(offer)) => return drafts::discard(model, *offer),
        (Answer::Choose(side), Question::Conflict(choosing)) => return choose(model, *choosing, side),
        (Answer::Restore, Question::Version(entry, _)) => versions::restore(model, &entry),
        (Answer::Save(after), _) => return saving::save(model, after),
        (Answer::SaveUntested(after), _) => return saving::start_save(model, after, vec![]),
        (Answer::Discard, _) => return saving::discard(model),
        (Answer::Reopen, _) => return vec![Effect::Open(model.next_ticket(), model.setup.path.clone())],
        (Answer::Leave, Question::Unreadable(problem)) => return model.leave(Ending::Unreadable(*problem)),
        _ => {}
    }
    vec![]
}

/// Goes on to the next conflict, or, after the last, to what they stood in the way of.
fn choose(model: &mut Model, mut choosing: Choosing, side: Side) -> Vec<Effect> {
    choosing.chosen.push(side);
    if choosing.current().is_some() {
        model.open(Dialog::Question(Question::Conflict(Box::new(choosing))));
        return vec![];
    }
    let choices = choosing.choices();
    match choosing.purpose {
        Purpose::Save(after) => saving::start_save(model, after, choices),
        Purpose::Recover(draft, mut changes) => {
            let mine = choices.into_iter().filter(|(_, side)| *side == Side::Mine);
            changes.extend(mine.map(|(conflict, _)| (conflict.key, conflict.mine)));
            drafts::bring(model, *draft, changes)
        }
    }
}

fn go_to_failed(model: &mut Model, failed: &[Outcome]) {
    let Some(key) = failed.first().map(|outcome| outcome.look_at().clone()) else { return };
    model.go_to(&key);
    let title = model.catalog().parameter(&key).map(|parameter| parameter.title.of(model.lang()).clone());
    let words = say!(model.lang(), "Confira “{}”.", "Check “{}”.", title.unwrap_or_default());
    model.tell(words);
}
