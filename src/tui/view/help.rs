//! The help of what has the focus, laid out: the sentences are `present::help`'s, but for what names a key of the form.

use crate::catalog::{Parameter, Probe};
use crate::check::Status;
use crate::document::save::Cause;
use crate::key::Key;
use crate::present::help::{self, Subject};
use crate::present::{change, example, mark, outcome};
use crate::safe::Safe;
use crate::text;
use crate::text::line::{Line, Tone};
use crate::tui::model::{Focus, Model};
use crate::tui::rows::{Row, cut, rows_of};
use crate::{safe, say};

/// The help pane: a heading and what follows, wrapped to `width`; the first `most` rows of it.
pub fn pane(model: &Model, width: u16, most: usize) -> Vec<Row> {
    let theme = model.setup.theme;
    let (heading, lines) = match (model.focused(), model.focus) {
        (Some(parameter), _) => {
            let subject = subject(model, parameter);
            let (title, bounds) = (subject.title(), subject.bounds());
            let both = 1 + text::width(&title) + 2 + text::width(&bounds) < usize::from(width);
            let mut heading = Row::of(" ".into(), theme.heading()).and(title, theme.heading());
            if both {
                heading.right = vec![(bounds, theme.text()), (" ".into(), theme.text())];
            }
            (Some(heading), about(model, &subject, Some(width)).concat())
        }
        (None, Focus::Action(number)) => (None, action(model, number)),
        (None, Focus::Confirm) => (None, vec![confirm(model)]),
        (None, Focus::Close) => (None, vec![close(model)]),
        (None, _) => (None, group(model)),
    };
    heading.into_iter().chain(rows_of(&lines, width, theme)).take(most).collect()
}

/// The help of a parameter, whole, for a page of its own.
pub fn page(model: &Model, key: &Key) -> Vec<Line> {
    let Some(parameter) = model.catalog().parameter(key) else { return vec![] };
    let subject = subject(model, parameter);
    let mut paragraphs = about(model, &subject, None);
    paragraphs.push(vec![say!(model.lang(), "Valores: {}.", "Values: {}.", subject.bounds()).into()]);
    paragraphs.join(&Line::default())
}

fn subject<'a>(model: &'a Model, parameter: &'a Parameter) -> Subject<'a> {
    Subject {
        parameter,
        session: &model.session,
        finding: model.finding(&parameter.key).filter(|_| !model.holds_back(parameter)),
        outcome: model.outcome(&parameter.key),
        traced: model.traced(&parameter.key),
        wall: &model.wall,
        lang: model.lang(),
    }
}

/// Paragraphs. `folded`: at most so wide, without the evidence behind the last check and what is to be pasted.
fn about(model: &Model, subject: &Subject<'_>, folded: Option<u16>) -> Vec<Vec<Line>> {
    let lang = model.lang();
    let lock = subject.lock().map(|lock| {
        let keys =
            say!(lang, " Espaço pergunta se ativa; Enter leva até lá.", " Space asks to turn it on; Enter goes there.");
        // On a page of its own, both close it.
        if folded.is_some() { lock.and(Tone::Doubtful, keys) } else { lock }
    });
    let waiting = model
        .is_waiting(&subject.parameter.key)
        .then(|| Line::of(Tone::Faint, say!(lang, "Testando… (Esc cancela)", "Testing… (Esc cancels)")));
    let offer = subject.offer().map(|offer| {
        let key = say!(lang, ": F8 põe essa porta no campo.", ": F8 puts that port into the field.");
        offer.and(Tone::Good, key)
    });
    let lost = is_lost(model, subject.parameter).then(|| {
        let key = say!(lang, "F8 procura o servidor na rede.", "F8 looks for the server in the network.");
        Line::of(Tone::Good, key)
    });
    let fails = matches!(subject.outcome.map(|outcome| outcome.status()), Some(Status::Fail | Status::Warning));
    let said = subject.outcome.filter(|_| fails).and_then(|outcome| outcome::said(outcome, lang)).map(|said| {
        Line::of(Tone::Faint, folded.map_or_else(|| said.clone(), |width| cut(&said, usize::from(width) - 2)))
    });
    let key = &subject.parameter.key;
    let conflict = model.session.is_overtaken(key).then(|| model.session.conflicts());
    let conflict = conflict.into_iter().flatten().find(|conflict| conflict.key == *key);
    let conflict = conflict.map(|conflict| change::overtaken(model.catalog(), &conflict, false, lang));
    let (mut to_paste, mut facts) = (vec![], vec![]);
    if let Some(outcome) = subject.outcome {
        to_paste = outcome::to_paste(&outcome.remedy(model.catalog(), lang), lang);
        facts = outcome::facts(outcome, lang).into_iter().map(|fact| Line::of(Tone::Faint, fact)).collect();
    }
    let mut happened = subject.outcome();
    let mut last = subject.last_passed();
    if folded.is_some() {
        if !to_paste.is_empty() {
            let lines = say!(lang, " F1 mostra os comandos.", " F1 shows the commands.");
            happened = happened.map(|line| line.and(Tone::Strong, lines));
        } else if fails && !facts.is_empty() {
            let details = say!(lang, "F1 mostra os detalhes.", "F1 shows the details.");
            last = Some(match last {
                Some(last) => last.and(Tone::Faint, safe!(" · {}", details)),
                None => Line::of(Tone::Faint, details),
            });
        }
        to_paste.clear();
        facts.clear();
    }
    let stray = |told: &Safe| Line::of(Tone::Doubtful, safe!("{} {}", mark::WARNS, told));
    let strays = model.strays.about(&subject.parameter.key).map(stray);
    let urgent = [subject.finding(), conflict, lock, waiting, offer, lost, happened];
    let single = |lines: Vec<Line>| lines.into_iter().map(|line| vec![line]);
    // Half an address is of no kind.
    let is_half = model.typing && model.value(subject.parameter).is_string();
    let amounts = example::of(&model.session, subject.parameter, lang).filter(|_| !is_half);
    let mut paragraphs: Vec<_> = single(urgent.into_iter().flatten().chain(strays).collect()).collect();
    paragraphs.extend([to_paste, said.into_iter().chain(facts).collect()]);
    let back = Some(say!(lang, "F4 volta a ele.", "F4 goes back to it."));
    let before = subject.before().map(|before| {
        let key = say!(lang, ". Alt+Z põe de volta.", ". Alt+Z puts it back.");
        if model.is_as_before(&subject.parameter.key) { before } else { before.and(Tone::Plain, key) }
    });
    paragraphs.extend(single(last.into_iter().chain(before).chain(subject.explanation(amounts, back)).collect()));
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// True for a host where tests of its ports failed because of it.
fn is_lost(model: &Model, parameter: &Parameter) -> bool {
    let is_host = parameter.check.as_ref().is_some_and(|check| check.probe == Probe::Host);
    let outcomes = model.requests.iter().filter_map(|request| model.outcome(&request.key));
    let mut failed = outcomes.filter(|outcome| outcome.status() == Status::Fail);
    is_host && failed.any(|outcome| *outcome.look_at() == parameter.key)
}

fn group(model: &Model) -> Vec<Line> {
    let Some(group) = model.shown_group() else { return vec![] };
    let fields = model.fields();
    let changed = fields.iter().filter(|parameter| model.is_changed(&parameter.key)).count();
    let to_mend = model.to_mend();
    let invalid = fields.iter().filter(|parameter| to_mend.contains(&&parameter.key)).count();
    let enter = say!(model.lang(), "Enter ou → abre.", "Enter or → opens.");
    help::group(group, fields.len(), changed, invalid, enter, model.lang())
}

fn action(model: &Model, number: usize) -> Vec<Line> {
    let Some(action) = model.actions().get(number) else { return vec![] };
    vec![Line::of(Tone::Strong, action.title(model.lang())), action.what(model.lang()).into()]
}

/// What the Confirma button would do.
fn confirm(model: &Model) -> Line {
    let lang = model.lang();
    let path = Safe::path(model.session.document().path());
    let invalid = model.to_mend().len();
    let is_foreign = model.denied.as_ref().is_some_and(|denied| matches!(denied.cause, Cause::Foreign(_)));
    match (invalid, model.session.changes().len()) {
        (0, 0) => say!(lang, "Sem alterações: fecha sem gravar.", "No changes: closes without saving.").into(),
        (0, _) if is_foreign => say!(
            lang,
            "Mostra o comando que grava em {} e fecha.",
            "Shows the command that saves in {} and closes.",
            path
        )
        .into(),
        (0, _) if model.denied.is_some() => {
            say!(lang, "Guarda um rascunho de {} e fecha.", "Keeps a draft of {} and closes.", path).into()
        }
        (0, 1) => say!(lang, "Grava 1 alteração em {} e fecha.", "Saves 1 change in {} and closes.", path).into(),
        (0, count) => {
            say!(lang, "Grava {} alterações em {} e fecha.", "Saves {} changes in {} and closes.", count, path).into()
        }
        (1, _) => Line::of(
            Tone::Bad,
            say!(
                lang,
                "{} 1 valor a corrigir antes de gravar; F12 leva até ele.",
                "{} 1 value to fix before saving; F12 goes there.",
                mark::INVALID
            ),
        ),
        _ => Line::of(
            Tone::Bad,
            say!(
                lang,
                "{} {} valores a corrigir antes de gravar; F12 leva ao primeiro.",
                "{} {} values to fix before saving; F12 goes to the first.",
                mark::INVALID,
                invalid
            ),
        ),
    }
}

fn close(model: &Model) -> Line {
    let lang = model.lang();
    match model.session.changes().len() {
        0 => say!(lang, "Fecha. Não há alterações.", "Closes. There are no changes."),
        _ => say!(
            lang,
            "Há alterações não gravadas: antes de fechar, pergunta o que fazer.",
            "There are unsaved changes: asks what to do before closing."
        ),
    }
    .into()
}
