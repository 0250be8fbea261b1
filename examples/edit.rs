//! Opens a document, sets a value, validates, saves: `cargo run --example edit -- FILE KEY VALUE`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use balcao_config::catalog::Catalog;
use balcao_config::key::Key;
use balcao_config::lang::Lang;
use balcao_config::session::Session;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, key, value] = &arguments[..] else {
        eprintln!("usage: edit FILE KEY VALUE");
        return ExitCode::from(2);
    };
    match edit(Path::new(file), key, value) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(said) => {
            eprintln!("{said}");
            ExitCode::FAILURE
        }
    }
}

fn edit(file: &Path, key: &str, value: &str) -> Result<String, String> {
    let catalog = Arc::new(Catalog::built_in());
    let mut session =
        Session::open(file, Arc::clone(&catalog)).map_err(|error| error.problem(Lang::En).message.to_string())?;

    let parameter = Key::parse(key).and_then(|key| catalog.parameter(&key)).ok_or("no such parameter")?;
    session.set(&parameter.key, Some(parameter.kind.argument(value)));

    if !session.is_valid() {
        let findings = session.findings();
        let sentences = findings.iter().map(|finding| finding.sentence(Lang::En).to_string());
        return Err(sentences.collect::<Vec<_>>().join("\n"));
    }
    let changes = session.changes();
    let saved = session.save(&[]).map_err(|error| error.problem(Lang::En).message.to_string())?;
    let told = changes.iter().map(|change| format!("{}: {} → {}", change.key, change.from, change.to));
    Ok(std::iter::once(saved.path.display().to_string()).chain(told).collect::<Vec<_>>().join("\n"))
}
