//! Who looks at the page, as the frame shows it.

use serde::{Deserialize, Serialize};

/// The signed-in person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub name: String,
    pub email: String,
    pub super_admin: bool,
    /// Whether some workspace is assigned to them as staff of the 10DLC registry.
    pub staff: bool,
    /// Notices that they have not read.
    pub unread: u32,
    /// The workspaces of which the person is a member, by name.
    pub workspaces: Vec<WorkspaceLink>,
}

/// A workspace in the switcher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceLink {
    pub slug: String,
    pub name: String,
    /// What the person is there, such as "Author".
    pub role: String,
}
