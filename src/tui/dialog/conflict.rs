//! Conflicts: parameters that were changed both here and in the file. Asks about one after the other.
//!
//! ```text
//! Porta Banco de Dados Gestores
//!   nesta tela                  no arquivo
//!   5433                        5434
//! ```

use serde_json::Value;

use super::super::event::{After, Effect, Work};
use super::super::keymap::{self, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::rows::{Row, rows_of};
use crate::document::Changes;
use crate::document::draft::Draft;
use crate::document::history::Stamp;
use crate::document::merge::{Conflict, Side};
use crate::present::{change, version};
use crate::safe::Safe;
use crate::say;
use crate::text::line::{Line, Tone, blanks};
use crate::text::{width, wrap};

#[derive(Clone)]
pub struct Conflicts {
    /// What was chosen in an earlier round; the file changed once more since.
    decided: Vec<(Conflict, Side)>,
    /// All that are to be decided.
    conflicts: Vec<Conflict>,
    /// What was chosen for the first of them; the next is asked.
    chosen: Vec<Side>,
    /// Who saved meanwhile, where that is known.
    meanwhile: Option<Stamp>,
    purpose: Purpose,
}

/// What goes on once all conflicts are decided.
#[derive(Clone)]
pub enum Purpose {
    /// The save that met them, and what follows it.
    Save(After),
    /// Recovering this draft, with those of its edits that met none.
    Recover(Box<Draft>, Changes),
}

impl Conflicts {
    pub fn new(
        decided: Vec<(Conflict, Side)>,
        conflicts: Vec<Conflict>,
        meanwhile: Option<Stamp>,
        purpose: Purpose,
    ) -> Conflicts {
        Conflicts { decided, conflicts, chosen: vec![], meanwhile, purpose }
    }

    /// The conflict that is asked about; `None` once all are decided.
    fn current(&self) -> Option<&Conflict> {
        self.conflicts.get(self.chosen.len())
    }

    /// Asks about the next conflict; after the last, saves or recovers.
    pub fn go_on(self, model: &mut Model) -> Reply {
        if self.current().is_some() {
            model.open(self);
            return Reply::Close(vec![]);
        }
        let choices = self.decided.into_iter().chain(self.conflicts.into_iter().zip(self.chosen));
        match self.purpose {
            Purpose::Save(after) => Reply::SaveUntested(after, choices.collect()),
            Purpose::Recover(draft, mut changes) => {
                let mine = choices.filter(|(_, side)| *side == Side::Mine);
                changes.extend(mine.map(|(conflict, _)| (conflict.key, conflict.mine)));
                Reply::Close(recover(model, *draft, changes))
            }
        }
    }
}

impl Dialog for Conflicts {
    fn context(&self) -> Context {
        keymap::QUESTION
    }

    fn content(&self, model: &Model, room: u16, _: usize) -> Content {
        let (theme, lang, catalog) = (model.setup.theme, model.lang(), model.catalog());
        let (number, count) = (self.chosen.len() + 1, self.conflicts.len());
        let title = change::conflict_heading(number, count, lang);
        let Some(current) = self.current() else { return Content { title, ..Content::default() } };
        let mine = match &self.purpose {
            Purpose::Save(_) => say!(lang, "nesta tela", "in this form"),
            Purpose::Recover(..) => say!(lang, "no rascunho", "in the draft"),
        };
        let mut lines: Vec<Line> =
            self.meanwhile.iter().map(|stamp| version::saved_by(stamp, &model.wall, lang)).collect();
        lines.push(Line::of(Tone::Strong, change::title(catalog, &current.key, lang)));
        let mut rows: Vec<Row> = rows_of(&lines, room, theme).collect();
        rows.extend(abreast(model, (mine, say!(lang, "no arquivo", "in the file")), current, room));
        let which = say!(lang, "Qual valor fica?", "Which value stays?");
        rows.extend(rows_of(&[change::before(catalog, current, lang), which.into()], room, theme));
        Content { title, rows, below: vec![] }
    }

    fn answers(&self, model: &Model) -> Vec<&'static str> {
        let lang = model.lang();
        let mine = match &self.purpose {
            Purpose::Recover(..) => lang.pick("Rascunho", "Draft"),
            Purpose::Save(_) => lang.pick("Tela", "Form"),
        };
        vec![lang.pick("Voltar", "Back"), mine, lang.pick("Arquivo", "File")]
    }

    fn enter(&mut self, model: &mut Model, picked: usize) -> Reply {
        let side = match picked {
            0 => return Reply::Close(vec![]),
            1 => Side::Mine,
            _ => Side::Theirs,
        };
        let mut rest = self.clone();
        rest.chosen.push(side);
        rest.go_on(model)
    }
}

fn abreast(model: &Model, heads: (Safe, Safe), conflict: &Conflict, room: u16) -> Vec<Row> {
    let theme = model.setup.theme;
    let column = (usize::from(room).saturating_sub(6) / 2).max(1);
    let cell =
        |value: &Option<Value>| wrap(&change::setting(model.catalog(), &conflict.key, value, model.lang()), column);
    let (mine, theirs) = (cell(&conflict.mine), cell(&conflict.theirs));
    let row = |left: Safe, right: Safe, style| {
        let gap = blanks((column + 2).saturating_sub(width(&left)));
        Row::of("   ".into(), style).and(left, style).and(gap, style).and(right, style)
    };
    let mut rows = vec![row(heads.0, heads.1, theme.dim())];
    for line in 0..mine.len().max(theirs.len()) {
        let of = |cell: &[Safe]| cell.get(line).cloned().unwrap_or_default();
        rows.push(row(of(&mine), of(&theirs), theme.heading()));
    }
    rows
}

/// Applies the draft as one edit that can be undone. A draft that changes nothing is removed.
fn recover(model: &mut Model, draft: Draft, mut changes: Changes) -> Vec<Effect> {
    changes.retain(|key, _| model.session.catalog().parameter(key).is_some());
    let changed = model.set_all(changes, Some(draft.clone())).len();
    // This form's draft lists the drafts that it has recovered, so it has to be written again.
    model.handed = None;
    let lang = model.lang();
    let message = match changed {
        0 => say!(
            lang,
            "A tela já tem todos os valores do rascunho.",
            "The form already has all the draft's \
             values."
        ),
        1 => say!(
            lang,
            "1 alteração recuperada, não gravada ainda. Ctrl+Z desfaz.",
            "1 change recovered, not saved yet. Ctrl+Z undoes it."
        ),
        count => say!(
            lang,
            "{} alterações recuperadas, não gravadas ainda. Ctrl+Z desfaz.",
            "{} changes recovered, not saved yet. Ctrl+Z undoes them.",
            count
        ),
    };
    model.tell(message);
    let spent = changed == 0 && model.session.pending_changes().is_empty() && !draft.open_elsewhere;
    if spent { vec![model.work(Work::DiscardDrafts(vec![draft], vec![]))] } else { vec![] }
}
