//! The secret of a key that was just made, which is shown once, to a form without a script too.

use super::{context::Services, minute_cookie};

const COOKIE: &str = "key_handed_over";

/// Gives the secret of `id` to the answer. Both are of letters that a cookie may have.
pub fn keep(services: &Services, id: &str, secret: &str) {
    minute_cookie::keep(services, COOKIE, &format!("{id}.{secret}"));
}

/// What the request at hand brought back: an id and its secret.
pub fn take(services: &Services) -> Option<(String, String)> {
    let value = minute_cookie::take(services, COOKIE)?;
    let (id, secret) = value.split_once('.')?;
    Some((id.to_owned(), secret.to_owned()))
}
