//! What was done with a brand or a 10DLC campaign: for everybody who reads it, and not only for those who read the
//! workspace's whole audit log.

use std::fmt::Display;

use domain::{audit::AuditRecord, tendlc::limits::HISTORY_RECORDS_MAX};

use super::access::{Doing, action};
use crate::{Error, audit::Chain};

/// The latest records about it, newest first.
pub async fn history(proof: &Doing<action::Read>, id: &impl Display) -> Result<Vec<AuditRecord>, Error> {
    proof.inner().latest_about(Chain::Workspace(proof.workspace_id()), &id.to_string(), HISTORY_RECORDS_MAX).await
}
