//! What every event does to the form. The only place where the model changes.
//!
//! Pure: reads no clock and no file, starts nothing; what is to be done is returned as [`Effect`]s.

mod dialogs;
mod focus;
mod saving;
mod values;
mod work;

use crossterm::event::KeyEvent;

use super::dialog::{After, Page};
use super::event::{Effect, Event};
use super::keymap::{self, Action, Context};
use super::model::{Focus, Model};
use super::view;

/// Changes the model as the event says; what is to be done in the world is returned.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    let mut effects = match event {
        Event::Key(key) => press(model, key),
        Event::Paste { text, removed, truncated } => {
            values::paste(model, &text, removed, truncated);
            vec![]
        }
        Event::Resized(width, height) => {
            model.size = (width, height);
            vec![Effect::Repaint]
        }
        Event::Done(ticket, news) => work::learn(model, ticket, news),
        Event::Ended(ending) => {
            model.ending = Some(ending);
            vec![Effect::Quit]
        }
    };
    effects.extend(saving::keep(model));
    view::settle(model);
    effects
}

fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let context = model.context();
    let Some(action) = keymap::action(context, key) else { return vec![] };
    model.notice = None;
    let again = std::mem::take(&mut model.just_tested);
    match context {
        Context::Question | Context::Unreadable => dialogs::in_question(model, action),
        Context::Page => dialogs::in_page(model, action),
        Context::Versions => dialogs::in_versions(model, action),
        Context::Live => dialogs::in_live(model, action),
        Context::Checking | Context::Saving => dialogs::in_busy(model, action),
        _ if again && action == Action::Check => work::start_live(model),
        _ => on_form(model, action),
    }
}

fn on_form(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Check => {
            model.just_tested = true;
            return work::start_check(model, model.requests());
        }
        Action::TakeOffer => values::take_offer(model),
        Action::Save => return saving::save(model, After::Stay),
        Action::Confirm => return saving::save(model, After::Close),
        Action::Close => return dialogs::close(model),
        Action::Compare => dialogs::open_page(model, Page::Changes),
        Action::History => return vec![Effect::ListVersions(work::next_ticket(model))],
        Action::Repaint => return vec![Effect::Repaint],
        Action::Enter => return enter(model),
        Action::Undo | Action::Redo => values::take_back(model, action),
        Action::Help => dialogs::open_help(model),
        Action::Default => values::reset(model),
        Action::Toggle => values::step_value(model, 1),
        Action::Unlock => focus::unlock(model),
        Action::Insert(_) | Action::Backspace | Action::Delete | Action::ClearLine | Action::DeleteWord => {
            values::edit_line(model, action)
        }
        Action::Left | Action::Right => focus::sideways(model, action),
        Action::Home | Action::End if model.context() == Context::Text => values::move_cursor(model, action),
        Action::HelpUp => model.scroll.help = model.scroll.help.saturating_sub(1),
        Action::HelpDown => model.scroll.help += 1,
        _ => focus::move_focus(model, action),
    }
    vec![]
}

fn enter(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Focus::List => focus::enter_fields(model),
        Focus::Field(_) => focus::move_focus(model, Action::Down),
        Focus::Confirm => return saving::save(model, After::Close),
        Focus::Close => return dialogs::close(model),
    }
    vec![]
}
