//! Staff: people of the provider who register for workspaces. Which workspaces is an explicit list, a record for each.

use std::collections::{BTreeMap, btree_map::Entry};

use domain::{
    audit::{Actor, Origin},
    id::{UserId, WorkspaceId},
    slug::Slug,
    tendlc::staff::StaffRole,
    workspace::Workspace,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use crate::{
    Error, Gate, Ruler, Session,
    access::{Inner, fold},
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
    users::User,
};

/// That a workspace is assigned to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub workspace: WorkspaceId,
    pub user: UserId,
    pub role: StaffRole,
    pub assigned_at_ms: i64,
    /// The compare-and-set value.
    pub revision: u64,
}

impl Columns for Assignment {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("user", self.user.to_string().into_value())]
    }
}

pub(super) fn assignment_key(workspace: WorkspaceId, user: UserId) -> RecordId {
    key::of("tendlc_staff", workspace, [key::id(user)])
}

impl Inner {
    pub(super) async fn assignments_of(&self, user: UserId) -> Result<BTreeMap<WorkspaceId, Assignment>, Error> {
        let mut vars = Variables::new();
        vars.insert("user", user.to_string());
        let read = self.db.docs("SELECT VALUE doc FROM tendlc_staff WHERE user = $user", vars);
        let found: Vec<Assignment> = self.db.known(&["tendlc_staff"], format!("assignments of {user}"), read).await?;
        Ok(found.into_iter().map(|assignment| (assignment.workspace, assignment)).collect())
    }
}

/// Whether any workspace is assigned to the signed-in person.
pub async fn is_one(gate: &Gate, session: &Session) -> Result<bool, Error> {
    Ok(!gate.inner.assignments_of(session.user().id).await?.is_empty())
}

/// Who decides on assignments.
struct Assigning<'a> {
    inner: &'a Inner,
    actor: Actor,
    origin: Origin,
    ruler: Option<&'a Ruler>,
}

/// Assigns a workspace to somebody, or changes in which role.
pub async fn assign(ruler: &Ruler, slug: &Slug, email: &str, role: StaffRole) -> Result<Assignment, Error> {
    Assigning::by(ruler).assign(slug, email, role).await
}

/// Takes a workspace from somebody. They see nothing of it from their next request on.
pub async fn unassign(ruler: &Ruler, slug: &Slug, email: &str) -> Result<(), Error> {
    Assigning::by(ruler).unassign(slug, email).await
}

/// The staff of a workspace, with their addresses.
pub async fn of_workspace(ruler: &Ruler, slug: &Slug) -> Result<Vec<(Assignment, String)>, Error> {
    listed(ruler.inner(), slug).await
}

/// An assignment with whom and what it is about.
#[derive(Debug, Clone)]
pub struct Grant {
    pub assignment: Assignment,
    pub user: User,
    pub workspace: Workspace,
}

/// All assignments of the installation, by person and workspace.
pub async fn all(ruler: &Ruler) -> Result<Vec<Grant>, Error> {
    let inner = ruler.inner();
    let found: Vec<Assignment> = inner.db.docs("SELECT VALUE doc FROM tendlc_staff", Variables::new()).await?;
    let workspaces: BTreeMap<WorkspaceId, Workspace> =
        inner.all_workspaces().await?.into_iter().map(|workspace| (workspace.id, workspace)).collect();
    let mut users: BTreeMap<UserId, User> = BTreeMap::new();
    let mut grants = Vec::with_capacity(found.len());
    for assignment in found {
        if let Entry::Vacant(place) = users.entry(assignment.user)
            && let Some(user) = inner.user(assignment.user).await?
        {
            place.insert(user);
        }
        // What went with its workspace is on its way out.
        let (Some(user), Some(workspace)) = (users.get(&assignment.user), workspaces.get(&assignment.workspace)) else {
            continue;
        };
        grants.push(Grant { assignment, user: user.clone(), workspace: workspace.clone() });
    }
    grants.sort_by_cached_key(|grant| {
        (grant.user.name.to_lowercase(), grant.user.id, grant.workspace.display_name.to_lowercase(), grant.workspace.id)
    });
    Ok(grants)
}

/// From the command line: [`assign`].
pub async fn assign_by_command(gate: &Gate, slug: &Slug, email: &str, role: StaffRole) -> Result<Assignment, Error> {
    Assigning::by_command(gate).assign(slug, email, role).await
}

/// From the command line: [`unassign`].
pub async fn unassign_by_command(gate: &Gate, slug: &Slug, email: &str) -> Result<(), Error> {
    Assigning::by_command(gate).unassign(slug, email).await
}

/// From the command line: [`of_workspace`].
pub async fn list_by_command(gate: &Gate, slug: &Slug) -> Result<Vec<(Assignment, String)>, Error> {
    listed(&gate.inner, slug).await
}

async fn listed(inner: &Inner, slug: &Slug) -> Result<Vec<(Assignment, String)>, Error> {
    let workspace = inner.workspace_by_slug(slug).await?.ok_or(Error::NotFound)?;
    let mut vars = Variables::new();
    vars.insert("range", key::all("tendlc_staff", workspace.id, []));
    let found: Vec<Assignment> = inner.db.docs("SELECT VALUE doc FROM $range ORDER BY id", vars).await?;
    let mut staff = Vec::with_capacity(found.len());
    for assignment in found {
        let user = inner.user(assignment.user).await?;
        staff.push((assignment, user.map(|user| user.email).unwrap_or_default()));
    }
    Ok(staff)
}

impl<'a> Assigning<'a> {
    fn by(ruler: &'a Ruler) -> Self {
        Self { inner: ruler.inner(), actor: ruler.actor(), origin: ruler.origin(), ruler: Some(ruler) }
    }

    fn by_command(gate: &'a Gate) -> Self {
        let actor = Actor::System { reason: "command line".into() };
        Self { inner: &gate.inner, actor, origin: Origin::default(), ruler: None }
    }

    async fn find(&self, slug: &Slug, email: &str) -> Result<(WorkspaceId, User, Option<Assignment>), Error> {
        let workspace = self.inner.workspace_by_slug(slug).await?.ok_or(Error::NotFound)?.id;
        let unknown = || Error::invalid("email", "nobody has an account with this address; create one first");
        let user = self.inner.user_by_email(&fold(email)).await?.ok_or_else(unknown)?;
        let before = self.inner.db.get(assignment_key(workspace, user.id)).await?;
        Ok((workspace, user, before))
    }

    fn rely_on(&self, tx: &mut Tx) {
        if let Some(ruler) = self.ruler {
            ruler.rely_on(tx);
        }
    }

    fn event(&self, user: &User, before: Option<StaffRole>, after: Option<StaffRole>) -> Event {
        let action = if after.is_some() { "tendlc_staff.assigned" } else { "tendlc_staff.unassigned" };
        Event::new(self.actor.clone(), self.origin.clone(), action)
            .on("user", &user.id)
            .change("email", None, Some(user.email.clone()))
            .change("role", before.map(StaffRole::label), after.map(StaffRole::label))
    }

    async fn assign(&self, slug: &Slug, email: &str, role: StaffRole) -> Result<Assignment, Error> {
        let (workspace, user, before) = self.find(slug, email).await?;
        if let Some(before) = before.as_ref().filter(|before| before.role == role) {
            return Ok(before.clone());
        }
        let revision = before.as_ref().map_or(1, |before| before.revision + 1);
        let assigned_at_ms = self.inner.now_ms();
        let after = Assignment { workspace, user: user.id, role, assigned_at_ms, revision };
        let event = self.event(&user, before.as_ref().map(|before| before.role), Some(role));
        let record = assignment_key(workspace, user.id);
        let done = self.inner.audited(Chain::Workspace(workspace), event, |tx| {
            self.rely_on(tx);
            match &before {
                Some(before) => tx.compare_and_set(record.clone(), before.revision, &after),
                None => tx.create(record.clone(), &after),
            }
        });
        done.await?;
        Ok(after)
    }

    async fn unassign(&self, slug: &Slug, email: &str) -> Result<(), Error> {
        let (workspace, user, before) = self.find(slug, email).await?;
        let before = before.ok_or(Error::NotFound)?;
        let event = self.event(&user, Some(before.role), None);
        let done = self.inner.audited(Chain::Workspace(workspace), event, |tx| {
            self.rely_on(tx);
            tx.delete_existing(assignment_key(workspace, user.id));
        });
        done.await
    }
}
