//! Finding a parameter by words, and going there.

use super::actions;
use super::form::{Form, Place};
use super::step::Step;
use crate::catalog::Parameter;
use crate::check::Status;
use crate::safe::Safe;
use crate::say;
use crate::session::Source;
use crate::session::actions::Action;
use crate::session::search::{Filter, Finder, Query, Thing};

/// What was found: a place to go to, or something to do.
enum Found {
    At(Place),
    Act(Action),
}

/// More than anybody listens to.
const MOST: usize = 20;

pub fn ask(form: &mut Form) -> Step<()> {
    let (lang, catalog) = (form.lang(), form.catalog());
    let typed = form.ask(&say!(lang, "O que procurar; Enter volta:", "What to look for; Enter goes back:"))?;
    let mut finder = Finder::of(&catalog, &[], lang);
    finder.take_values(&catalog, |parameter| parameter.kind.shown(&form.session.value(parameter), lang));
    let errors = form.errors();
    let holds = |filter: Filter, parameter: &Parameter| match filter {
        Filter::Changed => form.session.pending_changes().contains_key(&parameter.key),
        Filter::Invalid => errors.iter().any(|finding| finding.concerns(&parameter.key)),
        Filter::Fails => form.outcome(&parameter.key).is_some_and(|outcome| outcome.status() == Status::Fail),
        Filter::IsDefault => form.session.source(&parameter.key) == Source::Default,
        Filter::IsOther => form.session.value(parameter) != parameter.default,
    };
    let query = Query::read(&typed);
    if query.is_empty() {
        return Ok(());
    }
    let hits = finder.find(&catalog, &query, holds);
    if let Some(unknown) = &query.unknown {
        let filters: Vec<Safe> = Filter::ALL.into_iter().map(|filter| filter.name(lang).into()).collect();
        let (unknown, filters) = (Safe::excerpt(unknown), Safe::join(&filters, ", "));
        return form.tell(say!(lang, "{} não é filtro; há {}.", "{} is no filter; there are {}.", unknown, filters));
    }
    let found = |hit: &usize| match finder.things().get(*hit)? {
        Thing::Group(group) if catalog.members(*group).is_empty() => None,
        Thing::Group(group) => {
            let title = catalog.groups().get(*group)?.title.of(lang);
            Some((title.clone(), Found::At(Place::Parameter(*group, 0))))
        }
        Thing::Parameter(number) => {
            let parameter = catalog.parameters().get(*number)?;
            let group = catalog.group_number(parameter.key.group())?;
            let members = catalog.members(group);
            let at = members.iter().position(|it| it.key == parameter.key)?;
            let (value, title) = (form.session.value(parameter), catalog.groups().get(group)?.title.of(lang));
            let shown = parameter.kind.shown(&value, lang);
            let line = crate::safe!("{}: {} ({})", parameter.title.of(lang), shown, title);
            Some((line, Found::At(Place::Parameter(group, at))))
        }
        Thing::Action(group, number) => {
            let action = Action::of_group(&catalog.groups().get(*group)?.id).get(*number)?;
            Some((say!(lang, "{} (ação)", "{} (action)", action.title(lang)), Found::Act(*action)))
        }
        Thing::Command(_) => None,
    };
    let mut found: Vec<(Safe, Found)> = hits.things.iter().filter_map(found).collect();
    if found.is_empty() || hits.is_guess {
        form.tell(say!(lang, "Nada com “{}”.", "Nothing with “{}”.", Safe::excerpt(&typed)))?;
    }
    if found.is_empty() {
        return Ok(());
    }
    if hits.is_guess {
        form.tell(say!(lang, "O mais parecido:", "What comes nearest:"))?;
    }
    let all = found.len();
    found.truncate(MOST);
    for (number, (line, _)) in (1usize..).zip(&found) {
        form.tell(crate::safe!("{}. {}", number, line))?;
    }
    if all > MOST {
        form.tell(say!(
            lang,
            "São {} ao todo; com mais palavras, menos.",
            "There are {} in all; with more words, fewer.",
            all
        ))?;
    }
    let answer = form.ask(&say!(lang, "Número; Enter volta:", "Number; Enter goes back:"))?;
    let chosen = answer.parse::<usize>().ok().and_then(|number| found.get(number.checked_sub(1)?));
    match chosen {
        Some((_, Found::At(place))) => form.place = *place,
        Some((_, Found::Act(action))) => return actions::run(form, *action),
        None => {}
    }
    Ok(())
}
