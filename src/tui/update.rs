//! What every event does to the form. The only place where the model changes.
//!
//! Pure: reads no clock and no file, starts nothing; what is to be done is returned as [`Effect`]s.

use crossterm::event::KeyEvent;
use serde_json::Value;

use super::edit::Manner;
use super::event::{Effect, Ending, Event, News, Ticket};
use super::keymap::{self, Action, Context};
use super::layout;
use super::model::{After, Answer, Busy, Dialog, Focus, Model, Notice, Page, Question, Running};
use super::view;
use crate::catalog::{Kind, Level};
use crate::check::{Cancel, Outcome, Request, Status};
use crate::document::{ReadError, SaveError, Saved};
use crate::key::Key;
use crate::say;
use crate::session::Session;

/// Changes the model as the event says; what is to be done in the world is returned.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    let effects = match event {
        Event::Key(key) => press(model, key),
        Event::Paste { text, removed, truncated } => paste(model, &text, removed, truncated),
        Event::Resized(width, height) => {
            model.size = (width, height);
            vec![Effect::Repaint]
        }
        Event::Done(ticket, news) => learn(model, ticket, news),
        Event::Ended(ending) => {
            model.ending = Some(ending);
            vec![Effect::Quit]
        }
    };
    view::settle(model);
    effects
}

fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let context = model.context();
    let Some(action) = keymap::action(context, key) else { return vec![] };
    model.notice = None;
    match context {
        Context::Question => in_question(model, action),
        Context::Page => in_page(model, action),
        Context::Busy => in_busy(model, action),
        _ => on_form(model, action),
    }
}

fn on_form(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Check => return start_check(model, model.requests()),
        Action::Save => return save(model, After::Stay),
        Action::Confirm => return save(model, After::Close),
        Action::Close => return close(model),
        Action::Repaint => return vec![Effect::Repaint],
        Action::Enter => return enter(model),
        Action::Undo | Action::Redo => take_back(model, action),
        Action::Help => open_help(model),
        Action::Default => reset(model),
        Action::Toggle => step_value(model, 1),
        Action::Unlock => unlock(model),
        Action::Insert(_) | Action::Backspace | Action::Delete | Action::ClearLine | Action::DeleteWord => {
            edit_line(model, action)
        }
        Action::Left | Action::Right => sideways(model, action),
        Action::Home | Action::End if model.context() == Context::Text => move_cursor(model, action),
        Action::HelpUp => model.scroll.help = model.scroll.help.saturating_sub(1),
        Action::HelpDown => model.scroll.help += 1,
        _ => move_focus(model, action),
    }
    vec![]
}

fn enter(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Focus::List => enter_fields(model),
        Focus::Field(_) => move_focus(model, Action::Down),
        Focus::Confirm => return save(model, After::Close),
        Focus::Close => return close(model),
    }
    vec![]
}

// --- the focus ---------------------------------------------------------------------------------

fn move_focus(model: &mut Model, action: Action) {
    match action {
        Action::Up => step_focus(model, -1),
        Action::Down => step_focus(model, 1),
        Action::NextStop => next_stop(model, 1),
        Action::PreviousStop => next_stop(model, -1),
        Action::OtherPane if model.focus == Focus::List => enter_fields(model),
        Action::OtherPane => model.focus_on(Focus::List),
        Action::NextGroup => next_group(model, 1),
        Action::PreviousGroup => next_group(model, -1),
        Action::PageUp => step_focus(model, -(layout::page(model) as isize)),
        Action::PageDown => step_focus(model, layout::page(model) as isize),
        Action::Home => step_focus(model, isize::MIN),
        Action::End => step_focus(model, isize::MAX),
        _ => {}
    }
}

/// Moves within the list or the fields; from the fields on to the buttons, and from the buttons back.
fn step_focus(model: &mut Model, by: isize) {
    let step = |at: usize, count: usize| at.saturating_add_signed(by).min(count.saturating_sub(1));
    let fields = model.fields().len();
    match model.focus {
        Focus::List => {
            let group = step(model.group, model.catalog().groups().len());
            model.show_group(group);
        }
        Focus::Field(number) if by == 1 && number + 1 >= fields => model.focus_on(Focus::Confirm),
        Focus::Field(number) => model.focus_on(Focus::Field(step(number, fields))),
        Focus::Confirm | Focus::Close if by < 0 && fields > 0 => model.focus_on(Focus::Field(fields - 1)),
        Focus::Confirm | Focus::Close if by < 0 => model.focus_on(Focus::List),
        Focus::Confirm => model.focus_on(Focus::Close),
        Focus::Close => {}
    }
}

/// The round: group list, fields (as one stop), Confirma, Fechar. A group without fields has no such stop.
fn next_stop(model: &mut Model, by: isize) {
    let mut stops = vec![Focus::List, Focus::Confirm, Focus::Close];
    if !model.fields().is_empty() {
        stops.insert(1, Focus::Field(0));
    }
    let here = match model.focus {
        Focus::Field(_) => Focus::Field(0),
        focus => focus,
    };
    let at = stops.iter().position(|stop| *stop == here).unwrap_or(0);
    let next = (at as isize + by).rem_euclid(stops.len() as isize) as usize;
    model.focus_on(stops[next]);
}

fn enter_fields(model: &mut Model) {
    if model.fields().is_empty() {
        let words = say!(model.lang(), "Este grupo ainda não tem parâmetros.", "This group has no parameters yet.");
        model.notice = Some(Notice { words, warns: false });
    } else {
        model.focus_on(Focus::Field(0));
    }
}

fn next_group(model: &mut Model, by: isize) {
    let groups = model.catalog().groups();
    let count = groups.len() as isize;
    let next = (1..=count)
        .map(|distance| (model.group as isize + by * distance).rem_euclid(count) as usize)
        .find(|group| model.has_fields(&groups[*group]));
    if let Some(group) = next {
        model.show_group(group);
        if model.focus == Focus::List { model.focus_on(Focus::List) } else { model.focus_on(Focus::Field(0)) }
    }
}

fn sideways(model: &mut Model, action: Action) {
    let by = if action == Action::Right { 1 } else { -1 };
    match model.context() {
        Context::List => enter_fields(model),
        Context::Text => move_cursor(model, action),
        Context::Enumeration => step_value(model, by),
        Context::Button => model.focus_on(if by > 0 { Focus::Close } else { Focus::Confirm }),
        _ => model.focus_on(Focus::List),
    }
}

fn unlock(model: &mut Model) {
    let needed = model.focused().and_then(|parameter| model.lock(parameter));
    if let Some(key) = needed {
        model.go_to(&key);
    }
}

// --- values ------------------------------------------------------------------------------------

/// Every change of a value in the form ends here.
fn change(model: &mut Model, key: &Key, value: Option<Value>, manner: Manner) {
    model.edits.change(&mut model.session, key, value, manner);
    model.refresh();
}

fn move_cursor(model: &mut Model, action: Action) {
    model.edits.pause();
    match action {
        Action::Left => model.line.left(),
        Action::Right => model.line.right(),
        Action::Home => model.line.home(),
        _ => model.line.end(),
    }
}

fn edit_line(model: &mut Model, action: Action) {
    let manner = match action {
        Action::Insert(_) => Manner::Typing,
        Action::Backspace | Action::Delete => Manner::Erasing,
        _ => Manner::Whole,
    };
    match action {
        Action::Insert(letter) => model.line.insert(letter.encode_utf8(&mut [0; 4])),
        Action::Backspace => model.line.backspace(),
        Action::Delete => model.line.delete(),
        Action::DeleteWord => model.line.delete_word(),
        _ => model.line.clear(),
    }
    store_line(model, manner);
}

fn store_line(model: &mut Model, manner: Manner) {
    let Some(parameter) = model.focused() else { return };
    let (key, value) = (parameter.key.clone(), parameter.kind.typed(model.line.text()));
    model.typing = true;
    change(model, &key, Some(value), manner);
}

fn paste(model: &mut Model, text: &str, removed: usize, truncated: bool) -> Vec<Effect> {
    model.notice = None;
    if model.context() != Context::Text {
        if model.dialogs.is_empty() {
            let words = say!(
                model.lang(),
                "Nada foi colado: o foco não está num campo de texto.",
                "Nothing was pasted: the focus is not on a text field."
            );
            model.notice = Some(Notice { words, warns: true });
        }
        return vec![];
    }
    model.edits.pause();
    model.line.insert(text);
    store_line(model, Manner::Whole);
    let lang = model.lang();
    let words = match (truncated, removed) {
        (true, _) => say!(
            lang,
            "Colado só o começo: o texto era grande demais.",
            "Only the beginning was pasted: the text was too long."
        ),
        (false, 0) => return vec![],
        (false, 1) => say!(
            lang,
            "Colado sem 1 caractere de controle ou quebra de linha.",
            "Pasted without 1 control character or line end."
        ),
        (false, count) => say!(
            lang,
            "Colado sem {} caracteres de controle ou quebras de linha.",
            "Pasted without {} control characters or line ends.",
            count
        ),
    };
    model.notice = Some(Notice { words, warns: true });
    vec![]
}

/// Switches a checkbox or steps an enumeration. A locked checkbox can be switched off (to mend a document), never on.
fn step_value(model: &mut Model, by: isize) {
    let Some(parameter) = model.focused() else { return };
    let value = model.session.value(parameter);
    let locked = model.lock(parameter).is_some() && value != Value::Bool(true);
    let next = match &parameter.kind {
        Kind::Boolean => Value::Bool(value != Value::Bool(true)),
        Kind::Enumeration(choices) if !choices.is_empty() => {
            let at = choices.iter().position(|choice| choice.value == value);
            let next = at.map_or(0, |at| (at as isize + by).rem_euclid(choices.len() as isize) as usize);
            choices[next].value.clone()
        }
        _ => return,
    };
    let key = parameter.key.clone();
    if locked {
        let needed = needed_title(model, &key);
        let words = say!(
            model.lang(),
            "Travado: antes, ligue “{}” (Enter vai até lá).",
            "Locked: first switch on “{}” (Enter goes there).",
            needed
        );
        model.notice = Some(Notice { words, warns: true });
        return;
    }
    change(model, &key, Some(next), Manner::Whole);
}

fn needed_title(model: &Model, key: &Key) -> crate::safe::Safe {
    let lock = model.catalog().parameter(key).and_then(|parameter| model.lock(parameter));
    let needed = lock.and_then(|needed| model.catalog().parameter(&needed));
    needed.map(|parameter| parameter.title.of(model.lang()).clone()).unwrap_or_default()
}

fn reset(model: &mut Model) {
    let Some(parameter) = model.focused() else { return };
    let (key, shown) = (parameter.key.clone(), parameter.kind.shown(&parameter.default, model.lang()));
    change(model, &key, None, Manner::Whole);
    model.typing = false;
    let words = say!(
        model.lang(),
        "De volta ao padrão: {}. Ctrl+Z desfaz.",
        "Back to the default: {}. Ctrl+Z takes it back.",
        shown
    );
    model.notice = Some(Notice { words, warns: false });
}

fn take_back(model: &mut Model, action: Action) {
    let key = match action {
        Action::Undo => model.edits.undo(&mut model.session),
        _ => model.edits.redo(&mut model.session),
    };
    match key {
        Some(key) => {
            model.go_to(&key);
            model.refresh();
        }
        None => {
            let words = match action {
                Action::Undo => say!(model.lang(), "Não há o que desfazer.", "Nothing to take back."),
                _ => say!(model.lang(), "Não há o que refazer.", "Nothing to do again."),
            };
            model.notice = Some(Notice { words, warns: false });
        }
    }
}

// --- dialogs -----------------------------------------------------------------------------------

fn open_help(model: &mut Model) {
    let page = model.focused().map_or(Page::Keys, |parameter| Page::Field(parameter.key.clone()));
    model.dialogs.push(Dialog::Page(page, 0));
}

fn in_page(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = layout::page(model).max(1);
    let Some(Dialog::Page(page, scroll)) = model.dialogs.last_mut() else { return vec![] };
    match action {
        Action::Up => *scroll = scroll.saturating_sub(1),
        Action::Down => *scroll += 1,
        Action::PageUp => *scroll = scroll.saturating_sub(height),
        Action::PageDown => *scroll += height,
        Action::Home => *scroll = 0,
        Action::End => *scroll = usize::MAX / 2,
        Action::Help if matches!(page, Page::Field(_)) => (*page, *scroll) = (Page::Keys, 0),
        Action::Close | Action::Help => {
            model.dialogs.pop();
        }
        Action::Repaint => return vec![Effect::Repaint],
        _ => {}
    }
    vec![]
}

fn in_question(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Dialog::Question(question, picked)) = model.dialogs.last_mut() else { return vec![] };
    let answers = question.answers();
    let count = answers.len();
    match action {
        Action::Right | Action::Down | Action::NextStop => *picked = (*picked + 1) % count,
        Action::Left | Action::Up | Action::PreviousStop => *picked = (*picked + count - 1) % count,
        Action::Enter => {
            let answer = answers[*picked % count];
            return decide(model, answer);
        }
        Action::Close if matches!(question, Question::Unreadable(_)) => return decide(model, Answer::Leave),
        Action::Close => return decide(model, Answer::Stay),
        Action::Repaint => return vec![Effect::Repaint],
        _ => {}
    }
    vec![]
}

fn decide(model: &mut Model, answer: Answer) -> Vec<Effect> {
    let question = match answer {
        // The document is still unreadable until it has been read again: the question stays.
        Answer::Reopen | Answer::Leave => model.dialogs.last().cloned(),
        _ => model.dialogs.pop(),
    };
    match answer {
        Answer::Stay => {
            if let Some(Dialog::Question(Question::SaveAnyway(failed, _), _)) = question {
                go_to_failed(model, &failed);
            }
            vec![]
        }
        Answer::Save(after) => save(model, after),
        Answer::SaveUntested(after) => start_save(model, after),
        Answer::Discard => {
            let thrown = model.session.changes().len();
            let path = model.session.document().path().to_owned();
            leave(model, Ending::Discarded(thrown, path, model.saved.clone()))
        }
        Answer::Reopen => {
            let ticket = next_ticket(model);
            vec![Effect::Open(ticket, model.setup.path.clone())]
        }
        Answer::Leave => match question {
            Some(Dialog::Question(Question::Unreadable(problem), _)) => leave(model, Ending::Unreadable(*problem)),
            _ => vec![],
        },
    }
}

fn go_to_failed(model: &mut Model, failed: &[Outcome]) {
    if let Some(outcome) = failed.first() {
        model.go_to(&outcome.look_at);
    }
}

fn in_busy(model: &mut Model, action: Action) -> Vec<Effect> {
    match (action, model.dialogs.last()) {
        (Action::Close, Some(Dialog::Busy(Busy::Checking(_)))) => {
            model.dialogs.pop();
            stop_check(model);
            let words = say!(model.lang(), "Teste interrompido; nada foi gravado.", "Test stopped; nothing was saved.");
            model.notice = Some(Notice { words, warns: true });
            vec![]
        }
        (Action::Repaint, _) => vec![Effect::Repaint],
        // A save cannot be stopped half-way: it is over in a moment, one way or the other.
        _ => vec![],
    }
}

fn close(model: &mut Model) -> Vec<Effect> {
    if model.running.is_some() {
        stop_check(model);
        let words = say!(model.lang(), "Teste interrompido.", "Test stopped.");
        model.notice = Some(Notice { words, warns: true });
        return vec![];
    }
    if model.session.pending_changes().is_empty() {
        let path = model.session.document().path().to_owned();
        return leave(model, Ending::Saved(path, model.saved.clone()));
    }
    model.dialogs.push(Dialog::Question(Question::Unsaved, 0));
    vec![]
}

fn leave(model: &mut Model, ending: Ending) -> Vec<Effect> {
    stop_check(model);
    model.ending = Some(ending);
    vec![Effect::Quit]
}

// --- checks ------------------------------------------------------------------------------------

fn next_ticket(model: &mut Model) -> Ticket {
    model.ticket = Ticket(model.ticket.0 + 1);
    model.ticket
}

fn start_check(model: &mut Model, requests: Vec<Request>) -> Vec<Effect> {
    stop_check(model);
    let (ticket, cancel) = (next_ticket(model), Cancel::default());
    for request in &requests {
        model.outcomes.remove(&request.key);
    }
    let waiting = requests.clone();
    model.running = Some(Running { ticket, cancel: cancel.clone(), requests: requests.clone(), waiting });
    vec![Effect::Check(ticket, requests, model.setup.check.clone(), cancel)]
}

fn stop_check(model: &mut Model) {
    if let Some(running) = model.running.take() {
        running.cancel.cancel();
    }
}

fn learn(model: &mut Model, ticket: Ticket, news: News) -> Vec<Effect> {
    match news {
        News::Tested(outcome) => learn_outcome(model, ticket, outcome),
        News::CheckEnded => return check_ended(model, ticket),
        News::Lost => {
            stop_check(model);
            let unsaved = model.session.changes().len();
            return leave(model, Ending::Broken(unsaved));
        }
        _ if ticket != model.ticket => {}
        News::Saved(result) => return learn_saved(model, result),
        News::Opened(result) => learn_opened(model, result),
    }
    vec![]
}

fn learn_outcome(model: &mut Model, ticket: Ticket, outcome: Outcome) {
    let Some(running) = model.running.as_mut().filter(|running| running.ticket == ticket) else { return };
    let place =
        running.waiting.iter().position(|request| request.key == outcome.key && request.target == outcome.target);
    if let Some(place) = place {
        let request = running.waiting.remove(place);
        model.outcomes.insert(outcome.key.clone(), (request, outcome));
    }
}

fn check_ended(model: &mut Model, ticket: Ticket) -> Vec<Effect> {
    let Some(ended) = model.running.take_if(|running| running.ticket == ticket) else { return vec![] };
    let failed = failed(model, &ended.requests);
    if let Some(Dialog::Busy(Busy::Checking(after))) = model.dialogs.last() {
        let after = *after;
        model.dialogs.pop();
        if failed.is_empty() {
            return start_save(model, after);
        }
        model.dialogs.push(Dialog::Question(Question::SaveAnyway(failed, after), 0));
        return vec![];
    }
    let fails = model.setup.theme.glyphs.fails;
    let words = match failed.len() {
        0 => say!(model.lang(), "Teste sem falhas.", "Test without failure."),
        1 => say!(model.lang(), "1 falha no teste, marcada com {}.", "1 failure in the test, marked {}.", fails),
        count => say!(
            model.lang(),
            "{} falhas no teste, marcadas com {}.",
            "{} failures in the test, marked {}.",
            count,
            fails
        ),
    };
    model.notice = Some(Notice { words, warns: !failed.is_empty() });
    vec![]
}

/// Those of the requests that failed, in their order. One without an outcome (the check broke off) has not failed.
fn failed(model: &Model, requests: &[Request]) -> Vec<Outcome> {
    let outcomes = requests.iter().filter_map(|request| model.outcomes.get(&request.key));
    outcomes.map(|(_, outcome)| outcome).filter(|outcome| outcome.status() == Status::Fail).cloned().collect()
}

// --- saving ------------------------------------------------------------------------------------

/// The one way to save: invalid values first, then what no check has let pass, then the save itself.
fn save(model: &mut Model, after: After) -> Vec<Effect> {
    model.edits.pause();
    model.typing = false;
    let invalid =
        model.findings.iter().find(|finding| finding.level() == Level::Error).map(|finding| finding.key.clone());
    if let Some(key) = invalid {
        model.go_to(&key);
        let words = say!(
            model.lang(),
            "Nada foi gravado: este valor precisa ser corrigido.",
            "Nothing was saved: this value needs mending."
        );
        model.notice = Some(Notice { words, warns: true });
        return vec![];
    }
    if model.session.pending_changes().is_empty() {
        if after == After::Close {
            return close(model);
        }
        let words = say!(model.lang(), "Nada a gravar: nada mudou.", "Nothing to save: nothing has changed.");
        model.notice = Some(Notice { words, warns: false });
        return vec![];
    }
    let untested = model.untested();
    if untested.is_empty() {
        return start_save(model, after);
    }
    model.dialogs.push(Dialog::Busy(Busy::Checking(after)));
    start_check(model, untested)
}

fn start_save(model: &mut Model, after: After) -> Vec<Effect> {
    stop_check(model);
    let ticket = next_ticket(model);
    model.dialogs.push(Dialog::Busy(Busy::Saving(after)));
    vec![Effect::Save(ticket, Box::new(model.session.clone()))]
}

fn learn_saved(model: &mut Model, result: Result<(Saved, Box<Session>), SaveError>) -> Vec<Effect> {
    let after = match model.dialogs.pop() {
        Some(Dialog::Busy(Busy::Saving(after))) => after,
        _ => After::Stay,
    };
    match result {
        Ok((_, session)) => {
            note_saved(model);
            model.session = *session;
            model.refresh();
            if after == After::Close {
                return close(model);
            }
            let path = crate::safe::Safe::path(model.session.document().path());
            let words = say!(model.lang(), "Gravado em {}.", "Saved in {}.", path);
            model.notice = Some(Notice { words, warns: false });
        }
        Err(error) => {
            let problem = Box::new(error.problem(model.lang()));
            model.dialogs.push(Dialog::Page(Page::Problem(problem), 0));
        }
    }
    vec![]
}

/// Adds what was just saved to what the technician is told in the end: one line a parameter, from the value at the
/// start to the value now.
fn note_saved(model: &mut Model) {
    for change in model.session.changes() {
        match model.saved.iter_mut().find(|saved| saved.key == change.key) {
            Some(saved) => saved.to = change.to,
            None => model.saved.push(change),
        }
    }
}

fn learn_opened(model: &mut Model, result: Result<Box<Session>, ReadError>) {
    model.dialogs.clear();
    match result {
        Ok(session) => {
            let setup = model.setup.clone();
            *model = Model { ticket: model.ticket, ..Model::new(setup, *session, model.size) };
        }
        Err(error) => {
            let problem = Box::new(error.problem(model.lang()));
            model.dialogs.push(Dialog::Question(Question::Unreadable(problem), 0));
        }
    }
}
