//! `docs/diagnoses.md`, made from the table of diagnoses and from the specimens, and what SPEC asks of the table.

use std::fmt::Write;

use balcao_config::check::Diagnosis;
use balcao_config::lang::Lang;
use balcao_config::present::outcome::to_paste;

use crate::reference::held;
use crate::sentences::{catalog, specimens};

const HEAD: &str = "# Diagnoses\n\n\
    Every cause that a test can name, in Portuguese and in English: what it means, how it is known, what to do.\n\
    `check --json` gives the name in `diagnosis`, and the evidence in `detail`. Made by `BALCAO_WRITE=1 cargo test --test it \
    diagnoses`.\n";

/// The fields of `detail`, those that are there in an outcome.
const FIELDS: &[(&str, &str)] = &[
    ("this_machine", "true where the host is this computer"),
    ("name_servers", "whom the name was asked of"),
    (
        "addresses",
        "what each address did: `[{\"address\", \"result\", \"elapsed_ms\", \"error\", \"sign\", \"told_by\"}]`; `told_by`: who said so by ICMP",
    ),
    ("answered", "the address that took the connection"),
    ("received", "the beginning of an answer in another protocol"),
    ("speaks, other_port", "what answers in the service's place, and on the other port"),
    ("answers_on", "another port of this check at which the address that is silent here answers"),
    (
        "forbidden_on",
        "another port of this check that the firewall of that machine forbids, as it does this one: `{\"port\", \"told_by\"}`",
    ),
    ("login_page", "what answers over HTTP wants a person to log in: the realm that it names, or `true` for a form"),
    ("stages", "how far it came: `[{\"stage\", \"result\", \"elapsed_ms\"}]`"),
    ("last_passed", "when it last passed, where it does not now"),
    ("warnings", "what was found for the login and is not used: sentences"),
    ("error", "the raw text of the server or the system"),
    (
        "sqlstate, server_said",
        "the server's code and its own sentence; of an HTTP error, the status line and who says it",
    ),
    ("reason", "which of several ways led to the diagnosis"),
    ("user, database, method, protection", "of the login: as whom, by which proof, under which protection"),
    (
        "server_version, standby, connections, clock_difference_s",
        "what the server told; `connections`: `{\"used\", \"max\"}`",
    ),
    ("hba_line", "the line of pg_hba.conf that allows this login"),
    ("status, redirects_to", "the HTTP status; the other host that it redirects to"),
    (
        "format, width, height, relative",
        "of the logo: `PNG`, `JPEG`, `BMP`; in pixels; true where the path does not begin with `/`",
    ),
    ("group", "of a device: the group whose members may use it"),
    ("suggestion", "a better value: `{\"key\", \"value\"}`"),
    (
        "paste",
        "what the remedy gives to paste: `{\"on\": \"server\"|\"here\", \"file\", \"first\", \"lines\", \"cases\": [{\"when\", \"lines\"}], \"then\"}`, in that order",
    ),
    ("look_at", "the parameter to look at first"),
];

fn page() -> String {
    let mut page = String::from(HEAD);
    page += "\n| `detail` | what it is |\n| --- | --- |\n";
    for (names, meaning) in FIELDS {
        let names: Vec<String> = names.split(", ").map(|name| format!("`{name}`")).collect();
        writeln!(page, "| {} | {} |", names.join(", "), meaning.replace('|', "\\|")).unwrap();
    }
    page += "\n| name | status | na tela | on the screen |\n| --- | --- | --- | --- |\n";
    for diagnosis in Diagnosis::ALL {
        let (name, status) = (diagnosis.name(), diagnosis.status().name());
        let (pt, en) = (diagnosis.summary(Lang::Pt), diagnosis.summary(Lang::En));
        writeln!(page, "| [`{name}`](#{name}) | {status} | {pt} | {en} |").unwrap();
    }
    for diagnosis in Diagnosis::ALL {
        writeln!(page, "\n## {}", diagnosis.name()).unwrap();
        for lang in [Lang::Pt, Lang::En] {
            page += &section(*diagnosis, lang);
        }
    }
    page
}

fn section(diagnosis: Diagnosis, lang: Lang) -> String {
    let words = diagnosis.explain(lang);
    let mut section = format!("\n**{}** {}\n", lang.pick("Português.", "English."), words.meaning);
    let mut fact = |label: &str, text: &str| {
        if !text.is_empty() {
            write!(section, "\n- {label}: {text}").unwrap();
        }
    };
    fact(lang.pick("Como se sabe", "How it is known"), diagnosis.known(lang));
    fact(lang.pick("Causa provável", "Likely cause"), words.cause.as_str());
    fact(lang.pick("O que fazer", "What to do"), words.action.as_str());
    section.push('\n');
    // What is said in each of its cases, with the lines that are to be pasted.
    let mut told: Vec<String> = vec![];
    for found in specimens().iter().filter(|found| found.diagnosis == diagnosis) {
        let remedy = found.remedy(catalog(), lang);
        let lines: String = to_paste(&remedy, lang).iter().map(|line| format!("\n  {}", line.text())).collect();
        let block = if lines.is_empty() { lines } else { format!("\n\n  ```text{lines}\n  ```") };
        let case = format!("- “{} {}”{block}\n", found.message(catalog(), lang), remedy.sentence).replace(" ”", "”");
        if !told.contains(&case) {
            told.push(case);
        }
    }
    writeln!(section, "\n{}\n", lang.pick("Como aparece:", "As it is told:")).unwrap();
    section + &told.concat()
}

#[test]
fn the_page_of_diagnoses_is_the_table() {
    held("docs/diagnoses.md", &page(), "diagnoses");
}

/// The closed list, and how each counts in general.
#[test]
fn every_diagnosis_that_is_promised_is_there_with_its_status() {
    let promised = [
        ("ok", "ok auth_required not_http"),
        (
            "warning",
            "auth_unsafe no_password slow standby https starting_up shutting_down too_many_connections \
             connection_limit http_error file_missing not_an_image",
        ),
        ("skipped", "skipped"),
        (
            "fail",
            "dns_failure refused timeout unreachable reset not_postgres silent auth_failed hba_rejected \
             database_missing database_closed no_connect_right auth_method certificate_required server_error blocked \
             tls_version ports_swapped portal local_limit bad_address tls_required tls_failed",
        ),
    ];
    let split =
        |(status, names): (&'static str, &'static str)| names.split_whitespace().map(move |name| (name, status));
    let mut promised: Vec<_> = promised.into_iter().flat_map(split).collect();
    let mut there: Vec<_> = Diagnosis::ALL.iter().map(|found| (found.name(), found.status().name())).collect();
    promised.sort_unstable();
    there.sort_unstable();
    assert_eq!(there, promised);
}

#[test]
fn every_field_of_the_evidence_is_explained() {
    for found in specimens() {
        for name in found.detail(catalog(), Lang::En).keys() {
            let mut names = FIELDS.iter().flat_map(|(names, _)| names.split(", "));
            assert!(names.any(|known| known == name), "{name} of {} is not explained", found.diagnosis.name());
        }
    }
}

/// Those whose weight depends on what the probe knows: a port that waits to be spoken to, a login that nobody gave, a
/// standby that admits nobody.
#[test]
fn some_count_otherwise_by_what_else_is_known() {
    let differs = |name: &str, status: &str| {
        let mut found = specimens().into_iter().filter(|found| found.diagnosis.name() == name);
        assert!(found.any(|found| found.status().name() == status), "{name} is never a {status}");
    };
    for name in "hba_rejected tls_required certificate_required auth_method database_missing no_connect_right silent \
                 ok"
    .split_whitespace()
    {
        differs(name, "warning");
    }
    for name in "hba_rejected tls_required certificate_required database_missing no_connect_right standby".split(' ') {
        differs(name, "fail");
    }
}
