//! Puts the files together: one catalog in order, in which every reference leads to a parameter that fits.

use std::cell::Cell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::error::{FileErrors, Trail, no_parameter};
use super::read::{Contents, GroupPart, ParameterPart, bad_default};
use super::row::{GroupRow, SectionRow};
use super::table;
use crate::catalog::format::{boolean, host, integer, path};
use crate::catalog::rule::{self, Finding};
use crate::catalog::{Catalog, Group, Kind, Parameter, Section, Takes};
use crate::key::Key;
use crate::lang::Localized;
use crate::safe::Safe;
use crate::sort;
use crate::{localized, say};

/// A catalog in the making.
#[derive(Default)]
pub(super) struct Assembly<'f> {
    sections: Vec<Section>,
    groups: Vec<(Group, Option<i64>)>,
    parameters: Vec<Placed>,
    /// Each group, and the file that has made it.
    group_ids: HashMap<String, Option<&'f Path>>,
    /// Each key, and the file that has it; `None` for the built-in catalog.
    keys: HashMap<Key, Option<&'f Path>>,
    broken: HashSet<Key>,
}

/// A parameter and the file it came from; `None` for the built-in ones.
struct Placed {
    source: Option<usize>,
    part: ParameterPart,
}

impl<'f> Assembly<'f> {
    /// Adds the built-in catalog, before all else.
    pub fn add_built_in(&mut self) {
        self.sections = table::SECTIONS.iter().map(SectionRow::section).collect();
        self.groups = table::GROUPS.iter().map(|row: &GroupRow| (row.group(), row.order)).collect();
        self.group_ids = table::GROUPS.iter().map(|row| (row.id.to_owned(), None)).collect();
        for row in table::PARAMETERS {
            let Some(parameter) = row.parameter() else { continue };
            self.keys.insert(parameter.key.clone(), None);
            let part = ParameterPart { parameter, path: Trail::default(), order: row.order };
            self.parameters.push(Placed { source: None, part });
        }
    }

    /// Adds what one file says. `own` is one of the built-in catalog's, which alone declare sections.
    pub fn add(&mut self, source: usize, file: &'f Path, contents: Contents, own: bool, errors: &FileErrors) {
        let file = (!own).then_some(file);
        let mut file_section = None;
        if let Some((id, title)) = contents.section {
            if own {
                file_section = Some(id.clone());
                self.sections.push(Section { id, title });
            } else {
                errors.unknown(&path_to(&Trail::default(), &["x-balcao", "section"]));
            }
        }
        for mut group in contents.groups {
            let parameters = std::mem::take(&mut group.parameters);
            self.keys.reserve(parameters.len());
            self.broken.extend(std::mem::take(&mut group.broken));
            self.add_group(group, file, file_section.as_deref(), errors);
            for part in parameters {
                match self.keys.entry(part.parameter.key.clone()) {
                    Entry::Vacant(free) => {
                        free.insert(file);
                        self.parameters.push(Placed { source: Some(source), part });
                    }
                    Entry::Occupied(taken) => errors.add(&part.path, exists_already(*taken.get())),
                }
            }
        }
    }

    fn add_group(&mut self, part: GroupPart, file: Option<&'f Path>, file_section: Option<&str>, errors: &FileErrors) {
        if let Some(other) = self.group_ids.get(&part.id) {
            if part.title.is_some() || part.section.is_some() || part.order.is_some() || !part.synonyms.pt.is_empty() {
                errors.add(&part.path, group_exists_already(*other));
            }
            return;
        }
        if part.title.is_none() {
            errors.missing(&part.path, "title");
        }
        let section = part.section.as_deref().or(file_section);
        let known = section.and_then(|id| self.sections.iter().position(|section| section.id == id));
        match (section, known) {
            (None, _) => errors.missing(&part.path, "x-balcao.section"),
            (Some(id), None) => {
                let message = localized!("não há a seção “{}”", "there is no section “{}”", Safe::outside(id));
                errors.add(&path_to(&part.path, &["x-balcao", "section"]), message);
            }
            (Some(_), Some(_)) => {}
        }
        // Kept even where something is missing, so that its parameters are checked like all others.
        self.group_ids.insert(part.id.clone(), file);
        let (section, title) = (known.unwrap_or_default(), part.title.unwrap_or_default());
        let group = Group { id: part.id, section, title, synonyms: part.synonyms };
        self.groups.push((group, part.order));
    }

    /// Its sections, groups and parameters in order, the latter two with the orders that their files give.
    #[cfg(test)]
    pub fn in_order(mut self) -> super::tests::Parts {
        self.arrange();
        let parameters = self.parameters.into_iter().map(|placed| (placed.part.parameter, placed.part.order));
        (self.sections, self.groups, parameters.collect())
    }

    fn arrange(&mut self) {
        // Stable sorts: those without an order keep that of files and lines.
        let last_if_none = |order: &Option<i64>| order.unwrap_or(i64::MAX);
        sort::sort_by_key(&mut self.groups, |(group, order)| (group.section, last_if_none(order)));
        let rank: HashMap<&str, usize> =
            self.groups.iter().enumerate().map(|(at, (group, _))| (group.id.as_str(), at)).collect();
        // Those of a group mostly follow each other.
        let last = Cell::new(("", 0));
        sort::sort_by_key(&mut self.parameters, |placed| {
            let group = placed.part.parameter.key.group();
            if last.get().0 != group {
                last.set(rank.get_key_value(group).map_or(("", 0), |(group, at)| (*group, *at)));
            }
            (last.get().1, last_if_none(&placed.part.order))
        });
    }

    /// The catalog in order. `errors` has an entry for each file.
    pub fn finish(mut self, errors: &[FileErrors]) -> Catalog {
        self.arrange();
        let apart = |placed: Placed| ((placed.source, placed.part.path), placed.part.parameter);
        let (places, parameters): (Vec<_>, Vec<_>) = self.parameters.into_iter().map(apart).unzip();
        let groups = self.groups.into_iter().map(|(group, _)| group).collect();
        let catalog = Catalog::of(self.sections, groups, parameters);
        let add = |at: usize, keyword: &[&str], message| {
            // The built-in catalog has none (see the tests), and nothing that others say is held against it.
            let place = places.get(at).and_then(|(source, path)| Some((errors.get((*source)?)?, path)));
            if let Some((errors, path)) = place {
                errors.add(&path_to(path, keyword), message);
            }
        };
        let is_built_in = |at: usize| places.get(at).is_some_and(|(source, _)| source.is_none());
        let misfits = references(&catalog, &is_built_in, &self.broken);
        // A rule can be applied to the defaults only where its references are right.
        let broken = if misfits.is_empty() { broken_defaults(&catalog) } else { vec![] };
        for (at, keyword, message) in misfits {
            add(at, keyword, message);
        }
        for (at, finding) in broken {
            add(at, &["default"], bad_default(&finding));
        }
        catalog
    }
}

/// Of a parameter that stands in another file already. Which of the two is the copy, only a person knows.
fn exists_already(other: Option<&Path>) -> Localized {
    match other {
        Some(other) => {
            let other = Safe::path(other);
            localized!("este parâmetro já existe em {}", "this parameter already exists in {}", other)
        }
        None => localized!("este parâmetro já existe no programa", "this parameter already exists in the program"),
    }
}

fn group_exists_already(other: Option<&Path>) -> Localized {
    match other {
        Some(other) => localized!(
            "o grupo já existe em {}; para incluir parâmetros, informe só “properties”",
            "the group exists already in {}; to add parameters, give “properties” alone",
            Safe::path(other)
        ),
        None => localized!(
            "o grupo já existe; para incluir parâmetros, informe só “properties”",
            "the group exists already; to add parameters, give “properties” alone"
        ),
    }
}

fn path_to(path: &Trail, keyword: &[&str]) -> Trail {
    keyword.iter().fold(path.clone(), |path, name| path.and(name))
}

/// A wrong reference: the number of the parameter that has it, the keyword, the message.
type Misfit = (usize, &'static [&'static str], Localized);

/// References to parameters that do not exist or do not fit. A reference to a parameter that could not be read (`broken`)
/// is skipped: that one has its own error.
fn references(catalog: &Catalog, is_built_in: &dyn Fn(usize) -> bool, broken: &HashSet<Key>) -> Vec<Misfit> {
    const REQUIRES: &[&str] = &["x-balcao", "requires"];
    const DIFFERS: &[&str] = &["x-balcao", "differs"];
    const PROBE: &[&str] = &["x-balcao", "check", "probe"];
    const HOST: &[&str] = &["x-balcao", "check", "host"];
    const WHEN: &[&str] = &["x-balcao", "check", "when"];
    const TARGET: &[&str] = &["x-balcao", "check", "target"];
    let mut targets = HashSet::new();
    let mut misfits: Vec<Misfit> = Vec::new();
    let refers = |parameter: &Parameter| {
        parameter.requires.is_some() || parameter.differs.is_some() || parameter.check.is_some()
    };
    let mut referring: Vec<(usize, &Parameter)> = (0..).zip(&catalog.parameters).filter(|(_, it)| refers(it)).collect();
    // The built-in ones first: a target that they have, too, is the other's error.
    sort::sort_by_key(&mut referring, |(at, _)| !is_built_in(*at));
    for (at, parameter) in referring.iter().copied() {
        let mut must =
            |keyword, key: &Key, fits: &dyn Fn(&Kind) -> bool, expected: Localized| match catalog.parameter(key) {
                None if broken.contains(key) => {}
                None => misfits.push((at, keyword, no_parameter(key.as_str()))),
                Some(other) if !fits(&other.kind) => {
                    let key = Safe::outside(key.as_str());
                    let message = Localized::each(|lang| {
                        say!(lang, "{} é inválido: deve ser {}", "{} is invalid: it must be {}", key, expected.of(lang))
                    });
                    misfits.push((at, keyword, message));
                }
                Some(_) => {}
            };
        if let Some(key) = &parameter.requires {
            for key in [key, &parameter.key] {
                must(REQUIRES, key, &is_switch, a_switch());
            }
        }
        if let Some(key) = &parameter.differs {
            let expected = localized!("um parâmetro do mesmo tipo", "a parameter of the same type");
            must(DIFFERS, key, &|kind| kind.json_type() == parameter.kind.json_type(), expected);
        }
        if let Some(check) = &parameter.check {
            let takes = check.probe.takes();
            must(PROBE, &parameter.key, &|kind| fits(takes, kind), expected(takes));
            if let Some(key) = &check.host {
                must(HOST, key, &|kind| fits(Takes::Host, kind), expected(Takes::Host));
            }
            if let Some(key) = &check.when {
                must(WHEN, key, &is_switch, a_switch());
            }
            if !targets.insert(check.target.as_str()) {
                let message =
                    localized!("outro parâmetro já usa este alvo", "another parameter already uses this target");
                misfits.push((at, TARGET, message));
            }
        }
        if parameter.differs.as_ref() == Some(&parameter.key) {
            misfits.push((at, DIFFERS, circle(catalog, &[at, at])));
        }
    }
    sort::sort_by_key(&mut referring, |(at, _)| *at);
    let circles = circles(catalog, referring.iter().map(|(at, _)| *at));
    misfits.extend(circles.iter().map(|round| (round[0], REQUIRES, circle(catalog, round))));
    misfits
}

fn circle(catalog: &Catalog, round: &[usize]) -> Localized {
    let parameters = round.iter().filter_map(|at| catalog.parameters.get(*at));
    let keys: Vec<Safe> = parameters.map(|parameter| Safe::outside(parameter.key.as_str())).collect();
    localized!("dependência circular: {}", "circular dependency: {}", Safe::join(&keys, " → "))
}

fn is_switch(kind: &Kind) -> bool {
    kind.is(&boolean::FORMAT)
}

fn a_switch() -> Localized {
    localized!("um parâmetro do tipo boolean", "a parameter of type boolean")
}

/// Whether a probe makes sense of a parameter's values.
fn fits(takes: Takes, kind: &Kind) -> bool {
    match takes {
        Takes::Host => kind.is(&host::FORMAT),
        Takes::Port => kind.is(&integer::FORMAT) && kind.bounds.minimum >= 1 && kind.bounds.maximum <= 65535,
        Takes::Path => kind.is(&path::FORMAT),
    }
}

fn expected(takes: Takes) -> Localized {
    match takes {
        Takes::Host => localized!("um parâmetro com “format”: “host”", "a parameter with “format”: “host”"),
        Takes::Port => localized!("um parâmetro inteiro entre 1 e 65535", "an integer parameter within 1 to 65535"),
        Takes::Path => localized!("um parâmetro com “format”: “path”", "a parameter with “format”: “path”"),
    }
}

/// The circles of `requires`, each once: from the parameter where it was entered back to it.
fn circles(catalog: &Catalog, starts: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    let mut circles = Vec::new();
    let mut done = HashSet::new();
    for start in starts {
        let mut way: Vec<usize> = Vec::new();
        let mut here = Some(start);
        while let Some(at) = here.filter(|at| done.insert(*at)) {
            way.push(at);
            let required = catalog.parameters.get(at).and_then(|parameter| parameter.requires.as_ref());
            here = required.and_then(|key| catalog.number(key));
        }
        // It is a circle if the way ended at a parameter of its own, not of an earlier way.
        let Some(entry) = here.and_then(|end| way.iter().position(|at| *at == end)) else { continue };
        // `entry` is a position in `way`.
        circles.push(way[entry..].iter().chain([&way[entry]]).copied().collect());
    }
    circles
}

/// Rules between parameters that the defaults break: an empty document must be valid. Each default by itself is validated
/// where it is read.
fn broken_defaults(catalog: &Catalog) -> Vec<(usize, Finding)> {
    let value_of = |parameter: &Parameter| parameter.default.clone();
    let mut broken = vec![];
    let is_held = |parameter: &Parameter| parameter.requires.is_some() || parameter.differs.is_some();
    for (at, parameter) in catalog.parameters.iter().enumerate().filter(|(_, parameter)| is_held(parameter)) {
        let finding = |fault| Finding { key: parameter.key.clone(), value: parameter.default.clone(), fault };
        broken.extend(rule::between(catalog, &value_of, parameter).map(|fault| (at, finding(fault))));
    }
    broken
}
