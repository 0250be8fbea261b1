//! The catalog as data: the whole table, row by row.

mod extensions;
mod oracle;
mod patterns;

use std::path::Path;

use balcao_config::catalog::format::{boolean, host, integer, path, sql_identifier, text};
use balcao_config::catalog::kind::{Bounds, Format};
use balcao_config::catalog::rule::validate;
use balcao_config::catalog::{Catalog, Kind, Probe};
use balcao_config::key::Key;
use balcao_config::lang::Lang;
use serde_json::{Value, json};

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn examples() -> Catalog {
    Catalog::load(Path::new("examples/catalog.d")).unwrap_or_else(|errors| panic!("{:#?}", errors.problem(Lang::Pt)))
}

fn text(max_length: Option<usize>, format: &'static Format) -> Kind {
    Kind { format, bounds: Bounds { max_length, ..Bounds::default() } }
}

fn whole(minimum: i64, maximum: i64) -> Kind {
    Kind { format: &integer::FORMAT, bounds: Bounds { minimum, maximum, ..Bounds::default() } }
}

fn switch() -> Kind {
    Kind { format: &boolean::FORMAT, bounds: Bounds::default() }
}

#[test]
fn the_sections_and_groups_are_the_vendors_in_the_vendors_order() {
    let catalog = Catalog::built_in();
    let groups: Vec<(&str, &str, &str)> = catalog
        .groups()
        .iter()
        .map(|group| (catalog.sections()[group.section].title.pt.as_str(), group.id.as_str(), group.title.pt.as_str()))
        .collect();
    assert_eq!(
        groups,
        [
            ("Gerencial", "geral", "Geral"),
            ("Gerencial", "operacional", "Operacional"),
            ("Gerencial", "controle_parceiro", "Controle de Parceiro"),
            ("Gerencial", "controles_clientes", "Controles de Clientes"),
            ("Gerencial", "controles_produtos", "Controles de Produtos"),
            ("Gerencial", "controle_troca_devolucao", "Controle de Troca e Devolução"),
            ("Gerencial", "grupo_desconto", "Grupo de Desconto"),
            ("Gerencial", "tabela_preco", "Tabela de Preço"),
            ("Gerencial", "controles_impressao", "Controles de Impressão"),
            ("Gerencial", "integracao", "Integração"),
            ("Gerencial", "ordem_servico", "Ordem de Serviço"),
            ("Gerencial", "controle_sistema", "Controle do Sistema"),
            ("Gerencial", "notificacao_whatsapp", "Controle de Notificação de WhatsApp"),
            ("Balança", "balanca", "Balança"),
            ("Termo Garantia", "termo_garantia", "Termo Garantia"),
            ("Termo Condicional", "termo_condicional", "Termo Condicional"),
            ("Registros", "registros", "Registros"),
            ("Mix", "mix", "Mix"),
        ]
    );
}

#[test]
fn the_parameters_are_the_vendors_with_their_labels_bounds_and_defaults() {
    let port = || whole(1, 65535);
    let rows: [(&str, &str, Kind, Value); 13] = [
        ("geral.vendedor_padrao", "Vendedor Padrão na Pré-Venda e Orçamento", text(Some(20), &text::FORMAT), json!("")),
        ("geral.casas_decimais_qtde", "Casas Decimais Qtde", whole(0, 4), json!(2)),
        ("geral.casas_decimais_valor", "Casas Decimais Valor", whole(0, 10), json!(2)),
        ("geral.caminho_imagem_logo", "Caminho da Imagem Logo", text(None, &path::FORMAT), json!("")),
        ("geral.diretorio_relatorios", "Diretório dos Relatórios", text(None, &path::FORMAT), json!("")),
        ("geral.tabela_versao", "Tabela de Versão", text(None, &sql_identifier::FORMAT), json!("tab_versao")),
        (
            "integracao.ip_servidor_retaguarda",
            "IP do Servidor Retaguarda",
            text(Some(253), &host::FORMAT),
            json!("127.0.0.1"),
        ),
        ("integracao.porta_banco_dados", "Porta Banco de Dados Gestores", port(), json!(5432)),
        (
            "integracao.porta_integracao_clientes",
            "Porta de Comunicação para Integração do Cadastro de Clientes",
            port(),
            json!(8082),
        ),
        (
            "integracao.verificar_crediario_vencido_dav",
            "Verificar se Existe Crediário Vencido no DAV (Orçamento)",
            switch(),
            json!(false),
        ),
        (
            "integracao.verificar_crediario_vencido_pre_venda",
            "Verificar se Existe Crediário Vencido na Pré-Venda",
            switch(),
            json!(false),
        ),
        (
            "integracao.enviar_notificacao_os_whatsapp",
            "Enviar Notificação da Ordem de Serviço pelo WhatsApp",
            switch(),
            json!(false),
        ),
        ("notificacao_whatsapp.licenca_whatsapp_msg", "Licença WhatsApp MSG ativa", switch(), json!(false)),
    ];
    let catalog = Catalog::built_in();
    assert_eq!(catalog.parameters().len(), rows.len());
    for (parameter, (name, title, kind, default)) in catalog.parameters().iter().zip(rows) {
        assert_eq!(parameter.key.as_str(), name);
        assert_eq!(parameter.title.pt.as_str(), title, "{name}");
        assert_eq!(parameter.kind, kind, "{name}");
        assert_eq!(parameter.default, default, "{name}");
    }
}

#[test]
fn rules_and_checks_stand_on_the_parameters_they_belong_to() {
    let catalog = Catalog::built_in();
    let rules: Vec<(&str, Option<&str>, Option<&str>)> = catalog
        .parameters()
        .iter()
        .map(|p| (p.key.name(), p.requires.as_ref().map(Key::as_str), p.differs.as_ref().map(Key::as_str)))
        .filter(|(_, requires, differs)| requires.is_some() || differs.is_some())
        .collect();
    assert_eq!(
        rules,
        [
            ("porta_integracao_clientes", None, Some("integracao.porta_banco_dados")),
            ("enviar_notificacao_os_whatsapp", Some("notificacao_whatsapp.licenca_whatsapp_msg"), None),
        ]
    );
    let host = Some("integracao.ip_servidor_retaguarda");
    let checks: Vec<(&str, Probe, &str, Option<&str>)> = catalog
        .parameters()
        .iter()
        .filter_map(|p| p.check.as_ref().map(|check| (p.key.name(), check)))
        .map(|(name, check)| (name, check.probe, check.target.as_str(), check.host.as_ref().map(Key::as_str)))
        .collect();
    assert_eq!(
        checks,
        [
            ("caminho_imagem_logo", Probe::Image, "logo", None),
            ("diretorio_relatorios", Probe::Folder, "relatorios", None),
            ("ip_servidor_retaguarda", Probe::Host, "servidor", None),
            ("porta_banco_dados", Probe::Postgres, "banco_dados", host),
            ("porta_integracao_clientes", Probe::Http, "integracao_clientes", host),
        ]
    );
}

#[test]
fn every_parameter_is_explained_in_both_languages() {
    for catalog in [Catalog::built_in(), examples()] {
        for group in catalog.groups() {
            assert!(!group.title.en.is_empty(), "{}", group.id);
        }
        for parameter in catalog.parameters() {
            let name = &parameter.key;
            let (title, help) = (&parameter.title, &parameter.help);
            assert_ne!(title.pt, title.en, "{name}: the title is not translated");
            for words in [&help.what, &help.default, &help.change] {
                assert!(!words.pt.is_empty() && !words.en.is_empty(), "{name}: help is missing");
                assert_ne!(words.pt, words.en, "{name}: help is not translated");
                for text in [&words.pt, &words.en] {
                    assert!(text.as_str().ends_with('.'), "{name}: {text}");
                    assert!(!text.as_str().contains(['‹', '\\']), "{name}: {text} has been spelled out");
                }
            }
            // Two lines of an 80-column pane hold the first sentence.
            for text in [&help.what.pt, &help.what.en] {
                let first = text.as_str().split_inclusive(". ").next().unwrap();
                assert!(first.chars().count() <= 156, "{name}: {first}");
            }
        }
    }
}

#[test]
fn every_default_is_valid_alone_and_with_the_others() {
    for catalog in [Catalog::built_in(), examples()] {
        assert_eq!(validate(&catalog, &|parameter| parameter.default.clone()), []);
        for parameter in catalog.parameters() {
            assert_eq!(parameter.kind.typed(&parameter.kind.raw(&parameter.default)), parameter.default);
            assert!(!parameter.kind.cannot_become_valid(&parameter.kind.raw(&parameter.default)), "{}", parameter.key);
        }
    }
}
