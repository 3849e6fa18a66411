//! `POST /theme`: keeps the choice of colours for people without a script.

use app::state::theme::{COOKIE, Theme};
use axum::{
    Form,
    http::{StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Choice {
    theme: String,
    back: String,
}

/// Sets the cookie and leads back to the page.
pub async fn choose(Form(choice): Form<Choice>) -> impl IntoResponse {
    let theme = Theme::parse(&choice.theme);
    let age_s = if theme == Theme::System { 0 } else { 31_536_000 };
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age={age_s}; SameSite=Lax", theme.name());
    let back = if is_local(&choice.back) { choice.back } else { "/".to_owned() };
    (StatusCode::SEE_OTHER, AppendHeaders([(header::SET_COOKIE, cookie), (header::LOCATION, back)]))
}

/// A path of this server: nothing that a browser could take for another host, and nothing that breaks a header.
fn is_local(path: &str) -> bool {
    let mut characters = path.chars();
    characters.next() == Some('/')
        && !matches!(characters.next(), Some('/' | '\\'))
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn leads_back_to_this_server_only() {
        for path in ["/", "/w/acme/campaigns?page=2"] {
            assert!(is_local(path), "{path}");
        }
        for path in ["", "w/acme", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nx: y", "/a b"] {
            assert!(!is_local(path), "{path}");
        }
    }
}
