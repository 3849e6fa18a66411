//! How many numbers are where, without reading them all: a 10DLC campaign may have thousands.

use domain::{
    id::{TenDlcCampaignId, WorkspaceId},
    tendlc::Visible,
};
use surrealdb::types::{SurrealValue, Variables};

use super::{Number, NumberState};
use crate::{
    Error,
    db::{corrupt, key},
    tendlc::{access::Sight, kept::Kept as _},
};

/// Numbers of a 10DLC campaign that are in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub workspace: WorkspaceId,
    pub campaign: TenDlcCampaignId,
    pub state: NumberState,
    pub count: u32,
}

#[derive(Debug, SurrealValue)]
struct Row {
    workspace: String,
    campaign: String,
    state: String,
    count: i64,
}

impl Row {
    fn tally(&self) -> Option<Tally> {
        let state = match self.state.as_str() {
            "assigning" => NumberState::Assigning,
            "active" => NumberState::Active,
            "removing" => NumberState::Removing,
            _ => return None,
        };
        let (workspace, campaign) = (self.workspace.parse().ok()?, self.campaign.parse().ok()?);
        Some(Tally { workspace, campaign, state, count: u32::try_from(self.count).ok()? })
    }
}

/// The numbers that are in a 10DLC campaign of the workspaces that are seen.
pub async fn tally(sight: &Sight) -> Result<Vec<Tally>, Error> {
    match sight.visible() {
        Visible::All => counted(sight, Number::TABLE, Variables::new()).await,
        Visible::Only(workspaces) => {
            let mut found = Vec::new();
            for workspace in workspaces {
                let mut vars = Variables::new();
                vars.insert("range", key::all(Number::TABLE, *workspace, []));
                found.extend(counted(sight, "$range", vars).await?);
            }
            Ok(found)
        }
        Visible::None => Ok(Vec::new()),
    }
}

async fn counted(sight: &Sight, from: &str, vars: Variables) -> Result<Vec<Tally>, Error> {
    let sql = format!(
        "SELECT workspace, campaign, state, count() AS count FROM \
         (SELECT doc.workspace AS workspace, campaign, doc.current.state AS state FROM {from} WHERE campaign != '') \
         GROUP BY workspace, campaign, state"
    );
    let rows: Vec<Row> = sight.inner().db.read(&sql, vars).await?.take(0).map_err(corrupt)?;
    rows.iter().map(|row| row.tally().ok_or(Error::Corrupt)).collect()
}
