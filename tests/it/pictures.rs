//! The pictures of the README and the manual, drawn from the form itself: the production loop, driven by keys, on servers that answer
//! as those of a shop. `BALCAO_WRITE=1 cargo test --test it pictures` draws them all anew.

pub mod svg;

use std::sync::Arc;

use balcao_config::catalog::Catalog;
use balcao_config::lang::Lang;
use balcao_config::present::commands;
use balcao_config::present::exit_report::ExitReport;
use balcao_config::safe::Safe;
use balcao_config::session::Session;
use balcao_config::session::autosave::Kept;
use balcao_config::session::ending::Ending;
use serde_json::json;
use svg::Screen;

use crate::busy;
use crate::fakes::{Fake, Quiet, authentication_request, startup, until_closed};
use crate::journey::{Journey, Opening};
use crate::reference::held;

const SIZE: (u16, u16) = (80, 24);

/// A shop: its servers, and a counter whose database port is wrong.
struct Shop {
    quiet: Quiet,
    folder: Arc<tempfile::TempDir>,
    _servers: [Fake; 2],
    _socket: crate::fakes::SocketName,
}

impl Shop {
    fn new() -> Shop {
        let quiet = Quiet::new();
        // Who has a port of all addresses has it here, too, for as long as that takes.
        let is_free = |port| std::net::TcpListener::bind(quiet.at(port)).is_ok();
        busy::wait_until("the usual ports", || is_free(5432) && is_free(8082));
        // Asks for a password, as a server does that is well.
        let database = Fake::at(&quiet.at(5432), |stream| {
            startup(stream)?;
            std::io::Write::write_all(stream, &authentication_request(3))?;
            until_closed(stream)
        });
        let service = Fake::answering_at(&quiet.at(8082), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        let folder = tempfile::Builder::new().prefix("balcao-").rand_bytes(6).tempdir_in("/tmp").unwrap();
        let _socket = crate::fakes::SocketName::of(5432);
        Shop { quiet, folder: Arc::new(folder), _servers: [database, service], _socket }
    }

    fn form(&self, lang: Lang) -> Journey {
        let document = json!({"version": 1, "integracao": {"ip_servidor_retaguarda": self.quiet.address, "porta_banco_dados": 5433}});
        let document = Some(document.to_string());
        Journey::open(Opening { document, lang, size: SIZE, folder: Some(self.folder.clone()), ..Opening::default() })
    }

    /// What is called otherwise in each run, and what stands in its place.
    fn replaced(&self) -> Vec<(String, String)> {
        let folder = self.folder.path().to_str().unwrap().to_owned();
        vec![(self.quiet.address.clone(), "127.0.0.1".into()), (folder, "/etc/gestor-balcao".into())]
    }
}

/// A shell's screen with these lines.
fn shell(lines: &[String]) -> Screen {
    let mut parser = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
    parser.process(lines.join("\r\n").as_bytes());
    Screen::of(parser.screen())
}

const PROMPT: &str = "\x1b[1;32mtecnico@caixa-1\x1b[m:\x1b[1;34m~\x1b[m$ ";

fn in_both(name: &str, draw: impl Fn(&Shop, Lang) -> String) {
    for (lang, suffix) in [(Lang::Pt, "pt"), (Lang::En, "en")] {
        held(&format!("docs/pictures/{name}.{suffix}.svg"), &draw(&Shop::new(), lang), "pictures");
    }
}

#[test]
fn the_pictures_show_the_form_as_it_is() {
    in_both("form", |shop, lang| {
        let form = shop.form(lang);
        svg::still(&form.look(), lang.pick("A tela do balcao-config", "The form of balcao-config"), &shop.replaced())
    });
    in_both("test", |shop, lang| {
        let mut form = shop.form(lang);
        form.press("Down F5").wait_for(lang.pick("marcada com ✗", "marked ✗"));
        svg::still(&form.look(), lang.pick("Um teste que falhou", "A test that failed"), &shop.replaced())
    });
    in_both("compare", |shop, lang| {
        let mut form = shop.form(lang);
        form.press("Down \"5432\" Down Down Space F2");
        svg::still(&form.look(), lang.pick("O que será gravado", "What will be saved"), &shop.replaced())
    });
    in_both("search", |shop, lang| {
        let mut form = shop.form(lang);
        form.press(lang.pick("F3 \"servidor\"", "F3 \"server\""));
        svg::still(&form.look(), lang.pick("A busca", "The search"), &shop.replaced())
    });
    in_both("lock", |shop, lang| {
        let mut form = shop.form(lang);
        form.press(lang.pick("F3 \"whats\" Enter Space", "F3 \"notif\" Enter Space"))
            .wait_for(lang.pick("Ativar os dois", "Turn both on"));
        svg::still(&form.look(), lang.pick("Um campo travado", "A locked field"), &shop.replaced())
    });
    in_both("help", |shop, lang| {
        let mut form = shop.form(lang);
        form.press("Down F1");
        svg::still(&form.look(), lang.pick("A ajuda de um campo", "The help of a field"), &shop.replaced())
    });
}

#[test]
fn the_moving_picture_is_a_whole_session() {
    in_both("session", |shop, lang| {
        let command = format!("{PROMPT}balcao-config");
        let mut frames = vec![(shell(&[PROMPT.into()]), 1.0), (shell(std::slice::from_ref(&command)), 1.0)];
        let mut form = shop.form(lang);
        let mut take = |form: &Journey, seconds| frames.push((form.look(), seconds));
        take(&form, 2.0);
        take(form.press("Down"), 1.0);
        take(form.press("F5").wait_for(lang.pick("marcada com ✗", "marked ✗")), 4.0);
        take(form.press("F8"), 2.0);
        take(form.press("F5").wait_for(lang.pick("sem falha", "without failure")), 3.0);
        take(form.press("F3"), 1.0);
        take(form.press(lang.pick("\"whats\"", "\"notif\"")), 2.5);
        take(form.press("Enter"), 1.5);
        take(form.press("Space").wait_for(lang.pick("Ativar os dois", "Turn both on")), 4.0);
        take(form.press("Right"), 1.0);
        take(form.press("Enter"), 2.5);
        take(form.press("F2"), 4.0);
        form.press("Esc F12");
        let ending = form.ending();
        let Ending::Saved(path, changes) = &ending else { panic!("{ending:?}") };
        let again = commands::saved(&Session::open(path, Arc::new(Catalog::built_in())).unwrap(), changes);
        let report = ExitReport { ending, kept: Kept::Nothing, remarks: vec![], printed: vec![], again };
        let command_line = |words: &[Safe]| Safe::outside(&format!("balcao-config {}", Safe::join(words, " ")));
        let said = report.lines(&Catalog::built_in(), lang, &command_line);
        let said = said.iter().map(|line| line.text().to_string());
        let lines: Vec<String> = [command].into_iter().chain(said).chain([PROMPT.to_owned()]).collect();
        frames.push((shell(&lines), 4.0));
        svg::moving(&frames, lang.pick("Uma sessão inteira", "A whole session"), &shop.replaced())
    });
}
