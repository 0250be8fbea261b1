//! The sentences about one outcome: its very address, port or file, what it counts as, and what to do.

mod evidence;
mod facts;
mod remedy;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Diagnosis, Outcome, Status};
use crate::catalog::{Catalog, Probe};
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};
use facts::span;

/// The room beside a field, in cells; more is cut.
const BRIEF_WIDTH: usize = 22;

impl Outcome {
    /// How it counts. Silence fails a database, but an integration service may be one that waits to be spoken to in
    /// its own protocol: there it is a warning. So is a clock that is off by more than a minute.
    pub fn status(&self) -> Status {
        match (self.diagnosis, self.probe) {
            (Diagnosis::Silent, Some(Probe::Http)) => Status::Warning,
            (Diagnosis::Ok, _) if self.clock_difference_s().is_some() => Status::Warning,
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
            Diagnosis::Reset if self.reason() == "serves_nobody" => say!(lang, "erro do servidor", "server error"),
            Diagnosis::Reset => say!(lang, "conexão cortada", "connection cut"),
            Diagnosis::NotPostgres => say!(lang, "não é PostgreSQL", "not PostgreSQL"),
            Diagnosis::Silent => say!(lang, "aceita e não responde", "accepts, no answer"),
            Diagnosis::AuthRequired => say!(lang, "pede senha", "asks for a password"),
            Diagnosis::AuthFailed => say!(lang, "login recusado", "login refused"),
            Diagnosis::AuthUnsafe if self.reason() == "unwanted" => {
                say!(lang, "prova não aceita", "proof not accepted")
            }
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
            Some(Probe::Postgres) if self.clock_difference_s().is_some() => {
                say!(lang, "ok, mas relógio errado", "ok, but clock is off")
            }
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
            Diagnosis::Reset if self.reason() == "serves_nobody" => say!(
                lang,
                "O PostgreSQL em {} responde com um erro e não atende ninguém (SQLSTATE {}).",
                "PostgreSQL at {} answers with an error and serves nobody (SQLSTATE {}).",
                place,
                self.text("sqlstate").unwrap_or_default()
            ),
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
            Diagnosis::AuthFailed if self.reason() == "role" => say!(
                lang,
                "O PostgreSQL em {} não tem o usuário {}, ou não o deixa entrar.",
                "PostgreSQL at {} has no user {}, or does not let it log in.",
                place,
                self.text("user").unwrap_or_default()
            ),
            Diagnosis::AuthFailed => say!(
                lang,
                "O PostgreSQL em {} recusou o login de {}.",
                "PostgreSQL at {} refused the login of {}.",
                place,
                self.text("user").unwrap_or_default()
            ),
            Diagnosis::AuthUnsafe if self.reason() == "unwanted" => say!(
                lang,
                "O PostgreSQL em {} não pede a prova que PGREQUIREAUTH exige; nada foi enviado.",
                "PostgreSQL at {} does not ask for the proof that PGREQUIREAUTH demands; nothing was sent.",
                place
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
            Diagnosis::TlsFailed => self.message_tls(lang),
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
            Some(Probe::Postgres) => self.message_ok_postgres(lang),
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

    /// Version, login and its protection; then what else is worth a word.
    fn message_ok_postgres(&self, lang: Lang) -> Safe {
        let (version, user) = (self.text("server_version"), self.text("user").unwrap_or_default());
        let name = version.map_or(Safe::own("PostgreSQL"), |version| safe!("PostgreSQL {}", version));
        let mut login = vec![safe!("login {}", user), self.waited()];
        login.extend(self.protection().map(|protection| protection.words(lang)));
        let login = Safe::join(&login, ", ");
        let place = self.place();
        let mut said = vec![say!(lang, "{} responde em {} ({}).", "{} answers at {} ({}).", name, place, login)];
        if self.detail.get("standby").and_then(serde_json::Value::as_bool) == Some(true) {
            said.push(say!(lang, "É uma réplica, só de leitura.", "It is a read-only standby."));
        }
        let count = |name| self.detail.get("connections")?.get(name)?.as_u64();
        if let (Some(used), Some(most)) = (count("used"), count("max")) {
            said.push(say!(lang, "Conexões: {} de {}.", "Connections: {} of {}.", used, most));
        }
        if let Some(difference) = self.clock_difference_s() {
            let off = span(difference.unsigned_abs());
            said.push(match difference > 0 {
                true => say!(
                    lang,
                    "O relógio deste balcão está {} à frente do dele.",
                    "This counter's clock is {} ahead of its clock.",
                    off
                ),
                false => say!(
                    lang,
                    "O relógio deste balcão está {} atrás do dele.",
                    "This counter's clock is {} behind its clock.",
                    off
                ),
            });
        }
        Safe::join(&said, " ")
    }

    fn message_tls(&self, lang: Lang) -> Safe {
        let place = self.place();
        match self.reason() {
            "not_offered" => {
                say!(lang, "{} não oferece conexão cifrada.", "{} offers no encrypted connection.", place)
            }
            "expired" => {
                say!(lang, "O certificado de {} está vencido.", "The certificate of {} has expired.", place)
            }
            "not_yet_valid" => say!(
                lang,
                "O certificado de {} ainda não vale, pelo relógio deste balcão.",
                "The certificate of {} is not valid yet, by this counter's clock.",
                place
            ),
            "wrong_name" => say!(
                lang,
                "O certificado de {} não é do nome {}.",
                "The certificate of {} is not made out to {}.",
                place,
                self.host()
            ),
            "unknown_issuer" => say!(
                lang,
                "O certificado de {} não é de um emissor conhecido.",
                "The certificate of {} is from no known issuer.",
                place
            ),
            "roots" => say!(
                lang,
                "Os certificados de confiança não puderam ser lidos: {}.",
                "The trusted certificates could not be read: {}.",
                self.text("error").unwrap_or_default()
            ),
            _ => say!(lang, "A conexão cifrada com {} falhou.", "The encrypted connection to {} failed.", place),
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
