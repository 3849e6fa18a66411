//! Without a script, a refused form leads back to its page with the refusal in the query string, which the page shows.
//! A link on another site could carry one too, and so put words into our mouth: such a request loses it.

use axum::{
    extract::Request,
    http::Method,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

const PARAMETERS: [&str; 2] = ["__path=", "__err="];

pub async fn layer(request: Request, next: Next) -> Response {
    let from_elsewhere = request.headers().get("sec-fetch-site").is_some_and(|site| site != "same-origin");
    if request.method() == Method::GET
        && from_elsewhere
        && let Some(without) = without_error(request.uri().path(), request.uri().query().unwrap_or_default())
    {
        return Redirect::to(&without).into_response();
    }
    next.run(request).await
}

/// The address without the refusal; None when it holds none, or when its path could be read as another host.
fn without_error(path: &str, query: &str) -> Option<String> {
    let carries = |pair: &&str| PARAMETERS.iter().any(|parameter| pair.starts_with(parameter));
    if path.starts_with("//") || !query.split('&').any(|pair| carries(&pair)) {
        return None;
    }
    let rest: Vec<&str> = query.split('&').filter(|pair| !carries(pair)).collect();
    Some(if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) })
}

#[cfg(test)]
mod tests {
    use super::without_error;

    #[test]
    fn only_the_refusal_is_taken_out() {
        assert_eq!(without_error("/sign-in", "__path=a&__err=b"), Some("/sign-in".to_owned()));
        assert_eq!(without_error("/w/a", "page=2&__err=b&sort=name"), Some("/w/a?page=2&sort=name".to_owned()));
        assert_eq!(without_error("/w/a", "page=2"), None);
        assert_eq!(without_error("//evil.example", "__err=b"), None);
    }
}
