//! The versions of a document: who saved them, when and how, and what they changed.

use std::path::Path;

use super::change;
use crate::catalog::Catalog;
use crate::document::Saved;
use crate::document::broken::Offered;
use crate::document::diff::Difference;
use crate::document::history::{Authors, Entry, Kind, Stamp};
use crate::document::zone::Wall;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::session::Change;
use crate::text::line::{Line, Tone};
use crate::text::width;
use crate::{safe, say};

/// Changes of a version that a list names; the first save of a whole file has hundreds.
pub const MOST_LISTED: usize = 5;

pub fn none(lang: Lang) -> Safe {
    say!(lang, "Nenhuma versão foi gravada ainda.", "No version has been saved yet.")
}

/// That there are more than those that were read.
pub fn unread(count: usize, lang: Lang) -> Option<Safe> {
    let words = match count {
        0 => return None,
        1 => say!(
            lang,
            "Mais 1 versão não foi lida: são muitas ou grandes demais.",
            "1 more version was not read: they are too many or too large."
        ),
        count => say!(
            lang,
            "Mais {} versões não foram lidas: são muitas ou grandes demais.",
            "{} more versions were not read: they are too many or too large.",
            count
        ),
    };
    Some(words)
}

/// How a version came to be, in a word or two.
pub fn kind(kind: Kind, lang: Lang) -> Safe {
    match kind {
        Kind::Saved => say!(lang, "gravada", "saved"),
        Kind::EditedOutside => say!(lang, "alterada por fora", "edited outside"),
        Kind::Restored(number) => say!(lang, "restaurada da versão {}", "restored from version {}", number),
    }
}

/// What a list of versions is called, with the clock that its times are by.
pub fn history(wall: &Wall, lang: Lang) -> Safe {
    say!(lang, "Histórico ({})", "History ({})", wall.name(lang))
}

/// What was said about a version: `nota: chamado 123`.
pub fn note(note: Option<&str>, lang: Lang) -> Option<Safe> {
    Some(say!(lang, "nota: {}", "note: {}", Safe::outside(note?)))
}

/// A version in a list: `3  ontem 18:02  caixa (root)  nota: chamado 123`
/// Of the last save's note, to one who changes what it saved.
pub fn may_be_overwritten(note: &str, lang: Lang) -> Safe {
    say!(
        lang,
        "Última gravação: nota “{}”. Se veio de uma central, ela pode gravar por cima.",
        "Last save: note “{}”. If it came from a central place, that may save over this.",
        Safe::excerpt(note)
    )
}

pub fn head(entry: &Entry, wall: &Wall, lang: Lang) -> Line {
    head_with(entry, entry.who.brief(lang), wall, lang)
}

fn head_with(entry: &Entry, who: Safe, wall: &Wall, lang: Lang) -> Line {
    let time = wall.recent(entry.time, lang);
    // Nobody knows who edited it outside; the time is when that was noticed.
    let who = (entry.kind != Kind::EditedOutside).then_some(who);
    let kind = (entry.kind != Kind::Saved).then(|| kind(entry.kind, lang));
    let facts: Vec<Safe> = [Some(time), who, kind, note(entry.note.as_deref(), lang)].into_iter().flatten().collect();
    Line::of(Tone::Strong, safe!("{}", entry.number)).and(Tone::Plain, safe!("  {}", Safe::join(&facts, "  ")))
}

/// The same with all that is known of who it was, its changes below it:
///
/// ```text
/// 3  ontem 18:02  caixa (como root, de 10.0.0.7)  nota: chamado 123
///    Porta Banco de Dados Gestores: 5432 → 5433
/// ```
pub fn listed(entry: &Entry, catalog: &Catalog, wall: &Wall, lang: Lang) -> Vec<Line> {
    let indent = width(&safe!("{}", entry.number)) + 2;
    let told = entry.changes().iter().take(MOST_LISTED).map(|it| {
        let (name, values) = (change::name(catalog, it, lang), change::values_of(catalog, it, lang));
        Line::indented(indent).and(Tone::Plain, safe!("{}: {}", name, values))
    });
    let left = entry.changes().len().saturating_sub(MOST_LISTED);
    let left = (left > 0).then(|| Line::indented(indent).and(Tone::Faint, and_more(left, lang)));
    std::iter::once(head_with(entry, entry.who.label(lang), wall, lang)).chain(told).chain(left).collect()
}

/// That a list of changes goes on.
pub fn and_more(count: usize, lang: Lang) -> Safe {
    match count {
        1 => say!(lang, "e mais 1 alteração", "and 1 more change"),
        _ => say!(lang, "e mais {} alterações", "and {} more changes", count),
    }
}

/// Who saved meanwhile.
pub fn saved_by(stamp: &Stamp, wall: &Wall, lang: Lang) -> Line {
    let (who, time) = (stamp.who.label(lang), wall.recent(stamp.time, lang));
    say!(lang, "Gravado por {}, {} (versão {}).", "Saved by {}, {} (version {}).", who, time, stamp.number).into()
}

/// Who changed the file, and when, as the beginning of a sentence; `is_brief`: by name alone, without from where and as whom.
pub fn headline(authors: &Authors, wall: &Wall, is_brief: bool, lang: Lang) -> Safe {
    let Some(last) = authors.saved.last().filter(|_| authors.outside == Some(false)) else {
        return match authors.outside {
            Some(_) => say!(lang, "Alterado por fora", "Edited outside"),
            None => say!(lang, "O arquivo foi alterado", "The file has changed"),
        };
    };
    let who = if is_brief { last.who.name(lang) } else { last.who.label(lang) };
    let time = wall.time_of_day(last.time);
    let alone = authors.saved.iter().all(|stamp| stamp.who.label(lang) == last.who.label(lang));
    match alone {
        true => say!(lang, "{} gravou às {}", "{} saved at {}", who, time),
        false => say!(lang, "Outros e {} gravaram, às {}", "Others and {} saved, at {}", who, time),
    }
}

/// Who saved a version when, with which note, above what it changed.
pub fn about(entry: &Entry, wall: &Wall, lang: Lang) -> Vec<Line> {
    let changes = (!entry.changes().is_empty())
        .then(|| Line::of(Tone::Strong, say!(lang, "Alterações desta versão:", "Changes in this version:")));
    let note = note(entry.note.as_deref(), lang).map(Line::from);
    std::iter::once(origin(entry, wall, lang)).chain(note).chain(changes).collect()
}

/// What restoring a version would change, and what of it would stay as it is now: keys that the catalog does not know.
pub fn restoring(restoring: &[Change], staying: &[Difference], catalog: &Catalog, lang: Lang) -> Vec<Line> {
    let mut lines = vec![];
    if restoring.is_empty() {
        let same = say!(lang, "A tela já está igual a esta versão.", "The form already matches this version.");
        lines.push(Line::of(Tone::Faint, same));
    } else {
        lines
            .push(Line::of(Tone::Strong, say!(lang, "A versão inteira altera na tela:", "The whole version changes:")));
        lines.extend(restoring.iter().map(|it| change::marked(catalog, it, lang)));
    }
    if !staying.is_empty() {
        let names = Safe::join(&staying.iter().map(|it| Safe::excerpt(&it.name)).collect::<Vec<_>>(), ", ");
        let words = say!(
            lang,
            "Fora do catálogo, ficam como estão agora: {}.",
            "Not in the catalog, and left as they are now: {}.",
            names
        );
        lines.push(Line::of(Tone::Doubtful, words));
    }
    lines
}

fn origin(entry: &Entry, wall: &Wall, lang: Lang) -> Line {
    let (who, time) = (entry.who.label(lang), wall.recent(entry.time, lang));
    match entry.kind {
        Kind::Saved => say!(lang, "Gravada por {}, {}.", "Saved by {}, {}.", who, time),
        Kind::EditedOutside => say!(
            lang,
            "Alterada fora deste programa; percebida: {}.",
            "Edited outside this program; noticed: {}.",
            time
        ),
        Kind::Restored(number) => {
            say!(lang, "Restaurada da versão {} por {}, {}.", "Restored from version {} by {}, {}.", number, who, time)
        }
    }
    .into()
}

pub fn saved_in(path: &Path, lang: Lang) -> Safe {
    say!(lang, "Gravado em {}.", "Saved in {}.", Safe::path(path))
}

/// That a version replaced a broken file, and where that is.
pub fn brought_back(number: u64, kept: &Path, lang: Lang) -> Safe {
    say!(
        lang,
        "Versão {} posta de volta. O arquivo quebrado está guardado: {}",
        "Version {} is back. The broken file is kept: {}",
        number,
        Safe::path(kept)
    )
}

/// What would be put in a broken file's place.
pub fn to_bring_back(version: &Offered, wall: &Wall, lang: Lang) -> Safe {
    let time = wall.recent(version.time, lang);
    let from = match &version.who {
        Some(who) => safe!("{}, {}", time, who.brief(lang)),
        None => time,
    };
    say!(
        lang,
        "A versão {} do histórico ({}) está sem danos. Se ela voltar, o arquivo quebrado fica guardado ao lado, com outro nome.",
        "Version {} of the history ({}) is undamaged. If it is put back, the broken file is kept beside it under another name.",
        version.number,
        from
    )
}

/// That it was saved, and which changes of others were kept.
pub fn merged(saved: &Saved, catalog: &Catalog, lang: Lang) -> Vec<Line> {
    let heading = saved_in(&saved.path, lang);
    let meanwhile = match saved.meanwhile.last() {
        Some(stamp) => say!(
            lang,
            "Durante a edição, {} também gravou ({}). Alterações mantidas:",
            "{} also saved meanwhile ({}). Changes kept:",
            stamp.who.label(lang),
            saved.wall.recent(stamp.time, lang)
        ),
        None => say!(
            lang,
            "Durante a edição, o arquivo foi alterado. Alterações mantidas:",
            "The file was changed meanwhile. Changes kept:"
        ),
    };
    let kept = saved.merged.iter().map(|it| change::difference(catalog, it, lang));
    [heading.into(), Line::of(Tone::Doubtful, meanwhile)].into_iter().chain(kept).collect()
}
