//! Whether a campaign's channel can take it: asked before it is submitted, approved or started.

use domain::campaign::Campaign;
use engine::ChannelGap;

use crate::AppError;

/// `what` is not done with the campaign while its channel's SMS Core cannot be reached, or there is no such channel. Without
/// a channel there is nothing to look at; that one is missing is said elsewhere.
pub fn check(engine: &engine::Handle, campaign: &Campaign, what: &str) -> Result<(), AppError> {
    let channel = &campaign.parameters.channel;
    if channel.is_empty() {
        return Ok(());
    }
    engine.check_channel(channel).map_err(|gap| match gap {
        ChannelGap::CoreAway => AppError::unavailable(format!(
            "SMS Core cannot be reached, so the campaign cannot be {what}. Nothing is lost; try again in a moment."
        )),
        ChannelGap::NotThere => AppError::conflict(format!(
            "The channel {channel} is not there any more, so the campaign cannot be {what}. Edit it and choose another channel in step 2."
        )),
    })
}
