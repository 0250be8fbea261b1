//! Yes or no.

use serde_json::Value;

use crate::catalog::fault::{Fault, Told};
use crate::catalog::kind::{BoundedBy, Format, Widget};
use crate::{localized, say};

pub const FORMAT: Format = Format {
    name: "boolean",
    json_types: &["boolean"],
    keyword: None,
    bounded_by: BoundedBy::Nothing,
    widget: Widget::Checkbox,
    typed: |_, text| text.trim().parse::<bool>().ok().map(Value::from),
    argument: |word| match word {
        "true" | "sim" | "yes" => Some(Value::Bool(true)),
        "false" | "não" | "nao" | "no" => Some(Value::Bool(false)),
        _ => None,
    },
    step: |_, value, _| Some(Value::Bool(*value != Value::Bool(true))),
    describe: |_, lang| say!(lang, "sim ou não", "yes or no"),
    validate: |_, value| {
        let expected = |lang| {
            say!(
                lang,
                "sim ou não (no arquivo, true ou false, sem aspas)",
                "yes or no (in the file, true or false, without quotes)"
            )
        };
        let told = || localized!("não é sim nem não: escolha um dos dois", "is neither yes nor no: choose one");
        (!value.is_boolean()).then(|| Fault::wrong_type(value, expected).told(Told::OfValue(told())))
    },
    cannot_become_valid: |_, typed| !["true", "false"].iter().any(|word| word.starts_with(typed.trim())),
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::FORMAT;
    use crate::catalog::kind::{Bounds, Kind};
    use crate::lang::Lang;

    #[test]
    fn an_argument_may_say_yes_and_no() {
        let kind = Kind { format: &FORMAT, bounds: Bounds::default() };
        for (text, value) in
            [("sim", true), ("SIM", true), ("yes", true), ("true", true), ("não", false), ("nao", false), ("no", false)]
        {
            assert_eq!(kind.argument(text), json!(value), "{text:?}");
        }
        assert_eq!(kind.argument("talvez"), json!("talvez"));
        assert_eq!(kind.typed("true"), json!(true));
        assert_eq!(kind.typed("sim"), json!("sim"));
        assert_eq!(kind.shown(&json!(true), Lang::Pt).as_str(), "sim");
        assert!(!kind.cannot_become_valid("tr") && kind.cannot_become_valid("x"));
    }
}
