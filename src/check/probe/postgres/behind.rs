//! What is said of a pooler that answers and cannot use the server behind it, and what to do: at the pooler, or at that server.

use super::evidence::PostgresEvidence;
use super::pooler::{missing_database, quotes_the_server, refused_login, without_right};
use crate::check::diagnosis::Diagnosis;
use crate::check::outcome::Outcome;
use crate::check::remedy::{Apply, Place, Remedy, start_cluster};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

pub fn message(found: &PostgresEvidence, outcome: &Outcome, lang: Lang) -> Safe {
    let place = outcome.place();
    let Some(refusal) = &found.refusal else {
        return say!(
            lang,
            "O pooler em {} (como o PgBouncer) atende, mas em {} não deu acesso ao PostgreSQL por trás dele.",
            "The pooler at {} (such as PgBouncer) answers, but gave no access to the PostgreSQL behind it in {}.",
            place,
            outcome.waited()
        );
    };
    if found.hba_line.is_some() {
        return say!(
            lang,
            "O PostgreSQL por trás do pooler em {} não libera o acesso do próprio pooler ({}).",
            "The PostgreSQL behind the pooler at {} does not allow the pooler itself ({}).",
            place,
            found.seen_from().unwrap_or_default()
        );
    }
    if let Some(database) = missing_database(&refusal.text) {
        return say!(
            lang,
            "O PostgreSQL por trás do pooler em {} não tem o banco “{}”.",
            "The PostgreSQL behind the pooler at {} has no database “{}”.",
            place,
            Safe::outside(database)
        );
    }
    match refused_login(&refusal.text) {
        Some(user) => say!(
            lang,
            "O PostgreSQL por trás do pooler em {} recusa o login do próprio pooler, como {}.",
            "The PostgreSQL behind the pooler at {} refuses the pooler's own login, as {}.",
            place,
            Safe::outside(user)
        ),
        None => say!(
            lang,
            "O pooler em {} (como o PgBouncer) atende, mas não consegue usar o PostgreSQL por trás dele.",
            "The pooler at {} (such as PgBouncer) answers, but cannot use the PostgreSQL behind it.",
            place
        ),
    }
}

/// `None` for what has nothing to do with the server behind it.
pub fn remedy(found: &PostgresEvidence, diagnosis: Diagnosis, lang: Lang) -> Option<Remedy> {
    if !matches!(diagnosis, Diagnosis::ServerError | Diagnosis::HbaRejected) {
        return None;
    }
    let own = Safe::own;
    if let Some(line) = &found.hba_line {
        let sentence = say!(
            lang,
            "Inclua a linha no fim do pg_hba.conf desse PostgreSQL e recarregue-o; o pooler tenta de novo em 15 s:",
            "Add the line at the end of that PostgreSQL's pg_hba.conf and reload it; the pooler tries again in 15 s:"
        );
        let remedy = Remedy::from(sentence).paste(Place::File(own("pg_hba.conf")), [Safe::outside(line)]);
        return Some(remedy.then(Apply::Run(own("sudo systemctl reload postgresql"))));
    }
    let text = found.refusal.as_ref().map(|refusal| refusal.text.as_str());
    let log = || own("sudo sh -c 'tail -n 20 /var/log/*/pgbouncer.log'");
    if let Some(user) = text.and_then(refused_login) {
        let sentence = say!(
            lang,
            "Corrija a senha de {}: a de user= e password= em [databases] do pgbouncer.ini, ou a do auth_file. Veja e corrija:",
            "Correct the password of {}: that of user= and password= in [databases] of pgbouncer.ini, or auth_file's. Look and correct:",
            Safe::outside(user)
        );
        let after = say!(
            lang,
            "Corrigida, reinicie-o (corta todos por um instante):",
            "Once corrected, restart it (all are cut off for a moment):"
        );
        let look = own("sudo grep -nE 'auth_file|user=|password=' /etc/pgbouncer/pgbouncer.ini");
        return Some(
            Remedy::from(sentence)
                .paste(Place::Server, [look, log()])
                .only(after, [own("sudo systemctl restart pgbouncer")]),
        );
    }
    if let Some(database) = text.and_then(without_right) {
        let sentence = say!(
            lang,
            "O usuário com que ele entra lá (force_user; vazio: o do teste) não tem o direito CONNECT. Veja-o e dê o direito:",
            "The user that it logs in as there (force_user; empty: the test's) lacks the right CONNECT. See it, and grant that:"
        );
        let grant = say!(
            lang,
            "GRANT CONNECT ON DATABASE \"{}\" TO \"USUÁRIO\";",
            "GRANT CONNECT ON DATABASE \"{}\" TO \"USER\";",
            Safe::outside(&database.replace('"', "\"\""))
        );
        let there = say!(
            lang,
            "No psql desse PostgreSQL, com o nome mostrado:",
            "In that PostgreSQL's psql, with the name shown:"
        );
        return Some(Remedy::from(sentence).paste(Place::Pooler, [own("SHOW DATABASES;")]).only(there, [grant]));
    }
    if let Some(database) = text.and_then(missing_database) {
        let sentence = say!(
            lang,
            "A entrada do pooler leva a um banco que não existe lá. Veja a que servidor e banco (host, port, database):",
            "The pooler's entry leads to a database that is not there. See to which server and database (host, port, database):"
        );
        let wrong = say!(
            lang,
            "Nome errado? Corrija dbname= da entrada, em [databases], e recarregue:",
            "A wrong name? Correct dbname= of the entry, under [databases], and reload:"
        );
        let mend = [own("sudo nano /etc/pgbouncer/pgbouncer.ini"), own("sudo systemctl reload pgbouncer")];
        let lacking = say!(
            lang,
            "Nome certo? Crie-o no psql desse PostgreSQL (ou restaure-o do backup); o pooler tenta de novo em 15 s:",
            "The right name? Make it in that PostgreSQL's psql (or restore it); the pooler tries again in 15 s:"
        );
        let create = safe!("CREATE DATABASE \"{}\";", Safe::outside(&database.replace('"', "\"\"")));
        return Some(
            Remedy::from(sentence)
                .paste(Place::Pooler, [own("SHOW DATABASES;")])
                .only(wrong, mend)
                .only(lacking, [create]),
        );
    }
    if text.is_some_and(quotes_the_server) {
        let sentence = say!(
            lang,
            "A frase é do PostgreSQL por trás dele: resolva lá, e o pooler tenta de novo em 15 s. O pooler mostra \
             onde ele está:",
            "The sentence is from the PostgreSQL behind it: fix it there; the pooler tries again in 15 s. It shows \
             where that is:"
        );
        return Some(Remedy::from(sentence).paste(Place::Pooler, [own("SHOW DATABASES;")]));
    }
    let sentence = say!(
        lang,
        "Provável: o PostgreSQL por trás dele parou, está cheio ou recusa o login do pooler, ou há um PAUSE. Veja no pooler:",
        "Likely: the PostgreSQL behind it is down, full or refuses the pooler's login, or it is paused. Look at the pooler:"
    );
    let paused = say!(lang, "Se paused é 1:", "If paused is 1:");
    let why = say!(lang, "Se não, o log do pooler diz o motivo:", "Else the pooler's log says why:");
    let stopped = say!(
        lang,
        "Parado? No servidor do PostgreSQL (host e port de SHOW DATABASES):",
        "It is down? On PostgreSQL's server (host and port of SHOW DATABASES):"
    );
    Some(
        Remedy::from(sentence)
            .paste(Place::Pooler, [own("SHOW DATABASES;"), own("SHOW POOLS;")])
            .only(paused, [own("RESUME;")])
            .only(why, [log()])
            .only(stopped, [own("pg_lsclusters"), start_cluster()]),
    )
}
