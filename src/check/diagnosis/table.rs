//! The table of causes, a row each: its name, how it counts, and what holds for every outcome of that name.

use super::{Diagnosis, Status};
use crate::lang::Lang;
use crate::safe::Safe;

/// What can be said of a diagnosis in general; each a sentence or two, empty where there is nothing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub meaning: Safe,
    /// The likely cause, as it stands after "Provável: " or "Likely: ".
    pub cause: Safe,
    pub action: Safe,
}

struct Row {
    name: &'static str,
    /// How it counts in general; a probe may know an exception.
    status: Status,
    /// At most 22 cells, Portuguese and English.
    brief: [&'static str; 2],
    /// Meaning, likely cause, action.
    pt: [&'static str; 3],
    en: [&'static str; 3],
}

impl Diagnosis {
    /// The stable name in JSON.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// How it counts in general; [`super::Outcome::status`] knows the exceptions.
    pub const fn status(self) -> Status {
        self.row().status
    }

    /// A few words for beside the field, at most 22 cells.
    pub const fn brief(self, lang: Lang) -> Safe {
        let [pt, en] = self.row().brief;
        Safe::own(lang.pick(pt, en))
    }

    /// What it means, the likely cause and what to do, whatever the address.
    pub const fn explain(self, lang: Lang) -> Explanation {
        let row = self.row();
        let [meaning, cause, action] = match lang {
            Lang::Pt => row.pt,
            Lang::En => row.en,
        };
        Explanation { meaning: Safe::own(meaning), cause: Safe::own(cause), action: Safe::own(action) }
    }

    const fn row(self) -> Row {
        match self {
            Diagnosis::Ok => Row {
                name: "ok",
                status: Status::Ok,
                brief: ["responde", "answers"],
                pt: ["Responde como deve.", "", ""],
                en: ["It answers as it should.", "", ""],
            },
            Diagnosis::DnsFailure => Row {
                name: "dns_failure",
                status: Status::Fail,
                brief: ["nome não encontrado", "name not found"],
                pt: [
                    "O nome do servidor não leva a nenhum endereço.",
                    "nome digitado errado, ou o DNS da loja está fora.",
                    "Confira o nome, ou use o endereço IP do servidor.",
                ],
                en: [
                    "The server's name leads to no address.",
                    "a misspelt name, or the shop's DNS is down.",
                    "Check the name, or use the server's IP address.",
                ],
            },
            Diagnosis::Refused => Row {
                name: "refused",
                status: Status::Fail,
                brief: ["recusada", "refused"],
                pt: [
                    "A máquina responde, mas nada escuta nessa porta.",
                    "o serviço está parado, ou um firewall rejeita.",
                    "Inicie o serviço no servidor ou confira a porta.",
                ],
                en: [
                    "The machine answers, but nothing listens on that port.",
                    "the service is stopped, or a firewall rejects.",
                    "Start the service on the server, or check the port.",
                ],
            },
            Diagnosis::Timeout => Row {
                name: "timeout",
                status: Status::Fail,
                brief: ["sem resposta", "no answer"],
                pt: [
                    "Nada responde nesse endereço.",
                    "endereço errado, máquina desligada, ou um firewall descarta.",
                    "Confira o endereço, o cabo e o firewall do servidor.",
                ],
                en: [
                    "Nothing answers at that address.",
                    "a wrong address, a machine that is off, or a firewall that drops.",
                    "Check the address, the cable and the server's firewall.",
                ],
            },
            Diagnosis::Unreachable => Row {
                name: "unreachable",
                status: Status::Fail,
                brief: ["sem caminho de rede", "no route"],
                pt: [
                    "A rede não conhece um caminho até esse endereço.",
                    "rede deste balcão desligada ou mal configurada, ou endereço de outra rede.",
                    "Confira a rede e o endereço.",
                ],
                en: [
                    "The network knows no way to that address.",
                    "this counter's network is off or set up wrongly, or the address is of another network.",
                    "Check the network and the address.",
                ],
            },
            Diagnosis::Reset => Row {
                name: "reset",
                status: Status::Fail,
                brief: ["conexão cortada", "connection cut"],
                pt: [
                    "A conexão é aceita e logo cortada, sem uma palavra.",
                    "o serviço está falhando, ou só aceita outros endereços.",
                    "Veja o registro do serviço e o firewall no servidor.",
                ],
                en: [
                    "The connection is accepted and cut at once, without a word.",
                    "the service is failing, or takes other addresses only.",
                    "Look at the service's log and the firewall on the server.",
                ],
            },
            Diagnosis::NotPostgres => Row {
                name: "not_postgres",
                status: Status::Fail,
                brief: ["não é PostgreSQL", "not PostgreSQL"],
                pt: [
                    "Outro serviço, que não é o PostgreSQL, responde nessa porta.",
                    "a porta é de outro programa.",
                    "Confira a porta do banco de dados; a usual é 5432.",
                ],
                en: [
                    "Another service, not PostgreSQL, answers on that port.",
                    "the port belongs to another program.",
                    "Check the database port; the usual one is 5432.",
                ],
            },
            Diagnosis::Silent => Row {
                name: "silent",
                status: Status::Fail,
                brief: ["aceita e não responde", "accepts, no answer"],
                pt: [
                    "A conexão é aceita, mas a resposta não vem.",
                    "o serviço está travado ou sobrecarregado, ou a porta é de outro programa.",
                    "Reinicie o serviço no servidor ou confira a porta.",
                ],
                en: [
                    "The connection is accepted, but no answer comes.",
                    "the service hangs or is overloaded, or the port belongs to another program.",
                    "Restart the service on the server, or check the port.",
                ],
            },
            Diagnosis::AuthRequired => Row {
                name: "auth_required",
                status: Status::Ok,
                brief: ["pede senha", "asks for a password"],
                pt: [
                    "O PostgreSQL está no ar e pede um login que o teste não tem.",
                    "",
                    "Endereço e porta estão certos; nada a fazer aqui.",
                ],
                en: [
                    "PostgreSQL is up and asks for a login that the check does not have.",
                    "",
                    "Address and port are right; nothing to do here.",
                ],
            },
            Diagnosis::AuthFailed => Row {
                name: "auth_failed",
                status: Status::Fail,
                brief: ["login recusado", "login refused"],
                pt: [
                    "O PostgreSQL recusa o login informado.",
                    "usuário ou senha errados.",
                    "Confira o usuário e a senha do teste.",
                ],
                en: [
                    "PostgreSQL refuses the login that was given.",
                    "a wrong user or password.",
                    "Check the user and the password of the check.",
                ],
            },
            Diagnosis::AuthUnsafe => Row {
                name: "auth_unsafe",
                status: Status::Warning,
                brief: ["senha sem proteção", "unprotected password"],
                pt: [
                    "O servidor pede a senha sem proteção; ela não foi enviada.",
                    "o servidor usa senha em claro ou MD5, sem TLS verificado.",
                    "Ative scram-sha-256 ou TLS no servidor.",
                ],
                en: [
                    "The server asks for the password unprotected; it was not sent.",
                    "the server uses clear-text or MD5 passwords without verified TLS.",
                    "Enable scram-sha-256 or TLS on the server.",
                ],
            },
            Diagnosis::HbaRejected => Row {
                name: "hba_rejected",
                status: Status::Fail,
                brief: ["balcão não admitido", "counter not admitted"],
                pt: [
                    "O PostgreSQL não admite este login a partir deste balcão.",
                    "falta no pg_hba.conf do servidor uma linha para este balcão.",
                    "Acrescente a linha e recarregue o PostgreSQL.",
                ],
                en: [
                    "PostgreSQL does not admit this login from this counter.",
                    "the server's pg_hba.conf has no line for this counter.",
                    "Add the line and reload PostgreSQL.",
                ],
            },
            Diagnosis::DatabaseMissing => Row {
                name: "database_missing",
                status: Status::Fail,
                brief: ["banco não existe", "no such database"],
                pt: [
                    "O PostgreSQL não tem um banco de dados com esse nome.",
                    "nome errado, ou é o servidor de outra loja.",
                    "Confira o nome do banco de dados e o servidor.",
                ],
                en: [
                    "PostgreSQL has no database of that name.",
                    "a wrong name, or it is another shop's server.",
                    "Check the name of the database and the server.",
                ],
            },
            Diagnosis::StartingUp => Row {
                name: "starting_up",
                status: Status::Warning,
                brief: ["iniciando", "starting up"],
                pt: [
                    "O PostgreSQL está no ar, mas ainda não aceita ninguém.",
                    "foi ligado há pouco, ou se recupera de uma queda.",
                    "Aguarde um minuto e teste de novo.",
                ],
                en: [
                    "PostgreSQL is up, but lets nobody in yet.",
                    "it was started just now, or recovers from a crash.",
                    "Wait a minute and test again.",
                ],
            },
            Diagnosis::ShuttingDown => Row {
                name: "shutting_down",
                status: Status::Warning,
                brief: ["desligando", "shutting down"],
                pt: [
                    "O PostgreSQL está sendo desligado.",
                    "manutenção no servidor.",
                    "Teste de novo quando o servidor voltar.",
                ],
                en: [
                    "PostgreSQL is being shut down.",
                    "maintenance on the server.",
                    "Test again when the server is back.",
                ],
            },
            Diagnosis::TooManyConnections => Row {
                name: "too_many_connections",
                status: Status::Warning,
                brief: ["sem conexão livre", "no connection left"],
                pt: [
                    "O PostgreSQL está no ar, mas não tem conexão livre.",
                    "programas demais conectados, ou conexões esquecidas abertas.",
                    "Feche as que sobram ou aumente max_connections no servidor.",
                ],
                en: [
                    "PostgreSQL is up, but has no connection left to give.",
                    "too many programs connected, or connections left open.",
                    "Close what is not needed, or raise max_connections on the server.",
                ],
            },
            Diagnosis::TlsRequired => Row {
                name: "tls_required",
                status: Status::Fail,
                brief: ["exige TLS", "demands TLS"],
                pt: [
                    "O servidor só aceita conexões cifradas.",
                    "o pg_hba.conf do servidor exige TLS (hostssl).",
                    "Teste com PGSSLMODE=require.",
                ],
                en: [
                    "The server takes encrypted connections only.",
                    "the server's pg_hba.conf demands TLS (hostssl).",
                    "Test with PGSSLMODE=require.",
                ],
            },
            Diagnosis::TlsFailed => Row {
                name: "tls_failed",
                status: Status::Fail,
                brief: ["TLS falhou", "TLS failed"],
                pt: [
                    "A conexão cifrada não pôde ser feita.",
                    "certificado vencido, de outro nome ou de emissor desconhecido.",
                    "Confira o certificado do servidor e o relógio deste balcão.",
                ],
                en: [
                    "The encrypted connection could not be made.",
                    "a certificate that is expired, of another name or of an unknown issuer.",
                    "Check the server's certificate and this counter's clock.",
                ],
            },
            Diagnosis::NotHttp => Row {
                name: "not_http",
                status: Status::Ok,
                brief: ["aberta, não é HTTP", "open, not HTTP"],
                pt: [
                    "A porta está aberta, mas não fala HTTP.",
                    "o serviço tem um protocolo próprio, ou a porta é de outro programa.",
                    "Se a integração não funciona, confira a porta.",
                ],
                en: [
                    "The port is open, but does not speak HTTP.",
                    "the service has its own protocol, or the port is another program's.",
                    "If the integration does not work, check the port.",
                ],
            },
            Diagnosis::HttpError => Row {
                name: "http_error",
                status: Status::Warning,
                brief: ["erro HTTP", "HTTP error"],
                pt: [
                    "O serviço está no ar, mas responde com um erro dele mesmo.",
                    "falha interna do serviço, ou o banco de dados dele está fora.",
                    "Veja o registro de erros do serviço no servidor.",
                ],
                en: [
                    "The service is up, but answers with an error of its own.",
                    "the service fails inside, or its database is down.",
                    "Look at the service's error log on the server.",
                ],
            },
            Diagnosis::FileMissing => Row {
                name: "file_missing",
                status: Status::Warning,
                brief: ["não pode ser lido", "cannot be read"],
                pt: [
                    "O arquivo não existe ou não pode ser lido.",
                    "caminho errado, ou o arquivo ainda não foi copiado.",
                    "Confira o caminho e as permissões do arquivo.",
                ],
                en: [
                    "The file does not exist or cannot be read.",
                    "a wrong path, or the file was not copied yet.",
                    "Check the path and the file's permissions.",
                ],
            },
            Diagnosis::NotAnImage => Row {
                name: "not_an_image",
                status: Status::Warning,
                brief: ["não é imagem", "not a picture"],
                pt: [
                    "O arquivo não é uma imagem PNG, JPEG ou BMP.",
                    "outro tipo de arquivo, ou a cópia ficou incompleta.",
                    "Informe uma imagem PNG, JPEG ou BMP.",
                ],
                en: [
                    "The file is no PNG, JPEG or BMP picture.",
                    "another kind of file, or an incomplete copy.",
                    "Give a PNG, JPEG or BMP picture.",
                ],
            },
            Diagnosis::Skipped => Row {
                name: "skipped",
                status: Status::Skipped,
                brief: ["não testado", "not tested"],
                pt: ["Não testado.", "", ""],
                en: ["Not tested.", "", ""],
            },
        }
    }
}
