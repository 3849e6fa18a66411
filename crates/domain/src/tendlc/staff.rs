//! Staff: people of the provider who register brands for workspaces, and which workspaces they see.

use serde::{Deserialize, Serialize};

use crate::id::WorkspaceId;

/// What somebody of the staff does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    Admin,
    Developer,
    Viewer,
    Billing,
}

/// Something that is done with brands, 10DLC campaigns and numbers. What is asked for is the action, never a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffAction {
    Read,
    /// Create, change, vet and delete brands.
    Brands,
    /// Create and change 10DLC campaigns.
    Campaigns,
    Numbers,
}

impl StaffAction {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Brands => "brands",
            Self::Campaigns => "10DLC campaigns",
            Self::Numbers => "numbers",
        }
    }
}

impl StaffRole {
    pub const ALL: [Self; 4] = [Self::Admin, Self::Developer, Self::Viewer, Self::Billing];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Developer => "Developer",
            Self::Viewer => "Viewer",
            Self::Billing => "Billing",
        }
    }

    #[must_use]
    pub const fn may(self, action: StaffAction) -> bool {
        match self {
            Self::Admin | Self::Developer => true,
            Self::Viewer | Self::Billing => matches!(action, StaffAction::Read),
        }
    }
}

/// Which workspaces somebody sees. There is no default, and the absence of a list means nothing: whoever asks for data
/// has to say one of the three.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visible {
    /// Every workspace: a super admin.
    All,
    /// These, and never an empty list: see [`Visible::only`].
    Only(Vec<WorkspaceId>),
    /// No workspace at all.
    None,
}

/// Which workspace something is done for could not be said. The text says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoChoice {
    #[error("name the workspace: X-Customer-ID with its id or slug, since you have several")]
    Several,
    #[error("no workspace is assigned to you; ask a super admin")]
    Nothing,
    /// Also where there is such a workspace, so that asking tells nothing.
    #[error("there is no such workspace")]
    NotFound,
}

impl Visible {
    /// In order and without doubles; nothing in the list is [`Visible::None`].
    #[must_use]
    pub fn only(workspaces: impl IntoIterator<Item = WorkspaceId>) -> Self {
        let mut list: Vec<WorkspaceId> = workspaces.into_iter().collect();
        list.sort_unstable();
        list.dedup();
        if list.is_empty() { Self::None } else { Self::Only(list) }
    }

    #[must_use]
    pub fn sees(&self, workspace: WorkspaceId) -> bool {
        match self {
            Self::All => true,
            Self::Only(list) => list.contains(&workspace),
            Self::None => false,
        }
    }

    /// What somebody sees who has both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::None, one) | (one, Self::None) => one,
            (Self::Only(one), Self::Only(other)) => Self::only(one.into_iter().chain(other)),
        }
    }

    /// The workspace in which something is done: the one that was named if it is among these, else the only one. With
    /// several it has to be named; none is ever picked for somebody.
    pub fn choose(&self, named: Option<WorkspaceId>) -> Result<WorkspaceId, NoChoice> {
        match (named, self) {
            (_, Self::None) => Err(NoChoice::Nothing),
            (Some(workspace), _) if self.sees(workspace) => Ok(workspace),
            (Some(_), _) => Err(NoChoice::NotFound),
            (None, Self::Only(list)) if list.len() == 1 => Ok(list[0]),
            (None, Self::All | Self::Only(_)) => Err(NoChoice::Several),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn workspace(number: u8) -> WorkspaceId {
        WorkspaceId::from_uuid(Uuid::from_u128(u128::from(number)))
    }

    /// Trap 1: whoever may read brands may not therefore create them.
    #[test]
    fn reading_is_not_creating() {
        for role in StaffRole::ALL {
            assert!(role.may(StaffAction::Read));
            let changes = matches!(role, StaffRole::Admin | StaffRole::Developer);
            for action in [StaffAction::Brands, StaffAction::Campaigns, StaffAction::Numbers] {
                assert_eq!(role.may(action), changes, "{role:?} {action:?}");
            }
        }
    }

    /// Trap 2: an empty list is nothing, and never everything.
    #[test]
    fn no_list_is_no_way_to_see_everything() {
        assert_eq!(Visible::only([]), Visible::None);
        assert!(!Visible::None.sees(workspace(1)) && Visible::All.sees(workspace(1)));
        assert_eq!(Visible::None.choose(Some(workspace(1))), Err(NoChoice::Nothing));
    }

    /// Trap 4: the first of several was picked in silence.
    #[test]
    fn with_several_one_has_to_be_named() {
        let three = Visible::only([workspace(3), workspace(1), workspace(2)]);
        assert_eq!(three.choose(None), Err(NoChoice::Several));
        assert_eq!(Visible::All.choose(None), Err(NoChoice::Several));
        assert_eq!(three.choose(Some(workspace(2))), Ok(workspace(2)));
        assert_eq!(three.choose(Some(workspace(4))), Err(NoChoice::NotFound));
        assert_eq!(Visible::only([workspace(7)]).choose(None), Ok(workspace(7)));
    }

    proptest! {
        #[test]
        fn what_is_seen_is_what_was_listed(listed in proptest::collection::vec(0u8..20, 0..8), asked in 0u8..20) {
            let visible = Visible::only(listed.iter().map(|number| workspace(*number)));
            prop_assert_eq!(visible.sees(workspace(asked)), listed.contains(&asked));
            prop_assert_eq!(visible.choose(Some(workspace(asked))).is_ok(), listed.contains(&asked));
            prop_assert_eq!(visible.clone().and(Visible::None), visible.clone());
            prop_assert_eq!(visible.clone().and(visible.clone()), visible.clone());
            prop_assert_eq!(visible.and(Visible::All), Visible::All);
        }
    }
}
