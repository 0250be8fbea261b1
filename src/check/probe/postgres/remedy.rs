//! What to do about what was found at a PostgreSQL server: the sentence, and the lines to paste on the server, in order.
//!
//! No remedy makes things worse when it is followed to the letter: a line for the access list goes to its end, below every
//! stricter rule, and no line there is changed, which may be for others too; what somebody has set on purpose is asked
//! about first; no line holds a password.

use super::evidence::{PostgresEvidence, Reason};
use super::{behind, faults, slow};
use crate::catalog::Catalog;
use crate::check::credentials::{Absence, Method, Warning};
use crate::check::diagnosis::Diagnosis;
use crate::check::outcome::{Outcome, title};
use crate::check::remedy::{Apply, Place, Remedy};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// Holds for the passwords that the same psql sets afterwards.
const SCRAM_FROM_NOW: &str = "SET password_encryption = 'scram-sha-256';";

/// What to do; without a sentence of its own where the one that holds for the diagnosis in general says it.
pub fn remedy(found: &PostgresEvidence, outcome: &Outcome, catalog: &Catalog, lang: Lang) -> Remedy {
    if outcome.diagnosis == Diagnosis::Slow {
        return slow::remedy(found, outcome, lang);
    }
    if let (Some(Reason::BehindPooler), Some(remedy)) = (&found.reason, behind::remedy(found, outcome.diagnosis, lang))
    {
        return remedy;
    }
    with_lines(found, outcome, sentence(found, outcome, catalog, lang).unwrap_or_default().into(), lang)
}

fn sentence(found: &PostgresEvidence, outcome: &Outcome, catalog: &Catalog, lang: Lang) -> Option<Safe> {
    let host = || title(catalog, outcome.look_at(), lang);
    Some(match (outcome.diagnosis, &found.reason) {
        (Diagnosis::Skipped, Some(Reason::Unusable(_))) => say!(
            lang,
            "Corrija a variável ou a opção e abra o programa de novo.",
            "Correct the variable or the option, and open the program again."
        ),
        (Diagnosis::Standby, Some(Reason::AdmitsNobody)) => say!(
            lang,
            "Informe em “{}” o servidor principal, ou ative hot_standby na réplica e reinicie-a. Na réplica:",
            "Enter the primary server in “{}”, or turn hot_standby on at the standby and restart it. At the standby:",
            host()
        ),
        (Diagnosis::Standby, _) => say!(
            lang,
            "Se o balcão grava neste banco, informe em “{}” o servidor principal.",
            "If the POS program writes to this database, enter the primary server in “{}”.",
            host()
        ),
        (Diagnosis::StartingUp, _) => say!(
            lang,
            "Aguarde um minuto e teste de novo. Se continuar, pode ser uma réplica com hot_standby = off: informe o servidor principal.",
            "Wait a minute and test again. If it stays so, it may be a standby with hot_standby = off: enter the primary server."
        ),
        (Diagnosis::ServerError, Some(Reason::NoProcess)) => say!(
            lang,
            "Feche programas no servidor ou aumente o limite (ulimit -u, TasksMax).",
            "Close programs on the server, or raise the limit (ulimit -u, TasksMax)."
        ),
        (Diagnosis::ServerError, Some(Reason::NoDisk)) => say!(
            lang,
            "O disco do servidor está cheio: libere espaço nele, sem apagar nada da pasta do PostgreSQL.",
            "The server's disk is full: free some space there, deleting nothing in PostgreSQL's folder."
        ),
        (Diagnosis::ServerError, Some(Reason::NoMemory)) => say!(
            lang,
            "Falta memória no servidor: feche programas nele.",
            "The server is out of memory: close programs on it."
        ),
        (Diagnosis::NoPassword, Some(Reason::NoPassword(absence))) => of_absence(absence, lang),
        (Diagnosis::AuthFailed, Some(Reason::RoleMissing)) => say!(
            lang,
            "Confira usuário e banco (--db-user, --db-name).",
            "Check user and database (--db-user, --db-name)."
        ),
        (Diagnosis::AuthFailed, Some(Reason::Role | Reason::RoleMayNotLogIn)) => say!(
            lang,
            "Confira o usuário. Se é este e deve entrar, dê a permissão de login no servidor (ALTER ROLE … LOGIN):",
            "Check the user. If it is this one and is to log in, give it the permission on the server (ALTER ROLE … LOGIN):"
        ),
        (Diagnosis::AuthFailed, Some(Reason::Pooler)) => say!(
            lang,
            "Confira usuário e senha, também no arquivo de usuários do PgBouncer (auth_file). Ele mostra quem conhece, e relê o arquivo:",
            "Check user and password, in PgBouncer's file of users (auth_file) too. It shows whom it knows, and reads the file again:"
        ),
        (Diagnosis::AuthFailed, Some(Reason::CheckedElsewhere)) => say!(
            lang,
            "O servidor confere esta senha em outro lugar (LDAP, PAM ou RADIUS): confira lá usuário e senha.",
            "The server has this password checked elsewhere (LDAP, PAM or RADIUS): check user and password there."
        ),
        (Diagnosis::AuthFailed, _) => say!(
            lang,
            "Confira usuário, senha e validade; a consulta mostra qual dos casos é. Só se a senha se perdeu, defina outra, e em todos os balcões:",
            "Check user, password and validity; the query shows which case it is. Only if the password is lost, set another, at every terminal:"
        ),
        (Diagnosis::AuthUnsafe, Some(Reason::Unwanted)) => say!(
            lang,
            "Confira PGREQUIREAUTH e a linha deste computador no pg_hba.conf do servidor.",
            "Check PGREQUIREAUTH and this computer's line in the server's pg_hba.conf."
        ),
        (Diagnosis::AuthUnsafe, Some(Reason::Unproven)) => say!(
            lang,
            "Confira o endereço; teste com PGSSLMODE=verify-full.",
            "Check the address; test with PGSSLMODE=verify-full."
        ),
        (Diagnosis::AuthUnsafe, _) if found.method == Some(Method::Md5) => say!(
            lang,
            "Teste com PGSSLMODE=verify-ca e PGSSLROOTCERT, ou --allow-auth md5. Para SCRAM (programas e servidor atuais), grave a senha de novo:",
            "Test with PGSSLMODE=verify-ca and PGSSLROOTCERT, or --allow-auth md5. For SCRAM (server 10+, current programs), set the password anew:"
        ),
        (Diagnosis::AuthUnsafe, _) => say!(
            lang,
            "Teste com PGSSLMODE=verify-ca e PGSSLROOTCERT, ou com --allow-auth password (a senha vai aberta pela rede).",
            "Test with PGSSLMODE=verify-ca and PGSSLROOTCERT, or with --allow-auth password (it goes over the network in clear)."
        ),
        (Diagnosis::AuthMethod, Some(Reason::TooManyRounds(_))) => say!(
            lang,
            "O balcão pode entrar assim mesmo. Para testar, grave a senha com menos iterações:",
            "The POS program may still get in. To test, set the password with fewer iterations:"
        ),
        (Diagnosis::AuthMethod, _) if found.hba_line.is_some() => say!(
            lang,
            "Confira o usuário. Se ele entra daqui com senha, inclua a linha no pg_hba.conf, logo acima da que o atende agora, e recarregue:",
            "Check the user. If it is to log in by password, add the line to pg_hba.conf, right above the one it meets now; reload:"
        ),
        (Diagnosis::AuthMethod, _) => say!(
            lang,
            "Confira o usuário; se é este, combine com quem administra o servidor um login com senha para o balcão.",
            "Check the user; if it is this one, arrange a login by password for the POS program with whoever runs the server."
        ),
        (Diagnosis::CertificateRequired, _) => say!(
            lang,
            "É uma exigência do servidor (clientcert): combine com quem o administra o certificado do programa do balcão.",
            "The server requires it (clientcert): arrange the POS program's certificate with whoever runs the server."
        ),
        (Diagnosis::HbaRejected, Some(Reason::Pooler)) => say!(
            lang,
            "Com quem administra o servidor, confira se o pg_hba.conf dele libera o pooler (PgBouncer), com o usuário e o banco que ele usa.",
            "With whoever runs the server, check that its pg_hba.conf allows the pooler (PgBouncer), with the user and database it uses."
        ),
        (Diagnosis::HbaRejected, Some(Reason::PlainOnly)) => say!(
            lang,
            "O pg_hba.conf só libera o acesso sem criptografia (hostnossl): teste com PGSSLMODE=disable.",
            "Its pg_hba.conf allows it without encryption only (hostnossl): test with PGSSLMODE=disable."
        ),
        (Diagnosis::HbaRejected, Some(Reason::Rejected)) => say!(
            lang,
            "Uma linha reject do pg_hba.conf o recusa de propósito: procure-a e combine com quem administra o servidor.",
            "A line with reject in pg_hba.conf refuses it on purpose: look for it, and arrange it with whoever runs the server."
        ),
        (Diagnosis::HbaRejected, _) if found.hba_line.is_some() => say!(
            lang,
            "Confira usuário e banco. Se estão certos, inclua a linha no fim do pg_hba.conf do servidor e recarregue:",
            "Check user and database. If they are right, add the line at the end of the server's pg_hba.conf and reload:"
        ),
        (Diagnosis::DatabaseMissing, Some(Reason::Pooler)) => say!(
            lang,
            "Confira o banco. Se está certo, falta no PgBouncer: inclua-o no pgbouncer.ini, com o IP do PostgreSQL, e recarregue:",
            "Check the database. If it is right, PgBouncer lacks it: add it to pgbouncer.ini, with PostgreSQL's IP, and reload:"
        ),
        (Diagnosis::DatabaseMissing, _) if found.database_is_the_users_name() => {
            say!(lang, "Informe o banco em PGDATABASE ou --db-name.", "Give the database in PGDATABASE or --db-name.")
        }
        (Diagnosis::DatabaseMissing, _) => say!(
            lang,
            "Confira o banco (PGDATABASE, --db-name; a consulta mostra os que há) e o servidor. Só se ele falta mesmo, crie-o:",
            "Check the database (PGDATABASE, --db-name; the query shows those there are) and the server. Only if it is missing, create it:"
        ),
        (Diagnosis::DatabaseClosed, Some(Reason::Pooler)) => say!(
            lang,
            "O PgBouncer o tem fechado (DISABLE), talvez para manutenção; terminada ela, abra-o no PgBouncer:",
            "PgBouncer has it closed (DISABLE), perhaps for maintenance; once that is over, open it at PgBouncer:"
        ),
        (Diagnosis::DatabaseClosed, _) => say!(
            lang,
            "Alguém o fechou, talvez para manutenção; terminada ela, abra-o no servidor:",
            "Somebody closed it, perhaps for maintenance; once that is over, open it on the server:"
        ),
        (Diagnosis::NoConnectRight, _) => say!(
            lang,
            "Confira usuário e banco. Se estão certos, dê o direito no servidor:",
            "Check user and database. If they are right, give the right on the server:"
        ),
        (Diagnosis::ConnectionLimit, _) => say!(
            lang,
            "Feche as conexões que não estão em uso, ou retire o limite no servidor:",
            "Close the connections that are not in use, or take the limit away on the server:"
        ),
        (Diagnosis::TooManyConnections, Some(Reason::Pooler)) => say!(
            lang,
            "Feche programas que não estão em uso, ou aumente max_client_conn (padrão: 100). O valor, no servidor do pooler:",
            "Close programs that are not in use, or raise max_client_conn (default: 100). The value, on the pooler's server:"
        ),
        (Diagnosis::TooManyConnections, _) => say!(
            lang,
            "Feche os programas que não estão em uso (a consulta os mostra). Só se são poucas para a loja, dobre max_connections:",
            "Close the programs that are not in use (the query shows them). Only if the shop needs more, double max_connections:"
        ),
        (Diagnosis::TlsVersion, _) => say!(
            lang,
            "Aceite TLS 1.2 e 1.3 no servidor e recarregue, ou teste com PGSSLMODE=prefer:",
            "Have the server take TLS 1.2 and 1.3 and reload, or test with PGSSLMODE=prefer:"
        ),
        (Diagnosis::TlsFailed, Some(Reason::Tls(fault))) => faults::remedy(fault, host, lang)?,
        _ => return None,
    })
}

fn of_absence(absence: &Absence, lang: Lang) -> Safe {
    let why = match absence {
        Absence::NoFile => {
            say!(lang, "Não há PGPASSWORD nem linha em ~/.pgpass.", "There is no PGPASSWORD and no line in ~/.pgpass.")
        }
        Absence::FileIgnored(path) => {
            say!(lang, "{} foi ignorado.", "{} was ignored.", Safe::path(path))
        }
        Absence::NoLine(path) => {
            say!(lang, "{} não tem uma linha para este login.", "{} has no line for this login.", Safe::path(path))
        }
        Absence::OtherHost(path, other) => {
            let (path, other) = (Safe::path(path), Safe::outside(other));
            say!(lang, "Em {}, a linha é para {}.", "In {}, the line is for {}.", path, other)
        }
        Absence::Marked(path) => say!(
            lang,
            "{} começa com um BOM: grave-o sem ele.",
            "{} begins with a BOM: save it without.",
            Safe::path(path)
        ),
        Absence::Empty => say!(lang, "A senha informada está vazia.", "The password given is empty."),
    };
    let how = match absence.names_a_file() {
        true => say!(
            lang,
            "Informe-a nele, em PGPASSWORD ou com --ask-password.",
            "Give it there, in PGPASSWORD or with --ask-password."
        ),
        false => say!(
            lang,
            "Informe-a em PGPASSWORD, em ~/.pgpass ou com --ask-password.",
            "Give it in PGPASSWORD, in ~/.pgpass or with --ask-password."
        ),
    };
    Safe::join(&[why, how], " ")
}

/// What is pasted on the server: where, what, and how it comes into force.
fn with_lines(found: &PostgresEvidence, outcome: &Outcome, remedy: Remedy, lang: Lang) -> Remedy {
    if let Some(Reason::NoPassword(Absence::FileIgnored(path))) = &found.reason {
        let open = |warning: &Warning| matches!(warning, Warning::PassfileOpen(..));
        return match outcome.evidence.warnings.iter().any(open) {
            true => remedy.paste(Place::Here, [safe!("chmod 600 '{}'", Safe::path(path))]),
            false => remedy,
        };
    }
    let Some(account) = &found.account else { return remedy };
    let (user, database) = (quoted(&account.user), quoted(account.database()));
    let own = Safe::own;
    let access_list = Place::FileOf("hba_file");
    match (outcome.diagnosis, &found.reason) {
        (Diagnosis::TlsFailed, Some(Reason::Tls(fault))) => {
            faults::with_lines(fault, outcome.server_port(), remedy, lang)
        }
        (Diagnosis::Standby, Some(Reason::AdmitsNobody)) => {
            let turn_on = say!(
                lang,
                "Ative, com o que pg_lsclusters mostra, e reinicie:",
                "Turn it on, with what pg_lsclusters shows, and restart:"
            );
            let lines =
                [own("sudo pg_conftool VER CLUSTER set hot_standby on"), own("sudo pg_ctlcluster VER CLUSTER restart")];
            remedy.paste(Place::Server, [own("pg_lsclusters")]).only(turn_on, lines)
        }
        (diagnosis, Some(Reason::Pooler)) => at_the_pooler(diagnosis, found, database, remedy, lang),
        (Diagnosis::AuthMethod, None) if found.hba_line.is_some() => {
            let line = found.hba_line.as_deref().map(Safe::outside);
            remedy.paste(Place::AboveIn("hba_file"), Vec::from_iter(line)).then(Apply::Reload)
        }
        (Diagnosis::HbaRejected, None) => match &found.hba_line {
            Some(line) => remedy.paste(access_list, [Safe::outside(line)]).then(Apply::Reload),
            None => remedy,
        },
        (Diagnosis::HbaRejected, Some(Reason::Rejected)) => remedy.paste(access_list, []),
        (Diagnosis::AuthMethod, Some(Reason::TooManyRounds(_))) => {
            remedy.paste(Place::Sql, [own("SET scram_iterations = 4096;"), safe!("\\password {}", user)])
        }
        (Diagnosis::AuthFailed, Some(Reason::Role | Reason::RoleMayNotLogIn)) => {
            remedy.paste(Place::Sql, [safe!("ALTER ROLE {} LOGIN;", user)])
        }
        (Diagnosis::AuthFailed, None) => {
            let name = account.user.replace('\'', "''");
            let look = format!(
                "SELECT rolname, rolcanlogin, rolvaliduntil, left(rolpassword, 5) FROM pg_authid WHERE lower(rolname) = lower('{name}');"
            );
            let missing = say!(
                lang,
                "0 linhas: aqui não há esse usuário. É o servidor e a porta certos? Então crie-o, com a senha dos balcões:",
                "0 rows: there is no such user here. Are server and port the right ones? Then make it, with the terminals' password:"
            );
            let make = [
                own(SCRAM_FROM_NOW),
                safe!("CREATE ROLE {} LOGIN;", user.clone()),
                safe!("\\password {}", user.clone()),
            ];
            let old = say!(
                lang,
                "Se left é md5, e não SCRAM: grave de novo a mesma senha, agora em SCRAM:",
                "If left is md5, not SCRAM: set the same password again, now as SCRAM:"
            );
            let of_scram = found.method == Some(Method::Scram);
            let same = [own(SCRAM_FROM_NOW), safe!("\\password {}", user.clone())];
            // The list asks for SCRAM: a secret of the old kind, which servers up to 13 still make, never passes.
            let mut anew = Vec::from_iter((found.method == Some(Method::Scram)).then(|| own(SCRAM_FROM_NOW)));
            anew.push(safe!("\\password {}", user));
            // Pasted together, they would set another password for every terminal of the shop.
            let expired = say!(lang, "Se rolvaliduntil já passou:", "If rolvaliduntil is past:");
            let lost = say!(lang, "Só se a senha se perdeu:", "Only if the password is lost:");
            let remedy = remedy
                .paste(Place::Sql, [Safe::outside(&look)])
                .only(expired, [safe!("ALTER ROLE {} VALID UNTIL 'infinity';", user)]);
            let remedy = if of_scram { remedy.only(old, same) } else { remedy };
            remedy.only(missing, make).only(lost, anew)
        }
        (Diagnosis::AuthUnsafe, Some(Reason::Unprotected)) if found.method == Some(Method::Md5) => {
            let lines = [own(SCRAM_FROM_NOW), safe!("\\password {}", user)];
            remedy.paste(Place::Sql, lines)
        }
        (Diagnosis::DatabaseMissing, _) if !found.database_is_the_users_name() => {
            let missing = say!(lang, "Só se o banco falta mesmo:", "Only if it really is not there:");
            remedy
                .paste(Place::Sql, [own("SELECT datname FROM pg_database;")])
                .only(missing, [safe!("CREATE DATABASE {} OWNER {};", database, user)])
        }
        (Diagnosis::DatabaseClosed, _) => {
            remedy.paste(Place::Sql, [safe!("ALTER DATABASE {} ALLOW_CONNECTIONS true;", database)])
        }
        (Diagnosis::NoConnectRight, _) => {
            remedy.paste(Place::Sql, [safe!("GRANT CONNECT ON DATABASE {} TO {};", database, user)])
        }
        (Diagnosis::ConnectionLimit, Some(Reason::LimitOfDatabase)) => {
            remedy.paste(Place::Sql, [safe!("ALTER DATABASE {} CONNECTION LIMIT -1;", database)])
        }
        (Diagnosis::ConnectionLimit, _) => {
            remedy.paste(Place::Sql, [safe!("ALTER ROLE {} CONNECTION LIMIT -1;", user)])
        }
        // Who is connected, the longest idle first; a superuser still gets in.
        (Diagnosis::TooManyConnections, _) => {
            let lines = [
                own("SELECT pid, usename, client_addr, application_name, state, state_change"),
                own("FROM pg_stat_activity ORDER BY state_change;"),
            ];
            let full = say!(
                lang,
                "Recusa também o psql? Feche um balcão e repita, ou reinicie (corta todos):",
                "It refuses psql too? Close a terminal's program and try again, or restart (all are cut off):"
            );
            let restart = [own("sudo systemctl restart postgresql")];
            let more = say!(lang, "Só se são poucas para a loja:", "Only if the shop needs more:");
            let double = [
                own("SELECT 'ALTER SYSTEM SET max_connections = '"),
                own("  || 2 * current_setting('max_connections')::int"),
                own("\\gexec"),
                own("\\q"),
                own("sudo systemctl restart postgresql"),
            ];
            remedy.paste(Place::Sql, lines).only(full, restart).only(more, double)
        }
        (Diagnosis::TlsVersion, _) => {
            let lines = [
                own("ALTER SYSTEM SET ssl_max_protocol_version = '';"),
                own("ALTER SYSTEM SET ssl_ciphers = 'HIGH:!aNULL';"),
            ];
            remedy.paste(Place::Sql, lines).then(Apply::Reload)
        }
        _ => remedy,
    }
}

/// What is typed or pasted at a pooler, as PgBouncer's package sets it up, or at the server behind it. The port that was tested
/// is the pooler's: no psql of the server's is sent there.
fn at_the_pooler(diagnosis: Diagnosis, found: &PostgresEvidence, database: Safe, remedy: Remedy, lang: Lang) -> Remedy {
    let own = Safe::own;
    let settings = "/etc/pgbouncer/pgbouncer.ini";
    match diagnosis {
        Diagnosis::AuthFailed => remedy.paste(Place::Pooler, [own("SHOW USERS;")]).then(Apply::Reload),
        Diagnosis::DatabaseClosed => remedy.paste(Place::Pooler, [safe!("ENABLE {};", database)]),
        Diagnosis::DatabaseMissing => {
            // Its file takes such a name without quotes alone.
            let plain = |name: &Safe| {
                name.as_str().chars().all(|symbol| symbol.is_ascii_alphanumeric() || "_.-".contains(symbol))
            };
            let name = Some(found.database()).filter(plain).unwrap_or(database);
            let entry =
                say!(lang, "{} = host=IP-DO-POSTGRESQL port=5432", "{} = host=IP-OF-POSTGRESQL port=5432", name);
            remedy
                .paste(Place::File(own(settings)), [own("[databases]"), entry])
                .then(Apply::Run(own("sudo systemctl reload pgbouncer")))
        }
        Diagnosis::TooManyConnections => {
            let more = say!(
                lang,
                "Para aumentar, no fim desse arquivo, com o novo número, e recarregue:",
                "To raise it, at that file's end, with the new number, and reload:"
            );
            let number = say!(lang, "max_client_conn = NÚMERO", "max_client_conn = NUMBER");
            remedy
                .paste(Place::Server, [safe!("grep -n max_client_conn {}", settings)])
                .only(more, [own("[pgbouncer]"), number, own("sudo systemctl reload pgbouncer")])
        }
        _ => remedy,
    }
}

/// A name as SQL writes it.
fn quoted(name: &str) -> Safe {
    Safe::outside(&format!("\"{}\"", name.replace('"', "\"\"")))
}
