//! The form line by line, on a terminal that draws nothing: said and answered as by somebody who listens.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::busy;
use crate::cli_action::{server, tables};
use crate::fakes::{Fake, Refusing, authentication_request};
use crate::pty::{Ended, Pty};
use crate::world::World;

const GROUP: &str = "Número do grupo";
const VALUE: &str = "Enter mantém:";

/// A conversation: what is waited for comes after what was heard.
struct Talk {
    pty: Pty,
    heard: usize,
}

impl Talk {
    /// Wide, so that no sentence is broken.
    fn open(world: &World, arguments: &[&str]) -> Talk {
        Talk { pty: Pty::spawn(world, arguments, (250, 60)), heard: 0 }
    }

    /// In the world, on a terminal that nothing can be drawn on.
    fn begin(world: &World) -> Talk {
        let mut talk = Talk::open(world, &[]);
        talk.hear("Gestor Balcão, configuração linha a linha.");
        talk
    }

    fn hear(&mut self, text: &str) -> &mut Talk {
        self.heard = self.pty.wait_said(text, self.heard);
        self
    }

    /// Answers with a line.
    fn say(&mut self, line: &str) -> &mut Talk {
        self.pty.send(format!("{line}\n").as_bytes());
        self
    }

    fn answer(&mut self, question: &str, line: &str) -> &mut Talk {
        self.hear(question).say(line)
    }

    /// All that was said so far, and what was typed.
    fn log(&self) -> String {
        String::from_utf8_lossy(self.pty.log()).into_owned()
    }

    /// Waits for the end; the terminal is as it was, and nothing was drawn on it.
    fn end(self, code: u32) -> Ended {
        let ended = self.pty.end();
        assert_eq!((ended.code, &ended.signal, &ended.left_behind), (code, &None, &vec![]), "{}", ended.text);
        assert!(!ended.text.contains('\u{1b}'));
        ended
    }
}

fn dumb(world: World) -> World {
    world.variable("TERM", "dumb")
}

fn drafts(world: &World) -> usize {
    std::fs::read_dir(world.path("config.json.drafts")).map_or(0, |folder| folder.count())
}

#[test]
fn a_value_is_changed_and_saved_and_nothing_is_drawn() {
    let world = dumb(World::new());
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "1").hear("1 de 6: Vendedor Padrão na Pré-Venda e Orçamento").hear("Valor: (vazio), padrão.");
    talk.answer(VALUE, "Zé da Silva")
        .hear("Alterado: Vendedor Padrão na Pré-Venda e Orçamento: (vazio) passa a Zé da Silva");
    // An empty line keeps, and goes on.
    talk.hear("2 de 6: Casas Decimais Qtde").answer(VALUE, "").hear("3 de 6: Casas Decimais Valor");
    talk.answer(VALUE, "<").hear("2 de 6: Casas Decimais Qtde").answer(VALUE, "3").hear("3 de 6");
    talk.answer(VALUE, ":g").hear("passa a Zé da Silva").hear("2 passa a 3").answer("Gravar? sim, não:", "sim");
    talk.hear("Gravado em").answer(VALUE, ":s");
    let log = talk.log();
    assert!(!log.contains('\u{1b}'), "{log}");
    let ended = talk.end(0);
    assert!(ended.text.contains("Casas Decimais Qtde: 2 → 3"), "{}", ended.text);
    assert!(world.config().contains("Zé da Silva"));
    assert_eq!(drafts(&world), 0);
}

#[test]
fn it_opens_by_itself_where_nothing_can_be_drawn_and_where_it_is_asked_for() {
    let opens = |world: World, arguments: &[&str]| {
        let mut talk = Talk::open(&world, arguments);
        talk.answer(GROUP, "s");
        talk.end(0);
    };
    opens(dumb(World::new()), &[]);
    opens(World::new().variable("TERM", ""), &[]);
    opens(World::new().variable("ACCESSIBLE", "1"), &[]);
    opens(World::new(), &["--plain"]);
    let ran = World::new().run(&["--plain"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("Os comandos são: get, set"), "{ran:?}");
}

#[test]
fn a_value_that_is_refused_is_told_why_and_nothing_has_changed() {
    let world = dumb(World::new());
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "2").answer("1 de 6", "").hear("2 de 6: Porta Banco de Dados Gestores");
    talk.answer(VALUE, "70000").hear("Erro: 70000 é inválido: informe de 1 a 65535.");
    talk.answer(VALUE, "testar").hear("Para o comando, digite :testar");
    talk.answer(VALUE, ":x").hear("Não há o comando “x”").answer(VALUE, ":c").hear("Não há alterações.");
    talk.answer(VALUE, "?").hear("Aceita: de 1 a 65535.").hear(":g ou :gravar").answer(VALUE, ":s");
    talk.end(0);
    assert!(!world.path("config.json").exists());
}

#[test]
fn a_locked_switch_says_what_it_needs_and_both_are_turned_on() {
    let world = dumb(World::new());
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "2").hear("1 de 6");
    for number in 2..=6 {
        talk.answer(VALUE, "").hear(&format!("{number} de 6"));
    }
    talk.hear("Travado: ").hear("Licença WhatsApp MSG ativa").answer("Sim ativa os dois; Enter mantém:", "s");
    talk.hear("Alterado: Enviar")
        .hear("Alterado: Licença")
        .hear("Fim de Integração.")
        .hear("Integração, 6 parâmetros, 1 alterado");
    talk.answer(GROUP, "d").hear("Desfeito: ").hear("Travado: ").answer(VALUE, ":r").hear("Refeito: ");
    talk.answer(VALUE, ":g").answer("Gravar? sim, não:", "s").hear("Gravado em").answer(VALUE, ":s");
    talk.end(0);
    assert_eq!(world.config().matches("true").count(), 2);
}

#[test]
fn a_test_tells_what_failed_with_the_remedy_and_a_save_asks_before_it_keeps_what_fails() {
    let (refusing, other) = (Refusing::new(), Fake::silent());
    let (port, taken) = (refusing.port, other.port);
    let text = format!("{{\"integracao\": {{\"porta_integracao_clientes\": {taken}}}}}");
    let world = dumb(World::with_config(&text));
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "2").answer("1 de 6", "").answer("2 de 6", &port.to_string()).hear("3 de 6");
    talk.answer(VALUE, ":t").hear("Ctrl+C cancela.").hear("Falhou: ").hear(&port.to_string()).hear("Teste com");
    // What was typed before the question is no answer to it.
    talk.hear(VALUE);
    talk.pty.send(b":g\nsim\n");
    talk.answer("Gravar? sim, não:", "não").hear("Nada foi gravado.").hear(VALUE);
    assert!(!talk.log().contains("antes de gravar"), "{}", talk.log());
    talk.say(":g").answer("Gravar? sim, não:", "sim").hear("antes de gravar").hear("nada foi gravado ainda.");
    talk.answer("Gravar mesmo assim? sim, não:", "não").hear("Nada foi gravado.").hear("Valor: ");
    talk.answer(VALUE, ":g").answer("Gravar? sim, não:", "sim").answer("Gravar mesmo assim? sim, não:", "sim");
    talk.hear("Gravado em").answer(VALUE, ":s");
    talk.end(0);
    assert!(world.config().contains(&port.to_string()));
}

#[test]
fn what_others_saved_is_merged_or_asked_about_value_by_value() {
    let world = dumb(World::with_config("{\"geral\": {\"casas_decimais_qtde\": 1, \"casas_decimais_valor\": 1}}"));
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "1").answer("1 de 6", "Ana").answer("2 de 6", "3").hear("3 de 6").hear(VALUE);
    assert_eq!(world.run(&["set", "geral.casas_decimais_qtde=4", "geral.casas_decimais_valor=5"]).code, 0);
    talk.say(":g").answer("Gravar? sim, não:", "sim").hear("aqui e no arquivo");
    talk.hear("aqui: 3").hear("no arquivo agora: 4").answer("Qual fica? meu, arquivo:", "meu");
    talk.hear("Casas Decimais Valor").answer(VALUE, ":s");
    talk.end(0);
    let config = world.config();
    assert!(config.contains("Ana") && config.contains("\"casas_decimais_qtde\": 3"), "{config}");
    assert!(config.contains("\"casas_decimais_valor\": 5"), "{config}");
}

#[test]
fn a_lost_line_keeps_the_edits_and_the_next_form_offers_them() {
    for (signal, code) in [(Signal::HUP, 129), (Signal::TERM, 143)] {
        let world = dumb(World::new());
        let mut talk = Talk::begin(&world);
        talk.answer(GROUP, "1").answer("1 de 6", "Ana").hear("2 de 6");
        kill_process(Pid::from_raw(talk.pty.process() as i32).unwrap(), signal).unwrap();
        talk.end(code);
        assert_eq!(drafts(&world), 1);
        let mut talk = Talk::begin(&world);
        talk.hear("Há um rascunho seu:").hear("passa a Ana").answer("O que fazer? recuperar, depois, descartar:", "r");
        talk.hear("1 alteração recuperada, ainda não gravada.").answer(GROUP, "g").answer("Gravar? sim, não:", "s");
        talk.hear("Gravado em").answer(GROUP, "s");
        talk.end(0);
        assert!(world.config().contains("Ana"));
        busy::wait_until("no draft", || drafts(&world) == 0);
    }
}

#[test]
fn an_edit_is_kept_while_nothing_is_typed() {
    let world = dumb(World::new());
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "1").answer("1 de 6", "Ana").hear("2 de 6");
    busy::wait_until("a draft", || drafts(&world) == 1);
    talk.say(":s").hear("1 alteração não foi gravada").answer("Gravar antes de sair? sim, não, voltar:", "n");
    let ended = talk.end(0);
    assert!(ended.text.contains("1 alteração descartada."), "{}", ended.text);
    assert_eq!(drafts(&world), 0);
}

#[test]
fn ctrl_c_asks_and_twice_leaves_with_the_draft_kept() {
    for key in [b"\x03", b"\x04"] {
        let world = dumb(World::new());
        let mut talk = Talk::begin(&world);
        talk.answer(GROUP, "1").answer("1 de 6", "Ana").hear("2 de 6").hear(VALUE);
        talk.pty.send(key);
        talk.answer("Gravar antes de sair? sim, não, voltar:", "voltar").hear("2 de 6").hear(VALUE);
        talk.pty.send(key);
        talk.hear("Gravar antes de sair?");
        talk.pty.send(key);
        talk.hear("Ficou no rascunho");
        talk.end(130);
        assert_eq!(drafts(&world), 1);
    }
}

#[test]
fn a_document_that_may_not_be_saved_is_told_at_once_and_the_edits_are_kept() {
    let world = dumb(World::with_config("{}"));
    std::fs::hard_link(world.path("config.json"), world.path("other.json")).unwrap();
    let mut talk = Talk::begin(&world);
    talk.hear("Somente leitura: ").answer(GROUP, "1").answer("1 de 6", "Ana").hear("2 de 6");
    talk.answer(VALUE, ":s").answer("Guardar num rascunho antes de sair? sim, não, voltar:", "sim");
    talk.hear("Não foi gravado; 1 alteração ficou no rascunho").hear("Para gravar: ");
    talk.end(4);
    assert_eq!((world.config().as_str(), drafts(&world)), ("{}", 1));
}

#[test]
fn a_document_that_cannot_be_read_is_read_again_or_left() {
    let world = dumb(World::with_config("{\"geral\": "));
    let mut talk = Talk::open(&world, &[]);
    talk.answer("Ler de novo? sim, não:", "não");
    talk.end(3);
    let mut talk = Talk::open(&world, &[]);
    talk.hear("Ler de novo?");
    world.write("config.json", "{\"geral\": {\"casas_decimais_qtde\": 9}}");
    talk.say("sim").hear("Gestor Balcão, configuração").hear("Erro: Casas Decimais Qtde: 9 é inválido");
    talk.hear("Geral, 6 parâmetros, 1 inválido").answer(GROUP, "1").answer("1 de 6", "Ana").answer("2 de 6", ":g");
    talk.hear("Nada foi gravado; corrija antes:").hear("2 de 6: Casas Decimais Qtde").answer(VALUE, ":p");
    talk.answer(VALUE, ":g").answer("Gravar? sim, não:", "sim").hear("Gravado em").answer(VALUE, ":s");
    talk.end(0);
    assert!(world.config().contains("Ana"));
}

#[test]
fn an_earlier_version_is_shown_and_its_values_come_back() {
    let world = dumb(World::with_config("{}"));
    for value in ["Ana", "Rui"] {
        assert_eq!(world.run(&["set", &format!("geral.vendedor_padrao={value}")]).code, 0);
    }
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "h")
        .hear("3. ")
        .hear("Ana passa a Rui")
        .hear("1. ")
        .answer("Número da versão; Enter volta:", "2");
    talk.answer("Restaurar quais?", "todos").hear("ainda não gravado").answer("Número da versão", "");
    talk.answer(GROUP, "c").hear("Rui passa a Ana").answer(GROUP, "s").answer("Gravar antes de sair?", "sim");
    talk.hear("Gravado em");
    talk.end(0);
    assert!(world.config().contains("Ana"));
}

#[test]
fn letters_are_those_of_the_locale_and_the_terminal() {
    let world = World::new().variable("TERM", "").variable("LANG", "pt_BR.ISO-8859-1");
    let mut talk = Talk::open(&world, &["--ascii"]);
    talk.hear("Numero do grupo").say("1").hear("Vendedor Padrao").hear("Enter mantem:");
    talk.pty.send(b"Jos\xe9\n");
    talk.hear("passa a Jose").answer("Enter mantem:", ":s").answer("sim, nao, voltar:", "sim").hear("Gravado em");
    talk.end(0);
    assert!(world.config().contains("José"));
}

#[test]
fn what_others_save_is_told_before_the_next_question() {
    let world = dumb(World::with_config("{}"));
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "1").answer("1 de 6", "Ana").hear("2 de 6").hear(VALUE);
    assert_eq!(world.run(&["set", "geral.casas_decimais_valor=5"]).code, 0);
    talk.say("").hear("gravou às").hear("Casas Decimais Valor: ").hear("Seus valores alterados continuam aqui.");
    talk.hear("3 de 6").hear("Valor: 5, do arquivo.").answer(VALUE, ":g").answer("Gravar? sim, não:", "sim");
    talk.hear("Gravado em").answer(VALUE, ":s");
    talk.end(0);
    assert!(
        world.config().contains("Ana") && world.config().contains("\"casas_decimais_valor\": 5"),
        "{}",
        world.config()
    );
}

#[test]
fn a_parameter_is_found_by_a_word_and_gone_to() {
    let world = dumb(World::new());
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "b").answer("O que procurar", "dav").hear("1. ").hear("DAV (Orçamento): não (Integração)");
    talk.answer("Número; Enter volta:", "1").hear("4 de 6: Verificar").answer(VALUE, ":b").answer("O que procurar", "");
    talk.hear("4 de 6").answer(VALUE, ":s");
    talk.end(0);
}

/// The way to the server on this port, which holds what is said from `word` on: it tells that, and goes on when it is told.
fn holding_at(port: u16, word: &'static str) -> (Fake, Receiver<()>, Sender<()>) {
    let ((holds, held), (go, goes_on)) = (channel(), channel());
    let ends = Arc::new(Mutex::new((holds, goes_on)));
    let way = Fake::serving(move |client| {
        let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        let (mut answers, mut back) = (server.try_clone()?, client.try_clone()?);
        thread::spawn(move || io::copy(&mut answers, &mut back));
        let mut bytes = [0; 65536];
        while let Ok(count @ 1..) = client.read(&mut bytes) {
            if bytes[..count].windows(word.len()).any(|part| part == word.as_bytes()) {
                let (holds, goes_on) = &*ends.lock().unwrap();
                let _ = (holds.send(()), goes_on.recv());
            }
            server.write_all(&bytes[..count])?;
        }
        server.shutdown(Shutdown::Both)
    });
    (way, held, go)
}

#[test]
fn a_table_that_is_being_moved_is_waited_for_and_the_sql_that_puts_it_back_is_told() {
    let server = server();
    // One is waited for, one is left half-way.
    for (signal, code) in [(Signal::INT, 0), (Signal::TERM, 143)] {
        let (way, held, go) = holding_at(server.port, "ALTER TABLE");
        let document = json!({ "integracao": { "porta_banco_dados": way.port } }).to_string();
        let world = World::with_config(&document).variable("PGUSER", "postgres").variable("PGDATABASE", "postgres");
        let world = dumb(world);
        let mut talk = Talk::begin(&world);
        talk.answer(GROUP, "a").answer("Número da ação", "2").answer("Digite o nome da tabela", "tab_versao");
        held.recv_timeout(busy::PATIENCE).unwrap();
        kill_process(Pid::from_raw(talk.pty.process() as i32).unwrap(), signal).unwrap();
        if signal == Signal::INT {
            talk.hear("não para no meio");
            go.send(()).unwrap();
            talk.hear("foi retirada: agora está em").hear("BEGIN;").hear("COMMIT;").answer(GROUP, "s");
            let ended = talk.end(code);
            assert!(!ended.text.contains("Interrompido"), "{}", ended.text);
            assert_eq!(tables(&server), ["balcao_excluidas.tab_versao_T"]);
            server.client().batch_execute("CREATE TABLE tab_versao (versao text)").unwrap();
        } else {
            let ended = talk.end(code);
            assert!(ended.text.contains("não se sabe se foi."), "{}", ended.text);
            go.send(()).unwrap();
        }
    }
}

#[test]
fn a_stop_at_the_password_s_question_shows_nothing_of_what_is_typed_after_it() {
    let asking = Fake::postgres(|_| authentication_request(3));
    let world = dumb(World::with_config(&json!({ "integracao": { "porta_banco_dados": asking.port } }).to_string()))
        .variable("PGUSER", "ana")
        .variable("PGDATABASE", "loja");
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "t").hear("Senha de ana");
    let process = Pid::from_raw(talk.pty.process() as i32).unwrap();
    kill_process(process, Signal::TSTP).unwrap();
    talk.pty.wait_stopped();
    kill_process(process, Signal::CONT).unwrap();
    talk.answer("Senha de ana", "segredo").hear("Teste com").answer(GROUP, "s");
    let log = talk.log();
    assert!(!log.contains("segredo"), "{log}");
    talk.end(0);
}

#[test]
fn two_ports_that_must_differ_are_exchanged_without_a_third() {
    let world = dumb(World::new());
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "2").answer("1 de 6", "").hear("2 de 6").answer(VALUE, "8082").hear("passa a 8082");
    talk.hear("Erro: Porta de Comunicação").hear("é também o valor de “Porta Banco").hear("um dos dois tem de mudar.");
    talk.hear("3 de 6").answer(VALUE, ":g").hear("Nada foi gravado; corrija antes:").hear("3 de 6");
    talk.answer(VALUE, "5432").hear("passa a 5432").hear("4 de 6").answer(VALUE, ":g");
    talk.answer("Gravar? sim, não:", "n").answer(VALUE, ":s").answer("Gravar antes de sair?", "n");
    let ended = talk.end(0);
    assert!(ended.text.contains("2 alterações descartadas"), "{}", ended.text);
}

#[test]
fn a_switch_that_others_depend_on_is_turned_off_with_them_or_not_at_all() {
    let on = r#"{"integracao": {"enviar_notificacao_os_whatsapp": true}, "notificacao_whatsapp": {"licenca_whatsapp_msg": true}}"#;
    let world = dumb(World::with_config(on));
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "3").answer("1 de 1", "não").hear("e está ativado:").hear("Enviar");
    talk.answer("Desativar os dois? sim, não:", "não").answer(VALUE, ":padrão").answer("Desativar os dois?", "sim");
    talk.hear("Alterado: Enviar").hear("Alterado: Licença").hear("1 de 1").answer(VALUE, ":d").hear("Desfeito: ");
    talk.answer(VALUE, ":c").hear("Não há alterações.").answer(VALUE, ":s");
    talk.end(0);
}

#[test]
fn the_help_says_what_a_value_was_and_a_command_puts_it_back() {
    let world = dumb(World::with_config("{}"));
    for value in ["Ana", "Rui"] {
        assert_eq!(world.run(&["set", &format!("geral.vendedor_padrao={value}")]).code, 0);
    }
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "1").answer("1 de 6", "?").hear("Antes: Ana, ").hear("; :v põe de volta.").answer(VALUE, ":v");
    talk.hear("Rui passa a Ana").answer(VALUE, ":g").answer("Gravar? sim, não:", "sim").hear("Gravado em");
    // The save is a change of its own.
    talk.answer(VALUE, "?").hear("Antes: Rui, ").answer(VALUE, "").hear("2 de 6").answer(VALUE, ":v");
    talk.hear("não tem valor anterior").answer(VALUE, ":s");
    talk.end(0);
    assert!(world.config().contains("Ana"));
}

#[test]
fn single_values_of_a_version_come_back_and_a_long_version_is_told_in_short() {
    let world = dumb(World::with_config("{}"));
    let many =
        ["casas_decimais_qtde=3", "casas_decimais_valor=4", "vendedor_padrao=Ana"].map(|it| format!("geral.{it}"));
    let more = ["porta_banco_dados=5433", "porta_integracao_clientes=8083", "ip_servidor_retaguarda=loja"];
    let more = more.map(|it| format!("integracao.{it}"));
    let all: Vec<&str> = ["set"].into_iter().chain(many.iter().chain(&more).map(String::as_str)).collect();
    assert_eq!(world.run(&all).code, 0);
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "h")
        .hear("e mais 1 alteração")
        .answer("Número da versão", "1")
        .hear("2. Casas Decimais Qtde: 3");
    talk.hear("6. ").answer("Restaurar quais?", "2, 3").hear("Restaurados 2 valores").answer("Número da versão", "");
    talk.answer(GROUP, "g").answer("Gravar? sim, não:", "sim").hear("Gravado em").answer(GROUP, "s");
    talk.end(0);
    let config = world.config();
    assert!(config.contains("Ana") && !config.contains("casas_decimais"), "{config}");
}

#[test]
fn a_file_that_is_gone_is_not_told_as_saved_and_is_written_anew_where_that_is_wanted() {
    for anew in [false, true] {
        let world = dumb(World::with_config("{\"geral\": {\"vendedor_padrao\": \"Ana\"}}"));
        let mut talk = Talk::begin(&world);
        talk.hear(GROUP);
        std::fs::remove_file(world.path("config.json")).unwrap();
        talk.say("").hear("O arquivo foi removido").answer(GROUP, "g").hear("cria o arquivo com todos os valores");
        talk.answer("Gravar de novo? sim, não:", if anew { "sim" } else { "não" });
        talk.hear(if anew { "Gravado em" } else { "Nada foi gravado." }).answer(GROUP, "s");
        let ended = talk.end(0);
        assert_eq!(world.path("config.json").exists(), anew);
        assert!(anew || ended.text.contains("removido"), "{}", ended.text);
    }
}

#[test]
fn a_document_that_may_no_longer_be_saved_is_told() {
    let world = dumb(World::with_config("{}"));
    let mut talk = Talk::begin(&world);
    talk.hear(GROUP);
    std::fs::hard_link(world.path("config.json"), world.path("other.json")).unwrap();
    std::fs::write(world.path("config.json"), "{} ").unwrap();
    talk.say("").hear("Somente leitura: ").hear(GROUP);
    std::fs::remove_file(world.path("other.json")).unwrap();
    std::fs::write(world.path("config.json"), "{}").unwrap();
    talk.say("").hear("O arquivo já pode ser gravado.").answer(GROUP, "s");
    talk.end(0);
}

#[test]
fn an_action_is_found_and_what_is_not_found_is_said_so() {
    let world = dumb(World::new());
    let mut talk = Talk::begin(&world);
    talk.answer(GROUP, "b").answer("O que procurar", "@xyz").hear("@xyz não é filtro; há @alterado");
    talk.answer(GROUP, "b").answer("O que procurar", "editar relatorio").hear("Editar Relatório (ação)");
    talk.answer("Número; Enter volta:", "1").answer(GROUP, "b").answer("O que procurar", "porta zzzzqqqq");
    talk.hear("Nada com “porta zzzzqqqq”.").hear("O mais parecido:").answer("Número; Enter volta:", "");
    talk.answer(GROUP, "s");
    talk.end(0);
}

#[test]
fn a_command_to_paste_is_one_line_however_narrow_the_terminal_is() {
    let world = dumb(World::with_config("{}"));
    std::fs::hard_link(world.path("config.json"), world.path("other.json")).unwrap();
    let mut talk = Talk { pty: Pty::spawn(&world, &["--ascii"], (40, 60)), heard: 0 };
    talk.answer("Numero do grupo", "1").hear("1 de 6").answer("mantem:", "Ana").hear("2 de 6").answer("mantem:", ":g");
    talk.answer("Guardar num rascunho?", "sim").hear("Para gravar: ").hear("mantem:");
    let log = talk.log();
    let line = log.lines().find(|line| line.contains("Para gravar: ")).unwrap();
    assert!(line.contains("balcao-config --config ") && line.chars().count() > 80, "{log}");
    talk.say(":s").answer("antes de sair?", "nao");
    talk.end(0);
}
