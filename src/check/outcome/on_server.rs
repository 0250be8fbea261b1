//! What to do where the way leads to the server and nothing right answers there: the firewall, the service, what stands in front
//! of it. As lines to paste.

use crate::catalog::Probe;
use crate::check::Diagnosis;
use crate::check::remedy::{Apply, Place, Remedy, listening_at, restart_by_name, start_cluster};
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
    Remedy::from(sentence)
        .paste(Place::Server, [safe!("sudo firewall-cmd --permanent --add-port={}/tcp", port)])
        .then(Apply::Run(Safe::own("sudo firewall-cmd --reload")))
}

/// With ufw, which most counters have; the first line shows the rules of any other.
pub(super) fn let_out(port: u16, lang: Lang) -> Remedy {
    let sentence = say!(
        lang,
        "Nada a fazer no servidor: libere neste computador a saída para a porta {}. Veja as regras; se é o ufw, libere:",
        "Nothing to do on the server: let this computer out to port {}. See the rules; if it is ufw, allow it:",
        port
    );
    let lines = [Safe::own("sudo nft list ruleset"), safe!("sudo ufw allow out {}/tcp", port)];
    Remedy::from(sentence).paste(Place::Here, lines)
}

pub(super) fn start_postgres(port: u16, lang: Lang) -> Remedy {
    let sentence = say!(
        lang,
        "Provável: PostgreSQL parado, outra porta, listen_addresses ou firewall que rejeita. Se o ss mostra 0.0.0.0:{}, é o firewall; senão, siga:",
        "Likely: PostgreSQL stopped, another port, listen_addresses, or a firewall rejects. If ss shows 0.0.0.0:{}, it is the firewall; else go on:",
        port
    );
    let own = Safe::own;
    let start = [own("sudo systemctl start postgresql"), start_cluster(lang)];
    let log = [own("df -h"), own("sudo sh -c 'tail -n 20 /var/log/postgresql/*.log'")];
    let change = [
        own("sudo -u postgres psql -Atc 'SHOW port' -c 'SHOW listen_addresses'"),
        own("sudo -u postgres psql -c \"ALTER SYSTEM SET listen_addresses='*'\""),
        own("sudo systemctl restart postgresql"),
    ];
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
        .only(say!(lang, "Não inicia? Veja o disco e o log:", "It does not start? See the disk and the log:"), log)
        .only(
            say!(
                lang,
                "Atende em 127.0.0.1 ou ::1 apenas? Abra-o à rede:",
                "It listens on 127.0.0.1 or ::1 alone? Open it to the network:"
            ),
            change,
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
            "Provável: serviço travado, proxy ou redirecionamento de porta sem destino, ou a porta é de outro. Veja no servidor quem a atende:",
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
