//! The document cannot be read: read it again, or leave. The form is not shown below, since its
//! defaults would be taken for the document's values.

use super::super::event::Work;
use super::super::keymap;
use super::super::model::{Model, Reply};
use super::page::Page;
use crate::present;
use crate::problem::{Account, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::ending::Ending;

pub fn ask(model: &mut Model, problem: Problem) {
    let lang = model.lang();
    let title = say!(lang, "Não foi possível ler o arquivo", "Could not read the file");
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
    let page = Page::of(title, present::problem::page(&shown))
        .answer(lang.pick("Ler de novo", "Read again"), again)
        .answer(lang.pick("Fechar (Esc)", "Close (Esc)"), move |model| {
            Reply::Stay(model.leave(Ending::Unreadable(problem.clone())))
        })
        .escape(1, keymap::UNREADABLE);
    model.open(page);
}
