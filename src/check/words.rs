//! The sentences about one outcome: its very address, port or file, what it counts as, and what to do.

use serde_json::Value;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Diagnosis, Outcome, Status, whole_ms};
use crate::catalog::{Catalog, Probe};
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// The room beside a field, in cells; more is cut.
const BRIEF_WIDTH: usize = 22;

/// Of what another service says first, so many characters are shown: enough for `SSH-2.0-OpenSSH_9.2p`.
const MOST_RECEIVED: usize = 20;

impl Outcome {
    /// How it counts. Silence fails a database, but an integration service may be one that waits to be spoken to in
    /// its own protocol: there it is a warning.
    pub fn status(&self) -> Status {
        match (self.diagnosis, self.probe) {
            (Diagnosis::Silent, Some(Probe::Http)) => Status::Warning,
            (diagnosis, _) => diagnosis.status(),
        }
    }

    /// A few words for beside the field, at most 22 cells: `recusada`, `PostgreSQL 15.18`, `18 ms`.
    pub fn brief(&self, lang: Lang) -> Safe {
        match self.diagnosis {
            Diagnosis::Ok => self.brief_ok(lang),
            Diagnosis::DnsFailure => say!(lang, "nome não encontrado", "name not found"),
            Diagnosis::Refused => say!(lang, "recusada", "refused"),
            Diagnosis::Timeout => say!(lang, "sem resposta", "no answer"),
            Diagnosis::Unreachable => say!(lang, "sem caminho de rede", "no route"),
            Diagnosis::Reset => say!(lang, "conexão cortada", "connection cut"),
            Diagnosis::NotPostgres => say!(lang, "não é PostgreSQL", "not PostgreSQL"),
            Diagnosis::Silent => say!(lang, "aceita e não responde", "accepts, no answer"),
            Diagnosis::AuthRequired => say!(lang, "pede senha", "asks for a password"),
            Diagnosis::AuthFailed => say!(lang, "login recusado", "login refused"),
            Diagnosis::AuthUnsafe => say!(lang, "senha sem proteção", "unprotected password"),
            Diagnosis::HbaRejected => say!(lang, "balcão não admitido", "counter not admitted"),
            Diagnosis::DatabaseMissing => say!(lang, "banco não existe", "no such database"),
            Diagnosis::StartingUp => say!(lang, "iniciando", "starting up"),
            Diagnosis::ShuttingDown => say!(lang, "desligando", "shutting down"),
            Diagnosis::TooManyConnections => say!(lang, "sem conexão livre", "no connection left"),
            Diagnosis::TlsRequired => say!(lang, "exige TLS", "demands TLS"),
            Diagnosis::TlsFailed => say!(lang, "TLS falhou", "TLS failed"),
            Diagnosis::NotHttp => say!(lang, "aberta, não é HTTP", "open, not HTTP"),
            Diagnosis::HttpError => say!(lang, "erro HTTP {}", "HTTP error {}", self.number("status")),
            Diagnosis::FileMissing if self.reason() == "missing" => say!(lang, "não existe", "does not exist"),
            Diagnosis::FileMissing => say!(lang, "não pode ser lido", "cannot be read"),
            Diagnosis::NotAnImage => say!(lang, "não é imagem", "not a picture"),
            Diagnosis::Skipped => say!(lang, "não testado", "not tested"),
        }
    }

    fn brief_ok(&self, lang: Lang) -> Safe {
        match self.probe {
            Some(Probe::Host) if self.is_this_machine() => say!(lang, "este balcão", "this counter"),
            Some(Probe::Postgres) => match self.text("server_version") {
                Some(version) => cut(&safe!("PostgreSQL {}", version), BRIEF_WIDTH),
                None => Safe::own("PostgreSQL"),
            },
            Some(Probe::Image) => self.text("format").unwrap_or_default(),
            // Nothing had to be asked for an address, so its time would tell nothing.
            Some(Probe::Host) if self.addresses() == [self.host()] => say!(lang, "endereço válido", "valid address"),
            Some(Probe::Host | Probe::Http) | None => self.waited(),
        }
    }

    /// What happened, in one sentence, naming the address, port or file.
    pub fn message(&self, catalog: &Catalog, lang: Lang) -> Safe {
        let place = self.place();
        match self.diagnosis {
            Diagnosis::Ok => self.message_ok(lang),
            Diagnosis::DnsFailure => self.message_dns(lang),
            Diagnosis::Refused => self.message_refused(lang),
            Diagnosis::Timeout => {
                let waited = self.waited();
                say!(
                    lang,
                    "Sem resposta: {} não respondeu em {}.",
                    "No answer: {} did not answer in {}.",
                    place,
                    waited
                )
            }
            Diagnosis::Unreachable => {
                say!(lang, "Sem caminho de rede até {}.", "There is no network route to {}.", place)
            }
            Diagnosis::Reset => say!(
                lang,
                "Conexão cortada: {} aceitou e desligou sem responder.",
                "Connection cut: {} accepted and hung up without an answer.",
                place
            ),
            Diagnosis::NotPostgres => {
                let heard = self.heard(lang);
                say!(
                    lang,
                    "Não é PostgreSQL o que responde em {}{}.",
                    "It is not PostgreSQL that answers at {}{}.",
                    place,
                    heard
                )
            }
            Diagnosis::Silent => self.message_silent(lang),
            Diagnosis::AuthRequired => say!(
                lang,
                "O PostgreSQL em {} está no ar e pede usuário e senha.",
                "PostgreSQL at {} is up and asks for user and password.",
                place
            ),
            Diagnosis::AuthFailed => say!(
                lang,
                "O PostgreSQL em {} recusou o login de {}.",
                "PostgreSQL at {} refused the login of {}.",
                place,
                self.text("user").unwrap_or_default()
            ),
            Diagnosis::AuthUnsafe => say!(
                lang,
                "O PostgreSQL em {} pede a senha sem proteção; ela não foi enviada.",
                "PostgreSQL at {} asks for the password unprotected; it was not sent.",
                place
            ),
            Diagnosis::HbaRejected => say!(
                lang,
                "O PostgreSQL em {} não admite {} a partir deste balcão.",
                "PostgreSQL at {} does not admit {} from this counter.",
                place,
                self.text("user").unwrap_or_default()
            ),
            Diagnosis::DatabaseMissing => say!(
                lang,
                "O PostgreSQL em {} não tem o banco {}.",
                "PostgreSQL at {} has no database {}.",
                place,
                self.text("database").unwrap_or_default()
            ),
            Diagnosis::StartingUp => say!(
                lang,
                "O PostgreSQL em {} está no ar, mas ainda não aceita conexões.",
                "PostgreSQL at {} is up, but takes no connections yet.",
                place
            ),
            Diagnosis::ShuttingDown => {
                say!(lang, "O PostgreSQL em {} está sendo desligado.", "PostgreSQL at {} is shutting down.", place)
            }
            Diagnosis::TooManyConnections => say!(
                lang,
                "O PostgreSQL em {} está no ar, mas sem conexão livre.",
                "PostgreSQL at {} is up, but has no connection left.",
                place
            ),
            Diagnosis::TlsRequired => {
                say!(lang, "O PostgreSQL em {} exige conexão cifrada.", "PostgreSQL at {} demands encryption.", place)
            }
            Diagnosis::TlsFailed => {
                say!(lang, "A conexão cifrada com {} falhou.", "The encrypted connection to {} failed.", place)
            }
            Diagnosis::NotHttp => {
                let heard = self.heard(lang);
                say!(
                    lang,
                    "A porta {} está aberta, mas não fala HTTP{}.",
                    "{} is open, but does not speak HTTP{}.",
                    place,
                    heard
                )
            }
            Diagnosis::HttpError => say!(
                lang,
                "O serviço em {} respondeu com o erro HTTP {}.",
                "The service at {} answered with HTTP error {}.",
                place,
                self.number("status")
            ),
            Diagnosis::FileMissing => self.message_file(lang),
            Diagnosis::NotAnImage => self.message_not_an_image(lang),
            Diagnosis::Skipped if self.reason() == "empty" => {
                say!(lang, "Não testado: nenhum arquivo informado.", "Not tested: no file is given.")
            }
            Diagnosis::Skipped => self.message_invalid(catalog, lang),
        }
    }

    fn message_ok(&self, lang: Lang) -> Safe {
        let (place, took) = (self.place(), self.waited());
        match self.probe {
            Some(Probe::Host) if self.is_this_machine() => {
                say!(lang, "{} é este próprio balcão.", "{} is this very counter.", place)
            }
            Some(Probe::Host) => {
                let addresses = Safe::join(&self.addresses(), ", ");
                // An address that was given as such tells nothing new.
                if addresses == place {
                    say!(lang, "{} é um endereço válido.", "{} is a valid address.", place)
                } else {
                    say!(lang, "{} é {} ({}).", "{} is {} ({}).", place, addresses, took)
                }
            }
            Some(Probe::Postgres) => {
                let (version, user) = (self.text("server_version"), self.text("user").unwrap_or_default());
                let name = version.map_or(Safe::own("PostgreSQL"), |version| safe!("PostgreSQL {}", version));
                say!(
                    lang,
                    "{} responde em {} (login {}, {}).",
                    "{} answers at {} (login {}, {}).",
                    name,
                    place,
                    user,
                    took
                )
            }
            Some(Probe::Image) => {
                say!(lang, "{} é uma imagem {}.", "{} is a {} picture.", place, self.text("format").unwrap_or_default())
            }
            Some(Probe::Http) | None => {
                let status = self.number("status");
                say!(
                    lang,
                    "{} responde por HTTP (status {}, {}).",
                    "{} answers over HTTP (status {}, {}).",
                    place,
                    status,
                    took
                )
            }
        }
    }

    fn message_dns(&self, lang: Lang) -> Safe {
        let host = self.host();
        if self.reason() == "timed_out" {
            let waited = self.waited();
            return say!(
                lang,
                "O DNS não respondeu sobre {} em {}.",
                "The DNS did not answer for {} in {}.",
                host,
                waited
            );
        }
        say!(lang, "O nome {} não foi encontrado.", "The name {} was not found.", host)
    }

    /// With the host and the port apart: which of them is wrong is the question.
    fn message_refused(&self, lang: Lang) -> Safe {
        let (host, port) = self.host_and_port();
        say!(
            lang,
            "Recusada: {} respondeu, mas nada escuta na porta {}.",
            "Refused: {} answered, but nothing listens on port {}.",
            host,
            port
        )
    }

    fn message_silent(&self, lang: Lang) -> Safe {
        let (place, waited) = (self.place(), self.waited());
        if self.reason() == "unfinished" {
            return say!(
                lang,
                "{} aceitou a conexão, mas não terminou de responder em {}.",
                "{} accepted the connection, but did not finish its answer in {}.",
                place,
                waited
            );
        }
        say!(
            lang,
            "{} aceitou a conexão, mas não disse nada em {}.",
            "{} accepted the connection, but said nothing in {}.",
            place,
            waited
        )
    }

    fn message_file(&self, lang: Lang) -> Safe {
        let path = self.place();
        match self.reason() {
            "forbidden" => say!(
                lang,
                "Falta permissão para ler o arquivo {}.",
                "There is no permission to read the file {}.",
                path
            ),
            "unreadable" => say!(
                lang,
                "O arquivo {} não pode ser lido: {}.",
                "The file {} cannot be read: {}.",
                path,
                self.text("error").unwrap_or_default()
            ),
            "timed_out" => say!(
                lang,
                "O disco do arquivo {} não respondeu em {}.",
                "The disk of the file {} did not answer in {}.",
                path,
                self.waited()
            ),
            _ => say!(lang, "O arquivo {} não existe.", "The file {} does not exist.", path),
        }
    }

    /// A port is not tested either where its host is the invalid one: both are named.
    fn message_invalid(&self, catalog: &Catalog, lang: Lang) -> Safe {
        let check = catalog.parameter(&self.key).and_then(|parameter| parameter.check.as_ref());
        match check.and_then(|check| check.host.as_ref()) {
            Some(host) => say!(
                lang,
                "Não testado: valor inválido aqui ou em “{}”.",
                "Not tested: invalid value here or in “{}”.",
                title(catalog, host, lang)
            ),
            None => say!(lang, "Não testado: valor inválido.", "Not tested: invalid value."),
        }
    }

    fn message_not_an_image(&self, lang: Lang) -> Safe {
        let path = self.place();
        match self.reason() {
            "folder" => say!(lang, "{} é uma pasta, não uma imagem.", "{} is a folder, not a picture.", path),
            "special" => say!(lang, "{} não é um arquivo comum.", "{} is not a regular file.", path),
            _ => say!(lang, "{} não é uma imagem PNG, JPEG ou BMP.", "{} is no PNG, JPEG or BMP picture.", path),
        }
    }

    /// The likely cause and what to do; empty where there is nothing to do.
    pub fn remedy(&self, catalog: &Catalog, lang: Lang) -> Safe {
        let sought_here = matches!(self.diagnosis, Diagnosis::Refused | Diagnosis::Timeout) && self.is_this_machine();
        if sought_here && self.look_at != self.key {
            return say!(
                lang,
                "O servidor está sendo procurado neste próprio balcão. Se é outra máquina, corrija “{}”; se é esta, inicie o serviço.",
                "The server is being sought on this very counter. If it is another machine, correct “{}”; if it is this one, start the service.",
                title(catalog, &self.look_at, lang)
            );
        }
        if self.diagnosis == Diagnosis::Skipped && self.reason() == "invalid" {
            return say!(lang, "Corrija o valor e teste de novo.", "Correct the value and test again.");
        }
        let words = self.diagnosis.explain(lang);
        if words.cause.is_empty() {
            return words.action;
        }
        say!(lang, "Provável: {} {}", "Likely: {} {}", words.cause, words.action)
    }

    /// The address as a person reads it: a name with the address that answered for it.
    fn place(&self) -> Safe {
        let address = Safe::outside(self.address.as_deref().unwrap_or_default());
        match self.answering_address() {
            Some(answered) => safe!("{} ({})", address, answered),
            None => address,
        }
    }

    /// The host alone, with the address that answered for a name, and the port.
    fn host_and_port(&self) -> (Safe, Safe) {
        let address = self.address.as_deref().unwrap_or_default();
        let (_, port) = address.rsplit_once(':').unwrap_or((address, ""));
        let host = match self.answering_address() {
            Some(answered) => safe!("{} ({})", self.host(), answered),
            None => self.host(),
        };
        (host, Safe::outside(port))
    }

    /// The host alone, without brackets.
    fn host(&self) -> Safe {
        let address = self.address.as_deref().unwrap_or_default();
        let host = match self.probe {
            Some(Probe::Postgres | Probe::Http) => address.rsplit_once(':').map_or(address, |(host, _)| host),
            _ => address,
        };
        Safe::outside(host.trim_start_matches('[').trim_end_matches(']'))
    }

    /// For a name: the address that took the connection, or the one whose failure is told.
    fn answering_address(&self) -> Option<Safe> {
        let named = |attempt: &&Value| attempt["result"] == self.diagnosis.name();
        let told = self.detail.get("addresses").and_then(Value::as_array).and_then(|all| all.iter().find(named));
        let answered = self.text("answered").or_else(|| Some(Safe::outside(told?["address"].as_str()?)))?;
        (self.probe != Some(Probe::Host) && answered != self.host()).then_some(answered)
    }

    /// The addresses of a host.
    fn addresses(&self) -> Vec<Safe> {
        let attempts = self.detail.get("addresses").and_then(Value::as_array);
        attempts.into_iter().flatten().filter_map(|attempt| attempt["address"].as_str()).map(Safe::outside).collect()
    }

    /// What another service said, where it is something that a person can recognise.
    fn heard(&self, lang: Lang) -> Safe {
        let received = self.detail.get("received").and_then(Value::as_str).unwrap_or_default();
        let line = received.lines().next().unwrap_or_default();
        let readable = line.chars().take_while(|symbol| symbol.is_ascii_graphic() || *symbol == ' ').count();
        if readable < 4 {
            return Safe::default();
        }
        let line: String = line.chars().take(readable.min(MOST_RECEIVED)).collect();
        say!(lang, "; diz “{}”", "; it says “{}”", Safe::outside(&line))
    }

    /// How long was waited, rounded to what a person would say.
    fn waited(&self) -> Safe {
        match whole_ms(self.elapsed) {
            milliseconds @ 0..=999 => safe!("{} ms", milliseconds),
            milliseconds => safe!("{} s", (milliseconds + 500) / 1000),
        }
    }

    fn is_this_machine(&self) -> bool {
        self.detail.get("this_machine") == Some(&Value::Bool(true))
    }

    fn reason(&self) -> &str {
        self.detail.get("reason").and_then(Value::as_str).unwrap_or_default()
    }

    fn text(&self, name: &str) -> Option<Safe> {
        self.detail.get(name)?.as_str().map(Safe::outside)
    }

    fn number(&self, name: &str) -> u64 {
        self.detail.get(name).and_then(Value::as_u64).unwrap_or_default()
    }
}

/// The label of a parameter; its key where the catalog does not know it.
fn title(catalog: &Catalog, key: &Key, lang: Lang) -> Safe {
    catalog.parameter(key).map_or_else(|| Safe::outside(key.as_str()), |parameter| parameter.title.of(lang).clone())
}

/// At most `width` cells; what is cut off ends in `…`.
fn cut(text: &Safe, width: usize) -> Safe {
    if text.as_str().width() <= width {
        return text.clone();
    }
    let mut used = 1;
    let fits = |symbol: &char| {
        used += symbol.width().unwrap_or_default();
        used <= width
    };
    safe!("{}…", Safe::outside(&text.as_str().chars().take_while(fits).collect::<String>()))
}
