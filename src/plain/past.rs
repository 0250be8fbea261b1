//! The versions that were saved: listed, shown, restored.

use super::command::folded;
use super::form::Form;
use super::step::Step;
use crate::catalog::Catalog;
use crate::document::history::{Damaged, Entry, History, Kind};
use crate::document::zone::Wall;
use crate::key::Key;
use crate::lang::Lang;
use crate::present::{change, version};
use crate::safe::Safe;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

/// Lists the versions, newest first, and asks for one.
pub fn ask(form: &mut Form) -> Step<()> {
    let (lang, catalog) = (form.lang(), form.catalog());
    let history = History::of(form.session.document().location());
    let wall = form.wall();
    let heading = safe!("{}:", version::history(&wall, lang));
    let listing = form.work(move || {
        history.each(|version| row(version, &catalog, &wall, lang)).map_err(|error| history.problem(&error, lang))
    })?;
    let mut listing = match listing {
        Ok(listing) => listing,
        Err(problem) => return form.tell_problem(&problem),
    };
    if listing.versions.is_empty() && listing.unread == 0 {
        return form.tell(version::none(lang));
    }
    listing.versions.reverse();
    form.say(&[Line::of(Tone::Strong, heading)])?;
    form.say(&listing.versions)?;
    form.say(version::unread(listing.unread, lang).map(Line::from).as_slice())?;
    loop {
        let question = say!(lang, "Número da versão; Enter volta:", "Number of the version; Enter goes back:");
        let answer = form.ask(&question)?;
        if answer.is_empty() || answer == "<" {
            return Ok(());
        }
        let Ok(number) = answer.parse::<u64>() else { continue };
        let history = History::of(form.session.document().location());
        let found = form.work(move || history.entry(number).map_err(|error| history.problem(&error, lang)))?;
        match found {
            Ok(Some(Ok(entry))) => show(form, &entry)?,
            Ok(Some(Err(damaged))) => form.tell_problem(&damaged.problem(lang))?,
            Ok(None) => form.tell(say!(lang, "Não há a versão {}.", "There is no version {}.", number))?,
            Err(problem) => form.tell_problem(&problem)?,
        }
    }
}

/// `7. hoje 12:34, ana, Porta Banco de Dados Gestores: 5432 → 5433`
fn row(version: Result<Entry, Damaged>, catalog: &Catalog, wall: &Wall, lang: Lang) -> Line {
    let entry = match version {
        Ok(entry) => entry,
        Err(damaged) => return say!(lang, "{}. danificada", "{}. damaged", damaged.number).into(),
    };
    let stamp = entry.stamp();
    let who = match entry.kind {
        Kind::EditedOutside => version::kind(entry.kind, lang),
        _ => stamp.who.label(lang),
    };
    let told = entry.changes().iter().take(version::MOST_LISTED);
    let left = entry.changes().len().saturating_sub(version::MOST_LISTED);
    let told = told.map(|it| safe!("{}: {}", change::name(catalog, it, lang), change::values_of(catalog, it, lang)));
    let mut parts = vec![wall.recent(stamp.time, lang), who];
    parts.extend(matches!(entry.kind, Kind::Restored(_)).then(|| version::kind(entry.kind, lang)));
    parts.extend(version::note(entry.note.as_deref(), lang));
    parts.extend(told);
    parts.extend((left > 0).then(|| version::and_more(left, lang)));
    safe!("{}. {}", entry.number, Safe::join(&parts, ", ")).into()
}

fn show(form: &mut Form, entry: &Entry) -> Step<()> {
    let (lang, catalog) = (form.lang(), form.catalog());
    let (mut values, staying) = match (form.session.values_of(entry), form.session.unknown_of(entry)) {
        (Ok(values), Ok(staying)) => (values, staying),
        (Err(error), _) | (_, Err(error)) => return form.tell_problem(&error.problem(lang)),
    };
    let changes = form.session.would_change(&values);
    form.say(&version::about(entry, &form.wall(), lang))?;
    form.say(&entry.changes().iter().map(|it| change::difference(&catalog, it, lang)).collect::<Vec<_>>())?;
    let mut lines = version::restoring(&changes, &staying, &catalog, lang);
    // Below their heading, so that each can be asked for.
    for (number, (line, change)) in (1usize..).zip(lines.iter_mut().skip(1).zip(&changes)) {
        *line = safe!("{}. {}", number, change::titled(&catalog, change, lang).text()).into();
    }
    form.say(&lines)?;
    if changes.is_empty() {
        return Ok(());
    }
    form.console.forget_typed();
    let question = say!(
        lang,
        "Restaurar quais? Números, ou todos; Enter nenhum:",
        "Restore which? Numbers, or all; Enter for none:"
    );
    let answer = folded(&form.ask(&question)?);
    let wanted: Vec<&Key> = match ["todos", "t", "all", "a"].contains(&answer.as_str()) {
        true => changes.iter().map(|change| &change.key).collect(),
        false => {
            let numbers = answer.split([' ', ',']).filter_map(|number| number.parse::<usize>().ok()?.checked_sub(1));
            numbers.filter_map(|number| Some(&changes.get(number)?.key)).collect()
        }
    };
    if wanted.is_empty() {
        return form.tell(say!(lang, "Nada restaurado.", "Nothing restored."));
    }
    let before = form.errors();
    values.retain(|key, _| wanted.contains(&key));
    let count = form.change_all(values, None);
    form.tell(match count {
        1 => say!(lang, "Restaurado 1 valor, ainda não gravado.", "1 value restored, not saved yet."),
        count => {
            say!(lang, "Restaurados {} valores, ainda não gravados.", "{} values restored, not saved yet.", count)
        }
    })?;
    form.say_new_errors(&before)
}
