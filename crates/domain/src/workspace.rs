//! A tenant.

use serde::{Deserialize, Serialize};

use crate::{
    id::{UserId, WorkspaceId},
    installation::DiagnosticsFor,
    permission::{Capacity, Permission, Reach},
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
    /// Recipients of campaigns that ended longer ago are removed; None: they are kept.
    #[serde(default)]
    pub recipient_data_days: Option<u32>,
    pub created_at_ms: i64,
    /// Nothing in an archived workspace changes.
    pub archived_at_ms: Option<i64>,
    #[serde(default)]
    pub archived_by: Option<UserId>,
    /// Bumped by every write of the record: the compare-and-set value.
    pub revision: u64,
}

/// How long recipients are kept at least where they are removed at all: receipts that come late are followed for a week.
pub const RECIPIENT_DATA_DAYS: std::ops::RangeInclusive<u32> = 8..=3_650;

/// Who sees full phone numbers; admins and super admins always do, and each reveal is recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumbersVisibleTo {
    #[default]
    Admins,
    AdminsAndModerators,
    Everybody,
}

impl NumbersVisibleTo {
    pub const ALL: [Self; 3] = [Self::Admins, Self::AdminsAndModerators, Self::Everybody];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Admins => "Admins",
            Self::AdminsAndModerators => "Admins and moderators",
            Self::Everybody => "Everybody in the workspace",
        }
    }

    const fn shows_to(self, capacity: Capacity) -> bool {
        match self {
            Self::Admins => false,
            Self::AdminsAndModerators => matches!(capacity, Capacity::Moderator | Capacity::AuthorModerator),
            Self::Everybody => true,
        }
    }
}

/// What a workspace and its installation change in the table of permissions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub numbers_visible_to: NumbersVisibleTo,
    pub archived: bool,
    /// Set for the whole installation.
    pub diagnostics_for: DiagnosticsFor,
}

impl Rules {
    /// How far a permission reaches in this workspace: the table, widened for full numbers, narrowed for diagnostics and,
    /// in an archived workspace, cut down to reading.
    #[must_use]
    pub const fn reach(self, permission: Permission, capacity: Capacity) -> Reach {
        if self.archived && permission.changes() {
            return Reach::None;
        }
        match permission {
            Permission::RevealNumbers if self.numbers_visible_to.shows_to(capacity) => Reach::Any,
            Permission::ViewDiagnostics
                if matches!(self.diagnostics_for, DiagnosticsFor::SuperAdmins)
                    && !matches!(capacity, Capacity::SuperAdmin) =>
            {
                Reach::None
            }
            _ => permission.reach(capacity),
        }
    }
}

impl Workspace {
    #[must_use]
    pub const fn rules(&self, diagnostics_for: DiagnosticsFor) -> Rules {
        Rules { numbers_visible_to: self.numbers_visible_to, archived: self.archived_at_ms.is_some(), diagnostics_for }
    }

    /// Whether somebody comes in: into an archived workspace only who rules it.
    #[must_use]
    pub const fn lets_in(&self, capacity: Capacity) -> bool {
        self.archived_at_ms.is_none() || matches!(capacity, Capacity::Admin | Capacity::SuperAdmin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = (Permission, Capacity)> {
        Permission::ALL.iter().flat_map(|&permission| Capacity::ALL.map(|capacity| (permission, capacity)))
    }

    #[test]
    fn without_settings_the_table_holds() {
        for (permission, capacity) in all() {
            assert_eq!(Rules::default().reach(permission, capacity), permission.reach(capacity));
        }
    }

    #[test]
    fn full_numbers_are_shown_to_whom_the_workspace_says_and_never_to_fewer() {
        let sees = |setting| {
            let rules = Rules { numbers_visible_to: setting, ..Rules::default() };
            Capacity::ALL.map(|capacity| rules.reach(Permission::RevealNumbers, capacity) == Reach::Any)
        };
        // Author, author with the flag, moderator, admin, super admin.
        assert_eq!(sees(NumbersVisibleTo::Admins), [false, false, false, true, true]);
        assert_eq!(sees(NumbersVisibleTo::AdminsAndModerators), [false, true, true, true, true]);
        assert_eq!(sees(NumbersVisibleTo::Everybody), [true; 5]);
        let widest = Rules { numbers_visible_to: NumbersVisibleTo::Everybody, ..Rules::default() };
        for (permission, capacity) in all().filter(|(permission, _)| *permission != Permission::RevealNumbers) {
            assert_eq!(widest.reach(permission, capacity), permission.reach(capacity));
        }
    }

    #[test]
    fn diagnostics_can_be_kept_to_super_admins_and_nothing_else_changes_with_it() {
        let kept = Rules { diagnostics_for: DiagnosticsFor::SuperAdmins, ..Rules::default() };
        let seen = |rules: Rules| Capacity::ALL.map(|one| rules.reach(Permission::ViewDiagnostics, one) == Reach::Any);
        // Author, author with the flag, moderator, admin, super admin.
        assert_eq!(seen(Rules::default()), [false, false, false, true, true]);
        assert_eq!(seen(kept), [false, false, false, false, true]);
        for (permission, capacity) in all().filter(|(permission, _)| *permission != Permission::ViewDiagnostics) {
            assert_eq!(kept.reach(permission, capacity), permission.reach(capacity));
        }
    }

    #[test]
    fn in_an_archived_workspace_things_are_read_and_nothing_changes() {
        let archived = Rules { archived: true, ..Rules::default() };
        for (permission, capacity) in all() {
            let reach = archived.reach(permission, capacity);
            let expected = if permission.changes() { Reach::None } else { permission.reach(capacity) };
            assert_eq!(reach, expected, "{permission:?}");
        }
    }
}
