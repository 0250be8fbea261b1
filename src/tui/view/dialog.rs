//! What lies over the form: questions with their answers, pages of text, work under way.

use ratatui::layout::Rect;

use super::paint::{Painter, Piece, Row, cut, paragraphs, rows_of, width, width_of, wrap};
use super::{difference, help, list, live, status};
use crate::check::table::Table;
use crate::document::merge::Side;
use crate::present::{change, outcome, problem};
use crate::safe::Safe;
use crate::say;
use crate::text::line::{Line, Tone};
use crate::tui::dialog::{After, Answer, Busy, Dialog, Page, Purpose, Question};
use crate::tui::keymap::{BINDINGS, Binding};
use crate::tui::layout::Layout;
use crate::tui::line_edit::LineEdit;
use crate::tui::model::Model;

/// Draws the dialog over the form.
pub fn draw(model: &Model, dialog: &Dialog, layout: &Layout, painter: &mut Painter<'_>) {
    let screen = Rect { height: layout.footer.y, ..Rect { y: 0, ..layout.title } };
    match dialog {
        Dialog::Page(page, scroll) => {
            let (title, rows) = page_rows(model, page, screen);
            let inner = frame(model, screen, &title, rows.len() as u16, painter);
            painter.rows(inner, &rows, *scroll);
            status::more(model, inner, *scroll, rows.len(), painter);
            painter.cursor = Some((inner.x, inner.y));
        }
        Dialog::Question(question, picked, scroll) => {
            ask(model, question, (*picked, *scroll), screen, painter);
        }
        Dialog::List(picking) => list::draw(model, picking, screen, painter),
        Dialog::TypeName(table, line, scroll) => type_name(model, table, line, *scroll, screen, painter),
        Dialog::Live(view, scroll) => live::draw(model, view, *scroll, screen, painter),
        Dialog::Busy(busy) => wait(model, *busy, screen, painter),
    }
}

/// How far a page can be scrolled.
pub fn page_scroll_most(model: &Model, page: &Page, layout: &Layout) -> usize {
    let screen = Rect { height: layout.footer.y, ..Rect { y: 0, ..layout.title } };
    let (_, rows) = page_rows(model, page, screen);
    rows.len().saturating_sub(usize::from(inside(screen, rows.len() as u16).height))
}

fn page_rows(model: &Model, page: &Page, screen: Rect) -> (Safe, Vec<Row>) {
    let room = box_width(screen).saturating_sub(2);
    match page {
        Page::Field(key) => {
            let title = model.catalog().parameter(key).map(|parameter| parameter.title.of(model.lang()).clone());
            (title.unwrap_or_default(), help::page(model, key, room))
        }
        Page::Keys => (say!(model.lang(), "Teclas", "Keys"), keys(model, room)),
        Page::Changes => (say!(model.lang(), "Comparar", "Compare"), difference::unsaved(model, room)),
        Page::SetAside(before, moved) => {
            let theme = model.setup.theme;
            let mut parts = vec![(moved.words(before, model.lang()), theme.text())];
            parts.extend(moved.put_back.lines().map(|line| (Safe::outside(line), theme.heading())));
            let again = say!(
                model.lang(),
                "Estas linhas são mostradas de novo ao fechar o formulário.",
                "These lines are shown again when the form closes."
            );
            parts.push((again, theme.dim()));
            (say!(model.lang(), "Tabela retirada", "Table set aside"), paragraphs(&parts, room).collect())
        }
        Page::Merged(saved) => (say!(model.lang(), "Gravado", "Saved"), difference::merged(model, saved, room)),
        Page::Problem(problem) => (
            say!(model.lang(), "Não deu certo", "It did not work"),
            rows_of(&problem::page(problem), room, model.setup.theme).collect(),
        ),
    }
}

/// A box this wide leaves a margin on a wide screen and none on a narrow one.
pub(super) fn box_width(screen: Rect) -> u16 {
    if screen.width >= 76 { 72 } else { screen.width }
}

/// Where `rows` rows stand: centred, in a box as high as they need and the screen allows.
pub(super) fn inside(screen: Rect, rows: u16) -> Rect {
    let height = (rows + 2).min(screen.height);
    let wide = box_width(screen);
    let x = screen.x + (screen.width - wide) / 2;
    let y = screen.y + (screen.height - height) / 2;
    Rect { x: x + 1, y: y + 1, width: wide.saturating_sub(2), height: height.saturating_sub(2) }
}

/// Draws the box around `rows` rows; its inside.
pub(super) fn frame(model: &Model, screen: Rect, title: &Safe, rows: u16, painter: &mut Painter<'_>) -> Rect {
    let theme = model.setup.theme;
    let glyphs = theme.glyphs;
    let inner = inside(screen, rows);
    let outer = Rect { x: inner.x - 1, y: inner.y - 1, width: inner.width + 2, height: inner.height + 2 };
    painter.blank(outer);
    let (left, right, top, bottom) = (outer.x, outer.right() - 1, outer.y, outer.bottom() - 1);
    for y in [top, bottom] {
        painter.across(left, y, outer.right());
    }
    for y in top + 1..bottom {
        painter.mark(left, y, glyphs.down);
        painter.mark(right, y, glyphs.down);
    }
    for ((x, y), corner) in [(left, top), (right, top), (right, bottom), (left, bottom)].into_iter().zip(glyphs.corners)
    {
        painter.mark(x, y, corner);
    }
    let title = cut(title, usize::from(inner.width).saturating_sub(4), glyphs.cut);
    painter.put(left + 2, top, right, &crate::safe!(" {} ", title), theme.heading());
    inner
}

/// The text of the question scrolls; the answers stay under it.
fn ask(model: &Model, question: &Question, (picked, scroll): (usize, usize), screen: Rect, painter: &mut Painter<'_>) {
    let room = box_width(screen).saturating_sub(2);
    let (title, text) = question_rows(model, question, room);
    let buttons = buttons(model, question, picked, usize::from(room));
    let below = buttons.len() as u16 + 1;
    let inner = frame(model, screen, &title, text.len() as u16 + below, painter);
    let above = Rect { height: inner.height.saturating_sub(below), ..inner };
    painter.rows(above, &text, scroll);
    status::more(model, above, scroll, text.len(), painter);
    painter.rows(Rect { y: above.bottom() + 1, height: below - 1, ..inner }, &buttons, 0);
}

/// How far the text of a question can be scrolled.
pub fn question_scroll_most(model: &Model, question: &Question, layout: &Layout) -> usize {
    let screen = Rect { height: layout.footer.y, ..Rect { y: 0, ..layout.title } };
    let room = box_width(screen).saturating_sub(2);
    let text = question_rows(model, question, room).1.len();
    let below = buttons(model, question, 0, usize::from(room)).len() as u16 + 1;
    text.saturating_sub(usize::from(inside(screen, text as u16 + below).height.saturating_sub(below)))
}

fn question_rows(model: &Model, question: &Question, room: u16) -> (Safe, Vec<Row>) {
    let (theme, lang) = (model.setup.theme, model.lang());
    match question {
        Question::Unsaved => (say!(lang, "Fechar", "Close"), difference::closing(model, room)),
        Question::SaveAnyway(failed, _) => {
            let heading =
                say!(lang, "O teste falhou; nada foi gravado ainda.", "The test failed; nothing was saved yet.");
            let mut lines = vec![Line::from(heading)];
            for outcome in failed {
                lines.push(Line::of(Tone::Strong, change::title(model.catalog(), &outcome.key, lang)));
                lines.push(outcome::line(outcome, model.catalog(), lang));
            }
            (say!(lang, "Gravar assim mesmo?", "Save anyway?"), rows_of(&lines, room, theme).collect())
        }
        Question::Unreadable(problem) => (
            say!(lang, "O arquivo não pode ser lido", "The file cannot be read"),
            rows_of(&problem::page(problem), room, model.setup.theme).collect(),
        ),
        Question::Draft(offer) => difference::draft(model, offer, room),
        Question::Conflict(choosing) => difference::conflict(model, choosing, room),
        Question::Version(entry, changes) => difference::version(model, entry, changes, room),
    }
}

/// The answers side by side, or one below the other where they do not fit.
fn buttons(model: &Model, question: &Question, picked: usize, room: usize) -> Vec<Row> {
    let theme = model.setup.theme;
    let labels: Vec<Safe> = question
        .answers()
        .iter()
        .map(|answer| crate::safe!("[ {} ]", answer_words(model, question, *answer)))
        .collect();
    let abreast = labels.iter().map(|label| width(label) + 2).sum::<usize>() <= room;
    let mut rows: Vec<Row> = vec![];
    for (number, label) in labels.into_iter().enumerate() {
        if number == 0 || !abreast {
            rows.push(Row::default());
        }
        let Some(row) = rows.last_mut() else { continue };
        row.left.push(("  ".into(), theme.text()));
        if number == picked {
            row.cursor = Some(width_of(&row.left) as u16 + 2);
        }
        row.left.push((label, if number == picked { theme.picked() } else { theme.text() }));
    }
    rows
}

fn answer_words(model: &Model, question: &Question, answer: Answer) -> &'static str {
    let lang = model.lang();
    match answer {
        Answer::Stay if matches!(question, Question::Draft(_)) => lang.pick("Agora não", "Not now"),
        Answer::Stay => lang.pick("Voltar", "Back"),
        Answer::Save(_) if model.denied.is_some() => lang.pick("Guardar rascunho e fechar", "Keep draft and close"),
        Answer::Save(_) => lang.pick("Gravar e fechar", "Save and close"),
        Answer::SaveUntested(_) => lang.pick("Gravar assim mesmo", "Save anyway"),
        Answer::Discard => lang.pick("Descartar", "Discard"),
        Answer::Reopen => lang.pick("Ler de novo", "Read again"),
        Answer::Leave => lang.pick("Fechar (Esc)", "Close (Esc)"),
        Answer::Recover => lang.pick("Recuperar", "Recover"),
        Answer::DiscardDraft => lang.pick("Descartar rascunho", "Discard draft"),
        Answer::Choose(Side::Mine) => match question {
            Question::Conflict(choosing) if matches!(choosing.purpose, Purpose::Recover(..)) => {
                lang.pick("Fica o do rascunho", "Take the draft's")
            }
            _ => lang.pick("Fica o meu", "Take mine"),
        },
        Answer::Choose(Side::Theirs) => lang.pick("Fica o do arquivo", "Take the file's"),
        Answer::Restore => lang.pick("Restaurar no formulário", "Restore into the form"),
    }
}

/// What is about to happen to which table, and the line in which its name is typed.
fn type_name(model: &Model, table: &Table, line: &LineEdit, scroll: usize, screen: Rect, painter: &mut Painter<'_>) {
    let (theme, lang) = (model.setup.theme, model.lang());
    let room = box_width(screen).saturating_sub(2);
    let rows = table_rows(model, table, room);
    let title = say!(lang, "Excluir Tab Versão", "Set the version table aside");
    let inner = frame(model, screen, &title, rows.len() as u16 + TYPED, painter);
    let above = Rect { height: inner.height.saturating_sub(TYPED), ..inner };
    painter.rows(above, &rows, scroll);
    status::more(model, above, scroll, rows.len(), painter);
    let asked = say!(lang, " Digite o nome da tabela para retirá-la:", " Type the table's name to set it aside:");
    let (text, cursor) = line.window(usize::from(room).saturating_sub(4));
    let mut typed = Row::of("  ".into(), theme.text()).and(text, theme.here());
    typed.cursor = Some(2 + cursor as u16);
    let below = Rect { y: above.bottom() + 1, height: TYPED - 1, ..inner };
    painter.rows(below, &[Row::of(asked, theme.text()), typed], 0);
}

/// Rows below the table: a blank one, the question, what is typed.
const TYPED: u16 = 3;

/// How far the table can be scrolled.
pub fn table_scroll_most(model: &Model, table: &Table, layout: &Layout) -> usize {
    let screen = Rect { height: layout.footer.y, ..Rect { y: 0, ..layout.title } };
    let count = table_rows(model, table, box_width(screen).saturating_sub(2)).len();
    count.saturating_sub(usize::from(inside(screen, count as u16 + TYPED).height.saturating_sub(TYPED)))
}

fn table_rows(model: &Model, table: &Table, room: u16) -> Vec<Row> {
    let (theme, lang) = (model.setup.theme, model.lang());
    let (warning, count, lines) = table.words(lang);
    let mut rows: Vec<Row> = paragraphs(&[(warning, theme.warns()), (count, theme.heading())], room).collect();
    // Rows of a table are cut, not wrapped: their columns would be lost.
    let width = usize::from(room).saturating_sub(2);
    rows.extend(
        lines
            .iter()
            .map(|line| Row::of(" ".into(), theme.text()).and(cut(line, width, theme.glyphs.cut), theme.text())),
    );
    let kept = say!(
        lang,
        "Nada é apagado: ela vai para o esquema balcao_excluidas, e o SQL que a traz de volta é mostrado.",
        "Nothing is dropped: it goes into the schema balcao_excluidas, and the SQL that puts it back is shown."
    );
    rows.extend(paragraphs(&[(kept, theme.dim())], room));
    rows
}

fn wait(model: &Model, busy: Busy, screen: Rect, painter: &mut Painter<'_>) {
    let (theme, lang) = (model.setup.theme, model.lang());
    let mut parts: Vec<Piece> = Vec::new();
    let title = match busy {
        Busy::Checking(after) => {
            let words = match after {
                After::Close => say!(
                    lang,
                    "Os endereços mudaram: testando antes de gravar e fechar…",
                    "The addresses have changed: testing before saving and closing…"
                ),
                After::Stay => say!(
                    lang,
                    "Os endereços mudaram: testando antes de gravar…",
                    "The addresses have changed: testing before saving…"
                ),
            };
            parts.push((words, theme.text()));
            let waiting = model.running.iter().flat_map(|running| &running.waiting);
            let titles = waiting.filter_map(|request| model.catalog().parameter(&request.key));
            parts.extend(titles.map(|parameter| {
                let title = parameter.title.of(lang);
                let words = match model.stage(&parameter.key) {
                    Some(stage) => crate::safe!("- {}: {}", title, stage.words(lang)),
                    None => crate::safe!("- {}", title),
                };
                (words, theme.dim())
            }));
            say!(lang, "Testando", "Testing")
        }
        Busy::Looking | Busy::Moving => {
            let table = Safe::outside(&model.session.version_table());
            parts.push((crate::safe!("{}", table), theme.text()));
            match busy {
                Busy::Looking => say!(lang, "Procurando a tabela…", "Looking for the table…"),
                _ => say!(lang, "Retirando a tabela…", "Setting the table aside…"),
            }
        }
        Busy::Saving(_) => {
            parts.push((crate::safe!("{}", Safe::path(model.session.document().path())), theme.text()));
            say!(lang, "Gravando…", "Saving…")
        }
    };
    let rows: Vec<Row> = paragraphs(&parts, box_width(screen).saturating_sub(2)).collect();
    let inner = frame(model, screen, &title, rows.len() as u16, painter);
    painter.rows(inner, &rows, 0);
    painter.cursor = Some((inner.x, inner.y));
}

/// The key help: made from the table, so that it cannot be wrong. Rows that differ in place alone are told once.
fn keys(model: &Model, room: u16) -> Vec<Row> {
    let (theme, lang) = (model.setup.theme, model.lang());
    let names =
        |binding: &Binding| Safe::join(&binding.keys.iter().map(|key| key.name(lang)).collect::<Vec<_>>(), ", ");
    let column = BINDINGS.iter().map(|binding| width(&names(binding))).max().unwrap_or(0).min(usize::from(room) / 2);
    let mut rows = Vec::new();
    for binding in BINDINGS {
        let words = Safe::own(lang.pick(binding.what.0, binding.what.1));
        let heads = wrap(&names(binding), column);
        let tails = wrap(&words, usize::from(room).saturating_sub(column + 4));
        for line in 0..heads.len().max(tails.len()) {
            let head = heads.get(line).cloned().unwrap_or_default();
            let pad = Safe::outside(&" ".repeat(column + 2 - width(&head)));
            let tail = tails.get(line).cloned().unwrap_or_default();
            rows.push(
                Row::of(" ".into(), theme.text()).and(head, theme.key()).and(pad, theme.text()).and(tail, theme.text()),
            );
        }
    }
    rows
}
