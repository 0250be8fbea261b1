//! The values that make a document valid: for the one command that mends it, where a value alone would only move the fault
//! to another.

use serde_json::Value;

use super::Session;
use crate::catalog::{Level, Parameter};
use crate::key::Key;

impl Session {
    /// What to set beside the values of `kept`, which stay, so that no error is left; `None` where nothing would do. Values
    /// that are wrong go back to their defaults; a rule between two is kept by the other one.
    pub fn mending(&self, kept: &[Key]) -> Option<Vec<(Key, Value)>> {
        let mut mended = self.clone();
        let mut set: Vec<Key> = vec![];
        // Each round settles one parameter; a chain of rules is no longer than there are.
        for _ in 0..=self.catalog.parameters().len() {
            let Some(finding) = mended.findings().into_iter().find(|it| it.level() == Level::Error) else {
                let value = |key: Key| Some((key.clone(), mended.value(self.catalog.parameter(&key)?)));
                return set.into_iter().map(value).collect();
            };
            let parameter = self.catalog.parameter(&finding.key)?;
            let (key, value) = mended.settled(parameter, &|key| kept.contains(key) || set.contains(key))?;
            mended.set(&key, Some(value));
            if !set.contains(&key) {
                set.push(key);
            }
        }
        None
    }

    /// The parameter to set, and to what, so that this one has no error; `is_kept` tells which are not to be touched.
    fn settled(&self, parameter: &Parameter, is_kept: &dyn Fn(&Key) -> bool) -> Option<(Key, Value)> {
        let default = |it: &Parameter| (it.key.clone(), it.default.clone());
        let other = parameter.differs.as_ref().and_then(|key| self.catalog.parameter(key));
        let differs = other.filter(|other| self.value(other) == self.value(parameter));
        if parameter.kind.validate(&self.value(parameter)).is_some_and(|fault| fault.level == Level::Error) {
            return Some(default(parameter)).filter(|_| !is_kept(&parameter.key));
        }
        if let Some(other) = differs {
            let free = [parameter, other].into_iter().find(|it| !is_kept(&it.key))?;
            let taken = self.value(parameter);
            let around = [free.default.clone(), beside(&taken, 1)?, beside(&taken, -1)?];
            let suits = |value: &Value| *value != taken && free.kind.validate(value).is_none();
            return Some((free.key.clone(), around.into_iter().find(suits)?));
        }
        match &parameter.requires {
            Some(needed) if is_kept(&parameter.key) => {
                Some((needed.clone(), Value::Bool(true))).filter(|_| !is_kept(needed))
            }
            Some(_) => Some(default(parameter)),
            None => None,
        }
    }
}

fn beside(number: &Value, by: i64) -> Option<Value> {
    Some(number.as_i64()?.checked_add(by)?.into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn what_mends_a_document_leaves_what_is_kept() {
        let (port, other) = ("integracao.porta_banco_dados", "integracao.porta_integracao_clientes");
        let (sends, licence) =
            ("integracao.enviar_notificacao_os_whatsapp", "notificacao_whatsapp.licenca_whatsapp_msg");
        let cases = [
            (json!({ port: 0, other: 0 }), vec![], Some(vec![(port, json!(5432)), (other, json!(8082))])),
            (json!({ port: 0, other: 0 }), vec![port], None),
            (json!({ port: 8082 }), vec![port], Some(vec![(other, json!(8083))])),
            (json!({ port: 8082 }), vec![], Some(vec![(other, json!(8083))])),
            (json!({ port: 5432, other: 5432 }), vec![other], Some(vec![(port, json!(5433))])),
            (json!({ port: 65535, other: 65535 }), vec![port, other], None),
            (json!({ sends: true }), vec![sends], Some(vec![(licence, json!(true))])),
            (json!({ sends: true }), vec![licence], Some(vec![(sends, json!(false))])),
            (json!({ sends: true, licence: 7 }), vec![sends], Some(vec![(licence, json!(true))])),
            (json!({}), vec![], Some(vec![])),
        ];
        for (values, kept, expected) in cases {
            let mut session = Session::empty(Path::new("config.json"), Arc::new(Catalog::built_in()));
            for (key, value) in values.as_object().unwrap() {
                session.set(&Key::parse(key).unwrap(), Some(value.clone()));
            }
            let kept: Vec<Key> = kept.into_iter().map(|key| Key::parse(key).unwrap()).collect();
            let expected: Option<Vec<_>> =
                expected.map(|set| set.into_iter().map(|(key, value)| (Key::parse(key).unwrap(), value)).collect());
            assert_eq!(session.mending(&kept), expected, "{values} {kept:?}");
        }
    }
}
