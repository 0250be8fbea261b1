//! `path`: which document is in use, and why that one.

use clap::ArgMatches;
use serde_json::json;

use super::{Answer, Entry, Settings};
use crate::catalog::Catalog;
use crate::document::Document;
use crate::document::read::Reason;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::say;
use crate::session::Why;
use crate::text::line::{Line, Tone};

pub(super) const COMMAND: Entry = Entry {
    name: "path",
    about: ("Mostra qual arquivo é usado e por quê", "Prints which file is used, and why"),
    takes: |_| vec![],
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Exemplo:
  balcao-config path
  balcao-config path --json

Códigos de saída:
  0  o lugar foi mostrado
  2  erro na linha de comando";

const EN: &str = "\
Example:
  balcao-config path
  balcao-config path --json

Exit codes:
  0  the place was shown
  2  a mistake on the command line";

/// Prints the path on stdout and the reason on stderr, so that `$(balcao-config path)` is the path alone.
fn run(settings: &Settings, _: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let (choice, location) = (settings.choice()?, settings.location_as_found()?);
    let read = Document::at(location, &Catalog::default());
    // What cannot be come to, nobody knows.
    let exists = match &read {
        Ok(document) => Some(document.exists()),
        Err(error) => match error.reason() {
            Reason::Astray(_) => Some(false),
            Reason::Closed(_) | Reason::LinkLoop | Reason::ForeignLink(_) | Reason::Io(_) => None,
            _ => Some(true),
        },
    };
    let (code, why) = match choice.why {
        Why::Flag => ("flag", say!(lang, "informado em --config", "named by --config")),
        Why::Variable => ("variable", say!(lang, "informado em $BALCAO_CONFIG", "named by $BALCAO_CONFIG")),
        Why::SystemExists => ("system", say!(lang, "existe o arquivo do computador", "the computer's file exists")),
        Why::Root => ("root", say!(lang, "o usuário é root", "the user is root")),
        Why::User => (
            "user",
            say!(
                lang,
                "não há arquivo do computador e o usuário não é root: vale o do usuário",
                "the computer has no file and the user is not root: the user's file is used"
            ),
        ),
    };
    let mut answer = settings.answer(
        || vec![Line::of(Tone::Exact, Safe::path(&choice.path))],
        || json!({ "path": choice.path.to_string_lossy(), "why": code, "exists": exists }),
    );
    answer.notes.push(why.into());
    if let Err(error) = read {
        answer.warnings.push(error.problem(lang).message);
    }
    if exists == Some(false) && answer.warnings.is_empty() {
        let missing = say!(lang, "ainda não existe; valem os valores padrão", "does not exist yet; defaults apply");
        answer.notes.push(missing.into());
    }
    Ok(answer)
}
