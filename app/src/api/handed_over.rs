//! A link that is shown once, when no script is there to show it: the answer to a form without a script is the way back to
//! its page. It goes into a cookie of a minute that no script reads, and that page takes it out.

use axum::http::header::SET_COOKIE;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::{account::sent_without_script, context::Services, members::NewLink, typed};
use crate::request::cookie;

const COOKIE: &str = "handed_over";
const LIFE_S: u32 = 60;

/// Keeps a link that was made for a form without a script.
pub fn keep(services: &Services, link: &NewLink) {
    if !sent_without_script() {
        return;
    }
    set(services, &typed::encode(&format!("{}\n{}", link.url, link.email)), LIFE_S);
}

/// What the request at hand brought back. It is gone afterwards.
pub fn take(services: &Services) -> Option<NewLink> {
    let link = read(&cookie(COOKIE)?, &services.public_url);
    set(services, "", 0);
    link
}

/// Nothing but a link of this installation.
fn read(value: &str, public_url: &str) -> Option<NewLink> {
    let text = typed::decode(value)?;
    let (url, email) = text.split_once('\n')?;
    let own =
        url.strip_prefix(public_url).is_some_and(|path| path.starts_with("/invitation/") || path.starts_with("/link/"));
    own.then(|| NewLink { email: email.to_owned(), url: url.to_owned() })
}

fn set(services: &Services, value: &str, life_s: u32) {
    let secure = if services.insecure_http { "" } else { "; Secure" };
    let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={life_s}{secure}");
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), cookie.parse()) {
        response.append_header(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "https://sms.example";

    #[test]
    fn a_link_comes_back() {
        let value = typed::encode("https://sms.example/invitation/abc\nann@acme.example");
        let link = NewLink { email: "ann@acme.example".into(), url: "https://sms.example/invitation/abc".into() };
        assert_eq!(read(&value, HERE), Some(link));
    }

    #[test]
    fn a_cookie_of_somebody_elses_making_is_nothing() {
        for text in ["", "\n", "https://evil.example/invitation/abc\nx", "https://sms.example.evil/invitation/a\nx"] {
            assert_eq!(read(&typed::encode(text), HERE), None, "{text}");
        }
        assert_eq!(read("zz", HERE), None);
    }
}
