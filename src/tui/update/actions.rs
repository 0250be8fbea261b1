//! The dialog's actions: editing a report, and setting the table of versions aside.

use std::io;
use std::path::Path;
use std::process::ExitStatus;

use super::super::dialog::{Busy, Dialog, List, Listing, Page};
use super::super::event::Effect;
use super::super::keymap::Action;
use super::super::layout;
use super::super::line_edit::LineEdit;
use super::super::model::Model;
use super::work;
use crate::catalog::Level;
use crate::check::table::{SetAside, Table, Trouble};
use crate::safe::Safe;
use crate::say;
use crate::session::actions;
use crate::session::reports::{Reports, ReportsError};

/// Runs the action of this number in the group shown.
pub(super) fn run(model: &mut Model, number: usize) -> Vec<Effect> {
    match model.actions().get(number) {
        Some(actions::Action::EditReport) => vec![Effect::ListReports(work::next_ticket(model))],
        Some(actions::Action::SetTableAside) => look_at_table(model),
        None => vec![],
    }
}

fn look_at_table(model: &mut Model) -> Vec<Effect> {
    let no_server = model.session.database().is_none();
    // A value that no save would let through names neither a server nor a table.
    let in_the_way = model
        .findings
        .iter()
        .find(|finding| finding.level() == Level::Error && (no_server || finding.key.as_str() == actions::TABLE_KEY));
    if let Some(key) = in_the_way.map(|finding| finding.key.clone()) {
        model.go_to(&key);
        model.warn(say!(model.lang(), "Antes, este valor precisa ser corrigido.", "This value needs mending first."));
        return vec![];
    }
    let Some(server) = model.session.database() else {
        work::tell_problem(model, Trouble::NoServer.problem(model.catalog(), model.lang()));
        return vec![];
    };
    work::stop_check(model);
    model.dialogs.push(Dialog::Busy(Busy::Looking));
    let name = model.session.version_table();
    vec![Effect::LookAtTable(work::next_ticket(model), server, name, model.setup.check.clone())]
}

pub(super) fn on_reports(model: &mut Model, found: Result<Reports, ReportsError>) {
    match found {
        Ok(reports) if reports.names.is_empty() => {
            let folder = Safe::path(&reports.folder);
            model.warn(say!(model.lang(), "Não há relatórios em {}.", "There are no reports in {}.", folder));
        }
        Ok(reports) => model.dialogs.push(Dialog::List(List::of(Listing::Reports(reports)))),
        Err(error) => work::tell_problem(model, error.problem(model.lang())),
    }
}

/// The editor has ended; the list is still there, for the next report.
pub(super) fn edited(model: &mut Model, file: &Path, ended: io::Result<Option<ExitStatus>>) -> Vec<Effect> {
    let lang = model.lang();
    let failed = |reason: &str| model.setup.editor.problem(Safe::outside(reason), lang);
    let problem = match ended {
        Ok(Some(status)) if !status.success() => Some(failed(&status.to_string())),
        Ok(_) => None,
        Err(error) => Some(failed(&error.to_string())),
    };
    match problem {
        Some(problem) => work::tell_problem(model, problem),
        None => {
            let words = say!(lang, "Relatório fechado: {}", "Report closed: {}", Safe::path(file));
            model.tell(words);
        }
    }
    vec![Effect::Repaint]
}

pub(super) fn on_table(model: &mut Model, found: Result<Box<Table>, Trouble>) {
    model.dialogs.pop();
    match found {
        Ok(table) => model.dialogs.push(Dialog::TypeName(table, LineEdit::default(), 0)),
        Err(trouble) => work::tell_problem(model, trouble.problem(model.catalog(), model.lang())),
    }
}

/// Keys where the table's name is typed.
pub(super) fn in_typing(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = layout::page(model);
    let Some(Dialog::TypeName(_, line, scroll)) = model.dialogs.last_mut() else { return vec![] };
    match action {
        Action::Insert(letter) => line.insert(letter.encode_utf8(&mut [0; 4])),
        Action::Backspace => line.backspace(),
        Action::Delete => line.delete(),
        Action::DeleteWord => line.delete_word(),
        Action::ClearLine => line.clear(),
        Action::Left => line.left(),
        Action::Right => line.right(),
        Action::Home => line.home(),
        Action::End => line.end(),
        Action::Up => *scroll = scroll.saturating_sub(1),
        Action::Down => *scroll += 1,
        Action::PageUp => *scroll = scroll.saturating_sub(page),
        Action::PageDown => *scroll += page,
        Action::Enter => return set_aside(model),
        Action::Close => {
            model.dialogs.pop();
            model.tell(say!(model.lang(), "Nada foi alterado no servidor.", "Nothing was changed on the server."));
        }
        Action::Repaint => return vec![Effect::Repaint],
        _ => {}
    }
    vec![]
}

fn set_aside(model: &mut Model) -> Vec<Effect> {
    let Some(Dialog::TypeName(table, line, _)) = model.dialogs.last() else { return vec![] };
    if !table.is_called(line.text()) {
        let words = say!(
            model.lang(),
            "O nome digitado não é o da tabela; nada foi alterado.",
            "The name typed is not the table's; nothing was changed."
        );
        model.warn(words);
        return vec![];
    }
    let table = table.clone();
    let Some(server) = model.session.database() else { return vec![] };
    model.dialogs.pop();
    model.dialogs.push(Dialog::Busy(Busy::Moving));
    vec![Effect::SetTableAside(work::next_ticket(model), server, table, model.setup.check.clone())]
}

pub(super) fn on_set_aside(model: &mut Model, place: String, moved: Result<SetAside, Trouble>) {
    model.dialogs.pop();
    match moved {
        Ok(moved) => {
            // The page goes with the form; the SQL must not.
            model.printed.push(moved.words(&place, model.lang()));
            model.printed.extend(moved.put_back.lines().map(Safe::outside));
            model.dialogs.push(Dialog::Page(Page::SetAside(place, Box::new(moved)), 0));
        }
        Err(trouble) => work::tell_problem(model, trouble.problem(model.catalog(), model.lang())),
    }
}
