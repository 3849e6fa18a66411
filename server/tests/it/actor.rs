//! Who sends the requests, and what the access table and the permission table say that they get.

use domain::{
    permission::{Capacity, Permission, Reach},
    tendlc::staff::{StaffAction, StaffRole},
};
use server::access::Needs;

/// Somebody, seen from the workspace in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Nobody is signed in.
    Anonymous,
    /// An admin of the other workspace only.
    Stranger,
    /// An admin who was blocked while signed in.
    Blocked,
    /// The author of what the request is about.
    Author,
    OtherAuthor,
    AuthorModerator,
    Moderator,
    Admin,
    /// Not a member of the workspace.
    SuperAdmin,
    /// An admin of the 10DLC staff to whom the workspace is assigned, and no member of any.
    Staff,
    /// The same as a viewer.
    StaffViewer,
    /// Nobody's member, and nobody's staff.
    Outsider,
}

/// What somebody gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The answer, or the refusal of a rule that is no matter of permission.
    Through,
    SignIn,
    Forbidden,
    NotFound,
}

impl Actor {
    pub const ALL: [Self; 12] = [
        Self::Anonymous,
        Self::Stranger,
        Self::Blocked,
        Self::Author,
        Self::OtherAuthor,
        Self::AuthorModerator,
        Self::Moderator,
        Self::Admin,
        Self::SuperAdmin,
        Self::Staff,
        Self::StaffViewer,
        Self::Outsider,
    ];

    pub const fn label(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Stranger => "stranger",
            Self::Blocked => "blocked",
            Self::Author => "author",
            Self::OtherAuthor => "other author",
            Self::AuthorModerator => "author + flag",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
            Self::SuperAdmin => "super admin",
            Self::Staff => "staff",
            Self::StaffViewer => "staff viewer",
            Self::Outsider => "outsider",
        }
    }

    /// As what they are in the workspace; None: they are not.
    pub const fn capacity(self) -> Option<Capacity> {
        match self {
            Self::Anonymous | Self::Stranger | Self::Blocked | Self::Staff | Self::StaffViewer | Self::Outsider => None,
            Self::Author | Self::OtherAuthor => Some(Capacity::Author),
            Self::AuthorModerator => Some(Capacity::AuthorModerator),
            Self::Moderator => Some(Capacity::Moderator),
            Self::Admin => Some(Capacity::Admin),
            Self::SuperAdmin => Some(Capacity::SuperAdmin),
        }
    }

    /// As what the workspace is assigned to them.
    pub const fn staff(self) -> Option<StaffRole> {
        match self {
            Self::Staff => Some(StaffRole::Admin),
            Self::StaffViewer => Some(StaffRole::Viewer),
            _ => None,
        }
    }

    /// Whether they may do this with the workspace's 10DLC; None: there is nothing for them.
    fn may_at_desk(self, action: StaffAction) -> Option<bool> {
        if let Some(role) = self.staff() {
            return Some(role.may(action));
        }
        let permission = match action {
            StaffAction::Read => Permission::ViewWorkspace,
            StaffAction::Brands => Permission::ManageBrands,
            StaffAction::Campaigns | StaffAction::Numbers => Permission::ManageTenDlc,
        };
        self.capacity().map(|capacity| permission.reach(capacity) == Reach::Any)
    }

    pub fn may(self, permission: Permission) -> bool {
        self.capacity().is_some_and(|capacity| permission.reach(capacity) != Reach::None)
    }

    /// What the tables say; `own`: the request is about something that this person made.
    pub fn verdict(self, needs: Needs, own: bool) -> Verdict {
        let signed_in = !matches!(self, Self::Anonymous | Self::Blocked);
        let reach = |permission: Permission| match (signed_in, self.capacity()) {
            (false, _) => Err(Verdict::SignIn),
            (true, None) => Err(Verdict::NotFound),
            (true, Some(capacity)) => Ok(permission.reach(capacity)),
        };
        let decided = match needs {
            Needs::Anyone | Needs::Link => Ok(true),
            // The set-up link of an installation that has accounts opens nothing.
            Needs::Nobody | Needs::SetUpLink => Err(Verdict::NotFound),
            // Nobody here has given a password without a session.
            Needs::Challenge => Err(Verdict::SignIn),
            Needs::SignedIn if signed_in => Ok(true),
            Needs::SignedIn => Err(Verdict::SignIn),
            Needs::Rule if !signed_in => Err(Verdict::SignIn),
            Needs::Rule if self == Self::SuperAdmin => Ok(true),
            Needs::Rule => Err(Verdict::NotFound),
            Needs::Archive if !signed_in => Err(Verdict::SignIn),
            // A stranger has an archive of their own.
            Needs::Archive if matches!(self, Self::Moderator | Self::Staff | Self::StaffViewer | Self::Outsider) => {
                Err(Verdict::NotFound)
            }
            Needs::Archive => Ok(true),
            // A session is no key.
            Needs::AnyKey | Needs::Key(_) | Needs::StaffKey(_) | Needs::RegistrySignature | Needs::InstallationKey => {
                Err(Verdict::SignIn)
            }
            Needs::SomeDesk if !signed_in => Err(Verdict::SignIn),
            Needs::SomeDesk if self == Self::Outsider => Err(Verdict::NotFound),
            Needs::SomeDesk => Ok(true),
            Needs::Desk(_) if !signed_in => Err(Verdict::SignIn),
            Needs::Desk(action) => self.may_at_desk(action).ok_or(Verdict::NotFound),
            Needs::Member => reach(Permission::ViewWorkspace).map(|reach| reach == Reach::Any),
            Needs::All(permission) => reach(permission).map(|reach| reach == Reach::Any),
            Needs::One(permission) => {
                reach(permission).map(|reach| reach == Reach::Any || (reach == Reach::Own && own))
            }
        };
        match decided {
            Ok(true) => Verdict::Through,
            Ok(false) => Verdict::Forbidden,
            Err(verdict) => verdict,
        }
    }
}
