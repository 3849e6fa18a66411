//! What a row of the table asks of whoever sends a request.

use std::fmt;

use domain::{api_key::Scope, permission::Permission, tendlc::staff::StaffAction};

use self::Needs::{
    All, AnyKey, Anyone, Archive, Challenge, Desk, InstallationKey, Key, Link, Member, Nobody, One, RegistrySignature,
    Rule, SetUpLink, SignedIn, SomeDesk, StaffKey,
};

/// What has to be true of whoever sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Anyone,
    /// Holds a one-time link, whose secret is in the request.
    Link,
    /// Gave the right password some minutes ago at most, and is asked for a code.
    Challenge,
    /// Holds the set-up link of an installation that has no account yet.
    SetUpLink,
    SignedIn,
    /// Is a member of the workspace in the request, or a super admin.
    Member,
    /// Has the permission over everything in the workspace.
    All(Permission),
    /// Has the permission over the campaign in the request: over any, or it is their own and the permission reaches that.
    One(Permission),
    /// Is a super admin; for everybody else there is nothing.
    Rule,
    /// Is more than a moderator in some workspace, or a super admin.
    Archive,
    /// Does this with the 10DLC of the workspace in the request: as its member, as staff to whom it is assigned, or as a
    /// super admin.
    Desk(StaffAction),
    /// Has to do with the 10DLC of some workspace: as a member, as staff, or as a super admin.
    SomeDesk,
    /// Presents a working key of a workspace.
    AnyKey,
    /// Presents a key of a workspace that has this scope, whose owner may do as much.
    Key(Scope),
    /// Presents a key with this scope whose owner is staff or a super admin: for everybody else it is refused.
    StaffKey(Scope),
    /// Signs with the secret of the 10DLC registry's account.
    RegistrySignature,
    /// Presents a working key of the installation.
    InstallationKey,
    /// There is nothing, whoever asks.
    Nobody,
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Anyone => f.write_str("nothing"),
            Nobody => f.write_str("nobody has it"),
            Link => f.write_str("one-time link"),
            Challenge => f.write_str("password given"),
            SetUpLink => f.write_str("set-up link"),
            SignedIn => f.write_str("session"),
            Member => f.write_str("membership"),
            All(permission) => write!(f, "{permission:?}"),
            Rule => f.write_str("super admin"),
            Archive => f.write_str("more than a moderator"),
            One(permission) => write!(f, "{permission:?} on it"),
            Desk(action) => write!(f, "10DLC: {}", action.label()),
            SomeDesk => f.write_str("10DLC of some workspace"),
            AnyKey => f.write_str("key"),
            Key(scope) => write!(f, "key with {}", scope.name()),
            StaffKey(scope) => write!(f, "staff key with {}", scope.name()),
            RegistrySignature => f.write_str("registry's signature"),
            InstallationKey => f.write_str("installation key"),
        }
    }
}
