//! The form on each terminal that a counter may be set up from, with the keys that this terminal sends: opened, edited, saved;
//! the same words in the same places, and the terminal clean afterwards. On one that nothing can be drawn on, line by line
//! (see `plain`).

use balcao_config::text::Charset;
use vt100::Screen;

use crate::fakes::Refusing;
use crate::pty::{Ended, Pty};
use crate::terminfo::capabilities;
use crate::world::World;

const SIZE: (u16, u16) = (80, 24);

/// Those that Debian describes, in ncurses-base and ncurses-term; with what they can show.
const TERMINALS: [(&str, Charset); 20] = [
    ("xterm", Charset::Rich),
    ("xterm-mono", Charset::Rich),
    ("xterm-16color", Charset::Rich),
    ("xterm-256color", Charset::Rich),
    ("tmux", Charset::Rich),
    ("tmux-256color", Charset::Rich),
    ("screen", Charset::Rich),
    ("screen-256color", Charset::Rich),
    ("linux", Charset::Plain),
    ("vt100", Charset::Ascii),
    ("vt102", Charset::Ascii),
    ("vt220", Charset::Ascii),
    ("putty", Charset::Rich),
    ("putty-256color", Charset::Rich),
    ("putty-vt100", Charset::Rich),
    ("st", Charset::Rich),
    ("st-256color", Charset::Rich),
    ("rxvt", Charset::Rich),
    ("rxvt-16color", Charset::Rich),
    ("foot", Charset::Rich),
];

/// The bytes of a key there, or these where it has none.
fn key(term: &str, name: &str, other: &[u8]) -> Vec<u8> {
    let found = capabilities(term).into_iter().find(|(known, _)| known == name);
    found.map_or_else(|| other.to_vec(), |(_, bytes)| bytes)
}

/// What stands on the screen below the title, in letters that all terminals have, without what encloses values on some.
fn words(screen: &Screen) -> Vec<String> {
    let row = |row: String| {
        let plain = Charset::Ascii.fit(&row).replace(['[', ']', '>'], " ");
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    screen.rows(0, SIZE.0).skip(1).map(row).collect()
}

/// The column of the line between the two panes, in each row that has it.
fn borders(screen: &Screen) -> Vec<u16> {
    let is_border = |row, column| {
        let cell = screen.cell(row, column).map(|cell| cell.contents());
        cell.is_some_and(|cell| cell == "│" || cell == "|")
    };
    (0..SIZE.1).filter_map(|row| (0..SIZE.0).find(|column| is_border(row, *column))).collect()
}

fn assert_aligned(pty: &Pty, what: &str) {
    let borders = borders(pty.screen());
    let aligned = borders.len() > 10 && borders.iter().all(|column| *column == borders[0]);
    assert!(aligned, "{what}: {borders:?}\n{}", pty.text());
}

/// The screen shows what the first one of these terminals showed, in the same columns.
/// `last`: what is drawn last.
fn assert_shows(pty: &mut Pty, first: &mut Option<Vec<String>>, last: &str, what: &str) {
    pty.wait_for(last, |screen| words(screen).last().is_some_and(|footer| footer.ends_with(last)));
    let expected = first.get_or_insert_with(|| words(pty.screen())).clone();
    pty.wait_for(&format!("{what}: {expected:#?}"), |screen| words(screen) == expected);
    assert_aligned(pty, what);
}

fn open(world: &World, arguments: &[&str]) -> Pty {
    let mut pty = Pty::spawn(world, arguments, SIZE);
    pty.wait_text("Confirma (F12)").wait_text("IP do Servidor Retaguarda");
    pty
}

/// The form was left with what is there saved, and the terminal as it was.
fn assert_saved(ended: &Ended, what: &str) {
    assert_eq!((ended.code, &ended.signal, &ended.left_behind), (0, &None, &vec![]), "{what}: {}", ended.text);
    assert!(ended.text.contains("Gravado em"), "{what}: {}", ended.text);
}

#[test]
fn on_every_terminal_the_form_opens_edits_saves_and_leaves_it_clean() {
    let latin1 = "pt_BR.ISO-8859-1";
    let by_term = TERMINALS.map(|(term, charset)| (term, "pt_BR.UTF-8", &[][..], charset));
    let by_rest = [("xterm", latin1, &[][..], Charset::Ascii), ("xterm", "pt_BR.UTF-8", &["--ascii"], Charset::Ascii)];
    let (mut opened, mut edited) = (None, None);
    for (term, locale, arguments, charset) in by_term.into_iter().chain(by_rest) {
        let what = format!("{term} {locale} {arguments:?}");
        let world = World::new().variable("TERM", term).variable("LANG", locale);
        let mut pty = open(&world, arguments);
        assert_shows(&mut pty, &mut opened, "F8 Procurar", &what);
        for _ in 0..3 {
            pty.send(&key(term, "kcud1", b"\x1b[B"));
        }
        pty.press("Space").wait_text("[x]");
        // The help follows once the keys rest.
        pty.wait_text("sim ou n");
        assert_shows(&mut pty, &mut edited, "F4 Padrao", &what);
        let strange = pty.screen().rows(0, SIZE.0).find(|row| charset.fit(row) != row.as_str());
        assert_eq!(strange, None, "{what}");
        pty.send(&key(term, "kf12", b"\x18"));
        assert_saved(&pty.end(), &what);
        assert!(world.config().contains("\"verificar_crediario_vencido_dav\": true"), "{what}: {}", world.config());
    }
}

/// The parameters of each SGR among these bytes.
fn looks(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let sequences = text.split("\x1b[").skip(1).filter_map(|rest| rest.split_once('m'));
    let parameters = sequences.filter(|(head, _)| head.chars().all(|it| it.is_ascii_digit() || it == ';'));
    parameters.flat_map(|(head, _)| head.split(';').filter_map(|it| it.parse().ok()).collect::<Vec<_>>()).collect()
}

#[test]
fn colours_are_the_terminals_own_sixteen_or_none() {
    let bright = |look: &u8| (90..=97).contains(look) || (100..=107).contains(look);
    let colour = |look: &u8| (30..=49).contains(look) || bright(look);
    let cases: [(&str, &[&str], &str); 6] = [
        ("xterm-256color", &[], ""),
        ("linux", &[], ""),
        ("rxvt-16color", &[], ""),
        ("xterm-256color", &[], "1"),
        ("xterm-256color", &["--color", "never"], ""),
        ("vt220", &[], ""),
    ];
    for (number, (term, arguments, no_color)) in cases.into_iter().enumerate() {
        let (database, service) = (Refusing::new(), Refusing::new());
        let text = format!(
            "{{\"integracao\":{{\"porta_banco_dados\":{},\"porta_integracao_clientes\":{}}}}}",
            database.port, service.port
        );
        let world = World::with_config(&text).variable("TERM", term).variable("NO_COLOR", no_color);
        let mut pty = open(&world, arguments);
        // What fails has a sign in a colour.
        pty.press("F5").wait_text("no teste, marcada");
        let looks = looks(pty.log());
        assert!(!looks.iter().any(|look| [38, 48, 58].contains(look)), "{term}: {looks:?}");
        assert_eq!(looks.iter().any(colour), number < 3, "{term} {arguments:?}: {looks:?}");
        // Without any, bold, underline and reverse say it.
        assert!(looks.contains(&1) && looks.contains(&7), "{term}: {looks:?}");
    }
}

#[test]
fn wide_and_combining_characters_keep_the_columns() {
    for (term, seen) in [("xterm", "日本 e\u{301}ção"), ("tmux", "日本 e\u{301}ção"), ("vt220", "e")] {
        let text = "{\"geral\": {\"vendedor_padrao\": \"日本 e\u{301}ção\"}}";
        let world = World::with_config(text).variable("TERM", term);
        let mut pty = open(&world, &[]);
        pty.press("C-p").wait_text("Vendedor Padr").wait_text(seen);
        assert_aligned(&pty, term);
        pty.press("End \"語ü\"").wait_text(if term == "vt220" { "ecao?u" } else { "ção語ü" });
        assert_aligned(&pty, term);
        pty.press("Backspace \"x\" C-s").wait_text("Gravado em");
        assert_aligned(&pty, term);
        pty.press("Esc");
        assert_saved(&pty.end(), term);
        assert!(world.config().contains("日本 e\u{301}ção語x"), "{}", world.config());
    }
}
