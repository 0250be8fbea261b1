//! What to do where the way leads to the server and nothing right answers there: the firewall, the service, what stands in front
//! of it. As lines to paste.

use crate::catalog::Probe;
use crate::check::Diagnosis;
use crate::check::evidence::Here;
use crate::check::remedy::{Place, Remedy, listening_at, psql, restart_by_name, start_cluster};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// With firewalld, which is what answers so by default; other firewalls have rules of their own.
pub(super) fn open_port(port: u16, lang: Lang) -> Remedy {
    let sentence = say!(
        lang,
        "Libere a porta {} para este computador nesse firewall. Se é o firewalld do servidor:",
        "Open port {} for this computer in that firewall. If it is the server's firewalld:",
        port
    );
    Remedy::from(sentence).paste(Place::Server, by_firewalld(port)).only(if_ufw(lang), [by_ufw(port)])
}

fn if_ufw(lang: Lang) -> Safe {
    say!(lang, "Se é o ufw:", "If it is ufw:")
}

fn by_ufw(port: u16) -> Safe {
    safe!("sudo ufw allow {}/tcp", port)
}

fn by_firewalld(port: u16) -> [Safe; 2] {
    [safe!("sudo firewall-cmd --permanent --add-port={}/tcp", port), Safe::own("sudo firewall-cmd --reload")]
}

/// Where the machine answers, and nothing comes from this port: what drops a packet tells nobody which firewall it is.
pub(super) fn let_in(port: u16, lang: Lang) -> Remedy {
    let sentence = say!(
        lang,
        "O endereço está certo e o servidor, ligado: um firewall ou desvio de porta retém a {}. Veja as regras no \
         servidor e libere:",
        "The address is right and the server is on: a firewall or port forward holds {} back. See the server's \
         rules and allow it:",
        port
    );
    by_its_firewall(Remedy::from(sentence).paste(Place::Server, [rules()]), port, lang)
}

fn rules() -> Safe {
    Safe::own("sudo nft list ruleset")
}

fn by_its_firewall(remedy: Remedy, port: u16, lang: Lang) -> Remedy {
    remedy
        .only(if_ufw(lang), [by_ufw(port)])
        .only(say!(lang, "Se é o firewalld:", "If it is firewalld:"), by_firewalld(port))
}

/// With ufw, which most counters have; the first line shows the rules of any other.
pub(super) fn let_out(port: u16, lang: Lang) -> Remedy {
    let sentence = say!(
        lang,
        "Nada a fazer no servidor: libere neste computador a saída para a porta {}. Veja as regras; se é o ufw, libere:",
        "Nothing to do on the server: let this computer out to port {}. See the rules; if it is ufw, allow it:",
        port
    );
    let lines = [rules(), safe!("sudo ufw allow out {}/tcp", port)];
    Remedy::from(sentence).paste(Place::Here, lines)
}

/// Where the server is looked for on this very machine, and the kernel tells more than the connection does.
pub(super) fn on_this_machine(here: Here, tested: u16, field: &Safe, lang: Lang) -> Remedy {
    match here {
        Here::NotRunning => {
            let sentence = say!(
                lang,
                "É este computador, e nele não há socket do PostgreSQL. Se o servidor é outro, corrija “{}”; se é este, inicie-o:",
                "It is this computer, and PostgreSQL has no socket on it. If the server is another one, correct “{}”; else start it:",
                field
            );
            let log = say!(lang, "Não inicia? Veja o disco e o log:", "It does not start? See the disk and the log:");
            Remedy::from(sentence)
                .paste(Place::Here, [Safe::own("pg_lsclusters"), Safe::own("sudo systemctl start postgresql")])
                .only(
                    say!(
                        lang,
                        "Continua down? Com o que pg_lsclusters mostra:",
                        "Still down? With what pg_lsclusters shows:"
                    ),
                    [start_cluster()],
                )
                .only(log, disk_and_log())
        }
        Here::SocketAlone(port) => {
            let sentence = say!(
                lang,
                "O PostgreSQL deste computador está em execução, mas a porta {} só atende pelo socket (listen_addresses). Abra-a e reinicie-o:",
                "This computer's PostgreSQL runs, but has port {} on its socket alone (listen_addresses). Open it and restart:",
                port
            );
            Remedy::from(sentence).paste(Place::Here, open_to_the_network(Some(port)))
        }
        Here::Elsewhere(port, address) => {
            let sentence = say!(
                lang,
                "O PostgreSQL daqui atende em {}, porta {}. Informe-o em “{}”, ou abra-o (listen_addresses) e reinicie:",
                "This computer's PostgreSQL is at {}, port {}. Enter it in “{}”, or open it (listen_addresses) and restart:",
                Safe::outside(&address.to_string()),
                port,
                field
            );
            Remedy::from(sentence).paste(Place::Here, open_to_the_network(Some(port)))
        }
        Here::Listens => {
            let sentence = say!(
                lang,
                "O PostgreSQL deste computador atende nessa porta: é o firewall daqui que a retém, ou ele acaba de iniciar. Veja as regras:",
                "This computer's PostgreSQL listens on that port: its own firewall holds it back, or it has just started. See the rules:"
            );
            by_its_firewall(Remedy::from(sentence).paste(Place::Here, [rules()]), tested, lang)
        }
    }
}

fn disk_and_log() -> [Safe; 2] {
    [Safe::own("df -h"), Safe::own("sudo sh -c 'tail -n 20 /var/log/postgresql/*.log'")]
}

/// The server at this port, or the usual one.
fn open_to_the_network(port: Option<u16>) -> [Safe; 3] {
    let psql = psql(port);
    [
        safe!("{} -Atc 'SHOW port' -c 'SHOW listen_addresses'", psql.clone()),
        safe!("{} -c \"ALTER SYSTEM SET listen_addresses='*'\"", psql),
        Safe::own("sudo systemctl restart postgresql"),
    ]
}

pub(super) fn start_postgres(port: u16, lang: Lang) -> Remedy {
    let sentence = say!(
        lang,
        "Provável: PostgreSQL parado, outra porta, listen_addresses ou firewall que rejeita. Se o ss mostra 0.0.0.0:{}, é o firewall; senão, siga:",
        "Likely: PostgreSQL stopped, another port, listen_addresses, or a firewall rejects. If ss shows 0.0.0.0:{}, it is the firewall; else go on:",
        port
    );
    let own = Safe::own;
    let start = [own("sudo systemctl start postgresql"), start_cluster()];
    Remedy::from(sentence)
        .paste(Place::Server, [own("sudo ss -ltnp"), own("pg_lsclusters")])
        .only(
            say!(
                lang,
                "Parado (down)? Inicie; no Debian e no Ubuntu, com o que pg_lsclusters mostra:",
                "Stopped (down)? Start it; on Debian and Ubuntu, with what pg_lsclusters shows:"
            ),
            start,
        )
        .only(
            say!(lang, "Não inicia? Veja o disco e o log:", "It does not start? See the disk and the log:"),
            disk_and_log(),
        )
        .only(
            say!(
                lang,
                "Atende em 127.0.0.1 ou ::1 apenas? Abra-o à rede:",
                "It listens on 127.0.0.1 or ::1 alone? Open it to the network:"
            ),
            open_to_the_network(None),
        )
}

/// What takes a connection and says nothing may be the service, or what stands in front of it: which, the server shows.
pub(super) fn who_answers(diagnosis: Diagnosis, port: u16, probe: Probe, lang: Lang) -> Remedy {
    let sentence = match diagnosis {
        Diagnosis::Reset => say!(
            lang,
            "Provável: serviço falhando, proxy ou redirecionamento de porta sem destino, ou filtro de IP. Veja no servidor quem atende a porta:",
            "Likely: the service fails, a proxy or port forward without a target, or an IP filter. See on the server who answers the port:"
        ),
        _ => say!(
            lang,
            "Provável: serviço sem resposta, proxy ou redirecionamento de porta sem destino, ou a porta é de \
             outro. Veja no servidor quem atende:",
            "Likely: the service hangs, a proxy or port forward without a target, or it is another's port. See on the server who answers it:"
        ),
    };
    let unit = say!(lang, "systemctl status PID  # o nome do serviço", "systemctl status PID  # the service's name");
    let itself = match probe {
        Probe::Postgres => {
            say!(
                lang,
                "É o PostgreSQL (postgres)? Com o pid mostrado:",
                "It is PostgreSQL (postgres)? With the pid shown:"
            )
        }
        _ => say!(lang, "É o próprio serviço? Com o pid mostrado:", "It is the service itself? With the pid shown:"),
    };
    let front = say!(
        lang,
        "É outro (haproxy, docker-proxy, sshd)? Inicie antes o destino dele; o log:",
        "It is another (haproxy, docker-proxy, sshd)? Start its target first; the log:"
    );
    Remedy::from(sentence)
        .paste(Place::Server, [listening_at(port)])
        .only(itself, [unit, restart_by_name(lang)])
        .only(front, [Safe::own("sudo journalctl --no-pager -n 30 -p err")])
}
