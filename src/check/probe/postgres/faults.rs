//! What is said of an encrypted connection that failed, and what to do about it.

use super::evidence::Reason;
use super::tls::{Fault, Unread};
use crate::check::remedy::{Place, Remedy, psql};
use crate::errno;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// What happened.
pub fn message(reason: Option<&Reason>, place: Safe, host: Safe, lang: Lang) -> Safe {
    match reason {
        Some(Reason::Tls(Fault::NotOffered)) => {
            say!(lang, "{} não oferece conexão criptografada.", "{} offers no encrypted connection.", place)
        }
        Some(Reason::Tls(Fault::Expired)) => {
            say!(lang, "O certificado de {} está vencido.", "The certificate of {} has expired.", place)
        }
        Some(Reason::Tls(Fault::NotYetValid)) => say!(
            lang,
            "O certificado de {} ainda não vale, pelo relógio deste computador.",
            "The certificate of {} is not valid yet, by this computer's clock.",
            place
        ),
        Some(Reason::Tls(Fault::WrongName)) => say!(
            lang,
            "O certificado de {} não vale para o nome {}.",
            "The certificate of {} is not made out to {}.",
            place,
            host
        ),
        Some(Reason::Tls(Fault::UnknownIssuer)) => say!(
            lang,
            "O certificado de {} não é de um emissor conhecido.",
            "The certificate of {} is from no known issuer.",
            place
        ),
        Some(Reason::Tls(Fault::Roots(path, why))) => {
            let (path, why) = (Safe::path(path), unread(why, lang));
            say!(
                lang,
                "Não foi possível ler os certificados confiáveis: {}: {}.",
                "The trusted certificates could not be read: {}: {}.",
                path,
                why
            )
        }
        _ => say!(lang, "A conexão criptografada com {} falhou.", "The encrypted connection to {} failed.", place),
    }
}

/// Why a file of certificates was not read, as half a sentence.
fn unread(why: &Unread, lang: Lang) -> Safe {
    match why {
        Unread::Silent => say!(lang, "o arquivo não respondeu", "the file did not answer"),
        Unread::NotRegular(instead) => say!(lang, "é {}", "it is {}", instead.message(lang)),
        Unread::TooLarge => say!(lang, "o arquivo é grande demais", "the file is too large"),
        Unread::Empty => say!(lang, "nenhum certificado nele", "no certificate in it"),
        Unread::System(error) => errno::of_text(error, lang).unwrap_or_else(|| Safe::outside(error)),
    }
}

/// What to do; `host` names the parameter with the host. `None`: what holds in general.
pub fn remedy(fault: &Fault, host: impl Fn() -> Safe, lang: Lang) -> Option<Safe> {
    Some(match fault {
        Fault::NotOffered => say!(
            lang,
            "Ative TLS no servidor, ou teste com PGSSLMODE=prefer. Veja se os dois arquivos do certificado existem:",
            "Enable TLS on the server, or test with PGSSLMODE=prefer. See whether the certificate's two files are there:"
        ),
        Fault::Expired => say!(
            lang,
            "Confira o relógio deste computador e renove o certificado no servidor. De quem ele é:",
            "Check this computer's clock, and renew the certificate on the server. Whose it is:"
        ),
        Fault::NotYetValid => say!(lang, "Acerte o relógio deste computador.", "Set this computer's clock."),
        Fault::WrongName => say!(
            lang,
            "Informe em “{}” um nome que conste no certificado, emita outro, ou teste com PGSSLMODE=verify-ca. Os nomes:",
            "Enter in “{}” a name that is in the certificate, have another made, or test with PGSSLMODE=verify-ca. Its names:",
            host()
        ),
        Fault::UnknownIssuer => say!(
            lang,
            "Informe em PGSSLROOTCERT o certificado do emissor ou o do próprio servidor. Este, num arquivo deste computador, é o que mostra:",
            "Name in PGSSLROOTCERT the certificate of its issuer, or the server's own: in a file of this computer, what this shows:"
        ),
        Fault::Roots(path, Unread::Silent) => say!(
            lang,
            "Confira o disco de {}, ou informe outro arquivo em PGSSLROOTCERT.",
            "Check the disk of {}, or name another file in PGSSLROOTCERT.",
            Safe::path(path)
        ),
        Fault::Roots(..) => say!(lang, "Confira PGSSLROOTCERT.", "Check PGSSLROOTCERT."),
        Fault::Handshake(_) | Fault::NothingInCommon | Fault::CertificateWanted => return None,
    })
}

/// The remedy with what is typed on the server, which is at this port there. PostgreSQL takes a new certificate when it reads its
/// files again (since 10); one that it cannot use would stop its next start: so nothing is turned on without.
pub fn with_lines(fault: &Fault, port: Option<u16>, remedy: Remedy, lang: Lang) -> Remedy {
    let psql = || psql(port);
    let setting = |name, setting: &str| safe!("{}=$({} -Atc 'SHOW {}')", name, psql(), Safe::outside(setting));
    let (folder, certificate) = (setting("D", "data_directory"), setting("C", "ssl_cert_file"));
    let key = setting("K", "ssl_key_file");
    let there = |command| safe!("sudo -u postgres env -C $D {}", command);
    let turn_on = || safe!("{} -c 'ALTER SYSTEM SET ssl = on' -c 'SELECT pg_reload_conf()'", psql());
    match fault {
        Fault::NotOffered => {
            let both = say!(lang, "Existem os dois? Ative:", "Both are there? Turn it on:");
            let missing = say!(
                lang,
                "Falta um? Crie um certificado da loja, por 10 anos, e ative:",
                "One is missing? Make a certificate of the shop's, for 10 years, and turn it on:"
            );
            let new =
                "openssl req -new -x509 -days 3650 -nodes -subj /CN=$(hostname) -out server.crt -keyout server.key";
            let name = safe!(
                "{} -c \"ALTER SYSTEM SET ssl_cert_file='server.crt'\" -c \"ALTER SYSTEM SET ssl_key_file='server.key'\"",
                psql()
            );
            let made = there("test -s server.crt -a -s server.key");
            remedy
                .paste(Place::Server, [folder, certificate, key, there("ls -l $C $K")])
                .only(both, [safe!("{} && {}", there("test -r $C -a -r $K"), turn_on())])
                .only(
                    missing,
                    [
                        safe!("{} || {}", there("test -e server.key"), there(new)),
                        safe!("{} && {} && {}", made, name, turn_on()),
                    ],
                )
        }
        Fault::Expired => {
            let own = say!(
                lang,
                "subject e issuer são iguais? É da própria loja: renove por 10 anos:",
                "subject and issuer are the same? It is the shop's own: renew it for 10 years:"
            );
            let renew = safe!(
                "{} && {} && {} -c 'SELECT pg_reload_conf()'",
                there("openssl x509 -days 3650 -in $C -signkey $K -out novo.crt"),
                there("cp novo.crt $C"),
                psql()
            );
            let other = say!(
                lang,
                "É de um emissor? Peça outro, grave-o nestes arquivos e recarregue:",
                "It is an issuer's? Get another, put it into these files, and reload:"
            );
            let reload = safe!("{} -c 'SELECT pg_reload_conf()'", psql());
            remedy
                .paste(
                    Place::Server,
                    [folder, certificate, key, there("openssl x509 -noout -subject -issuer -dates -in $C")],
                )
                .only(own, [renew])
                .only(other, [Safe::own("echo $D: $C $K"), reload])
        }
        Fault::WrongName => {
            let look = there("openssl x509 -noout -subject -ext subjectAltName -in $C");
            remedy.paste(Place::Server, [folder, certificate, look])
        }
        Fault::UnknownIssuer => remedy.paste(Place::Server, [folder, certificate, there("cat $C")]),
        _ => remedy,
    }
}
