//! 10DLC for people: brands, 10DLC campaigns and numbers of a workspace, and the staff that registers them.
//!
//! A function about one workspace begins with [`desk`], whose [`Desk::may`] gives the proof of an action; what has to be
//! told to the registry goes through `Services::registrations`. Who comes as staff is no member of the workspace:
//! [`super::context::enter`] would not let them in.

pub mod attention;
pub mod brands;
pub mod campaigns;
pub mod home;
pub mod numbers;
pub mod rows;
pub mod staff;

use domain::tendlc::staff::StaffRole;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::context::Services;
use crate::{api::workspace::WorkspaceView, error::AppError};
#[cfg(feature = "ssr")]
use domain::tendlc::limits::NumbersAt;
#[cfg(feature = "ssr")]
use store::tendlc::{Desk, action};

/// What somebody may do with the 10DLC of a workspace. Controls are offered by it; the server decides again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Whether this installation speaks with a registry at all.
    pub connected: bool,
    /// What they are as staff.
    pub staff: Option<StaffRole>,
    /// Register, change, vet and delete brands.
    pub brands: bool,
    /// Register, change and deactivate 10DLC campaigns.
    pub campaigns: bool,
    /// Assign numbers and take them out.
    pub numbers: bool,
    /// Say what the partner upstream has done with numbers; nobody does where the registry says it.
    pub confirms_numbers: bool,
}

/// What the pages of a workspace's 10DLC know of where they are and of who looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskView {
    pub slug: String,
    pub display_name: String,
    pub archived: bool,
    pub rights: Rights,
}

impl DeskView {
    /// The workspace whose 10DLC is at hand.
    ///
    /// # Panics
    /// Outside of `/w/{slug}`, which is a mistake in the table of routes.
    #[must_use]
    pub fn here() -> Self {
        expect_context::<Self>()
    }

    /// An address below the home of the workspace's 10DLC, such as `/brands/new`.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("/w/{}/registry{rest}", self.slug)
    }
}

impl From<&WorkspaceView> for DeskView {
    fn from(workspace: &WorkspaceView) -> Self {
        Self {
            slug: workspace.slug.clone(),
            display_name: workspace.display_name.clone(),
            archived: workspace.rules.archived,
            rights: workspace.registry,
        }
    }
}

/// The workspace of the address, for whoever has to do with its 10DLC: members, staff to whom it is assigned, super admins.
#[server]
pub async fn registry_desk(slug: String) -> Result<DeskView, AppError> {
    let services = super::context::services()?;
    let desk = desk(&slug).await?;
    let workspace = desk.workspace();
    Ok(DeskView {
        slug: workspace.slug.to_string(),
        display_name: workspace.display_name.clone(),
        archived: workspace.archived_at_ms.is_some(),
        rights: Rights::of(&services, &desk),
    })
}

/// The desk of the workspace of this address; whoever has nothing to do with its 10DLC finds nothing.
#[cfg(feature = "ssr")]
pub(crate) async fn desk(slug: &str) -> Result<Desk, AppError> {
    let services = super::context::services()?;
    let session = services.session(&super::context::parts()?).await?;
    let slug = domain::slug::Slug::parse(slug).map_err(|_| AppError::NotFound)?;
    Ok(services.gate.desk(&session, &slug).await?)
}

#[cfg(feature = "ssr")]
impl Rights {
    pub(crate) fn of(services: &Services, desk: &Desk) -> Self {
        Self {
            connected: services.registrations.is_on(),
            staff: desk.staff_role(),
            brands: desk.allows::<action::Brands>(),
            campaigns: desk.allows::<action::Campaigns>(),
            numbers: desk.allows::<action::Numbers>(),
            confirms_numbers: services.registrations.numbers_at() == NumbersAt::Partner
                && desk.allows::<action::Brands>(),
        }
    }
}
