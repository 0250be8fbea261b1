//! Lists to pick from: the saved versions, newest first, and the reports.
//!
//! ```text
//! ▸  7  2026-03-31 12:34  ana (de 10.0.0.7)  porta_banco_dados
//!    6  2026-03-30 09:01  editada fora       porta_banco_dados, vendedor_padrao
//! ```

use super::Content;
use super::paint::{Row, cut, width};
use crate::document::history::{Kind, Stamp};
use crate::present::version;
use crate::safe::Safe;
use crate::say;
use crate::text::line::blanks;
use crate::tui::dialog::Listing;
use crate::tui::event::Listed;
use crate::tui::model::Model;

/// The most cells that the column of names gets: what changed says more.
const WHO: usize = 24;

pub(super) fn content(model: &Model, list: &Listing, picked: usize, room: u16) -> Content {
    let lang = model.lang();
    let (title, rows) = match list {
        Listing::Versions(listed) => {
            (say!(lang, "Histórico (hora UTC)", "History (times in UTC)"), versions(model, listed, picked, room))
        }
        Listing::Reports(reports) => {
            let names = reports.names.iter().enumerate();
            let row =
                |(at, name): (usize, &std::ffi::OsString)| report(model, &name.to_string_lossy(), at == picked, room);
            (say!(lang, "Relatórios em {}", "Reports in {}", Safe::path(&reports.folder)), names.map(row).collect())
        }
    };
    Content { title, rows, below: vec![], picked: Some(picked) }
}

fn report(model: &Model, name: &str, picked: bool, room: u16) -> Row {
    let theme = model.setup.theme;
    let style = if picked { theme.picked() } else { theme.text() };
    let name = cut(&Safe::outside(name), usize::from(room).saturating_sub(3), theme.glyphs.cut);
    let mark = if picked { theme.glyphs.here } else { " " };
    let mut row = Row::of(crate::safe!("{} {} ", mark, name), style);
    row.cursor = picked.then_some(0);
    row
}

fn versions(model: &Model, listed: &[Listed], picked: usize, room: u16) -> Vec<Row> {
    let whose: Vec<Safe> = listed.iter().map(|listed| who(model, listed)).collect();
    let column = whose.iter().map(width).max().unwrap_or_default().min(WHO);
    let numbered = listed.iter().zip(&whose).enumerate();
    numbered.map(|(at, (listed, who))| row(model, listed, (who, column), at == picked, room)).collect()
}

fn who(model: &Model, listed: &Listed) -> Safe {
    let lang = model.lang();
    match &listed.entry {
        None => say!(lang, "danificada", "damaged"),
        Some((_, kind @ Kind::EditedOutside, _)) => version::kind(*kind, lang),
        Some((Stamp { who, .. }, ..)) => who.words(lang),
    }
}

fn row(model: &Model, listed: &Listed, (who, column): (&Safe, usize), picked: bool, room: u16) -> Row {
    let theme = model.setup.theme;
    let style = if picked { theme.picked() } else { theme.text() };
    // `2026-03-31T12:34:56Z` to the minute, as people write it.
    let time = listed.entry.as_ref().map(|(stamp, ..)| stamp.time.to_string()).unwrap_or_default();
    let time = time.get(..16).unwrap_or_default().replace('T', " ");
    let names: Vec<Safe> = match &listed.entry {
        // The group's name stands before each, and there is no room to say it each time.
        Some((.., names)) => {
            names.iter().map(|name| Safe::outside(name.split_once('.').map_or(&**name, |(_, name)| name))).collect()
        }
        None => vec![],
    };
    let names = match &listed.entry {
        Some((_, kind @ Kind::Restored(_), _)) => version::kind(*kind, model.lang()),
        _ => Safe::join(&names, ", "),
    };
    let who = cut(who, column, theme.glyphs.cut);
    let mark = if picked { theme.glyphs.here } else { " " };
    let number = crate::safe!("{}", listed.number);
    let head = crate::safe!(
        "{}{}{}  {}{}  {}{}  ",
        mark,
        blanks(5usize.saturating_sub(width(&number))),
        number,
        Safe::outside(&time),
        blanks(16usize.saturating_sub(time.len())),
        who,
        blanks(column.saturating_sub(width(&who)))
    );
    let rest = cut(&names, usize::from(room).saturating_sub(width(&head)), theme.glyphs.cut);
    let mut row = Row::of(head, style).and(rest, style);
    row.cursor = picked.then_some(0);
    row
}
