//! Journeys through the form: keys in, screens and files out. The loop is the production one (see `journey`).

mod actions;
mod checks;
mod closing;
mod compare;
mod drafts;
mod focus;
mod frames;
mod gallery;
mod haste;
mod help;
mod locks;
mod merging;
mod screens;
mod search;
mod servers;
mod table;
mod tasks;
mod typing;
mod undo;
mod versions;
mod watching;

use balcao_config::session::ending::Ending;

use super::fakes::Fake;

const PORT: &str = r#"{"version": 1, "integracao": {"porta_banco_dados": 5433}}"#;

/// A server that answers as the integration service does.
fn http() -> Fake {
    http_at("127.0.0.1:0")
}

fn http_at(address: &str) -> Fake {
    Fake::answering_at(address, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
}

/// The document's folder has another name in every run; what is left of it in the title line is hidden.
fn hide_path(screen: &str) -> String {
    let (title, rest) = screen.split_once('\n').unwrap();
    let title = match title.find(['…', '/']).or_else(|| title.find("CONFIG")) {
        Some(at) => format!("{}PATH", title[..at].trim_end()),
        None => title.to_owned(),
    };
    format!("{title}\n{rest}")
}

fn changed(ending: &Ending) -> Vec<(String, serde_json::Value)> {
    match ending {
        Ending::Saved(_, changes) | Ending::Discarded(_, _, changes) => {
            changes.iter().map(|change| (change.key.to_string(), change.to.clone())).collect()
        }
        other => panic!("{other:?}"),
    }
}
