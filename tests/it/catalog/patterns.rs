//! Patterns of catalogs: which are refused, with what words, and what is said of a text that does not fit.

use balcao_config::catalog::Pattern;
use balcao_config::lang::{Lang, Localized};

fn refused(text: &str) -> String {
    let read = Pattern::new(text.into(), Localized::default());
    read.map(|_| ()).expect_err(text).of(Lang::Pt).to_string()
}

#[test]
fn what_readers_take_in_different_ways_is_refused_with_what_to_write() {
    let of_engines = r"\d+ \D [\w] \W \s \bx \A \z \Zx (a)\1 \k<n> \p{L} \x41 \u0041 \- \t (?i)a (?=a) (?!a) (?<=a)b (?<n>a) (?P<n>a) (?>a) (?#x) (?";
    let of_classes = r"[[:digit:]] [a[b]] [a-z&&[^b]] [a&&b] [a~~b] [a--b] [a-c-e] [] [^] []a] [z-a] [a [a- [a\";
    let of_counts = r"a** a++ a+* a??? a{2}{3} *a (*a) a|* ^* $+ ? { {2} a{ a{} a{,3} a{3,2} a{1001} a{2 a{x}";
    let of_pairs = r"a} ] ) ( (a a) \ ((((((((((((a)))))))))))) ((a{99}){99}){99}";
    let mut page = String::new();
    for list in [of_engines, of_classes, of_counts, of_pairs] {
        page.extend(list.split(' ').map(|text| format!("{text}  {}\n", refused(text))));
    }
    insta::assert_snapshot!(page);
    refused(&"a".repeat(201));
}
