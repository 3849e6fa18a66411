//! What was typed into the sign-in form, when it was refused and no script has kept it. It goes into a cookie of a minute
//! that the page reads which the refusal leads back to: the address of a page is no place for it.

use axum::http::header::SET_COOKIE;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::context::Services;
use crate::request::cookie;

const COOKIE: &str = "typed_email";
const LIFE_S: u32 = 60;
/// Longer ones are no e-mail addresses (RFC 5321 §4.5.3.1).
const OCTETS_MAX: usize = 254;
/// Longer ones are no cookies of ours.
const HEX_MAX: usize = 2_000;

/// Gives it to the answer.
pub fn keep(services: &Services, email: &str) {
    if email.len() <= OCTETS_MAX {
        set(services, &encode(email), LIFE_S);
    }
}

/// Takes it out of the browser.
pub fn forget(services: &Services) {
    if cookie(COOKIE).is_some() {
        set(services, "", 0);
    }
}

/// What the request at hand brought back; empty when there is nothing.
pub fn kept() -> String {
    let kept = cookie(COOKIE).and_then(|value| decode(&value)).unwrap_or_default();
    if kept.len() <= OCTETS_MAX { kept } else { String::new() }
}

fn set(services: &Services, value: &str, life_s: u32) {
    let secure = if services.insecure_http { "" } else { "; Secure" };
    let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={life_s}{secure}");
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), cookie.parse()) {
        response.append_header(SET_COOKIE, cookie);
    }
}

/// In hexadecimal: cookies know few characters.
pub(super) fn encode(text: &str) -> String {
    text.bytes().map(|octet| format!("{octet:02x}")).collect()
}

pub(super) fn decode(hex: &str) -> Option<String> {
    if hex.len() > HEX_MAX || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    String::from_utf8(hex.as_bytes().chunks(2).map(octet).collect::<Option<_>>()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn what_was_typed_comes_back() {
        for typed in ["ada@demo.example", "", "ä; b=\"c\"\r\n"] {
            assert_eq!(decode(&encode(typed)).as_deref(), Some(typed));
        }
    }

    #[test]
    fn a_cookie_of_somebody_elses_making_is_nothing() {
        for value in ["zz", "+1", "ff", "é", &"61".repeat(1_001)] {
            assert_eq!(decode(value), None, "{value}");
        }
    }
}
