//! One parameter: what it is now, and what it is to be.

use serde_json::Value;

use super::command::{Command, folded};
use super::form::{Form, Place};
use super::step::Step;
use super::testing;
use crate::catalog::{Finding, Level, Parameter, Widget, rule};
use crate::check::Status;
use crate::document::Changes;
use crate::document::zone::Wall;
use crate::key::Key;
use crate::lang::Lang;
use crate::present::help::{self, Subject};
use crate::present::strays::Strays;
use crate::present::{change, example, lock, outcome};
use crate::safe::Safe;
use crate::say;
use crate::session::trace::Trace;
use crate::session::{Session, Source};
use crate::sort;
use crate::text::line::{Line, Tone};

/// Asks about the parameter of this number; an answer leads to the next, if it is no command.
pub fn ask(form: &mut Form, group: usize, number: usize) -> Step<Option<Command>> {
    let Some(parameter) = form.parameter(group, number) else {
        form.place = Place::Groups;
        return Ok(None);
    };
    let lang = form.lang();
    let needed = lock(form, &parameter);
    form.say(&state(form, &parameter, &needed, group, number))?;
    let question = question(form, &parameter, needed.len());
    loop {
        let answer = form.ask(&question)?;
        match answer.as_str() {
            "" => {
                next(form, group, number + 1)?;
                return Ok(None);
            }
            "<" => {
                form.place = number.checked_sub(1).map_or(Place::Groups, |number| Place::Parameter(group, number));
                return Ok(None);
            }
            "?" => {
                let trace = form.trace()?;
                form.say(&whole_help(form, &parameter, &trace))?;
                form.say(&[
                    Line::default(),
                    say!(
                        lang,
                        "Enter mantém o valor, < volta, ? ajuda.",
                        "Enter keeps the value, < goes back, ? help."
                    )
                    .into(),
                ])?;
                if parameter.kind.format.widget == Widget::Field {
                    form.tell(say!(
                        lang,
                        "Com um sinal de igual antes do valor, vale exatamente o que vem depois; sozinho, deixa \
                         vazio.",
                        "An equals sign before the value: what follows is taken as it is; alone, it makes it empty."
                    ))?;
                }
                form.list_commands(true)?;
            }
            _ => match answer.strip_prefix(':').map(|word| (word, Command::named(word, lang))) {
                Some((_, Some(Command::Default))) => {
                    set(form, &parameter, None)?;
                    return Ok(None);
                }
                Some((_, Some(Command::Before))) => {
                    put_back(form, &parameter)?;
                    return Ok(None);
                }
                Some((_, Some(command))) => return Ok(Some(command)),
                Some((word, None)) => form.tell(say!(
                    lang,
                    "Não há o comando “{}”; ? lista todos.",
                    "There is no command “{}”; ? lists them all.",
                    Safe::excerpt(word)
                ))?,
                None => {
                    let is_done = match needed.is_empty() || !locked_on(&parameter, &answer) {
                        true => take(form, &parameter, &answer)?,
                        false => switch_on(form, &parameter, &needed)?,
                    };
                    if is_done {
                        next(form, group, number + 1)?;
                        return Ok(None);
                    }
                }
            },
        }
    }
}

fn next(form: &mut Form, group: usize, number: usize) -> Step<()> {
    form.place = Place::Parameter(group, number);
    let catalog = form.catalog();
    if catalog.members(group).len() <= number {
        form.place = Place::Groups;
        let title = catalog.groups().get(group).map(|it| it.title.of(form.lang()).clone()).unwrap_or_default();
        form.tell(say!(form.lang(), "Fim de {}.", "End of {}.", title))?;
    }
    Ok(())
}

/// What it is now: a line each for its name, its value, and what is to be known of it.
fn state(form: &Form, parameter: &Parameter, needed: &[Parameter], group: usize, number: usize) -> Vec<Line> {
    let (lang, catalog) = (form.lang(), form.catalog());
    let wall = form.wall();
    let subject = subject(form, parameter, &wall);
    let shown = |value: &Value| parameter.kind.shown(value, lang);
    let value = shown(&form.session.value(parameter));
    let value = match form.session.source(&parameter.key) {
        Source::Default => say!(lang, "Valor: {}, padrão.", "Value: {}, the default.", value),
        Source::File => say!(lang, "Valor: {}, do arquivo.", "Value: {}, from the file.", value),
        Source::Changed => {
            let before = shown(&form.session.saved_value(parameter));
            say!(lang, "Valor: {}, alterado; antes {}.", "Value: {}, changed; before {}.", value, before)
        }
    };
    let count = catalog.members(group).len();
    let heading = say!(lang, "{} de {}: {}", "{} of {}: {}", number + 1, count, subject.title());
    let findings = findings_of(&form.session, &parameter.key);
    let findings = told(&findings, lang);
    let conflict = form.session.conflicts().into_iter().find(|conflict| conflict.key == parameter.key);
    let conflict = conflict.map(|conflict| change::overtaken(&catalog, &conflict, false, lang));
    let tested = form.outcome(&parameter.key).map(|it| outcome::happened(it, &catalog, lang));
    let mut lines = vec![Line::default(), Line::of(Tone::Strong, heading), value.into()];
    lines.extend(findings.chain(conflict).chain(subject.lock()).chain(tested).chain(subject.offer()));
    if !needed.is_empty() {
        lines.extend(lock::needs(&catalog, parameter, &needed.iter().collect::<Vec<_>>(), lang));
    }
    if parameter.kind.format.widget == Widget::Choice {
        let choices = (1usize..).zip(&parameter.kind.bounds.choices);
        lines.extend(choices.map(|(number, choice)| crate::safe!("{}. {}", number, choice.label.of(lang)).into()));
    }
    lines
}

fn question(form: &Form, parameter: &Parameter, needed: usize) -> Safe {
    let lang = form.lang();
    match parameter.kind.format.widget {
        Widget::Checkbox if needed == 1 => {
            say!(lang, "Sim ativa os dois; Enter mantém:", "Yes turns both on; Enter keeps:")
        }
        Widget::Checkbox if needed > 1 => {
            say!(lang, "Sim ativa todos; Enter mantém:", "Yes turns all on; Enter keeps:")
        }
        Widget::Checkbox => say!(lang, "Sim ou não; Enter mantém:", "Yes or no; Enter keeps:"),
        Widget::Choice => say!(lang, "Número; Enter mantém:", "Number; Enter keeps:"),
        Widget::Field => say!(lang, "Novo valor; Enter mantém:", "New value; Enter keeps:"),
    }
}

/// What was typed, as a value: words and initials for switches, numbers for choices.
fn read(form: &Form, parameter: &Parameter, answer: &str) -> Value {
    match parameter.kind.format.widget {
        Widget::Checkbox => match folded(answer).as_str() {
            "s" | "y" => Value::Bool(true),
            "n" => Value::Bool(false),
            _ => parameter.kind.argument(answer),
        },
        Widget::Choice => {
            let choices = &parameter.kind.bounds.choices;
            let by_number = answer.parse::<usize>().ok().and_then(|number| choices.get(number.checked_sub(1)?));
            let lang = form.lang();
            let by_label = || choices.iter().find(|choice| choice.label.of(lang).as_str() == answer);
            by_number.or_else(by_label).map_or_else(|| parameter.kind.typed(answer), |choice| choice.value.clone())
        }
        Widget::Field => parameter.kind.typed(answer.strip_prefix('=').unwrap_or(answer)),
    }
}

/// Sets what was typed; false where it is refused, with the reason told.
fn take(form: &mut Form, parameter: &Parameter, answer: &str) -> Step<bool> {
    let (lang, key) = (form.lang(), &parameter.key);
    let value = read(form, parameter, answer);
    let mut tried = form.session.clone();
    tried.set(key, Some(value.clone()));
    let mut found = findings_of(&tried, key);
    // What another value has to do with is told, or asked about, when it is set: the other may follow.
    found.retain(|finding| ![rule::SAME_AS, rule::REQUIRED].contains(&finding.code()));
    form.say(&told(&found, lang).collect::<Vec<_>>())?;
    if found.iter().any(|finding| finding.level() == Level::Error) {
        if Command::named(answer, lang).is_some() && answer.chars().count() > 1 {
            let word = Safe::excerpt(answer);
            form.tell(say!(lang, "Para o comando, digite :{}", "For the command, type :{}", word))?;
        }
        return Ok(false);
    }
    set(form, parameter, Some(value))
}

/// Sets the value, `None` for the default, after asking about what depends on it; tells what has changed, and what is wrong since.
fn set(form: &mut Form, parameter: &Parameter, value: Option<Value>) -> Step<bool> {
    let (lang, catalog, before) = (form.lang(), form.catalog(), form.errors());
    let is_on = *value.as_ref().unwrap_or(&parameter.default) == Value::Bool(true);
    let mut dependents = rule::dependents(&catalog, &|other| form.session.value(other), &parameter.key);
    dependents.retain(|_| !is_on);
    if !dependents.is_empty() {
        form.say(&lock::breaks(&catalog, parameter, &dependents, lang))?;
        let question = match dependents.len() {
            1 => say!(lang, "Desativar os dois?", "Turn both off?"),
            _ => say!(lang, "Desativar todos?", "Turn all off?"),
        };
        if !form.confirm(&question)? {
            return Ok(false);
        }
    }
    let mut changes: Changes =
        sort::filled(dependents.iter().map(|other| (other.key.clone(), Some(Value::Bool(false)))));
    changes.insert(parameter.key.clone(), value);
    change(form, changes)?;
    form.say_new_errors(&before)?;
    let found = findings_of(&form.session, &parameter.key);
    if found.iter().any(|finding| finding.code() == rule::SAME_AS) {
        form.tell(say!(
            lang,
            "O valor fica; antes de gravar, um dos dois tem de mudar.",
            "The value stays; before saving, one of the two has to change."
        ))?;
    }
    Ok(true)
}

/// Puts back what the parameter was before its last change.
fn put_back(form: &mut Form, parameter: &Parameter) -> Step<()> {
    let lang = form.lang();
    let trace = form.trace()?;
    match trace.of(&parameter.key, &form.session) {
        Some(traced) => set(form, parameter, traced.before.clone()).map(|_| ()),
        None => form.tell(say!(
            lang,
            "O histórico não tem valor anterior deste parâmetro.",
            "The history has no value from before of this parameter."
        )),
    }
}

/// Changes these values as one edit, and tells each change.
fn change(form: &mut Form, changes: Changes) -> Step<()> {
    let (lang, catalog) = (form.lang(), form.catalog());
    let keys: Vec<Key> = changes.keys().cloned().collect();
    form.change_all(changes, None);
    let changes = form.session.changes();
    let told = changes.iter().filter(|change| keys.contains(&change.key));
    let told: Vec<Line> = told.map(|it| change::marked(&catalog, it, lang)).collect();
    if told.is_empty() { form.tell(say!(lang, "Sem alteração.", "Not changed.")) } else { form.say(&told) }
}

/// All that keeps this one switched off, the nearest first.
fn lock(form: &Form, parameter: &Parameter) -> Vec<Parameter> {
    let (catalog, value_of) = (form.catalog(), |other: &Parameter| form.session.value(other));
    let is_on = value_of(parameter) == Value::Bool(true);
    match rule::unlock(&catalog, &value_of, parameter).filter(|_| !is_on) {
        Some(_) => rule::unmet(&catalog, &value_of, parameter).into_iter().cloned().collect(),
        None => vec![],
    }
}

fn locked_on(parameter: &Parameter, answer: &str) -> bool {
    matches!(folded(answer).as_str(), "s" | "y") || parameter.kind.argument(answer) == Value::Bool(true)
}

/// Switches this one on, and all that it needs for that.
fn switch_on(form: &mut Form, parameter: &Parameter, needed: &[Parameter]) -> Step<bool> {
    let all = needed.iter().chain([parameter]);
    change(form, sort::filled(all.map(|it| (it.key.clone(), Some(Value::Bool(true))))))?;
    Ok(true)
}

/// What is wrong with the parameter's value, whichever of two has the rule, told of this one.
fn findings_of(session: &Session, key: &Key) -> Vec<Finding> {
    let of_this = |finding: Finding| match finding.key == *key {
        true => Some(finding),
        false => finding.mirrored(session.catalog(), &|other| session.value(other)),
    };
    session.findings().into_iter().filter(|finding| finding.concerns(key)).filter_map(of_this).collect()
}

fn told(findings: &[Finding], lang: Lang) -> impl Iterator<Item = Line> {
    findings.iter().map(move |finding| help::finding(finding, finding.told(lang)))
}

fn subject<'a>(form: &'a Form, parameter: &'a Parameter, wall: &'a Wall) -> Subject<'a> {
    let outcome = form.outcome(&parameter.key);
    Subject { parameter, session: &form.session, finding: None, outcome, traced: None, wall, lang: form.lang() }
}

/// All that is known of it.
fn whole_help(form: &Form, parameter: &Parameter, trace: &Trace) -> Vec<Line> {
    let (lang, catalog) = (form.lang(), form.catalog());
    let wall = form.wall();
    let traced = trace.of(&parameter.key, &form.session);
    let subject = Subject { traced, ..subject(form, parameter, &wall) };
    let findings = findings_of(&form.session, &parameter.key);
    let findings = told(&findings, lang);
    let strays = Strays::of(form.session.document(), &catalog, lang);
    let mut lines: Vec<Line> = vec![Line::of(Tone::Strong, subject.title())];
    lines.extend(findings.chain(subject.lock()));
    lines.extend(strays.about(&parameter.key).map(|told| crate::present::problem::warning(told.clone(), lang)));
    lines.extend(subject.explanation(example::of(&form.session, parameter, lang), None));
    let puts_back = say!(lang, "; :v põe de volta.", "; :b puts it back.");
    lines.extend(subject.before().map(|before| before.and(Tone::Plain, puts_back)));
    lines.push(say!(lang, "Aceita: {}.", "Accepts: {}.", subject.bounds()).into());
    if let Some(found) = form.outcome(&parameter.key) {
        lines.extend(testing::details(found, &catalog, lang, found.status() != Status::Ok));
        lines.extend(subject.last_passed());
    }
    lines
}
