//! Lines as they are read aloud: marks and arrows become words, since a screen reader skips them or spells them out.

use crate::lang::Lang;
use crate::present::mark;
use crate::safe::Safe;
use crate::text::line::{Line, Tone};

/// The word for a mark before a sentence.
fn word(mark: &str, lang: Lang) -> Option<&'static str> {
    Some(match mark {
        mark::CHANGED => lang.pick("Alterado", "Changed"),
        mark::PASSES => lang.pick("Passou", "Passed"),
        mark::FAILS => lang.pick("Falhou", "Failed"),
        mark::WARNS => lang.pick("Aviso", "Warning"),
        mark::INVALID => lang.pick("Erro", "Error"),
        mark::BECOMES => lang.pick("O que fazer", "What to do"),
        _ => return None,
    })
}

/// The line in words alone; what is to be copied stays as it is.
pub fn spoken(line: &Line, lang: Lang) -> Line {
    let mut spoken = Line::default();
    for (at, (tone, text)) in line.pieces().iter().enumerate() {
        let text = match tone {
            Tone::Exact => text.clone(),
            _ => Safe::outside(&in_words(text.as_str(), at == 0, lang)),
        };
        spoken = spoken.and(*tone, text);
    }
    spoken
}

fn in_words(text: &str, begins: bool, lang: Lang) -> String {
    let marked = text.split_once(' ').filter(|_| begins).and_then(|(mark, rest)| Some((word(mark, lang)?, rest)));
    let text = marked.map_or_else(|| text.to_owned(), |(word, rest)| format!("{word}: {rest}"));
    let becomes = lang.pick(" passa a ", " becomes ");
    text.replace(&format!(" {} ", mark::BECOMES), becomes).replace(" · ", ", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_words_and_what_is_to_be_copied_stays() {
        let line = Line::of(Tone::Changed, Safe::own("● Porta: 5432 → 5433 · padrão")).and(Tone::Exact, " ● a → b");
        assert_eq!(spoken(&line, Lang::Pt).text().as_str(), "Alterado: Porta: 5432 passa a 5433, padrão ● a → b");
        assert_eq!(spoken(&Safe::own("!x y").into(), Lang::En).text().as_str(), "!x y");
    }
}
