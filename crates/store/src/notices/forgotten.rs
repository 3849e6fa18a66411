//! Forgotten passwords: a one-time link by mail.

use std::net::IpAddr;

use domain::{
    audit::{Actor, Origin},
    email::Email,
};
use sha2::{Digest, Sha256};

use super::outbox::{Mail, MailRecord};
use crate::{
    Error, Gate,
    access::hex,
    audit::{Chain, Event},
};

/// Too often from one network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; try again in {seconds} s")]
pub struct TooMany {
    pub seconds: u32,
}

impl Gate {
    /// Whether this installation sends mails.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.inner.notices.sends_mail
    }
}

/// Somebody forgot the password of an account. Whether there is one is looked up when the mail is sent: what happens
/// here is the same for every address, in its answer and its work.
pub async fn ask_for_link(gate: &Gate, email: &str, origin: Origin) -> Result<Result<(), TooMany>, Error> {
    let inner = &*gate.inner;
    if !inner.notices.sends_mail {
        return Err(Error::invalid("email", "this installation sends no mails; an administrator makes you a link"));
    }
    let email = Email::parse(email).map_err(|refusal| Error::invalid("email", refusal.to_string()))?;
    let now_ms = inner.now_ms();
    if let Err(wait_ms) = inner.notices.links_by_address.take(&network(&origin.address), now_ms) {
        let seconds = u32::try_from((wait_ms + 999) / 1_000).unwrap_or(u32::MAX);
        return Ok(Err(TooMany { seconds }));
    }
    let hash = hex(&Sha256::digest(email.as_str().as_bytes())[..8]);
    if inner.notices.links_by_email.take(&hash, now_ms).is_err() {
        // The earlier mails are on their way. Saying so would tell somebody else what this person does.
        return Ok(Ok(()));
    }
    let mail = MailRecord::new(inner, None, Mail::PasswordLink { email: email.as_str().to_owned() })?;
    let event = Event::new(Actor::Unknown, origin, "password.forgotten").on("sign_in", &hash);
    inner.audited(Chain::Installation, event, |tx| tx.create(mail.key(), &mail)).await?;
    Ok(Ok(()))
}

/// What counts as one place: an IPv4 address, and of IPv6 the network that one customer has (/64).
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => hex(&address.octets()[..8]),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn a_customer_of_ipv6_is_one_place() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
    }
}
