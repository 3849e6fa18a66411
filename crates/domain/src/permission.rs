//! Who may do what: the one table behind the server's decision, the pages and the Roles page (`docs/ARCHITECTURE.md`).

use serde::{Deserialize, Serialize};

/// A member's role in one workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Author,
    Moderator,
    Admin,
}

/// In what capacity somebody acts in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    Author,
    /// An author with the moderator flag.
    AuthorModerator,
    Moderator,
    Admin,
    /// Enters every workspace with admin rights; the audit record says so.
    SuperAdmin,
}

impl Capacity {
    pub const ALL: [Self; 5] = [Self::Author, Self::AuthorModerator, Self::Moderator, Self::Admin, Self::SuperAdmin];

    /// The moderator flag means something for an author only.
    #[must_use]
    pub const fn of(role: Role, moderator_flag: bool) -> Self {
        match (role, moderator_flag) {
            (Role::Author, false) => Self::Author,
            (Role::Author, true) => Self::AuthorModerator,
            (Role::Moderator, _) => Self::Moderator,
            (Role::Admin, _) => Self::Admin,
        }
    }

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Author => "Author",
            Self::AuthorModerator => "Author + moderator",
            Self::Moderator => "Moderator",
            Self::Admin => "Admin",
            Self::SuperAdmin => "Super admin",
        }
    }
}

/// How far a permission reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Not allowed.
    None,
    /// Only what the person created.
    Own,
    /// Everything in the workspace.
    Any,
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $label:literal => [$author:ident, $author_moderator:ident, $moderator:ident, $admin:ident, $super_admin:ident],)+) => {
        /// Something that a person may or may not do in a workspace.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Permission {
            $($(#[$doc])* $name,)+
        }

        impl Permission {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// How the Roles page says it.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)+ }
            }

            /// The table.
            #[must_use]
            pub const fn reach(self, capacity: Capacity) -> Reach {
                let row = match self {
                    $(Self::$name => [Reach::$author, Reach::$author_moderator, Reach::$moderator, Reach::$admin, Reach::$super_admin],)+
                };
                row[capacity as usize]
            }
        }

        /// A type for each permission, so that a proof of one cannot stand for another.
        pub mod kind {
            $(
                #[derive(Debug, Clone, Copy)]
                pub enum $name {}

                impl super::sealed::Sealed for $name {}

                impl super::Kind for $name {
                    const PERMISSION: super::Permission = super::Permission::$name;
                }
            )+
        }
    };
}

/// The type-level name of a [`Permission`]; implemented by the types of [`kind`] and by nothing else.
pub trait Kind: sealed::Sealed {
    const PERMISSION: Permission;
}

mod sealed {
    pub trait Sealed {}
}

permissions! {
    //                                                                       author, +flag, moderator, admin, super admin
    ViewWorkspace: "See overview, campaigns, senders, moderation, members" => [Any, Any, Any, Any, Any],
    CreateCampaign: "Create a campaign" => [Any, Any, None, Any, Any],
    EditCampaign: "Edit and submit a campaign" => [Own, Own, None, Any, Any],
    ControlCampaign: "Start, pause, resume, cancel a campaign" => [Own, Own, None, Any, Any],
    DecideCampaign: "Approve or reject a campaign" => [None, Any, Any, Any, Any],
    StopCampaign: "Stop somebody's campaign: pause it while sending, cancel and archive it while pending" => [None, Any, Any, Any, Any],
    ArchiveCampaign: "Archive and restore a campaign" => [Own, Own, None, Any, Any],
    DeleteCampaign: "Delete a campaign" => [None, None, None, None, Any],
    ManageSender: "Create or archive a sender name" => [None, None, None, Any, Any],
    SubmitRevision: "Submit a sender revision" => [Any, Any, Any, Any, Any],
    DecideRevision: "Approve or reject a sender revision" => [None, Any, Any, Any, Any],
    RevealNumbers: "See full phone numbers" => [None, None, None, Any, Any],
    ExportRecords: "Export delivery records" => [Own, Any, Any, Any, Any],
    ViewCampaignAudit: "Audit tab of a campaign" => [Own, Any, Any, Any, Any],
    ViewAudit: "Audit log of the workspace" => [None, None, None, Any, Any],
    ManageMembers: "Invite, remove, roles, join requests" => [None, None, None, Any, Any],
    ManageApiKeys: "API keys" => [None, None, None, Any, Any],
    ManageWorkspace: "Workspace settings" => [None, None, None, Any, Any],
    ManageTenDlc: "Register 10DLC campaigns and assign numbers to them" => [None, None, None, Any, Any],
    /// Also of staff, in the workspaces that are assigned to them.
    ManageBrands: "Register brands for 10DLC" => [None, None, None, None, Any],
    ViewMonitoring: "Monitoring" => [None, None, None, Any, Any],
    /// Of super admins alone where the installation says so.
    ViewDiagnostics: "Diagnostics" => [None, None, None, Any, Any],
    /// Workspaces, users, links, system settings, Master.
    ManageInstallation: "Workspaces, users, gateway links, system settings" => [None, None, None, None, Any],
}

impl Permission {
    /// Whether it is about looking at what members may see: nothing is changed with it, and no full numbers or records
    /// leave the workspace.
    #[must_use]
    pub const fn only_looks(self) -> bool {
        matches!(
            self,
            Self::ViewWorkspace
                | Self::ViewCampaignAudit
                | Self::ViewAudit
                | Self::ViewMonitoring
                | Self::ViewDiagnostics
        )
    }

    /// Whether something is different afterwards, besides the audit log: in an archived workspace nobody has it.
    #[must_use]
    pub const fn changes(self) -> bool {
        !matches!(
            self,
            Self::ViewWorkspace
                | Self::RevealNumbers
                | Self::ExportRecords
                | Self::ViewCampaignAudit
                | Self::ViewAudit
                | Self::ViewMonitoring
                | Self::ViewDiagnostics
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_one_of_the_specification() {
        let mut text = String::new();
        for permission in Permission::ALL {
            let row: Vec<_> = Capacity::ALL
                .iter()
                .map(|&capacity| match permission.reach(capacity) {
                    Reach::None => "–",
                    Reach::Own => "own",
                    Reach::Any => "✓",
                })
                .collect();
            text.push_str(&format!("{permission:?}: {}\n", row.join(" ")));
        }
        assert_eq!(text, include_str!("permission.table.txt"));
    }

    #[test]
    fn the_flag_means_something_for_authors_only() {
        assert_eq!(Capacity::of(Role::Moderator, true), Capacity::of(Role::Moderator, false));
        assert_eq!(Capacity::of(Role::Admin, true), Capacity::of(Role::Admin, false));
    }
}
