//! A message id is good within the link that gave it. A campaign on a link has one link; one on a pool has several, and
//! what is kept of it says which.
//!
//! What is kept is the id alone when the campaign's channel is the link, else `link NUL id`: no message id of SMPP has a
//! NUL, so the two cannot be mistaken for each other, whatever becomes of links and pools later.

use std::borrow::Cow;

/// The message id as a campaign on `channel` keeps it.
pub(crate) fn kept<'a>(channel: &str, link: &str, message_id: &'a str) -> Cow<'a, str> {
    if channel == link { message_id.into() } else { format!("{link}\0{message_id}").into() }
}

/// Link and message id of what a campaign on `channel` has kept.
pub(crate) fn split<'a>(channel: &'a str, kept: &'a str) -> (&'a str, &'a str) {
    kept.split_once('\0').unwrap_or((channel, kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_its_link_where_there_are_several() {
        for (channel, link) in [("carrier-a", "carrier-a"), ("both", "carrier-b")] {
            assert_eq!(split(channel, &kept(channel, link, "0ab7")), (link, "0ab7"));
        }
        assert_eq!(kept("carrier-a", "carrier-a", "7"), "7", "as it always was");
    }
}
