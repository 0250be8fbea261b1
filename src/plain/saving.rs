//! Saving: asked about, tested, with every conflict decided; and what is done before it: comparing, taking back, leaving.

use super::command::Command;
use super::console::Heard;
use super::form::Form;
use super::step::{Step, Stop};
use super::testing::{self, LATE};
use crate::document::history::Stamp;
use crate::document::merge::{Conflict, Side};
use crate::document::save::Cause;
use crate::document::{Changes, SaveError, Saved};
use crate::present::{change, gone, handover, outcome, summary, version};
use crate::problem::Account;
use crate::safe::Safe;
use crate::say;
use crate::session::attempt::Attempt;
use crate::session::autosave::{self, Kept};
use crate::session::ending::{self, Ending};
use crate::session::{Change, Session};
use crate::sort;
use crate::text::line::{Line, Tone};

/// Takes the last change back, or does it again, and goes there.
pub fn take_back(form: &mut Form, command: Command) -> Step<()> {
    let (lang, catalog) = (form.lang(), form.catalog());
    let key = match command {
        Command::Undo => form.edits.undo(&mut form.session),
        _ => form.edits.redo(&mut form.session),
    };
    form.keep();
    let Some((key, _)) = key else {
        return form.tell(match command {
            Command::Undo => say!(lang, "Nada a desfazer.", "Nothing to undo."),
            _ => say!(lang, "Nada a refazer.", "Nothing to redo."),
        });
    };
    let title = change::title(&catalog, &key, lang);
    form.tell(match command {
        Command::Undo => say!(lang, "Desfeito: {}.", "Undone: {}.", title),
        _ => say!(lang, "Refeito: {}.", "Redone: {}.", title),
    })?;
    form.go_to(&key);
    Ok(())
}

/// What would be saved, and what is in the way.
pub fn compare(form: &mut Form) -> Step<()> {
    let (lang, catalog) = (form.lang(), form.catalog());
    let path = Safe::path(form.session.document().path());
    if form.session.pending_changes().is_empty() {
        form.tell(say!(lang, "Não há alterações.", "There are no changes."))?;
    } else {
        form.tell(say!(lang, "Alterado e não gravado em {}:", "Changed and not saved in {}:", path))?;
        form.say(&pending(form))?;
    }
    let conflicts = form.session.conflicts();
    form.say(&conflicts.iter().map(|it| change::overtaken(&catalog, it, true, lang)).collect::<Vec<_>>())?;
    form.say_findings(&form.errors())
}

/// What is pending, a line each.
fn pending(form: &Form) -> Vec<Line> {
    form.session.changes().iter().map(|it| change::marked(form.session.catalog(), it, form.lang())).collect()
}

/// Asks whether to save, and stays.
pub fn ask(form: &mut Form) -> Step<()> {
    let lang = form.lang();
    let is_gone = form.is_gone && form.denied.is_none();
    if form.session.pending_changes().is_empty() && !is_gone {
        return form.tell(say!(lang, "Não há alterações a gravar.", "There are no changes to save."));
    }
    if !is_valid(form)? {
        return Ok(());
    }
    if is_gone {
        return save(form, false);
    }
    compare(form)?;
    let question = match form.denied {
        Some(_) => say!(lang, "Guardar num rascunho?", "Keep in a draft?"),
        None => say!(lang, "Gravar?", "Save?"),
    };
    if form.confirm(&question)? { save(form, false) } else { not_saved(form) }
}

fn not_saved(form: &mut Form) -> Step<()> {
    form.tell(say!(form.lang(), "Nada foi gravado.", "Nothing was saved."))
}

/// Leaves the form; asks first where something is not saved.
pub fn leave(form: &mut Form) -> Step<()> {
    let (lang, path) = (form.lang(), form.session.document().path().to_owned());
    let changes = form.session.changes();
    if form.session.pending_changes().is_empty() {
        let saved = form.saved.clone();
        return Err(Stop::left(if form.is_gone { Ending::Gone(path, saved) } else { Ending::Saved(path, saved) }));
    }
    form.tell(crate::safe!("{}:", summary::unsaved(changes.len(), lang)))?;
    form.say(&pending(form))?;
    let question = match form.denied {
        Some(_) => say!(lang, "Guardar num rascunho antes de sair?", "Keep in a draft before leaving?"),
        None => say!(lang, "Gravar antes de sair?", "Save before leaving?"),
    };
    let words = [lang.pick("sim", "yes"), lang.pick("não", "no"), lang.pick("voltar", "back")];
    match form.choose(&question, &words)? {
        0 if is_valid(form)? => save(form, true),
        1 => {
            let thrown = form.session.changes().len();
            form.drop_drafts();
            Err(Stop::left(Ending::Discarded(thrown, path, form.saved.clone())))
        }
        _ => Ok(()),
    }
}

/// False where a value is not valid: that is told, and the form goes there.
fn is_valid(form: &mut Form) -> Step<bool> {
    let Some(first) = form.errors().first().map(|finding| finding.key.clone()) else { return Ok(true) };
    form.tell(say!(form.lang(), "Nada foi gravado; corrija antes:", "Nothing was saved; fix this first:"))?;
    form.say_findings(&form.errors())?;
    form.go_to(&first);
    Ok(false)
}

/// Saves, after testing what has changed.
fn save(form: &mut Form, closes: bool) -> Step<()> {
    if let Some(denied) = form.denied.clone() {
        return leave_to_others(form, &denied, closes);
    }
    if form.is_gone && !writes_anew(form, None)? {
        return not_saved(form);
    }
    match is_tested(form) {
        Ok(true) => attempt(form, closes),
        Ok(false) => not_saved(form),
        Err(Stop::Interrupted) => {
            form.tell(say!(form.lang(), "Cancelado; nada foi gravado.", "Canceled; nothing was saved."))
        }
        Err(stop) => Err(stop),
    }
}

/// Tests what is not in the saved document and has not passed; false where somebody would rather not save.
fn is_tested(form: &mut Form) -> Step<bool> {
    let (lang, catalog) = (form.lang(), form.catalog());
    loop {
        let untested = form.session.untested(&form.outcomes);
        if untested.is_empty() {
            return Ok(true);
        }
        form.tell(say!(
            lang,
            "Endereço ou porta alterados: teste antes de gravar.",
            "Address or port changed: test before saving."
        ))?;
        testing::run(form, &untested)?;
        let failed = testing::failed(form, &untested);
        if let Some(first) = failed.first() {
            form.say(&outcome::failed(&failed, &catalog, lang))?;
            if form.confirm(&say!(lang, "Gravar mesmo assim?", "Save anyway?"))? {
                return Ok(true);
            }
            form.go_to(first.look_at());
            return Ok(false);
        }
        if !testing::lacks_a_password(form, &untested) || !testing::ask_password(form)? {
            return Ok(true);
        }
        // With the password, the login is tested anew.
        untested.iter().for_each(|request| _ = form.outcomes.remove(&request.key));
    }
}

/// Saves; asks about each conflict, and whether a file that is gone is written anew.
fn attempt(form: &mut Form, closes: bool) -> Step<()> {
    let lang = form.lang();
    let mut choices = (!form.is_gone).then(Vec::new);
    loop {
        match one_attempt(form, choices.clone())? {
            Attempt::Saved(saved, changes, session) => return on_saved(form, &saved, changes, *session, closes),
            Attempt::NotSaved(SaveError { cause: Cause::Conflict { conflicts, meanwhile }, .. }, _) => {
                form.edits.overtake(&conflicts);
                let mine = say!(lang, "aqui", "here");
                let decided = decide(form, conflicts, meanwhile.last(), mine, lang.pick("meu", "mine"))?;
                choices.get_or_insert_default().extend(decided);
            }
            Attempt::NotSaved(SaveError { cause: Cause::Gone(number), .. }, _) => {
                form.is_gone = true;
                if !writes_anew(form, number)? {
                    return not_saved(form);
                }
                choices = None;
            }
            Attempt::NotSaved(error, taken_in) => {
                if let Some(session) = taken_in {
                    form.edits.follow(form.session.document(), session.document(), &Changes::new());
                    form.session = *session;
                    form.handed = None;
                    form.keep();
                }
                form.tell_problem(&error.problem(lang))?;
                return form.say_findings(&form.errors());
            }
        }
    }
}

/// Asks whether a file that is gone is written anew. `version`: the one of the history that holds what was read.
fn writes_anew(form: &mut Form, version: Option<u64>) -> Step<bool> {
    let lang = form.lang();
    form.say(&[Line::of(Tone::Strong, gone::title(lang))])?;
    form.say(&gone::lines(&form.session, version, lang))?;
    form.confirm(&say!(lang, "Gravar de novo?", "Save anew?"))
}

fn one_attempt(form: &mut Form, choices: Option<Vec<(Conflict, Side)>>) -> Step<Attempt> {
    let lang = form.lang();
    let session = form.session.clone();
    let started = form.console.start(move |tell| tell(session.attempt(choices.as_deref())));
    let Ok(ended) = started else { return Err(form.broken()) };
    let mut patience = Some(LATE);
    loop {
        match form.console.hear(&ended, patience) {
            Ok(Heard::Message(attempt)) => return Ok(attempt),
            Ok(Heard::Nothing) => return Err(form.broken()),
            Ok(Heard::Late) => {
                patience = None;
                form.say(&[summary::late(lang)])?;
                form.tell(say!(lang, "Ctrl+C sai sem esperar.", "Ctrl+C leaves without waiting."))?;
            }
            // It cannot be stopped half-way, and is over in a moment.
            Err(Stop::Interrupted) if patience.is_some() => {}
            Err(Stop::Interrupted) => {
                let path = form.session.document().path().to_owned();
                return Err(Stop::left(Ending::Unanswered(path, form.session.changes().len())));
            }
            Err(stop) => return Err(stop),
        }
    }
}

/// Asks about one conflict after the other. `mine`: where one's own value is, and the word that takes it.
pub fn decide(
    form: &mut Form,
    conflicts: Vec<Conflict>,
    meanwhile: Option<&Stamp>,
    mine: Safe,
    word: &'static str,
) -> Step<Vec<(Conflict, Side)>> {
    let (lang, catalog, count) = (form.lang(), form.catalog(), conflicts.len());
    let wall = form.wall();
    let mut decided = vec![];
    for (number, conflict) in (1usize..).zip(conflicts) {
        let shown = |value| change::setting(&catalog, &conflict.key, value, lang);
        let theirs = say!(lang, "no arquivo agora", "in the file now");
        let mut lines = vec![Line::of(Tone::Strong, change::conflict_heading(number, count, lang))];
        lines.extend(meanwhile.map(|stamp| version::saved_by(stamp, &wall, lang)));
        lines.push(Line::of(Tone::Strong, change::title(&catalog, &conflict.key, lang)));
        lines.push(crate::safe!("{}: {}", mine, shown(&conflict.mine)).into());
        lines.push(crate::safe!("{}: {}", theirs, shown(&conflict.theirs)).into());
        lines.push(change::before(&catalog, &conflict, lang));
        form.say(&lines)?;
        let side = form.choose(&say!(lang, "Qual fica?", "Which one stays?"), &[word, lang.pick("arquivo", "file")])?;
        decided.push((conflict, if side == 0 { Side::Mine } else { Side::Theirs }));
    }
    Ok(decided)
}

fn on_saved(form: &mut Form, saved: &Saved, changes: Vec<Change>, session: Session, closes: bool) -> Step<()> {
    let (lang, catalog) = (form.lang(), form.catalog());
    ending::add_saved(&mut form.saved, if saved.written { changes } else { vec![] });
    form.edits.follow(form.session.document(), session.document(), form.session.pending_changes());
    form.session = session;
    form.is_gone = false;
    form.forget_trace();
    // Nothing is pending any more, so the draft can go; unless a power cut could still undo the save.
    form.handed = Some(form.session.pending_changes().clone());
    if saved.durable {
        form.drop_drafts();
    }
    for note in saved.notes(lang) {
        if !form.remarks.contains(&note) {
            form.remarks.push(note);
        }
    }
    if let Some(doubt) = saved.doubt(lang) {
        return form.tell_problem(&doubt);
    }
    if closes {
        let path = form.session.document().path().to_owned();
        return Err(Stop::left(Ending::Saved(path, form.saved.clone())));
    }
    if !saved.merged.is_empty() {
        return form.say(&version::merged(saved, &catalog, lang));
    }
    let path = form.session.document().path().to_owned();
    form.tell(match saved.written {
        true => version::saved_in(&path, lang),
        false => say!(lang, "{} já tem estes valores.", "{} already has these values.", Safe::path(&path)),
    })
}

/// This form may not save: a draft, or a command for who may. The command sets values and asks nobody, so that what others
/// have changed too is asked about first.
fn leave_to_others(form: &mut Form, denied: &SaveError, closes: bool) -> Step<()> {
    let lang = form.lang();
    let is_foreign = matches!(denied.cause, Cause::Foreign(_));
    let sets_values = is_foreign || matches!(denied.problem(lang).account, Some(Account::Other { .. }));
    if sets_values {
        let conflicts = form.session.conflicts();
        let mine = say!(lang, "aqui", "here");
        let decided = decide(form, conflicts, None, mine, lang.pick("meu", "mine"))?;
        let theirs = decided.into_iter().filter(|(_, side)| *side == Side::Theirs);
        let given_up: Changes = sort::filled(
            theirs.map(|(conflict, _)| (conflict.key.clone(), form.session.document().value(&conflict.key))),
        );
        form.change_all(given_up, None);
        if form.session.pending_changes().is_empty() {
            // All of it is theirs: nothing is left to hand over.
            return if closes { leave(form) } else { ask(form) };
        }
    }
    let catalog = form.setup.catalog.clone();
    let problem = if is_foreign {
        handover::command(&form.session, catalog.as_deref(), denied, lang)
    } else {
        form.keep();
        match form.autosave.finish(autosave::PATIENCE, || ()) {
            Kept::In(file) => handover::draft(&form.session, catalog.as_deref(), Some(denied), &file, lang),
            Kept::Nothing => return Ok(()),
            Kept::Lost(reason) => return form.tell_problem(&handover::draft_lost(reason, Some(denied), lang)),
        }
    };
    if closes { Err(Stop::left(Ending::Kept(problem))) } else { form.tell_problem(&problem) }
}
