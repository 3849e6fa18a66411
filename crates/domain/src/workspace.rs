//! A tenant and its people.

use serde::{Deserialize, Serialize};

use crate::{
    id::{UserId, WorkspaceId},
    permission::Role,
    slug::Slug,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub slug: Slug,
    pub display_name: String,
    /// An IANA name, such as `Europe/Vienna`.
    pub time_zone: String,
    /// ISO 3166-1 alpha-2; national numbers are read as numbers of this country.
    pub default_country: String,
    /// Nobody approves what they contributed to. Switched off by a super admin only.
    pub four_eyes: bool,
    /// Price of a segment in the smallest unit of `currency`, for the estimate in the wizard.
    pub segment_price_cents: u32,
    /// ISO 4217.
    pub currency: String,
    pub created_at_ms: i64,
    pub archived_at_ms: Option<i64>,
    /// Bumped by every write of the record: the compare-and-set value.
    pub revision: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub moderator_flag: bool,
    /// Has set a password; a colleague whose one-time link is still open has not.
    pub active: bool,
}
