//! Which group: those that have parameters, a line each.

use super::command::Command;
use super::form::{Form, Place};
use super::step::Step;
use crate::catalog::Group;
use crate::check::Status;
use crate::safe::Safe;
use crate::say;
use crate::text::line::{Line, Tone};

/// The command that answers, if one does.
pub fn ask(form: &mut Form) -> Step<Option<Command>> {
    let (lang, catalog) = (form.lang(), form.catalog());
    let numbers: Vec<usize> = (0..catalog.groups().len()).filter(|group| !catalog.members(*group).is_empty()).collect();
    let mut lines = vec![Line::of(Tone::Strong, say!(lang, "Grupos:", "Groups:"))];
    let mut errors = form.errors();
    // Those of one parameter follow one another.
    errors.dedup_by(|one, other| one.key == other.key);
    let mut invalid = vec![0; catalog.groups().len()];
    for group in errors.iter().filter_map(|finding| catalog.group_number(finding.key.group())) {
        invalid.iter_mut().skip(group).take(1).for_each(|count| *count += 1);
    }
    for (number, group) in (1usize..).zip(&numbers) {
        if let Some(it) = catalog.groups().get(*group) {
            lines.push(
                crate::safe!(
                    "{}. {}",
                    number,
                    about(form, it, *group, invalid.get(*group).copied().unwrap_or_default())
                )
                .into(),
            );
        }
    }
    form.say(&lines)?;
    loop {
        let answer =
            form.ask(&say!(lang, "Número do grupo (? ajuda, s sai):", "Number of the group (? help, q quits):"))?;
        let command = Command::named(answer.trim_start_matches(':'), lang);
        let group = answer.parse::<usize>().ok().and_then(|number| numbers.get(number.checked_sub(1)?));
        match (command, group) {
            (Some(Command::Default | Command::Before), _) => {
                form.tell(say!(
                    lang,
                    "Isso é de um parâmetro: escolha antes o grupo.",
                    "That is a parameter's: choose the group first."
                ))?;
            }
            (Some(command), _) => return Ok(Some(command)),
            (None, Some(group)) => {
                form.place = Place::Parameter(*group, 0);
                return Ok(None);
            }
            _ if answer == "?" => {
                form.tell(say!(
                    lang,
                    "Digite o número de um grupo e tecle Enter: os parâmetros vêm um a um.",
                    "Type the number of a group and press Enter: its parameters follow one by one."
                ))?;
                form.list_commands(false)?;
            }
            _ if answer.is_empty() || answer == "<" => return Ok(None),
            _ => form.tell(say!(lang, "Não há o grupo “{}”.", "There is no group “{}”.", Safe::excerpt(&answer)))?,
        }
    }
}

/// `Integração, 6 parâmetros, 1 alterado, 1 inválido`
fn about(form: &Form, group: &Group, number: usize, invalid: usize) -> Safe {
    let (lang, catalog) = (form.lang(), form.catalog());
    let members = catalog.members(number);
    let pending = form.session.pending_changes();
    let count = |is_it: &dyn Fn(&crate::key::Key) -> bool| members.iter().filter(|it| is_it(&it.key)).count();
    let changed = count(&|key| pending.contains_key(key));
    let failed = count(&|key| form.outcome(key).is_some_and(|outcome| outcome.status() == Status::Fail));
    let mut parts = vec![group.title.of(lang).clone()];
    parts.push(match members.len() {
        1 => say!(lang, "1 parâmetro", "1 parameter"),
        count => say!(lang, "{} parâmetros", "{} parameters", count),
    });
    parts.extend((changed > 0).then(|| match changed {
        1 => say!(lang, "1 alterado", "1 changed"),
        count => say!(lang, "{} alterados", "{} changed", count),
    }));
    parts.extend((invalid > 0).then(|| match invalid {
        1 => say!(lang, "1 inválido", "1 invalid"),
        count => say!(lang, "{} inválidos", "{} invalid", count),
    }));
    parts.extend((failed > 0).then(|| match failed {
        1 => say!(lang, "1 teste falhou", "1 test failed"),
        count => say!(lang, "{} testes falharam", "{} tests failed", count),
    }));
    Safe::join(&parts, ", ")
}
