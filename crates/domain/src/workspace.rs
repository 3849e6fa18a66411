//! A tenant.

use serde::{Deserialize, Serialize};

use crate::{
    id::{UserId, WorkspaceId},
    slug::Slug,
    week::Week,
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
    /// Whether people may ask to be let in by the workspace's address.
    #[serde(default)]
    pub joining_allowed: bool,
    #[serde(default)]
    pub numbers_visible_to: NumbersVisibleTo,
    /// The hours in which messages go out, in the workspace's zone; None: at any time.
    #[serde(default)]
    pub daily_window: Option<Week>,
    #[serde(default)]
    pub messages_per_day_max: Option<u64>,
    /// Set by super admins only, as is `storage_max_mib`.
    #[serde(default)]
    pub segments_per_s_max: Option<u32>,
    #[serde(default)]
    pub storage_max_mib: Option<u64>,
    pub created_at_ms: i64,
    /// Nothing in an archived workspace changes.
    pub archived_at_ms: Option<i64>,
    #[serde(default)]
    pub archived_by: Option<UserId>,
    /// Bumped by every write of the record: the compare-and-set value.
    pub revision: u64,
}

/// Who sees full phone numbers; admins and super admins always do, and each reveal is recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumbersVisibleTo {
    #[default]
    Admins,
    AdminsAndModerators,
    Everybody,
}
