//! What the catalog has, found by what a person types: groups, parameters and actions, by their labels, synonyms, keys, values and
//! helps; and by what is the matter with a value (`@alterado`).

use crate::catalog::{Catalog, Parameter};
use crate::lang::{Lang, Localized};
use crate::safe::Safe;
use crate::session::actions::Action;
use crate::sort;
use crate::text::search::{Index, MISS, Place, Score, fold, words};

/// What can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// By its number in the catalog, as the others.
    Group(usize),
    Parameter(usize),
    /// Of a group, the action of this number.
    Action(usize, usize),
    /// Something that the front end does, by its number there.
    Command(usize),
}

/// What may be the matter with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    Changed,
    Invalid,
    Fails,
    IsDefault,
    /// In the file or here, another value than the default.
    IsOther,
}

impl Filter {
    pub const ALL: [Filter; 5] = [Filter::Changed, Filter::Invalid, Filter::Fails, Filter::IsDefault, Filter::IsOther];

    /// As it is typed, Portuguese and English; both are understood in both.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Filter::Changed => ("@alterado", "@modified"),
            Filter::Invalid => ("@invalido", "@invalid"),
            Filter::Fails => ("@falha", "@failing"),
            Filter::IsDefault => ("@padrao", "@default"),
            Filter::IsOther => ("@diferente", "@nondefault"),
        }
    }

    pub fn name(self, lang: Lang) -> &'static str {
        let (pt, en) = self.names();
        lang.pick(pt, en)
    }

    /// Those that what was typed may mean: all of which it is the beginning, and one with its ending (`@alterados`).
    fn meant(typed: &str) -> Vec<Filter> {
        let is_meant = |filter: &Filter| {
            let (pt, en) = filter.names();
            [pt, en].iter().any(|name| name.starts_with(typed) || typed.starts_with(name))
        };
        Filter::ALL.into_iter().filter(is_meant).collect()
    }
}

/// What was typed, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Folded; all of them have to fit.
    words: Vec<String>,
    /// Of each of these, one has to hold.
    filters: Vec<Vec<Filter>>,
    /// What begins as a filter and is none.
    pub unknown: Option<String>,
}

/// They say nothing, unless nothing else is typed.
const PARTICLES: &[&str] = &[
    "a", "as", "com", "da", "das", "de", "do", "dos", "e", "em", "na", "nas", "no", "nos", "o", "of", "os", "para",
    "por", "the", "to",
];

/// More words than this only narrow what is narrow already; a whole pasted text must not be looked up.
const MOST_WORDS: usize = 12;

impl Query {
    pub fn read(typed: &str) -> Query {
        let mut query = Query::default();
        for part in typed.split_whitespace().take(MOST_WORDS) {
            if !part.starts_with('@') {
                query.words.extend(words(part));
                continue;
            }
            // The sign alone asks for none yet.
            if part == "@" {
                continue;
            }
            let filters = Filter::meant(&fold(part));
            if filters.is_empty() {
                query.unknown.get_or_insert_with(|| part.to_owned());
            }
            query.filters.push(filters);
        }
        query.words.truncate(MOST_WORDS);
        if query.words.iter().any(|word| !PARTICLES.contains(&word.as_str())) {
            query.words.retain(|word| !PARTICLES.contains(&word.as_str()));
        }
        query
    }

    /// The filters that were asked for, by their names.
    pub fn filters(&self, lang: Lang) -> Vec<Safe> {
        self.filters.iter().flatten().map(|filter| filter.name(lang).into()).collect()
    }

    /// True where nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.filters.is_empty()
    }
}

/// What a query has found, the best first: numbers of [`Finder::things`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    pub things: Vec<usize>,
    /// True where nothing fits, and these are what comes nearest.
    pub is_guess: bool,
}

/// Nobody reads on among guesses.
const MOST_GUESSES: usize = 5;

/// A catalog's words, and the values in force.
#[derive(Debug, Default)]
pub struct Finder {
    things: Vec<Thing>,
    words: Index,
    values: Index,
}

impl Finder {
    /// Of all that the catalog has, in its order: each group, its parameters, its actions; and of the front end's commands, each
    /// with its name and what it does.
    pub fn of(catalog: &Catalog, commands: &[(Safe, Safe)], lang: Lang) -> Finder {
        let mut things = vec![];
        let mut number = 0;
        for (at, group) in catalog.groups().iter().enumerate() {
            things.push(Thing::Group(at));
            for _ in catalog.members(at) {
                things.push(Thing::Parameter(number));
                number += 1;
            }
            things.extend((0..Action::of_group(&group.id).len()).map(|action| Thing::Action(at, action)));
        }
        things.extend((0..commands.len()).map(Thing::Command));
        let texts = things.iter().enumerate().flat_map(|(at, thing)| {
            let texts = match thing {
                Thing::Command(number) => {
                    let command = commands.get(*number).cloned().unwrap_or_default();
                    vec![(Place::Start, command.0), (Place::Help, command.1)]
                }
                thing => texts(catalog, *thing, lang),
            };
            texts.into_iter().map(move |(place, text)| (at, place, text))
        });
        let texts: Vec<(usize, Place, Safe)> = texts.collect();
        let words = Index::of(things.len(), texts.iter().map(|(at, place, text)| (*at, *place, text.as_str())));
        Finder { things, words, values: Index::default() }
    }

    pub fn things(&self) -> &[Thing] {
        &self.things
    }

    /// Takes in the values, as they are shown: again where they may have changed.
    pub fn take_values(&mut self, catalog: &Catalog, shown: impl Fn(&Parameter) -> Safe) {
        let value = |(at, thing): (usize, &Thing)| match thing {
            Thing::Parameter(number) => Some((at, shown(catalog.parameters().get(*number)?))),
            _ => None,
        };
        let values: Vec<(usize, Safe)> = self.things.iter().enumerate().filter_map(value).collect();
        let texts = values.iter().map(|(at, text)| (*at, Place::Value, text.as_str()));
        self.values = Index::of(self.things.len(), texts);
    }

    /// What fits; where nothing does, what comes nearest. `holds`: whether that is the matter with that parameter.
    pub fn find(&self, catalog: &Catalog, query: &Query, holds: impl Fn(Filter, &Parameter) -> bool) -> Hits {
        let passes = |thing: &usize| match self.things.get(*thing) {
            // Commands are found by those who ask for one: all that there is to set is no list of keys.
            Some(Thing::Command(_)) if query.words.is_empty() => false,
            _ if query.filters.is_empty() => true,
            Some(Thing::Parameter(number)) => catalog.parameters().get(*number).is_some_and(|parameter| {
                query.filters.iter().all(|either| either.iter().any(|filter| holds(*filter, parameter)))
            }),
            _ => false,
        };
        let scores: Vec<Vec<Score>> = query.words.iter().map(|word| self.scores(word)).collect();
        let sum = |thing: usize| -> Option<u32> {
            let each = scores.iter().map(|scores| scores.get(thing).filter(|score| **score != MISS));
            each.map(|score| score.map(|score| u32::from(*score))).sum()
        };
        let all = 0..self.things.len();
        let mut fits: Vec<(u32, usize)> = all.clone().filter_map(|thing| Some((sum(thing)?, thing))).collect();
        fits.retain(|(_, thing)| passes(thing));
        // Equal ones stay in the catalog's order.
        sort::sort_by_key(&mut fits, |(score, _)| *score);
        if !fits.is_empty() || query.words.is_empty() || query.unknown.is_some() {
            return Hits { things: fits.into_iter().map(|(_, thing)| thing).collect(), is_guess: false };
        }
        Hits { things: self.guess(&query.words, scores, all.filter(passes)), is_guess: true }
    }

    /// How well the word fits each thing.
    fn scores(&self, word: &str) -> Vec<Score> {
        let mut scores = self.words.scores();
        let is_named = self.words.find(word, &mut scores);
        // Of a word that names something, nobody means another.
        if !self.values.find(word, &mut scores) && !is_named {
            self.words.find_slips(word, &mut scores);
            self.values.find_slips(word, &mut scores);
        }
        scores
    }

    /// Those that most of the words fit, or else what is like them.
    fn guess(&self, words: &[String], mut scores: Vec<Vec<Score>>, among: impl Iterator<Item = usize>) -> Vec<usize> {
        for (word, scores) in words.iter().zip(&mut scores) {
            if scores.iter().all(|score| *score == MISS) {
                self.words.find_nearest(word, scores);
            }
        }
        let of =
            |thing: usize| scores.iter().filter_map(move |scores| scores.get(thing)).filter(|score| **score != MISS);
        let missed = |thing: usize| words.len() - of(thing).count();
        let sum = |thing: usize| of(thing).map(|score| u32::from(*score)).sum::<u32>();
        let mut near: Vec<_> = among.map(|thing| (missed(thing), sum(thing), thing)).collect();
        near.retain(|(missed, ..)| *missed < words.len());
        sort::sort(&mut near);
        near.into_iter().map(|(.., thing)| thing).take(MOST_GUESSES).collect()
    }
}

/// The texts that a thing is found by.
fn texts(catalog: &Catalog, thing: Thing, lang: Lang) -> Vec<(Place, Safe)> {
    let mut texts = vec![];
    let mut say = |place, text: &Safe| texts.push((place, text.clone()));
    let named = |say: &mut dyn FnMut(Place, &Safe), title: &Localized, synonyms: &Localized| {
        say(Place::Start, title.of(lang));
        for other in [&title.pt, &title.en, &synonyms.pt, &synonyms.en] {
            say(Place::Synonym, other);
        }
    };
    match thing {
        Thing::Group(number) => {
            if let Some(group) = catalog.groups().get(number) {
                named(&mut say, &group.title, &group.synonyms);
            }
        }
        Thing::Parameter(number) => {
            let Some(parameter) = catalog.parameters().get(number) else { return texts };
            named(&mut say, &parameter.title, &parameter.synonyms);
            say(Place::Key, &Safe::outside(parameter.key.as_str()));
            if let Some(group) = catalog.group(parameter.key.group()) {
                say(Place::Key, group.title.of(lang));
            }
            let help = &parameter.help;
            for text in [&help.what, &help.default, &help.change] {
                say(Place::Help, text.of(lang));
            }
        }
        Thing::Command(_) => {}
        Thing::Action(group, number) => {
            let group = catalog.groups().get(group);
            if let Some(action) = group.and_then(|group| Action::of_group(&group.id).get(number)) {
                say(Place::Start, &action.title(lang));
                say(Place::Help, &action.what(lang));
            }
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::Key;

    /// What the query finds, the best first, with a `?` before what is a guess.
    fn found(lang: Lang, typed: &str) -> Vec<String> {
        let catalog = Catalog::built_in();
        let mut finder = Finder::of(&catalog, &[("Histórico".into(), "vê as versões gravadas".into())], lang);
        finder.take_values(&catalog, |parameter| parameter.kind.shown(&parameter.default, lang));
        let is_port = |parameter: &Parameter| parameter.key.name().starts_with("porta");
        let holds = |filter, parameter: &Parameter| match filter {
            Filter::Changed => is_port(parameter),
            Filter::IsDefault => !is_port(parameter),
            Filter::IsOther => false,
            Filter::Invalid | Filter::Fails => false,
        };
        let hits = finder.find(&catalog, &Query::read(typed), holds);
        let name = |thing: &usize| match finder.things()[*thing] {
            Thing::Group(number) => catalog.groups()[number].id.clone(),
            Thing::Parameter(number) => catalog.parameters()[number].key.name().to_owned(),
            Thing::Command(number) => format!("command {number}"),
            Thing::Action(group, number) => {
                format!("{:?}", Action::of_group(&catalog.groups()[group].id)[number])
            }
        };
        let mark = if hits.is_guess { "?" } else { "" };
        hits.things.iter().map(|thing| format!("{mark}{}", name(thing))).collect()
    }

    fn first(typed: &str) -> String {
        found(Lang::Pt, typed).into_iter().next().unwrap_or_default()
    }

    #[test]
    fn everything_is_found_by_what_people_call_it() {
        for (typed, name) in [
            ("whastapp", "enviar_notificacao_os_whatsapp"),
            ("notificassao", "enviar_notificacao_os_whatsapp"),
            ("postgres", "porta_banco_dados"),
            ("zap", "enviar_notificacao_os_whatsapp"),
            ("crediario pre", "verificar_crediario_vencido_pre_venda"),
            ("Crediário DAV", "verificar_crediario_vencido_dav"),
            ("porta do banco", "porta_banco_dados"),
            ("127.0.0.1", "ip_servidor_retaguarda"),
            ("5432", "porta_banco_dados"),
            ("integracao.porta_banco_dados", "porta_banco_dados"),
            ("logotipo", "caminho_imagem_logo"),
            ("impressora", "controles_impressao"),
            ("relatorio editar", "EditReport"),
            ("back office", "integracao"),
            ("mix", "mix"),
            ("historico", "command 0"),
        ] {
            assert_eq!(first(typed), name, "{typed}: {:?}", found(Lang::Pt, typed));
        }
        let about = ["ip_servidor_retaguarda", "porta_banco_dados", "porta_integracao_clientes"];
        assert_eq!(found(Lang::Pt, "firewall"), about);
        assert_eq!(found(Lang::En, "firewall"), about);
        assert_eq!(found(Lang::En, "conexao banco"), ["porta_banco_dados"], "in both languages");
    }

    #[test]
    fn labels_stand_before_synonyms_and_those_before_helps() {
        assert_eq!(found(Lang::Pt, "porta")[..2], ["porta_banco_dados", "porta_integracao_clientes"]);
        assert_eq!(found(Lang::Pt, "servidor")[..2], ["ip_servidor_retaguarda", "integracao"]);
    }

    #[test]
    fn nothing_typed_is_everything_in_order() {
        let all = found(Lang::Pt, " ");
        assert_eq!(all.len(), 18 + 13 + 2);
        assert_eq!(all[..2], ["geral", "vendedor_padrao"]);
        assert_eq!(all, found(Lang::Pt, ""));
    }

    #[test]
    fn filters_go_with_words_and_with_each_other() {
        assert_eq!(found(Lang::Pt, "@alterado"), ["porta_banco_dados", "porta_integracao_clientes"]);
        assert_eq!(found(Lang::Pt, "@modified postgres"), ["porta_banco_dados"]);
        assert_eq!(found(Lang::Pt, "postgres @Alterados"), ["porta_banco_dados"]);
        assert_eq!(found(Lang::Pt, "@alt @padrão"), [""; 0]);
        assert_eq!(found(Lang::Pt, "@").len(), found(Lang::Pt, "").len(), "all, while it is typed");
        assert_eq!(found(Lang::Pt, "@falha"), [""; 0]);
        assert_eq!(Query::read("@xyz porta").unknown.as_deref(), Some("@xyz"));
        assert_eq!(found(Lang::Pt, "@xyz porta"), [""; 0]);
    }

    #[test]
    fn where_nothing_fits_the_nearest_is_a_guess() {
        assert_eq!(found(Lang::Pt, "porta xyzzy")[0], "?porta_banco_dados");
        assert_eq!(first("rejixtrus"), "?registros");
        assert_eq!(found(Lang::Pt, "xyzzy"), [""; 0]);
    }

    #[test]
    fn every_parameter_is_found_by_its_whole_label_first() {
        let catalog = Catalog::built_in();
        for parameter in catalog.parameters() {
            assert_eq!(first(parameter.title.pt.as_str()), parameter.key.name(), "{}", parameter.key);
            let key: Option<Key> = Key::parse(parameter.key.as_str());
            assert_eq!(first(key.unwrap().as_str()), parameter.key.name());
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_taken(typed in "\\PC{0,60}|[@a-zçã ]{0,40}") {
            found(Lang::Pt, &typed);
        }
    }
}
