//! The lines around the panes: title, notice and buttons, the keys that work.

use crate::lang::Lang;
use crate::present::mark;
use crate::safe::Safe;
use crate::say;
use crate::text::width;
use crate::tui::keymap::{self, Action};
use crate::tui::layout::Layout;
use crate::tui::model::others::Away;
use crate::tui::model::{Focus, Model, Notice};
use crate::tui::rows::{Piece, Row, cut, cut_start, width_of};

/// Program, document, number of unsaved changes, read-only.
pub fn title(model: &Model, layout: &Layout) -> Row {
    let (theme, lang) = (model.setup.theme, model.lang());
    let width_in_all = layout.title.width;
    let name = if width_in_all >= 60 {
        say!(lang, " Gestor Balcão · Configuração", " Gestor Balcão · Configuration")
    } else {
        " Gestor Balcão".into()
    };
    let mut right: Vec<Piece> = Vec::new();
    match model.others.away {
        Some(Away::Gone) => right.push((say!(lang, " [removido]", " [removed]"), theme.warns())),
        Some(Away::Unreadable(_)) => right.push((say!(lang, " [ilegível]", " [unreadable]"), theme.warns())),
        // What others save is seen when saving, no earlier.
        None if model.others.unwatched.is_some() => {
            let told = match width_in_all >= 60 {
                true => say!(lang, " [avisa só ao gravar]", " [told only at saving]"),
                false => say!(lang, " [só ao gravar]", " [at saving]"),
            };
            right.push((told, theme.dim()));
        }
        None => {}
    }
    if model.read_only {
        right.push((say!(lang, " [somente leitura]", " [read-only]"), theme.warns()));
    }
    let changes = model.session.pending_changes().len();
    if changes > 0 {
        right.push((crate::safe!(" {} {}", mark::CHANGED, changes), theme.sign(mark::CHANGED)));
    }
    right.push((" ".into(), theme.text()));
    let room = usize::from(width_in_all).saturating_sub(width(&name) + 2 + width_of(&right));
    let path = cut_start(&Safe::path(model.setup.location.named()), room);
    right.insert(0, (path, theme.text()));
    Row::of(name, theme.heading()).right(right)
}

/// The notice at the left, the two buttons at the right.
pub fn buttons(model: &Model, layout: &Layout) -> Row {
    let (theme, lang) = (model.setup.theme, model.lang());
    let style = |focus| if model.focus == focus { theme.picked() } else { theme.text() };
    let (confirm, close) = labels(lang);
    let start = start_of_buttons(model, layout);
    let mut row = Row::default().right(vec![
        (confirm.clone(), style(Focus::Confirm)),
        ("  ".into(), theme.text()),
        (close, style(Focus::Close)),
        (" ".into(), theme.text()),
    ]);
    if let Some(notice) = model.notice.as_ref().filter(|notice| fits_beside(notice, model, layout)) {
        let style = if notice.warns { theme.warns() } else { theme.text() };
        row.left = vec![(" ".into(), theme.text()), (notice.message.clone(), style)];
    }
    row.cursor = match model.focus {
        Focus::Confirm => Some(start + 2),
        Focus::Close => Some(start + width(&confirm) as u16 + 4),
        _ => None,
    };
    row
}

fn labels(lang: Lang) -> (Safe, Safe) {
    (
        lang.pick("[ Confirma (F12) ]", "[ Confirm (F12) ]").into(),
        lang.pick("[ Fechar (Esc) ]", "[ Close (Esc) ]").into(),
    )
}

/// The column that the buttons begin in: two blanks between them, one behind.
fn start_of_buttons(model: &Model, layout: &Layout) -> u16 {
    let (confirm, close) = labels(model.lang());
    layout.buttons.right().saturating_sub((width(&confirm) + 2 + width(&close) + 1) as u16)
}

fn fits_beside(notice: &Notice, model: &Model, layout: &Layout) -> bool {
    width(&notice.message) + 2 < usize::from(start_of_buttons(model, layout))
}

/// The keys that work right now, the most important that fit; or a notice too long for its place beside the buttons.
///
/// On the form, those of the field in focus stand at the right, so that the others stay where they are from field to field.
pub fn footer(model: &Model, layout: &Layout) -> Row {
    let theme = model.setup.theme;
    let width_in_all = usize::from(layout.footer.width);
    if let Some(notice) = model.notice.as_ref().filter(|notice| !fits_beside(notice, model, layout)) {
        let message = cut(&notice.message, width_in_all.saturating_sub(2));
        let style = if notice.warns { theme.warns() } else { theme.text() };
        return Row::of(" ".into(), style).and(message, style);
    }
    let (mut row, mut used) = (Row::default(), 0);
    let (lang, on_form, offers) = (model.lang(), model.dialogs.is_empty(), model.offer().is_some());
    for binding in keymap::footer(model.context()) {
        if binding.action == Action::TakeOffer && !offers || binding.action == Action::Save && model.has_flow_control {
            continue;
        }
        let (Some(key), Some((_, pt, en))) = (binding.keys.first(), binding.footer) else { continue };
        let name = key.name(lang);
        // On the form alone: in a dialog, Esc is the dialog's.
        let stops = binding.action == Action::Close && model.running.is_some() && on_form;
        let word = Safe::own(if stops { lang.pick("Interromper", "Stop") } else { lang.pick(pt, en) });
        used += 1 + width(&name) + 1 + width(&word) + 1;
        if used > width_in_all {
            break;
        }
        let side = if on_form && !binding.is_of_form() { &mut row.right } else { &mut row.left };
        side.extend([(" ".into(), theme.text()), (name, theme.key()), (crate::safe!(" {} ", word), theme.text())]);
    }
    row
}
