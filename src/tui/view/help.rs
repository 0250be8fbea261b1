//! The help of what has the focus: a sum of small parts, one a fact, each empty when it has nothing to say.
//!
//! What needs a hand comes first (a value that is not right, a lock, a check that failed), then what the parameter is.

use super::paint::{Piece, Row, paragraphs};
use crate::catalog::{Level, Parameter};
use crate::check::{Outcome, Status};
use crate::key::Key;
use crate::safe::Safe;
use crate::say;
use crate::session::Source;
use crate::text;
use crate::tui::model::{Focus, Model};

/// The help pane: a heading and what follows, wrapped to `width`; the first `most` rows of it.
pub fn pane(model: &Model, width: u16, most: usize) -> Vec<Row> {
    match (model.focused(), model.focus) {
        (Some(parameter), _) => {
            let theme = model.setup.theme;
            let title = parameter.title.of(model.lang()).clone();
            let bounds = parameter.kind.bounds(model.lang());
            let both = 1 + text::width(&title) + 2 + text::width(&bounds) < usize::from(width);
            let mut heading = Row::of(" ".into(), theme.heading()).and(title, theme.heading());
            if both {
                heading.right = vec![(bounds, theme.dim()), (" ".into(), theme.text())];
            }
            std::iter::once(heading).chain(paragraphs(&about(model, parameter, false), width)).take(most).collect()
        }
        (None, Focus::Action(number)) => paragraphs(&action(model, number), width).take(most).collect(),
        (None, Focus::Confirm) => paragraphs(&[changes(model)], width).take(most).collect(),
        (None, Focus::Close) => paragraphs(&[closing(model)], width).take(most).collect(),
        (None, _) => paragraphs(&about_group(model), width).take(most).collect(),
    }
}

/// The help of a parameter, whole, for a page of its own.
pub fn page(model: &Model, key: &Key, width: u16) -> Vec<Row> {
    let parameter = model.catalog().parameter(key);
    let mut parts = parameter.map(|parameter| about(model, parameter, true)).unwrap_or_default();
    if let Some(parameter) = parameter {
        let bounds = parameter.kind.bounds(model.lang());
        parts.push((say!(model.lang(), "Valores: {}.", "Values: {}.", bounds), model.setup.theme.text()));
    }
    let mut rows = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            rows.push(Row::default());
        }
        rows.extend(paragraphs(std::slice::from_ref(part), width));
    }
    rows
}

/// `unfolded`: with the evidence behind the last check.
fn about(model: &Model, parameter: &Parameter, unfolded: bool) -> Vec<Piece> {
    let urgent = [
        finding(model, parameter),
        lock(model, parameter),
        waiting(model, parameter),
        offer(model, parameter),
        outcome(model, parameter),
        last_passed(model, parameter),
    ];
    let parts = [
        what(model, parameter),
        default(model, parameter),
        change(model, parameter),
        depends(model, parameter),
        facts(model, parameter),
    ];
    let proof = if unfolded { evidence(model, parameter) } else { folded(model, parameter).into_iter().collect() };
    let all = urgent.into_iter().flatten().chain(proof).chain(parts.into_iter().flatten());
    all.filter(|(text, _)| !text.is_empty()).collect()
}

fn finding(model: &Model, parameter: &Parameter) -> Option<Piece> {
    let finding = model.finding(&parameter.key).filter(|_| !model.holds_back(parameter))?;
    let theme = model.setup.theme;
    let (glyph, style) = match finding.level() {
        Level::Error => (theme.glyphs.invalid, theme.fails()),
        Level::Warning => (theme.glyphs.warns, theme.warns()),
    };
    Some((crate::safe!("{} {}", glyph, finding.sentence(model.catalog(), model.lang())), style))
}

fn title_of(model: &Model, key: &Key) -> Safe {
    model.catalog().parameter(key).map(|parameter| parameter.title.of(model.lang()).clone()).unwrap_or_default()
}

fn lock(model: &Model, parameter: &Parameter) -> Option<Piece> {
    let needed = title_of(model, &model.lock(parameter)?);
    let words = say!(
        model.lang(),
        "Travado: precisa de “{}” ligado. Enter leva até lá.",
        "Locked: needs “{}” switched on. Enter goes there.",
        needed
    );
    Some((words, model.setup.theme.warns()))
}

fn waiting(model: &Model, parameter: &Parameter) -> Option<Piece> {
    let words = Safe::own(model.lang().pick("Testando… (Esc interrompe)", "Testing… (Esc stops)"));
    model.is_waiting(&parameter.key).then_some((words, model.setup.theme.dim()))
}

fn outcome(model: &Model, parameter: &Parameter) -> Option<Piece> {
    model.outcome(&parameter.key).map(|outcome| told(model, outcome))
}

fn offer(model: &Model, parameter: &Parameter) -> Option<Piece> {
    let (_, value) = model.outcome(&parameter.key)?.offer()?;
    let words = say!(
        model.lang(),
        "{} Na porta {} responde o que se procura: F8 põe essa porta no campo.",
        "{} What is sought answers on port {}: F8 puts that port into the field.",
        model.setup.theme.glyphs.becomes,
        value
    );
    Some((words, model.setup.theme.passes()))
}

fn last_passed(model: &Model, parameter: &Parameter) -> Option<Piece> {
    let words = model.outcome(&parameter.key)?.last_passed(model.lang(), &model.setup.zone)?;
    Some((crate::safe!("({})", words), model.setup.theme.dim()))
}

/// That there is evidence, which the whole help shows.
fn folded(model: &Model, parameter: &Parameter) -> Option<Piece> {
    let outcome = model.outcome(&parameter.key)?;
    let fails =
        matches!(outcome.status(), Status::Fail | Status::Warning) && !outcome.evidence(model.lang()).is_empty();
    let words = say!(
        model.lang(),
        "F1 mostra as provas: etapas, endereços, erro.",
        "F1 shows the evidence: stages, addresses, error."
    );
    fails.then_some((words, model.setup.theme.dim()))
}

/// The evidence, a line a fact; and the line that admits this counter, unbroken where it fits, to be copied.
fn evidence(model: &Model, parameter: &Parameter) -> Vec<Piece> {
    let Some(outcome) = model.outcome(&parameter.key) else { return vec![] };
    let theme = model.setup.theme;
    let admitting = outcome.hba_line().map(|line| (line, theme.text()));
    let facts = outcome.evidence(model.lang()).into_iter().map(|line| (line, theme.dim()));
    admitting.into_iter().chain(facts).collect()
}

/// An outcome in words, with its mark.
pub fn told(model: &Model, outcome: &Outcome) -> Piece {
    let theme = model.setup.theme;
    let (glyph, style) = match outcome.status() {
        Status::Ok => (theme.glyphs.passes, theme.passes()),
        Status::Warning => (theme.glyphs.warns, theme.warns()),
        Status::Fail => (theme.glyphs.fails, theme.fails()),
        Status::Skipped => ("-", theme.dim()),
    };
    let message = outcome.message(model.catalog(), model.lang());
    let remedy = outcome.remedy(model.catalog(), model.lang());
    (crate::safe!("{} {} {}", glyph, message, remedy), style)
}

fn what(model: &Model, parameter: &Parameter) -> Option<Piece> {
    Some((parameter.help.what.of(model.lang()).clone(), model.setup.theme.text()))
}

fn default(model: &Model, parameter: &Parameter) -> Option<Piece> {
    let lang = model.lang();
    let meaning = parameter.help.default.of(lang);
    let words = if meaning.is_empty() {
        let shown = parameter.kind.shown(&parameter.default, lang);
        say!(lang, "Padrão: {}.", "Default: {}.", shown)
    } else {
        say!(lang, "Padrão — {}", "Default — {}", meaning)
    };
    Some((words, model.setup.theme.text()))
}

fn change(model: &Model, parameter: &Parameter) -> Option<Piece> {
    Some((parameter.help.change.of(model.lang()).clone(), model.setup.theme.text()))
}

fn depends(model: &Model, parameter: &Parameter) -> Option<Piece> {
    let lang = model.lang();
    let words = match (&parameter.requires, &parameter.differs) {
        (Some(key), _) => say!(lang, "Depende de “{}”.", "Depends on “{}”.", title_of(model, key)),
        (None, Some(key)) => say!(lang, "Deve ser diferente de “{}”.", "Must differ from “{}”.", title_of(model, key)),
        (None, None) => return None,
    };
    Some((words, model.setup.theme.text()))
}

fn facts(model: &Model, parameter: &Parameter) -> Option<Piece> {
    let lang = model.lang();
    let key = Safe::outside(parameter.key.as_str());
    let words = match model.session.source(&parameter.key) {
        Source::Default => say!(
            lang,
            "Chave {} · valor padrão, o arquivo não o define.",
            "Key {}; the default, not set by the file.",
            key
        ),
        Source::File => say!(lang, "Chave {} · valor do arquivo.", "Key {}; set by the file.", key),
        Source::Changed => {
            let before = parameter.kind.shown(&model.session.saved_value(parameter), lang);
            say!(
                lang,
                "Chave {} · alterado aqui, ainda não gravado (antes: {}).",
                "Key {}; changed here, not saved yet (before: {}).",
                key,
                before
            )
        }
    };
    Some((words, model.setup.theme.dim()))
}

fn about_group(model: &Model) -> Vec<Piece> {
    let (theme, lang) = (model.setup.theme, model.lang());
    let Some(group) = model.shown_group() else { return vec![] };
    let fields = model.fields();
    let changed = fields.iter().filter(|parameter| model.is_changed(&parameter.key)).count();
    let invalid = fields.iter().filter(|parameter| model.is_invalid(&parameter.key)).count();
    let mut parts = vec![(group.title.of(lang).clone(), theme.heading())];
    match fields.len() {
        0 => parts.push((say!(lang, "Sem parâmetros. Arquivos .json em catalog.d, ao lado da configuração, incluem parâmetros em qualquer grupo.", "No parameters. Files *.json in catalog.d, beside the config document, add parameters to any group."), theme.dim())),
        1 => parts.push((say!(lang, "1 parâmetro. Enter ou → entra.", "1 parameter. Enter or → goes in."), theme.text())),
        count => parts.push((say!(lang, "{} parâmetros. Enter ou → entra.", "{} parameters. Enter or → goes in.", count), theme.text())),
    }
    if changed > 0 {
        parts.push((
            say!(
                lang,
                "{} Alterados e não gravados: {}.",
                "{} Changed and not saved: {}.",
                theme.glyphs.changed,
                changed
            ),
            theme.changed(),
        ));
    }
    if invalid > 0 {
        parts.push((
            say!(
                lang,
                "{} A corrigir antes de gravar: {}.",
                "{} To be mended before saving: {}.",
                theme.glyphs.invalid,
                invalid
            ),
            theme.fails(),
        ));
    }
    parts
}

fn action(model: &Model, number: usize) -> Vec<Piece> {
    let Some(action) = model.actions().get(number) else { return vec![] };
    let (theme, lang) = (model.setup.theme, model.lang());
    vec![(action.title(lang), theme.heading()), (action.what(lang), theme.text())]
}

/// What a save would do, for the Confirma button.
fn changes(model: &Model) -> Piece {
    let (theme, lang) = (model.setup.theme, model.lang());
    let path = Safe::path(model.session.document().path());
    let invalid = model.findings.iter().filter(|finding| finding.level() == Level::Error).count();
    if invalid > 0 {
        let words = match invalid {
            1 => say!(
                lang,
                "{} 1 valor a corrigir antes de gravar; F12 leva até ele.",
                "{} 1 value to mend before saving; F12 goes there.",
                theme.glyphs.invalid
            ),
            _ => say!(
                lang,
                "{} {} valores a corrigir antes de gravar; F12 leva ao primeiro.",
                "{} {} values to mend before saving; F12 goes to the first.",
                theme.glyphs.invalid,
                invalid
            ),
        };
        return (words, theme.fails());
    }
    match model.session.changes().len() {
        0 => (say!(lang, "Nada mudou: fecha sem gravar.", "Nothing has changed: closes without saving."), theme.text()),
        1 => (say!(lang, "Grava 1 alteração em {} e fecha.", "Saves 1 change in {} and closes.", path), theme.text()),
        count => (
            say!(lang, "Grava {} alterações em {} e fecha.", "Saves {} changes in {} and closes.", count, path),
            theme.text(),
        ),
    }
}

fn closing(model: &Model) -> Piece {
    let (theme, lang) = (model.setup.theme, model.lang());
    match model.session.changes().len() {
        0 => (say!(lang, "Fecha. Não há alterações a gravar.", "Closes. There are no changes to save."), theme.text()),
        _ => (
            say!(
                lang,
                "Fecha; antes pergunta o que fazer com as alterações não gravadas.",
                "Closes; asks first what to do with the unsaved changes."
            ),
            theme.text(),
        ),
    }
}
