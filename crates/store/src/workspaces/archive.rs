//! Putting a workspace away, and taking it out again. What is archived is read by those who rule it, and changed by nobody.

use domain::{campaign::Status, permission::kind, slug::Slug, workspace::Workspace};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use super::{
    settings::{check_seen, event, write},
    workspace_key,
};
use crate::{
    Error, Granted, Ruler,
    access::Inner,
    audit::{Chain, Event},
    campaigns::domain_name,
    db::{corrupt, key},
};

/// A campaign in one of these is under way.
const UNDER_WAY: [Status; 4] = [Status::Building, Status::Pending, Status::Sending, Status::Paused];
/// So many are named; of the others it is said how many they are.
const NAMED_MAX: usize = 5;

/// Archives the workspace that the admin saw in `seen_revision`; `confirmation` is its address, typed. Refused while
/// campaigns are under way.
pub async fn archive(
    scope: &Granted<kind::ManageWorkspace>,
    seen_revision: u64,
    confirmation: &str,
) -> Result<Workspace, Error> {
    let before = scope.workspace();
    check_confirmation(before, confirmation)?;
    check_seen(before, seen_revision)?;
    check_rest(scope.inner(), before).await?;
    let after =
        Workspace { archived_at_ms: Some(scope.now_ms()), archived_by: Some(scope.user_id()), ..before.clone() };
    let event = event(scope, "workspace.archived").change("archived", Some(false), Some(true));
    let done = write(scope, after, event, |tx, after| {
        // Whoever starts one relies on the workspace, so that the two cannot both come through.
        tx.expect_none(key::all("campaign", after.id, []), "status", under_way());
    })
    .await;
    match done {
        // One was started in between.
        Err(Error::Moved) => Err(check_rest(scope.inner(), before).await.err().unwrap_or(Error::Moved)),
        other => other,
    }
}

/// Makes an archived workspace what it was.
pub async fn restore(ruler: &Ruler, slug: &Slug) -> Result<Workspace, Error> {
    let inner = ruler.inner();
    let before = inner.workspace_by_slug(slug).await?.ok_or(Error::NotFound)?;
    if before.archived_at_ms.is_none() {
        return Ok(before);
    }
    let after = Workspace { archived_at_ms: None, archived_by: None, revision: before.revision + 1, ..before.clone() };
    let event = Event::new(ruler.actor(), ruler.origin(), "workspace.restored").on("workspace", &after.id).change(
        "archived",
        Some(true),
        Some(false),
    );
    inner
        .audited(Chain::Workspace(after.id), event, |tx| {
            ruler.rely_on(tx);
            tx.compare_and_set(workspace_key(after.id), before.revision, &after);
        })
        .await?;
    Ok(after)
}

/// What ends or hides a workspace is confirmed by typing its address.
pub(super) fn check_confirmation(workspace: &Workspace, confirmation: &str) -> Result<(), Error> {
    if confirmation.trim() == workspace.slug.as_str() {
        return Ok(());
    }
    Err(Error::invalid("confirmation", format!("type the address of the workspace: {}", workspace.slug)))
}

fn under_way() -> Vec<Value> {
    UNDER_WAY.into_iter().map(|status| domain_name(status).into_value()).collect()
}

async fn check_rest(inner: &Inner, workspace: &Workspace) -> Result<(), Error> {
    let mut vars = Variables::new();
    let range: RecordId = key::all("campaign", workspace.id, []);
    vars.insert("range", range);
    vars.insert("statuses", under_way());
    let sql = "SELECT VALUE doc.parameters.name FROM $range WHERE status IN $statuses";
    let names: Vec<String> = inner.db.read(sql, vars).await?.take(0).map_err(corrupt)?;
    if names.is_empty() {
        return Ok(());
    }
    let mut named = names.iter().take(NAMED_MAX).map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", ");
    if names.len() > NAMED_MAX {
        named.push_str(&format!(" and {} more", names.len() - NAMED_MAX));
    }
    Err(Error::Stale { what: format!("campaigns are under way: {named}. Let them end or cancel them, then archive") })
}
