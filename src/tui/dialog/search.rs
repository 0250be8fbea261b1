//! The search: a line of text, and below it what fits while it is typed.
//!
//! ```text
//!  crediario▏
//! ▸ Verificar se Existe Crediário Vencido no DAV (Orçamento)   sim  Integração   ●
//!   Verificar se Existe Crediário Vencido na Pré-Venda         não  Integração
//!  Espaço altera aqui                                                       2 de 33
//! ```
//! A blank belongs to the words, unless a row was picked with an arrow since: the cursor, in the line or at the row, shows which.

use super::super::keymap::{self, Action, COMMANDS, Command, Context};
use super::super::line_edit::LineEdit;
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::rows::{Piece, Row, cut, rows_of, width_of};
use super::super::theme::HERE;
use crate::catalog::{Level, Parameter, Widget};
use crate::check::Status;
use crate::lang::Lang;
use crate::present::mark;
use crate::safe::Safe;
use crate::say;
use crate::session::Source;
use crate::session::search::{Filter, Finder, Hits, Query, Thing};
use crate::text::line::{Line, Tone, blanks};
use crate::text::width;

pub struct Search {
    finder: Finder,
    line: LineEdit,
    hits: Hits,
    /// The words of the line, read.
    query: Query,
    columns: Columns,
    /// The row that Enter would take.
    picked: usize,
    /// It was picked with an arrow, since the line was typed in.
    is_picked: bool,
    /// The line says something else than the hits.
    is_typed: bool,
    /// Which values the finder has heard of, by the model's number of them.
    values: u64,
}

/// The widths of what was found, as wide as the widest.
#[derive(Default)]
struct Columns {
    label: usize,
    value: usize,
    group: usize,
    marks: usize,
}

/// So many of what was found decide about the columns: nobody looks at more at once.
const MEASURED: usize = 200;

/// The most cells that a value gets; a label says more.
const VALUE: usize = 16;

/// Cells that the line of words shows at the least.
const LINE: usize = 40;

/// Below it there is no room for the groups beside labels and values.
const NARROW: usize = 56;

impl Columns {
    fn all(&self) -> usize {
        self.label + self.value + self.group + 4
    }

    /// A long label may use what a short value leaves of its column.
    fn label_at_most(&self, value: &Safe) -> usize {
        self.label + self.value.saturating_sub(width(value))
    }
}

impl Search {
    pub fn of(model: &Model) -> Search {
        let mut search = Search {
            finder: Finder::of(model.catalog(), &commands(model.lang()), model.lang()),
            line: LineEdit::default(),
            hits: Hits::default(),
            query: Query::default(),
            columns: Columns::default(),
            picked: 0,
            is_picked: false,
            is_typed: false,
            values: 0,
        };
        search.find(model);
        search
    }

    /// Text from elsewhere, into the line.
    pub fn paste(&mut self, text: &str) {
        self.line.insert(text);
        (self.is_typed, self.is_picked) = (true, false);
    }

    fn typed(&self) -> Safe {
        Safe::outside(self.line.text())
    }

    fn find(&mut self, model: &Model) {
        if std::mem::replace(&mut self.values, model.values_number()) != model.values_number() {
            self.finder.take_values(model.catalog(), |parameter| shown(model, parameter));
        }
        self.query = Query::read(self.line.text());
        self.hits = self.finder.find(model.catalog(), &self.query, |filter, parameter| holds(model, filter, parameter));
        let measured = self.hits.things.iter().take(MEASURED).filter_map(|thing| self.finder.things().get(*thing));
        self.columns = Columns::default();
        for thing in measured {
            let [label, value, group] = texts(model, *thing).map(|text| width(&text));
            let Columns { label: labels, value: values, group: groups, marks: most } = &mut self.columns;
            (*labels, *values, *groups) = (label.max(*labels), value.min(VALUE).max(*values), group.max(*groups));
            *most = width_of(&marks(model, *thing)).max(*most);
        }
    }

    fn thing(&self, row: usize) -> Option<Thing> {
        self.finder.things().get(*self.hits.things.get(row)?).copied()
    }

    fn parameter<'m>(&self, model: &'m Model, row: usize) -> Option<&'m Parameter> {
        match self.thing(row)? {
            Thing::Parameter(number) => model.catalog().parameters().get(number),
            _ => None,
        }
    }

    /// The parameter that Space changes: one that is not typed, in the row picked with an arrow.
    fn switched<'m>(&self, model: &'m Model) -> Option<&'m Parameter> {
        let parameter = self.parameter(model, self.picked).filter(|_| self.is_picked)?;
        (parameter.kind.format.widget != Widget::Field).then_some(parameter)
    }

    /// Only what is near the row that is picked is made: the rest is not seen, and may be thousands.
    fn rows(&self, model: &Model, room: u16, picked: usize) -> Vec<Row> {
        let height = usize::from(model.size.1);
        let seen = picked.saturating_sub(height)..picked.saturating_add(height);
        let row = |at: usize| match self.thing(at).filter(|_| seen.contains(&at)) {
            Some(thing) => self.row(model, thing, at == picked, room.into()),
            None => Row::default(),
        };
        (0..self.hits.things.len()).map(row).collect()
    }

    fn row(&self, model: &Model, thing: Thing, is_picked: bool, room: usize) -> Row {
        let theme = model.setup.theme;
        let style = |usual| if is_picked { theme.picked() } else { usual };
        let [whole, value, group] = texts(model, thing);
        // Where everything is listed, each stands below its group.
        let is_listed = self.query.is_empty();
        let (is_group, is_empty) = match thing {
            Thing::Group(number) => (true, model.catalog().members(number).is_empty()),
            _ => (false, false),
        };
        let columns = self.columns(room, is_listed);
        let indent = if is_listed && !is_group { 2 } else { 0 };
        let value = cut(&value, VALUE);
        let label = cut(&whole, columns.label_at_most(&value).saturating_sub(indent));
        let named = match () {
            () if is_empty => theme.dim(),
            () if is_group => theme.heading(),
            () => theme.text(),
        };
        let mut used = indent + width(&label);
        let mut row = Row::of(crate::safe!("{} ", if is_picked { HERE } else { " " }), style(theme.here()))
            .and(blanks(indent), theme.text())
            .and(label, style(named));
        let in_columns = [(value, columns.label + 2), (group, columns.label + columns.value + 4)];
        for (text, column) in in_columns.into_iter().take(if columns.group == 0 { 1 } else { 2 }) {
            let gap = column.saturating_sub(used).max(2);
            let text = if text.is_empty() { text } else { cut(&text, columns.all().saturating_sub(used + gap)) };
            used += gap + width(&text);
            let usual = if is_group || column > columns.label + 2 { theme.dim() } else { theme.text() };
            row = row.and(blanks(gap), style(theme.text())).and(text, style(usual));
        }
        row.cursor = (is_picked && self.is_picked).then_some(0);
        row.right(marks(model, thing).into_iter().chain([(" ".into(), theme.text())]).collect())
    }

    /// The columns in so many cells: a value keeps its place, then a good part of the group's name.
    fn columns(&self, room: usize, is_listed: bool) -> Columns {
        let Columns { value, marks, .. } = self.columns;
        // A mark may come with the next Space.
        let inner = room.saturating_sub(2 + marks.max(1) + 2);
        let group = if is_listed || room < NARROW { 0 } else { self.columns.group.min(inner * 3 / 10) };
        let room = inner + if group == 0 { 2 } else { 0 };
        let label = self.columns.label + if is_listed { 2 } else { 0 };
        Columns { label: label.min(room.saturating_sub(value + group + 4)), value, group, marks }
    }

    /// What the keys do here, or else what the row picked is about; and how much was found.
    fn hint(&self, model: &Model, room: u16, picked: usize) -> Row {
        let (theme, lang) = (model.setup.theme, model.lang());
        let (found, all) = (self.hits.things.len(), self.finder.things().len() - COMMANDS.len());
        let count = match self.hits.is_guess && found > 0 {
            true => Safe::default(),
            false => say!(lang, "{} de {} ", "{} of {} ", found, all),
        };
        let told = match self.thing(picked) {
            _ if self.switched(model).is_some() => say!(lang, "Espaço altera aqui", "Space changes it here"),
            _ if self.query.is_empty() => {
                let names: Vec<Safe> = Filter::ALL.into_iter().map(|filter| filter.name(lang).into()).collect();
                say!(lang, "Filtros: {}", "Filters: {}", Safe::join(&names, " "))
            }
            Some(Thing::Command(number)) => COMMANDS.get(number).map(|command| command.what(lang)).unwrap_or_default(),
            _ => self.parameter(model, picked).map(|parameter| self.about(model, parameter, room)).unwrap_or_default(),
        };
        let told = cut(&told, usize::from(room).saturating_sub(width(&count) + 3));
        Row::of(" ".into(), theme.text()).and(told, theme.dim()).right(vec![(count, theme.text())])
    }

    /// Its label, where that does not fit into its row; else what it is.
    fn about(&self, model: &Model, parameter: &Parameter, room: u16) -> Safe {
        let (label, value) = (parameter.title.of(model.lang()), cut(&shown(model, parameter), VALUE));
        let is_whole = width(label) <= self.columns(room.into(), false).label_at_most(&value);
        if is_whole { parameter.help.what.of(model.lang()).clone() } else { label.clone() }
    }

    /// Why there are no hits.
    fn nothing(&self, model: &Model) -> Option<Safe> {
        let lang = model.lang();
        if let Some(unknown) = &self.query.unknown {
            return Some(say!(lang, "Não há o filtro {}.", "There is no filter {}.", Safe::excerpt(unknown)));
        }
        match (self.hits.things.is_empty(), self.hits.is_guess) {
            (false, false) => None,
            (false, true) => {
                Some(say!(lang, "Nada encontrado. O mais parecido:", "Nothing found. What comes nearest:"))
            }
            (true, _) if !self.query.filters(lang).is_empty() => {
                let filters = Safe::join(&self.query.filters(lang), " ");
                Some(say!(lang, "Nenhum resultado com o filtro {}.", "No result with the filter {}.", filters))
            }
            (true, _) => Some(say!(
                lang,
                "Nada encontrado. Busque por rótulo, valor ou assunto: “porta”, “sim”, “firewall”.",
                "Nothing found. Search for a label, a value or a subject: “port”, “yes”, “firewall”."
            )),
        }
    }
}

impl Dialog for Search {
    fn context(&self) -> Context {
        match self.thing(self.picked) {
            Some(Thing::Command(_)) => keymap::DEED,
            _ => keymap::SEARCH,
        }
    }

    fn above(&self, model: &Model, room: u16) -> Vec<Row> {
        let theme = model.setup.theme;
        // As wide as words need, and no wider than the screen.
        let room_for_words = usize::from(room).saturating_sub(2).min(LINE.max(width(&self.typed()) + 1));
        let (text, cursor) = self.line.window(room_for_words);
        let rest = blanks(room_for_words.saturating_sub(width(&text)));
        let (start, end) = if theme.has_brackets() { ("[", "]") } else { (" ", "") };
        let mut line = Row::of(start.into(), theme.text()).and(text, theme.value()).and(rest, theme.value());
        line = line.and(end, theme.text());
        line.cursor = (!self.is_picked).then_some(1 + cursor as u16);
        let nothing = self.nothing(model).map(|told| Line::of(Tone::Doubtful, told));
        [line].into_iter().chain(rows_of(nothing.as_slice(), room, theme)).collect()
    }

    fn content(&self, model: &Model, room: u16, picked: usize) -> Content {
        let title = say!(model.lang(), "Buscar", "Search");
        Content { title, rows: self.rows(model, room, picked), below: vec![self.hint(model, room, picked)] }
    }

    /// The line stays where it is, however much fits.
    fn fills(&self) -> bool {
        true
    }

    fn count(&self) -> usize {
        self.hits.things.len()
    }

    /// Goes there.
    fn enter(&mut self, model: &mut Model, picked: usize) -> Reply {
        match self.thing(picked) {
            None => return Reply::Stay(vec![]),
            Some(Thing::Command(number)) => {
                return COMMANDS.get(number).map_or(Reply::Stay(vec![]), |command| Reply::Act(command.action));
            }
            Some(Thing::Group(number)) => model.jump_to_group(number),
            Some(Thing::Action(group, number)) => model.jump_to_action(group, number),
            Some(Thing::Parameter(_)) => {
                if let Some(key) = self.parameter(model, picked).map(|parameter| parameter.key.clone()) {
                    model.jump_to(&key);
                }
            }
        }
        Reply::Close(vec![])
    }

    fn press(&mut self, model: &mut Model, action: Action) -> Option<Reply> {
        if action == Action::Insert(' ')
            && let Some(key) = self.switched(model).map(|parameter| parameter.key.clone())
        {
            return Some(Reply::Switch(key));
        }
        if matches!(action, Action::Up | Action::Down | Action::PageUp | Action::PageDown) {
            self.is_picked = true;
            return None;
        }
        let before = self.line.text().to_owned();
        let reply = self.line.press(action).then(|| Reply::Stay(vec![]))?;
        self.is_typed |= self.line.text() != before;
        self.is_picked = false;
        Some(reply)
    }

    fn follow(&mut self, model: &Model, picked: usize, told: bool) -> usize {
        self.picked = picked;
        if std::mem::take(&mut self.is_typed) {
            self.picked = 0;
            self.find(model);
        } else if told || self.values != model.values_number() {
            // What others saved, or a test has found, may fit now; the row stays with what it is about.
            let here = self.hits.things.get(picked).copied();
            self.find(model);
            let there = self.hits.things.iter().position(|thing| Some(*thing) == here);
            self.picked = there.unwrap_or_else(|| picked.min(self.hits.things.len().saturating_sub(1)));
        }
        self.picked
    }
}

fn shown(model: &Model, parameter: &Parameter) -> Safe {
    parameter.kind.shown(model.value(parameter), model.lang())
}

fn holds(model: &Model, filter: Filter, parameter: &Parameter) -> bool {
    let key = &parameter.key;
    match filter {
        Filter::Changed => model.is_changed(key),
        Filter::Invalid => {
            let mut errors = model.findings.iter().filter(|finding| finding.level() == Level::Error);
            errors.any(|finding| finding.concerns(key))
        }
        Filter::Fails => model.outcome(key).is_some_and(|outcome| outcome.status() == Status::Fail),
        Filter::IsDefault => model.source(key) == Source::Default,
        Filter::IsOther => *model.value(parameter) != parameter.default,
    }
}

/// What the form's keys do, with their names: by them, whatever a terminal keeps for itself can be done.
fn commands(lang: Lang) -> Vec<(Safe, Safe)> {
    let named = |command: &Command| (command.name(lang), command.what(lang));
    COMMANDS.iter().map(named).collect()
}

/// Label, value, and what it stands in.
fn texts(model: &Model, thing: Thing) -> [Safe; 3] {
    let (catalog, lang) = (model.catalog(), model.lang());
    let title =
        |number: usize| catalog.groups().get(number).map(|group| group.title.of(lang).clone()).unwrap_or_default();
    match thing {
        Thing::Group(number) => {
            let section = catalog.groups().get(number).and_then(|group| catalog.sections().get(group.section));
            let section = section.map(|section| section.title.of(lang).clone()).unwrap_or_default();
            let value = match catalog.members(number).len() {
                0 => say!(lang, "sem parâmetros", "no parameters"),
                _ => say!(lang, "grupo", "group"),
            };
            [title(number), value, section]
        }
        Thing::Parameter(number) => match catalog.parameters().get(number) {
            Some(parameter) => {
                let group = catalog.group_number(parameter.key.group()).map(title).unwrap_or_default();
                [parameter.title.of(lang).clone(), shown(model, parameter), group]
            }
            None => Default::default(),
        },
        Thing::Command(number) => {
            let command = COMMANDS.get(number);
            let (name, keys) = command.map(|it| (it.name(lang), it.keys(lang))).unwrap_or_default();
            [name, keys, say!(lang, "tecla", "key")]
        }
        Thing::Action(group, number) => {
            let action = model.actions_of(group).get(number);
            let label = action.map(|action| action.title(lang)).unwrap_or_default();
            [label, say!(lang, "ação", "action"), title(group)]
        }
    }
}

/// Of a parameter: changed, failing its test, not valid.
fn marks(model: &Model, thing: Thing) -> Vec<Piece> {
    let theme = model.setup.theme;
    let Thing::Parameter(number) = thing else { return vec![] };
    let Some(parameter) = model.catalog().parameters().get(number) else { return vec![] };
    let marks = [(Filter::Changed, mark::CHANGED), (Filter::Fails, mark::FAILS), (Filter::Invalid, mark::INVALID)];
    let marks = marks.into_iter().filter(|(filter, _)| holds(model, *filter, parameter));
    marks.map(|(_, mark)| (Safe::own(mark), theme.sign(mark))).collect()
}
