//! `--ask-password`: asks for the database password on the terminal, unseen. It is for this run alone: it goes into a
//! [`Secret`] and nowhere else.
//!
//! While it is typed, the signals that end or stop the program wait until the terminal shows again what is typed.

use std::io::{self, Stdin};
use std::sync::Arc;

use clap::{Arg, ArgMatches};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, retry_on_intr};

use super::{Settings, arguments, usage};
use crate::check::Options;
use crate::check::credentials::Secret;
use crate::errno;
use crate::lang::Lang;
use crate::present::outcome;
use crate::problem::{Kind, Problem};
use crate::say;
use crate::tty::hidden::Hidden;

/// The option that asks.
pub(super) fn argument(lang: Lang) -> Arg {
    let help = (
        "Pergunta a senha do banco no terminal, sem mostrar; vale só desta vez",
        "Asks for the database password on the terminal, without showing it; for this run only",
    );
    arguments::flag(lang, "ask-password", help.0, help.1)
}

/// True where the option is there.
pub(super) fn is_asked(matches: &ArgMatches) -> bool {
    matches.try_get_one("ask-password").ok().flatten().copied().unwrap_or_default()
}

/// How checks are run; where the password is to be asked for, with the one that is typed.
pub(super) fn options(settings: &Settings, ask: bool) -> Result<Options, Problem> {
    let lang = settings.lang;
    let mut options = settings.check_options()?;
    if !ask {
        return Ok(options);
    }
    let Some(user) = &options.credentials.user else {
        let hint = say!(lang, "Informe o usuário em --db-user ou PGUSER.", "Give the user with --db-user or PGUSER.");
        let message =
            say!(lang, "--ask-password: falta o usuário do banco.", "--ask-password: the database user is missing.");
        return Err(usage::wrong(message).hint(hint));
    };
    if !settings.terminals.stdin {
        let message =
            say!(lang, "--ask-password: a entrada não é um terminal.", "--ask-password: the input is not a terminal.");
        let hint = say!(
            lang,
            "Sem terminal, informe a senha em PGPASSWORD ou ~/.pgpass.",
            "Without a terminal, give the password in PGPASSWORD or ~/.pgpass."
        );
        return Err(usage::wrong(message).hint(hint));
    }
    let question = outcome::password_question(user, lang);
    let ask = || settings.printer.ask(&[], &question);
    let typed = read_unseen(&ask).map_err(|error| {
        let reason = errno::message(&error, lang);
        let message = say!(lang, "Não foi possível ler a senha: {}.", "Could not read the password: {}.", reason);
        Problem::new(Kind::Usage, "no_terminal", message)
    })?;
    if typed.is_empty() {
        return Err(usage::wrong(say!(lang, "Nenhuma senha informada.", "No password given.")));
    }
    options.credentials = Arc::new(options.credentials.as_ref().clone().with_password(typed));
    Ok(options)
}

/// Reads a line from the terminal without showing it; what ends before a line's end is empty. `ask` puts the question, again
/// after a stop.
fn read_unseen(ask: &dyn Fn()) -> io::Result<Secret> {
    let terminal = io::stdin();
    let mut unseen = Unseen::begin(&terminal)?;
    ask();
    let mut line = vec![];
    loop {
        let mut polled = [PollFd::new(&terminal, PollFlags::IN), PollFd::new(&unseen.signals, PollFlags::IN)];
        retry_on_intr(|| poll(&mut polled, None))?;
        let [typed, signal] = polled.map(|it| !it.revents().is_empty());
        if signal {
            // Out of the way, it is delivered: most end the program there.
            drop(unseen);
            unseen = Unseen::begin(&terminal)?;
            ask();
        } else if typed {
            let mut bytes = [0; 512];
            let count = match rustix::io::read(&terminal, &mut bytes) {
                Err(Errno::INTR) => continue,
                count => count?,
            };
            line.extend(bytes.iter().take(count));
            match line.iter().position(|byte| *byte == b'\n') {
                Some(end) => line.truncate(end),
                None if count > 0 => continue,
                None => line.clear(),
            }
            return Ok(Secret::new(line));
        }
    }
}

/// While it lives, the terminal does not show what is typed, and signals wait in `signals`.
struct Unseen<'a> {
    /// `None` before and after: it is shown again before the signals are let go.
    hidden: Option<Hidden<&'a Stdin>>,
    signals: SignalFd,
    held: SigSet,
}

/// Those that end or stop the program unless it is ready for them.
const SIGNALS: [Signal; 5] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGTSTP];

impl Unseen<'_> {
    fn begin(terminal: &Stdin) -> io::Result<Unseen<'_>> {
        let held: SigSet = SIGNALS.into_iter().collect();
        let signals = SignalFd::with_flags(&held, SfdFlags::SFD_CLOEXEC)?;
        held.thread_block()?;
        let mut unseen = Unseen { hidden: None, signals, held };
        unseen.hidden = Some(Hidden::begin(terminal)?);
        Ok(unseen)
    }
}

impl Drop for Unseen<'_> {
    fn drop(&mut self) {
        self.hidden = None;
        let _ = self.held.thread_unblock();
    }
}
