//! What lies over the form: questions with their answers, pages of text, work under way.

use super::paint::{Piece, Row, cut, paragraphs, rows_of, width, width_of, wrap};
use super::{Content, difference, help, list, live};
use crate::check::version_table::Table;
use crate::document::merge::Side;
use crate::present::{change, outcome, problem};
use crate::safe::Safe;
use crate::say;
use crate::text::line::{Line, Tone};
use crate::tui::dialog::{Answer, Busy, Dialog, Page, Purpose, Question};
use crate::tui::event::After;
use crate::tui::keymap::{BINDINGS, Binding};
use crate::tui::line_edit::LineEdit;
use crate::tui::model::{Frame, Model};

/// What the dialog shows in rows of `room` cells.
pub(super) fn content(model: &Model, frame: &Frame, room: u16) -> Content {
    let lang = model.lang();
    let ((title, rows), below) = match &frame.dialog {
        Dialog::List(list) => return list::content(model, list, frame.picked, room),
        Dialog::Page(page) => (page_rows(model, page, room), vec![]),
        Dialog::Question(question) => {
            (question_rows(model, question, room), buttons(model, question, frame.picked, room.into()))
        }
        Dialog::TypeName(table, line) => {
            let title = say!(lang, "Excluir Tab Versão", "Set the version table aside");
            ((title, table_rows(model, table, room)), typed(model, line, room))
        }
        Dialog::Live(view) => {
            let title = say!(lang, "Teste ao vivo, a cada segundo", "Live test, every second");
            ((title, live::rows(model, view, room)), vec![])
        }
        Dialog::Busy(busy) => (wait(model, *busy, room), vec![]),
    };
    Content { title, rows, below, picked: None }
}

fn page_rows(model: &Model, page: &Page, room: u16) -> (Safe, Vec<Row>) {
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

fn question_rows(model: &Model, question: &Question, room: u16) -> (Safe, Vec<Row>) {
    let (theme, lang) = (model.setup.theme, model.lang());
    match question {
        Question::Unsaved => (say!(lang, "Fechar", "Close"), difference::closing(model, room)),
        Question::SaveAnyway(failed, _) => {
            let heading =
                say!(lang, "O teste falhou; nada foi gravado ainda.", "The test failed; nothing was saved yet.");
            let mut lines = vec![Line::from(heading)];
            for outcome in failed {
                lines.push(Line::of(Tone::Strong, change::title(model.catalog(), &outcome.request.key, lang)));
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

/// The line in which the table's name is typed.
fn typed(model: &Model, line: &LineEdit, room: u16) -> Vec<Row> {
    let (theme, lang) = (model.setup.theme, model.lang());
    let asked = say!(lang, " Digite o nome da tabela para retirá-la:", " Type the table's name to set it aside:");
    let (text, cursor) = line.window(usize::from(room).saturating_sub(4));
    let mut typed = Row::of("  ".into(), theme.text()).and(text, theme.here());
    typed.cursor = Some(2 + cursor as u16);
    vec![Row::of(asked, theme.text()), typed]
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

fn wait(model: &Model, busy: Busy, room: u16) -> (Safe, Vec<Row>) {
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
                    Some(stage) => crate::safe!("- {}: {}", title, stage.doing(lang)),
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
        Busy::Saving => {
            parts.push((crate::safe!("{}", Safe::path(model.session.document().path())), theme.text()));
            say!(lang, "Gravando…", "Saving…")
        }
    };
    (title, paragraphs(&parts, room).collect())
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
