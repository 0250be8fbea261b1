//! What becomes what: changes of values, the two sides of a conflict, differences between two documents.

use serde_json::Value;

use super::mark;
use crate::catalog::{Catalog, Parameter};
use crate::document::diff::Difference;
use crate::document::merge::Conflict;
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::session::{Change, Session};
use crate::text::line::{Line, Tone};
use crate::{safe, say};

/// `integracao.porta_banco_dados: 5432 → 5433`, for whoever works with keys.
pub fn line(catalog: &Catalog, change: &Change, lang: Lang) -> Line {
    let name = Safe::outside(change.key.as_str());
    Line::of(Tone::Strong, name).and(Tone::Plain, ": ").and(Tone::Plain, values(catalog, change, lang))
}

/// `● Porta Banco de Dados Gestores: 5432 → 5433`, for whoever sees the form.
pub fn marked(catalog: &Catalog, change: &Change, lang: Lang) -> Line {
    let (title, values) = (title(catalog, &change.key, lang), values(catalog, change, lang));
    Line::of(Tone::Changed, safe!("{} {}: {}", mark::CHANGED, title, values))
}

/// `5432 → 5433`, of what a document says about the parameter and would say.
pub fn becomes(catalog: &Catalog, key: &Key, from: &Option<Value>, to: &Option<Value>, lang: Lang) -> Safe {
    let default = catalog.parameter(key).map(|parameter| &parameter.default);
    let in_force = |setting: &Option<Value>| setting.as_ref().or(default).cloned().unwrap_or_default();
    if from.is_none() && in_force(from) == in_force(to) {
        let same = value(catalog, key, &in_force(to), lang);
        return say!(lang, "padrão ({}) → {} (no arquivo)", "default ({}) → {} (in the file)", same, same);
    }
    values(catalog, &Change { key: key.clone(), from: in_force(from), to: in_force(to) }, lang)
}

/// `Porta Banco de Dados Gestores: 5432 → 5433`, for whoever has seen the form.
pub fn titled(catalog: &Catalog, change: &Change, lang: Lang) -> Line {
    let title = title(catalog, &change.key, lang);
    Line::of(Tone::Strong, title).and(Tone::Plain, ": ").and(Tone::Plain, values(catalog, change, lang))
}

/// The values are equal where the document wrote a default out and no longer does.
fn values(catalog: &Catalog, change: &Change, lang: Lang) -> Safe {
    let (from, to) = (value(catalog, &change.key, &change.from, lang), value(catalog, &change.key, &change.to, lang));
    if change.from == change.to {
        say!(lang, "{} (no arquivo) → padrão ({})", "{} (in the file) → default ({})", from, to)
    } else {
        safe!("{} → {}", from, to)
    }
}

/// What differs between two documents, whether the catalog knows it or not.
pub fn difference(catalog: &Catalog, difference: &Difference, lang: Lang) -> Line {
    safe!("- {}: {}", name(catalog, difference, lang), values_of(catalog, difference, lang)).into()
}

/// What the place that differs is called.
pub fn name(catalog: &Catalog, difference: &Difference, lang: Lang) -> Safe {
    let known = difference.key().filter(|key| catalog.parameter(key).is_some());
    known.map_or_else(|| Safe::outside(&difference.name), |key| title(catalog, &key, lang))
}

/// `5432 → 5433`
pub fn values_of(catalog: &Catalog, difference: &Difference, lang: Lang) -> Safe {
    if let Some(key) = difference.key().filter(|key| catalog.parameter(key).is_some()) {
        return becomes(catalog, &key, &difference.from, &difference.to, lang);
    }
    let shown = |value: &Option<Value>| match value {
        Some(value) => Safe::excerpt(&value.to_string()),
        None => Safe::own("-"),
    };
    safe!("{} {} {}", shown(&difference.from), mark::BECOMES, shown(&difference.to))
}

/// The same, and what the value is now where that is neither: `5432 → 5433; agora 5434`
pub fn values_since(catalog: &Catalog, difference: &Difference, session: &Session, lang: Lang) -> Safe {
    let values = values_of(catalog, difference, lang);
    let Some(parameter) = difference.key().and_then(|key| catalog.parameter(&key)) else { return values };
    let now = session.value(parameter);
    let told = [&difference.from, &difference.to].map(|value| value.as_ref().unwrap_or(&parameter.default) == &now);
    match told {
        [false, false] => say!(lang, "{}; agora {}", "{}; now {}", values, parameter.kind.shown(&now, lang)),
        _ => values,
    }
}

/// `geral.outra (chave desconhecida): - → 1`
pub fn unknown(difference: &Difference, lang: Lang) -> Line {
    let shown = |value: &Option<Value>| match value {
        Some(value) => Safe::excerpt(&value.to_string()),
        None => Safe::own("-"),
    };
    let (from, to) = (shown(&difference.from), shown(&difference.to));
    Line::of(Tone::Strong, Safe::outside(&difference.name))
        .and(Tone::Faint, say!(lang, " (chave desconhecida)", " (unknown key)"))
        .and(Tone::Plain, safe!(": {} → {}", from, to))
}

/// What stands above the conflict of this number, of so many.
pub fn conflict_heading(number: usize, count: usize, lang: Lang) -> Safe {
    match count {
        1 => say!(lang, "Alterado aqui e no arquivo", "Changed here and in the file"),
        _ => say!(
            lang,
            "Alterado aqui e no arquivo ({} de {})",
            "Changed here and in the file ({} of {})",
            number,
            count
        ),
    }
}

/// A conflict of a draft with the file, in one line.
pub fn conflict(catalog: &Catalog, conflict: &Conflict, lang: Lang) -> Line {
    let shown = |value| setting(catalog, &conflict.key, value, lang);
    let sentence = say!(
        lang,
        "{} {}: {} no rascunho, {} no arquivo",
        "{} {}: {} in the draft, {} in the file",
        mark::WARNS,
        title(catalog, &conflict.key, lang),
        shown(&conflict.mine),
        shown(&conflict.theirs)
    );
    Line::of(Tone::Doubtful, sentence)
}

/// A change that others have overtaken, by its name where that is not clear from where it stands.
pub fn overtaken(catalog: &Catalog, conflict: &Conflict, is_named: bool, lang: Lang) -> Line {
    let shown = |value| setting(catalog, &conflict.key, value, lang);
    let sentence = say!(
        lang,
        "alterado também por fora: {} → {}; ao gravar, você escolhe qual fica",
        "also changed by others: {} → {}; when saving, you choose which stays",
        shown(&conflict.base),
        shown(&conflict.theirs)
    );
    let name = if is_named { safe!("{}: ", title(catalog, &conflict.key, lang)) } else { Safe::default() };
    Line::of(Tone::Doubtful, safe!("{} {}{}", mark::WARNS, name, sentence))
}

/// The value that both sides of a conflict started from.
pub fn before(catalog: &Catalog, conflict: &Conflict, lang: Lang) -> Line {
    let base = setting(catalog, &conflict.key, &conflict.base, lang);
    Line::of(Tone::Faint, say!(lang, "Valor anterior: {}.", "Previous value: {}.", base))
}

/// What a parameter is called: its title, or the key of one that the catalog does not know.
pub fn title(catalog: &Catalog, key: &Key, lang: Lang) -> Safe {
    let known = catalog.parameter(key).map(|parameter| parameter.title.of(lang).clone());
    known.unwrap_or_else(|| Safe::outside(key.as_str()))
}

/// What a document says about a parameter; what it does not set is the default.
pub fn setting(catalog: &Catalog, key: &Key, setting: &Option<Value>, lang: Lang) -> Safe {
    match (setting, catalog.parameter(key)) {
        (Some(setting), _) => value(catalog, key, setting, lang),
        (None, Some(parameter)) => {
            say!(lang, "padrão: {}", "default: {}", parameter.kind.shown(&parameter.default, lang))
        }
        (None, None) => Safe::own("-"),
    }
}

/// The value in force where a document says this about the parameter.
pub fn setting_in_force(parameter: &Parameter, setting: &Option<Value>, lang: Lang) -> Safe {
    parameter.kind.shown(setting.as_ref().unwrap_or(&parameter.default), lang)
}

fn value(catalog: &Catalog, key: &Key, value: &Value, lang: Lang) -> Safe {
    match catalog.parameter(key) {
        Some(parameter) => parameter.kind.shown(value, lang),
        None => Safe::outside(&value.to_string()),
    }
}
