//! Drafts: whose they are, how old, what they were made on, and what they would bring.

use super::{change, mark, version};
use crate::catalog::Catalog;
use crate::document::draft::Draft;
use crate::document::timestamp::Timestamp;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::session::Session;
use crate::session::opened::FoundDraft;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

/// A draft in a list: its file, quoted for a shell, whose it is, and its edits.
pub fn listed(draft: &Draft, made_on: Option<u64>, now: Timestamp, catalog: &Catalog, lang: Lang) -> Vec<Line> {
    let open = draft.open_elsewhere.then(|| say!(lang, "a tela ainda está aberta", "the form is still open"));
    let facts: Vec<Safe> = [draft.origin(now, lang), draft.on(made_on, lang)].into_iter().chain(open).collect();
    let edits = draft.changes.iter().map(|(key, value)| {
        let value = change::setting(catalog, key, value, lang);
        Line::from(safe!("  {}: {}", Safe::outside(key.as_str()), value))
    });
    let head = [Line::of(Tone::Strong, Safe::for_shell(&draft.file)), safe!("  {}", Safe::join(&facts, "; ")).into()];
    head.into_iter().chain(edits).collect()
}

/// Whose it is, what it was made on, and who saved since.
pub fn about(found: &FoundDraft, lang: Lang) -> Vec<Line> {
    let FoundDraft { draft, made_on, is_old, meanwhile, now, .. } = found;
    let (origin, on) = (draft.origin(*now, lang), draft.on(*made_on, lang));
    let origin = if *is_old {
        say!(lang, "De {}; {}; o arquivo mudou desde então.", "By {}; {}; the file has changed since.", origin, on)
    } else {
        say!(lang, "De {}; {}, que é o arquivo de agora.", "By {}; {}, which is the present file.", origin, on)
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
    let meanwhile = meanwhile.last().map(|stamp| version::saved_by(stamp, lang));
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
            "{} {} não está mais no catálogo e não é recuperado",
            "{} {} is not in the catalog any more and is not recovered",
            mark::WARNS,
            Safe::outside(key.as_str())
        );
        Line::of(Tone::Doubtful, sentence)
    }));
    if changes.is_empty() && merge.conflicts.is_empty() {
        lines.push(say!(lang, "O arquivo já diz tudo isto.", "The file says all of it already.").into());
    }
    lines
}
