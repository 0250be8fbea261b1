//! What is said of a way to a server that does not lead there: the name, the address, the connection.

use super::on_server::{let_in, let_out, open_port, start_postgres, who_answers};
use super::{Outcome, title};
use crate::catalog::{Catalog, Probe};
use crate::check::Diagnosis;
use crate::check::evidence::{Attempt, AttemptResult, Icmp, Late, Limit, Sign, Unresolved};
use crate::check::protocol::Protocol;
use crate::check::remedy::{Place, Remedy};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::sort;
use crate::{safe, say};

impl Outcome {
    pub(super) fn message_of_network(&self, lang: Lang) -> Safe {
        let message = self.message_of_way(lang);
        match self.others_failed(lang) {
            Some(others) => Safe::join(&[message, others], " "),
            None => message,
        }
    }

    /// What the name's other addresses did, where none has answered; in an order of their own, whatever the name server's. One
    /// that this machine knows no way to tells nothing beside another.
    fn others_failed(&self, lang: Lang) -> Option<Safe> {
        let main = self.failed()?;
        let mut others: Vec<&Attempt> = self.evidence.attempts.iter().collect();
        others.retain(|attempt| attempt.address != main.address && attempt.sign != Some(Sign::Here));
        sort::sort_by_key(&mut others, |attempt| attempt.address);
        let words = |attempt: &Attempt| match (attempt.result, attempt.sign) {
            (_, Some(Sign::NoNeighbour | Sign::NobodyOnTheWay)) => {
                Some(say!(lang, "ninguém atende por ele", "nobody has it"))
            }
            (AttemptResult::Failed(diagnosis, _), _) => Some(diagnosis.summary(lang)),
            _ => None,
        };
        let one =
            |attempt: &Attempt| Some(safe!("{} ({})", Safe::outside(&attempt.address.to_string()), words(attempt)?));
        let told: Vec<Safe> = others.into_iter().filter_map(one).collect();
        match told.as_slice() {
            [] => None,
            [only] => Some(say!(lang, "Também falhou: {}.", "Failed as well: {}.", only.clone())),
            several => Some(say!(lang, "Também falharam: {}.", "Failed as well: {}.", Safe::join(several, ", "))),
        }
    }

    fn message_of_way(&self, lang: Lang) -> Safe {
        let (place, waited) = (self.place(), self.waited());
        match (self.diagnosis, self.evidence.late) {
            (Diagnosis::DnsFailure, _) => self.message_of_name(lang),
            (Diagnosis::BadAddress, _) => match self.evidence.no_server {
                Some(no_server) => safe!("{} {}.", self.host(), no_server.words().of(lang).clone()),
                None => self.diagnosis.explain(lang).meaning,
            },
            (Diagnosis::LocalLimit, _) => self.message_of_limit(lang),
            (Diagnosis::Blocked | Diagnosis::Refused, _) if self.forbidden_here() => say!(
                lang,
                "Bloqueado: o firewall deste computador não permite conectar a {}.",
                "Blocked: this computer's own firewall does not allow connecting to {}.",
                place
            ),
            (Diagnosis::Blocked, _) => match (self.told_by(), self.evidence.forbidden_on) {
                (None, Some((port, firewall))) => say!(
                    lang,
                    "Bloqueado: o firewall em {} não permite a porta {}, e {} não respondeu em {}.",
                    "Blocked: the firewall at {} does not allow port {}, and {} did not answer in {}.",
                    Safe::outside(&firewall.to_string()),
                    port,
                    place,
                    waited
                ),
                (Some(firewall), _) => say!(
                    lang,
                    "Bloqueado: o firewall em {} não permite conectar a {}.",
                    "Blocked: the firewall at {} does not allow connecting to {}.",
                    firewall,
                    place
                ),
                (None, None) => self.diagnosis.explain(lang).meaning,
            },
            (Diagnosis::Refused, _) if self.rejected() => say!(
                lang,
                "Recusada: um firewall em {} rejeita a porta {}.",
                "Refused: a firewall at {} rejects port {}.",
                self.told_by().unwrap_or_default(),
                self.request.point.port().unwrap_or_default()
            ),
            // With the host and the port apart: which of them is wrong is the question.
            (Diagnosis::Refused, _) => say!(
                lang,
                "Conexão recusada: {} respondeu, mas nenhum serviço atende na porta {}.",
                "Connection refused: {} answered, but no service listens on port {}.",
                self.with_address(self.host()),
                self.request.point.port().unwrap_or_default()
            ),
            (Diagnosis::Timeout, _) => match self.sign() {
                Some(Sign::NoNeighbour) => say!(
                    lang,
                    "Sem resposta: ninguém na rede local atende por {}.",
                    "No answer: nobody on the local network has the address {}.",
                    self.with_address(self.host())
                ),
                Some(Sign::Icmp { from, .. }) => say!(
                    lang,
                    "Sem resposta: o roteador {} não encontra {}.",
                    "No answer: the router {} does not find {}.",
                    Safe::outside(&from.to_string()),
                    self.with_address(self.host())
                ),
                Some(Sign::NobodyOnTheWay) => say!(
                    lang,
                    "Sem resposta: ninguém na rede atende por {}.",
                    "No answer: nobody on the network answers for {}.",
                    self.with_address(self.host())
                ),
                _ if self.evidence.answers_on.is_some() => say!(
                    lang,
                    "Sem resposta: {} não respondeu em {}, mas a porta {} desse endereço, sim.",
                    "No answer: {} did not answer in {}, but port {} of that address did.",
                    place,
                    waited,
                    self.evidence.answers_on.unwrap_or_default()
                ),
                _ => say!(
                    lang,
                    "Sem resposta: {} não respondeu em {}.",
                    "No answer: {} did not answer in {}.",
                    place,
                    waited
                ),
            },
            (Diagnosis::Unreachable, _) => match (self.sign(), self.told_by()) {
                (_, Some(router)) => say!(
                    lang,
                    "{} respondeu que {} não pode ser alcançado.",
                    "{} answered that {} cannot be reached.",
                    router,
                    place
                ),
                _ if self.lacks_ipv6() => say!(
                    lang,
                    "Não há rota IPv6 até {}, e o servidor só foi encontrado por IPv6.",
                    "There is no IPv6 route to {}, and the server was found by IPv6 alone.",
                    place
                ),
                _ => say!(lang, "Não há rota de rede até {}.", "There is no network route to {}.", place),
            },
            (Diagnosis::PortsSwapped, _) => self.message_of_swapped(lang),
            (Diagnosis::Portal, _) => match self.evidence.other_port {
                Some((port, _)) => say!(
                    lang,
                    "Um portal ou proxy responde por HTTP em {} e na porta {}, no lugar dos serviços.",
                    "A portal or proxy answers over HTTP at {} and on port {}, in the services' place.",
                    place,
                    port
                ),
                None => self.diagnosis.explain(lang).meaning,
            },
            (Diagnosis::Reset, _) => say!(
                lang,
                "Conexão cortada: {} aceitou a conexão e a encerrou sem responder.",
                "Connection cut: {} accepted it and closed without an answer.",
                place
            ),
            (Diagnosis::Silent, Some(Late::End)) => say!(
                lang,
                "{} aceitou a conexão, mas não terminou de responder em {}.",
                "{} accepted the connection, but did not finish its answer in {}.",
                place,
                waited
            ),
            (Diagnosis::Silent, _) => say!(
                lang,
                "{} aceitou a conexão, mas não respondeu em {}.",
                "{} accepted the connection, but sent nothing in {}.",
                place,
                waited
            ),
            _ => self.diagnosis.explain(lang).meaning,
        }
    }

    fn message_of_swapped(&self, lang: Lang) -> Safe {
        let words = |protocol| match protocol {
            Protocol::Postgres => say!(lang, "um PostgreSQL", "a PostgreSQL"),
            Protocol::Http => say!(lang, "um serviço HTTP", "an HTTP service"),
        };
        let here = self.evidence.speaks.map(words).unwrap_or_default();
        match self.evidence.other_port {
            Some((port, spoken)) => say!(
                lang,
                "Portas trocadas: em {} responde {}, e na porta {}, {}.",
                "Ports swapped: {} is answered by {}, and port {} by {}.",
                self.place(),
                here,
                port,
                words(spoken)
            ),
            None => say!(
                lang,
                "Em {} responde {}, e não o serviço deste campo.",
                "{} is answered by {}, and not by this field's service.",
                self.place(),
                here
            ),
        }
    }

    /// Beside the field, where the diagnosis has several.
    pub(super) fn summary_of_network(&self, lang: Lang) -> Option<Safe> {
        Some(match self.evidence.unresolved? {
            Unresolved::Unknown => return None,
            Unresolved::Unanswered => say!(lang, "DNS não respondeu", "DNS did not answer"),
            Unresolved::NoServer => say!(lang, "sem servidor DNS", "no DNS server"),
            Unresolved::NoRoute => say!(lang, "sem rota até o DNS", "no route to the DNS"),
            Unresolved::NoNetwork => say!(lang, "sem rede", "no network"),
        })
    }

    fn message_of_name(&self, lang: Lang) -> Safe {
        let (host, servers) = (self.host(), self.name_servers());
        match self.evidence.unresolved {
            Some(Unresolved::Unanswered) if !servers.is_empty() => say!(
                lang,
                "O servidor DNS ({}) não respondeu sobre o nome {}, ou respondeu com erro.",
                "The DNS server ({}) did not answer for the name {}, or answered with an error.",
                servers,
                host
            ),
            Some(Unresolved::Unanswered) => say!(
                lang,
                "O DNS não respondeu sobre o nome {}, ou respondeu com erro.",
                "The DNS did not answer for the name {}, or answered with an error.",
                host
            ),
            Some(Unresolved::NoServer) => say!(
                lang,
                "Este computador não tem servidor DNS configurado para procurar o nome {}.",
                "This computer has no DNS server configured to look up the name {}.",
                host
            ),
            Some(Unresolved::NoRoute) => say!(
                lang,
                "Este computador não tem rota até o servidor DNS ({}) para procurar o nome {}.",
                "This computer has no route to the DNS server ({}) to look up the name {}.",
                servers,
                host
            ),
            Some(Unresolved::NoNetwork) => say!(
                lang,
                "Este computador está sem rede; não foi possível procurar o nome {}.",
                "This computer has no network; the name {} could not be looked up.",
                host
            ),
            Some(Unresolved::Unknown) | None => {
                say!(lang, "O nome {} não foi encontrado.", "The name {} was not found.", host)
            }
        }
    }

    fn message_of_limit(&self, lang: Lang) -> Safe {
        match self.evidence.limit {
            Some(Limit::Files) => say!(
                lang,
                "Não testado: este computador não permite abrir mais arquivos ou conexões.",
                "Not tested: this computer does not allow opening more files or connections."
            ),
            Some(Limit::Processes) => say!(
                lang,
                "Não testado: este computador não permite iniciar mais processos.",
                "Not tested: this computer does not allow starting more processes."
            ),
            Some(Limit::Memory) => say!(
                lang,
                "Não testado: este computador está sem memória livre.",
                "Not tested: this computer is out of memory."
            ),
            Some(Limit::Ports) => say!(
                lang,
                "Não testado: este computador não tem mais portas livres para conectar.",
                "Not tested: this computer has no free ports left to connect from."
            ),
            None => say!(
                lang,
                "Não testado: o teste parou neste computador.",
                "Not tested: the test has stopped on this computer."
            ),
        }
    }

    /// Likely causes and what to do, where what is known of the way says more than the diagnosis does.
    pub(super) fn remedy_of_network(&self, catalog: &Catalog, lang: Lang) -> Option<Remedy> {
        let field = || title(catalog, self.look_at(), lang);
        let port = self.request.point.port().unwrap_or_default();
        Some(match (self.diagnosis, self.sign()) {
            (Diagnosis::DnsFailure, _) => return Some(self.remedy_of_name(&field(), lang)),
            (Diagnosis::Blocked | Diagnosis::Refused, _) if self.forbidden_here() => let_out(port, lang),
            (Diagnosis::Blocked, _) => open_port(port, lang),
            (Diagnosis::PortsSwapped, _) => match self.evidence.other_port {
                Some((port, _)) => say!(
                    lang,
                    "Informe {} em “{}”, e {} no campo da outra porta.",
                    "Enter {} in “{}”, and {} in the other port's field.",
                    port,
                    field(),
                    self.request.point.port().unwrap_or_default()
                ),
                None => say!(
                    lang,
                    "Confira no servidor a porta do serviço e corrija “{}”.",
                    "Check the service's port on the server and correct “{}”.",
                    field()
                ),
            }
            .into(),
            (Diagnosis::Refused, _) if self.rejected() => open_port(port, lang),
            (Diagnosis::Refused, _) if self.request.probe == Probe::Postgres => start_postgres(port, lang),
            (Diagnosis::Refused, _) if self.evidence.answers_on.is_some() => say!(
                lang,
                "Esse endereço responde na porta {}: corrija “{}” ou inicie o serviço.",
                "That address answers on port {}: correct “{}” or start the service.",
                self.evidence.answers_on.unwrap_or_default(),
                field()
            )
            .into(),
            (Diagnosis::Silent | Diagnosis::Reset, _) => who_answers(self.diagnosis, port, self.request.probe, lang),
            (Diagnosis::Timeout, Some(Sign::NoNeighbour | Sign::NobodyOnTheWay | Sign::Icmp { .. })) => say!(
                lang,
                "Provável: servidor desligado, fora da rede ou com outro IP. Confira se está ligado, o cabo e o \
                 IP, e corrija “{}”.",
                "Likely: the server is off, off the network or has another IP. Turn it on, check cable and IP, and correct “{}”.",
                field()
            )
            .into(),
            (Diagnosis::Timeout, None) if self.evidence.answers_on.is_some() => let_in(port, lang),
            (Diagnosis::Timeout, None) if self.others_failed(lang).is_some() => say!(
                lang,
                "Confira os endereços do nome, se o servidor está ligado e o firewall dele.",
                "Check the name's addresses, whether the server is on, and its firewall."
            )
            .into(),
            (Diagnosis::Unreachable, Some(Sign::Here)) if self.lacks_ipv6() => Remedy::from(say!(
                lang,
                "Informe em “{}” o IPv4 do servidor, ou confira o IPv6 deste computador:",
                "Enter the server's IPv4 address in “{}”, or check this computer's IPv6:",
                field()
            ))
            .paste(Place::Here, [Safe::own("ip -6 addr"), Safe::own("ip -6 route")]),
            (Diagnosis::Unreachable, Some(Sign::Icmp { .. }) | None) => say!(
                lang,
                "Provável: firewall bloqueando a porta {}, ou rede sem rota até lá. Confira o firewall do servidor e “{}”.",
                "Likely: a firewall blocks port {}, or there is no route. Check the server's firewall and “{}”.",
                port,
                field()
            )
            .into(),
            _ => return None,
        })
    }

    fn remedy_of_name(&self, field: &Safe, lang: Lang) -> Remedy {
        let host = self.request.point.host().unwrap_or_default();
        let by_ip = || say!(lang, "Ou informe em “{}” o IP do servidor.", "Or enter the server's IP in “{}”.", field);
        // Shops keep names of one label on each machine: a line there needs no name server.
        let instead = || match host.contains('.') {
            true => by_ip(),
            false => say!(
                lang,
                "Ou informe em “{}” o IP do servidor, ou o inclua com o nome em /etc/hosts.",
                "Or enter the server's IP in “{}”, or add it with the name to /etc/hosts.",
                field
            ),
        };
        match self.evidence.unresolved {
            Some(Unresolved::Unanswered) => Remedy::from(Safe::join(
                &[
                    say!(
                        lang,
                        "Confira o servidor DNS deste computador e teste de novo.",
                        "Check this computer's DNS server and test again."
                    ),
                    instead(),
                ],
                " ",
            ))
            .paste(Place::Here, [Safe::own("cat /etc/resolv.conf")]),
            Some(Unresolved::NoServer) => Remedy::from(Safe::join(
                &[
                    say!(
                        lang,
                        "Inclua em /etc/resolv.conf o IP do roteador.",
                        "Add the router's IP to /etc/resolv.conf."
                    ),
                    instead(),
                ],
                " ",
            ))
            .paste(
                Place::Here,
                [say!(
                    lang,
                    "echo 'nameserver IP-DO-ROTEADOR' | sudo tee -a /etc/resolv.conf",
                    "echo 'nameserver IP-OF-THE-ROUTER' | sudo tee -a /etc/resolv.conf"
                )],
            ),
            Some(Unresolved::NoRoute) => Remedy::from(Safe::join(
                &[
                    say!(
                        lang,
                        "Confira a rede deste computador e o roteador padrão.",
                        "Check this computer's network and its default router."
                    ),
                    instead(),
                ],
                " ",
            ))
            .paste(Place::Here, [Safe::own("ip route")]),
            Some(Unresolved::NoNetwork) => Remedy::from(say!(
                lang,
                "Confira o cabo ou o Wi-Fi deste computador e teste de novo.",
                "Check this computer's cable or Wi-Fi and test again."
            ))
            .paste(Place::Here, [Safe::own("ip addr"), Safe::own("ip route")]),
            // No name server of the internet knows a name of one label; shops keep them on each machine.
            Some(Unresolved::Unknown) | None if !host.contains('.') => Remedy::from(Safe::join(
                &[
                    say!(
                        lang,
                        "Confira o nome. Nome sem ponto costuma estar no /etc/hosts deste computador, numa linha com o IP do servidor.",
                        "Check the name. A name without a dot is usually in this computer's /etc/hosts, in a line with the server's IP."
                    ),
                    by_ip(),
                ],
                " ",
            ))
            .paste(
                Place::Here,
                [say!(
                    lang,
                    "echo 'IP-DO-SERVIDOR {}' | sudo tee -a /etc/hosts",
                    "echo 'IP-OF-THE-SERVER {}' | sudo tee -a /etc/hosts",
                    self.host()
                )],
            ),
            Some(Unresolved::Unknown) | None => {
                let check = say!(lang, "Confira o nome.", "Check the name.");
                Safe::join(&[check, instead()], " ").into()
            }
        }
    }

    /// The attempt that the diagnosis comes from: of several, one where somebody is, and always the same.
    pub(super) fn failed(&self) -> Option<&Attempt> {
        let like = self.evidence.attempts.iter().filter(|attempt| attempt.result.name() == self.diagnosis.name());
        like.min_by_key(|attempt| {
            let is_nobody_s = matches!(attempt.sign, Some(Sign::NoNeighbour | Sign::NobodyOnTheWay));
            (attempt.sign == Some(Sign::Here), is_nobody_s, attempt.address)
        })
    }

    fn sign(&self) -> Option<Sign> {
        self.failed()?.sign
    }

    /// Who has told of the failure by ICMP.
    fn told_by(&self) -> Option<Safe> {
        Some(Safe::outside(&self.sign()?.from()?.to_string()))
    }

    /// A firewall has answered as if the port were closed.
    pub(super) fn rejected(&self) -> bool {
        matches!(self.sign(), Some(Sign::Icmp { said: Icmp::Port, .. }))
    }

    /// This machine's own firewall forbids it: nothing is to be done at the server.
    fn forbidden_here(&self) -> bool {
        let said =
            matches!(self.sign(), Some(Sign::Icmp { said: Icmp::Port | Icmp::Prohibited, by_this_machine: true, .. }));
        said && !self.is_this_machine()
    }

    /// Its addresses are all of IPv6, and this machine knows no way to them.
    fn lacks_ipv6(&self) -> bool {
        let attempts = &self.evidence.attempts;
        !attempts.is_empty()
            && attempts.iter().all(|attempt| attempt.address.is_ipv6() && attempt.sign == Some(Sign::Here))
    }

    fn name_servers(&self) -> Safe {
        let servers = self.evidence.name_servers.iter().map(|server| Safe::outside(&server.to_string()));
        Safe::join(&servers.collect::<Vec<_>>(), ", ")
    }
}
