//! What each file of `src` names, read from its code: of which other file, and of the world outside.
//!
//! - A file imports another where it names something that the other one defines: in a `use`, or with a path in its code
//!   (`tls::Fault`, `crate::key::Key`).
//! - A name counts for the file that defines it. What a file has from elsewhere is looked through: `crate::catalog::Kind` is
//!   `catalog/kind.rs`. So a module's file may show what its children have, and the children may use each other by it.
//! - `mod child;` is no import, and neither is a `pub use` of names that the file itself does not mention.
//! - A parent and its child are two files like any others: they may not import each other.
//! - Unit tests do not count. Methods are not seen: what a file calls on a value came to it through some type's name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Names joined by `::`. Absolute ones start with `crate` or with the name of another crate.
type Path = Vec<String>;

/// What each file names of which other, by the files' names.
pub type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// What the files name.
#[derive(Default)]
pub struct Names {
    pub imports: Imports,
    /// By the files' names: absolute paths, ours among them.
    pub paths: BTreeMap<String, BTreeSet<String>>,
}

/// One file's code, cut into names and marks.
struct File {
    name: String,
    module: Path,
    tokens: Vec<String>,
    uses: Vec<Use>,
    /// What `use` brings into it, by the name it has there. Its children see that too, public or not.
    scope: HashMap<String, Path>,
}

/// One name that a `use` brings in: its path as written, and what it is called in the file.
struct Use {
    path: Path,
    alias: String,
    is_public: bool,
}

/// Reads the names of files: their own names, relative to `src`, and their code without unit tests.
pub fn names(sources: &[(String, String)]) -> Names {
    let mut files: Vec<File> = sources.iter().map(|(name, code)| File::read(name, code)).collect();
    let modules: HashMap<Path, usize> = files.iter().enumerate().map(|(at, file)| (file.module.clone(), at)).collect();
    for file in &mut files {
        for found in std::mem::take(&mut file.uses) {
            let path = file.absolute(&found.path, &modules);
            file.scope.insert(found.alias.clone(), path);
            file.uses.push(found);
        }
    }
    let mut names = Names::default();
    for file in &files {
        let mentions = |name: &str| file.tokens.iter().any(|token| token == name);
        let used = file.uses.iter().filter(|found| !found.is_public || mentions(&found.alias)).map(|found| &found.path);
        let imports = names.imports.entry(file.name.clone()).or_default();
        let all = names.paths.entry(file.name.clone()).or_default();
        for path in used.cloned().chain(paths(&file.tokens)) {
            let path = file.absolute(&path, &modules);
            if let Some((home, what)) = home(&path, &files, &modules, 0)
                && files[home].module != file.module
            {
                imports.entry(files[home].name.clone()).or_default().insert(what);
            }
            all.insert(path.join("::"));
        }
    }
    names
}

impl File {
    fn read(name: &str, code: &str) -> File {
        let path = name.strip_suffix(".rs").unwrap_or(name);
        let below = path.split('/').filter(|part| *part != "lib").map(str::to_owned);
        let module = ["crate".to_owned()].into_iter().chain(below).collect();
        let (uses, tokens) = take_uses(tokens(code));
        File { name: name.to_owned(), module, tokens, uses, scope: HashMap::new() }
    }

    fn absolute(&self, path: &[String], modules: &HashMap<Path, usize>) -> Path {
        let Some((first, rest)) = path.split_first() else { return vec![] };
        let child: Path = self.module.iter().chain([first]).cloned().collect();
        let mut start = match first.as_str() {
            // The binary names the library by its own name.
            "crate" | "balcao_config" => vec!["crate".to_owned()],
            "self" => self.module.clone(),
            "super" => self.module[..self.module.len() - 1].to_vec(),
            _ if modules.contains_key(&child) => child,
            name => self.scope.get(name).cloned().unwrap_or_else(|| vec![name.to_owned()]),
        };
        for name in rest {
            match name.as_str() {
                "super" => start.truncate(start.len() - 1),
                "self" | "*" => {}
                _ => start.push(name.clone()),
            }
        }
        start
    }
}

/// The file of ours that defines what the path leads to, and the name there; none for a module itself, which says nothing of
/// what is used of it.
fn home(path: &[String], files: &[File], modules: &HashMap<Path, usize>, depth: usize) -> Option<(usize, String)> {
    let inside = (1..=path.len()).rev().find(|length| modules.contains_key(&path[..*length]))?;
    let file = modules[&path[..inside]];
    let name = path.get(inside)?;
    match files[file].scope.get(name) {
        Some(target) if depth < 8 => {
            let target: Path = target.iter().chain(&path[inside + 1..]).cloned().collect();
            home(&target, files, modules, depth + 1)
        }
        _ => Some((file, name.clone())),
    }
}

/// Takes the `use` declarations out of the code.
fn take_uses(tokens: Vec<String>) -> (Vec<Use>, Vec<String>) {
    let (mut uses, mut rest) = (vec![], vec![]);
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        if token != "use" {
            rest.push(token);
            continue;
        }
        let before = &rest[rest.len().saturating_sub(6)..];
        let is_public = match before.last().map(String::as_str) {
            Some("pub") => true,
            // `pub(crate)`, `pub(in crate::a)`.
            Some(")") => before.iter().any(|token| token == "pub"),
            _ => false,
        };
        let tree: Vec<String> = tokens.by_ref().take_while(|token| token != ";").collect();
        spell_out(&tree, &[], is_public, &mut uses);
        rest.push(";".to_owned());
    }
    (uses, rest)
}

/// Spells out one tree of a `use`: `a::{b, c as d}` is `a::b` and `a::c`.
fn spell_out(tree: &[String], before: &[String], is_public: bool, uses: &mut Vec<Use>) {
    let mut path = before.to_vec();
    for (at, token) in tree.iter().enumerate() {
        match token.as_str() {
            "::" => {}
            "{" => {
                let mut depth = 0;
                let parts = tree[at + 1..tree.len() - 1].split(|token| {
                    depth += i32::from(token == "{") - i32::from(token == "}");
                    depth == 0 && token == ","
                });
                parts.filter(|part| !part.is_empty()).for_each(|part| spell_out(part, &path, is_public, uses));
                return;
            }
            "as" => {
                uses.push(Use { path, alias: tree[at + 1].clone(), is_public });
                return;
            }
            name => path.push(name.to_owned()),
        }
    }
    let alias = path.iter().rev().find(|name| *name != "self").cloned().unwrap_or_default();
    uses.push(Use { path, alias, is_public });
}

/// All paths of two names or more in the code.
fn paths(tokens: &[String]) -> Vec<Path> {
    let is_name = |token: &String| token.starts_with(|first: char| first.is_alphabetic() || first == '_');
    let mut found = vec![];
    let mut path: Path = vec![];
    for (at, token) in tokens.iter().enumerate() {
        let goes_on = at > 0 && tokens[at - 1] == "::" && !path.is_empty();
        if is_name(token) && (goes_on || path.is_empty()) {
            path.push(token.clone());
        } else if token != "::" {
            found.push(std::mem::take(&mut path));
            path.extend(Some(token.clone()).filter(is_name));
        }
    }
    found.push(path);
    found.retain(|path| path.len() > 1);
    found
}

/// Names and marks of the code, without comments, texts and characters.
fn tokens(code: &str) -> Vec<String> {
    let mut found = vec![];
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(hashes) = raw_text(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let open = rest.find('"').unwrap_or_default() + 1;
            rest[open..].find(&end).map_or(rest.len(), |close| open + close + end.len())
        } else if first == '"' {
            let mut escaped = false;
            let close = rest.char_indices().skip(1).find(|(_, symbol)| {
                let ends = *symbol == '"' && !escaped;
                escaped = *symbol == '\\' && !escaped;
                ends
            });
            close.map_or(rest.len(), |(at, _)| at + 1)
        } else if first == '\'' {
            character(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|symbol: char| !symbol.is_alphanumeric() && symbol != '_').unwrap_or(rest.len());
            found.push(rest[..length].to_owned());
            length
        } else {
            let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            if !first.is_whitespace() {
                found.push(rest[..length].to_owned());
            }
            length
        };
        rest = &rest[length..];
    }
    found
}

/// How many `#` a raw text at the start of the code has, if there is one.
fn raw_text(code: &str) -> Option<usize> {
    let rest = code.strip_prefix('b').unwrap_or(code).strip_prefix('r')?;
    let hashes = rest.bytes().take_while(|byte| *byte == b'#').count();
    rest[hashes..].starts_with('"').then_some(hashes)
}

/// The length of a character, or of the mark alone where a lifetime starts.
fn character(code: &str) -> usize {
    let mut symbols = code.char_indices().skip(1);
    match symbols.next() {
        Some((_, '\\')) => code[3..].find('\'').map_or(code.len(), |end| end + 4),
        _ => match symbols.next() {
            Some((at, '\'')) => at + 1,
            _ => 1,
        },
    }
}

/// The files that import each other in a circle, circle by circle, as sentences.
pub fn circles(imports: &Imports) -> Vec<String> {
    let reachable = |start: &str| {
        let mut seen = BTreeSet::new();
        let mut open = vec![start.to_owned()];
        while let Some(file) = open.pop() {
            let next = imports.get(&file).into_iter().flat_map(BTreeMap::keys);
            open.extend(next.filter(|file| seen.insert((*file).clone())).cloned());
        }
        seen
    };
    let reach: BTreeMap<&String, BTreeSet<String>> = imports.keys().map(|file| (file, reachable(file))).collect();
    let mut told = BTreeSet::new();
    let mut found = vec![];
    for (file, seen) in reach.iter().filter(|(file, seen)| seen.contains(**file)) {
        let circle: Vec<&String> = seen.iter().filter(|other| reach[other].contains(*file)).collect();
        if !told.insert(circle[0]) {
            continue;
        }
        let mut lines = vec![format!("{} files import each other in a circle:", circle.len())];
        for file in &circle {
            for (other, names) in imports[*file].iter().filter(|(other, _)| circle.contains(other)) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                lines.push(format!("  {file} imports {other}: {}", names.join(", ")));
            }
        }
        found.push(lines.join("\n"));
    }
    found
}
