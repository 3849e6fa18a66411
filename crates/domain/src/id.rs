//! Identifiers: a newtype over a UUID (version 7, made by the store) for each kind of thing.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid identifier")]
pub struct InvalidId;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Nothing has this one.
            pub const NIL: Self = Self(Uuid::nil());

            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            #[must_use]
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId)
            }
        }
    )+};
}

id! {
    /// Message Center with its data; the same in all processes that share them, and in a copy.
    InstallationId,
    /// A tenant.
    WorkspaceId,
    /// A person who signs in.
    UserId,
    /// A signed-in browser.
    SessionId,
    /// An SMS campaign.
    CampaignId,
    /// A sender name; what is sent is one of its revisions.
    SenderId,
    /// A recipient file on its way in.
    UploadId,
    /// A file of delivery records.
    ExportId,
    /// A one-time link: set-up or password.
    LinkId,
    /// A key with which a program calls the API.
    ApiKeyId,
    /// An invitation to a workspace.
    InvitationId,
    /// Something that a person is told.
    NoticeId,
    /// A mail on its way out; its Message-ID is made of it.
    MailId,
    /// Where a workspace has events sent.
    WebhookId,
    /// An event on its way there; the receiver knows it again by this.
    DeliveryId,
    /// A brand of the 10DLC registry, as this installation names it.
    BrandId,
    /// A 10DLC campaign, as this installation names it; an SMS campaign is a [`CampaignId`].
    TenDlcCampaignId,
    /// A text that a workspace uses again and again.
    TemplateId,
    /// A number that may get test messages.
    TestNumberId,
    /// A message to one of these.
    TestSendId,
    /// What a subscriber wrote; ids sort by time.
    InboundId,
    /// A preset: a policy that channels can have.
    PresetId,
}
