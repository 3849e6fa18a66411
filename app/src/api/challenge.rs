//! Between password and code a browser holds a cookie of five minutes, which opens nothing but the second step.

use axum::http::{header::SET_COOKIE, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use store::Token;

use super::context::Services;
use crate::request::cookie_of;

const COOKIE_SECURE: &str = "__Host-message_center_code";
const COOKIE_INSECURE: &str = "message_center_code";
const LIFE_S: u32 = 300;

const fn name(services: &Services) -> &'static str {
    if services.insecure_http { COOKIE_INSECURE } else { COOKIE_SECURE }
}

/// Gives it to the answer.
pub fn keep(services: &Services, challenge: &Token) {
    set(services, challenge.reveal(), LIFE_S);
}

/// Takes it out of the browser.
pub fn forget(services: &Services) {
    set(services, "", 0);
}

/// What a request brings back.
pub fn presented(services: &Services, parts: &Parts) -> Option<Token> {
    cookie_of(parts, name(services)).filter(|value| !value.is_empty()).map(Token::presented)
}

fn set(services: &Services, value: &str, life_s: u32) {
    let secure = if services.insecure_http { "" } else { "; Secure" };
    let name = name(services);
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={life_s}{secure}");
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), cookie.parse()) {
        response.append_header(SET_COOKIE, cookie);
    }
}
