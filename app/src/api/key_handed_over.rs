//! The secret of a key that was just made, on its way to the page that shows it once, when no script is there to take it out
//! of the answer: as with [`super::handed_over`], in a cookie of a minute, which the page reads and takes away.

use axum::http::header::SET_COOKIE;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::{account::sent_without_script, context::Services};
use crate::request::cookie;

const COOKIE: &str = "key_handed_over";
const LIFE_S: u32 = 60;

/// Gives the secret of `id` to the answer when no script waits for it. Both are of letters that a cookie may have.
pub fn keep(services: &Services, id: &str, secret: &str) {
    if sent_without_script() {
        set(services, &format!("{id}.{secret}"), LIFE_S);
    }
}

/// What the request at hand brought back: an id and its secret. It is taken out of the browser.
pub fn take(services: &Services) -> Option<(String, String)> {
    let value = cookie(COOKIE)?;
    set(services, "", 0);
    let (id, secret) = value.split_once('.')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn set(services: &Services, value: &str, life_s: u32) {
    let secure = if services.insecure_http { "" } else { "; Secure" };
    let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={life_s}{secure}");
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), cookie.parse()) {
        response.append_header(SET_COOKIE, cookie);
    }
}
