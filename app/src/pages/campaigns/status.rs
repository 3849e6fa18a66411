//! The status of a campaign with what a person has to know besides the word.

use domain::campaign::{PauseReason, Status};
use leptos::prelude::*;

use crate::{api::campaigns::detail::CampaignView, ui::prelude::*};

/// The badge, and what it leaves open, in a few words: for rows of lists.
#[component]
pub fn CampaignState(
    status: Status,
    /// Approved, and waits for its Start button.
    approved: bool,
    #[prop(optional_no_strip)] pause: Option<PauseReason>,
) -> impl IntoView {
    let more = match (status, pause) {
        (Status::New, _) if approved => Some("approved, not started"),
        (Status::New, _) => Some("waits for a moderator"),
        (_, Some(PauseReason::ByHand)) => Some("by hand"),
        (_, Some(PauseReason::OutsideDailyWindow)) => Some("outside daily hours"),
        (_, Some(PauseReason::DailyLimit)) => Some("daily limit"),
        (_, Some(PauseReason::ChannelDown)) => Some("channel down"),
        (_, Some(PauseReason::EverythingHeld)) => Some("everything is held"),
        (_, Some(PauseReason::MissedSchedule)) => Some("its time has passed"),
        (_, Some(PauseReason::TenDlc)) => Some("10DLC does not let it out"),
        (_, Some(PauseReason::TenDlcDailyCap)) => Some("10DLC daily cap"),
        _ => None,
    };
    view! {
        <CampaignBadge status/>
        {more.map(|more| view! { <span class="block text-xs whitespace-nowrap text-muted">{more}</span> })}
    }
}

/// What the status means for this campaign, in a sentence.
pub fn sentence(campaign: &CampaignView) -> String {
    let at = |moment: &Option<crate::state::moment::Moment>| {
        moment.as_ref().map_or_else(String::new, |moment| format!(" at {}", moment.local))
    };
    match campaign.status {
        Status::Draft => "Not submitted yet: nobody but its authors works on it.".to_owned(),
        Status::New => match &campaign.approval {
            Some(approval) => {
                format!("Approved by {} at {}. It goes out once somebody starts it.", approval.by, approval.at.local)
            }
            None => "Waits for a moderator's decision. Nothing is sent before.".to_owned(),
        },
        Status::Building => "Approved. Who gets it when is being worked out.".to_owned(),
        Status::Pending => match &campaign.parameters.start {
            Some(start) => format!("Approved. It starts by itself at {}.", start.local),
            None => "Approved. It starts by itself when its turn comes.".to_owned(),
        },
        Status::Sending => format!("Sending, since the first message{}.", at(&campaign.started)),
        Status::Paused => campaign
            .pause_why
            .clone()
            .or_else(|| campaign.pause.map(|pause| pause.sentence().to_owned()))
            .unwrap_or_else(|| "Paused.".to_owned()),
        Status::Done => format!("Every recipient has a final state. Finished{}.", at(&campaign.ended)),
        Status::Cancelled => match campaign.decision.as_ref().filter(|decision| !decision.approved) {
            Some(decision) => format!("Rejected by {} at {}.", decision.by, decision.at.local),
            None => format!("Cancelled{}. Who had not been sent to is not sent to any more.", at(&campaign.ended)),
        },
        Status::Failed => campaign.failure.as_deref().map_or_else(
            || "Ended by an error on our side; the audit log has more.".to_owned(),
            crate::error::sentence,
        ),
        Status::Expired => format!("Its time ran out before every recipient was sent to{}.", at(&campaign.ended)),
    }
}
