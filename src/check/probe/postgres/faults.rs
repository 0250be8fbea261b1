//! What is said of an encrypted connection that failed, and what to do about it.

use super::evidence::Reason;
use super::tls::{Fault, Unread};
use crate::errno;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

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
            "Ative TLS no servidor (um certificado, depois ssl = on), ou teste com PGSSLMODE=prefer.",
            "Enable TLS on the server (a certificate, then ssl = on), or test with PGSSLMODE=prefer."
        ),
        Fault::Expired => say!(
            lang,
            "Renove o certificado no servidor; confira também o relógio deste computador.",
            "Renew the certificate on the server; check this computer's clock as well."
        ),
        Fault::NotYetValid => say!(lang, "Acerte o relógio deste computador.", "Set this computer's clock."),
        Fault::WrongName => say!(
            lang,
            "Informe em “{}” um nome que conste no certificado ou emita outro com este nome.",
            "Enter in “{}” a name that is in the certificate, or have another made with this name.",
            host()
        ),
        Fault::UnknownIssuer => say!(
            lang,
            "Informe em PGSSLROOTCERT o certificado do emissor ou o do próprio servidor.",
            "Name in PGSSLROOTCERT the certificate of its issuer, or the server's own."
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
