//! What people are told: that something waits for their decision, and what became of what they submitted.

use serde::{Deserialize, Serialize};

use crate::{
    id::{CampaignId, SenderId, UserId, WebhookId},
    permission::{Capacity, Permission, Reach},
};

/// What a notice is about, in the words that held when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum About {
    CampaignWaits { campaign: CampaignId, name: String, by: String },
    RevisionWaits { sender: SenderId, name: String, number: u32, by: String },
    CampaignDecided { campaign: CampaignId, name: String, approved: bool, by: String, note: Option<String> },
    RevisionDecided { sender: SenderId, name: String, number: u32, approved: bool, by: String, note: Option<String> },
    JoinRequested { user: UserId, by: String },
    WebhookOff { webhook: WebhookId, host: String, why: String },
}

/// Kinds of notices, as people switch their mails on and off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Something waits for this person's decision.
    Submitted,
    /// What this person submitted was decided.
    Decided,
    /// Somebody asks to join a workspace.
    JoinRequest,
    /// A webhook was switched off because it takes no events.
    Webhook,
}

impl NoticeKind {
    pub const ALL: [Self; 4] = [Self::Submitted, Self::Decided, Self::JoinRequest, Self::Webhook];

    /// The name in forms and addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Decided => "decided",
            Self::JoinRequest => "join_request",
            Self::Webhook => "webhook",
        }
    }

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Submitted => "Something waits for your decision",
            Self::Decided => "What you submitted was decided",
            Self::JoinRequest => "Somebody asks to join a workspace",
            Self::Webhook => "A webhook is switched off",
        }
    }

    /// Who gets it, and when.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Submitted => {
                "A campaign or a sender revision was submitted in a workspace in which you approve and reject."
            }
            Self::Decided => "A campaign or a sender revision of yours was approved or rejected.",
            Self::JoinRequest => "In a workspace of which you are an admin.",
            Self::Webhook => "Its endpoint takes no events any more, in a workspace of which you are an admin.",
        }
    }
}

impl About {
    #[must_use]
    pub const fn kind(&self) -> NoticeKind {
        match self {
            Self::CampaignWaits { .. } | Self::RevisionWaits { .. } => NoticeKind::Submitted,
            Self::CampaignDecided { .. } | Self::RevisionDecided { .. } => NoticeKind::Decided,
            Self::JoinRequested { .. } => NoticeKind::JoinRequest,
            Self::WebhookOff { .. } => NoticeKind::Webhook,
        }
    }

    /// Whether somebody of this capacity still has to do with it. Roles change, and so does what people are told.
    #[must_use]
    pub fn concerns(&self, capacity: Capacity) -> bool {
        let needed = match self {
            Self::CampaignWaits { .. } => Permission::DecideCampaign,
            Self::RevisionWaits { .. } => Permission::DecideRevision,
            Self::CampaignDecided { .. } | Self::RevisionDecided { .. } => Permission::ViewWorkspace,
            Self::JoinRequested { .. } => Permission::ManageMembers,
            Self::WebhookOff { .. } => Permission::ManageWorkspace,
        };
        needed.reach(capacity) == Reach::Any
    }

    /// What happened, in a sentence without its full stop; it is the subject of a mail too.
    #[must_use]
    pub fn sentence(&self) -> String {
        let decided = |approved: bool| if approved { "approved" } else { "rejected" };
        match self {
            Self::CampaignWaits { name, by, .. } => format!("The campaign “{name}” by {by} waits for a decision"),
            Self::RevisionWaits { name, number, by, .. } => {
                format!("Revision {number} of the sender “{name}” by {by} waits for a decision")
            }
            Self::CampaignDecided { name, approved, by, .. } => {
                format!("{by} {} the campaign “{name}”", decided(*approved))
            }
            Self::RevisionDecided { name, number, approved, by, .. } => {
                format!("{by} {} revision {number} of the sender “{name}”", decided(*approved))
            }
            Self::JoinRequested { by, .. } => format!("{by} asks to join the workspace"),
            Self::WebhookOff { host, .. } => format!("The webhook to {host} is switched off: it takes no events"),
        }
    }

    /// Why something was rejected, or switched off.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        match self {
            Self::CampaignDecided { note, .. } | Self::RevisionDecided { note, .. } => note.as_deref(),
            Self::WebhookOff { why, .. } => Some(why),
            Self::CampaignWaits { .. } | Self::RevisionWaits { .. } | Self::JoinRequested { .. } => None,
        }
    }

    /// Where it leads, below `/w/{slug}`.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::CampaignWaits { campaign, .. } | Self::CampaignDecided { campaign, .. } => {
                format!("/campaigns/{campaign}")
            }
            Self::RevisionWaits { sender, .. } | Self::RevisionDecided { sender, .. } => format!("/senders/{sender}"),
            Self::JoinRequested { user, .. } => format!("/members/requests/{user}"),
            Self::WebhookOff { .. } => "/webhooks".to_owned(),
        }
    }
}

/// Of which notices somebody gets a mail; all of them, until they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailChoice {
    pub submitted: bool,
    pub decided: bool,
    pub join_request: bool,
    pub webhook: bool,
}

impl Default for MailChoice {
    fn default() -> Self {
        Self { submitted: true, decided: true, join_request: true, webhook: true }
    }
}

impl MailChoice {
    #[must_use]
    pub const fn wants(self, kind: NoticeKind) -> bool {
        match kind {
            NoticeKind::Submitted => self.submitted,
            NoticeKind::Decided => self.decided,
            NoticeKind::JoinRequest => self.join_request,
            NoticeKind::Webhook => self.webhook,
        }
    }
}

/// Whom a submission waits for: everybody who may decide it and did not contribute to it.
pub fn deciders(
    members: impl IntoIterator<Item = (UserId, Capacity)>,
    permission: Permission,
    contributors: &[UserId],
) -> Vec<UserId> {
    members
        .into_iter()
        .filter(|(user, capacity)| permission.reach(*capacity) == Reach::Any && !contributors.contains(user))
        .map(|(user, _)| user)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    proptest! {
        #[test]
        fn nobody_is_asked_who_contributed_or_may_not_decide(
            people in prop::collection::vec((0..5usize, any::<bool>()), 0..12),
        ) {
            let id = |index: usize| UserId::from_uuid(Uuid::from_u128(index as u128 + 1));
            let members: Vec<_> =
                people.iter().enumerate().map(|(index, (capacity, _))| (id(index), Capacity::ALL[*capacity])).collect();
            let contributors: Vec<_> =
                people.iter().enumerate().filter(|(_, (_, wrote))| *wrote).map(|(index, _)| id(index)).collect();
            let asked = deciders(members.clone(), Permission::DecideCampaign, &contributors);
            for (user, capacity) in members {
                let decides = capacity != Capacity::Author && !contributors.contains(&user);
                prop_assert_eq!(asked.contains(&user), decides);
            }
        }
    }

    #[test]
    fn what_waits_is_nothing_to_somebody_who_cannot_decide_any_more() {
        let campaign = CampaignId::from_uuid(Uuid::nil());
        let waits = About::CampaignWaits { campaign, name: "Sale".into(), by: "Ann".into() };
        assert!(waits.concerns(Capacity::Moderator) && !waits.concerns(Capacity::Author));
        let decided = About::CampaignDecided {
            campaign,
            name: "Sale".into(),
            approved: false,
            by: "Max".into(),
            note: Some("too late".into()),
        };
        assert!(decided.concerns(Capacity::Author));
        assert_eq!(decided.sentence(), "Max rejected the campaign “Sale”");
    }

    #[test]
    fn mails_are_wanted_until_they_are_switched_off() {
        let choice: MailChoice = serde_json::from_str(r#"{"decided":false}"#).unwrap();
        assert!(choice.wants(NoticeKind::Submitted) && !choice.wants(NoticeKind::Decided));
    }
}
