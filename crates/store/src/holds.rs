//! Pause everything: a hold over a workspace, or over the installation.
//!
//! A hold changes no campaign. The engine looks at it before it claims anybody and withdraws what no session has picked
//! up; campaigns show it as the reason of their pause, and go on by themselves when it ends.

use domain::{
    id::{UserId, WorkspaceId},
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::RecordId;

use crate::{
    Error, Granted, Ruler, Scope, SystemScope,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
};

const REASON_CHARACTERS_MAX: usize = 500;

/// Who holds everything, since when, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub by: UserId,
    pub by_name: String,
    pub at_ms: i64,
    pub reason: String,
}

/// What holds a workspace back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    pub workspace: Option<Hold>,
    pub installation: Option<Hold>,
}

impl Holds {
    #[must_use]
    pub const fn any(&self) -> bool {
        self.workspace.is_some() || self.installation.is_some()
    }
}

/// As it is stored: kept when it has ended, so that of two who decide at once one is refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Stored {
    hold: Option<Hold>,
    revision: u64,
}

impl Columns for Stored {}

fn workspace_key(workspace: WorkspaceId) -> RecordId {
    key::of("hold", workspace, [])
}

fn installation_key() -> RecordId {
    key::global("installation_hold", "hold")
}

impl Inner {
    async fn holds_over(&self, workspace: WorkspaceId) -> Result<Holds, Error> {
        let read = async {
            let own: Option<Stored> = self.db.get(workspace_key(workspace)).await?;
            let all: Option<Stored> = self.db.get(installation_key()).await?;
            Ok(Holds { workspace: own.and_then(|own| own.hold), installation: all.and_then(|all| all.hold) })
        };
        self.db.known(&["hold", "installation_hold"], format!("holds of {workspace}"), read).await
    }
}

/// What holds this workspace back at the moment.
pub async fn of(scope: &Scope) -> Result<Holds, Error> {
    scope.inner().holds_over(scope.workspace_id()).await
}

/// The same, for the engine.
pub async fn load(scope: &SystemScope) -> Result<Holds, Error> {
    scope.inner().holds_over(scope.workspace_id()).await
}

/// What holds the whole installation.
pub async fn of_installation(ruler: &Ruler) -> Result<Option<Hold>, Error> {
    let stored: Option<Stored> = ruler.inner().db.get(installation_key()).await?;
    Ok(stored.and_then(|stored| stored.hold))
}

/// Holds everything of a workspace.
pub async fn hold(scope: &Granted<kind::ManageWorkspace>, reason: &str) -> Result<Hold, Error> {
    let hold = Hold {
        by: scope.user_id(),
        by_name: scope.user().name.clone(),
        at_ms: scope.now_ms(),
        reason: check_reason(reason)?,
    };
    let event = Event::new(scope.actor(), scope.origin(), "workspace.held")
        .on("workspace", &scope.workspace_id())
        .note(hold.reason.clone());
    let place = Place {
        key: workspace_key(scope.workspace_id()),
        chain: Chain::Workspace(scope.workspace_id()),
        what: "this workspace",
    };
    set(scope.inner(), &place, Some(&hold), event, |tx| scope.rely_on(tx)).await?;
    Ok(hold)
}

/// Lets everything of a workspace go on.
pub async fn release(scope: &Granted<kind::ManageWorkspace>) -> Result<(), Error> {
    let event = Event::new(scope.actor(), scope.origin(), "workspace.released").on("workspace", &scope.workspace_id());
    let place = Place {
        key: workspace_key(scope.workspace_id()),
        chain: Chain::Workspace(scope.workspace_id()),
        what: "this workspace",
    };
    set(scope.inner(), &place, None, event, |tx| scope.rely_on(tx)).await
}

/// Holds everything of every workspace.
pub async fn hold_installation(ruler: &Ruler, reason: &str) -> Result<Hold, Error> {
    let hold = Hold {
        by: ruler.user_id(),
        by_name: ruler.user().name.clone(),
        at_ms: ruler.now_ms(),
        reason: check_reason(reason)?,
    };
    let event = Event::new(ruler.actor(), ruler.origin(), "installation.held")
        .on("installation", &"hold")
        .note(hold.reason.clone());
    set(ruler.inner(), &everything(), Some(&hold), event, |tx| ruler.rely_on(tx)).await?;
    Ok(hold)
}

/// Lets everything go on that no hold of its own workspace keeps.
pub async fn release_installation(ruler: &Ruler) -> Result<(), Error> {
    let event = Event::new(ruler.actor(), ruler.origin(), "installation.released").on("installation", &"hold");
    set(ruler.inner(), &everything(), None, event, |tx| ruler.rely_on(tx)).await
}

struct Place {
    key: RecordId,
    chain: Chain,
    what: &'static str,
}

fn everything() -> Place {
    Place { key: installation_key(), chain: Chain::Installation, what: "the installation" }
}

/// Of two who hold or release at once, the second is told what the first did.
async fn set(
    inner: &Inner,
    place: &Place,
    hold: Option<&Hold>,
    event: Event,
    rely_on: impl Fn(&mut Tx),
) -> Result<(), Error> {
    let before: Option<Stored> = inner.db.get(place.key.clone()).await?;
    let held = before.as_ref().and_then(|before| before.hold.as_ref());
    match (held, hold) {
        (Some(held), Some(_)) => {
            return Err(Error::Stale { what: format!("{} is held already, by {}", place.what, held.by_name) });
        }
        (None, None) => return Err(Error::Stale { what: format!("{} is not held (any more)", place.what) }),
        (Some(_), None) | (None, Some(_)) => {}
    }
    let expected = before.as_ref().map(|before| before.revision);
    let after = Stored { hold: hold.cloned(), revision: expected.unwrap_or(0) + 1 };
    let written = inner
        .audited(place.chain, event, |tx| {
            match expected {
                Some(revision) => tx.compare_and_set(place.key.clone(), revision, &after),
                None => tx.create(place.key.clone(), &after),
            }
            rely_on(tx);
        })
        .await;
    match written {
        Err(Error::Moved) => Err(Error::Stale { what: "somebody else has just decided; look at it again".into() }),
        other => other,
    }
}

fn check_reason(reason: &str) -> Result<String, Error> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::invalid("reason", "say why; everybody whose campaigns wait reads it"));
    }
    if reason.chars().count() > REASON_CHARACTERS_MAX {
        return Err(Error::invalid("reason", format!("a reason has at most {REASON_CHARACTERS_MAX} characters")));
    }
    Ok(reason.to_owned())
}
