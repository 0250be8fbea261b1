//! Puts one PostgreSQL server to the test and says in words what is found.
//!
//! `cargo run --example check -- 127.0.0.1 5432`

use std::process::ExitCode;

use balcao_config::catalog::{Catalog, Probe};
use balcao_config::check::{self, Cancel, Options, Point, Request};
use balcao_config::key::Key;
use balcao_config::lang::Lang;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(host), Some(port)) = (arguments.next(), arguments.next().and_then(|port| port.parse().ok())) else {
        eprintln!("uso: check HOST PORTA");
        return ExitCode::from(2);
    };
    let (Some(key), Some(host_key)) = (Key::new("exemplo", "porta"), Key::new("exemplo", "servidor")) else {
        return ExitCode::from(2);
    };
    let request = Request {
        target: "banco_dados".into(),
        key,
        probe: Probe::Postgres,
        point: Point::Port { host, port, host_key },
    };

    let catalog = Catalog::default();
    let report = check::run(&[request], &Options::default(), &Cancel::default(), &mut |outcome| {
        println!("{}", outcome.message(&catalog, Lang::Pt));
        println!("{}", outcome.remedy(&catalog, Lang::Pt).sentence);
    });
    if report.is_some_and(|report| report.ok()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
