//! What others did to the file meanwhile: told before the next question, and followed.

use super::form::Form;
use super::step::Step;
use crate::document::Changes;
use crate::document::diff::differences;
use crate::present::{change, gone, version};
use crate::say;
use crate::text::line::{Line, Tone};

pub fn tell(form: &mut Form) -> Step<()> {
    let Some(watch) = form.watch.clone().filter(|watch| watch.changed()) else { return Ok(()) };
    let (lang, catalog, session) = (form.lang(), form.catalog(), form.session.clone());
    let look = form.work(move || {
        // First, so that what happens after the look is heard.
        _ = watch.arm();
        session.look()
    })?;
    let now = match look.now {
        Ok(now) => now,
        Err(error) => return form.tell_problem(&error.problem(lang)),
    };
    if !now.exists() && look.before.exists() {
        return form.say(&[Line::of(Tone::Bad, gone::title(lang))]);
    }
    form.denied = look.denied;
    if !look.has_moved && now.text() == look.before.text() {
        return Ok(());
    }
    let mut lines = vec![crate::safe!("{}:", version::headline(&look.authors, &form.wall(), false, lang)).into()];
    lines.extend(differences(&look.before, &now).iter().map(|it| change::difference(&catalog, it, lang)));
    form.edits.follow(&look.before, &now, &Changes::new());
    form.session.follow(now);
    // The draft is merged from what its edits were made on.
    form.handed = None;
    form.keep();
    lines.extend(form.session.conflicts().iter().map(|it| change::overtaken(&catalog, it, true, lang)));
    lines.push(say!(lang, "Seus valores alterados continuam aqui.", "Your changed values are still here.").into());
    form.say(&lines)
}
