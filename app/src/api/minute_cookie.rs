//! What is shown once, on its way to the page that shows it, when no script is there to take it out of the answer: in a
//! cookie of a minute that no script reads, and that the page takes away.

use axum::http::header::SET_COOKIE;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::{account::sent_without_script, context::Services};
use crate::request::cookie;

const LIFE_S: u32 = 60;

/// Gives `value`, of letters that a cookie may have, to the answer when no script waits for it.
pub fn keep(services: &Services, name: &str, value: &str) {
    if sent_without_script() {
        set(services, name, value, LIFE_S);
    }
}

/// What the request at hand brought back. It is taken out of the browser.
pub fn take(services: &Services, name: &str) -> Option<String> {
    let value = cookie(name)?;
    set(services, name, "", 0);
    Some(value)
}

fn set(services: &Services, name: &str, value: &str, life_s: u32) {
    let secure = if services.insecure_http { "" } else { "; Secure" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={life_s}{secure}");
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), cookie.parse()) {
        response.append_header(SET_COOKIE, cookie);
    }
}
