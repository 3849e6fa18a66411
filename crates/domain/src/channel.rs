//! The names of the ways out.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// A channel to submit on: the id of a link or of a pool, 1-64 of `a-z 0-9 - _`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelId(Arc<str>);

/// The text is no channel id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a channel id is 1 to 64 lower-case letters, digits, hyphens or underscores")]
pub struct InvalidChannelId;

impl ChannelId {
    /// # Errors
    /// When the text is empty, longer than 64 or has other characters than `a-z 0-9 - _`.
    pub fn parse(text: &str) -> Result<Self, InvalidChannelId> {
        let valid = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        if text.is_empty() || text.len() > 64 || !text.bytes().all(valid) {
            return Err(InvalidChannelId);
        }
        Ok(Self(text.into()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ChannelId {
    type Err = InvalidChannelId;

    fn from_str(text: &str) -> Result<Self, InvalidChannelId> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ChannelId {
    type Error = InvalidChannelId;

    fn try_from(text: String) -> Result<Self, InvalidChannelId> {
        Self::parse(&text)
    }
}

impl From<ChannelId> for String {
    fn from(id: ChannelId) -> Self {
        (*id.0).to_owned()
    }
}
