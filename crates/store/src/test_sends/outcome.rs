//! What became of a test message, written by the engine.

use domain::{
    id::{CampaignId, TestSendId},
    test_send::TestSend,
};
use surrealdb::types::Variables;

use super::send_key;
use crate::{
    Error, SystemDoor, SystemScope,
    db::{Abort, Tx},
};

const ATTEMPTS_MAX: u32 = 20;

/// The test messages of all workspaces of which something else may come.
pub async fn open(door: &SystemDoor) -> Result<Vec<TestSend>, Error> {
    door.inner().db.docs("SELECT VALUE doc FROM test_send WHERE open = true", Variables::new()).await
}

pub async fn load(scope: &SystemScope, campaign: CampaignId, id: TestSendId) -> Result<Option<TestSend>, Error> {
    scope.inner().db.get(send_key(scope.workspace_id(), campaign, id)).await
}

/// Writes what `compute` makes of it; again when somebody was quicker. Nothing is written when nothing changes.
pub async fn change(
    scope: &SystemScope,
    campaign: CampaignId,
    id: TestSendId,
    compute: impl Fn(&mut TestSend),
) -> Result<TestSend, Error> {
    let key = send_key(scope.workspace_id(), campaign, id);
    for _ in 0..ATTEMPTS_MAX {
        let before = load(scope, campaign, id).await?.ok_or(Error::NotFound)?;
        let mut after = before.clone();
        compute(&mut after);
        if after == before {
            return Ok(before);
        }
        after.settled_at_ms = (!after.state().is_open()).then(|| before.settled_at_ms.unwrap_or(scope.now_ms()));
        after.revision = before.revision + 1;
        let build = || {
            let mut tx = Tx::new();
            tx.compare_and_set(key.clone(), before.revision, &after);
            tx
        };
        match scope.inner().db.transact(build).await {
            Ok(()) => return Ok(after),
            Err(Abort::Stale) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(Error::Moved)
}
