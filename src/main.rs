//! The program: looks at its surroundings once, chooses the front end, and ends with its exit code.

use std::env;
use std::io::{IsTerminal, stderr, stdin, stdout};
use std::process::ExitCode;

use balcao_config::cli::{self, Invocation, Start, Terminals};

fn main() -> ExitCode {
    let start = Start {
        arguments: env::args_os().collect(),
        variable: &|name| env::var_os(name),
        is_root: rustix::process::geteuid().is_root(),
        terminals: Terminals {
            stdin: stdin().is_terminal(),
            stdout: stdout().is_terminal(),
            stderr: stderr().is_terminal(),
        },
    };
    let code = match cli::parse(&start) {
        Invocation::Form(settings, printer) => printer.problem(&cli::no_terminal(settings.lang)),
        Invocation::Command(command) => command.run(),
        Invocation::Over(code) => code,
    };
    ExitCode::from(code)
}
