//! A link that is shown once, to a form without a script too: it comes back with the request for its page.

use super::{context::Services, members::NewLink, minute_cookie, typed};

const COOKIE: &str = "handed_over";

/// Keeps a link that was made for a form without a script.
pub fn keep(services: &Services, link: &NewLink) {
    minute_cookie::keep(services, COOKIE, &typed::encode(&format!("{}\n{}", link.url, link.email)));
}

/// What the request at hand brought back. It is gone afterwards.
pub fn take(services: &Services) -> Option<NewLink> {
    read(&minute_cookie::take(services, COOKIE)?, &services.public_url)
}

/// Nothing but a link of this installation.
fn read(value: &str, public_url: &str) -> Option<NewLink> {
    let text = typed::decode(value)?;
    let (url, email) = text.split_once('\n')?;
    let own =
        url.strip_prefix(public_url).is_some_and(|path| path.starts_with("/invitation/") || path.starts_with("/link/"));
    own.then(|| NewLink { email: email.to_owned(), url: url.to_owned() })
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
