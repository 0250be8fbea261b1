//! The dialog's actions: editing a report, and setting the table of versions aside.

use super::form::Form;
use super::step::{Step, Stop};
use super::testing;
use crate::catalog::Level;
use crate::check::Diagnosis;
use crate::check::version_table::{self as table, Table, Trouble};
use crate::safe::Safe;
use crate::say;
use crate::session::actions::{Action, TABLE_KEY};
use crate::text::line::{Line, Tone};

const ACTIONS: [Action; 2] = [Action::EditReport, Action::SetTableAside];

pub fn ask(form: &mut Form) -> Step<()> {
    let lang = form.lang();
    for (number, action) in (1usize..).zip(ACTIONS) {
        form.tell(crate::safe!("{}. {}", number, action.title(lang)))?;
        form.tell(action.what(lang))?;
    }
    let question = say!(lang, "Número da ação; Enter volta:", "Number of the action; Enter goes back:");
    let answer = form.ask(&question)?;
    let chosen = answer.parse::<usize>().ok().and_then(|number| ACTIONS.get(number.checked_sub(1)?));
    chosen.map_or(Ok(()), |action| run(form, *action))
}

pub fn run(form: &mut Form, action: Action) -> Step<()> {
    match action {
        Action::EditReport => edit_report(form),
        Action::SetTableAside => set_table_aside(form),
    }
}

fn edit_report(form: &mut Form) -> Step<()> {
    let lang = form.lang();
    let session = form.session.clone();
    let reports = match form.work(move || session.reports())? {
        Ok(reports) => reports,
        Err(error) => return form.tell_problem(&error.problem(lang)),
    };
    let folder = Safe::path(&reports.folder);
    if reports.names.is_empty() {
        return form.tell(say!(lang, "Sem relatórios em {}.", "No reports in {}.", folder));
    }
    form.tell(say!(lang, "Relatórios em {}:", "Reports in {}:", folder))?;
    for (number, name) in (1usize..).zip(&reports.names) {
        form.tell(crate::safe!("{}. {}", number, Safe::outside(&name.to_string_lossy())))?;
    }
    let question = say!(lang, "Número do relatório; Enter volta:", "Number of the report; Enter goes back:");
    let answer = form.ask(&question)?;
    let Some(name) = answer.parse::<usize>().ok().and_then(|it| reports.names.get(it.checked_sub(1)?)) else {
        return Ok(());
    };
    let file = match reports.file(name) {
        Ok(file) => file,
        Err(error) => return form.tell_problem(&error.problem(lang)),
    };
    let editor = form.setup.editor.clone();
    let ended = form.console.lend(|| editor.open(&file))?;
    match editor.trouble(&ended, lang) {
        Some(problem) => form.tell_problem(&problem),
        None => form.tell(say!(lang, "Fechado: {}", "Closed: {}", Safe::path(&file))),
    }
}

fn set_table_aside(form: &mut Form) -> Step<()> {
    let (lang, catalog) = (form.lang(), form.catalog());
    let server = form.session.database();
    // An invalid value names neither a server nor a table.
    let mut in_the_way = form.session.findings();
    in_the_way.retain(|it| it.level() == Level::Error && (server.is_none() || it.key.as_str() == TABLE_KEY));
    if let Some(finding) = in_the_way.first() {
        form.say_findings(std::slice::from_ref(finding))?;
        form.go_to(&finding.key);
        return Ok(());
    }
    let Some(server) = server else { return form.tell_problem(&Trouble::NoServer.problem(&catalog, lang)) };
    let (name, options) = (form.session.version_table(), form.check_options());
    let of_worker = server.clone();
    let found = match form.work(move || table::look(&of_worker, &name, &options))? {
        Ok(found) => found,
        Err(Trouble::NoLogin(outcome)) if outcome.diagnosis == Diagnosis::NoPassword => {
            return if testing::ask_password(form)? { set_table_aside(form) } else { Ok(()) };
        }
        Err(trouble) => {
            if matches!(&trouble, Trouble::NoLogin(outcome) if outcome.diagnosis == Diagnosis::AuthFailed) {
                form.password = None;
            }
            return form.tell_problem(&trouble.problem(&catalog, lang));
        }
    };
    let told = found.description(lang);
    let mut lines =
        vec![Line::of(Tone::Doubtful, told.warning), told.server.into(), Line::of(Tone::Strong, told.table)];
    lines.extend(told.rows.into_iter().map(Line::from));
    lines.push(Table::kept(lang).into());
    form.say(&lines)?;
    form.console.forget_typed();
    if !found.is_called(&form.ask(&Table::question(lang))?) {
        return form.tell(table::unchanged(lang));
    }
    let (place, options, now) = (found.place(), form.check_options(), form.session.saver().now());
    let in_hand = say!(
        lang,
        "A tabela está sendo retirada, e isso não para no meio: aguarde.",
        "The table is being set aside, which does not stop half-way: wait for it."
    );
    let moved = form.work_through(&in_hand, move || table::set_aside(&server, &found, now, &options));
    let left_half_way = |_: &Stop| {
        form.remarks.push(say!(
            lang,
            "Saiu enquanto {} era retirada: não se sabe se foi. Confira no servidor antes de repetir.",
            "Left while {} was being set aside: it is not known whether it was. Check on the server before repeating.",
            Safe::outside(&place)
        ));
    };
    match moved.inspect_err(left_half_way)? {
        Ok(moved) => {
            let message = moved.message(&place, lang);
            let sql: Vec<Safe> = moved.put_back.lines().map(Safe::outside).collect();
            form.tell(message.clone())?;
            form.say(&sql.iter().map(|line| Line::of(Tone::Exact, line.clone())).collect::<Vec<_>>())?;
            // What is on the screen is gone with the next lines, but the SQL is still needed.
            form.printed.push(message);
            form.printed.extend(sql);
            Ok(())
        }
        Err(trouble) => form.tell_problem(&trouble.problem(&catalog, lang)),
    }
}
