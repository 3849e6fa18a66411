//! API keys: what a program may do, and until when.
//!
//! A key acts in its owner's name and never beyond what the owner may do now: each scope stands for a permission, which the
//! owner has to have at the moment of the request. No scope approves anything.

use serde::{Deserialize, Serialize};

use crate::{
    id::{ApiKeyId, UserId, WorkspaceId},
    permission::{self, Permission},
};

/// Active keys of one workspace, or of the installation.
pub const ACTIVE_MAX: usize = 50;
pub const NAME_CHARACTERS_MAX: usize = 60;
/// How long a key is good for, unless somebody chooses otherwise.
pub const LIFE_DAYS_DEFAULT: u32 = 365;
pub const LIFE_DAYS_MAX: u32 = 730;
/// Pages warn this long before a key ends.
const SOON_MS: i64 = 14 * DAY_MS;
pub const DAY_MS: i64 = 24 * 3_600_000;

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident: $text:literal => $permission:ident $(+ $also:ident)*, $explanation:literal;)+) => {
        /// Something that a key may be made for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl Scope {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// As programs and documents write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What a key with it does, in a sentence.
            #[must_use]
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$name => $explanation,)+ }
            }

            /// What the owner has to be allowed.
            #[must_use]
            pub const fn permission(self) -> Permission {
                match self { $(Self::$name => Permission::$permission,)+ }
            }

            /// All that it covers, [`Scope::permission`] first.
            #[must_use]
            pub const fn permissions(self) -> &'static [Permission] {
                match self { $(Self::$name => &[Permission::$permission, $(Permission::$also,)*],)+ }
            }
        }

        /// A type for each scope, so that a proof by one cannot stand for another.
        pub mod kind {
            $(
                #[derive(Debug, Clone, Copy)]
                pub enum $name {}

                impl super::sealed::Sealed for $name {}

                impl super::Kind for $name {
                    const SCOPE: super::Scope = super::Scope::$name;
                    type Permission = crate::permission::kind::$permission;
                }

                impl super::Covers<crate::permission::kind::$permission> for $name {}
                $(impl super::Covers<crate::permission::kind::$also> for $name {})*
            )+
        }
    };
}

/// The type-level name of a [`Scope`]; implemented by the types of [`kind`] and by nothing else.
pub trait Kind: sealed::Sealed {
    const SCOPE: Scope;
    type Permission: permission::Kind;
}

/// A scope that stands for the permission `P`, beside others perhaps.
pub trait Covers<P: permission::Kind>: Kind {}

mod sealed {
    pub trait Sealed {}
}

scopes! {
    CampaignsRead: "campaigns:read" => ViewWorkspace, "Reads campaigns, their status and their figures. No phone numbers.";
    CampaignsWrite: "campaigns:write" => EditCampaign + CreateCampaign + ArchiveCampaign, "Creates, changes, submits, archives and restores campaigns. They count as made by the key's owner.";
    CampaignsControl: "campaigns:control" => ControlCampaign, "Starts, pauses, resumes, cancels and finishes campaigns that a moderator has approved.";
    RecipientsRead: "recipients:read" => ViewWorkspace, "Reads the recipients of campaigns and what became of them, and the rejected lines. Numbers are masked.";
    NumbersRead: "numbers:read" => RevealNumbers, "Reads full phone numbers where recipients, rejected lines, exports, inbound messages and the suppression list are read. Each look stands in the audit log.";
    NumbersWrite: "numbers:write" => ControlCampaign, "Hands numbers to Trigger campaigns, which send to them at once, and asks what became of them.";
    WebhooksWrite: "webhooks:write" => ManageWorkspace, "Makes, changes and removes webhooks, and reads what was sent to them.";
    UsageRead: "usage:read" => ViewWorkspace, "Reads what was sent in a month: campaigns, messages and segments, by sender.";
    RecipientsWrite: "recipients:write" => EditCampaign, "Brings files of recipients for drafts and campaigns that are New. They count as uploaded by the key's owner.";
    SuppressionsRead: "suppressions:read" => ManageWorkspace, "Reads the suppression list, and asks whether numbers are on it. Numbers are masked.";
    SuppressionsWrite: "suppressions:write" => ManageWorkspace, "Puts numbers onto the suppression list and takes them off.";
    InboundRead: "inbound:read" => ViewWorkspace, "Reads what subscribers wrote to the workspace. Numbers are masked.";
    ExportsRead: "exports:read" => ExportRecords, "Asks for files of delivery records, takes and removes them. Numbers are masked.";
    TenDlcRead: "tendlc:read" => ViewWorkspace, "Reads brands, 10DLC campaigns and their numbers, and what the registry and the carriers say of them.";
    TenDlcWrite: "tendlc:write" => ManageTenDlc, "Registers and changes 10DLC campaigns for a brand that is verified, and assigns numbers to them; a key of staff registers brands, too.";
    AuditRead: "audit:read" => ViewAudit, "Reads the audit log of the workspace, with names and addresses of people.";
}

/// Whose data a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Realm {
    Workspace(WorkspaceId),
    /// Figures of all workspaces, to be read only.
    Installation,
    /// The 10DLC registry, in every workspace in which its owner has to do with it.
    Registry(UserId),
}

/// A key without its secret, which is shown once and not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub realm: Realm,
    pub name: String,
    /// Empty for the installation, whose keys read what they read.
    pub scopes: Vec<Scope>,
    /// How the secret begins, by which people tell keys apart.
    pub start: String,
    /// In whose name it acts: whoever made it.
    pub owner: UserId,
    pub owner_name: String,
    pub created_at_ms: i64,
    pub expires_at_ms: i64,
    pub revoked: Option<Revocation>,
    /// Bumped by every write of the record: the compare-and-set value.
    pub revision: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    pub by: UserId,
    pub by_name: String,
    pub at_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    Active,
    /// Active, and it ends within 14 days.
    EndsSoon,
    Expired,
    Revoked,
}

impl KeyState {
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active | Self::EndsSoon)
    }
}

impl ApiKey {
    #[must_use]
    pub const fn state(&self, now_ms: i64) -> KeyState {
        if self.revoked.is_some() {
            KeyState::Revoked
        } else if now_ms >= self.expires_at_ms {
            KeyState::Expired
        } else if now_ms >= self.expires_at_ms - SOON_MS {
            KeyState::EndsSoon
        } else {
            KeyState::Active
        }
    }

    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::permission::{Capacity, Reach};

    fn key() -> ApiKey {
        ApiKey {
            id: ApiKeyId::from_uuid(Uuid::from_u128(1)),
            realm: Realm::Installation,
            name: "Billing".into(),
            scopes: vec![Scope::UsageRead],
            start: "mc_abc123".into(),
            owner: UserId::from_uuid(Uuid::from_u128(2)),
            owner_name: "Ana".into(),
            created_at_ms: 0,
            expires_at_ms: 100 * DAY_MS,
            revoked: None,
            revision: 1,
        }
    }

    #[test]
    fn a_key_ends_at_its_moment_and_warns_before() {
        let it = key();
        for (day, state) in
            [(0, KeyState::Active), (85, KeyState::Active), (86, KeyState::EndsSoon), (100, KeyState::Expired)]
        {
            assert_eq!(it.state(day * DAY_MS), state, "day {day}");
        }
        assert_eq!(it.state(100 * DAY_MS - 1), KeyState::EndsSoon);
        let revoked = Revocation { by: it.owner, by_name: "Ana".into(), at_ms: 5 };
        assert_eq!(ApiKey { revoked: Some(revoked), ..it }.state(6), KeyState::Revoked);
    }

    /// Four eyes: whatever is added, a program decides nothing.
    #[test]
    fn no_scope_approves_or_rules() {
        for scope in Scope::ALL {
            assert_eq!(scope.permissions()[0], scope.permission());
            for permission in scope.permissions() {
                assert!(
                    !matches!(
                        permission,
                        Permission::DecideCampaign
                            | Permission::DecideRevision
                            | Permission::ManageMembers
                            | Permission::ManageApiKeys
                            | Permission::ManageInstallation
                    ),
                    "{}",
                    scope.name()
                );
                assert_eq!(permission.reach(Capacity::Admin), Reach::Any, "whoever makes a key can make this one");
            }
        }
    }

    #[test]
    fn names_are_those_of_serde() {
        for &scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.name());
        }
    }
}
