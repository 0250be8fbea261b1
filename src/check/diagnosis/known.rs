//! How each cause is known: the evidence that names it, for `docs/diagnoses.md`.

use super::Diagnosis;
use crate::lang::Lang;

impl Diagnosis {
    /// What must have been seen for this name to be given, and where it counts otherwise than in general.
    pub const fn known(self, lang: Lang) -> &'static str {
        let (pt, en) = match self {
            Diagnosis::Ok => (
                "O serviço respondeu como se espera dele. É um aviso se o relógio difere mais de 1 minuto do servidor, ou se o que responde por HTTP é uma página de login.",
                "The service answered as is expected of it. A warning where the clock is more than 1 minute off the server's, or where what answers over HTTP is a login page.",
            ),
            Diagnosis::DnsFailure => (
                "O código do resolvedor do sistema, /etc/resolv.conf e as rotas deste computador.",
                "The code of the system's resolver, /etc/resolv.conf and this computer's routes.",
            ),
            Diagnosis::Refused => ("O servidor recusou a conexão (RST).", "The server refused the connection (RST)."),
            Diagnosis::Timeout => (
                "Nenhuma resposta até o fim do tempo, ou ninguém com esse endereço na rede local.",
                "No answer until the time was up, or nobody with that address on the local network.",
            ),
            Diagnosis::Unreachable => (
                "O sistema não tem rota até o endereço, ou um roteador respondeu que não há.",
                "The system has no route to the address, or a router answered that there is none.",
            ),
            Diagnosis::Blocked => (
                "Um código ICMP de proibição, na fila de erros do socket.",
                "An ICMP code that says “prohibited”, in the socket's error queue.",
            ),
            Diagnosis::BadAddress => (
                "O próprio endereço: máscara, broadcast, multicast ou link-local sem interface.",
                "The address itself: a netmask, broadcast, multicast, or link-local without an interface.",
            ),
            Diagnosis::LocalLimit => (
                "O sistema deste computador recusou um processo, um arquivo ou memória.",
                "The system of this computer refused a process, a file or memory.",
            ),
            Diagnosis::Reset => (
                "A conexão foi aceita e encerrada sem resposta.",
                "The connection was accepted and closed without an answer.",
            ),
            Diagnosis::NotPostgres => (
                "A resposta não é a de um PostgreSQL; o começo dela é mostrado.",
                "The answer is not a PostgreSQL's; its beginning is shown.",
            ),
            Diagnosis::Silent => (
                "A conexão foi aceita, e nada veio até o fim do tempo. Na porta de integração é só um aviso.",
                "The connection was accepted, and nothing came until the time was up. On the integration port a mere warning.",
            ),
            Diagnosis::Slow => (
                "Etapas que passaram, com seus tempos, e o fim do tempo no meio de outra.",
                "Stages that passed, with their times, and the end of the time in the midst of another.",
            ),
            Diagnosis::AuthRequired => (
                "O servidor pediu senha, e nenhum usuário foi informado.",
                "The server asked for a password, and no user was given.",
            ),
            Diagnosis::NoPassword => (
                "O servidor pediu a senha de um usuário informado, e nenhuma foi encontrada.",
                "The server asked for the password of a user that was given, and none was found.",
            ),
            Diagnosis::AuthFailed => (
                "SQLSTATE 28P01, ou 28000 da função que procura o usuário; de um PgBouncer, a frase dele.",
                "SQLSTATE 28P01, or 28000 from the routine that looks the role up; from a PgBouncer, its sentence.",
            ),
            Diagnosis::AuthUnsafe => (
                "O servidor pediu a senha aberta ou em MD5, sem TLS verificado; nada foi enviado.",
                "The server asked for the password in clear or as MD5, without verified TLS; nothing was sent.",
            ),
            Diagnosis::AuthMethod => (
                "O servidor exigiu outra prova, ou recusou sem pedir senha (ident, cert). Sem usuário informado, é um aviso.",
                "The server demanded another proof, or refused without asking for a password (ident, cert). Without a user given, a warning.",
            ),
            Diagnosis::CertificateRequired => (
                "O servidor recusou sem citar o endereço deste computador, ou pediu o certificado no TLS. Sem usuário informado, é um aviso.",
                "The server refused without quoting this computer's address, or asked for the certificate in TLS. Without a user given, a warning.",
            ),
            Diagnosis::HbaRejected => (
                "SQLSTATE 28000 da autenticação, com o endereço que o servidor vê. Sem usuário informado, é um aviso.",
                "SQLSTATE 28000 from authentication, with the address that the server sees. Without a user given, a warning.",
            ),
            Diagnosis::DatabaseMissing => (
                "SQLSTATE 3D000; de um PgBouncer, a frase dele. Sem usuário informado, é um aviso.",
                "SQLSTATE 3D000; from a PgBouncer, its sentence. Without a user given, a warning.",
            ),
            Diagnosis::DatabaseClosed => ("SQLSTATE 55000 no login.", "SQLSTATE 55000 at the login."),
            Diagnosis::NoConnectRight => (
                "SQLSTATE 42501 no login. Sem usuário informado, é um aviso.",
                "SQLSTATE 42501 at the login. Without a user given, a warning.",
            ),
            Diagnosis::StartingUp => ("SQLSTATE 57P03.", "SQLSTATE 57P03."),
            Diagnosis::ShuttingDown => (
                "SQLSTATE 57P01, ou 57P03 com a frase de quem desliga.",
                "SQLSTATE 57P01, or 57P03 with the sentence of one that shuts down.",
            ),
            Diagnosis::TooManyConnections => (
                "SQLSTATE 53300 do servidor como um todo; de um PgBouncer, a frase dele.",
                "SQLSTATE 53300 of the server as a whole; from a PgBouncer, its sentence.",
            ),
            Diagnosis::ConnectionLimit => (
                "SQLSTATE 53300 da função que examina o usuário ou o banco.",
                "SQLSTATE 53300 from the routine that looks at the role or the database.",
            ),
            Diagnosis::Standby => (
                "O servidor disse estar em recuperação. Um que não atende ninguém é uma falha.",
                "The server said that it is in recovery. One that admits nobody is a failure.",
            ),
            Diagnosis::ServerError => (
                "Qualquer outro SQLSTATE, ou nenhum: a frase do servidor é mostrada, e nenhuma causa é afirmada. Também um pooler (PgBouncer) sem o PostgreSQL dele: pelas frases do pooler, ou porque ele recusa na hora uma versão do protocolo que não existe (08P01, sem a função) e deixa o login sem resposta.",
                "Any other SQLSTATE, or none: the server's sentence is shown, and no cause is claimed. Also a pooler (PgBouncer) without its PostgreSQL: by its sentences, or because it refuses a version of the protocol that is none at once (08P01, without the routine) and leaves the login without an answer.",
            ),
            Diagnosis::TlsRequired => (
                "O servidor recusou sem TLS o que aceita com TLS. Sem usuário informado, é um aviso.",
                "The server refused without TLS what it takes with TLS. Without a user given, a warning.",
            ),
            Diagnosis::TlsFailed => {
                ("O que o TLS deste programa diz do certificado.", "What this program's TLS says of the certificate.")
            }
            Diagnosis::TlsVersion => (
                "O alerta de TLS do servidor: nenhuma versão ou cifra em comum.",
                "The server's TLS alert: no version or cipher in common.",
            ),
            Diagnosis::PortsSwapped => (
                "Cada porta responde o que se espera da outra, ou um PostgreSQL responde na de integração.",
                "Each port answers what is expected of the other, or a PostgreSQL answers on the integration port.",
            ),
            Diagnosis::Https => (
                "A porta de integração respondeu a um pedido de TLS.",
                "The integration port answered a request for TLS.",
            ),
            Diagnosis::Portal => (
                "O status 511, um desvio para outro endereço, ou HTTP nas duas portas.",
                "Status 511, a redirect to another address, or HTTP on both ports.",
            ),
            Diagnosis::NotHttp => {
                ("A resposta não é HTTP; o começo dela é mostrado.", "The answer is not HTTP; its beginning is shown.")
            }
            Diagnosis::HttpError => ("Um status HTTP de 500 a 599.", "An HTTP status from 500 to 599."),
            Diagnosis::FileMissing => (
                "O sistema não encontrou o arquivo ou a pasta, ou não deixou ler.",
                "The system did not find the file or the folder, or did not let it be read.",
            ),
            Diagnosis::NotAnImage => (
                "Os primeiros bytes do arquivo não são de PNG, JPEG ou BMP.",
                "The file's first bytes are not a PNG's, JPEG's or BMP's.",
            ),
            Diagnosis::Skipped => ("O valor está vazio ou é inválido.", "The value is empty or invalid."),
        };
        lang.pick(pt, en)
    }
}
