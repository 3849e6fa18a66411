//! Test messages (`domain::test_send`): the list of numbers, and the claim of each message before it goes to the wire.
//!
//! *Invariants*: a test message goes to a number of the list, from a revision that is approved in the moment of the claim,
//! within the day's cap; the claim and its audit record commit before anything is sent. It is sent once: what was claimed
//! when a process ended is uncertain and stays unsent.

mod claim;
mod list;
mod outcome;

use domain::{
    id::{CampaignId, TestSendId, WorkspaceId},
    test_send::{TestList, TestSend},
};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

pub use self::{
    claim::{TestOrder, claim, is_testable, today},
    list::{add, list, remove, set_cap},
    outcome::{change, load, open},
};
use crate::{
    Error, Scope,
    db::{key, tx::Columns},
};

impl Columns for TestList {}

impl Columns for TestSend {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("open", self.state().is_open().into_value())]
    }
}

fn list_key(workspace: WorkspaceId) -> RecordId {
    key::of("test_list", workspace, [])
}

fn send_key(workspace: WorkspaceId, campaign: CampaignId, id: TestSendId) -> RecordId {
    key::of("test_send", workspace, [key::id(campaign), key::id(id)])
}

/// The test messages of a campaign, newest first; at most `limit`.
pub async fn of_campaign(scope: &Scope, campaign: CampaignId, limit: u32) -> Result<Vec<TestSend>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("test_send", scope.workspace_id(), [key::id(campaign)]));
    vars.insert("limit", i64::from(limit));
    scope.inner().db.docs("SELECT VALUE doc FROM $range ORDER BY id DESC LIMIT $limit", vars).await
}
