//! What came of a form: what was saved, what was not, and where that is.

use std::path::Path;

use super::change;
use crate::catalog::Catalog;
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::session::Change;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

/// Where it was saved, and what changed from what to what.
pub fn saved(path: &Path, changes: &[Change], catalog: &Catalog, lang: Lang) -> Vec<Line> {
    let path = Safe::path(path);
    if changes.is_empty() {
        return vec![say!(lang, "Nenhuma alteração em {}.", "No changes in {}.", path).into()];
    }
    let heading = say!(lang, "Gravado em {}:", "Saved in {}:", path).into();
    let told = changes.iter().map(|change| Line::indented(2).join(change::titled(catalog, change, lang)));
    let effects = effects(catalog, changes, lang);
    let of_all = effects.len() == 1 && effects.iter().all(|(_, keys)| keys.len() == changes.len());
    let effects = effects.into_iter().map(|(effect, keys)| {
        let titles: Vec<Safe> = keys.iter().map(|key| change::title(catalog, key, lang)).collect();
        if of_all { effect.into() } else { safe!("{}: {}", Safe::join(&titles, ", "), effect).into() }
    });
    std::iter::once(heading).chain(told).chain(effects).collect()
}

/// What has to happen before the changes hold: each once, with the parameters that it is about.
pub fn effects<'c>(catalog: &Catalog, changes: &'c [Change], lang: Lang) -> Vec<(Safe, Vec<&'c Key>)> {
    let mut effects: Vec<(Safe, Vec<&Key>)> = vec![];
    for key in changes.iter().map(|change| &change.key) {
        let effect = catalog.parameter(key).map(|parameter| parameter.help.effect.of(lang).clone()).unwrap_or_default();
        match effects.iter_mut().find(|(known, _)| *known == effect) {
            _ if effect.is_empty() => {}
            Some((_, keys)) => keys.push(key),
            None => effects.push((effect, vec![key])),
        }
    }
    effects
}

/// What was saved, once more, as a command to paste.
pub fn again(command: Safe, lang: Lang) -> [Line; 2] {
    let heading = say!(lang, "O mesmo, em outro balcão:", "The same, at another counter:");
    [heading.into(), Line::indented(2).and(Tone::Exact, command)]
}

pub fn gone(path: &Path, lang: Lang) -> Line {
    say!(
        lang,
        "{} foi removido com a tela aberta e não foi gravado de novo.",
        "{} was removed while the form was open, and was not saved anew.",
        Safe::path(path)
    )
    .into()
}

/// A save that takes longer than any on a healthy disk.
pub fn late(lang: Lang) -> Line {
    let waits = say!(
        lang,
        "A gravação não terminou em 3 s: o disco não responde, ou outro programa está gravando. Ainda não se sabe se vai ser gravado.",
        "The save did not end within 3 s: the disk does not answer, or another program is saving. It is not known \
         yet whether it will be saved."
    );
    Line::of(Tone::Doubtful, waits)
}

/// A save that was left behind.
pub fn unanswered(path: &Path, lang: Lang) -> Safe {
    say!(
        lang,
        "Não se sabe se foi gravado em {}: a gravação não terminou.",
        "It is not known whether it was saved in {}: the save did not end.",
        Safe::path(path)
    )
}

pub fn may_be_held(lang: Lang) -> Line {
    say!(
        lang,
        "Se o terminal não voltar agora, é que o sistema espera o disco responder: abra outra sessão.",
        "If the terminal does not come back now, the system is waiting for the disk: open another session."
    )
    .into()
}

pub fn discarded(count: usize, lang: Lang) -> Line {
    match count {
        1 => say!(lang, "1 alteração descartada.", "1 change discarded."),
        _ => say!(lang, "{} alterações descartadas.", "{} changes discarded.", count),
    }
    .into()
}

/// Without a full stop.
pub fn unsaved(count: usize, lang: Lang) -> Safe {
    match count {
        1 => say!(lang, "1 alteração não foi gravada", "1 change was not saved"),
        _ => say!(lang, "{} alterações não foram gravadas", "{} changes were not saved", count),
    }
}

pub fn kept(draft: &Path, lang: Lang) -> Line {
    say!(
        lang,
        "Ficou no rascunho {}. Abra o programa de novo para recuperar.",
        "Kept in the draft {}. Open the program again to recover it.",
        Safe::path(draft)
    )
    .into()
}
