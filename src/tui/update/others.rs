//! Others at the same file: looks at it when something happened there, follows what they saved, and says so.

use super::super::dialog::compare::Compare;
use super::super::event::{Effect, Work};
use super::super::keymap;
use super::super::model::Model;
use super::super::model::others::{Away, News, Untold};
use super::super::rows::cut;
use crate::document::Changes;
use crate::document::watch::Unwatched;
use crate::present::version::headline;
use crate::present::{change, mark};
use crate::safe::Safe;
use crate::session::look::Look;
use crate::text::width;
use crate::{safe, say};

/// Something has happened to the file.
pub(super) fn on_touched(model: &mut Model) {
    (model.others.again, model.others.heard) = (true, true);
}

/// Somebody wants to know.
pub(super) fn look(model: &mut Model) {
    model.others.again = true;
}

/// Starts the look that is due, unless one is under way or the form is saving.
pub(super) fn due(model: &mut Model) -> Option<Effect> {
    let others = &mut model.others;
    if !others.again || others.looking || others.saving {
        return None;
    }
    (others.again, others.looking) = (false, true);
    Some(Effect::Look { waits: others.heard })
}

pub(super) fn on_looked(model: &mut Model, look: Look, watched: Option<Result<(), Unwatched>>) -> Vec<Effect> {
    model.others.looking = false;
    model.wall.now = look.at;
    model.others.heard &= model.others.again;
    if let Some(watched) = watched {
        model.others.unwatched = watched.err();
    }
    // What it compared with is not what the form has by now: a save came in between.
    if model.others.saving || look.before.text() != model.session.document().text() {
        model.others.again = true;
        return vec![];
    }
    if model.context() == keymap::UNREADABLE {
        return vec![model.work(Work::Open(model.setup.location.clone()))];
    }
    let away = match &look.now {
        Err(error) => Some(Away::Unreadable(error.problem(model.lang()).message)),
        Ok(now) if !now.exists() && look.before.exists() => Some(Away::Gone),
        Ok(_) => None,
    };
    let was_away = std::mem::replace(&mut model.others.away, away);
    if model.others.away.is_some() {
        if model.others.away != was_away {
            model.others.untold = Some(Untold::Away);
        }
        return vec![];
    }
    if was_away.is_some() {
        model.others.untold = Some(Untold::Back);
    }
    if look.denied.is_some() != model.denied.is_some() {
        model.read_only = look.denied.is_some();
        model.denied = look.denied;
        model.others.untold = Some(Untold::Denied);
    }
    if let Ok(now) = look.now
        && (look.has_moved || now.text() != look.before.text())
    {
        model.edits.follow(&look.before, &now, &Changes::new());
        let overtaken = model.session.follow(now);
        model.untraced = true;
        // The draft is merged from what its edits were made on.
        model.handed = None;
        model.refresh();
        let now = model.session.document();
        for news in [&mut model.others.news, &mut model.others.fresh] {
            news.get_or_insert_with(|| News::since(look.before.clone())).add(now, &look.authors, &overtaken);
        }
        model.others.untold = Some(if now.path() == look.before.path() { Untold::News } else { Untold::Moved });
    }
    vec![]
}

/// Says what has to be told, once the form is in sight. Compare shows all of it by itself.
pub(super) fn tell(model: &mut Model) {
    if model.dialog::<Compare>().is_some() {
        model.others.untold = None;
    }
    if !model.dialogs.is_empty() {
        return;
    }
    let Some(untold) = model.others.untold.take() else { return };
    let lang = model.lang();
    let (message, warns) = match (untold, &model.others.away, &model.others.fresh) {
        (Untold::Away, Some(away), _) => (away_message(model, away), true),
        (Untold::Denied, ..) if model.denied.is_some() => return model.warn_read_only(),
        (Untold::Moved, ..) => {
            let path = Safe::path(model.session.document().path());
            (say!(lang, "O caminho agora leva a {} (F2).", "The path now leads to {} (F2).", path), true)
        }
        (Untold::Denied, ..) => (say!(lang, "Agora o arquivo pode ser gravado.", "The file can be saved now."), false),
        (Untold::News, _, Some(news)) => (news_message(model, news), !news.overtaken.is_empty()),
        _ => {
            let back = say!(
                lang,
                "O arquivo voltou, igual ao que foi lido.",
                "The file is back, the same as it was \
                     read."
            );
            (back, false)
        }
    };
    if warns {
        model.warn(message)
    } else {
        model.tell(message)
    }
    // Whoever is typing has no eye for it yet.
    model.notice.iter_mut().for_each(|notice| notice.stays = true);
}

fn away_message(model: &Model, away: &Away) -> Safe {
    let lang = model.lang();
    match away {
        Away::Gone => say!(
            lang,
            "O arquivo foi removido. O que foi lido continua nesta tela.",
            "The file was removed. What was read is still in this form."
        ),
        Away::Unreadable(reason) => say!(
            lang,
            "Não é mais possível ler o arquivo; nada se perdeu nesta tela. {}",
            "The file can no longer be read; nothing is lost in this form. {}",
            reason
        ),
    }
}

/// `rui gravou às 09:34: Porta Banco de Dados Gestores: 5433 → 7000, e mais 2 (F2)`, as wide as the screen.
fn news_message(model: &Model, news: &News) -> Safe {
    let (lang, catalog) = (model.lang(), model.catalog());
    // Who came from where and as whom can be long, and must not push out what changed; F2 has all of it.
    let half = usize::from(model.size.0) / 2;
    let headline = |is_brief| headline(&news.authors, &model.wall, is_brief, lang);
    let head = Some(headline(false)).filter(|head| width(head) <= half).unwrap_or_else(|| cut(&headline(true), half));
    let Some(first) = news.first(catalog) else {
        return say!(lang, "{}, sem alterar valores.", "{}, without changing values.", head);
    };
    let title = change::name(catalog, first, lang);
    let values = match first.key().filter(|key| news.overtaken.contains(key)) {
        Some(key) => {
            let mine = change::setting(catalog, &key, &model.session.setting(&key), lang);
            let theirs = change::setting(catalog, &key, &first.to, lang);
            say!(lang, "{}; aqui {} (F2)", "{}; here {} (F2)", theirs, mine)
        }
        None => change::values_of(catalog, first, lang),
    };
    let more = match news.changes.len() {
        0 | 1 => Safe::default(),
        count => say!(lang, ", e mais {} (F2)", ", and {} more (F2)", count - 1),
    };
    let mark = if news.overtaken.is_empty() { Safe::default() } else { safe!("{} ", mark::WARNS) };
    let rest = safe!(": {}{}", values, more);
    let room = usize::from(model.size.0).saturating_sub(2 + width(&mark) + width(&head) + 2 + width(&rest));
    safe!("{}{}: {}{}", mark, head, cut(&title, room.max(12)), rest)
}
