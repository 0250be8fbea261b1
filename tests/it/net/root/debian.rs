//! A Debian server with PostgreSQL as its packages set it up, at the other end of the cable: what the remedies say is typed there
//! to the letter, with Debian's own pg_lsclusters, pg_ctlcluster and pg_conftool, sudo, ss, nft and ufw.
//!
//! Its folders are its own, in a mount namespace over this machine's. systemd is the one thing that cannot run there: `systemctl`
//! does what the package's units do, each cluster by pg_ctlcluster.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use balcao_config::check::{Diagnosis, Options, Outcome};
use balcao_config::lang::Lang;
use balcao_config::safe::Safe;

use super::{Cable, patient, short};

/// Folders that are the server's alone, and how they are at first.
const SETUP: &str = r#"
mount --make-rprivate /
for folder in /etc/postgresql /var/lib/postgresql /var/log/postgresql /run/postgresql; do
  mkdir -p $folder; mount -t tmpfs none $folder
done
chown postgres:postgres /var/lib/postgresql /run/postgresql; chmod 2775 /run/postgresql
chown root:postgres /var/log/postgresql; chmod 1775 /var/log/postgresql
cp -a /etc/ufw /run/postgresql/ufw; mount --bind /run/postgresql/ufw /etc/ufw
cp -a /etc/default /run/postgresql/default; mount --bind /run/postgresql/default /etc/default
cat >/run/postgresql/systemctl <<'END'
#!/bin/sh
[ "$2" = postgresql ] || exit 5
pg_lsclusters -h | while read -r version name _; do pg_ctlcluster --skip-systemctl-redirect $version $name $1 || :; done
END
chmod 755 /run/postgresql/systemctl; mount --bind /run/postgresql/systemctl /usr/bin/systemctl
export LC_ALL=C.UTF-8 PATH="$PATH:/usr/sbin:/sbin"
for version in /usr/lib/postgresql/*; do version=${version##*/}; done
pg_createcluster $version main --start-conf auto -- --no-sync
echo "host all all 10.77.0.0/24 trust" >>/etc/postgresql/$version/main/pg_hba.conf
"#;

struct Debian<'a> {
    cable: &'a Cable,
    shell: Child,
    typed: ChildStdin,
    shown: BufReader<ChildStdout>,
}

impl Debian<'_> {
    fn boot(cable: &Cable) -> Debian<'_> {
        let mut shell = Command::new("ip")
            .args(["netns", "exec", &cable.server, "sh", "-c", "exec 2>&1; exec sh"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (typed, shown) = (shell.stdin.take().unwrap(), BufReader::new(shell.stdout.take().unwrap()));
        let mut debian = Debian { cable, shell, typed, shown };
        debian.types(SETUP);
        debian
    }

    /// Types this at the root's shell there; what it shows.
    fn types(&mut self, lines: &str) -> String {
        writeln!(self.typed, "{lines}\necho; echo done-with-it").unwrap();
        let mut shown = String::new();
        while !shown.ends_with("done-with-it\n") {
            assert_ne!(self.shown.read_line(&mut shown).unwrap(), 0, "{lines}: {shown}");
        }
        shown.replace("\ndone-with-it\n", "")
    }

    /// Pastes lines, with the two columns that `pg_lsclusters` shows in the place of their names.
    fn pastes(&mut self, lines: &[Safe]) -> String {
        let listed = self.types("pg_lsclusters -h");
        let mut columns = listed.split_whitespace();
        let (version, cluster) = (columns.next().unwrap(), columns.next().unwrap());
        let lines: Vec<String> =
            lines.iter().map(|line| line.as_str().replace("VER CLUSTER", &format!("{version} {cluster}"))).collect();
        self.types(&lines.join("\n"))
    }

    /// What is pasted in every case, then what goes with the case whose label begins so; what both show.
    fn follows(&mut self, found: &Outcome, case: &str) -> String {
        let remedy = found.remedy(&Default::default(), Lang::Pt);
        let case = remedy.cases.iter().find(|one| one.when.as_str().starts_with(case));
        let lines = case.unwrap_or_else(|| panic!("{:#?}", remedy.cases)).lines.clone();
        let shown = self.pastes(&remedy.to_paste());
        shown + &self.pastes(&lines)
    }

    fn check(&self, options: Options) -> Outcome {
        self.cable.check("10.77.0.2", 5432, options)
    }

    fn expects(&self, diagnosis: Diagnosis, after: &str) -> Outcome {
        let found = self.check(patient());
        assert_eq!(found.diagnosis, diagnosis, "{after}: {:?}", crate::check::detail(&found));
        found
    }
}

impl Drop for Debian<'_> {
    fn drop(&mut self) {
        let _ = writeln!(self.typed, "systemctl stop postgresql; exit");
        let _ = self.shell.wait();
    }
}

#[test]
fn a_server_that_is_down_and_listens_to_itself_alone_is_started_and_opened_by_the_lines() {
    let cable = Cable::lay();
    let mut debian = Debian::boot(&cable);
    let down = debian.expects(Diagnosis::Refused, "not started");
    let shown = debian.follows(&down, "Parado (down)?");
    assert!(shown.contains("down") && shown.contains("main"), "{shown}");
    // It runs, and as Debian sets it up it listens to itself alone: the same words show that, too.
    let alone = debian.expects(Diagnosis::Refused, &shown);
    let shown = debian.follows(&alone, "Atende em 127.0.0.1");
    assert!(shown.contains("127.0.0.1:5432") && shown.contains("online"), "{shown}");
    debian.expects(Diagnosis::Ok, &shown);
    // Stopped by its own service, and then one cluster that its package's service does not start.
    debian.types("systemctl stop postgresql");
    let stopped = debian.expects(Diagnosis::Refused, "stopped");
    let start = stopped.remedy(&Default::default(), Lang::Pt).cases[0].lines.clone();
    for one in start {
        debian.types("systemctl stop postgresql");
        let shown = debian.pastes(std::slice::from_ref(&one));
        debian.expects(Diagnosis::Ok, &format!("{one}: {shown}"));
    }
    // It does not start: the disk is full, and the lines show that, and the log.
    debian.types(
        "systemctl stop postgresql; rm /var/log/postgresql/*.log; mount -t tmpfs -o size=16k none /var/log/postgresql; \
                  chmod 1777 /var/log/postgresql; head -c 64k /dev/zero >/var/log/postgresql/old.log",
    );
    let full = debian.expects(Diagnosis::Refused, "full");
    let shown = debian.follows(&full, "Não inicia?");
    assert!(shown.contains("100% /var/log/postgresql"), "{shown}");
    debian.types("rm /var/log/postgresql/old.log; systemctl start postgresql");
    debian.expects(Diagnosis::Ok, "freed");
}

#[test]
fn ufw_s_rules_are_shown_and_changed_by_the_lines() {
    let cable = Cable::lay();
    let mut debian = Debian::boot(&cable);
    debian.types("sudo pg_conftool set listen_addresses '*'; systemctl start postgresql");
    debian.expects(Diagnosis::Ok, "started");
    // Everything but one port is kept out, as ufw does it once it is turned on.
    let shown = debian.types("ufw allow 8082/tcp; ufw --force enable");
    assert!(shown.contains("Firewall is active"), "{shown}");
    let page = |stream: &mut std::net::TcpStream| stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
    cable.serving("10.77.0.2:8082", page, || {
        let requests = [crate::check::database("10.77.0.2", 5432), crate::check::service("10.77.0.2", 8082)];
        let found = cable.check_all(&requests, &short()).remove(0);
        assert_eq!(found.evidence.answers_on, Some(8082), "{:?}", crate::check::detail(&found));
        let shown = debian.follows(&found, "Se é o ufw:");
        assert!(shown.contains("ufw-user-input") && shown.contains("Rule added"), "{shown}");
    });
    debian.expects(Diagnosis::Ok, "allowed");
    // It may as well answer: as if the port were closed.
    debian.types("ufw delete allow 5432/tcp; ufw default reject incoming; ufw reload");
    let rejected = debian.expects(Diagnosis::Refused, "rejected");
    let sentence = rejected.message(&Default::default(), Lang::Pt);
    assert!(sentence.as_str().contains("um firewall em 10.77.0.2 rejeita"), "{sentence}");
    let lines = rejected.remedy(&Default::default(), Lang::Pt).cases.remove(0).lines;
    let shown = debian.pastes(&lines);
    debian.expects(Diagnosis::Ok, &shown);
}

#[test]
fn a_standby_that_admits_nobody_does_so_after_the_lines() {
    let cable = Cable::lay();
    let mut debian = Debian::boot(&cable);
    debian.types(
        "sudo pg_conftool set listen_addresses '*'; sudo pg_conftool set hot_standby off
         sudo -u postgres touch /var/lib/postgresql/$version/main/standby.signal; systemctl start postgresql",
    );
    let closed = debian.expects(Diagnosis::Standby, "closed");
    assert_eq!(crate::check::detail(&closed)["reason"], "admits_nobody");
    let shown = debian.follows(&closed, "Ative");
    let open = crate::busy::at_best(|| debian.check(patient()), |found| found.diagnosis == Diagnosis::Standby);
    let told = crate::check::detail(&open);
    assert_eq!((open.diagnosis, &told["standby"]), (Diagnosis::Standby, &true.into()), "{shown} {told:?}");
}
