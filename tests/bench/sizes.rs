//! What is in the executable: how many bytes of it carry the name of which crate.
//!
//! Read from the symbols of the same program, linked once more without being stripped. Code that a crate makes the
//! compiler write for another's type counts for the first crate in its name that is not Rust's own library. A lower
//! bound: most constants, texts and unwinding tables carry no name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::programs::said_by;

/// What comes and goes together.
pub struct Part {
    /// The dependencies in Cargo.toml that bring these crates, each of them alone enough; of ours and Rust's own: who.
    pub brought_by: String,
    /// The crates, as in code, largest first.
    pub crates: Vec<String>,
    /// Bytes of their named functions and constants.
    pub bytes: u64,
}

/// Rust's own library, in its parts.
const STANDARD: [&str; 3] = ["std", "core", "alloc"];

/// The parts of an executable that still has its symbols, largest first.
pub fn parts(executable: &Path) -> Vec<Part> {
    let brought = brought_by();
    let symbols = said_by(Path::new("nm"), &["-S", "--demangle", &executable.to_string_lossy()]);
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for line in symbols.lines() {
        let mut columns = line.splitn(4, ' ');
        let (Some(_), Some(size), Some(_), Some(name)) =
            (columns.next(), columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        *sizes.entry(owner(name, &brought)).or_default() += u64::from_str_radix(size, 16).unwrap_or_default();
    }
    let mut sizes: Vec<(String, u64)> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let mut parts: Vec<Part> = vec![];
    for (name, bytes) in sizes {
        let by: Vec<&str> = brought.get(&name).into_iter().flatten().map(String::as_str).collect();
        let (brought_by, crates) = if by.is_empty() { (name, vec![]) } else { (by.join(", "), vec![name]) };
        match parts.iter_mut().find(|part| part.brought_by == brought_by) {
            Some(part) => {
                part.crates.extend(crates);
                part.bytes += bytes;
            }
            None => parts.push(Part { brought_by, crates, bytes }),
        }
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    parts
}

/// The first crate named in a symbol, Rust's own library only where it names no other.
fn owner(symbol: &str, brought: &BTreeMap<String, BTreeSet<String>>) -> String {
    let is_word = |symbol: char| symbol.is_alphanumeric() || symbol == '_';
    let mut standard = None;
    for (at, _) in symbol.match_indices("::") {
        let before = &symbol[..at];
        let start = before.rfind(|symbol| !is_word(symbol)).map_or(0, |at| at + 1);
        // Only the first word of a path is a crate.
        if before[..start].ends_with("::") {
            continue;
        }
        let word = &before[start..];
        if brought.contains_key(word) {
            return word.to_owned();
        }
        if STANDARD.contains(&word) {
            standard = Some("Rust's own library".to_owned());
        }
    }
    standard.unwrap_or_else(|| "the C library, and what has no crate's name".into())
}

/// Every crate of the program, and the direct dependencies that need it.
fn brought_by() -> BTreeMap<String, BTreeSet<String>> {
    let tree = said_by(
        Path::new("cargo"),
        &["tree", "--locked", "--edges", "normal", "--prefix", "depth", "--no-dedupe", "--format", " {lib} {p}"],
    );
    let mut brought: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut direct = String::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(name)) = (words.next(), words.next()) else { continue };
        let name = name.replace('-', "_");
        if depth == "1" {
            direct.clone_from(&name);
        }
        let by = brought.entry(name).or_default();
        if depth != "0" {
            by.insert(direct.clone());
        }
    }
    brought
}
