//! The drafts that were left of the document, newest first: each is looked at, recovered or discarded; or all discarded.
//!
//! ```text
//! ▌ há 5 min  ana (de 10.0.0.7)  2 alterações
//!   há 3 h    ana                1 alteração   a tela ainda está aberta
//!   Descartar todos
//! ```

use std::path::{Path, PathBuf};

use super::super::event::Work;
use super::super::keymap::{self, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::rows::{Row, rows_of};
use super::conflict::{Conflicts, Purpose};
use super::page::{Page, back};
use super::servers::row;
use crate::document::draft::{Broken, Draft};
use crate::document::timestamp::Timestamp;
use crate::present;
use crate::present::problem::warning;
use crate::safe::Safe;
use crate::say;
use crate::session::opened::{FoundDraft, Left};
use crate::text::line::{Line, Tone};

pub struct Drafts {
    drafts: Vec<Result<Draft, Broken>>,
    /// What is told below them.
    remarks: Vec<Line>,
    /// When they were looked for.
    now: Timestamp,
}

/// Asks what is to be done with the drafts that were found, if there are any; one alone is shown at once.
pub fn offer(model: &mut Model, left: Left) {
    let lang = model.lang();
    let Left { drafts, only, remarks, now } = left;
    if let Some(only) = only {
        ask(model, only);
    }
    if !drafts.is_empty() {
        let remarks = remarks.iter().map(|it| warning(it.message(lang), lang)).collect();
        model.open(Drafts { drafts, remarks, now });
    } else if let Some(remark) = remarks.first() {
        let message = remark.message(lang);
        model.remarks.push(message.clone());
        // Why nothing can be saved is told first.
        if model.notice.is_none() {
            model.warn(message);
        }
    }
}

/// A draft's file is gone: the list, where there is one, has it no more.
fn forget(model: &mut Model, file: &Path) {
    if let Some(list) = model.dialog::<Drafts>() {
        list.drafts.retain(|one| file_of(one) != file);
    }
    model.close(|list: &Drafts| list.drafts.is_empty());
}

fn file_of(one: &Result<Draft, Broken>) -> &Path {
    match one {
        Ok(draft) => &draft.file,
        Err(broken) => &broken.path,
    }
}

impl Dialog for Drafts {
    fn context(&self) -> Context {
        keymap::DRAFTS
    }

    fn content(&self, model: &Model, room: u16, picked: usize) -> Content {
        let lang = model.lang();
        let title = say!(lang, "Há {} rascunhos", "There are {} drafts", self.drafts.len());
        let mut lines = present::draft::table(&self.drafts, self.now, lang);
        lines.push(say!(lang, "Descartar todos", "Discard all").into());
        let rows: Vec<Row> = lines.iter().enumerate().map(|(at, line)| row(model, line, at == picked, room)).collect();
        Content { title, rows, below: rows_of(&self.remarks, room, model.setup.theme).collect() }
    }

    fn count(&self) -> usize {
        self.drafts.len() + 1
    }

    /// Shows the draft whole, beside the file; below the last, asks whether all are to go.
    fn enter(&mut self, model: &mut Model, picked: usize) -> Reply {
        match self.drafts.get(picked) {
            Some(Ok(draft)) => return Reply::Stay(vec![model.work(Work::LookAtDraft(Box::new(draft.clone())))]),
            Some(Err(broken)) => ask_about_broken(model, broken.path.clone(), broken.message(model.lang())),
            None => self.ask_about_all(model),
        }
        Reply::Stay(vec![])
    }
}

impl Drafts {
    /// Whether all are to go. Those of open forms stay: these would write them again at the next key.
    fn ask_about_all(&self, model: &mut Model) {
        let lang = model.lang();
        let closed = |draft: &&Draft| !draft.open_elsewhere;
        let drafts: Vec<Draft> = self.drafts.iter().flatten().filter(closed).cloned().collect();
        let broken: Vec<_> = self.drafts.iter().filter_map(|one| Some(one.as_ref().err()?.path.clone())).collect();
        let (all, open) = (self.drafts.len(), self.drafts.len() - drafts.len() - broken.len());
        let what = say!(
            lang,
            "As alterações de {} rascunhos se perdem; nenhuma foi gravada.",
            "The changes of {} drafts are lost; none was saved.",
            all - open
        );
        let stay = present::draft::of_open_forms_stay(open, lang).map(|stay| Line::of(Tone::Doubtful, stay));
        let lines = [what.into()].into_iter().chain(stay).collect();
        let page = Page::of(say!(lang, "Descartar todos?", "Discard all?"), lines)
            .answer(lang.pick("Voltar", "Back"), back)
            .answer(lang.pick("Descartar todos", "Discard all"), move |model| {
                model.close(|_: &Drafts| true);
                model.tell(say!(model.lang(), "Rascunhos descartados.", "Drafts discarded."));
                Reply::Close(vec![model.work(Work::DiscardDrafts(drafts.clone(), broken.clone()))])
            });
        model.open(page);
    }
}

/// What is to be done with one draft.
pub fn ask(model: &mut Model, found: Result<FoundDraft, Broken>) {
    match found {
        Ok(found) => ask_about(model, found),
        Err(broken) => ask_about_broken(model, broken.path.clone(), broken.message(model.lang())),
    }
}

/// A draft, whole, beside what the file holds. One whose form is still open cannot be discarded: that form would write it again at the next key.
fn ask_about(model: &mut Model, found: FoundDraft) {
    let lang = model.lang();
    let draft = found.draft.clone();
    let page = Page::of(title(model), about(model, &found))
        .answer(lang.pick("Recuperar", "Recover"), move |model| bring(model, found.clone()))
        .answer(lang.pick("Agora não", "Not now"), back);
    let page = match draft.open_elsewhere {
        true => page,
        false => discard(model, page, draft.file.clone(), vec![draft], vec![]),
    };
    model.open(page);
}

/// A file that holds no usable draft.
fn ask_about_broken(model: &mut Model, file: PathBuf, why: Safe) {
    let page = Page::of(title(model), vec![Line::of(Tone::Bad, why)]);
    let page = page.answer(model.lang().pick("Agora não", "Not now"), back);
    let page = discard(model, page, file.clone(), vec![], vec![file]);
    model.open(page);
}

fn title(model: &Model) -> Safe {
    say!(model.lang(), "Há alterações não gravadas", "There are unsaved changes")
}

fn about(model: &Model, found: &FoundDraft) -> Vec<Line> {
    let lang = model.lang();
    let mut lines = present::draft::about(found, &model.wall, lang);
    lines.extend(present::draft::brings(found, &model.session, lang));
    if !model.session.would_change(&found.merge.mine).is_empty() || !found.merge.conflicts.is_empty() {
        let recovering = say!(
            lang,
            "“Recuperar” traz esses valores para a tela; só F12 grava.",
            "“Recover” brings these values into the form; only F12 saves."
        );
        lines.push(Line::of(Tone::Faint, recovering));
    }
    lines
}

fn discard(model: &Model, page: Page, file: PathBuf, drafts: Vec<Draft>, broken: Vec<PathBuf>) -> Page {
    page.answer(model.lang().pick("Descartar", "Discard"), move |model| {
        model.tell(say!(model.lang(), "Rascunho descartado.", "Draft discarded."));
        forget(model, &file);
        Reply::Close(vec![model.work(Work::DiscardDrafts(drafts.clone(), broken.clone()))])
    })
}

/// Applies the draft, after asking about conflicts with what was saved since. The others wait for the next form.
fn bring(model: &mut Model, FoundDraft { draft, merge, mut meanwhile, .. }: FoundDraft) -> Reply {
    model.close(|_: &Drafts| true);
    Conflicts::new(vec![], merge.conflicts, meanwhile.pop(), Purpose::Recover(Box::new(draft), merge.mine)).go_on(model)
}
