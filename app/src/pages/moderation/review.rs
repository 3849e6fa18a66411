//! What a moderator decides on: one version of one campaign, as it is on the page.

use domain::{campaign::Mode, message_template::TemplateUse, sender::SenderOrigin};
use leptos::prelude::*;

use crate::{
    api::{campaigns::detail::CampaignView, moderation::WaitingCampaign},
    ui::{
        message::{AnyText, MessageText, measured},
        prelude::*,
    },
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub id: String,
    pub version: u32,
    pub name: String,
    pub mode: Mode,
    pub sender: String,
    pub saddr: String,
    pub revision: u32,
    pub origin: SenderOrigin,
    pub overridden: bool,
    pub text: String,
    pub any_text: bool,
    pub template: Option<TemplateUse>,
    pub recipients: u64,
    pub segments: u64,
    pub start: Option<String>,
    pub end: Option<String>,
    pub start_automatically: bool,
    pub tendlc_missing: Option<String>,
}

impl From<&WaitingCampaign> for Review {
    fn from(waiting: &WaitingCampaign) -> Self {
        Self {
            id: waiting.id.clone(),
            version: waiting.version,
            name: waiting.name.clone(),
            mode: waiting.mode,
            sender: waiting.sender.clone(),
            saddr: waiting.saddr.clone(),
            revision: waiting.revision,
            origin: waiting.origin,
            overridden: waiting.overridden,
            text: waiting.text.clone(),
            any_text: waiting.any_text,
            template: waiting.template.clone(),
            recipients: waiting.recipients,
            segments: waiting.segments,
            start: waiting.start.as_ref().map(|start| start.local.clone()),
            end: waiting.end.as_ref().map(|end| end.local.clone()),
            start_automatically: waiting.start_automatically,
            tendlc_missing: waiting.tendlc_missing.clone(),
        }
    }
}

impl From<&CampaignView> for Review {
    fn from(view: &CampaignView) -> Self {
        let parameters = &view.parameters;
        let report = view.report.unwrap_or_default();
        let sender = parameters.sender.as_ref();
        let addressing = parameters.overrides.as_ref().or(sender.map(|sender| &sender.addressing));
        Self {
            id: view.id.clone(),
            version: view.version,
            name: view.name.clone(),
            mode: parameters.mode,
            sender: sender.map_or_else(String::new, |sender| sender.display_name.clone()),
            saddr: addressing.map_or_else(String::new, |addressing| addressing.saddr.to_string()),
            revision: sender.map_or(0, |sender| sender.revision),
            origin: sender.map(|sender| sender.origin).unwrap_or_default(),
            overridden: parameters.overrides.is_some(),
            text: parameters.text.clone(),
            any_text: parameters.any_text,
            template: parameters.template.clone(),
            recipients: report.accepted,
            segments: report.segments,
            start: parameters.start.as_ref().map(|start| start.local.clone()),
            end: parameters.end.as_ref().map(|end| end.local.clone()),
            start_automatically: parameters.start_automatically,
            tendlc_missing: parameters.tendlc_missing.clone(),
        }
    }
}

impl Review {
    /// What an approval sets going.
    pub fn consequence(&self) -> String {
        match (self.start_automatically, &self.start) {
            (false, _) => "Once approved it waits until somebody presses Start.".to_owned(),
            (true, Some(start)) if self.mode == Mode::Spread => {
                let end = self.end.as_deref().unwrap_or("its end");
                format!("Once approved it goes out by itself, evenly from {start} to {end}.")
            }
            (true, Some(start)) => format!("Once approved it goes out by itself at {start}."),
            (true, None) if self.mode == Mode::Trigger => "Once approved it takes numbers by API.".to_owned(),
            (true, None) => "Once approved it goes out at once.".to_owned(),
        }
    }

    pub fn audience(&self) -> String {
        if self.mode == Mode::Trigger {
            "By API, one by one".to_owned()
        } else {
            format!(
                "{} ({})",
                counted(self.recipients, "recipient", "recipients"),
                counted(self.segments, "segment", "segments"),
            )
        }
    }
}

/// The gist of a campaign, in front of the button that decides on it.
#[component]
pub fn Gist(review: Review) -> impl IntoView {
    let message = if review.any_text {
        view! { <AnyText/> }.into_any()
    } else {
        let line = measured(&review.text);
        view! {
            <MessageText text=review.text.clone()/>
            <p class="mt-1 text-sm text-muted">{line}</p>
        }
        .into_any()
    };
    let audience = review.audience();
    view! {
        <Facts>
            <Fact label="Recipients">{audience}</Fact>
            <Fact label="Version">{review.version}</Fact>
            <Fact label="Sender">
                <span class="font-mono">{review.saddr}</span>
                {format!(" · {}, revision {}", review.sender, review.revision)}
                {(review.origin == SenderOrigin::Installation)
                    .then(|| view! { " " <Badge tone=Tone::Info text="preset of the installation"/> })}
                {review.overridden.then(|| view! { " " <Badge tone=Tone::Warning text="overridden"/> })}
            </Fact>
            <Fact label="Mode">{review.mode.label()}</Fact>
        </Facts>
        <TenDlcMissing what=review.tendlc_missing/>
        <div>
            {message}
            {review
                .template
                .map(|used| {
                    view! {
                        <p class="mt-1 text-sm">
                            {format!("Template “{}”, version {}: {}.", used.name, used.version, used.words())}
                        </p>
                    }
                })}
        </div>
    }
}

/// Said before somebody tries to approve it, which is refused meanwhile.
#[component]
pub fn TenDlcMissing(what: Option<String>) -> impl IntoView {
    what.map(|what| {
        view! {
            <Alert tone=Tone::Warning title="This sender is a US number, and may not send yet">
                {what} " It cannot be approved before."
            </Alert>
        }
    })
}
