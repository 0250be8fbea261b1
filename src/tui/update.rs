//! Handles events: the only place where the model changes.
//!
//! Pure: no I/O, no clock, no threads. Everything else that has to be done is returned as [`Effect`]s.

mod actions;
mod checks;
mod focus;
mod others;
mod saving;
mod servers;
mod values;
mod versions;

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::dialog;
use super::dialog::compare::Compare;
use super::dialog::keys::Keys;
use super::dialog::parameter::ParameterHelp;
use super::dialog::search::Search;
use super::dialog::{unreadable, unsaved};
use super::event::{After, Effect, Event, Message, Ticket, Work};
use super::input::Input;
use super::keymap::{self, Action};
use super::layout::Layout;
use super::model::{Focus, Model, ReachedBy, Reply, Retry};
use super::setup::Setup;
use crate::catalog::Catalog;
use crate::document::{ReadError, draft};
use crate::session::Session;
use crate::session::autosave::Kept;
use crate::session::ending::Ending;
use crate::session::opened::{Left, Opened};

/// The form as it opens; if the document cannot be read, with the question what to do.
pub fn open(setup: Setup, opened: Result<Opened, ReadError>, catalog: Arc<Catalog>, size: (u16, u16)) -> Model {
    match opened {
        Ok(opened) => with_drafts(setup, opened, size),
        Err(error) => {
            let session = Session::empty(setup.location.named(), catalog).signed(Arc::clone(&setup.saver));
            let mut model = Model::new(setup, Opened { session, denied: None, left: Left::default() }, size);
            model.read_only = true;
            unreadable::ask(&mut model, &error);
            model
        }
    }
}

/// The form over a document that was read, with the question what becomes of the drafts that were left.
fn with_drafts(setup: Setup, mut opened: Opened, size: (u16, u16)) -> Model {
    let left = std::mem::take(&mut opened.left);
    let mut model = Model::new(setup, opened, size);
    model.wall.now = left.now;
    dialog::drafts::offer(&mut model, left);
    model
}

/// Handles one event.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    let before = model.button();
    let is_enter = matches!(&event, Event::Input(Input::Key(key)) if key.code == KeyCode::Enter);
    let told = !matches!(event, Event::Input(_));
    let mut effects = match event {
        Event::Shown => vec![],
        Event::Burst { repeats } => {
            model.reached_button = model.reached_button.filter(|by| repeats && *by == ReachedBy::Enter);
            return vec![];
        }
        Event::Input(Input::Key(key)) => press(model, key),
        // In a dialog, Esc closes it at once, and the key that follows then acts.
        Event::Input(Input::Escaped(key)) if model.dialogs.is_empty() => press(model, with_alt(key)),
        Event::Input(Input::Escaped(key)) if is_bound_with_alt(model, key) => press(model, with_alt(key)),
        Event::Input(Input::Escaped(key)) => {
            let mut effects = update(model, Event::Input(Input::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE))));
            // A character may as well have come with Alt, which writes nothing.
            let is_written = matches!(key.code, KeyCode::Char(_)) && !key.modifiers.contains(KeyModifiers::CONTROL);
            if model.ending.is_none() && !is_written {
                effects.extend(update(model, Event::Input(Input::Key(key))));
            }
            return effects;
        }
        Event::Input(Input::Paste { text, removed, truncated }) => {
            if is_visible(model) {
                values::paste(model, &text, removed, truncated);
            }
            vec![]
        }
        Event::Input(paste @ (Input::PasteWaits | Input::PasteStopped)) => {
            values::tell_of_paste(model, paste == Input::PasteStopped);
            vec![]
        }
        Event::Resized(width, height) => {
            model.size = (width, height);
            vec![Effect::Repaint]
        }
        Event::Touched => {
            others::on_touched(model);
            vec![]
        }
        Event::Edited(file, ended) => actions::on_edited(model, &file, ended),
        Event::Done(ticket, message) => on_message(model, ticket, message),
        Event::Ended(ending) => {
            model.ending = Some(ending);
            vec![]
        }
    };
    others::tell(model);
    dialog::follow(model, told);
    effects.extend(saving::keep(model));
    effects.extend(others::due(model));
    values::tell_of_note(model);
    if std::mem::take(&mut model.untraced) {
        model.traces += 1;
        effects.push(Effect::Trace(model.traces));
    }
    if model.button().is_some_and(|button| Some(button) != before) {
        model.reached_button = Some(if is_enter { ReachedBy::Enter } else { ReachedBy::Other });
    }
    effects
}

fn with_alt(key: KeyEvent) -> KeyEvent {
    KeyEvent::new(key.code, key.modifiers | KeyModifiers::ALT)
}

fn is_bound_with_alt(model: &Model, key: KeyEvent) -> bool {
    keymap::action(model.context(), with_alt(key)).is_some()
}

fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let context = model.context();
    let Some(action) = keymap::action(context, key) else { return vec![] };
    // Nobody acts on a form that nobody sees: there, one can save or leave.
    if !is_visible(model) && !matches!(action, Action::Close | Action::Confirm | Action::Repaint) {
        return vec![];
    }
    let answers = action == Action::Enter || action == Action::Close && key.code == KeyCode::Enter;
    if answers && model.reached_button.is_some() {
        return vec![];
    }
    act(model, action)
}

/// False where the terminal is too small for the form.
fn is_visible(model: &Model) -> bool {
    Layout::of(model.size, model.focus).is_some()
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    forget_notice(model, action);
    let again = std::mem::take(&mut model.just_tested);
    match action {
        Action::Repaint => vec![Effect::Repaint],
        _ if !model.dialogs.is_empty() => match dialog::press(model, action) {
            Reply::Stay(effects) | Reply::Close(effects) => effects,
            Reply::Switch(key) => {
                values::step_value_of(model, &key, 1);
                vec![]
            }
            Reply::Act(action) => on_form(model, action),
            Reply::Save(after) => saving::save(model, after),
            Reply::Retry(Retry::Test) => checks::start(model, model.requests.clone(), None),
            Reply::Retry(Retry::Table) => actions::look_at_table(model),
            Reply::Retry(Retry::Save(after)) => {
                checks::forget_untested(model);
                saving::save(model, after)
            }
            Reply::SaveUntested(after, choices) => saving::start_save(model, after, choices),
            Reply::SaveAnew(after) => saving::start(model, Work::SaveAnew(after)),
        },
        Action::Check if again => checks::start_live(model),
        _ => on_form(model, action),
    }
}

/// What the status line says holds until the next key; of what others did, until one that is not typing.
fn forget_notice(model: &mut Model, action: Action) {
    let types = matches!(action, Action::Insert(_) | Action::Backspace | Action::Delete | Action::Left | Action::Right);
    if types && model.notice.as_ref().is_some_and(|notice| notice.stays) {
        return;
    }
    model.notice = None;
    if model.others.untold.is_none() {
        model.others.fresh = None;
    }
}

fn on_form(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Check => {
            model.just_tested = true;
            return checks::start(model, model.requests.clone(), None);
        }
        Action::FindServer => return servers::search(model),
        Action::TakeOffer => values::take_offer(model),
        Action::Save => return saving::save(model, After::Stay),
        Action::Confirm => return saving::save(model, After::Close),
        Action::Close => return close(model),
        Action::Compare => {
            model.typing = false;
            model.open(Compare::of(model));
            others::look(model);
        }
        Action::Search => {
            model.typing = false;
            model.open(Search::of(model));
        }
        Action::History => return vec![model.work(Work::ListVersions)],
        Action::Enter => return enter(model),
        Action::Undo | Action::Redo => values::take_back(model, action),
        Action::Help => open_help(model),
        Action::Default => values::reset(model),
        Action::PutBack => values::put_back(model),
        Action::Toggle => values::step_value(model, 1),
        Action::Unlock => focus::unlock(model),
        Action::Back => focus::jump_back(model),
        Action::Insert(_) | Action::Backspace | Action::Delete | Action::ClearLine | Action::DeleteWord => {
            values::edit_line(model, action)
        }
        Action::Left | Action::Right => focus::sideways(model, action),
        Action::Home | Action::End if model.context().meets(keymap::TEXT) => values::move_cursor(model, action),
        Action::HelpUp => model.scroll.help.up(1),
        Action::HelpDown => model.scroll.help.down(1),
        _ => focus::move_focus(model, action),
    }
    vec![]
}

fn open_help(model: &mut Model) {
    model.typing = false;
    match model.focused().map(|parameter| parameter.key.clone()) {
        Some(key) => model.open(ParameterHelp(key)),
        None => model.open(Keys),
    }
}

fn enter(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Focus::List => focus::enter_fields(model),
        Focus::Field(_) => focus::move_focus(model, Action::Down),
        Focus::Action(number) => return actions::run(model, number),
        Focus::Confirm => return saving::save(model, After::Close),
        Focus::Close => return close(model),
    }
    vec![]
}

/// Esc on the form: ends the check that is under way, else closes; with changes that are not saved, asks first.
fn close(model: &mut Model) -> Vec<Effect> {
    if let Some(stop) = checks::stop(model) {
        return vec![stop];
    }
    if model.session.pending_changes().is_empty() {
        return saving::leave_saved(model);
    }
    unsaved::ask(model);
    vec![]
}

/// Messages of a check are dropped unless it is the running one; all others unless they are from the latest work.
fn on_message(model: &mut Model, ticket: Ticket, message: Message) -> Vec<Effect> {
    match message {
        Message::Entered(key, stage) => checks::on_entered(model, ticket, key, stage),
        Message::Tested(outcome) => checks::on_outcome(model, ticket, *outcome),
        Message::Round(round) => checks::on_round(model, ticket, round),
        Message::CheckEnded => return on_check_ended(model, ticket),
        Message::Lost => return model.leave(Ending::Broken(model.session.changes().len())),
        Message::Kept(Kept::Lost(reason)) => model.warn(draft::not_kept(reason, model.lang())),
        Message::Kept(_) => {}
        Message::NotDiscarded(file, error) => model.warn(draft::not_removed(&file, &error, model.lang())),
        Message::Traced(number, trace, now) if number == model.traces => {
            (model.trace, model.wall.now) = (trace, now.max(model.wall.now));
        }
        Message::Traced(..) => {}
        Message::Looked(look, watched) => return others::on_looked(model, *look, watched),
        _ if ticket != model.ticket => {}
        Message::Saved(saved, changes, session, after) => {
            return saving::on_saved(model, &saved, changes, *session, after);
        }
        Message::NotSaved(error, session, choices, after) => {
            saving::on_not_saved(model, error, session, choices, after)
        }
        Message::Late => saving::on_late(model),
        Message::KeptInstead(kept, after) => return saving::on_kept_instead(model, kept, after),
        Message::Opened(result) => on_opened(model, result),
        Message::Restored(number, restored, result) => {
            on_opened(model, result);
            saving::on_restored(model, number, &restored);
        }
        Message::NotRestored(error) => saving::on_not_restored(model, &error),
        Message::Draft(found) => dialog::drafts::ask(model, found.map(|found| *found)),
        Message::Listed(listed, now) => {
            model.wall.now = now;
            versions::on_listed(model, listed);
        }
        Message::Version(version) => versions::on_version(model, version),
        Message::Searching(progress) => servers::on_progress(model, progress),
        Message::Found(report) => servers::on_found(model, *report),
        Message::Reports(found) => actions::on_reports(model, found),
        Message::Table(found) => actions::on_table(model, found),
        Message::SetAside(place, moved) => actions::on_set_aside(model, place, moved),
    }
    vec![]
}

fn on_check_ended(model: &mut Model, ticket: Ticket) -> Vec<Effect> {
    let Some(running) = model.running.take_if(|running| running.ticket == ticket) else { return vec![] };
    checks::forget_if_refused(model, &running.requests);
    match running.before {
        Some(after) => saving::on_checked(model, &running.requests, after),
        None => {
            checks::sum_up(model, &running.requests);
            match running.awaited {
                Some(key) => values::take_offer_of(model, &key),
                None => checks::ask_password(model, &running.requests),
            }
            vec![]
        }
    }
}

fn on_opened(model: &mut Model, result: Result<Box<Opened>, ReadError>) {
    model.dialogs.clear();
    match result {
        Ok(opened) => {
            let setup = model.setup.clone();
            let (ticket, traces) = (model.ticket, model.traces);
            let (unwatched, has_flow_control) = (model.others.unwatched, model.has_flow_control);
            *model = with_drafts(setup, *opened, model.size);
            (model.ticket, model.traces, model.has_flow_control) = (ticket, traces, has_flow_control);
            model.others.unwatched = unwatched;
        }
        Err(error) => unreadable::ask(model, &error),
    }
}
