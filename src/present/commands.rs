//! Commands that another account saves with what this form may not.

use std::path::Path;

use crate::problem::Account;
use crate::safe;
use crate::safe::Safe;
use crate::session::Session;

/// What is pending, saved as that account; by whoever types it where there is none. `catalog`: the folder of extensions that
/// was named.
pub fn save(session: &Session, catalog: Option<&Path>, account: Option<&Account>) -> Safe {
    let mut words = beginning(session, catalog, account);
    words.push("set".into());
    let pending = session.pending_changes();
    let set = pending.iter().filter_map(|(key, value)| {
        let (parameter, value) = (session.catalog().parameter(key)?, value.as_ref()?);
        let word = format!("{}={}", key.as_str(), parameter.kind.raw(value));
        Some(Safe::word(&word))
    });
    words.extend(set);
    let unset = pending.iter().filter(|(_, value)| value.is_none());
    words.extend(unset.map(|(key, _)| safe!("--unset {}", Safe::word(key.as_str()))));
    Safe::join(&words, " ")
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
    words.extend(["balcao-config".into(), "--config".into(), Safe::for_shell(session.document().path())]);
    words.extend(catalog.into_iter().flat_map(|folder| ["--catalog".into(), Safe::for_shell(folder)]));
    words
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::catalog::Catalog;
    use crate::key::Key;

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
