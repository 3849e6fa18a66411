//! A state in a word and a colour.

use domain::{
    campaign::Status,
    sender::{RevisionStatus, SenderStatus},
};
use leptos::prelude::*;

use super::tone::Tone;

const fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "badge badge-soft badge-neutral",
        Tone::Info => "badge badge-soft badge-info",
        Tone::Success => "badge badge-soft badge-success",
        Tone::Warning => "badge badge-soft badge-warning",
        Tone::Danger => "badge badge-soft badge-error",
    }
}

/// A word in a colour.
#[component]
pub fn Badge(#[prop(optional)] tone: Tone, #[prop(into)] text: String) -> impl IntoView {
    view! { <span class=class(tone)>{text}</span> }
}

/// The status of a campaign.
#[component]
pub fn CampaignBadge(status: Status) -> impl IntoView {
    let (tone, text) = campaign_status(status);
    view! { <Badge tone text/> }
}

/// How pages name the status of a campaign.
#[must_use]
pub const fn campaign_status(status: Status) -> (Tone, &'static str) {
    match status {
        Status::Draft => (Tone::Neutral, "Draft"),
        Status::New => (Tone::Info, "New"),
        Status::Building => (Tone::Info, "Building"),
        Status::Pending => (Tone::Info, "Pending"),
        Status::Sending => (Tone::Info, "Sending"),
        Status::Paused => (Tone::Warning, "Paused"),
        Status::Done => (Tone::Success, "Done"),
        Status::Cancelled => (Tone::Neutral, "Cancelled"),
        Status::Failed => (Tone::Danger, "Failed"),
        Status::Expired => (Tone::Danger, "Expired"),
    }
}

/// The status of a revision of a sender name.
#[component]
pub fn RevisionBadge(status: RevisionStatus) -> impl IntoView {
    let (tone, text) = match status {
        RevisionStatus::PendingApproval => (Tone::Warning, "Pending approval"),
        RevisionStatus::Approved => (Tone::Success, "Approved"),
        RevisionStatus::Rejected => (Tone::Danger, "Rejected"),
    };
    view! { <Badge tone text/> }
}

/// The status of a sender name, which follows from its revisions.
#[component]
pub fn SenderBadge(status: SenderStatus) -> impl IntoView {
    let (tone, text) = match status {
        SenderStatus::Draft => (Tone::Neutral, "Draft"),
        SenderStatus::PendingApproval => (Tone::Warning, "Pending approval"),
        SenderStatus::Approved => (Tone::Success, "Approved"),
        SenderStatus::Rejected => (Tone::Danger, "Rejected"),
        SenderStatus::Archived => (Tone::Neutral, "Archived"),
    };
    view! { <Badge tone text/> }
}
