//! What others did to the file meanwhile: told before the next question, and followed.

use super::form::Form;
use super::step::Step;
use crate::document::Changes;
use crate::document::diff::differences;
use crate::lang::Lang;
use crate::present::{change, gone, version};
use crate::say;
use crate::text::line::{Line, Tone};

pub fn tell(form: &mut Form) -> Step<()> {
    let Some(watch) = form.watch.clone().filter(|watch| watch.changed() || form.looks_again) else { return Ok(()) };
    // Until it has ended: a look that is broken off has seen nothing.
    form.looks_again = true;
    let (lang, catalog, session) = (form.lang(), form.catalog(), form.session.clone());
    let (is_watched, look) = form.work(move || {
        // First, so that what happens after the look is heard.
        let is_watched = watch.arm().is_ok();
        (is_watched, session.look())
    })?;
    form.looks_again = false;
    if std::mem::replace(&mut form.is_watched, is_watched) && !is_watched {
        form.say(&[unwatched(lang)])?;
    }
    let now = match look.now {
        Ok(now) => now,
        Err(error) => return form.tell_problem(&error.problem(lang)),
    };
    let is_gone = !now.exists() && look.before.exists();
    let was_gone = std::mem::replace(&mut form.is_gone, is_gone);
    if is_gone {
        return if was_gone { Ok(()) } else { form.say(&[Line::of(Tone::Bad, gone::title(lang))]) };
    }
    if was_gone {
        form.tell(say!(lang, "O arquivo está de volta.", "The file is back."))?;
    }
    let was_denied = std::mem::replace(&mut form.denied, look.denied).is_some();
    match read_only(form) {
        Some(told) if !was_denied => form.say(&[told])?,
        None if was_denied => {
            form.tell(say!(lang, "O arquivo já pode ser gravado.", "The file may be saved by now."))?
        }
        _ => {}
    }
    if !look.has_moved && now.text() == look.before.text() {
        return Ok(());
    }
    let mut lines = vec![crate::safe!("{}:", version::headline(&look.authors, &form.wall(), false, lang)).into()];
    lines.extend(differences(&look.before, &now).iter().map(|it| change::difference(&catalog, it, lang)));
    form.edits.follow(&look.before, &now, &Changes::new());
    form.session.follow(now);
    form.forget_trace();
    // The draft is merged from what its edits were made on.
    form.handed = None;
    form.keep();
    lines.extend(form.session.conflicts().iter().map(|it| change::overtaken(&catalog, it, true, lang)));
    lines.push(say!(lang, "Seus valores alterados continuam aqui.", "Your changed values are still here.").into());
    form.say(&lines)
}

/// Why this user cannot save.
pub fn read_only(form: &Form) -> Option<Line> {
    let (lang, reason) = (form.lang(), form.denied.as_ref()?.reason(form.lang()));
    Some(Line::of(Tone::Doubtful, say!(lang, "Somente leitura: {}", "Read-only: {}", reason)))
}

/// That nobody hears of what others save.
pub fn unwatched(lang: Lang) -> Line {
    let told = say!(
        lang,
        "Não há como acompanhar a pasta do arquivo: o que outros gravam só se vê ao gravar.",
        "There is no following the file's folder: what others save is seen only when saving."
    );
    Line::of(Tone::Doubtful, told)
}
