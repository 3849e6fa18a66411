//! What a program asks for: the query of a request. A parameter that is not known is refused by its name, so that a
//! mistyped filter does not give the whole list.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The query, of which every parameter is known: the type denies unknown fields.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(refused) => {
                let text = refused.body_text();
                let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
                Err(Problem::parameter(named(text).unwrap_or("query"), app::error::sentence(text)))
            }
        }
    }
}

/// The field that a message of serde is about.
pub fn named(message: &str) -> Option<&str> {
    let field = ["unknown field `", "missing field `", "duplicate field `"];
    let (_, rest) = field.iter().find_map(|start| message.split_once(start))?;
    rest.split('`').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Narrowed {
        limit: Option<String>,
    }

    async fn ask(query: &str) -> Result<Asked<Narrowed>, Problem> {
        let request = axum::http::Request::get(format!("/api/v1/campaigns?{query}")).body(()).unwrap();
        Asked::from_request_parts(&mut request.into_parts().0, &()).await
    }

    #[tokio::test]
    async fn what_is_not_known_is_refused_by_its_name() {
        assert_eq!(ask("limit=5").await.unwrap().0.limit.as_deref(), Some("5"));
        for (query, name) in [("limt=5", "limt"), ("limit=5&limit=6", "limit"), ("a%20b=1", "a b")] {
            let problem = ask(query).await.unwrap_err();
            assert_eq!(problem.parameters(), [name], "{query}");
        }
    }
}
