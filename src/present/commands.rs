//! Commands that do again what was done here, or what this form may not do.

use std::path::Path;

use serde_json::Value;

use crate::catalog::Catalog;
use crate::document::Changes;
use crate::key::Key;
use crate::problem::Account;
use crate::safe;
use crate::safe::Safe;
use crate::session::{Change, Session};
use crate::sort;

const PROGRAM: &str = "balcao-config";

/// True where a sentence has a command to paste, which a break in the line would cut.
pub fn is_in(sentence: &Safe) -> bool {
    sentence.as_str().contains(&format!("{PROGRAM} --config "))
}

/// What is pending, saved as that account; by whoever types it where there is none. `catalog`: the folder of extensions that
/// was named.
pub fn save(session: &Session, catalog: Option<&Path>, account: Option<&Account>) -> Safe {
    let mut words = beginning(session, catalog, account);
    words.extend(set(session.catalog(), session.pending_changes()));
    Safe::join(&words, " ")
}

/// What was saved, by a command on a document as it had been: without the program's name and the document's. Nothing where
/// nothing was.
pub fn saved(session: &Session, changes: &[Change]) -> Vec<Safe> {
    let is_default = |change: &Change| {
        session.catalog().parameter(&change.key).is_some_and(|parameter| parameter.default == change.to)
    };
    let wanted = |change: &Change| {
        // Others may have saved another value since: it is none of what was done here.
        let written = session.document().value(&change.key).filter(|value| *value == change.to);
        let wanted = if is_default(change) { written } else { Some(change.to.clone()) };
        (change.key.clone(), wanted)
    };
    let wanted: Changes = sort::filled(changes.iter().map(wanted));
    if wanted.is_empty() { vec![] } else { set(session.catalog(), &wanted) }
}

/// `set integracao.porta_banco_dados=5433 --unset geral.vendedor_padrao`
fn set(catalog: &Catalog, changes: &Changes) -> Vec<Safe> {
    let pair = |(key, value): (&Key, &Option<Value>)| {
        let (parameter, value) = (catalog.parameter(key)?, value.as_ref()?);
        Some(Safe::word(format!("{}={}", key.as_str(), parameter.kind.raw(value))))
    };
    let unset = changes.iter().filter(|(_, value)| value.is_none());
    let unset = unset.map(|(key, _)| safe!("--unset {}", Safe::word(key.as_str())));
    std::iter::once(Safe::own("set")).chain(changes.iter().filter_map(pair)).chain(unset).collect()
}

/// The draft, merged into the document and saved.
pub fn recover(session: &Session, catalog: Option<&Path>, draft: &Path, as_root: bool) -> Safe {
    let mut words = beginning(session, catalog, as_root.then_some(&Account::Root));
    words.extend(["recover".into(), Safe::for_shell(draft)]);
    Safe::join(&words, " ")
}

/// `sudo -u ana balcao-config --config /etc/config.json`
fn beginning(session: &Session, catalog: Option<&Path>, account: Option<&Account>) -> Vec<Safe> {
    let mut words = match account {
        None => vec![],
        Some(Account::Root) => vec!["sudo".into()],
        Some(Account::Other { run, .. }) => vec![run.clone()],
    };
    words.extend([PROGRAM.into(), "--config".into(), Safe::for_shell(session.document().path())]);
    words.extend(catalog.into_iter().flat_map(|folder| ["--catalog".into(), Safe::for_shell(folder)]));
    words
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    #[test]
    fn every_value_is_set_by_the_printed_word_to_what_it_is() {
        let catalog = Arc::new(Catalog::built_in());
        let path = Path::new("/etc/o\u{1b}lá/config.json");
        let mut session = Session::parse(path, b"{\"geral\": {\"casas_decimais_qtde\": 3}}", catalog).unwrap();
        let texts = ["D'Ávila $(id)", " sim ", "true", "\"x\"", "a\u{7f}b"];
        for text in texts {
            let key = Key::parse("geral.vendedor_padrao").unwrap();
            session.set(&key, Some(json!(text)));
            let kind = &session.catalog().parameter(&key).unwrap().kind;
            assert_eq!(kind.argument(&kind.raw(&json!(text))), json!(text), "{text:?}");
        }
        session.set(&Key::parse("geral.casas_decimais_qtde").unwrap(), None);
        let command = save(
            &session,
            Some(Path::new("/x y")),
            Some(&Account::Other { name: "ana".into(), run: "sudo -u ana".into() }),
        );
        assert_eq!(
            command.as_str(),
            "sudo -u ana balcao-config --config $'/etc/o\\x1blá/config.json' --catalog '/x y' set \
             $'geral.vendedor_padrao=a\\x7fb' --unset geral.casas_decimais_qtde"
        );
    }
}
