//! The action "Excluir Tab Versão", on a real PostgreSQL.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use balcao_config::catalog::{Catalog, Probe};
use balcao_config::check::version_table::{self as table, SetAside, Table, Trouble};
use balcao_config::check::{Diagnosis, Options, Point, Request};
use balcao_config::document::timestamp::Timestamp;
use balcao_config::key::Key;
use balcao_config::lang::Lang;

use crate::check::login;
use crate::fakes::Refusing;
use crate::postgres::{Cluster, Spec};

/// A server of one's own: what one test moves, another one may be looking for.
struct Shop(Cluster);

impl Shop {
    fn open() -> Shop {
        let shop = Shop(Cluster::start(&Spec {
            access: "local all all trust\nhost all all 127.0.0.1/32 trust\n",
            settings: "",
            roles: "CREATE ROLE dono LOGIN; CREATE ROLE estranho LOGIN; CREATE ROLE leitor LOGIN;
                    GRANT CREATE ON DATABASE postgres TO dono; GRANT CREATE ON SCHEMA public TO dono",
        }));
        shop.make_table();
        shop
    }

    fn make_table(&self) {
        let make = "SET ROLE dono; CREATE TABLE tab_versao (id serial PRIMARY KEY, versao text UNIQUE);
                    INSERT INTO tab_versao (versao) VALUES ('1.0'), (NULL); GRANT SELECT ON tab_versao TO leitor";
        self.0.client().batch_execute(make).unwrap();
    }

    fn request(&self) -> Request {
        request(self.0.port)
    }

    fn look(&self, user: &str, name: &str) -> Result<Table, Trouble> {
        table::look(&self.request(), name, &options(user))
    }

    fn set_aside(&self, user: &str, seconds: u64) -> Result<SetAside, Trouble> {
        table::set_aside(&self.request(), &self.look("dono", "tab_versao")?, at(seconds), &options(user))
    }

    /// All tables, indexes and sequences outside the system's schemas.
    fn everything(&self) -> Vec<String> {
        let query = "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                     WHERE n.nspname !~ '^(pg_|information_schema)' ORDER BY 1";
        self.0.client().query(query, &[]).unwrap().iter().map(|row| row.get(0)).collect()
    }
}

pub fn request(port: u16) -> Request {
    let host_key = Key::new("integracao", "ip_servidor_retaguarda").unwrap();
    let key = Key::new("integracao", "porta_banco_dados").unwrap();
    Request {
        target: "banco_dados".into(),
        key,
        probe: Probe::Postgres,
        point: Point::Port { host: "127.0.0.1".into(), port, host_key },
    }
}

pub fn options(user: &str) -> Options {
    Options { credentials: login(user, "postgres"), ..Options::default() }
}

pub fn at(seconds: u64) -> Timestamp {
    Timestamp::of(UNIX_EPOCH + Duration::from_secs(seconds))
}

#[test]
fn a_table_is_shown_with_its_owner_and_rows() {
    let shop = Shop::open();
    // As SQL reads names: capitals are small letters.
    for name in ["tab_versao", "TAB_VERSAO", "public.tab_versao", "Public.\"tab_versao\""] {
        let table = shop.look("dono", name).unwrap();
        assert_eq!(
            (table.schema.as_str(), table.name.as_str(), table.owner.as_str()),
            ("public", "tab_versao", "dono")
        );
        assert_eq!((table.rows, table.columns), (Some(2), vec!["id".to_string(), "versao".to_string()]));
        assert_eq!(table.first_rows[0], [Some("1".to_string()), Some("1.0".to_string())]);
        assert_eq!(table.first_rows[1], [Some("2".to_string()), None]);
    }
    assert!(matches!(shop.look("dono", "nao_existe"), Err(Trouble::Missing(name)) if name == "nao_existe"));
    assert!(matches!(shop.look("dono", "tab_versao_id_seq"), Err(Trouble::NoTable(_))));
    // What may be read alone cannot be moved, and is not even locked.
    for user in ["estranho", "leitor"] {
        assert!(matches!(shop.look(user, "tab_versao"), Err(Trouble::Forbidden(..))), "{user}");
    }
}

#[test]
fn a_table_that_is_set_aside_can_be_made_anew_set_aside_again_and_put_back() {
    let shop = Shop::open();
    let before = shop.everything();
    let first = shop.set_aside("dono", 1_773_308_460).unwrap();
    assert_eq!(first.place, "balcao_excluidas.\"tab_versao_20260312_094100\"");
    assert!(shop.everything().iter().all(|name| name.starts_with("balcao_excluidas.")), "{:?}", shop.everything());
    assert!(matches!(shop.look("dono", "tab_versao"), Err(Trouble::Missing(_))));
    // What the counter's program does next.
    shop.make_table();
    let second = shop.set_aside("dono", 1_773_308_520).unwrap();
    shop.0.client().batch_execute(&format!("SET ROLE dono; {}", second.put_back)).unwrap();
    assert_eq!(shop.look("dono", "tab_versao").unwrap().rows, Some(2));
    shop.0.client().batch_execute("DROP TABLE tab_versao").unwrap();
    shop.0.client().batch_execute(&first.put_back).unwrap();
    assert_eq!(shop.everything(), before);
    shop.0.client().batch_execute("INSERT INTO tab_versao (versao) VALUES ('2.0')").unwrap();
}

#[test]
fn what_goes_wrong_changes_nothing() {
    let shop = Shop::open();
    let before = shop.everything();
    let looked_at = shop.look("dono", "tab_versao").unwrap();
    let set_aside = |user: &str| table::set_aside(&shop.request(), &looked_at, at(0), &options(user));
    // Neither the owner of the table, nor allowed to make a schema.
    for user in ["estranho", "leitor"] {
        assert!(matches!(set_aside(user), Err(Trouble::Forbidden(..))), "{user}: {:?}", set_aside(user));
        assert_eq!(shop.everything(), before);
    }
    let mut other = shop.0.client();
    let mut using = other.transaction().unwrap();
    using.batch_execute("SELECT * FROM tab_versao").unwrap();
    assert!(matches!(set_aside("dono"), Err(Trouble::Locked(_))));
    using.commit().unwrap();
    assert_eq!(shop.everything(), before);
    // Another one of the same name.
    other.batch_execute("DROP TABLE tab_versao").unwrap();
    shop.make_table();
    assert!(matches!(set_aside("dono"), Err(Trouble::Changed(_))));
    assert_eq!(shop.everything(), before);
    other.batch_execute("DROP TABLE tab_versao").unwrap();
    assert!(matches!(set_aside("dono"), Err(Trouble::Missing(_))));
    shop.make_table();
    // In the way where it is to go.
    let stamp = "tab_versao_19700101_000000";
    other
        .batch_execute(&format!(
            "CREATE SCHEMA balcao_excluidas AUTHORIZATION dono;
                                  CREATE TABLE balcao_excluidas.{stamp} ()"
        ))
        .unwrap();
    let before = shop.everything();
    assert!(matches!(shop.set_aside("dono", 0), Err(Trouble::Refused(_, code, _)) if code == "42P07"));
    assert_eq!(shop.everything(), before);
    let aside = shop.look("postgres", &format!("balcao_excluidas.{stamp}")).unwrap();
    let again = table::set_aside(&shop.request(), &aside, at(9), &options("postgres"));
    assert!(matches!(again, Err(Trouble::AlreadyAside(_))));
}

#[test]
fn names_are_names_whatever_is_in_them() {
    let shop = Shop::open();
    let mut client = shop.0.client();
    client.batch_execute("CREATE TABLE \"O'x\\\"\"; DROP TABLE tab_versao; --\" (a int)").unwrap();
    let strange = "\"O'x\\\"\"; DROP TABLE tab_versao; --\"";
    let looked_at = shop.look("postgres", strange).unwrap();
    let moved =
        table::set_aside(&shop.request(), &looked_at, Timestamp::of(SystemTime::now()), &options("postgres")).unwrap();
    assert!(shop.look("dono", "tab_versao").is_ok());
    client.batch_execute(&moved.put_back).unwrap();
    assert!(shop.look("postgres", strange).is_ok());
    for wrong in ["", "a.b.c.d", "tab versao", "x'y", "a\0b"] {
        assert!(shop.look("postgres", wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn without_a_login_the_check_s_words_are_told() {
    let port = Refusing::new();
    let trouble = table::look(&request(port.port), "tab_versao", &options("dono")).unwrap_err();
    let Trouble::NoLogin(outcome) = &trouble else { panic!("{trouble:?}") };
    assert_eq!(outcome.diagnosis, Diagnosis::Refused);
    let problem = trouble.problem(&Catalog::default(), Lang::Pt);
    assert!(problem.message.as_str().starts_with("Conexão recusada: 127.0.0.1"), "{}", problem.message);
    assert_eq!(problem.causes[0].as_str(), "Nada foi alterado.");
}

#[test]
fn a_refused_login_is_told_with_the_server_s_words_and_with_all_that_mends_it() {
    let shop = Shop::open();
    shop.0.client().batch_execute("CREATE ROLE sem_login").unwrap();
    let trouble = shop.look("sem_login", "tab_versao").unwrap_err();
    let problem = trouble.problem(&Catalog::default(), Lang::Pt);
    assert!(problem.causes.iter().any(|cause| cause.as_str().contains("not permitted to log in")), "{problem:?}");
    assert!(problem.hints.iter().any(|hint| hint.as_str() == "ALTER ROLE \"sem_login\" LOGIN;"), "{problem:?}");
}
