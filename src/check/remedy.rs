//! What to do about an outcome: a sentence, and what is pasted where, in the order in which it is done.
//!
//! Labels and layout are the front ends'; the commands that every remedy shares are made here, once.

use serde_json::{Value, json};

use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// Where PostgreSQL listens by default: its tools need no `-p` there.
const USUAL_PORT: u16 = 5432;

/// What to do. Most remedies are a sentence alone: `say!(…).into()`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedy {
    /// The cause to look for and what to do; it says all, also where the lines are not seen.
    pub sentence: Safe,
    /// Where the lines go, or are typed.
    pub place: Option<Place>,
    /// Each is pasted as it is: never wrapped, never with a password in it.
    pub lines: Vec<Safe>,
    /// What more is typed at the same place, each only in its case: never in one paste with the lines, or with each other.
    pub cases: Vec<Case>,
    /// How it comes into force.
    pub apply: Option<Apply>,
    /// The port of the server that the outcome is about.
    port: Option<u16>,
}

/// Lines for one of several cases, of which the person who types them knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// As a label: “Only if …:”.
    pub when: Safe,
    pub lines: Vec<Safe>,
}

/// Where something is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file of PostgreSQL's on the server, by the setting that names it (`hba_file`, `config_file`): the server says where.
    FileOf(&'static str),
    /// The same, not at its end: above the line there that meets the login now.
    AboveIn(&'static str),
    /// Another file, on the server.
    File(Safe),
    /// PostgreSQL's SQL prompt on the server.
    Sql,
    /// PgBouncer's console, on the machine that it runs on: as its package sets it up, its own account gets in.
    Pooler,
    /// The server's shell.
    Server,
    /// The shell of this computer.
    Here,
}

/// How a change comes into force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Apply {
    /// PostgreSQL reads its files again; nobody is cut off.
    Reload,
    /// PostgreSQL is restarted: everybody is cut off for a moment.
    Restart,
    /// A command of another service, in the shell of the place.
    Run(Safe),
}

/// Starts one of Debian's clusters, named by two columns of what `pg_lsclusters` shows, in their own words: its `postgresql` as
/// a whole counts as running where one of several has stopped, and then starts nothing.
pub fn start_cluster() -> Safe {
    Safe::own("sudo pg_ctlcluster VER CLUSTER start")
}

/// Shows which program of the server answers at a port: the service itself, or a proxy or port forward in front of it.
pub fn listening_at(port: u16) -> Safe {
    safe!("sudo ss -ltnp 'sport = :{}'", port)
}

/// Of a service whose name another line shows.
pub fn restart_by_name(lang: Lang) -> Safe {
    say!(lang, "sudo systemctl restart NOME", "sudo systemctl restart NAME")
}

/// `sudo -u postgres psql`, for the server at this port of the machine.
pub fn psql(port: Option<u16>) -> Safe {
    match port.filter(|port| *port != USUAL_PORT) {
        Some(port) => safe!("sudo -u postgres psql -p {}", port),
        None => Safe::own("sudo -u postgres psql"),
    }
}

impl From<Safe> for Remedy {
    fn from(sentence: Safe) -> Remedy {
        Remedy { sentence, ..Remedy::default() }
    }
}

impl Remedy {
    /// The remedy with lines to paste at a place.
    pub fn paste(self, place: Place, lines: impl Into<Vec<Safe>>) -> Remedy {
        Remedy { place: Some(place), lines: lines.into(), ..self }
    }

    /// The remedy with lines for one case alone.
    pub fn only(mut self, when: Safe, lines: impl Into<Vec<Safe>>) -> Remedy {
        self.cases.push(Case { when, lines: lines.into() });
        self
    }

    /// The remedy with what brings it into force.
    pub fn then(self, apply: Apply) -> Remedy {
        Remedy { apply: Some(apply), ..self }
    }

    /// For the server at this port: two of them may run on one machine, and each command must reach the right one.
    pub(super) fn at_port(self, port: Option<u16>) -> Remedy {
        Remedy { port, ..self }
    }

    fn psql(&self) -> Safe {
        psql(self.port)
    }

    /// The command that comes first: it tells the file, or opens the prompt.
    pub fn before(&self) -> Option<Safe> {
        match self.place.as_ref()? {
            Place::FileOf(setting) | Place::AboveIn(setting) => Some(safe!("{} -Atc 'SHOW {}'", self.psql(), *setting)),
            Place::Sql => Some(self.psql()),
            Place::Pooler => {
                let port = self.port.map(|port| safe!(" -p {}", port)).unwrap_or_default();
                Some(safe!("sudo -u postgres psql{} -U pgbouncer pgbouncer", port))
            }
            Place::File(_) | Place::Server | Place::Here => None,
        }
    }

    /// The command that comes last: what was changed comes into force.
    pub fn after(&self) -> Option<Safe> {
        Some(match (self.apply.as_ref()?, &self.place) {
            (Apply::Reload, Some(Place::Pooler)) => Safe::own("RELOAD;"),
            (Apply::Reload, Some(Place::Sql)) => Safe::own("SELECT pg_reload_conf();"),
            (Apply::Reload, _) => safe!("{} -c 'SELECT pg_reload_conf()'", self.psql()),
            (Apply::Restart, _) => Safe::own("sudo systemctl restart postgresql"),
            (Apply::Run(command), _) => command.clone(),
        })
    }

    /// True where the other tells to do the same.
    pub fn says_as(&self, other: &Remedy) -> bool {
        self.sentence == other.sentence && self.to_paste() == other.to_paste() && self.cases == other.cases
    }

    /// All that is pasted in every case, in its order.
    pub fn to_paste(&self) -> Vec<Safe> {
        self.before().into_iter().chain(self.lines.iter().cloned()).chain(self.after()).collect()
    }

    /// As `detail.paste`: `{"on": "server"|"here", "file", "first", "lines", "cases": [{"when", "lines"}], "then"}`, those that
    /// are there.
    pub(super) fn json(&self) -> Option<Value> {
        let place = self.place.as_ref()?;
        let mut json = json!({ "on": if *place == Place::Here { "here" } else { "server" } });
        if let Place::File(path) = place {
            json["file"] = path.as_str().into();
        }
        for (name, command) in [("first", self.before()), ("then", self.after())] {
            if let Some(command) = command {
                json[name] = command.as_str().into();
            }
        }
        if !self.lines.is_empty() {
            json["lines"] = self.lines.iter().map(Safe::as_str).collect();
        }
        if !self.cases.is_empty() {
            let one = |case: &Case| {
                let lines: Value = case.lines.iter().map(Safe::as_str).collect();
                json!({ "when": case.when.as_str(), "lines": lines })
            };
            json["cases"] = self.cases.iter().map(one).collect();
        }
        Some(json)
    }
}
