//! The name of a workspace in every URL.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// 2 to 40 characters of `a-z`, `0-9` and `-`, starting and ending with a letter or digit; `master` and `archive` are
/// reserved for the views across workspaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSlug {
    #[error("a workspace address has 2 to 40 characters")]
    Length,
    #[error(
        "a workspace address has only lower-case letters a-z, digits and hyphens, and starts and ends with a letter or digit"
    )]
    Characters,
    #[error("this workspace address is reserved")]
    Reserved,
}

impl Slug {
    pub const RESERVED: [&'static str; 2] = ["master", "archive"];

    /// Words that nobody takes from now on: an address that is made of one would pass for a part of the application.
    const NOT_TO_BE_CHOSEN: [&'static str; 8] =
        ["account", "admin", "all", "api", "installation", "new", "settings", "system"];

    /// A slug for a workspace that is to have it.
    pub fn choose(text: &str) -> Result<Self, InvalidSlug> {
        if Self::NOT_TO_BE_CHOSEN.contains(&text) {
            return Err(InvalidSlug::Reserved);
        }
        Self::parse(text)
    }

    pub fn parse(text: &str) -> Result<Self, InvalidSlug> {
        if !(2..=40).contains(&text.len()) {
            return Err(InvalidSlug::Length);
        }
        let edge = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
        let bytes = text.as_bytes();
        if !bytes.iter().all(|&c| edge(c) || c == b'-') || !edge(bytes[0]) || !edge(bytes[bytes.len() - 1]) {
            return Err(InvalidSlug::Characters);
        }
        if Self::RESERVED.contains(&text) {
            return Err(InvalidSlug::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Slug {
    type Err = InvalidSlug;

    fn from_str(text: &str) -> Result<Self, InvalidSlug> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Slug {
    type Error = InvalidSlug;

    fn try_from(text: String) -> Result<Self, InvalidSlug> {
        Self::parse(&text)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_a_url_can_show() {
        for ok in ["it", "acme-corp", "a1", "42"] {
            assert_eq!(Slug::parse(ok).unwrap().as_str(), ok);
        }
    }

    #[test]
    fn refuses_with_the_reason() {
        assert_eq!(Slug::parse("a"), Err(InvalidSlug::Length));
        assert_eq!(Slug::parse(&"a".repeat(41)), Err(InvalidSlug::Length));
        for bad in ["-ab", "ab-", "Ab", "a b", "a/b", "ä1", "..", "a\0"] {
            assert_eq!(Slug::parse(bad), Err(InvalidSlug::Characters), "{bad}");
        }
        assert_eq!(Slug::parse("master"), Err(InvalidSlug::Reserved));
        assert_eq!(Slug::parse("archive"), Err(InvalidSlug::Reserved));
        for reserved in ["master", "new", "installation"] {
            assert_eq!(Slug::choose(reserved), Err(InvalidSlug::Reserved), "{reserved}");
        }
        assert!(Slug::choose("newcomers").is_ok());
    }
}
