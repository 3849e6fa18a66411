//! Where a campaign comes from and where it went, as its page shows it.

use serde::{Deserialize, Serialize};

use crate::state::moment::Moment;

/// What can be begun from a campaign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyOffer {
    /// Without recipients.
    pub bare: bool,
    /// With so many of them; None: they are not open to this person, or there are none.
    pub recipients: Option<u64>,
    /// Rejected: the draft to correct.
    pub as_new: bool,
    /// A test message can be sent of it.
    pub test: bool,
}

/// The campaign of which this one is the copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyOfView {
    pub name: String,
    /// None: it is in another workspace.
    pub href: Option<String>,
    /// What it could not take over, in sentences.
    pub left_out: Vec<String>,
}

/// A tombstone's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedView {
    pub at: Moment,
    pub by: String,
    /// Name and address of where it went, for those who can go there.
    pub place: Option<(String, String)>,
}

/// A workspace to restore into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    pub slug: String,
    pub name: String,
}

#[cfg(feature = "ssr")]
pub use self::server::{copy_of, copy_offer, destinations, moved};

#[cfg(feature = "ssr")]
mod server {
    use domain::{
        campaign::{Action, Campaign},
        permission::Permission,
    };
    use store::{
        Gate, Scope, Session,
        campaigns::{author_is_active, is_copyable, is_rejected, offered, reaches},
    };

    use super::{CopyOfView, CopyOffer, Destination, MovedView};
    use crate::{error::AppError, state::moment::Moment};

    pub fn copy_offer(scope: &Scope, campaign: &Campaign) -> CopyOffer {
        let creates = reaches(scope, campaign, Permission::CreateCampaign);
        let edits = reaches(scope, campaign, Permission::EditCampaign);
        let accepted = campaign.report.map_or(0, |report| report.accepted);
        CopyOffer {
            bare: creates,
            recipients: (edits && is_copyable(campaign)).then_some(accepted),
            as_new: edits && is_rejected(campaign),
            test: edits && store::test_sends::is_testable(campaign),
        }
    }

    pub fn copy_of(scope: &Scope, campaign: &Campaign) -> Option<CopyOfView> {
        let origin = campaign.copy_of.as_ref()?;
        let here = origin.workspace == scope.workspace_id();
        Some(CopyOfView {
            name: origin.name.clone(),
            href: here.then(|| format!("/w/{}/campaigns/{}", scope.workspace().slug, origin.campaign)),
            left_out: origin.left_out.iter().map(domain::campaign::LeftOut::sentence).collect(),
        })
    }

    /// Where a campaign went; the place is named to those who can enter it and to nobody else.
    pub async fn moved(
        gate: &Gate,
        session: &Session,
        scope: &Scope,
        campaign: &Campaign,
    ) -> Result<Option<MovedView>, AppError> {
        let Some(moved) = &campaign.life.moved_to else { return Ok(None) };
        let mine = store::workspaces::mine(gate, session).await?;
        let place = mine.into_iter().map(|entry| entry.workspace).find(|workspace| workspace.id == moved.workspace);
        let place = place.map(|place| (place.display_name, format!("/w/{}/campaigns/{}", place.slug, moved.campaign)));
        Ok(Some(MovedView { at: Moment::of(scope, moved.at_ms), by: moved.by_name.clone(), place }))
    }

    /// The workspaces to choose from where restoring needs a choice, this one first; empty: one click does it.
    pub async fn destinations(
        gate: &Gate,
        session: &Session,
        scope: &Scope,
        campaign: &Campaign,
    ) -> Result<Vec<Destination>, AppError> {
        let asks = offered(scope, campaign).contains(&Action::Restore) && !author_is_active(scope, campaign).await?;
        if !asks || !reaches(scope, campaign, Permission::ManageWorkspace) {
            return Ok(Vec::new());
        }
        let mut all = store::campaigns::destinations(gate, session).await?;
        all.sort_by_key(|workspace| workspace.id != scope.workspace_id());
        let destination = |workspace: domain::workspace::Workspace| Destination {
            slug: workspace.slug.to_string(),
            name: workspace.display_name,
        };
        Ok(all.into_iter().map(destination).collect())
    }
}
