//! A parameter and those that it depends on, or that depend on it: what has to be switched with it.

use super::change::title;
use crate::catalog::{Catalog, Parameter};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

/// What has to be switched on before the parameter can be, and when each may be.
pub fn needs(catalog: &Catalog, parameter: &Parameter, needed: &[&Parameter], lang: Lang) -> Vec<Line> {
    let heading =
        say!(lang, "Para ativar “{}”, ative também:", "To turn “{}” on, also turn on:", here(parameter, lang));
    let mut lines = vec![heading.into()];
    for other in needed {
        lines.push(place(catalog, other, lang));
        let when = other.help.change.of(lang);
        lines.extend((!when.is_empty()).then(|| Line::indented(2).and(Tone::Faint, when.clone())));
    }
    lines
}

/// What is on and would no longer hold once the parameter is off.
pub fn breaks(catalog: &Catalog, parameter: &Parameter, dependents: &[&Parameter], lang: Lang) -> Vec<Line> {
    let name = here(parameter, lang);
    let heading = match dependents.len() {
        1 => say!(lang, "Depende de “{}” e está ativado:", "Depends on “{}” and is on:", name),
        _ => say!(lang, "Dependem de “{}” e estão ativados:", "Depend on “{}” and are on:", name),
    };
    std::iter::once(heading.into()).chain(dependents.iter().map(|other| place(catalog, other, lang))).collect()
}

fn here(parameter: &Parameter, lang: Lang) -> Safe {
    parameter.title.of(lang).clone()
}

/// `Licença WhatsApp MSG ativa (Controle de Notificação de WhatsApp)`
fn place(catalog: &Catalog, parameter: &Parameter, lang: Lang) -> Line {
    let group = catalog.group(parameter.key.group()).map(|group| safe!(" ({})", group.title.of(lang)));
    Line::indented(2)
        .and(Tone::Strong, title(catalog, &parameter.key, lang))
        .and(Tone::Plain, group.unwrap_or_default())
}
