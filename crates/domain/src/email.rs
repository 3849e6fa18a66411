//! E-mail addresses, as far as they name an account.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An address in the form in which accounts are compared: without blanks around it, in lower case.
///
/// Made by [`Email::parse`] only. It checks what every mail server agrees on; whether the address exists is known when
/// the mail arrives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    #[error("an e-mail address has the form name@example.com")]
    Form,
    #[error("an e-mail address has at most 254 characters, 64 of them before the @")]
    Length,
    #[error("an e-mail address has no blanks and no signs such as < > ( ) , ; : \" \\ [ ]")]
    Characters,
    #[error("what stands behind the @ has to be the name of a domain, such as example.com")]
    Domain,
}

impl Email {
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail::Form)?;
        // RFC 5321 §4.5.3.1, in octets.
        if text.len() > 254 || local.len() > 64 {
            return Err(InvalidEmail::Length);
        }
        if local.is_empty() || domain.is_empty() {
            return Err(InvalidEmail::Form);
        }
        if !local.chars().all(is_local) || local.split('.').any(str::is_empty) {
            return Err(InvalidEmail::Characters);
        }
        if domain.split('.').count() < 2 || !domain.split('.').all(is_label) {
            return Err(InvalidEmail::Domain);
        }
        Ok(Self(text))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Letters of any script, digits and the signs of RFC 5322's atoms; no quoted local parts.
fn is_local(character: char) -> bool {
    character.is_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(character)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.chars().all(|character| character.is_alphanumeric() || character == '-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_however_it_is_typed() {
        assert_eq!(Email::parse(" Ann.Lee+sms@Example.COM\n").unwrap().as_str(), "ann.lee+sms@example.com");
        for ok in ["a@b.co", "jürgen@müller.example", "o'neil@mail.example.org", "_x-1@a-b.example"] {
            assert_eq!(Email::parse(ok).unwrap().as_str(), ok);
        }
    }

    #[test]
    fn refuses_with_the_reason() {
        for bad in ["", "ann", "@example.com", "ann@", "@"] {
            assert_eq!(Email::parse(bad), Err(InvalidEmail::Form), "{bad}");
        }
        for bad in ["a b@example.com", "a@b@example.com", "a..b@example.com", ".a@example.com", "<a>@example.com"] {
            assert_eq!(Email::parse(bad), Err(InvalidEmail::Characters), "{bad}");
        }
        for bad in ["a@example", "a@.com", "a@example..com", "a@-x.com", "a@x-.com", "a@[127.0.0.1]", "a@b c.com"] {
            assert_eq!(Email::parse(bad), Err(InvalidEmail::Domain), "{bad}");
        }
        assert_eq!(Email::parse(&format!("{}@example.com", "a".repeat(65))), Err(InvalidEmail::Length));
        assert_eq!(Email::parse(&format!("a@{}.com", "a.".repeat(130))), Err(InvalidEmail::Length));
    }
}
