//! The saved versions, newest first.
//!
//! ```text
//! ▌  7  hoje 12:34        ana (de 10.0.0.7)  porta_banco_dados
//!    6  ontem 09:01       alterada por fora  porta_banco_dados, vendedor_padrao
//! ```

use super::super::event::{Listed, Work};
use super::super::keymap::{self, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::rows::{Row, cut, rows_of};
use crate::document::history::{Kind, Listing, Stamp};
use crate::present::version;
use crate::safe::Safe;
use crate::say;
use crate::text::line::{Line, blanks};
use crate::text::width;
use crate::tui::theme::HERE;

pub struct Versions(pub Listing<Listed>);

/// The most cells that the column of names gets: what changed says more.
const WHO: usize = 24;

impl Dialog for Versions {
    fn context(&self) -> Context {
        keymap::VERSIONS
    }

    fn content(&self, model: &Model, room: u16, picked: usize) -> Content {
        let whose: Vec<Safe> = self.0.versions.iter().map(|listed| who(model, listed)).collect();
        let column = whose.iter().map(width).max().unwrap_or_default().min(WHO);
        let numbered = self.0.versions.iter().zip(&whose).enumerate();
        let row = |(at, (listed, who))| row(model, listed, (who, column), at == picked, room);
        let title = say!(model.lang(), "Histórico ({})", "History ({})", model.wall.name(model.lang()));
        let below = version::unread(self.0.unread, model.lang()).map(Line::from);
        let below = rows_of(below.as_slice(), room, model.setup.theme).collect();
        Content { title, rows: numbered.map(row).collect(), below }
    }

    fn count(&self) -> usize {
        self.0.versions.len()
    }

    fn enter(&mut self, model: &mut Model, picked: usize) -> Reply {
        let read = |listed: &Listed| model.work(Work::ReadVersion(listed.number));
        Reply::Stay(self.0.versions.get(picked).map(read).into_iter().collect())
    }
}

fn who(model: &Model, listed: &Listed) -> Safe {
    let lang = model.lang();
    match &listed.entry {
        None => say!(lang, "danificada", "damaged"),
        Some((_, kind @ Kind::EditedOutside, _)) => version::kind(*kind, lang),
        Some((Stamp { who, .. }, ..)) => who.label(lang),
    }
}

fn row(model: &Model, listed: &Listed, (who, column): (&Safe, usize), picked: bool, room: u16) -> Row {
    let theme = model.setup.theme;
    let style = if picked { theme.picked() } else { theme.text() };
    let time = listed.entry.as_ref().map(|(stamp, ..)| model.wall.recent(stamp.time, model.lang())).unwrap_or_default();
    let names: Vec<Safe> = match &listed.entry {
        // Without the group: there is no room for it.
        Some((.., names)) => {
            names.iter().map(|name| Safe::outside(name.split_once('.').map_or(&**name, |(_, name)| name))).collect()
        }
        None => vec![],
    };
    let names = match &listed.entry {
        Some((_, kind @ Kind::Restored(_), _)) => version::kind(*kind, model.lang()),
        _ => Safe::join(&names, ", "),
    };
    let who = cut(who, column);
    let mark = if picked { HERE } else { " " };
    let number = crate::safe!("{}", listed.number);
    let head = crate::safe!(
        "{}{}{}  {}{}  {}{}  ",
        mark,
        blanks(5usize.saturating_sub(width(&number))),
        number,
        time,
        blanks(16usize.saturating_sub(width(&time))),
        who,
        blanks(column.saturating_sub(width(&who)))
    );
    let rest = cut(&names, usize::from(room).saturating_sub(width(&head)));
    let mut row = Row::of(head, style).and(rest, style);
    row.cursor = picked.then_some(0);
    row
}
