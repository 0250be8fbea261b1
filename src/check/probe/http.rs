//! Whether a service speaks HTTP: one plain `GET /`, answered or not. Of an error, and of a redirect, the head is read as well:
//! it tells who answers.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use crate::catalog::Catalog;
use crate::check::evidence::{Late, object};
use crate::check::outcome::{ProbeEvidence, title};
use crate::check::protocol::Protocol;
use crate::check::remedy::{Place, Remedy, listening_at, restart_by_name};
use crate::check::task::{Implementation, Task};
use crate::check::{Answer, Diagnosis, Outcome, Stage, Status, port_hint, protocol, stranger, tcp};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

pub const PROBE: Implementation = Implementation { run, nothing: || Arc::new(HttpEvidence::default()) };

/// A status line is some 30 bytes; a first line longer than this is not one.
const MOST_BYTES: usize = 16 * 1024;

/// Of an answer that is not HTTP, so many bytes are kept as evidence: enough to recognise a banner.
const FIRST_BYTES: usize = 64;

/// How every HTTP answer begins.
const BEGINNING: &[u8] = b"HTTP/";

/// For the rest of a head whose first line has come. What it tells more is not worth a longer wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// Characters shown of a line of a head.
const MOST_SHOWN: usize = 80;

/// What a proxy says of a service behind it that is down, is not there, or does not answer: of HTTP itself (RFC 9110), and of
/// Cloudflare's.
const OF_A_PROXY: [RangeInclusive<u16>; 2] = [502..=504, 520..=530];

#[derive(Clone, Debug, Default)]
pub struct HttpEvidence {
    pub status: Option<u16>,
    /// The status line and who says it, of an answer that is none of the service's: `HTTP/1.1 502 Bad Gateway (nginx)`.
    pub said: Option<String>,
    /// The other host that it sends to.
    pub elsewhere: Option<String>,
    /// It wants a person to log in, as routers and printers do.
    pub login: Option<LoginPage>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginPage {
    /// By HTTP itself, for what is named so.
    Realm(String),
    /// With a form in a page.
    Form,
}

fn run(mut task: Task) -> Answer {
    task.reporter.enter(Stage::Connect);
    let mut found = HttpEvidence::default();
    let port = task.server().port;
    let diagnosis = match tcp::connect(&task.addresses, port, task.deadline, &mut task.evidence) {
        Err(diagnosis) => diagnosis,
        Ok((stream, _)) => {
            task.reporter.enter(Stage::Protocol);
            let ahead = port_hint::Beside::of(&task, Protocol::Http).ahead(Protocol::Http, task.deadline, || true);
            let said = ask(stream, &task.point.address().unwrap_or_default(), task.deadline);
            let evidence = &mut task.evidence;
            match said {
                Said::Status(status, head) => {
                    found = HttpEvidence::of(status, &head);
                    if status >= 500 { Diagnosis::HttpError } else { Diagnosis::Ok }
                }
                Said::Else(received) => {
                    evidence.received = Some(received);
                    Diagnosis::NotHttp
                }
                Said::Part => {
                    evidence.late = Some(Late::End);
                    Diagnosis::Silent
                }
                Said::Nothing => {
                    evidence.suggestion = ahead.instead_of(Diagnosis::Silent);
                    Diagnosis::Silent
                }
                Said::End => Diagnosis::Reset,
            }
        }
    };
    let mut evidence = std::mem::take(&mut task.evidence);
    let elsewhere = found.elsewhere.as_deref();
    let diagnosis = stranger::instead_of_service(&task, diagnosis, found.status, elsewhere, &mut evidence);
    let usual = port_hint::find(&task, diagnosis, Protocol::Http, evidence.this_machine == Some(true));
    evidence.suggestion = usual.or(evidence.suggestion);
    Answer { diagnosis, evidence, by_probe: Arc::new(found) }
}

/// What a service says to a request.
enum Said {
    /// The status, and the head as far as it was read.
    Status(u16, String),
    /// Something that is not HTTP, its beginning.
    Else(String),
    /// A part of a status line, until time was up.
    Part,
    Nothing,
    /// It hung up without a word. Whether the end is clean depends on a race between its closing and our request.
    End,
}

/// Asks for `/` and looks at the first line of the answer.
fn ask(mut stream: TcpStream, authority: &str, deadline: Instant) -> Said {
    let request = protocol::http_request(authority);
    let left = deadline.saturating_duration_since(Instant::now());
    // If writing fails, reading shows why, and what the service sent before it closed.
    let _ = stream.set_write_timeout(Some(left)).and_then(|()| stream.write_all(request.as_bytes()));
    let mut answer = Vec::new();
    match (read_first_line(&mut stream, deadline, &mut answer), protocol::http_status(&answer)) {
        (End::Late, _) if answer.is_empty() => Said::Nothing,
        (End::Late, _) => Said::Part,
        (End::Closed, _) if answer.is_empty() => Said::End,
        (_, Some(status)) => {
            let deadline = deadline.min(Instant::now() + PATIENCE);
            if matches!(status, 200..=399 | 401 | 407 | 500..) {
                read_until(&mut stream, deadline, &mut answer, ends_the_head);
            }
            if (200..300).contains(&status) && is_page(&answer) {
                read_until(&mut stream, deadline, &mut answer, has_login_form);
            }
            Said::Status(status, String::from_utf8_lossy(&answer).into_owned())
        }
        (_, None) => Said::Else(String::from_utf8_lossy(answer.get(..FIRST_BYTES).unwrap_or(&answer)).into_owned()),
    }
}

impl LoginPage {
    /// The realm; `true` for a form.
    fn json(&self) -> Value {
        match self {
            LoginPage::Realm(realm) => realm.as_str().into(),
            LoginPage::Form => true.into(),
        }
    }
}

impl HttpEvidence {
    fn of(status: u16, head: &str) -> HttpEvidence {
        let mut lines = head.lines().take_while(|line| !line.is_empty());
        let shown = |text: &str| text.trim().chars().take(MOST_SHOWN).collect::<String>();
        let first = shown(lines.next().unwrap_or_default());
        let fields: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
        let field =
            |name: &str| fields.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
        let said = match field("server") {
            Some(server) => format!("{first} ({})", shown(server)),
            None => first,
        };
        let location = field("location").filter(|_| (300..400).contains(&status));
        let elsewhere = location.and_then(host_of);
        let to_login = || location.is_some_and(|location| location.to_ascii_lowercase().contains("login"));
        let login = match (status, field("www-authenticate")) {
            // Other schemes are for programs.
            (401, Some(challenge)) if ["basic", "digest"].iter().any(|scheme| starts_with(challenge, scheme)) => {
                Some(LoginPage::Realm(shown(realm(challenge))))
            }
            (200..300, _) if has_login_form(head.as_bytes()) => Some(LoginPage::Form),
            _ if to_login() => Some(LoginPage::Form),
            _ => None,
        };
        let said = (status >= 500 || status == 407).then_some(said);
        HttpEvidence { status: Some(status), said, elsewhere, login }
    }

    fn is_of_a_proxy(&self) -> bool {
        self.status.is_some_and(|status| OF_A_PROXY.iter().any(|range| range.contains(&status)))
    }
}

/// The host in `http://host:8080/login`, `//host/login`; `None` for a path of the same server.
fn host_of(location: &str) -> Option<String> {
    let (scheme, rest) = location.trim().split_once("//")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let (_, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => host.split(':').next()?,
    };
    let known = ["", "http:", "https:"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    (known && !host.is_empty() && host.len() <= 253).then(|| host.to_ascii_lowercase())
}

fn starts_with(text: &str, word: &str) -> bool {
    text.trim_start().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// What a challenge is for: `Basic realm="TP-LINK Wireless Router"`.
fn realm(challenge: &str) -> &str {
    let named = challenge.split_once("realm=").map(|(_, realm)| realm.trim_start_matches('"'));
    named.and_then(|realm| realm.split('"').next()).unwrap_or_default()
}

/// A page for people, by its head.
fn is_page(answer: &[u8]) -> bool {
    let head = String::from_utf8_lossy(answer).to_ascii_lowercase();
    head.lines()
        .take_while(|line| !line.is_empty())
        .any(|line| line.strip_prefix("content-type:").is_some_and(|kind| kind.trim_start().starts_with("text/html")))
}

fn has_login_form(answer: &[u8]) -> bool {
    let page = String::from_utf8_lossy(answer).to_ascii_lowercase().replace(['"', '\''], "");
    page.contains("type=password")
}

fn ends_the_head(answer: &[u8]) -> bool {
    answer.windows(2).any(|two| two == b"\n\n") || answer.windows(4).any(|four| four == b"\r\n\r\n")
}

impl ProbeEvidence for HttpEvidence {
    /// Silence fails a database, but an integration service may be one that waits to be spoken to in its own protocol.
    fn status(&self, diagnosis: Diagnosis) -> Option<Status> {
        let is_for_people = diagnosis == Diagnosis::Ok && self.login.is_some();
        (is_for_people || diagnosis == Diagnosis::Silent).then_some(Status::Warning)
    }

    fn suspects_host(&self, diagnosis: Diagnosis) -> bool {
        diagnosis == Diagnosis::Ok && self.login.is_some()
    }

    fn json(&self) -> Map<String, Value> {
        object([
            ("status", self.status.map(Value::from)),
            ("server_said", self.said.as_deref().map(Value::from)),
            ("redirects_to", self.elsewhere.as_deref().map(Value::from)),
            ("login_page", self.login.as_ref().map(LoginPage::json)),
        ])
    }

    fn summary(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        match (outcome.diagnosis, self.status) {
            (Diagnosis::Ok, _) if self.login.is_some() => Some(say!(lang, "página de login", "login page")),
            (Diagnosis::Ok, _) => Some(outcome.waited()),
            (Diagnosis::HttpError, Some(status)) => Some(say!(lang, "erro HTTP {}", "HTTP error {}", status)),
            _ => None,
        }
    }

    fn message(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        let (place, status) = (outcome.place(), self.status.unwrap_or_default());
        Some(match outcome.diagnosis {
            Diagnosis::Ok if self.login.is_some() => match &self.login {
                Some(LoginPage::Realm(realm)) if !realm.is_empty() => say!(
                    lang,
                    "{} responde por HTTP e pede login: “{}”.",
                    "{} answers over HTTP and asks for a login: “{}”.",
                    place,
                    Safe::outside(realm)
                ),
                _ => say!(
                    lang,
                    "{} responde por HTTP com uma página de login (status {}).",
                    "{} answers over HTTP with a login page (status {}).",
                    place,
                    status
                ),
            },
            Diagnosis::Ok => say!(
                lang,
                "{} responde por HTTP (status {}, {}).",
                "{} answers over HTTP (status {}, {}).",
                place,
                status,
                outcome.waited()
            ),
            Diagnosis::NotHttp => say!(
                lang,
                "O serviço em {} não é HTTP{}.",
                "The service at {} is not HTTP{}.",
                place,
                outcome.received(lang)
            ),
            Diagnosis::Https => say!(
                lang,
                "O serviço em {} é HTTPS (TLS); este teste pede HTTP sem TLS.",
                "The service at {} is HTTPS (TLS); this test asks for HTTP without TLS.",
                place
            ),
            Diagnosis::Portal if status == 407 => say!(
                lang,
                "Um proxy responde em {} no lugar do serviço e pede login (HTTP 407).",
                "A proxy answers at {} in the service's place and asks for a login (HTTP 407).",
                place
            ),
            Diagnosis::Portal if status == 511 => say!(
                lang,
                "Um portal da rede responde em {} no lugar do serviço e pede login (HTTP 511).",
                "A network's portal answers at {} in the service's place and asks for a login (HTTP 511).",
                place
            ),
            Diagnosis::Portal if self.elsewhere.is_some() => say!(
                lang,
                "{} desvia para outro servidor ({}), como fazem os portais de rede.",
                "{} redirects to another server ({}), as portals of networks do.",
                place,
                Safe::outside(self.elsewhere.as_deref().unwrap_or_default())
            ),
            Diagnosis::HttpError => say!(
                lang,
                "O serviço em {} respondeu com o erro HTTP {}.",
                "The service at {} answered with HTTP error {}.",
                place,
                status
            ),
            _ => return None,
        })
    }

    fn remedy(&self, outcome: &Outcome, catalog: &Catalog, lang: Lang) -> Option<Remedy> {
        let sentence = match outcome.diagnosis {
            Diagnosis::Ok if self.login.is_some() => {
                let sentence = say!(
                    lang,
                    "Roteadores e impressoras respondem assim. Abra o endereço num navegador; se não é o serviço, \
                     corrija “{}”.",
                    "Routers and printers answer like this. Open the address in a browser; if it is not the \
                     service, fix “{}”.",
                    title(catalog, outcome.look_at(), lang)
                );
                return Some(sentence.into());
            }
            Diagnosis::HttpError if self.is_of_a_proxy() => say!(
                lang,
                "Provável: quem responde é um proxy, e o serviço atrás dele está parado; ou o banco dele. No servidor, veja e inicie-o:",
                "Likely: a proxy answers, and the service behind it is stopped; or its database. On the server, look and start it:"
            ),
            Diagnosis::HttpError => say!(
                lang,
                "Provável: falha interna do serviço, ou o banco de dados que ele usa está parado. Veja no servidor:",
                "Likely: the service fails inside, or its database is down. Look on the server:"
            ),
            _ => return None,
        };
        let port = outcome.request.point.port().unwrap_or_default();
        let start = say!(
            lang,
            "Se um deles está parado, com o nome mostrado:",
            "If one of them is stopped, by the name shown:"
        );
        let lines = [
            listening_at(port),
            Safe::own("systemctl --no-pager --failed"),
            Safe::own("sudo journalctl --no-pager -n 30 -p err"),
        ];
        Some(Remedy::from(sentence).paste(Place::Server, lines).only(start, [restart_by_name(lang)]))
    }

    fn said(&self) -> Option<(String, Option<&str>)> {
        Some((self.said.clone()?, None))
    }

    fn found_on(&self, port: u16, lang: Lang) -> Safe {
        say!(lang, "Na porta {} responde um serviço HTTP.", "An HTTP service answers on port {}.", port)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    /// There is a line, or what came can never be one of HTTP's.
    Enough,
    /// The other side hung up.
    Closed,
    Late,
}

fn read_first_line(stream: &mut TcpStream, deadline: Instant, answer: &mut Vec<u8>) -> End {
    read_until(stream, deadline, answer, |answer| {
        let beginning = answer.iter().zip(BEGINNING).all(|(got, wanted)| got == wanted);
        !beginning || answer.contains(&b'\n')
    })
}

fn read_until(stream: &mut TcpStream, deadline: Instant, answer: &mut Vec<u8>, enough: impl Fn(&[u8]) -> bool) -> End {
    let mut piece = [0; 1024];
    loop {
        if enough(answer) || answer.len() >= MOST_BYTES {
            return End::Enough;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return End::Late;
        }
        match stream.read(&mut piece) {
            Ok(0) => return End::Closed,
            Ok(count) => answer.extend(piece.iter().take(count)),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return End::Late,
            Err(_) => return End::Closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_tells_the_host_that_it_leads_to() {
        let table = [
            ("http://Login.hotspot/x?y", Some("login.hotspot")),
            (" https://10.0.0.1:8443/", Some("10.0.0.1")),
            ("//a@b.c:1", Some("b.c")),
            ("http://[fd77::2]:80/", Some("fd77::2")),
            ("/login?to=http://x/", None),
            ("login", None),
            ("http://", None),
            ("mailto://x", None),
        ];
        for (location, host) in table {
            assert_eq!(host_of(location).as_deref(), host, "{location}");
        }
    }

    #[test]
    fn a_page_for_people_to_log_in_is_told_from_a_service() {
        let login = |status, head: &str| HttpEvidence::of(status, head).login;
        let realm = "HTTP/1.0 401 N/A\r\nWWW-Authenticate: Basic realm=\"TP-LINK Router\"\r\n\r\n";
        assert_eq!(login(401, realm), Some(LoginPage::Realm("TP-LINK Router".into())));
        let table = [
            (401, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n\r\n", false),
            (401, "HTTP/1.1 401 Unauthorized\r\n\r\n", false),
            (200, "HTTP/1.1 200 OK\r\n\r\n<input TYPE='Password'>", true),
            (200, "HTTP/1.1 200 OK\r\n\r\n<input type=password>", true),
            (200, "HTTP/1.1 200 OK\r\n\r\n<h1>Retaguarda</h1>", false),
            (302, "HTTP/1.1 302 Found\r\nLocation: /Login.htm\r\n\r\n", true),
            (302, "HTTP/1.1 302 Found\r\nLocation: /loja\r\n\r\n", false),
        ];
        for (status, head, is_one) in table {
            assert_eq!(login(status, head).is_some(), is_one, "{head}");
        }
        assert!(is_page(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"));
        assert!(!is_page(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\ncontent-type: text/html"));
    }

    #[test]
    fn of_an_error_the_line_is_kept_and_who_says_it() {
        let said = |status, head: &str| HttpEvidence::of(status, head).said;
        let gateway = said(502, "HTTP/1.1 502 Bad Gateway\r\nserver: nginx/1.22\r\n\r\n<html>server: x");
        assert_eq!(gateway.as_deref(), Some("HTTP/1.1 502 Bad Gateway (nginx/1.22)"));
        assert_eq!(said(503, "HTTP/1.1 503 Service Unavailable").as_deref(), Some("HTTP/1.1 503 Service Unavailable"));
        assert_eq!(said(404, "HTTP/1.1 404 Not Found\r\n"), None);
    }
}
