//! The document cannot be read: read it again, put a version of the history in its place, or leave. The form is not shown below, since its
//! defaults would be taken for the document's values.

use super::super::event::Work;
use super::super::keymap;
use super::super::model::{Model, Reply};
use super::busy::Busy;
use super::page::Page;
use crate::document::ReadError;
use crate::present;
use crate::present::version::to_bring_back;
use crate::problem::Account;
use crate::safe::Safe;
use crate::say;
use crate::session::ending::Ending;

pub fn ask(model: &mut Model, error: &ReadError) {
    let lang = model.lang();
    let title = say!(lang, "Não foi possível ler o arquivo", "Could not read the file");
    let problem = error.problem(lang);
    let mut shown = problem.clone();
    if shown.account == Some(Account::Root) {
        let path = Safe::for_shell(model.setup.location.named());
        let as_root = say!(
            lang,
            "Abra como root: sudo balcao-config --config {}",
            "Open it as root: sudo balcao-config --config {}",
            path
        );
        shown.hints.push(as_root);
    }
    // The question stays open until the document could be read.
    let again = |model: &mut Model| Reply::Stay(vec![model.work(Work::Open(model.setup.location.clone()))]);
    let leave = move |model: &mut Model| Reply::Stay(model.leave(Ending::Unreadable(problem.clone())));
    let (read, close) = (lang.pick("Ler de novo", "Read again"), lang.pick("Fechar (Esc)", "Close (Esc)"));
    // Where root may not save there is nothing to press.
    let Some(broken) = error.broken().filter(|broken| broken.location().foreign().is_none()) else {
        let page = Page::of(title, present::problem::page(&shown)).answer(read, again).answer(close, leave);
        model.open(page.escape(1, keymap::UNREADABLE));
        return;
    };
    // What the button does needs no command.
    shown.hints.truncate(1);
    let mut lines = present::problem::page(&shown);
    lines.push(to_bring_back(&broken.version, &model.wall, lang).into());
    let page = Page::of(title, lines).answer(read, again);
    let page = page.answer(lang.pick("Pôr de volta", "Put back"), move |model| {
        model.open(Busy::Saving);
        model.others.saving = true;
        Reply::Stay(model.work_alone(Work::Restore(broken.clone())))
    });
    model.open(page.answer(close, leave).escape(2, keymap::UNREADABLE));
}
