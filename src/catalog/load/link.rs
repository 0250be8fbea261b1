//! Puts what the files say together: one catalog in order, in which every name that is referred to exists and fits.

use std::collections::{HashMap, HashSet};

use super::error::{Expected, Reason};
use super::keywords::Wrongs;
use super::read::{Contents, GroupPart, ParameterPart};
use crate::catalog::format::{boolean, host, integer, path};
use crate::catalog::rule::{self, Finding};
use crate::catalog::{Catalog, Group, Kind, Parameter, Section, Takes};
use crate::key::Key;

/// A catalog in the making.
#[derive(Default)]
pub(super) struct Assembly {
    sections: Vec<Section>,
    groups: Vec<(Group, Option<i64>)>,
    parameters: Vec<Placed>,
    group_ids: HashSet<String>,
    keys: HashSet<Key>,
    broken: HashSet<Key>,
}

/// A parameter and the file it came from.
struct Placed {
    source: usize,
    part: ParameterPart,
}

impl Assembly {
    /// Adds what one file says. `own` is the built-in catalog, which alone declares sections.
    pub fn add(&mut self, source: usize, contents: Contents, own: bool, wrong: &mut Wrongs) {
        let mut file_section = None;
        if let Some((id, title)) = contents.section {
            if own {
                file_section = Some(id.clone());
                self.sections.push(Section { id, title });
            } else {
                wrong.add(&["x-balcao".into(), "section".into()], Reason::Unknown);
            }
        }
        for mut group in contents.groups {
            let parameters = std::mem::take(&mut group.parameters);
            self.broken.extend(std::mem::take(&mut group.broken));
            self.add_group(group, file_section.as_deref(), wrong);
            for part in parameters {
                match self.keys.insert(part.parameter.key.clone()) {
                    true => self.parameters.push(Placed { source, part }),
                    false => wrong.add(&part.path, Reason::KeyExists),
                }
            }
        }
    }

    fn add_group(&mut self, part: GroupPart, file_section: Option<&str>, wrong: &mut Wrongs) {
        if self.group_ids.contains(&part.id) {
            if part.title.is_some() || part.section.is_some() || part.order.is_some() {
                wrong.add(&part.path, Reason::GroupExists);
            }
            return;
        }
        if part.title.is_none() {
            wrong.add(&part.path, Reason::Missing("title"));
        }
        let section = part.section.as_deref().or(file_section);
        let known = section.and_then(|id| self.sections.iter().position(|section| section.id == id));
        match (section, known) {
            (None, _) => wrong.add(&part.path, Reason::Missing("x-balcao.section")),
            (Some(id), None) => {
                let path: Vec<String> =
                    part.path.iter().cloned().chain(["x-balcao".into(), "section".into()]).collect();
                wrong.add(&path, Reason::Section(id.to_string()));
            }
            (Some(_), Some(_)) => {}
        }
        // Kept even where something is missing, so that its parameters are judged like all others.
        self.group_ids.insert(part.id.clone());
        let group = Group { id: part.id, section: known.unwrap_or_default(), title: part.title.unwrap_or_default() };
        self.groups.push((group, part.order));
    }

    /// The catalog in order. `wrongs` has an entry for each file.
    pub fn finish(mut self, wrongs: &mut [Wrongs]) -> Catalog {
        // Stable sorts: those without an order keep that of files and lines.
        let last_if_none = |order: &Option<i64>| order.unwrap_or(i64::MAX);
        self.groups.sort_by_key(|(group, order)| (group.section, last_if_none(order)));
        let rank: HashMap<&str, usize> =
            self.groups.iter().enumerate().map(|(at, (group, _))| (group.id.as_str(), at)).collect();
        self.parameters.sort_by_key(|placed| {
            let group = rank.get(placed.part.parameter.key.group()).copied();
            (group.unwrap_or_default(), last_if_none(&placed.part.order))
        });
        let mut add = |source: usize, path: &[String], reason: Reason| {
            if let Some(wrong) = wrongs.get_mut(source) {
                wrong.add(path, reason);
            }
        };
        let references = references(&self.parameters, &self.broken);
        let sound = references.is_empty();
        for (placed, keyword, reason) in references {
            add(placed.source, &path_to(&placed.part.path, keyword), reason);
        }
        let (places, parameters): (Vec<_>, Vec<_>) = self
            .parameters
            .into_iter()
            .map(|placed| ((placed.source, placed.part.path), placed.part.parameter))
            .unzip();
        let groups = self.groups.into_iter().map(|(group, _)| group).collect();
        let catalog = Catalog { sections: self.sections, groups, parameters };
        // Rules are held against the defaults only where they all refer to what there is.
        let broken = if sound { broken_defaults(&catalog) } else { vec![] };
        for (at, finding) in broken {
            // `at` counts the parameters, and `places` has an entry for each.
            let (source, path) = &places[at];
            add(*source, &path_to(path, &["default"]), Reason::Default(Box::new(finding)));
        }
        catalog
    }
}

fn path_to(path: &[String], keyword: &[&str]) -> Vec<String> {
    path.iter().cloned().chain(keyword.iter().map(|name| name.to_string())).collect()
}

/// What is wrong with what one parameter says of others: the parameter, the keyword, the reason.
type Misfit<'a> = (&'a Placed, &'static [&'static str], Reason);

/// References to parameters that there are not or that do not fit. What refers to a parameter that could not be read
/// (`broken`) is passed over: that one has its own error.
fn references<'a>(parameters: &'a [Placed], broken: &HashSet<Key>) -> Vec<Misfit<'a>> {
    const REQUIRES: &[&str] = &["x-balcao", "requires"];
    const DIFFERS: &[&str] = &["x-balcao", "differs"];
    const PROBE: &[&str] = &["x-balcao", "check", "probe"];
    const HOST: &[&str] = &["x-balcao", "check", "host"];
    const TARGET: &[&str] = &["x-balcao", "check", "target"];
    let known: HashMap<&Key, &Placed> = parameters.iter().map(|placed| (&placed.part.parameter.key, placed)).collect();
    let mut targets = HashSet::new();
    let mut wrong: Vec<Misfit> = Vec::new();
    for placed in parameters {
        let parameter = &placed.part.parameter;
        let mut must = |keyword, key: &Key, fits: &dyn Fn(&Parameter) -> bool, expected| match known
            .get(key)
            .map(|placed| &placed.part.parameter)
        {
            None if broken.contains(key) => {}
            None => wrong.push((placed, keyword, Reason::UnknownKey(key.to_string()))),
            Some(other) if !fits(other) => wrong.push((placed, keyword, Reason::WrongKind(key.clone(), expected))),
            Some(_) => {}
        };
        if let Some(key) = &parameter.requires {
            must(REQUIRES, key, &|other| other.kind.is(&boolean::FORMAT), Expected::BooleanParameter);
            must(REQUIRES, &parameter.key, &|this| this.kind.is(&boolean::FORMAT), Expected::BooleanParameter);
        }
        if let Some(key) = &parameter.differs {
            must(DIFFERS, key, &|other| other.kind.json_type() == parameter.kind.json_type(), Expected::SameType);
        }
        if let Some(check) = &parameter.check {
            let (fits, expected) = fitting(check.probe.takes());
            must(PROBE, &parameter.key, &|this| fits(&this.kind), expected);
            if let Some(key) = &check.host {
                must(HOST, key, &|other| other.kind.is(&host::FORMAT), Expected::HostParameter);
            }
            if !targets.insert(check.target.as_str()) {
                wrong.push((placed, TARGET, Reason::TargetExists));
            }
        }
        if parameter.differs.as_ref() == Some(&parameter.key) {
            wrong.push((placed, DIFFERS, Reason::Circle(vec![parameter.key.clone(), parameter.key.clone()])));
        }
    }
    let circles = circles(&known, parameters).into_iter();
    wrong.extend(circles.map(|(placed, circle)| (placed, REQUIRES, Reason::Circle(circle))));
    wrong
}

/// What a parameter must be for a probe to make sense of its value.
fn fitting(takes: Takes) -> (fn(&Kind) -> bool, Expected) {
    match takes {
        Takes::Host => (|kind| kind.is(&host::FORMAT), Expected::HostParameter),
        Takes::Port => (
            |kind| kind.is(&integer::FORMAT) && kind.bounds.minimum >= 1 && kind.bounds.maximum <= 65535,
            Expected::PortParameter,
        ),
        Takes::Path => (|kind| kind.is(&path::FORMAT), Expected::PathParameter),
    }
}

/// The circles that `requires` goes round in, each once: the parameter where it was entered, and the way round.
fn circles<'a>(known: &HashMap<&Key, &'a Placed>, parameters: &'a [Placed]) -> Vec<(&'a Placed, Vec<Key>)> {
    let mut circles = Vec::new();
    let mut done: HashSet<&Key> = HashSet::new();
    for start in parameters {
        let mut way: Vec<&'a Placed> = Vec::new();
        let mut here = Some(start);
        while let Some(placed) = here.filter(|placed| done.insert(&placed.part.parameter.key)) {
            way.push(placed);
            here = placed.part.parameter.requires.as_ref().and_then(|key| known.get(key).copied());
        }
        // Where the way ended at a parameter of its own, and not of an earlier one, it went round.
        let Some(entry) = here.and_then(|end| way.iter().position(|placed| std::ptr::eq(*placed, end))) else {
            continue;
        };
        // `entry` is a position in `way`.
        let round = way[entry..].iter().chain([&way[entry]]).map(|placed| placed.part.parameter.key.clone());
        circles.push((way[entry], round.collect()));
    }
    circles
}

/// Rules that the defaults break between them: an empty document must be valid. What is wrong with a default by itself is
/// told where it is read.
fn broken_defaults(catalog: &Catalog) -> Vec<(usize, Finding)> {
    let value_of = |parameter: &Parameter| parameter.default.clone();
    let mut broken = vec![];
    for (at, parameter) in catalog.parameters.iter().enumerate() {
        let finding = |fault| Finding { key: parameter.key.clone(), value: parameter.default.clone(), fault };
        broken.extend(rule::between(catalog, &value_of, parameter).map(|fault| (at, finding(fault))));
    }
    broken
}
