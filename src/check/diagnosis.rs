//! The closed list of causes, and the words for each: what it means, the likely cause, what to do.
//!
//! The words here hold for every outcome of that name, for help and manual; `words.rs` makes the sentences about one
//! outcome, with its very address, port or file.

use crate::lang::Lang;
use crate::safe::Safe;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    Warning,
    Fail,
    Skipped,
}

impl Status {
    /// The stable name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Fail => "fail",
            Status::Skipped => "skipped",
        }
    }
}

/// One cause out of the closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Diagnosis {
    Ok,
    /// The name leads to no address.
    DnsFailure,
    /// The machine answers, and nothing listens on the port.
    Refused,
    Timeout,
    /// The network knows no way there.
    Unreachable,
    /// The connection is taken and then cut.
    Reset,
    /// Something else than PostgreSQL answers.
    NotPostgres,
    /// The connection is taken, and nothing is said on it.
    Silent,
    /// PostgreSQL is up and wants a login that was not given: a pass.
    AuthRequired,
    /// The login that was given is wrong.
    AuthFailed,
    /// The server wants the password unprotected; it was not sent.
    AuthUnsafe,
    /// The server's access list does not admit this login from here.
    HbaRejected,
    /// There is no database of that name.
    DatabaseMissing,
    /// PostgreSQL is starting up or recovering.
    StartingUp,
    ShuttingDown,
    /// PostgreSQL has no connection left to give.
    TooManyConnections,
    /// The server takes encrypted connections alone.
    TlsRequired,
    /// The encrypted connection could not be made.
    TlsFailed,
    /// The port is open and speaks something else than HTTP: a pass with a note.
    NotHttp,
    /// The service answers with an error of its own (5xx).
    HttpError,
    /// There is no such file, or it cannot be read.
    FileMissing,
    /// The file is no PNG, JPEG or BMP picture.
    NotAnImage,
    Skipped,
}

/// What can be said of a diagnosis in general; each a sentence or two, empty where there is nothing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub meaning: Safe,
    /// The likely cause, as it stands after "Provável: " or "Likely: ".
    pub cause: Safe,
    pub action: Safe,
}

impl Diagnosis {
    /// All of them, in the order of the list.
    pub const ALL: [Diagnosis; 23] = [
        Diagnosis::Ok,
        Diagnosis::DnsFailure,
        Diagnosis::Refused,
        Diagnosis::Timeout,
        Diagnosis::Unreachable,
        Diagnosis::Reset,
        Diagnosis::NotPostgres,
        Diagnosis::Silent,
        Diagnosis::AuthRequired,
        Diagnosis::AuthFailed,
        Diagnosis::AuthUnsafe,
        Diagnosis::HbaRejected,
        Diagnosis::DatabaseMissing,
        Diagnosis::StartingUp,
        Diagnosis::ShuttingDown,
        Diagnosis::TooManyConnections,
        Diagnosis::TlsRequired,
        Diagnosis::TlsFailed,
        Diagnosis::NotHttp,
        Diagnosis::HttpError,
        Diagnosis::FileMissing,
        Diagnosis::NotAnImage,
        Diagnosis::Skipped,
    ];

    /// How it counts in general; [`super::Outcome::status`] knows the exception (a silent HTTP service is a warning).
    pub const fn status(self) -> Status {
        match self {
            Diagnosis::Ok | Diagnosis::AuthRequired | Diagnosis::NotHttp => Status::Ok,
            Diagnosis::AuthUnsafe
            | Diagnosis::StartingUp
            | Diagnosis::ShuttingDown
            | Diagnosis::TooManyConnections
            | Diagnosis::HttpError
            | Diagnosis::FileMissing
            | Diagnosis::NotAnImage => Status::Warning,
            Diagnosis::Skipped => Status::Skipped,
            Diagnosis::DnsFailure
            | Diagnosis::Refused
            | Diagnosis::Timeout
            | Diagnosis::Unreachable
            | Diagnosis::Reset
            | Diagnosis::NotPostgres
            | Diagnosis::Silent
            | Diagnosis::AuthFailed
            | Diagnosis::HbaRejected
            | Diagnosis::DatabaseMissing
            | Diagnosis::TlsRequired
            | Diagnosis::TlsFailed => Status::Fail,
        }
    }

    /// The stable name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Diagnosis::Ok => "ok",
            Diagnosis::DnsFailure => "dns_failure",
            Diagnosis::Refused => "refused",
            Diagnosis::Timeout => "timeout",
            Diagnosis::Unreachable => "unreachable",
            Diagnosis::Reset => "reset",
            Diagnosis::NotPostgres => "not_postgres",
            Diagnosis::Silent => "silent",
            Diagnosis::AuthRequired => "auth_required",
            Diagnosis::AuthFailed => "auth_failed",
            Diagnosis::AuthUnsafe => "auth_unsafe",
            Diagnosis::HbaRejected => "hba_rejected",
            Diagnosis::DatabaseMissing => "database_missing",
            Diagnosis::StartingUp => "starting_up",
            Diagnosis::ShuttingDown => "shutting_down",
            Diagnosis::TooManyConnections => "too_many_connections",
            Diagnosis::TlsRequired => "tls_required",
            Diagnosis::TlsFailed => "tls_failed",
            Diagnosis::NotHttp => "not_http",
            Diagnosis::HttpError => "http_error",
            Diagnosis::FileMissing => "file_missing",
            Diagnosis::NotAnImage => "not_an_image",
            Diagnosis::Skipped => "skipped",
        }
    }

    /// What it means, the likely cause and what to do, whatever the address.
    pub const fn explain(self, lang: Lang) -> Explanation {
        let [meaning, cause, action] = match lang {
            Lang::Pt => self.portuguese(),
            Lang::En => self.english(),
        };
        Explanation { meaning: Safe::own(meaning), cause: Safe::own(cause), action: Safe::own(action) }
    }

    const fn portuguese(self) -> [&'static str; 3] {
        match self {
            Diagnosis::Ok => ["Responde como deve.", "", ""],
            Diagnosis::DnsFailure => [
                "O nome do servidor não leva a nenhum endereço.",
                "nome digitado errado, ou o DNS da loja está fora.",
                "Confira o nome, ou use o endereço IP do servidor.",
            ],
            Diagnosis::Refused => [
                "A máquina responde, mas nada escuta nessa porta.",
                "o serviço está parado, ou um firewall rejeita.",
                "Inicie o serviço no servidor ou confira a porta.",
            ],
            Diagnosis::Timeout => [
                "Nada responde nesse endereço.",
                "endereço errado, máquina desligada, ou um firewall descarta.",
                "Confira o endereço, o cabo e o firewall do servidor.",
            ],
            Diagnosis::Unreachable => [
                "A rede não conhece um caminho até esse endereço.",
                "rede deste balcão desligada ou mal configurada, ou endereço de outra rede.",
                "Confira a rede e o endereço.",
            ],
            Diagnosis::Reset => [
                "A conexão é aceita e logo cortada, sem uma palavra.",
                "o serviço está falhando, ou só aceita outros endereços.",
                "Veja o registro do serviço e o firewall no servidor.",
            ],
            Diagnosis::NotPostgres => [
                "Outro serviço, que não é o PostgreSQL, responde nessa porta.",
                "a porta é de outro programa.",
                "Confira a porta do banco de dados; a usual é 5432.",
            ],
            Diagnosis::Silent => [
                "A conexão é aceita, mas a resposta não vem.",
                "o serviço está travado ou sobrecarregado, ou a porta é de outro programa.",
                "Reinicie o serviço no servidor ou confira a porta.",
            ],
            Diagnosis::AuthRequired => [
                "O PostgreSQL está no ar e pede um login que o teste não tem.",
                "",
                "Endereço e porta estão certos; nada a fazer aqui.",
            ],
            Diagnosis::AuthFailed => [
                "O PostgreSQL recusa o login informado.",
                "usuário ou senha errados.",
                "Confira o usuário e a senha do teste.",
            ],
            Diagnosis::AuthUnsafe => [
                "O servidor pede a senha sem proteção; ela não foi enviada.",
                "o servidor usa senha em claro ou MD5, sem TLS verificado.",
                "Ative scram-sha-256 ou TLS no servidor.",
            ],
            Diagnosis::HbaRejected => [
                "O PostgreSQL não admite este login a partir deste balcão.",
                "falta no pg_hba.conf do servidor uma linha para este balcão.",
                "Acrescente a linha e recarregue o PostgreSQL.",
            ],
            Diagnosis::DatabaseMissing => [
                "O PostgreSQL não tem um banco de dados com esse nome.",
                "nome errado, ou é o servidor de outra loja.",
                "Confira o nome do banco de dados e o servidor.",
            ],
            Diagnosis::StartingUp => [
                "O PostgreSQL está no ar, mas ainda não aceita ninguém.",
                "foi ligado há pouco, ou se recupera de uma queda.",
                "Aguarde um minuto e teste de novo.",
            ],
            Diagnosis::ShuttingDown => [
                "O PostgreSQL está sendo desligado.",
                "manutenção no servidor.",
                "Teste de novo quando o servidor voltar.",
            ],
            Diagnosis::TooManyConnections => [
                "O PostgreSQL está no ar, mas não tem conexão livre.",
                "programas demais conectados, ou conexões esquecidas abertas.",
                "Feche as que sobram ou aumente max_connections no servidor.",
            ],
            Diagnosis::TlsRequired => [
                "O servidor só aceita conexões cifradas.",
                "o pg_hba.conf do servidor exige TLS (hostssl).",
                "Teste com PGSSLMODE=require.",
            ],
            Diagnosis::TlsFailed => [
                "A conexão cifrada não pôde ser feita.",
                "certificado vencido, de outro nome ou de emissor desconhecido.",
                "Confira o certificado do servidor e o relógio deste balcão.",
            ],
            Diagnosis::NotHttp => [
                "A porta está aberta, mas não fala HTTP.",
                "o serviço tem um protocolo próprio, ou a porta é de outro programa.",
                "Se a integração não funciona, confira a porta.",
            ],
            Diagnosis::HttpError => [
                "O serviço está no ar, mas responde com um erro dele mesmo.",
                "falha interna do serviço, ou o banco de dados dele está fora.",
                "Veja o registro de erros do serviço no servidor.",
            ],
            Diagnosis::FileMissing => [
                "O arquivo não existe ou não pode ser lido.",
                "caminho errado, ou o arquivo ainda não foi copiado.",
                "Confira o caminho e as permissões do arquivo.",
            ],
            Diagnosis::NotAnImage => [
                "O arquivo não é uma imagem PNG, JPEG ou BMP.",
                "outro tipo de arquivo, ou a cópia ficou incompleta.",
                "Informe uma imagem PNG, JPEG ou BMP.",
            ],
            Diagnosis::Skipped => ["Não testado.", "", ""],
        }
    }

    const fn english(self) -> [&'static str; 3] {
        match self {
            Diagnosis::Ok => ["It answers as it should.", "", ""],
            Diagnosis::DnsFailure => [
                "The server's name leads to no address.",
                "a misspelt name, or the shop's DNS is down.",
                "Check the name, or use the server's IP address.",
            ],
            Diagnosis::Refused => [
                "The machine answers, but nothing listens on that port.",
                "the service is stopped, or a firewall rejects.",
                "Start the service on the server, or check the port.",
            ],
            Diagnosis::Timeout => [
                "Nothing answers at that address.",
                "a wrong address, a machine that is off, or a firewall that drops.",
                "Check the address, the cable and the server's firewall.",
            ],
            Diagnosis::Unreachable => [
                "The network knows no way to that address.",
                "this counter's network is off or set up wrongly, or the address is of another network.",
                "Check the network and the address.",
            ],
            Diagnosis::Reset => [
                "The connection is accepted and cut at once, without a word.",
                "the service is failing, or takes other addresses only.",
                "Look at the service's log and the firewall on the server.",
            ],
            Diagnosis::NotPostgres => [
                "Another service, not PostgreSQL, answers on that port.",
                "the port belongs to another program.",
                "Check the database port; the usual one is 5432.",
            ],
            Diagnosis::Silent => [
                "The connection is accepted, but no answer comes.",
                "the service hangs or is overloaded, or the port belongs to another program.",
                "Restart the service on the server, or check the port.",
            ],
            Diagnosis::AuthRequired => [
                "PostgreSQL is up and asks for a login that the check does not have.",
                "",
                "Address and port are right; nothing to do here.",
            ],
            Diagnosis::AuthFailed => [
                "PostgreSQL refuses the login that was given.",
                "a wrong user or password.",
                "Check the user and the password of the check.",
            ],
            Diagnosis::AuthUnsafe => [
                "The server asks for the password unprotected; it was not sent.",
                "the server uses clear-text or MD5 passwords without verified TLS.",
                "Enable scram-sha-256 or TLS on the server.",
            ],
            Diagnosis::HbaRejected => [
                "PostgreSQL does not admit this login from this counter.",
                "the server's pg_hba.conf has no line for this counter.",
                "Add the line and reload PostgreSQL.",
            ],
            Diagnosis::DatabaseMissing => [
                "PostgreSQL has no database of that name.",
                "a wrong name, or it is another shop's server.",
                "Check the name of the database and the server.",
            ],
            Diagnosis::StartingUp => [
                "PostgreSQL is up, but lets nobody in yet.",
                "it was started just now, or recovers from a crash.",
                "Wait a minute and test again.",
            ],
            Diagnosis::ShuttingDown => {
                ["PostgreSQL is being shut down.", "maintenance on the server.", "Test again when the server is back."]
            }
            Diagnosis::TooManyConnections => [
                "PostgreSQL is up, but has no connection left to give.",
                "too many programs connected, or connections left open.",
                "Close what is not needed, or raise max_connections on the server.",
            ],
            Diagnosis::TlsRequired => [
                "The server takes encrypted connections only.",
                "the server's pg_hba.conf demands TLS (hostssl).",
                "Test with PGSSLMODE=require.",
            ],
            Diagnosis::TlsFailed => [
                "The encrypted connection could not be made.",
                "a certificate that is expired, of another name or of an unknown issuer.",
                "Check the server's certificate and this counter's clock.",
            ],
            Diagnosis::NotHttp => [
                "The port is open, but does not speak HTTP.",
                "the service has its own protocol, or the port is another program's.",
                "If the integration does not work, check the port.",
            ],
            Diagnosis::HttpError => [
                "The service is up, but answers with an error of its own.",
                "the service fails inside, or its database is down.",
                "Look at the service's error log on the server.",
            ],
            Diagnosis::FileMissing => [
                "The file does not exist or cannot be read.",
                "a wrong path, or the file was not copied yet.",
                "Check the path and the file's permissions.",
            ],
            Diagnosis::NotAnImage => [
                "The file is no PNG, JPEG or BMP picture.",
                "another kind of file, or an incomplete copy.",
                "Give a PNG, JPEG or BMP picture.",
            ],
            Diagnosis::Skipped => ["Not tested.", "", ""],
        }
    }
}
