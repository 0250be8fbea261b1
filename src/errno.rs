//! The system's reasons for a failed call, in the technician's language.

use std::io::{self, ErrorKind};

use rustix::io::Errno;

use crate::file::Refused;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// What the system said, as half a sentence.
pub fn message(error: &io::Error, lang: Lang) -> Safe {
    if let Some(refused) = error.get_ref().and_then(|inner| inner.downcast_ref::<Refused>()) {
        return refused.message(lang).unwrap_or_default();
    }
    let known = match Errno::from_io_error(error) {
        Some(Errno::ACCESS) => ("permissão negada", "permission denied"),
        Some(Errno::PERM) => ("operação não permitida", "operation not permitted"),
        Some(Errno::NOSPC) => ("não há espaço livre no disco", "no space left on the disk"),
        Some(Errno::DQUOT) => ("a cota de disco do usuário está cheia", "the user's disk quota is used up"),
        Some(Errno::ROFS) => {
            ("o sistema de arquivos está montado somente para leitura", "the file system is mounted read-only")
        }
        Some(Errno::IO) => (
            "o disco respondeu com erro (EIO); ele pode estar falhando",
            "the disk answered with an error (EIO); it may be failing",
        ),
        Some(Errno::BUSY) => ("o arquivo está em uso como ponto de montagem", "the file is in use as a mount point"),
        Some(Errno::FBIG) => ("o arquivo ficaria maior que o permitido", "the file would exceed the size allowed"),
        Some(Errno::NOENT) => ("o arquivo ou a pasta não existe", "there is no such file or folder"),
        Some(Errno::EXIST) => ("já existe algo com esse nome", "something with that name already exists"),
        Some(Errno::NOTDIR) => ("uma parte do caminho não é uma pasta", "a part of the path is not a folder"),
        Some(Errno::ISDIR) => ("é uma pasta", "it is a folder"),
        Some(Errno::NAMETOOLONG) => ("o nome é longo demais", "the name is too long"),
        Some(Errno::LOOP) => {
            ("os links simbólicos apontam uns para os outros", "the symbolic links point to one another")
        }
        Some(Errno::AGAIN) => ("outro programa está usando o arquivo", "another program is using the file"),
        Some(Errno::TIMEDOUT) => ("o disco não respondeu", "the disk did not answer"),
        Some(Errno::NOLCK) => {
            ("o sistema de arquivos não permite reservar arquivos (ENOLCK)", "the file system offers no locks (ENOLCK)")
        }
        Some(Errno::MFILE | Errno::NFILE) => ("há arquivos abertos demais", "too many files are open"),
        Some(Errno::NOMEM) => ("falta memória", "there is not enough memory"),
        Some(Errno::STALE) => {
            ("o servidor de arquivos não reconhece mais o arquivo", "the file server no longer knows the file")
        }
        Some(Errno::INVAL) => (
            "o sistema não aceita essa operação aqui (EINVAL)",
            "the system does not accept this operation here (EINVAL)",
        ),
        Some(Errno::NXIO | Errno::NODEV) => ("não há dispositivo que responda", "there is no device that answers"),
        Some(Errno::NOSYS) => ("o sistema não tem essa função", "the system does not have this function"),
        Some(Errno::XDEV) => ("está em outro sistema de arquivos", "it is on another file system"),
        Some(Errno::MLINK) => ("o arquivo tem nomes demais", "the file has too many names"),
        Some(Errno::INTR) => ("um sinal interrompeu a operação", "a signal interrupted it"),
        Some(Errno::NOTEMPTY) => ("a pasta não está vazia", "the folder is not empty"),
        Some(Errno::OVERFLOW) => ("o valor é grande demais para o sistema", "the value is too large for the system"),
        Some(Errno::UCLEAN | Errno::BADMSG) => ("o sistema de arquivos está danificado", "the file system is damaged"),
        Some(Errno::NOTSUP) => ("o sistema de arquivos não tem esse recurso", "the file system does not support it"),
        Some(Errno::PIPE) => ("o programa que lia do pipe terminou", "the program that read from the pipe has ended"),
        Some(Errno::NOTCONN | Errno::CONNABORTED | Errno::SHUTDOWN | Errno::HOSTDOWN) => (
            "o sistema de arquivos perdeu a conexão com o serviço dele",
            "the file system has lost the connection \
                 to its service",
        ),
        Some(Errno::NOTTY) => ("não é um terminal", "it is not a terminal"),
        Some(Errno::BADF) => ("o arquivo não está aberto", "the file is not open"),
        Some(Errno::TXTBSY) => ("é um programa em execução", "it is a running program"),
        Some(Errno::TOOBIG) => ("os argumentos são longos demais", "the arguments are too long"),
        Some(Errno::NOEXEC) => ("não é um programa para este sistema", "it is not a program for this system"),
        Some(Errno::REMOTEIO | Errno::PROTO | Errno::COMM) => {
            ("o serviço do sistema de arquivos respondeu com erro", "the file system's service answered with an error")
        }
        Some(Errno::NOMEDIUM | Errno::MEDIUMTYPE) => ("não há disco na unidade", "there is no disk in the drive"),
        Some(Errno::NOKEY | Errno::KEYEXPIRED | Errno::KEYREVOKED | Errno::KEYREJECTED) => {
            ("a pasta é criptografada e está trancada", "the folder is encrypted and locked")
        }
        Some(Errno::DEADLK) => ("os programas esperam uns pelos outros", "the programs wait for one another"),
        Some(Errno::ILSEQ) => {
            ("o sistema de arquivos não aceita esse nome", "the file system does not accept that name")
        }
        Some(_) => return unknown(error, lang),
        None => match error.kind() {
            ErrorKind::UnexpectedEof => ("terminou antes do esperado", "it ended sooner than expected"),
            ErrorKind::WriteZero => ("não foi possível gravar tudo", "could not write all of it"),
            ErrorKind::InvalidData => ("o conteúdo não é o esperado", "the contents are not as expected"),
            ErrorKind::InvalidInput => ("o nome não pode ser usado", "the name cannot be used"),
            ErrorKind::TimedOut => ("o disco não respondeu", "the disk did not answer"),
            _ => return unknown(error, lang),
        },
    };
    Safe::own(lang.pick(known.0, known.1))
}

/// The same for the text of such an error, `… (os error 13)`; `None` for any other text, and for a reason without words here.
pub fn of_text(text: &str, lang: Lang) -> Option<Safe> {
    let (_, after) = text.rsplit_once("(os error ")?;
    let error = io::Error::from_raw_os_error(after.strip_suffix(')')?.parse().ok()?);
    let told = message(&error, lang);
    (told != unknown(&error, lang)).then_some(told)
}

fn unknown(error: &io::Error, lang: Lang) -> Safe {
    match error.raw_os_error() {
        // Its words are English whatever the locale.
        Some(number) => say!(lang, "o sistema respondeu com o erro {}", "the system answered with error {}", number),
        None => say!(lang, "o sistema respondeu: {}", "the system answered: {}", Safe::outside(&error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_an_error_of_the_system_is_told_in_words_and_no_other() {
        let of = |code| of_text(&io::Error::from_raw_os_error(code).to_string(), Lang::Pt);
        assert_eq!(of(13), Some(Safe::own("permissão negada")));
        assert_eq!(of(113), None);
        assert_eq!(of(32), Some(Safe::own("o programa que lia do pipe terminou")));
        assert!(of(107).is_some() && of(103).is_some());
        assert_eq!(
            message(&io::Error::from_raw_os_error(113), Lang::Pt).as_str(),
            "o sistema respondeu com o erro 113"
        );
        assert_eq!(of_text("no answer before the deadline", Lang::Pt), None);
    }
}
