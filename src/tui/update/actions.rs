//! The dialog's actions: editing a report, and setting the table of versions aside.

use std::io;
use std::path::Path;
use std::process::ExitStatus;

use super::super::dialog::busy::Busy;
use super::super::dialog::page::{tell_problem, tell_set_aside};
use super::super::dialog::password;
use super::super::dialog::reports;
use super::super::dialog::table::TypeName;
use super::super::event::{Effect, Work};
use super::super::model::{Model, Retry};
use crate::catalog::Level;
use crate::check::Diagnosis;
use crate::check::version_table::{SetAside, Table, Trouble};
use crate::safe::Safe;
use crate::say;
use crate::session::actions;
use crate::session::reports::{Reports, ReportsError};

/// Runs the action of this number in the group shown.
pub(super) fn run(model: &mut Model, number: usize) -> Vec<Effect> {
    match model.actions().get(number) {
        Some(actions::Action::EditReport) => vec![model.work(Work::ListReports)],
        Some(actions::Action::SetTableAside) => look_at_table(model),
        None => vec![],
    }
}

pub(super) fn look_at_table(model: &mut Model) -> Vec<Effect> {
    let no_server = model.session.database().is_none();
    // An invalid value names neither a server nor a table.
    let in_the_way = model
        .findings
        .iter()
        .find(|finding| finding.level() == Level::Error && (no_server || finding.key.as_str() == actions::TABLE_KEY));
    if let Some(key) = in_the_way.map(|finding| finding.key.clone()) {
        model.jump_to(&key);
        model.warn(say!(model.lang(), "Corrija antes este valor.", "Fix this value first."));
        return vec![];
    }
    let Some(server) = model.session.database() else {
        tell_problem(model, &Trouble::NoServer.problem(model.catalog(), model.lang()));
        return vec![];
    };
    model.open(Busy::Looking);
    let name = model.session.version_table();
    model.work_alone(Work::LookAtTable(server, name, model.check_options()))
}

pub(super) fn on_reports(model: &mut Model, found: Result<Reports, ReportsError>) {
    match found {
        Ok(reports) if reports.names.is_empty() => {
            let folder = Safe::path(&reports.folder);
            model.warn(say!(model.lang(), "Não há relatórios em {}.", "There are no reports in {}.", folder));
        }
        Ok(found) => model.open(reports::Reports(found)),
        Err(error) => tell_problem(model, &error.problem(model.lang())),
    }
}

/// The editor has ended; the list is still there, for the next report.
pub(super) fn on_edited(model: &mut Model, file: &Path, ended: io::Result<Option<ExitStatus>>) -> Vec<Effect> {
    let lang = model.lang();
    let problem = ended.transpose().and_then(|ended| model.setup.editor.trouble(&ended, lang));
    match problem {
        Some(problem) => tell_problem(model, &problem),
        None => {
            model.tell(say!(lang, "Relatório fechado: {}", "Report closed: {}", Safe::path(file)));
        }
    }
    vec![Effect::Repaint]
}

pub(super) fn on_table(model: &mut Model, found: Result<Box<Table>, Trouble>) {
    model.close(|busy: &Busy| *busy == Busy::Looking);
    match found {
        Ok(table) => model.open(TypeName::of(table)),
        Err(Trouble::NoLogin(outcome)) if outcome.diagnosis == Diagnosis::NoPassword => {
            password::ask(model, &outcome, Retry::Table);
        }
        Err(trouble) => {
            if matches!(&trouble, Trouble::NoLogin(outcome) if outcome.diagnosis == Diagnosis::AuthFailed) {
                model.password = None;
            }
            tell_problem(model, &trouble.problem(model.catalog(), model.lang()));
        }
    }
}

pub(super) fn on_set_aside(model: &mut Model, place: String, moved: Result<SetAside, Trouble>) {
    model.close(|busy: &Busy| *busy == Busy::Moving);
    match moved {
        Ok(moved) => {
            // The page closes with the form, but the SQL is still needed.
            model.printed.push(moved.message(&place, model.lang()));
            model.printed.extend(moved.put_back.lines().map(Safe::outside));
            tell_set_aside(model, &place, &moved);
        }
        Err(trouble) => tell_problem(model, &trouble.problem(model.catalog(), model.lang())),
    }
}
