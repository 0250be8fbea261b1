//! Drafts: whose they are, how old, what they were made on, and what they would bring.

use super::{change, mark, version};
use crate::catalog::Catalog;
use crate::document::draft::{Broken, Draft};
use crate::document::timestamp::Timestamp;
use crate::document::zone::Wall;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::session::Session;
use crate::session::opened::FoundDraft;
use crate::text::line::{Line, Tone, columns};
use crate::{safe, say};

/// A draft in a list: its file, quoted for a shell, whose it is, and its edits.
pub fn listed(draft: &Draft, made_on: Option<u64>, now: Timestamp, catalog: &Catalog, lang: Lang) -> Vec<Line> {
    let open = draft.open_elsewhere.then(|| still_open(lang));
    let facts = [Some(draft.origin(now, lang)), draft.on(made_on, lang), open];
    let facts: Vec<Safe> = facts.into_iter().flatten().collect();
    let edits = draft.changes.iter().map(|(key, value)| {
        let value = change::setting(catalog, key, value, lang);
        Line::from(safe!("  {}: {}", change::title(catalog, key, lang), value))
    });
    let head = [Line::of(Tone::Strong, Safe::for_shell(&draft.file)), safe!("  {}", Safe::join(&facts, "; ")).into()];
    head.into_iter().chain(edits).collect()
}

/// A row for each of several drafts: how old, whose, how many changes.
pub fn table(drafts: &[Result<Draft, Broken>], now: Timestamp, lang: Lang) -> Vec<Line> {
    let cells = |one: &Result<Draft, Broken>| match one {
        Ok(draft) => [
            draft.updated.ago(now, lang),
            draft.who.label(lang),
            match draft.changes.len() {
                1 => say!(lang, "1 alteração", "1 change"),
                count => say!(lang, "{} alterações", "{} changes", count),
            },
            if draft.open_elsewhere { still_open(lang) } else { Safe::default() },
        ],
        Err(broken) => {
            let file = broken.path.file_name().map(|name| Safe::outside(&name.to_string_lossy())).unwrap_or_default();
            [say!(lang, "danificado", "damaged"), file, Safe::default(), Safe::default()]
        }
    };
    columns(&drafts.iter().map(cells).collect::<Vec<_>>())
}

fn still_open(lang: Lang) -> Safe {
    say!(lang, "a tela ainda está aberta", "the form is still open")
}

/// Whose a draft is, by its file, that was saved for them.
pub fn of_another(owner: &str, is_dry_run: bool, lang: Lang) -> Safe {
    let owner = Safe::outside(owner);
    match is_dry_run {
        true => say!(lang, "o arquivo do rascunho é de {}", "the draft's file belongs to {}", owner),
        false => say!(
            lang,
            "o arquivo do rascunho é de {}, e fica: {} pode descartá-lo na tela",
            "the draft's file belongs to {} and stays: {} can discard it in the form",
            owner,
            owner
        ),
    }
}

/// That drafts of forms that are open are not discarded, where there are such.
pub fn of_open_forms_stay(count: usize, lang: Lang) -> Option<Safe> {
    match count {
        0 => None,
        1 => Some(say!(
            lang,
            "1 rascunho fica: a tela desse rascunho ainda está aberta.",
            "1 draft stays: its form is still open."
        )),
        _ => Some(say!(
            lang,
            "{} rascunhos ficam: as telas desses rascunhos ainda estão abertas.",
            "{} drafts stay: their forms are still open.",
            count
        )),
    }
}

/// Whose it is, what it was made on, and who saved since.
pub fn about(found: &FoundDraft, wall: &Wall, lang: Lang) -> Vec<Line> {
    let FoundDraft { draft, made_on, is_old, meanwhile, now, .. } = found;
    let origin = draft.origin(*now, lang);
    let origin = match (*is_old, draft.on(*made_on, lang)) {
        (false, _) if draft.base.is_none() => {
            say!(lang, "Rascunho de {}. O arquivo ainda não existe.", "Draft by {}. There is no file yet.", origin)
        }
        (false, _) => {
            say!(lang, "Rascunho de {}. O arquivo continua igual.", "Draft by {}. The file is still the same.", origin)
        }
        (true, Some(on)) => say!(
            lang,
            "Rascunho de {}, {}. O arquivo foi alterado depois.",
            "Draft by {}, {}. The file has changed since.",
            origin,
            on
        ),
        (true, None) => say!(
            lang,
            "Rascunho de {}. O arquivo foi alterado depois.",
            "Draft by {}. The file has changed since.",
            origin
        ),
    };
    let open = draft.open_elsewhere.then(|| {
        let pid = draft.who.pid;
        let sentence = say!(
            lang,
            "A tela desse rascunho ainda está aberta (processo {}).",
            "Its form is still open (process {}).",
            pid
        );
        Line::of(Tone::Doubtful, sentence)
    });
    let meanwhile = meanwhile.last().map(|stamp| version::saved_by(stamp, wall, lang));
    std::iter::once(origin.into()).chain(meanwhile).chain(open).collect()
}

/// Which values a draft would change, which conflict with the file, and which the catalog no longer knows.
pub fn brings(found: &FoundDraft, session: &Session, lang: Lang) -> Vec<Line> {
    let FoundDraft { draft, merge, .. } = found;
    let catalog = session.catalog();
    let changes = session.would_change(&merge.mine);
    let mut lines: Vec<Line> = changes.iter().map(|it| change::marked(catalog, it, lang)).collect();
    lines.extend(merge.conflicts.iter().map(|it| change::conflict(catalog, it, lang)));
    let unknown = draft.changes.keys().filter(|key| catalog.parameter(key).is_none());
    lines.extend(unknown.map(|key| {
        let sentence = say!(
            lang,
            "{} {} não existe mais no catálogo; não será recuperado",
            "{} {} is no longer in the catalog; it will not be recovered",
            mark::WARNS,
            Safe::outside(key.as_str())
        );
        Line::of(Tone::Doubtful, sentence)
    }));
    if changes.is_empty() && merge.conflicts.is_empty() {
        lines.push(say!(lang, "O arquivo já tem esses valores.", "The file already has these values.").into());
    }
    lines
}
