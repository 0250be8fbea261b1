//! What is told and asked before the first parameter: a document that cannot be read, or not saved; what is wrong with it;
//! drafts that were left.

use std::path::PathBuf;
use std::sync::Arc;

use super::command::folded;
use super::console::{Console, Heard};
use super::form::Form;
use super::others;
use super::saving;
use super::setup::Setup;
use super::step::{Step, Stop};
use crate::catalog::Catalog;
use crate::document::ReadError;
use crate::document::draft::{self, Broken, Draft};
use crate::document::merge::Side;
use crate::present;
use crate::present::problem::warning;
use crate::present::strays::Strays;
use crate::safe::Safe;
use crate::say;
use crate::session::ending::Ending;
use crate::session::opened::{FoundDraft, Left, Opened};
use crate::text::line::{Line, Tone};

/// Reads the document.
pub fn read(setup: &Setup, catalog: &Arc<Catalog>) -> Result<Opened, ReadError> {
    Opened::read(&setup.location.again(), Arc::clone(catalog), Arc::clone(&setup.saver), &setup.locations)
}

/// Asks whether to read it again until it could be read. Error: how the form is left else.
pub fn until_readable(
    mut found: Result<Opened, ReadError>,
    console: &mut Console,
    setup: &Setup,
    catalog: &Arc<Catalog>,
) -> Result<Opened, Ending> {
    loop {
        let problem = match found {
            Ok(opened) => return Ok(opened),
            Err(error) => error.problem(setup.lang),
        };
        let asked = wants_again(console, &present::problem::lines(&problem, setup.lang), setup);
        let again = asked.and_then(|wanted| wanted.then(|| on_worker(console, setup, catalog)).transpose());
        found = match again {
            Ok(Some(found)) => found,
            Err(Stop::Signal(signal)) => return Err(Ending::Signal(signal, 0)),
            Ok(None) | Err(_) => return Err(Ending::Unreadable(problem)),
        };
    }
}

fn wants_again(console: &mut Console, lines: &[Line], setup: &Setup) -> Step<bool> {
    console.say(lines, setup.lang)?;
    console.forget_typed();
    let question = say!(setup.lang, "Ler de novo? sim, não:", "Read again? yes, no:");
    Ok(matches!(folded(&console.ask(&question)?).as_str(), "s" | "sim" | "y" | "yes"))
}

/// A disk that does not answer can be left.
fn on_worker(console: &mut Console, setup: &Setup, catalog: &Arc<Catalog>) -> Step<Result<Opened, ReadError>> {
    let (of_worker, catalog) = (setup.clone(), Arc::clone(catalog));
    let started = console.start(move |tell| tell(read(&of_worker, &catalog)));
    let messages = started.map_err(|_| Stop::Interrupted)?;
    match console.hear(&messages, None)? {
        Heard::Message(found) => Ok(found),
        Heard::Nothing | Heard::Late => Err(Stop::Interrupted),
    }
}

/// What is to be known of the document, and what becomes of the drafts that were left.
pub fn tell(form: &mut Form) -> Step<()> {
    let (lang, catalog) = (form.lang(), form.catalog());
    let path = Safe::path(form.session.document().path());
    let mut lines = vec![
        Line::of(
            Tone::Strong,
            say!(lang, "Gestor Balcão, configuração linha a linha.", "Gestor Balcão, configuration line by line."),
        ),
        say!(lang, "Arquivo: {}", "File: {}", path).into(),
    ];
    lines.extend(others::read_only(form));
    lines.extend((!form.is_watched).then(|| others::unwatched(lang)));
    let strays = Strays::of(form.session.document(), &catalog, lang);
    lines.extend(strays.brief(lang).map(|told| warning(told, lang)));
    form.say(&lines)?;
    form.say_findings(&form.errors())?;
    let left = std::mem::take(&mut form.left);
    match drafts(form, left) {
        // They wait for the next form.
        Err(Stop::Interrupted) => Ok(()),
        other => other,
    }
}

fn drafts(form: &mut Form, left: Left) -> Step<()> {
    let lang = form.lang();
    let Left { drafts, only, remarks, now } = left;
    form.say(&remarks.iter().map(|it| warning(it.message(lang), lang)).collect::<Vec<_>>())?;
    if let Some(only) = only {
        return one(form, only).map(|_| ());
    }
    let mut drafts = drafts;
    while !drafts.is_empty() {
        form.tell(say!(lang, "Há {} rascunhos:", "There are {} drafts:", drafts.len()))?;
        let rows = present::draft::table(&drafts, now, lang);
        let numbered = (1usize..).zip(rows);
        let numbered = numbered.map(|(number, row)| Line::from(crate::safe!("{}. {}", number, row.text())));
        form.say(&numbered.collect::<Vec<_>>())?;
        form.console.forget_typed();
        let question =
            say!(lang, "Número do rascunho; Enter segue sem eles:", "Number of the draft; Enter goes on without them:");
        let answer = form.ask(&question)?;
        if answer.is_empty() {
            break;
        }
        let Some(number) =
            answer.parse::<usize>().ok().and_then(|it| it.checked_sub(1)).filter(|it| *it < drafts.len())
        else {
            continue;
        };
        let found = drafts.remove(number).and_then(|draft| form.session.found(draft));
        if one(form, found)? {
            break;
        }
    }
    Ok(())
}

/// What is to be done with one draft; true where it was recovered: the others wait for the next form.
fn one(form: &mut Form, found: Result<FoundDraft, Broken>) -> Step<bool> {
    let lang = form.lang();
    let (recover, later, discard) =
        (lang.pick("recuperar", "recover"), lang.pick("depois", "later"), lang.pick("descartar", "discard"));
    match found {
        Ok(found) => {
            let mut lines =
                vec![Line::of(Tone::Strong, say!(lang, "Há um rascunho seu:", "There is a draft of yours:"))];
            lines.extend(present::draft::about(&found, &form.wall(), lang));
            lines.extend(present::draft::brings(&found, &form.session, lang));
            form.say(&lines)?;
            // One whose form is still open would be written again at its next edit.
            let all = [recover, later, discard];
            let words = if found.draft.open_elsewhere { &all[..2] } else { &all[..] };
            match form.choose(&say!(lang, "O que fazer?", "What now?"), words)? {
                0 => bring(form, found).map(|()| true),
                1 => Ok(false),
                _ => remove(form, &[found.draft], None).map(|()| false),
            }
        }
        Err(broken) => {
            form.say(&[Line::of(Tone::Bad, broken.message(lang))])?;
            match form.choose(&say!(lang, "O que fazer?", "What now?"), &[later, discard])? {
                0 => Ok(false),
                _ => remove(form, &[], Some(broken.path)).map(|()| false),
            }
        }
    }
}

fn remove(form: &mut Form, drafts: &[Draft], broken: Option<PathBuf>) -> Step<()> {
    let lang = form.lang();
    let left = drafts.iter().flat_map(Draft::discard_with_absorbed);
    let broken = broken.into_iter().filter_map(|file| Some((file.clone(), draft::remove_broken(&file).err()?)));
    let left: Vec<_> = left.chain(broken).collect();
    for (file, error) in &left {
        form.say(&[warning(draft::not_removed(file, error, lang), lang)])?;
    }
    if left.is_empty() { form.tell(say!(lang, "Rascunho descartado.", "Draft discarded.")) } else { Ok(()) }
}

/// Brings the draft's edits into the form, after asking about those that conflict with what was saved since.
fn bring(form: &mut Form, found: FoundDraft) -> Step<()> {
    let lang = form.lang();
    let FoundDraft { draft, merge, meanwhile, .. } = found;
    let mut changes = merge.mine;
    let mine = say!(lang, "no rascunho", "in the draft");
    let decided = saving::decide(form, merge.conflicts, meanwhile.last(), mine, lang.pick("rascunho", "draft"))?;
    let kept = decided.into_iter().filter(|(_, side)| *side == Side::Mine);
    changes.extend(kept.map(|(conflict, _)| (conflict.key, conflict.mine)));
    let catalog = form.catalog();
    changes.retain(|key, _| catalog.parameter(key).is_some());
    let is_open = draft.open_elsewhere;
    match form.change_all(changes, Some(draft.clone())) {
        0 if form.session.pending_changes().is_empty() && !is_open => remove(form, &[draft], None),
        0 => form.tell(say!(lang, "O rascunho não tem alterações.", "The draft has no changes.")),
        1 => form.tell(say!(lang, "1 alteração recuperada, ainda não gravada.", "1 change recovered, not saved yet.")),
        count => form.tell(say!(
            lang,
            "{} alterações recuperadas, ainda não gravadas.",
            "{} changes recovered, not saved yet.",
            count
        )),
    }
}
