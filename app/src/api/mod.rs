//! Server functions, a file per area. Each is parse → enter → grant → call → map, with no rule of its own; each stands in
//! the access table (`server/src/access.rs`).

pub mod account;
pub mod campaigns;
#[cfg(feature = "ssr")]
pub mod context;
pub mod members;
pub mod moderation;
pub mod overview;
pub mod recipients;
pub mod senders;
#[cfg(feature = "ssr")]
mod typed;
pub mod wizard;
pub mod workspace;

/// Why nothing can be sent right now, in a sentence; None while a link is bound.
#[cfg(feature = "ssr")]
fn channel_down(links: &[engine::LinkStatus]) -> Option<String> {
    if links.iter().any(|link| link.state == engine::LinkState::Up) {
        return None;
    }
    let reason = links.iter().find_map(|link| link.last_error.clone());
    Some(match reason {
        Some(reason) => {
            format!("No link to a carrier is up: {reason}. What is on its way waits and goes on by itself.")
        }
        None => "The links to the carrier are being set up.".to_owned(),
    })
}
