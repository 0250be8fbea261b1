//! Looking for the server, from the key that asks for it to the list of what was found.

use super::super::dialog::servers::{Servers, State};
use super::super::event::{Effect, Work};
use super::super::model::Model;
use crate::check::discover::{Machine, Progress, Report};
use crate::check::{Cancel, Status};
use crate::key::Key;
use crate::say;
use crate::sort;

/// Looks for machines that answer on the ports of the host in focus.
pub(super) fn search(model: &mut Model) -> Vec<Effect> {
    let Some(host) = model.focused().map(|parameter| parameter.key.clone()) else { return vec![] };
    let wanted = model.session.wanted(&host);
    if wanted.is_empty() {
        model.warn(say!(
            model.lang(),
            "Para procurar o servidor, informe antes portas válidas.",
            "To look for the server, enter valid ports first."
        ));
        return vec![];
    }
    model.typing = false;
    let cancel = Cancel::default();
    let state = State::Searching { cancel: cancel.clone(), progress: Progress::default() };
    model.open(Servers { host, state });
    vec![model.work(Work::Search(wanted, model.setup.search, cancel))]
}

pub(super) fn on_progress(model: &mut Model, now: Progress) {
    if let Some(Servers { state: State::Searching { progress, .. }, .. }) = model.dialog() {
        *progress = now;
    }
}

pub(super) fn on_found(model: &mut Model, mut report: Report) {
    let Some(host) = model.dialog::<Servers>().map(|servers| servers.host.clone()) else { return };
    // What a test has passed on is known to be right.
    sort::sort_by_key(&mut report.machines, |machine| !has_passed(model, &host, machine));
    if let Some(servers) = model.dialog::<Servers>() {
        servers.state = State::Found(Box::new(report));
    }
}

/// True where a test of one of the host's ports was answered by this machine, and passed.
fn has_passed(model: &Model, host: &Key, machine: &Machine) -> bool {
    model.outcomes.values().any(|outcome| {
        let answered = outcome.evidence.answered == Some(machine.address.into());
        answered && outcome.status() == Status::Ok && outcome.request.point.host_key() == Some(host)
    })
}
