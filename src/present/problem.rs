//! Problems and warnings.

use super::mark;
use crate::lang::Lang;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

/// A problem among other lines, marked as an error.
pub fn lines(problem: &Problem, lang: Lang) -> Vec<Line> {
    let causes = problem.causes.iter().map(|cause| Line::indented(2).and(Tone::Plain, cause.clone()));
    let hint = |hint: &Safe| Line::of(Tone::Strong, say!(lang, "dica: ", "hint: ")).and(Tone::Plain, hint.clone());
    std::iter::once(error(problem.message.clone(), lang)).chain(causes).chain(problem.hints.iter().map(hint)).collect()
}

/// A problem on a page whose title says that something failed.
pub fn page(problem: &Problem) -> Vec<Line> {
    let message = Line::of(Tone::Bad, problem.message.clone());
    let causes = problem.causes.iter().cloned().map(Line::from);
    let hints = problem.hints.iter().map(|hint| Line::from(safe!("{} {}", mark::BECOMES, hint)));
    std::iter::once(message).chain(causes).chain(hints).collect()
}

pub fn error(sentence: Safe, lang: Lang) -> Line {
    Line::of(Tone::Bad, say!(lang, "erro: ", "error: ")).and(Tone::Plain, sentence)
}

pub fn warning(sentence: Safe, lang: Lang) -> Line {
    Line::of(Tone::Doubtful, say!(lang, "aviso: ", "warning: ")).and(Tone::Plain, sentence)
}
