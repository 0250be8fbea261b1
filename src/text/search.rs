//! Finds things by words as people type them: without accents and capitals, by the beginning of a word, by a part of it, or with a
//! slip or two in it. Pure: what the texts belong to are numbers.
//!
//! Every word is kept once, with the things that have it: ten thousand help texts share a few thousand words, and a key that is
//! pressed looks at the words alone.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Where a word stands in a thing, what says most about it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The first word of its label.
    Start,
    Label,
    Synonym,
    Key,
    Value,
    Help,
}

/// How well a thing fits: the less, the better.
pub type Score = u16;

/// What does not fit.
pub const MISS: Score = Score::MAX;

/// How a word fits: it begins so, holds it, or is a slip away.
const WAYS: Score = 3;

/// A part of a word has to be so long: shorter ones stand in nearly every word.
const LEAST_PART: usize = 3;

/// Of what is further away than this, nobody sees the likeness.
const MOST_SLIPS: usize = 3;

/// In characters; no word of a language is longer, and the distance to a whole pasted file would take too long.
const LONGEST: usize = 40;

/// The words of all things.
#[derive(Debug, Default)]
pub struct Index {
    words: Vec<Word>,
    /// How many things there are.
    count: usize,
}

#[derive(Debug)]
struct Word {
    text: String,
    letters: Letters,
    /// Which things have it, and where at best; in order.
    uses: Vec<(u32, Place)>,
}

impl Index {
    /// Of texts in the order of their things: the number of the thing, where the text stands in it, the text.
    pub fn of<'a>(count: usize, texts: impl Iterator<Item = (usize, Place, &'a str)>) -> Index {
        let mut index = Index { words: vec![], count };
        let mut known: HashMap<String, usize> = HashMap::new();
        for (thing, place, text) in texts {
            let thing = thing as u32;
            for (at, word) in words(text).into_iter().enumerate() {
                let place = if place == Place::Start && at > 0 { Place::Label } else { place };
                let number = *known.entry(word).or_insert_with_key(|word| {
                    index.words.push(Word { text: word.clone(), letters: Letters::of(word), uses: vec![] });
                    index.words.len() - 1
                });
                let Some(Word { uses, .. }) = index.words.get_mut(number) else { continue };
                match uses.last_mut() {
                    Some((last, best)) if *last == thing => *best = place.min(*best),
                    _ => uses.push((thing, place)),
                }
            }
        }
        index
    }

    /// Lowers the scores of the things that have a word which begins with this folded one, or holds it; true where one has it in
    /// another place than its help.
    pub fn find(&self, word: &str, scores: &mut [Score]) -> bool {
        let letters = Letters::of(word);
        let is_part = word.chars().count() >= LEAST_PART;
        let mut is_named = false;
        for known in self.words.iter().filter(|known| letters.missing_in(known.letters) == 0) {
            let way = match () {
                () if known.text.starts_with(word) => 0,
                () if is_part && known.text.contains(word) => 1,
                () => continue,
            };
            is_named |= known.uses.iter().any(|(_, place)| *place != Place::Help);
            known.score(way, scores);
        }
        is_named
    }

    /// The same for words that begin nearly so: one slip away, two from eight letters on. Letters that changed places are one slip.
    pub fn find_slips(&self, word: &str, scores: &mut [Score]) {
        let slips = match word.chars().count() {
            0..4 | LONGEST.. => return,
            4..8 => 1,
            8.. => 2,
        };
        for known in self.words.iter().filter(|known| known.distance(word, slips).is_some()) {
            known.score(2, scores);
        }
    }

    /// The same for the words that are nearest, if any is like it at all; not for those of help texts.
    pub fn find_nearest(&self, word: &str, scores: &mut [Score]) {
        let length = word.chars().count();
        if length >= LONGEST {
            return;
        }
        let mut slips = (length / 2).min(MOST_SLIPS);
        let mut nearest: Vec<&Word> = vec![];
        for known in self.words.iter().filter(|known| known.uses.iter().any(|(_, place)| *place < Place::Value)) {
            let Some(distance) = known.distance(word, slips) else { continue };
            if distance < slips {
                nearest.clear();
                slips = distance;
            }
            nearest.push(known);
        }
        for known in nearest {
            known.score(2, scores);
        }
    }

    /// Scores for all things, of which none fits yet.
    pub fn scores(&self) -> Vec<Score> {
        vec![MISS; self.count]
    }
}

impl Word {
    fn score(&self, way: Score, scores: &mut [Score]) {
        for (thing, place) in &self.uses {
            if let Some(score) = scores.get_mut(*thing as usize) {
                *score = (*place as Score * WAYS + way).min(*score);
            }
        }
    }

    /// How many slips its beginning is from what was typed, if no more than so many.
    fn distance(&self, typed: &str, slips: usize) -> Option<usize> {
        // A slip brings one letter at most that the word has not.
        if Letters::of(typed).missing_in(self.letters) as usize > slips {
            return None;
        }
        let length = typed.chars().count();
        let ends = self.text.char_indices().map(|(at, _)| at).chain([self.text.len()]);
        let beginnings = ends.skip(length.saturating_sub(slips).max(1)).take(2 * slips + 1);
        let beginnings = beginnings.filter_map(|end| self.text.get(..end));
        let distance = beginnings.map(|beginning| strsim::osa_distance(typed, beginning)).min()?;
        (distance <= slips).then_some(distance)
    }
}

/// Which letters and digits a word has, as bits: most words are told apart by them.
#[derive(Clone, Copy, Debug)]
struct Letters(u64);

impl Letters {
    fn of(word: &str) -> Letters {
        let bit = |letter: char| match letter {
            'a'..='z' => letter as u32 - 'a' as u32,
            '0'..='9' => 26 + letter as u32 - '0' as u32,
            // All others share what is left.
            other => 36 + other as u32 % 28,
        };
        Letters(word.chars().fold(0, |letters, letter| letters | 1 << bit(letter)))
    }

    fn missing_in(self, other: Letters) -> u32 {
        (self.0 & !other.0).count_ones()
    }
}

/// The words of a text, folded: `Pré-Venda` has `pre` and `venda`.
pub fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| letter.is_ascii() && !letter.is_ascii_alphanumeric());
    let mut folded = vec![];
    for word in words.filter(|word| !word.is_empty()) {
        if word.is_ascii() {
            folded.push(word.to_ascii_lowercase());
            continue;
        }
        let whole = fold(word);
        let parts = whole.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
        folded.extend(parts.map(str::to_owned));
    }
    folded
}

/// The text in small letters without accents, as a person types it who has no time for them.
pub fn fold(text: &str) -> String {
    let letters = text.nfkd().flat_map(char::to_lowercase).nfkd().filter(|letter| !is_combining_mark(*letter));
    let mut folded = String::with_capacity(text.len());
    for letter in letters {
        match letter {
            'ß' => folded.push_str("ss"),
            'ı' => folded.push('i'),
            letter => folded.push(letter),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The numbers of the things that fit, the best first.
    fn found(things: &[&str], typed: &str) -> Vec<usize> {
        let index = Index::of(things.len(), things.iter().enumerate().map(|(at, text)| (at, Place::Start, *text)));
        let mut scores = index.scores();
        if !index.find(typed, &mut scores) {
            index.find_slips(typed, &mut scores);
        }
        let mut fits: Vec<usize> = (0..things.len()).filter(|thing| scores[*thing] != MISS).collect();
        fits.sort_by_key(|thing| scores[*thing]);
        fits
    }

    #[test]
    fn accents_and_capitals_make_no_difference() {
        for text in ["Integração", "INTEGRAÇÃO", "Integrac\u{327}a\u{303}o", "integracao"] {
            assert_eq!(fold(text), "integracao", "{text}");
        }
        assert_eq!(fold("Straße"), "strasse");
        assert_eq!(fold("STRASSE"), fold("Straße"));
        assert_eq!([fold("İstanbul"), fold("Istanbul"), fold("ıstanbul")], ["istanbul"; 3].map(str::to_owned));
        assert_eq!(words("Pré-Venda (nº 10.0), “x”"), ["pre", "venda", "no", "10", "0", "x"]);
        assert_eq!(words("  --  …"), [""; 0]);
    }

    #[test]
    fn a_beginning_counts_more_than_a_part_and_a_part_more_than_a_slip() {
        let things = ["Licença WhatsApp", "Aplicação", "App", "Outro App"];
        assert_eq!(found(&things, "app"), [2, 3, 0]);
        assert_eq!(found(&things, "ap"), [1, 2, 3], "no part of two letters");
        assert_eq!(found(&things, "whastapp"), [0]);
        assert_eq!(found(&things, "licensa"), [0]);
        assert_eq!(found(&things, "whas"), [0], "while it is typed");
    }

    #[test]
    fn from_eight_letters_on_two_slips_are_forgiven() {
        let things = ["Notificação", "Porta"];
        assert_eq!(found(&things, "notificassao"), [0]);
        assert_eq!(found(&things, "ntificasao"), [0]);
        assert_eq!(found(&things, "potra"), [1]);
        assert_eq!(found(&things, "pxrtx"), [0; 0]);
    }

    #[test]
    fn of_words_that_are_not_there_the_nearest_are_known() {
        let things = ["Balança", "Registros", "Mix"];
        let index = Index::of(3, things.iter().enumerate().map(|(at, text)| (at, Place::Label, *text)));
        let nearest = |typed: &str| {
            let mut scores = index.scores();
            index.find_nearest(typed, &mut scores);
            (0..3).filter(|thing| scores[*thing] != MISS).collect::<Vec<_>>()
        };
        assert_eq!(nearest("rejixtr"), [1]);
        assert_eq!(nearest("lanca"), [0]);
        assert_eq!(nearest("xyzzy"), [0; 0]);
        assert_eq!(nearest(&"r".repeat(10_000)), [0; 0]);
    }

    proptest! {
        #[test]
        fn folding_is_done_after_once_and_takes_text_in_any_form(text in "\\PC{0,20}|[A-Za-zÀ-ÿßİıẞﬁ²㎞\u{300}-\u{330} .-]{0,20}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.clone());
            prop_assert_eq!(fold(&text.nfd().collect::<String>()), folded.clone());
            prop_assert_eq!(fold(&text.nfc().collect::<String>()), folded);
            for word in words(&text) {
                prop_assert_eq!(words(&word), vec![word.clone()]);
            }
        }

        #[test]
        fn every_word_of_a_text_finds_it_by_any_beginning_and_whatever_is_typed_is_taken(
            texts in prop::collection::vec("\\PC{0,30}", 1..6),
            typed in "\\PC{0,30}",
        ) {
            let of_all = texts.iter().enumerate().map(|(at, text)| (at, Place::Start, text.as_str()));
            let index = Index::of(texts.len(), of_all);
            for (thing, text) in texts.iter().enumerate() {
                for word in words(text) {
                    for (end, _) in word.char_indices().skip(1) {
                        let mut scores = index.scores();
                        index.find(&word[..end], &mut scores);
                        prop_assert!(scores[thing] != MISS, "{} in {}", &word[..end], text);
                    }
                }
            }
            for word in words(&typed).iter().chain([&typed]) {
                let mut scores = index.scores();
                index.find(word, &mut scores);
                index.find_slips(word, &mut scores);
                index.find_nearest(word, &mut scores);
                prop_assert_eq!(scores.len(), texts.len());
            }
        }
    }
}
