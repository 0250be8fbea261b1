//! What every front end can do with one document: open, read, change, validate, save.
//!
//! A session holds the document as read and the changes that are pending on top of it. All changes of a value go
//! through [`Session::set`]; only opening and saving touch the file.

pub mod actions;
pub mod attempt;
pub mod autosave;
mod checks;
pub mod edit;
pub mod ending;
pub mod look;
mod mend;
pub mod opened;
pub mod reports;
pub mod search;
pub mod trace;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::catalog::{Catalog, Finding, Level, Parameter, rule};
use crate::document::diff::{self, Difference};
use crate::document::history::{Entry, Kind};
use crate::document::merge::{Conflict, GivenUp, Merge, Overtaken, Side};
use crate::document::saver::Wanted;
use crate::document::{Changes, Document, Location, ReadError, SaveError, Saved, Saver};
use crate::key::Key;
use crate::sort;

/// Where a parameter's value in force comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The catalog: nothing sets it.
    Default,
    File,
    /// A change that is not saved.
    Changed,
}

/// One parameter whose value in force differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub key: Key,
    /// Its value in force before.
    pub from: Value,
    /// Its value in force after.
    pub to: Value,
}

/// A document being looked at or edited. Cheap enough to clone for a worker that saves it.
#[derive(Clone, Debug)]
pub struct Session {
    catalog: Arc<Catalog>,
    document: Document,
    pending: Changes,
    /// An earlier version that is to be the document again, of which `pending` has the parameters.
    restoring: Option<Box<Document>>,
    /// Which of them were made on what the document does not say any more.
    overtaken: Option<Overtaken>,
    /// Those of them that were taken back: pending again, they are overtaken as before.
    given_up: Option<GivenUp>,
    saver: Arc<Saver>,
}

impl Session {
    /// Opens the document at `path`; a missing file is an empty document.
    pub fn open(path: &Path, catalog: Arc<Catalog>) -> Result<Session, ReadError> {
        Session::at(&Location::find(path), catalog)
    }

    /// The same at a place that was found.
    pub fn at(location: &Location, catalog: Arc<Catalog>) -> Result<Session, ReadError> {
        let document = Document::at(location, &catalog)?;
        Ok(Session::over(document, catalog))
    }

    /// Opens a document from bytes, as if they stood at `path`.
    pub fn parse(path: &Path, bytes: &[u8], catalog: Arc<Catalog>) -> Result<Session, ReadError> {
        let document = Document::parse(path, bytes, &catalog)?;
        Ok(Session::over(document, catalog))
    }

    /// Without a document: every value is the default. Stands in where a document cannot be read; never saved.
    pub fn empty(path: &Path, catalog: Arc<Catalog>) -> Session {
        Session::over(Document::missing(path), catalog)
    }

    fn over(document: Document, catalog: Arc<Catalog>) -> Session {
        Session {
            catalog,
            document,
            pending: Changes::new(),
            restoring: None,
            overtaken: None,
            given_up: None,
            saver: Arc::default(),
        }
    }

    /// The same, saved by this saver from now on. Without one, a session saves as nobody, in 1970.
    pub fn signed(self, saver: Arc<Saver>) -> Session {
        Session { saver, ..self }
    }

    pub fn saver(&self) -> &Arc<Saver> {
        &self.saver
    }

    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The document without the pending changes.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The value in force: pending, else the document's, else the default.
    pub fn value(&self, parameter: &Parameter) -> Value {
        match self.pending.get(&parameter.key) {
            Some(Some(value)) => value.clone(),
            Some(None) => parameter.default.clone(),
            None => self.saved_value(parameter),
        }
    }

    /// The value in force in the document as read.
    pub fn saved_value(&self, parameter: &Parameter) -> Value {
        self.document.value(&parameter.key).unwrap_or_else(|| parameter.default.clone())
    }

    /// Where the value in force comes from.
    pub fn source(&self, key: &Key) -> Source {
        match (self.pending.contains_key(key), self.document.value(key)) {
            (true, _) => Source::Changed,
            (false, Some(_)) => Source::File,
            (false, None) => Source::Default,
        }
    }

    /// What the document would say about the parameter once saved: `None` leaves it to the default.
    pub fn setting(&self, key: &Key) -> Option<Value> {
        self.pending.get(key).cloned().unwrap_or_else(|| self.document.value(key))
    }

    /// Sets a parameter, or with `None` puts it back to its default. What the document has already, and a default
    /// that the document does not spell out, leave nothing pending.
    pub fn set(&mut self, key: &Key, value: Option<Value>) {
        let stored = self.document.value(key);
        let default = self.catalog.parameter(key).map(|parameter| &parameter.default);
        let idle = match (&value, &stored) {
            (None, stored) => stored.is_none(),
            (Some(value), Some(stored)) => value == stored,
            (Some(value), None) => Some(value) == default,
        };
        if idle {
            self.forget(key);
        } else {
            self.take_up(key, &value);
            self.pending.insert(key.clone(), value);
        }
    }

    pub fn pending_changes(&self) -> &Changes {
        &self.pending
    }

    /// What a save would change, in the catalog's order, a key taken out or put in with its value unchanged included.
    pub fn changes(&self) -> Vec<Change> {
        let mut numbers: Vec<usize> = self.pending.keys().filter_map(|key| self.catalog.number(key)).collect();
        sort::sort(&mut numbers);
        let pending = numbers.into_iter().filter_map(|number| self.catalog.parameters().get(number));
        pending
            .map(|parameter| Change {
                key: parameter.key.clone(),
                from: self.saved_value(parameter),
                to: self.value(parameter),
            })
            .collect()
    }

    /// Everything wrong with the values in force, in the catalog's order.
    pub fn findings(&self) -> Vec<Finding> {
        rule::validate(&self.catalog, &|parameter| self.value(parameter))
    }

    /// True where no finding prevents a save.
    pub fn is_valid(&self) -> bool {
        self.findings().iter().all(|finding| finding.level() != Level::Error)
    }

    /// Saves what is pending, merged with what others saved meanwhile, atomically and durably, with a version in the
    /// history. On success the document is the one saved and nothing is pending; on failure nothing has changed.
    ///
    /// Of each conflict in `choices` the chosen side is taken; any other is an error, to be asked about and saved again
    /// with one choice more. The values must be valid: every save leaves a valid document.
    pub fn save(&mut self, choices: &[(Conflict, Side)]) -> Result<Saved, SaveError> {
        self.save_version(Kind::Saved, choices)
    }

    /// Saves what is pending as a version of that kind.
    pub fn save_version(&mut self, kind: Kind, choices: &[(Conflict, Side)]) -> Result<Saved, SaveError> {
        let (saved, document) = self.saver.save(&self.document, self.to_save(choices), kind, &self.catalog)?;
        self.document = document;
        self.pending.clear();
        (self.restoring, self.overtaken, self.given_up) = (None, None, None);
        Ok(saved)
    }

    /// Writes the document anew, with what is pending, where its file is gone.
    pub fn save_anew(&mut self) -> Result<Saved, SaveError> {
        let base = self.document.found_again();
        let (saved, document) = self.saver.save(&base, Wanted::Anew(&self.pending), Kind::Saved, &self.catalog)?;
        self.document = document;
        self.pending.clear();
        (self.restoring, self.overtaken, self.given_up) = (None, None, None);
        Ok(saved)
    }

    fn to_save<'w>(&'w self, choices: &'w [(Conflict, Side)]) -> Wanted<'w> {
        match &self.restoring {
            Some(version) => Wanted::Whole(version),
            None => Wanted::Changes { mine: &self.pending, overtaken: self.overtaken.as_ref(), choices },
        }
    }

    /// An earlier version is to be the document again, to the byte: what a save then writes.
    pub fn restore(&mut self, version: &Entry) -> Result<(), ReadError> {
        for (key, value) in self.values_of(version)? {
            self.set(&key, value);
        }
        self.restoring = Some(Box::new(version.document(&self.catalog)?));
        Ok(())
    }

    /// What an earlier version says otherwise of keys that the catalog does not know.
    pub fn unknown_of(&self, version: &Entry) -> Result<Vec<Difference>, ReadError> {
        Ok(diff::unknown_differences(&self.document, &version.document(&self.catalog)?, &self.catalog))
    }

    /// What a save would change of keys that the catalog does not know.
    pub fn unknown_changes(&self) -> Vec<Difference> {
        let restoring = self.restoring.as_ref();
        restoring.map_or_else(Vec::new, |version| diff::unknown_differences(&self.document, version, &self.catalog))
    }

    /// Whether a save would succeed, as far as that can be known without writing.
    pub fn rehearse(&self) -> Result<(), SaveError> {
        self.saver.rehearse(&self.document, self.to_save(&[]), &self.catalog)
    }

    /// The changes that bring the catalog's parameters back to an earlier version, and leave unknown keys as they are.
    pub fn values_of(&self, version: &Entry) -> Result<Changes, ReadError> {
        let version = version.document(&self.catalog)?;
        let keys = self.catalog.parameters().iter().map(|parameter| &parameter.key);
        Ok(keys
            .map(|key| (key.clone(), version.value(key)))
            .filter(|(key, value)| self.setting(key) != *value)
            .collect())
    }

    /// What these settings would change of the values in force, in the catalog's order; those of unknown keys, which
    /// nobody could see, are left out.
    pub fn would_change(&self, settings: &Changes) -> Vec<Change> {
        let told = |parameter: &Parameter| {
            let to = settings.get(&parameter.key)?.clone().unwrap_or_else(|| parameter.default.clone());
            Some(Change { key: parameter.key.clone(), from: self.value(parameter), to })
        };
        self.catalog.parameters().iter().filter_map(told).filter(|change| change.from != change.to).collect()
    }

    /// Goes on from what the file holds now, as a save that was not valid had merged it; what was to be saved stays pending.
    /// Saves nothing.
    pub fn take_in(&mut self, merged: &Merge) {
        self.document = merged.theirs.clone();
        self.pending.clear();
        (self.overtaken, self.given_up) = (None, None);
        for (key, value) in &merged.mine {
            self.set(key, value.clone());
        }
    }
}

/// Which document is in use, and why that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As named; symlinks not yet resolved.
    pub path: PathBuf,
    /// The rule that chose it.
    pub why: Why,
}

/// The rule that chose a document's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Flag,
    Variable,
    SystemExists,
    /// `/etc/gestor-balcao/config.json`, since the user is root.
    Root,
    User,
}

/// The document of the whole machine.
pub const SYSTEM_PATH: &str = "/etc/gestor-balcao/config.json";

/// True where the machine's document is there, whether or not this user can come to it.
pub fn system_exists() -> bool {
    Location::find(Path::new(SYSTEM_PATH)).is_there()
}

/// Chooses the document's path: the flag, `$BALCAO_CONFIG`, the machine's own where it exists or the user is root,
/// else the user's. `variable` reads the environment; empty and relative `XDG_CONFIG_HOME` count as unset (XDG base
/// directory specification). `None` where not even `HOME` is set.
pub fn locate(
    flag: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<PathBuf>,
    system_exists: &dyn Fn() -> bool,
    is_root: bool,
) -> Option<Choice> {
    let place = |path: PathBuf, why| Some(Choice { path, why });
    if let Some(path) = flag {
        return place(path.to_owned(), Why::Flag);
    }
    if let Some(path) = variable("BALCAO_CONFIG").filter(|path| !path.as_os_str().is_empty()) {
        return place(path, Why::Variable);
    }
    if system_exists() {
        return place(SYSTEM_PATH.into(), Why::SystemExists);
    }
    if is_root {
        return place(SYSTEM_PATH.into(), Why::Root);
    }
    let absolute = |name| variable(name).filter(|path: &PathBuf| path.is_absolute());
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    place(folder.join("gestor-balcao/config.json"), Why::User)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn session(text: &str) -> Session {
        let catalog = Arc::new(Catalog::built_in());
        Session::parse(Path::new("/nowhere/config.json"), text.as_bytes(), catalog).unwrap()
    }

    fn key(name: &str) -> Key {
        Key::parse(name).unwrap()
    }

    #[test]
    fn each_rule_of_the_documents_place_gives_way_to_the_one_before() {
        let all = [("BALCAO_CONFIG", "/variable"), ("XDG_CONFIG_HOME", "/xdg"), ("HOME", "/home/ana")];
        let find = |flag: Option<&str>, variables: &[(&str, &str)], system_exists, is_root| {
            let variable = |name: &str| Some(variables.iter().find(|(known, _)| *known == name)?.1.into());
            locate(flag.map(Path::new), &variable, &|| system_exists, is_root)
                .map(|place| (place.path.to_str().unwrap().to_owned(), place.why))
        };
        let place = |path: &str, why| Some((path.to_owned(), why));
        assert_eq!(find(Some("flag"), &all, true, true), place("flag", Why::Flag));
        assert_eq!(find(None, &all, true, true), place("/variable", Why::Variable));
        assert_eq!(find(None, &all[1..], true, true), place(SYSTEM_PATH, Why::SystemExists));
        assert_eq!(find(None, &all[1..], false, true), place(SYSTEM_PATH, Why::Root));
        assert_eq!(find(None, &all[1..], false, false), place("/xdg/gestor-balcao/config.json", Why::User));
        assert_eq!(
            find(None, &all[2..], false, false),
            place("/home/ana/.config/gestor-balcao/config.json", Why::User)
        );
        assert_eq!(find(None, &[], false, false), None);
        let unusable = [("BALCAO_CONFIG", ""), ("XDG_CONFIG_HOME", "relative"), ("HOME", "/home/ana")];
        assert_eq!(
            find(None, &unusable, false, false),
            place("/home/ana/.config/gestor-balcao/config.json", Why::User)
        );
    }

    #[test]
    fn what_changes_nothing_is_not_pending() {
        let port = key("integracao.porta_banco_dados");
        let mut new = session("{}");
        new.set(&port, Some(json!(5432)));
        new.set(&key("geral.vendedor_padrao"), None);
        assert!(new.pending_changes().is_empty(), "a default, and the absence of what is not there");

        let mut old = session(r#"{"integracao": {"porta_banco_dados": 5433}}"#);
        old.set(&port, Some(json!(5433)));
        assert!(old.pending_changes().is_empty());
        old.set(&port, Some(json!(5432)));
        assert_eq!(old.setting(&port), Some(json!(5432)), "what the document spells out, it goes on to spell out");
        old.set(&port, Some(json!(5433)));
        assert!(old.pending_changes().is_empty(), "changed and changed back");
    }

    #[test]
    fn values_sources_and_changes_follow_what_is_pending() {
        let mut session = session(r#"{"integracao": {"porta_banco_dados": 5433}}"#);
        let port = key("integracao.porta_banco_dados");
        let name = key("geral.vendedor_padrao");
        assert_eq!((session.source(&port), session.source(&name)), (Source::File, Source::Default));
        session.set(&port, None);
        session.set(&name, Some(json!("Ana")));
        assert_eq!((session.source(&port), session.source(&name)), (Source::Changed, Source::Changed));
        let told: Vec<_> = session.changes().into_iter().map(|change| (change.key, change.from, change.to)).collect();
        let mut expected = vec![(name, json!(""), json!("Ana")), (port, json!(5433), json!(5432))];
        let rank = |key: &Key| session.catalog().parameters().iter().position(|parameter| parameter.key == *key);
        expected.sort_by_key(|(key, ..)| rank(key));
        assert_eq!(told, expected);
    }
}
