//! What a panel asks of data sources, `POST /api/ds/query`: taken apart and put together again, so that Grafana reads what
//! was looked at here, and only data sources that are shown are asked.

use axum::body::Bytes;
use serde_json::{Map, Value};

/// An expression over other questions is answered by Grafana itself.
const EXPRESSION: &str = "__expr__";

/// The question as Grafana gets it; None when it names a data source that is not shown, or cannot be read.
pub fn checked(body: &[u8], datasources: &[String]) -> Option<Bytes> {
    let mut asked: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let queries = asked.remove("queries")?;
    let is_shown = |query: &Value| {
        let uid = query.get("datasource").and_then(|source| source.get("uid")).and_then(Value::as_str);
        uid.is_some_and(|uid| uid == EXPRESSION || datasources.iter().any(|shown| shown == uid))
    };
    if !queries.as_array()?.iter().all(is_shown) {
        return None;
    }
    // No other key goes on: Grafana takes `Queries` for `queries`.
    let mut question = Map::from_iter([("queries".to_owned(), queries)]);
    for key in ["from", "to"] {
        if let Some(value) = asked.remove(key).filter(Value::is_string) {
            question.insert(key.to_owned(), value);
        }
    }
    serde_json::to_vec(&question).ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(body: &str) -> Option<Value> {
        let bytes = checked(body.as_bytes(), &["source".to_owned()])?;
        Some(serde_json::from_slice(&bytes).unwrap())
    }

    #[test]
    fn panels_ask_the_data_sources_that_are_shown() {
        let body = r#"{"queries":[{"refId":"A","expr":"up","datasource":{"type":"prometheus","uid":"source"}},
            {"refId":"B","datasource":{"uid":"__expr__"}}],"from":"1","to":"2","debug":true}"#;
        let question = asked(body).unwrap();
        assert_eq!(question["queries"][0]["expr"], "up");
        assert_eq!((&question["from"], &question["to"]), (&"1".into(), &"2".into()));
        assert_eq!(question.get("debug"), None);
    }

    #[test]
    fn nothing_else_is_asked_however_it_is_written() {
        for body in [
            r#"{"queries":[{"datasource":{"uid":"secret"}}]}"#,
            r#"{"queries":[{"datasource":{"uid":"source"}},{"datasource":{"uid":"secret"}}]}"#,
            r#"{"queries":[{"datasource":{"uid":"source","uid":"secret"}}]}"#,
            r#"{"queries":[{"datasource":"source"}]}"#,
            r#"{"queries":[{"datasourceId":1}]}"#,
            r#"{"queries":[{"datasource":{"uid":"Source"}}]}"#,
            r#"{"queries":{"datasource":{"uid":"source"}}}"#,
            r#"{"Queries":[{"datasource":{"uid":"source"}}]}"#,
            r#"{"queries":null}"#,
            r#"[]"#,
            "",
            "queries=1",
        ] {
            assert_eq!(asked(body), None, "{body}");
        }
        let twice = r#"{"queries":[{"datasource":{"uid":"source"}}],"Queries":[{"datasource":{"uid":"secret"}}]}"#;
        assert!(!asked(twice).unwrap().to_string().contains("secret"), "Grafana would read the second");
    }
}
