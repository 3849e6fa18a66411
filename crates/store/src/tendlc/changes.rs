//! Before and after of forms, for the audit log: every field by itself, as people read it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::audit::Event;

/// Fields whose content is shown by its last signs.
const SHORTENED: [&str; 3] = ["ein", "phone", "mobile_phone"];
/// Long texts are told by their beginning.
const SHOWN_CHARACTERS: usize = 200;
/// Words of a list that stand on one line; longer ones are a field each.
const WORD_CHARACTERS_MAX: usize = 40;

/// Before and after of every field that differs. Fields of fields are called after both, such as `opt_in_message`.
pub(super) fn changes<T: Serialize>(mut event: Event, before: Option<&T>, after: Option<&T>) -> Event {
    let (before, after) = (fields(before), fields(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        if before.get(name) != after.get(name) {
            let shown = |fields: &BTreeMap<String, String>| fields.get(name).map(|text| shown(name, text));
            event = event.change(name, shown(&before), shown(&after));
        }
    }
    event
}

fn fields<T: Serialize>(value: Option<&T>) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
        spread("", value, &mut fields);
    }
    fields
}

fn spread(name: &str, value: Value, into: &mut BTreeMap<String, String>) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}_{part}") };
    match value {
        Value::Null => {}
        Value::Bool(value) => {
            into.insert(name.to_owned(), if value { "yes" } else { "no" }.to_owned());
        }
        Value::Number(number) => {
            into.insert(name.to_owned(), number.to_string());
        }
        Value::String(text) => {
            if !text.is_empty() {
                into.insert(name.to_owned(), text);
            }
        }
        Value::Object(fields) => {
            for (part, value) in fields {
                spread(&below(&part), value, into);
            }
        }
        Value::Array(values) => match words(&values) {
            Some(words) => spread(name, Value::String(words), into),
            None => {
                for (number, value) in (1..).zip(values) {
                    spread(&below(&format!("{number}")), value, into);
                }
            }
        },
    }
}

/// A list of single words, on one line.
fn words(values: &[Value]) -> Option<String> {
    let word = |value: &Value| match value {
        Value::String(text) if text.chars().count() <= WORD_CHARACTERS_MAX => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Some(values.iter().map(word).collect::<Option<Vec<_>>>()?.join(", "))
}

fn shown(name: &str, text: &str) -> String {
    let length = text.chars().count();
    if SHORTENED.contains(&name) {
        return format!("•••{}", text.chars().skip(length.saturating_sub(4)).collect::<String>());
    }
    if length > SHOWN_CHARACTERS {
        return format!("{}…", text.chars().take(SHOWN_CHARACTERS).collect::<String>());
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_field_is_told_by_itself_and_in_words() {
        let long = "A sample that is longer than what is taken for a single word.";
        let form = json!({
            "opt_in": { "offered": false, "message": "Hello", "keywords": "" },
            "tags": ["us", "retail"],
            "samples": [long, "Short."],
            "carriers": [],
            "website": null,
        });
        let told = fields(Some(&form));
        let told: Vec<(&str, &str)> = told.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(
            told,
            [
                ("opt_in_message", "Hello"),
                ("opt_in_offered", "no"),
                ("samples_1", long),
                ("samples_2", "Short."),
                ("tags", "us, retail"),
            ]
        );
    }

    #[test]
    fn numbers_are_told_by_their_last_signs_and_texts_by_their_beginning() {
        assert_eq!(shown("phone", "+13035550100"), "•••0100");
        assert_eq!(shown("description", &"a".repeat(201)).chars().count(), 201);
        assert_eq!(shown("description", "short"), "short");
    }
}
