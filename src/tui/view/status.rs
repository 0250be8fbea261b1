//! The lines around the panes: title, notice and buttons, the keys that work.

use crate::lang::Lang;
use crate::present::mark;
use crate::safe::Safe;
use crate::say;
use crate::session::Source;
use crate::text::line::{Line, Tone, blanks};
use crate::text::width;
use crate::tui::keymap::{self, Action};
use crate::tui::layout::Layout;
use crate::tui::model::others::Away;
use crate::tui::model::{Focus, Model, Notice};
use crate::tui::rows::{Piece, Row, cut, cut_start, rows_of, width_of};

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
    // Of a file that cannot be read, the dialog says all there is to say.
    if model.read_only && model.context() != keymap::UNREADABLE {
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
    // Under a dialog, they are out of reach.
    if !model.dialogs.is_empty() {
        return Row::default();
    }
    let (confirm, close) = labels(lang);
    let start = start_of_buttons(model, layout);
    let mut row = Row::default().right(vec![
        (confirm.clone(), style(Focus::Confirm)),
        ("  ".into(), theme.text()),
        (close, style(Focus::Close)),
        (" ".into(), theme.text()),
    ]);
    let is_free = model.notice.is_none() && model.read_only;
    let lasting = is_free.then(|| Notice {
        message: say!(lang, "Não grava: F2 mostra o motivo.", "Cannot save: F2 shows why."),
        warns: false,
        stays: true,
    });
    if let Some(notice) = model.notice.clone().or(lasting).filter(|notice| fits_beside(notice, model, layout)) {
        let style = if notice.warns { theme.warns() } else { theme.text() };
        row.left = vec![(" ".into(), theme.text()), (notice.message, style)];
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

/// A notice too long for its place beside the buttons, over as many rows as it needs, at the end of the help.
pub fn long_notice(model: &Model, layout: &Layout) -> Vec<Row> {
    let is_long = |notice: &&Notice| model.dialogs.is_empty() && !fits_beside(notice, model, layout);
    let Some(notice) = model.notice.as_ref().filter(is_long) else { return vec![] };
    let tone = if notice.warns { Tone::Doubtful } else { Tone::Plain };
    rows_of(&[Line::of(tone, notice.message.clone())], layout.help.width, model.setup.theme).collect()
}

/// The keys that work right now; or, under a dialog, a notice.
pub fn footer(model: &Model, layout: &Layout) -> Row {
    let theme = model.setup.theme;
    let width_in_all = usize::from(layout.footer.width);
    if let Some(notice) = model.notice.as_ref().filter(|_| !model.dialogs.is_empty()) {
        let message = cut(&notice.message, width_in_all.saturating_sub(2));
        let style = if notice.warns { theme.warns() } else { theme.text() };
        return Row::of(" ".into(), style).and(message, style);
    }
    let on_form = model.dialogs.is_empty();
    let (mut row, mut used, mut gap) = (Row::default(), 0, 0);
    for binding in keymap::footer(model.context()) {
        // What works all over the form keeps its place, and leaves some to what this field alone has; the buttons tell of Esc.
        let is_fixed = on_form && binding.is_of_form() && ![Action::Close, Action::Back].contains(&binding.action);
        let does = does_something(model, binding.action);
        let Some((name, word)) = named(model, binding, layout) else { continue };
        let size = 1 + width(&name) + if word.is_empty() { 0 } else { 1 + width(&word) } + 1;
        let reserved = if is_fixed { FIELDS_OWN } else { 0 };
        // The last one needs no blank behind it.
        if !does && !is_fixed || used + size - 1 + reserved > width_in_all {
            continue;
        }
        used += size;
        if !does {
            gap += size;
            continue;
        }
        let word = if word.is_empty() { " ".into() } else { crate::safe!(" {} ", word) };
        row.left.extend([(blanks(gap + 1), theme.text()), (name, theme.key()), (word, theme.text())]);
        gap = 0;
    }
    row
}

/// Cells of the footer for a key that the field in focus alone has: `F8 Usar 5433`. On 80 columns the others take the rest.
const FIELDS_OWN: usize = 14;

/// From so many columns on, every key in the footer has a word.
const WORDS: u16 = 110;

/// The key's name and the word for it.
fn named(model: &Model, binding: &keymap::Binding, layout: &Layout) -> Option<(Safe, Safe)> {
    let (lang, key) = (model.lang(), binding.keys(model.has_flow_control).next()?);
    let (_, pt, en) = binding.footer?;
    let word = match model.offer().filter(|_| binding.action == Action::TakeOffer) {
        // All five digits of a port have no room beside the verb.
        Some((_, port)) if layout.footer.width < WORDS && port > 9999 => crate::safe!("{}", port),
        Some((_, port)) => crate::safe!("{} {}", lang.pick(pt, en), port),
        None => Safe::own(lang.pick(pt, en)),
    };
    Some(match binding.action {
        Action::Undo | Action::Save if model.dialogs.is_empty() && layout.footer.width < WORDS => {
            (key.short(lang), Safe::default())
        }
        Action::Back if layout.footer.width < WORDS => (key.short(lang), word),
        _ => (key.name(lang), word),
    })
}

/// False for a key that would do nothing now.
fn does_something(model: &Model, action: Action) -> bool {
    match action {
        Action::Undo => model.edits.has_done(),
        Action::Save => !model.session.pending_changes().is_empty(),
        Action::Default => model.focused().is_some_and(|parameter| model.source(&parameter.key) != Source::Default),
        Action::TakeOffer => model.offer().is_some(),
        Action::Back => model.can_jump_back(),
        // On the form, where a button tells that it closes: in a dialog, Esc is the dialog's.
        Action::Close => !model.dialogs.is_empty() || model.running.is_some(),
        _ => true,
    }
}
