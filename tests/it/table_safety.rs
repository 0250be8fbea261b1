//! "Excluir Tab Versão" on servers where others have prepared something, hold something, or named something strangely.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use balcao_config::check::version_table::{self as table, SetAside, Table, Trouble};
use balcao_config::check::{Credentials, Options};
use balcao_config::document::timestamp::Timestamp;
use balcao_config::safe::Safe;
use postgres::Client;

use crate::busy::wait_until;
use crate::fakes::Fake;
use crate::postgres::{Cluster, Spec};
use crate::table::{at, options, request};

/// Everybody is let in by name; `invasor` may create in `public`, as every role could before version 15.
fn server(roles: &str) -> Cluster {
    let all = format!("CREATE ROLE invasor LOGIN; GRANT CREATE ON SCHEMA public TO invasor; {roles}");
    Cluster::start(&Spec {
        access: "local all all trust\nhost all all 127.0.0.1/32 trust\n",
        settings: "",
        roles: &all,
    })
}

fn look(server: &Cluster, user: &str, name: &str) -> Result<Table, Trouble> {
    table::look(&request(server.port), name, &options(user))
}

fn set_aside(server: &Cluster, user: &str, name: &str) -> Result<SetAside, Trouble> {
    let found = look(server, user, name)?;
    table::set_aside(&request(server.port), &found, at(0), &options(user))
}

/// All tables, indexes and sequences outside the system's schemas.
fn everything(client: &mut Client) -> Vec<String> {
    let query = "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                 WHERE n.nspname !~ '^(pg_|information_schema)' ORDER BY 1";
    client.query(query, &[]).unwrap().iter().map(|row| row.get(0)).collect()
}

fn is_superuser(client: &mut Client, role: &str) -> bool {
    client.query_one("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = $1", &[&role]).unwrap().get(0)
}

/// Makes whoever calls it give `invasor` all rights, without a word where it may not.
const TRAP: &str = "
    CREATE FUNCTION public.armadilha() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        EXECUTE 'ALTER ROLE invasor SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END $$;
    CREATE FUNCTION public.igual(oid, int4) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
        PERFORM public.armadilha(); RETURN $1::text OPERATOR(pg_catalog.=) $2::text; END $$;
    CREATE FUNCTION public.igual(oid, oid) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
        PERFORM public.armadilha(); RETURN $1::text OPERATOR(pg_catalog.=) $2::text; END $$;
    CREATE FUNCTION public.igual(name, text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
        PERFORM public.armadilha(); RETURN $1::text OPERATOR(pg_catalog.=) $2; END $$;
    CREATE OPERATOR public.= (leftarg = oid, rightarg = int4, function = public.igual);
    CREATE OPERATOR public.= (leftarg = oid, rightarg = oid, function = public.igual);
    CREATE OPERATOR public.= (leftarg = name, rightarg = text, function = public.igual);
    CREATE FUNCTION public.encode(bytea, name) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
        PERFORM public.armadilha(); RETURN ''; END $$;
    CREATE FUNCTION public.sempre(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
        PERFORM public.armadilha(); RETURN true; END $$;
    CREATE TYPE public.tipo AS (a int);
    CREATE FUNCTION public.em_texto(public.tipo) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
        PERFORM public.armadilha(); RETURN 'caiu'; END $$;
    CREATE CAST (public.tipo AS text) WITH FUNCTION public.em_texto(public.tipo);
    CREATE TABLE public.tab_versao (versao text, t public.tipo);
    INSERT INTO public.tab_versao VALUES ('4.2', ROW(7));
    CREATE TABLE public.tab_com_indice (versao text);
    CREATE INDEX ON public.tab_com_indice (versao) WHERE public.sempre(1);";

#[test]
fn nothing_that_others_have_put_into_the_search_path_is_run_by_a_superuser_s_login() {
    let server = server("");
    let mut admin = server.client();
    admin.batch_execute(&format!("SET SESSION AUTHORIZATION invasor; {TRAP}; RESET SESSION AUTHORIZATION")).unwrap();
    // The traps are set: this is what a program would say that trusts the search path, or reads what it was given.
    for careless in [
        "SELECT 1 FROM pg_class WHERE oid = 1 AND oid = 1::int4",
        "SELECT t::text FROM tab_versao",
        "SELECT count(*) FROM tab_com_indice",
    ] {
        admin.batch_execute(careless).unwrap();
        assert!(is_superuser(&mut admin, "invasor"), "{careless}");
        admin.batch_execute("ALTER ROLE invasor NOSUPERUSER").unwrap();
    }
    let found = look(&server, "postgres", "tab_versao").unwrap();
    assert_eq!(found.first_rows, [[Some("4.2".to_string()), Some("(7)".to_string())]]);
    let unread = look(&server, "postgres", "tab_com_indice").unwrap();
    assert_eq!((unread.owner.as_str(), unread.rows, unread.first_rows.len()), ("invasor", None, 0));
    for name in ["tab_versao", "public.tab_com_indice"] {
        let moved = set_aside(&server, "postgres", name).unwrap();
        assert!(!is_superuser(&mut admin, "invasor"));
        admin.batch_execute(&moved.put_back).unwrap();
        assert!(!is_superuser(&mut admin, "invasor"));
    }
    // Its owner's own functions tell its owner nothing new.
    assert_eq!(look(&server, "invasor", "tab_com_indice").unwrap().rows, Some(0));
}

#[test]
fn nobody_is_logged_in_who_was_not_named() {
    let server = server("CREATE TABLE tab_versao ()");
    let nameless = Options::default();
    let looked = table::look(&request(server.port), "tab_versao", &nameless);
    assert!(matches!(looked, Err(Trouble::NoUser)));
    let found = look(&server, "postgres", "tab_versao").unwrap();
    assert!(matches!(table::set_aside(&request(server.port), &found, at(0), &nameless), Err(Trouble::NoUser)));
    assert_eq!(Credentials::default().user, None);
}

#[test]
fn a_schema_that_others_could_drop_or_fill_is_refused_until_the_remedy_is_followed() {
    let server = server(
        "CREATE ROLE dono LOGIN; GRANT CREATE ON DATABASE postgres TO dono; GRANT CREATE ON SCHEMA public TO dono;
         CREATE TABLE tab_versao (); ALTER TABLE tab_versao OWNER TO dono;
         CREATE SCHEMA balcao_excluidas AUTHORIZATION invasor; GRANT ALL ON SCHEMA balcao_excluidas TO dono",
    );
    let mut admin = server.client();
    let before = everything(&mut admin);
    for user in ["dono", "postgres"] {
        let refused = set_aside(&server, user, "tab_versao");
        assert!(matches!(&refused, Err(Trouble::ForeignSchema(owner)) if owner == "invasor"), "{refused:?}");
    }
    admin.batch_execute("ALTER SCHEMA balcao_excluidas OWNER TO dono").unwrap();
    admin.batch_execute("GRANT CREATE ON SCHEMA balcao_excluidas TO PUBLIC, invasor").unwrap();
    let refused = set_aside(&server, "dono", "tab_versao").unwrap_err();
    let Trouble::OpenSchema(others) = &refused else { panic!("{refused:?}") };
    assert!(others.contains("PUBLIC") && others.contains("\"invasor\""), "{others}");
    assert_eq!(everything(&mut admin), before);
    let hints = refused.problem(&Default::default(), balcao_config::lang::Lang::Pt).hints;
    let (_, sql) = hints[0].as_str().split_once(": ").unwrap();
    admin.batch_execute(sql).unwrap();
    set_aside(&server, "dono", "tab_versao").unwrap();
}

#[test]
fn wide_rows_and_bytes_of_no_encoding_are_shown_cut_and_made_safe() {
    let server = server("");
    let mut admin = server.client();
    admin.batch_execute("CREATE DATABASE antigo ENCODING 'SQL_ASCII' TEMPLATE template0").unwrap();
    let fill = "CREATE TABLE tab_versao (versao text, figura bytea, nada text);
                INSERT INTO tab_versao SELECT repeat('9', 3000000), repeat('x', 2000000)::bytea FROM generate_series(1, 30)";
    admin.batch_execute(fill).unwrap();
    let wide = look(&server, "postgres", "tab_versao").unwrap();
    assert_eq!((wide.rows, wide.first_rows.len()), (Some(30), 20));
    assert!(wide.first_rows[0][0].as_ref().unwrap().starts_with("999999") && wide.first_rows[0][2].is_none());
    set_aside(&server, "postgres", "tab_versao").unwrap();

    let login = format!("host=127.0.0.1 port={} user=postgres dbname=antigo", server.port);
    let mut old = Client::connect(&login, postgres::NoTls).unwrap();
    old.batch_execute(
        "DO $$ BEGIN EXECUTE 'CREATE TABLE tab_versao (\"vers' || E'\\343' || 'o\" text)'; END $$;
         INSERT INTO tab_versao VALUES (E'n\\343o 4.2');
         DO $$ BEGIN EXECUTE 'CREATE TABLE tab_indice (a int); CREATE INDEX \"' || E'\\343' || '\" ON tab_indice (a)'; END $$",
    )
    .unwrap();
    let credentials = Credentials::default().with_login(Some("postgres".into()), Some("antigo".into())).unwrap();
    let options = Options { credentials: std::sync::Arc::new(credentials), ..Options::default() };
    let found = table::look(&request(server.port), "tab_versao", &options).unwrap();
    assert_eq!((found.columns[0].as_str(), found.rows), ("vers\u{fffd}o", Some(1)));
    assert_eq!(found.first_rows[0][0].as_deref(), Some("n\u{fffd}o 4.2"));
    let moved = table::set_aside(&request(server.port), &found, at(0), &options).unwrap();
    old.batch_execute(&moved.put_back).unwrap();
    assert_eq!(table::look(&request(server.port), "tab_versao", &options).unwrap().rows, Some(1));
    // A name that no SQL of ours could spell stays where it is.
    let found = table::look(&request(server.port), "tab_indice", &options).unwrap();
    let refused = table::set_aside(&request(server.port), &found, at(0), &options);
    assert!(matches!(&refused, Err(Trouble::NotText(name)) if name == "\u{fffd}"), "{refused:?}");
}

#[test]
fn the_sql_that_puts_it_back_is_exact_as_it_is_printed() {
    let server = server("");
    let mut admin = server.client();
    let long = "ç".repeat(31);
    for (schema, name) in [
        ("public", "Tab Versão"),
        ("Loja \"1\".x", "a.\"b\".C;--"),
        ("public", "duas\nlinhas\ttab\u{1b}[2J"),
        ("em\ncima", "barra\\ e aspas' \" \n"),
        ("public", "vira\u{202e}do \u{200b}nada"),
        ("public", "$1 {} %s \u{1f600}"),
        ("public", &long),
    ] {
        let (quoted_schema, quoted) =
            (format!("\"{}\"", schema.replace('"', "\"\"")), format!("\"{}\"", name.replace('"', "\"\"")));
        admin
            .batch_execute(&format!(
                "CREATE SCHEMA IF NOT EXISTS {quoted_schema}; SET search_path = {quoted_schema};
                 CREATE TABLE {quoted} ({quoted} serial PRIMARY KEY, b text UNIQUE); INSERT INTO {quoted} (b) VALUES ('1')"
            ))
            .unwrap();
        let before = everything(&mut admin);
        let moved = set_aside(&server, "postgres", &format!("{quoted_schema}.{quoted}")).unwrap();
        assert_ne!(everything(&mut admin), before);
        let printed: Vec<String> = moved.put_back.lines().map(|line| Safe::outside(line).to_string()).collect();
        admin.batch_execute(&printed.join("\n")).unwrap();
        assert_eq!(everything(&mut admin), before, "{name:?}");
        admin.batch_execute(&format!("INSERT INTO {quoted} (b) VALUES ('2'); DROP TABLE {quoted}")).unwrap();
    }
}

#[test]
fn what_others_hold_or_cancel_leaves_all_as_it_was() {
    let server = server("CREATE TABLE tab_versao (id serial); INSERT INTO tab_versao DEFAULT VALUES");
    let mut admin = server.client();
    let before = everything(&mut admin);
    let looked_at = look(&server, "postgres", "tab_versao").unwrap();
    let now = Timestamp::of(std::time::SystemTime::now());
    let move_it = || table::set_aside(&request(server.port), &looked_at, now, &options("postgres"));
    let mut other = server.client();
    let mut holding = other.transaction().unwrap();
    holding.batch_execute("LOCK TABLE tab_versao").unwrap();
    assert!(matches!(look(&server, "postgres", "tab_versao"), Err(Trouble::Locked(_))));
    // Somebody ends the wait: of one in a hurry it may not even have begun, or be over.
    for end in ["pg_cancel_backend", "pg_terminate_backend"] {
        let ended = loop {
            let ended = thread::scope(|scope| {
                let moving = scope.spawn(move_it);
                let query = format!(
                    "SELECT {end}(pid) FROM pg_stat_activity WHERE application_name = 'balcao-config' AND wait_event_type = 'Lock'"
                );
                while !moving.is_finished() && admin.query(&query, &[]).unwrap().is_empty() {
                    thread::yield_now();
                }
                moving.join().unwrap()
            });
            if !matches!(ended, Err(Trouble::Locked(_))) {
                break ended.unwrap_err();
            }
        };
        match end {
            "pg_cancel_backend" => assert!(matches!(ended, Trouble::Stopped(..)), "{ended:?}"),
            _ => assert!(matches!(&ended, Trouble::Refused(_, code, _) if code == "57P01"), "{ended:?}"),
        }
    }
    holding.rollback().unwrap();
    // Its sequence alone is held.
    let mut holding = other.transaction().unwrap();
    holding.batch_execute("SELECT nextval('tab_versao_id_seq')").unwrap();
    let held = move_it();
    assert!(matches!(held, Err(Trouble::Locked(_))), "{held:?}");
    holding.rollback().unwrap();
    assert_eq!(everything(&mut admin), before);
    move_it().unwrap();
}

/// The way to the server on this port, which breaks where this word comes along, before it or behind it.
fn breaking_at(port: u16, word: &'static str, passes: bool) -> Fake {
    Fake::serving(move |client| {
        let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        let broken = Arc::new(AtomicBool::new(false));
        let (mut answers, mut back, ends) = (server.try_clone()?, client.try_clone()?, Arc::clone(&broken));
        let answering = thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = answers.read(&mut bytes) {
                if ends.load(Ordering::SeqCst) || back.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
        });
        let mut bytes = [0; 65536];
        while let Ok(count @ 1..) = client.read(&mut bytes) {
            let breaks = bytes[..count].windows(word.len()).any(|part| part == word.as_bytes());
            broken.store(breaks, Ordering::SeqCst);
            if passes || !breaks {
                server.write_all(&bytes[..count])?;
            }
            if breaks {
                // It has answered, or never heard of it.
                if passes {
                    let _ = answering.join();
                }
                break;
            }
        }
        let _ = server.shutdown(Shutdown::Both);
        client.shutdown(Shutdown::Both)
    })
}

#[test]
fn a_connection_that_breaks_half_way_leaves_all_as_it_was_and_at_the_end_says_that_nothing_is_known() {
    let server = server("CREATE TABLE tab_versao (id serial)");
    let mut admin = server.client();
    let before = everything(&mut admin);
    let found = look(&server, "postgres", "tab_versao").unwrap();
    for (word, passes) in [("LOCK TABLE", true), ("ALTER TABLE", false), ("ALTER TABLE", true), ("COMMIT", false)] {
        let way = breaking_at(server.port, word, passes);
        let ended = table::set_aside(&request(way.port), &found, at(0), &options("postgres"));
        match word {
            "COMMIT" => assert!(matches!(ended, Err(Trouble::Unknown(_))), "{ended:?}"),
            _ => assert!(matches!(ended, Err(Trouble::Lost(_))), "{word}: {ended:?}"),
        }
        wait_until("the server has given up", || {
            let query = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'balcao-config'";
            admin.query(query, &[]).unwrap().is_empty()
        });
        assert_eq!(everything(&mut admin), before, "{word}");
    }
    let way = breaking_at(server.port, "COMMIT", true);
    let ended = table::set_aside(&request(way.port), &found, at(0), &options("postgres"));
    assert!(matches!(ended, Err(Trouble::Unknown(_))), "{ended:?}");
    assert_ne!(everything(&mut admin), before, "it had been done all the same");
}
