//! The closed list of causes, a row each: its name, how it counts, and what holds for every outcome of that name.
//!
//! The sentences about one outcome, with its very address, port or file, are in `outcome.rs` and with the probes.

mod known;

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
    summary: [&'static str; 2],
    /// Meaning, likely cause, action.
    pt: [&'static str; 3],
    en: [&'static str; 3],
}

/// Makes the list, its order and its rows of one table.
macro_rules! diagnoses {
    ($($(#[$doc:meta])* $diagnosis:ident = $name:literal, $status:ident, $summary:expr, pt: $pt:expr, en: $en:expr;)*) => {
        /// One cause out of the closed list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Diagnosis {
            $($(#[$doc])* $diagnosis,)*
        }

        impl Diagnosis {
            /// All of them, in the order of the list.
            pub const ALL: &'static [Diagnosis] = &[$(Diagnosis::$diagnosis),*];

            const fn row(self) -> Row {
                match self {
                    $(Diagnosis::$diagnosis => {
                        Row { name: $name, status: Status::$status, summary: $summary, pt: $pt, en: $en }
                    })*
                }
            }
        }
    };
}

diagnoses! {
    Ok = "ok", Ok, ["responde", "answers"],
        pt: ["Funcionando.", "", ""],
        en: ["It works.", "", ""];
    /// The name leads to no address.
    DnsFailure = "dns_failure", Fail, ["nome não encontrado", "name not found"],
        pt: ["O nome do servidor não foi encontrado.",
             "nome errado, DNS da loja fora do ar ou este computador sem rede.",
             "Confira o nome e a rede, ou informe o IP do servidor."],
        en: ["The server's name was not found.",
             "a wrong name, the shop's DNS is down, or this computer has no network.",
             "Check the name and the network, or enter the server's IP."];
    /// The machine answers, and nothing listens on the port.
    Refused = "refused", Fail, ["recusada", "refused"],
        pt: ["O servidor respondeu, mas nenhum serviço atende nessa porta.",
             "serviço parado, porta errada ou firewall que rejeita.",
             "Inicie o serviço no servidor ou confira a porta."],
        en: ["The server answered, but no service listens on that port.",
             "the service is stopped, the port is wrong, or a firewall rejects.",
             "Start the service on the server, or check the port."];
    Timeout = "timeout", Fail, ["sem resposta", "no answer"],
        pt: ["Ninguém responde nesse endereço.",
             "endereço errado, servidor desligado, com outro IP, máscara ou gateway errado, ou firewall bloqueando.",
             "Confira o endereço, o cabo e o firewall do servidor."],
        en: ["Nobody answers at that address.",
             "a wrong address, a server that is off, has another IP, a wrong netmask or gateway, or a firewall that drops.",
             "Check the address, the cable and the server's firewall."];
    /// The network knows no way there.
    Unreachable = "unreachable", Fail, ["sem rota", "no route"],
        pt: ["Não há rota de rede até esse endereço.",
             "rede deste computador desligada ou mal configurada, ou endereço de outra rede.",
             "Confira a rede (ip addr, ip route) e o endereço."],
        en: ["There is no network route to that address.",
             "this computer's network is off or set up wrongly, or the address is of another network.",
             "Check the network (ip addr, ip route) and the address."];
    /// A firewall answers that it forbids the connection.
    Blocked = "blocked", Fail, ["firewall bloqueia", "firewall blocks"],
        pt: ["Um firewall responde que não permite a conexão.",
             "a porta não está liberada no firewall do servidor ou de um roteador.",
             "Libere a porta no firewall."],
        en: ["A firewall answers that it does not allow the connection.",
             "the port is not open in the firewall of the server or of a router.",
             "Open the port in the firewall."];
    /// An address that no server can have.
    BadAddress = "bad_address", Fail, ["não é de um servidor", "no server's address"],
        pt: ["O endereço não é de um servidor: é máscara, broadcast, multicast ou está incompleto.",
             "outro número da rede no lugar do IP.",
             "Confira o IP no servidor (ip -4 addr) e corrija o endereço."],
        en: ["The address is not a server's: it is a mask, a broadcast or multicast address, or incomplete.",
             "another number of the network in the place of the IP.",
             "Check the IP on the server (ip -4 addr) and correct the address."];
    /// This machine is out of processes, files or memory.
    LocalLimit = "local_limit", Fail, ["falta de recursos", "out of resources"],
        pt: ["Este computador não tem os recursos que o teste exige: memória, arquivos ou processos.",
             "programas demais em execução neste computador.",
             "Feche programas neste computador, ou reinicie-o, e teste de novo."],
        en: ["This computer lacks what the test needs: memory, files or processes.",
             "too many programs running on this computer.",
             "Close programs on this computer, or restart it, and test again."];
    /// The connection is taken and then cut.
    Reset = "reset", Fail, ["conexão cortada", "connection cut"],
        pt: ["A conexão é aceita e cortada em seguida, sem resposta.",
             "serviço falhando, proxy ou redirecionamento de porta sem destino, ou só outros endereços são aceitos.",
             "Veja no servidor quem atende a porta, o log dele e o firewall."],
        en: ["The connection is accepted and closed at once, without an answer.",
             "the service is failing, or takes other addresses only.",
             "Look at the service's log and the firewall on the server."];
    /// Something else than PostgreSQL answers.
    NotPostgres = "not_postgres", Fail, ["não é PostgreSQL", "not PostgreSQL"],
        pt: ["Outro serviço, que não é o PostgreSQL, responde nessa porta.",
             "a porta é de outro programa.",
             "Confira a porta do banco de dados; a usual é 5432."],
        en: ["Another service, not PostgreSQL, answers on that port.",
             "the port belongs to another program.",
             "Check the database port; the usual one is 5432."];
    /// The connection is taken, and nothing is said on it.
    Silent = "silent", Fail, ["conecta, não responde", "connects, no answer"],
        pt: ["A conexão é aceita, mas a resposta não vem.",
             "serviço parado ou sobrecarregado, proxy ou redirecionamento de porta sem destino, ou a porta é de \
              outro programa.",
             "Veja no servidor quem atende a porta; se é o próprio serviço, reinicie-o."],
        en: ["The connection is accepted, but no answer comes.",
             "the service hangs or is overloaded, or the port belongs to another program.",
             "Restart the service on the server, or check the port."];
    /// It answers, and the deadline does not suffice.
    Slow = "slow", Warning, ["resposta lenta", "slow answer"],
        pt: ["O servidor responde, mas o tempo do teste não bastou.",
             "rede lenta, se as primeiras etapas já demoraram; senão, servidor sobrecarregado ou à espera de outro serviço.",
             "Veja quais etapas demoraram, o log do servidor e o serviço por trás dele."],
        en: ["The server answers, but the test's time did not suffice.",
             "a slow network, if the first stages took long; else a server that is overloaded or waits for another service.",
             "See which stages took long, the server's log and the service behind it."];
    /// PostgreSQL is up and wants a login that was not given: a pass.
    AuthRequired = "auth_required", Ok, ["pede senha", "asks for a password"],
        pt: ["O PostgreSQL está em execução e pede um login que o teste não tem.",
             "",
             "Endereço e porta estão certos. O login (e, por trás de um pooler, o banco) só é testado com --db-user e a senha."],
        en: ["PostgreSQL is running and asks for a login that the test does not have.",
             "",
             "Address and port are right. The login (and, behind a pooler, the database) is tested only with --db-user and the password."];
    /// A user was given, and no password was found for it: the login was not tested.
    NoPassword = "no_password", Warning, ["senha não informada", "no password given"],
        pt: ["O PostgreSQL pede a senha do usuário informado, e nenhuma foi encontrada: o login não foi testado.",
             "",
             "Informe a senha em PGPASSWORD, em ~/.pgpass ou com --ask-password."],
        en: ["PostgreSQL asks for the password of the user given, and none was found: the login was not tested.",
             "",
             "Give the password in PGPASSWORD, in ~/.pgpass or with --ask-password."];
    /// The login that was given is wrong.
    AuthFailed = "auth_failed", Fail, ["login recusado", "login refused"],
        pt: ["O PostgreSQL recusa o login informado.",
             "usuário ou senha errados.",
             "Confira o usuário e a senha do teste."],
        en: ["PostgreSQL refuses the login that was given.",
             "a wrong user or password.",
             "Check the user name and the password used for the test."];
    /// The server wants the password unprotected; it was not sent.
    AuthUnsafe = "auth_unsafe", Warning, ["senha sem proteção", "unprotected password"],
        pt: ["O servidor pede a senha sem proteção; ela não foi enviada.",
             "o servidor usa senha aberta ou MD5, sem TLS verificado.",
             "Ative scram-sha-256 ou TLS no servidor."],
        en: ["The server asks for the password unprotected; it was not sent.",
             "the server uses clear-text or MD5 passwords without verified TLS.",
             "Enable scram-sha-256 or TLS on the server."];
    /// The server wants a proof of identity that this program does not give: no password.
    AuthMethod = "auth_method", Fail, ["outro tipo de login", "other kind of login"],
        pt: ["O servidor não pede senha, e sim outra prova (ident, GSSAPI, SSPI, certificado), que este teste não dá.",
             "a linha do pg_hba.conf para este computador usa outro método.",
             "Combine um login com senha com quem administra o servidor; não altere a linha, que pode servir a \
              outros."],
        en: ["The server asks for no password but for another proof (ident, GSSAPI, SSPI, certificate), which this test does not give.",
             "the line in pg_hba.conf for this computer has another method.",
             "Arrange a login by password with whoever runs the server; the line may be for others too: leave it as it is."];
    /// The server demands a certificate of this terminal.
    CertificateRequired = "certificate_required", Fail, ["exige certificado", "needs a certificate"],
        pt: ["O servidor exige um certificado deste computador.",
             "clientcert no pg_hba.conf do servidor, ou um proxy TLS que pede certificado.",
             "O programa do balcão precisa do certificado; combine com quem administra o servidor."],
        en: ["The server requires a certificate of this computer.",
             "clientcert in the server's pg_hba.conf, or a TLS proxy that asks for a certificate.",
             "The POS program needs the certificate; arrange it with whoever runs the server."];
    /// The server's access list does not admit this login from here.
    HbaRejected = "hba_rejected", Fail, ["acesso não liberado", "access denied"],
        pt: ["O PostgreSQL não libera este login a partir deste computador.",
             "falta no pg_hba.conf do servidor uma linha para este computador.",
             "Inclua a linha e recarregue o PostgreSQL."],
        en: ["PostgreSQL does not allow this login from this computer.",
             "the server's pg_hba.conf has no line for this computer.",
             "Add the line and reload PostgreSQL."];
    /// There is no database of that name.
    DatabaseMissing = "database_missing", Fail, ["banco não existe", "no such database"],
        pt: ["O PostgreSQL não tem um banco de dados com esse nome.",
             "nome errado, ou é o servidor de outra loja.",
             "Confira o nome do banco de dados e o servidor."],
        en: ["PostgreSQL has no database of that name.",
             "a wrong name, or it is another shop's server.",
             "Check the name of the database and the server."];
    /// The database admits no connections.
    DatabaseClosed = "database_closed", Fail, ["banco fechado", "database closed"],
        pt: ["O banco de dados existe, mas não aceita conexões.",
             "foi fechado para manutenção (ALLOW_CONNECTIONS false).",
             "Terminada a manutenção, abra-o com ALTER DATABASE … ALLOW_CONNECTIONS true."],
        en: ["The database exists, but does not accept connections.",
             "it was closed for maintenance (ALLOW_CONNECTIONS false).",
             "Once that is over, open it with ALTER DATABASE … ALLOW_CONNECTIONS true."];
    /// The role has no right to connect to the database.
    NoConnectRight = "no_connect_right", Fail, ["sem direito ao banco", "no right to connect"],
        pt: ["O usuário não tem o direito de conectar ao banco de dados.",
             "o direito CONNECT foi retirado e não foi dado a este usuário.",
             "Confira usuário e banco; o direito se dá com GRANT CONNECT."],
        en: ["The user has no right to connect to the database.",
             "the right CONNECT was taken away and not given to this user.",
             "Check user and database; GRANT CONNECT gives the right."];
    /// PostgreSQL is starting up or recovering.
    StartingUp = "starting_up", Warning, ["iniciando", "starting up"],
        pt: ["O PostgreSQL está em execução, mas ainda não aceita conexões.",
             "foi iniciado há pouco ou está se recuperando de uma queda.",
             "Aguarde um minuto e teste de novo."],
        en: ["PostgreSQL is running, but does not accept connections yet.",
             "it was started just now, or is recovering from a crash.",
             "Wait a minute and test again."];
    ShuttingDown = "shutting_down", Warning, ["desligando", "shutting down"],
        pt: ["O PostgreSQL está sendo encerrado.",
             "manutenção no servidor.",
             "Teste de novo quando o servidor voltar."],
        en: ["PostgreSQL is being shut down.",
             "maintenance on the server.",
             "Test again when the server is back."];
    /// PostgreSQL has no connection left to give.
    TooManyConnections = "too_many_connections", Warning, ["sem conexão livre", "no connection left"],
        pt: ["O PostgreSQL está em execução, mas sem conexão livre.",
             "programas demais conectados, ou conexões que ficaram abertas.",
             "Feche as que não estão em uso ou aumente max_connections no servidor."],
        en: ["PostgreSQL is running, but has no connection left.",
             "too many programs connected, or connections left open.",
             "Close what is not needed, or raise max_connections on the server."];
    /// The role or the database has all the connections that it may have.
    ConnectionLimit = "connection_limit", Warning, ["limite de conexões", "connection limit"],
        pt: ["O usuário ou o banco de dados já tem todas as conexões que pode ter.",
             "CONNECTION LIMIT do usuário ou do banco, ou conexões que ficaram abertas.",
             "Feche as que não estão em uso ou aumente o limite."],
        en: ["The user or the database has all the connections that it may have.",
             "CONNECTION LIMIT of the user or the database, or connections left open.",
             "Close what is not needed, or raise the limit."];
    /// A copy that takes no changes, or that admits nobody.
    Standby = "standby", Warning, ["réplica", "standby"],
        pt: ["O servidor é uma réplica: só permite leitura, ou não atende ninguém.",
             "o endereço é o da réplica, não o do servidor principal.",
             "Informe o endereço do servidor principal."],
        en: ["The server is a standby: it is read-only, or serves nobody.",
             "the address is the standby's, not the primary's.",
             "Enter the primary server's address."];
    /// The server refuses with an error that names no cause.
    ServerError = "server_error", Fail, ["erro do servidor", "server error"],
        pt: ["O PostgreSQL responde com um erro.", "", "Veja o log do PostgreSQL no servidor."],
        en: ["PostgreSQL answers with an error.", "", "Look at PostgreSQL's log on the server."];
    /// The server takes encrypted connections alone.
    TlsRequired = "tls_required", Fail, ["exige TLS", "requires TLS"],
        pt: ["O servidor só aceita conexões criptografadas.",
             "o pg_hba.conf do servidor exige TLS (hostssl).",
             "Teste com PGSSLMODE=require."],
        en: ["The server accepts encrypted connections only.",
             "the server's pg_hba.conf requires TLS (hostssl).",
             "Test with PGSSLMODE=require."];
    /// The connection could not be encrypted.
    TlsFailed = "tls_failed", Fail, ["TLS falhou", "TLS failed"],
        pt: ["Não foi possível criptografar a conexão.",
             "certificado vencido, de outro nome ou de emissor desconhecido.",
             "Confira o certificado do servidor e o relógio deste computador."],
        en: ["The connection could not be encrypted.",
             "a certificate that is expired, of another name or of an unknown issuer.",
             "Check the server's certificate and this computer's clock."];
    /// The two sides have no version of TLS, or no cipher, in common.
    TlsVersion = "tls_version", Fail, ["TLS incompatível", "TLS incompatible"],
        pt: ["O servidor e este programa não têm versão de TLS ou cifra em comum.",
             "o servidor só aceita TLS 1.1 ou mais antigo, ou só cifras antigas.",
             "Aceite no servidor TLS 1.2 ou 1.3."],
        en: ["The server and this program have no TLS version or cipher in common.",
             "the server takes TLS 1.1 or older alone, or old ciphers alone.",
             "Have the server take TLS 1.2 or 1.3."];
    /// What answers is what the other port's field is about.
    PortsSwapped = "ports_swapped", Fail, ["portas trocadas", "ports swapped"],
        pt: ["O serviço dessa porta é o esperado na outra.",
             "os números das duas portas foram trocados.",
             "Confira as duas portas no servidor e corrija os campos."],
        en: ["The service on this port is the one expected on the other.",
             "the numbers of the two ports were exchanged.",
             "Check both ports on the server and correct the fields."];
    /// The integration port speaks TLS: HTTPS.
    Https = "https", Warning, ["é HTTPS", "is HTTPS"],
        pt: ["O serviço nessa porta é HTTPS (TLS), e não HTTP.",
             "o serviço ou um proxy na frente dele usa HTTPS.",
             "Se a integração não funciona, informe a porta HTTP dele ou desative o TLS."],
        en: ["The service on that port is HTTPS (TLS), not HTTP.",
             "it or a proxy before it uses HTTPS.",
             "If the integration does not work, enter its HTTP port, or turn TLS off."];
    /// Somebody on the way answers in the service's place.
    Portal = "portal", Fail, ["portal ou proxy", "portal or proxy"],
        pt: ["Um portal da rede ou um proxy responde no lugar do servidor.",
             "rede de visitantes, ou rede que exige proxy.",
             "Use a rede interna da loja ou libere o acesso no portal."],
        en: ["A network's portal or a proxy answers in the server's place.",
             "a guest network, or one that requires a proxy.",
             "Use the shop's own network, or get access there."];
    /// The port is open and speaks something else than HTTP: a pass with a note.
    NotHttp = "not_http", Ok, ["aberta, não é HTTP", "open, not HTTP"],
        pt: ["A porta está aberta, mas o serviço nela não é HTTP.",
             "o serviço tem um protocolo próprio, ou a porta é de outro programa.",
             "Se a integração não funciona, confira a porta."],
        en: ["The port is open, but the service there is not HTTP.",
             "the service has its own protocol, or the port is another program's.",
             "If the integration does not work, check the port."];
    /// The service answers with an error of its own (5xx).
    HttpError = "http_error", Warning, ["erro HTTP", "HTTP error"],
        pt: ["O serviço está em execução, mas responde com um erro.",
             "falha interna do serviço, o banco de dados que ele usa está parado, ou um proxy à frente não o alcança.",
             "Veja no servidor quem atende a porta, se o serviço está em execução, e o log."],
        en: ["The service is running, but answers with an error.",
             "the service fails inside, or its database is down.",
             "Look at the service's log on the server."];
    /// There is no such file, or it cannot be read.
    FileMissing = "file_missing", Warning, ["não pode ser lido", "cannot be read"],
        pt: ["O arquivo não existe ou não pode ser lido.",
             "caminho errado, ou o arquivo ainda não foi copiado.",
             "Confira o caminho e as permissões do arquivo."],
        en: ["The file does not exist or cannot be read.",
             "a wrong path, or the file was not copied yet.",
             "Check the path and the file's permissions."];
    /// The file is not a PNG, JPEG or BMP image.
    NotAnImage = "not_an_image", Warning, ["não é imagem", "not an image"],
        pt: ["O arquivo não é uma imagem PNG, JPEG ou BMP.",
             "outro tipo de arquivo, ou a cópia ficou incompleta.",
             "Informe uma imagem PNG, JPEG ou BMP."],
        en: ["The file is not a PNG, JPEG or BMP image.",
             "another kind of file, or an incomplete copy.",
             "Enter a PNG, JPEG or BMP image."];
    Skipped = "skipped", Skipped, ["não testado", "not tested"],
        pt: ["Não testado.", "", ""],
        en: ["Not tested.", "", ""];
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
    pub const fn summary(self, lang: Lang) -> Safe {
        let [pt, en] = self.row().summary;
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
}
