//! The help of a parameter and of a group: a sum of small parts, one a fact, each empty when it has nothing to say.
//!
//! A front end shows first what needs attention (an invalid value, a lock, a failed check), then the explanation.

use super::{change, mark, outcome, version};
use crate::catalog::{Finding, Group, Level, Parameter, Probe, rule};
use crate::check::Outcome;
use crate::document::history::Kind;
use crate::document::zone::Wall;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::session::trace::Traced;
use crate::session::{Session, Source};
use crate::text::line::{Line, Tone};
use crate::{safe, say};

/// A parameter, and what is known about its value.
pub struct Subject<'a> {
    pub parameter: &'a Parameter,
    pub session: &'a Session,
    /// What is wrong with the value; `None` where that is not to be shown.
    pub finding: Option<Finding>,
    /// The outcome of the last check of this value.
    pub outcome: Option<&'a Outcome>,
    /// How it came to what the file says, where the history knows that.
    pub traced: Option<&'a Traced>,
    pub wall: &'a Wall,
    pub lang: Lang,
}

impl Subject<'_> {
    pub fn title(&self) -> Safe {
        self.parameter.title.of(self.lang).clone()
    }

    /// Which values it takes.
    pub fn bounds(&self) -> Safe {
        self.parameter.kind.bounds(self.lang)
    }

    pub fn finding(&self) -> Option<Line> {
        self.finding.as_ref().map(|it| finding(it, it.told(self.lang)))
    }

    /// What it needs before it can be switched on.
    pub fn lock(&self) -> Option<Line> {
        let catalog = self.session.catalog();
        let needed = rule::unlock(catalog, &|other| self.session.value(other), self.parameter)?;
        let needed = change::title(catalog, &needed, self.lang);
        Some(Line::of(
            Tone::Doubtful,
            say!(self.lang, "Travado: ative antes “{}”.", "Locked: first turn “{}” on.", needed),
        ))
    }

    /// The other port on which the tested service answers.
    pub fn offer(&self) -> Option<Line> {
        let outcome = self.outcome?;
        let (_, port) = outcome.offer()?;
        // No more than that is known: it may be another cluster.
        let sentence = match outcome.request.probe {
            Probe::Postgres => {
                say!(
                    self.lang,
                    "{} Na porta {} responde um PostgreSQL",
                    "{} A PostgreSQL answers on port {}",
                    mark::BECOMES,
                    port
                )
            }
            _ => say!(
                self.lang,
                "{} Na porta {} responde um serviço HTTP",
                "{} An HTTP service answers on port {}",
                mark::BECOMES,
                port
            ),
        };
        Some(Line::of(Tone::Good, sentence))
    }

    pub fn outcome(&self) -> Option<Line> {
        self.outcome.map(|outcome| outcome::line(outcome, self.session.catalog(), self.lang))
    }

    pub fn last_passed(&self) -> Option<Line> {
        let sentence = outcome::last_passed(self.outcome?, self.lang, self.wall)?;
        Some(Line::of(Tone::Faint, safe!("({})", sentence)))
    }

    /// What it was before it was last changed, when and by whom: `Antes: 5432, 28/11 01:23, tecnico`
    pub fn before(&self) -> Option<Line> {
        let Traced { before, stamp, kind, note, .. } = self.traced?;
        let value = change::setting_in_force(self.parameter, before, self.lang);
        let (time, note) = (self.wall.recent(stamp.time, self.lang), version::note(note.as_deref(), self.lang));
        let who = match kind {
            Kind::EditedOutside => version::kind(*kind, self.lang),
            _ => stamp.who.brief(self.lang),
        };
        let facts: Vec<Safe> = [value, time, who].into_iter().chain(note).collect();
        Some(Line::from(say!(self.lang, "Antes: {}", "Before: {}", Safe::join(&facts, ", "))))
    }

    /// What it is, what its value amounts to, what its default means, when to change it, what happens then, what it depends on,
    /// and where its value comes from. `back` says how to come back to the default, where the value is another.
    pub fn explanation(&self, amounts: Option<Safe>, back: Option<Safe>) -> Vec<Line> {
        let help = &self.parameter.help;
        let text = |text: &Safe| Line::from(text.clone());
        let default = Line::from(self.default());
        let back = back.filter(|_| self.session.value(self.parameter) != self.parameter.default);
        let default = match back {
            Some(back) => default.and(Tone::Plain, " ").and(Tone::Strong, back),
            None => default,
        };
        let parts = [
            Some(text(help.what.of(self.lang))),
            amounts.map(Line::from),
            Some(default),
            Some(text(help.change.of(self.lang))),
            Some(text(help.effect.of(self.lang))),
            self.depends(),
            Some(self.source()),
        ];
        parts.into_iter().flatten().filter(|line| !line.is_empty()).collect()
    }

    fn default(&self) -> Safe {
        let meaning = self.parameter.help.default.of(self.lang);
        if meaning.is_empty() {
            let shown = self.parameter.kind.shown(&self.parameter.default, self.lang);
            say!(self.lang, "Padrão: {}.", "Default: {}.", shown)
        } else {
            say!(self.lang, "Padrão: {}", "Default: {}", meaning)
        }
    }

    fn depends(&self) -> Option<Line> {
        let title = |key| change::title(self.session.catalog(), key, self.lang);
        let sentence = match (&self.parameter.requires, &self.parameter.differs) {
            (Some(key), _) => say!(self.lang, "Depende de “{}”.", "Depends on “{}”.", title(key)),
            (None, Some(key)) => say!(self.lang, "Deve ser diferente de “{}”.", "Must differ from “{}”.", title(key)),
            (None, None) => return None,
        };
        Some(sentence.into())
    }

    fn source(&self) -> Line {
        let (parameter, lang) = (self.parameter, self.lang);
        let key = Safe::outside(parameter.key.as_str());
        let sentence = match self.session.source(&parameter.key) {
            Source::Default => say!(
                lang,
                "Chave {} · valor padrão, não está no arquivo.",
                "Key {}; the default, not in the file.",
                key
            ),
            Source::File => say!(lang, "Chave {} · valor do arquivo.", "Key {}; from the file.", key),
            Source::Changed => say!(
                lang,
                "Chave {} · alterado, não gravado (antes: {}).",
                "Key {}; changed, not saved (before: {}).",
                key,
                parameter.kind.shown(&self.session.saved_value(parameter), lang)
            ),
        };
        Line::of(Tone::Faint, sentence)
    }

    /// Title, key, group, explanation and facts, for a page of its own.
    pub fn sheet(&self) -> Vec<Line> {
        let (parameter, catalog, lang) = (self.parameter, self.session.catalog(), self.lang);
        let key = |key: &crate::key::Key| Safe::outside(key.as_str());
        let mut lines = vec![Line::of(Tone::Strong, self.title()), Line::of(Tone::Faint, key(&parameter.key))];
        if let Some(group) = catalog.group(parameter.key.group())
            && let Some(section) = catalog.sections().get(group.section)
        {
            lines.push(Line::of(Tone::Faint, safe!("{} › {}", section.title.of(lang), group.title.of(lang))));
        }
        let help = &parameter.help;
        let texts =
            [help.what.of(lang).clone(), self.default(), help.change.of(lang).clone(), help.effect.of(lang).clone()];
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            lines.extend([Line::default(), text.into()]);
        }
        let value = parameter.kind.shown(&self.session.value(parameter), lang);
        let facts = [
            (say!(lang, "Aceita", "Accepts"), Some(self.bounds())),
            (say!(lang, "Ativado, depende de", "When on, depends on"), parameter.requires.as_ref().map(key)),
            (say!(lang, "Deve ser diferente de", "Must differ from"), parameter.differs.as_ref().map(key)),
            (
                say!(lang, "Valor atual", "Current value"),
                Some(safe!("{} ({})", value, source(self.session, parameter, lang))),
            ),
        ];
        lines.push(Line::default());
        for (name, fact) in facts {
            lines.extend(fact.map(|fact| Line::of(Tone::Strong, name).and(Tone::Plain, ": ").and(Tone::Plain, fact)));
        }
        lines
    }
}

/// What is wrong with a value, in this sentence.
pub fn finding(finding: &Finding, sentence: Safe) -> Line {
    let (tone, mark) = match finding.level() {
        Level::Error => (Tone::Bad, mark::INVALID),
        Level::Warning => (Tone::Doubtful, mark::WARNS),
    };
    Line::of(tone, safe!("{} {}", mark, sentence))
}

/// Where a value comes from.
pub fn source(session: &Session, parameter: &Parameter, lang: Lang) -> Safe {
    match session.source(&parameter.key) {
        Source::Default => say!(lang, "padrão", "default"),
        Source::File | Source::Changed => say!(lang, "arquivo", "file"),
    }
}

/// A group with so many parameters, so many of them changed and so many not valid. `enter`: how to open it.
pub fn group(group: &Group, count: usize, changed: usize, invalid: usize, enter: Safe, lang: Lang) -> Vec<Line> {
    let mut lines = vec![Line::of(Tone::Strong, group.title.of(lang).clone())];
    lines.push(match count {
        0 => Line::of(Tone::Faint, say!(lang, "Nenhum parâmetro neste grupo.", "No parameters in this group.")),
        1 => say!(lang, "1 parâmetro. {}", "1 parameter. {}", enter).into(),
        _ => say!(lang, "{} parâmetros. {}", "{} parameters. {}", count, enter).into(),
    });
    if changed > 0 {
        let (mark, count) = (mark::CHANGED, changed);
        let sentence = match changed {
            1 => say!(lang, "{} 1 alteração não gravada.", "{} 1 unsaved change.", mark),
            _ => say!(lang, "{} {} alterações não gravadas.", "{} {} unsaved changes.", mark, count),
        };
        lines.push(Line::of(Tone::Changed, sentence));
    }
    if invalid > 0 {
        let (mark, count) = (mark::INVALID, invalid);
        let sentence = match invalid {
            1 => say!(lang, "{} 1 valor a corrigir antes de gravar.", "{} 1 value to fix before saving.", mark),
            _ => say!(
                lang,
                "{} {} valores a corrigir antes de gravar.",
                "{} {} values to fix before saving.",
                mark,
                count
            ),
        };
        lines.push(Line::of(Tone::Bad, sentence));
    }
    lines
}
