//! Asking to join. Whoever asks gets the same answer for a workspace that lets people ask, for one that does not, and for
//! an address that nothing has: what was asked is kept with the person, and waits.

use domain::{
    id::{UserId, WorkspaceId},
    members::{JoinAsk, JoinRequest, JoinState, REQUEST_LIFE_MS, REQUESTS_MAX, Standing, check_note},
    permission::kind,
    slug::Slug,
    workspace::Workspace,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use super::{first_tenure, invitations, tenure_changes};
use crate::{
    Error, Gate, Granted, Session,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, corrupt, key, tx::Columns},
    notices::consequences::{Consequences, join_decided},
};

/// What somebody asked, by the address that they typed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Asked {
    user: UserId,
    ask: JoinAsk,
    revision: u64,
}

impl Columns for Asked {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("user", self.user.to_string().into_value()), ("asked_at_ms", self.ask.asked_at_ms.into_value())]
    }
}

/// A request that waits in a workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Request {
    workspace: WorkspaceId,
    user: UserId,
    /// By which address they asked.
    slug: Slug,
    note: Option<String>,
    asked_at_ms: i64,
}

impl Columns for Request {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("asked_at_ms", self.asked_at_ms.into_value())]
    }
}

fn asked_key(user: UserId, slug: &str) -> RecordId {
    key::global("join_ask", format!("{user}:{slug}"))
}

fn request_key(workspace: WorkspaceId, user: UserId) -> RecordId {
    key::of("join_request", workspace, [key::id(user)])
}

/// What to delete when somebody becomes a member in another way: they ask no more.
pub(super) async fn left_over(inner: &Inner, workspace: WorkspaceId, user: UserId) -> Result<Vec<RecordId>, Error> {
    let request: Option<Request> = inner.db.get(request_key(workspace, user)).await?;
    Ok(request
        .into_iter()
        .flat_map(|request| [request_key(workspace, user), asked_key(user, request.slug.as_str())])
        .collect())
}

/// Asks to join the workspace with this address. [`Error::Invalid`] says only what the person knows themselves.
pub async fn ask(gate: &Gate, session: &Session, slug: &str, note: &str) -> Result<(), Error> {
    let inner = &*gate.inner;
    let user = session.user();
    let now_ms = inner.now_ms();
    let slug = Slug::parse(slug.trim()).map_err(|refusal| Error::invalid("workspace", refusal.to_string()))?;
    let note = check_note(note).map_err(|refusal| Error::invalid("note", refusal.to_string()))?;
    if user.super_admin {
        return Err(Error::invalid("workspace", "a super admin enters every workspace without asking"));
    }
    let workspace = inner.workspace_by_slug(&slug).await?.filter(|workspace| workspace.slug == slug);
    if let Some(workspace) = &workspace
        && inner.membership(workspace.id, user.id).await?.is_some()
    {
        return Err(Error::invalid("workspace", "you are a member of this workspace already"));
    }
    let earlier = asked(inner, user.id).await?;
    let same = earlier.iter().find(|asked| asked.ask.slug == slug.as_str());
    if let Some(same) = same {
        same.ask.check_again(now_ms).map_err(|refusal| Error::invalid("workspace", refusal.to_string()))?;
    }
    let open = earlier.iter().filter(|asked| !asked.ask.is_over(now_ms) && asked.ask.state == JoinState::Waiting);
    if open.count() >= REQUESTS_MAX {
        return Err(Error::invalid(
            "workspace",
            format!("at most {REQUESTS_MAX} requests wait at a time; ask again when some are decided"),
        ));
    }
    let revision = same.map_or(1, |same| same.revision + 1);
    let expected = same.map(|same| same.revision);
    let ask = JoinAsk { slug: slug.to_string(), asked_at_ms: now_ms, state: JoinState::Waiting };
    let asked = Asked { user: user.id, ask, revision };
    let open = workspace.filter(|workspace| workspace.joining_allowed && workspace.archived_at_ms.is_none());
    let request = open.map(|Workspace { id, slug, .. }| Request {
        workspace: id,
        user: user.id,
        slug,
        note,
        asked_at_ms: now_ms,
    });
    let told = match &request {
        Some(request) => Consequences::of_join_request(inner, request.workspace, user.id, &user.name).await?,
        None => Consequences::default(),
    };
    let chain = request.as_ref().map_or(Chain::Installation, |request| Chain::Workspace(request.workspace));
    let event = Event::new(session.actor(None), session.origin().clone(), "member.join_asked")
        .on("member", &user.id)
        .change("workspace", None, Some(slug.to_string()));
    let outcome = inner
        .audited(chain, event, |tx| {
            tx.rely_on(key::global("user", user.id), user.revision);
            match expected {
                Some(expected) => tx.compare_and_set(asked_key(user.id, slug.as_str()), expected, &asked),
                None => tx.create(asked_key(user.id, slug.as_str()), &asked),
            }
            if let Some(request) = &request {
                tx.put(request_key(request.workspace, request.user), request);
                told.put(tx);
            }
        })
        .await;
    match outcome {
        // A form that was sent twice has asked once.
        Err(Error::Moved | Error::Stale { .. }) if is_waiting(inner, user.id, &slug).await? => Ok(()),
        other => other,
    }
}

async fn is_waiting(inner: &Inner, user: UserId, slug: &Slug) -> Result<bool, Error> {
    let asked: Option<Asked> = inner.db.get(asked_key(user, slug.as_str())).await?;
    Ok(asked.is_some_and(|asked| asked.ask.state == JoinState::Waiting && !asked.ask.is_over(inner.now_ms())))
}

async fn asked(inner: &Inner, user: UserId) -> Result<Vec<Asked>, Error> {
    let mut vars = Variables::new();
    vars.insert("user", user.to_string());
    inner.db.docs("SELECT VALUE doc FROM join_ask WHERE user = $user", vars).await
}

/// What the signed-in person asked for and what became of it, newest first.
pub async fn mine(gate: &Gate, session: &Session) -> Result<Vec<JoinAsk>, Error> {
    let inner = &*gate.inner;
    let now_ms = inner.now_ms();
    let asked = asked(inner, session.user().id).await?;
    let mut asks: Vec<JoinAsk> = asked.into_iter().map(|asked| asked.ask).filter(|ask| !ask.is_over(now_ms)).collect();
    asks.sort_by_key(|ask| std::cmp::Reverse(ask.asked_at_ms));
    Ok(asks)
}

/// The requests that wait in a workspace, oldest first.
pub async fn requests(scope: &Granted<kind::ManageMembers>) -> Result<Vec<JoinRequest>, Error> {
    let inner = scope.inner();
    let mut vars = Variables::new();
    let workspace = scope.workspace_id();
    vars.insert("range", key::all("join_request", workspace, []));
    let read = inner.db.docs("SELECT VALUE doc FROM $range", vars);
    let waiting: Vec<Request> =
        inner.db.known(&["join_request"], format!("requests to join {workspace}"), read).await?;
    let mut requests = Vec::new();
    for request in waiting.into_iter().filter(|request| !is_over(request, scope.now_ms())) {
        let user = inner.user(request.user).await?.filter(|user| user.blocked_at_ms.is_none());
        // Made a member on the command line meanwhile.
        if inner.membership(request.workspace, request.user).await?.is_some() {
            continue;
        }
        requests.extend(user.map(|user| JoinRequest {
            user: user.id,
            name: user.name,
            email: user.email,
            note: request.note,
            asked_at_ms: request.asked_at_ms,
        }));
    }
    requests.sort_by_key(|request| request.asked_at_ms);
    Ok(requests)
}

const fn is_over(request: &Request, now_ms: i64) -> bool {
    request.asked_at_ms.saturating_add(REQUEST_LIFE_MS) <= now_ms
}

/// Makes the person who asked a member.
pub async fn approve(
    scope: &Granted<kind::ManageMembers>,
    user: UserId,
    standing: Standing,
    until_ms: Option<i64>,
) -> Result<(), Error> {
    let inner = scope.inner();
    let workspace = scope.workspace_id();
    let request = waiting(inner, scope, user).await?;
    let person = inner.user(user).await?.filter(|user| user.blocked_at_ms.is_none()).ok_or_else(decided)?;
    let tenure = first_tenure(standing, until_ms, scope.now_ms())?;
    let begun = inner.new_membership(workspace, user, tenure).await?;
    let event = Event::new(scope.actor(), scope.origin(), "member.join_approved").on("member", &user).change(
        "member",
        None,
        Some(person.email.clone()),
    );
    let outcome = inner
        .audited(Chain::Workspace(workspace), tenure_changes(event, None, Some(tenure)), |tx| {
            tx.delete_existing(request_key(workspace, user));
            scope.rely_on(tx);
            tx.rely_on(key::global("user", user), person.revision);
            join_decided(tx, workspace, user);
            tx.delete(asked_key(user, request.slug.as_str()));
            invitations::forget(tx, workspace, &person.email);
            begun.put(tx);
        })
        .await;
    once(outcome)
}

/// Turns the request down; the person who asked sees it.
pub async fn reject(scope: &Granted<kind::ManageMembers>, user: UserId) -> Result<(), Error> {
    let inner = scope.inner();
    let workspace = scope.workspace_id();
    let request = waiting(inner, scope, user).await?;
    let slug = request.slug.as_str();
    let before: Option<Asked> = inner.db.get(asked_key(user, slug)).await?;
    let rejected = before.as_ref().map(|before| Asked {
        user,
        ask: JoinAsk { state: JoinState::Rejected { at_ms: scope.now_ms() }, ..before.ask.clone() },
        revision: before.revision + 1,
    });
    let event = Event::new(scope.actor(), scope.origin(), "member.join_rejected")
        .on("member", &user)
        .note(request.note.clone());
    let outcome = inner
        .audited(Chain::Workspace(workspace), event, |tx| {
            tx.delete_existing(request_key(workspace, user));
            scope.rely_on(tx);
            join_decided(tx, workspace, user);
            if let Some(rejected) = &rejected {
                tx.put(asked_key(user, slug), rejected);
            }
        })
        .await;
    once(outcome)
}

async fn waiting(inner: &Inner, scope: &Granted<kind::ManageMembers>, user: UserId) -> Result<Request, Error> {
    let request: Option<Request> = inner.db.get(request_key(scope.workspace_id(), user)).await?;
    request.filter(|request| !is_over(request, scope.now_ms())).ok_or_else(decided)
}

/// The same for somebody who never asked here.
fn decided() -> Error {
    Error::Stale { what: "this request does not wait any more: somebody else has decided it, or it has run out".into() }
}

fn once(outcome: Result<(), Error>) -> Result<(), Error> {
    match outcome {
        Err(Error::Moved) => Err(decided()),
        other => other,
    }
}

/// Deletes what has run out without an answer.
pub(crate) async fn forget_old_requests(inner: &Inner) -> Result<(), Error> {
    for table in ["join_request", "join_ask"] {
        let mut vars = Variables::new();
        vars.insert("until", inner.now_ms().saturating_sub(REQUEST_LIFE_MS));
        let sql = format!("SELECT VALUE id FROM {table} WHERE asked_at_ms <= $until LIMIT 500");
        let mut answer = inner.db.read(&sql, vars).await?;
        let old: Vec<RecordId> = answer.take(0).map_err(corrupt)?;
        if old.is_empty() {
            continue;
        }
        inner
            .db
            .transact(|| {
                let mut tx = Tx::new();
                for id in &old {
                    tx.delete(id.clone());
                }
                tx
            })
            .await?;
    }
    Ok(())
}
