//! The figures as tables, and their place in `docs/performance.md`.

use std::fs;
use std::io;
use std::path::Path;

/// Puts `text` between the page's two marks of this name, and leaves the rest as somebody wrote it.
pub fn fill(page: &Path, name: &str, text: &str) -> io::Result<()> {
    let (from, to) = (format!("<!-- {name}: written by tests/bench/run -->\n"), format!("<!-- end of {name} -->\n"));
    let old = fs::read_to_string(page)?;
    let parted = old.split_once(&from).and_then(|(above, rest)| Some((above, rest.split_once(&to)?.1)));
    let Some((above, below)) = parted else {
        return Err(io::Error::other(format!("{}: has no place for {name}", page.display())));
    };
    fs::write(page, format!("{above}{from}\n{text}\n{to}{below}"))
}

/// A table in Markdown.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let head = line(header.iter().map(|cell| (*cell).to_owned()).collect());
    let rule = line(header.iter().map(|_| "---".to_owned()).collect());
    head + &rule + &rows.iter().cloned().map(line).collect::<String>()
}

/// A figure, and how many times ours it is: `1122 (6.3×)`. A dash where there is none.
pub fn beside(figure: Option<f64>, ours: Option<f64>, digits: usize) -> String {
    match (figure, ours) {
        (None, _) => "–".into(),
        (Some(figure), Some(ours)) if ours > 0.0 => format!("{figure:.digits$} ({:.1}×)", figure / ours),
        (Some(figure), _) => format!("{figure:.digits$}"),
    }
}

/// A figure alone. A dash where there is none.
pub fn plain(figure: Option<f64>, digits: usize) -> String {
    beside(figure, None, digits)
}
