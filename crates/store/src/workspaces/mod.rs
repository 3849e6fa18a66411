//! Tenants.

mod archive;
mod limits;
pub mod master;
pub mod onboarding;
pub mod removal;
mod settings;

use domain::{
    audit::{Actor, Origin},
    id::WorkspaceId,
    permission::Capacity,
    phone::Country,
    schedule::Zone,
    slug::Slug,
    workspace::{NumbersVisibleTo, Workspace},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

pub use self::{
    archive::{archive, restore},
    limits::{Caps, SendingHours, check_storage, set_caps, set_sending_hours, storage_octets},
    settings::{Settings, Usage, save, set_four_eyes, set_recipient_data_days, settings, usage},
};
use crate::{
    Error, Gate, Ruler, Session,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
    users::User,
};

impl Columns for Workspace {}

/// The unique claim on a slug. A workspace keeps those that it had: its members' links and bookmarks go on working, and
/// nobody else takes its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SlugClaim {
    workspace: WorkspaceId,
}

impl Columns for SlugClaim {}

/// A workspace about to be made.
#[derive(Debug, Clone)]
pub struct NewWorkspace {
    pub slug: String,
    pub display_name: String,
    pub time_zone: String,
    pub default_country: String,
    pub four_eyes: bool,
}

/// One of the workspaces that somebody can enter.
#[derive(Debug, Clone)]
pub struct Entry {
    pub workspace: Workspace,
    pub capacity: Capacity,
}

impl Inner {
    /// By its address, or by one that it had.
    pub(crate) async fn workspace_by_slug(&self, slug: &Slug) -> Result<Option<Workspace>, Error> {
        let claim: Option<SlugClaim> = self.db.get_known(claim_key(slug)).await?;
        match claim {
            Some(claim) => self.db.get_known(workspace_key(claim.workspace)).await,
            None => Ok(None),
        }
    }

    pub(crate) async fn all_workspaces(&self) -> Result<Vec<Workspace>, Error> {
        self.db.docs("SELECT VALUE doc FROM workspace", Variables::new()).await
    }

    /// The workspaces that somebody can enter, archived ones among them.
    pub(crate) async fn workspaces_of(&self, user: &User) -> Result<Vec<Entry>, Error> {
        if user.super_admin {
            let all = self.all_workspaces().await?;
            return Ok(all.into_iter().map(|workspace| Entry { workspace, capacity: Capacity::SuperAdmin }).collect());
        }
        let memberships = self.memberships_of(user.id).await?;
        let mut entries = Vec::with_capacity(memberships.len());
        for membership in memberships {
            let workspace: Option<Workspace> = self.db.get_known(workspace_key(membership.workspace)).await?;
            let capacity = membership.capacity();
            if let Some(workspace) = workspace.filter(|workspace| workspace.lets_in(capacity)) {
                entries.push(Entry { workspace, capacity });
            }
        }
        Ok(entries)
    }

    /// A checked workspace that exists once `put_workspace` is committed.
    pub(crate) fn new_workspace(&self, new: &NewWorkspace) -> Result<Workspace, Error> {
        let slug = check_slug(&new.slug)?;
        let display_name = check_name(&new.display_name)?;
        check_places(&new.time_zone, &new.default_country)?;
        Ok(Workspace {
            id: WorkspaceId::from_uuid(self.new_uuid()?),
            slug,
            display_name,
            time_zone: new.time_zone.clone(),
            default_country: new.default_country.clone(),
            four_eyes: new.four_eyes,
            segment_price_cents: 0,
            currency: "EUR".to_owned(),
            joining_allowed: false,
            numbers_visible_to: NumbersVisibleTo::default(),
            daily_window: None,
            messages_per_day_max: None,
            segments_per_s_max: None,
            storage_max_mib: None,
            recipient_data_days: None,
            created_at_ms: self.now_ms(),
            archived_at_ms: None,
            archived_by: None,
            revision: 1,
        })
    }
}

fn check_slug(slug: &str) -> Result<Slug, Error> {
    Slug::choose(slug.trim()).map_err(|refusal| Error::invalid("slug", refusal.to_string()))
}

fn slug_taken() -> Error {
    Error::invalid("slug", "this address is taken; choose another one")
}

fn check_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if !(1..=80).contains(&name.chars().count()) {
        return Err(Error::invalid("display_name", "a workspace name has 1 to 80 characters"));
    }
    Ok(name.to_owned())
}

fn check_places(time_zone: &str, default_country: &str) -> Result<(), Error> {
    if Zone::parse(time_zone).is_err() {
        return Err(Error::invalid("time_zone", "choose a time zone of the list, such as Europe/Vienna"));
    }
    if Country::parse(default_country).is_err() {
        return Err(Error::invalid("default_country", "choose a country of the list"));
    }
    Ok(())
}

fn workspace_key(id: WorkspaceId) -> RecordId {
    key::global("workspace", id)
}

fn claim_key(slug: &Slug) -> RecordId {
    key::global("workspace_slug", slug)
}

pub(crate) fn put_workspace(tx: &mut Tx, workspace: &Workspace) {
    tx.create(workspace_key(workspace.id), workspace);
    tx.create(claim_key(&workspace.slug), &SlugClaim { workspace: workspace.id });
}

pub(crate) fn created_event(actor: Actor, origin: Origin, workspace: &Workspace) -> Event {
    Event::new(actor, origin, "workspace.created")
        .on("workspace", &workspace.id)
        .change("slug", None, Some(workspace.slug.to_string()))
        .change("time_zone", None, Some(workspace.time_zone.clone()))
        .change("default_country", None, Some(workspace.default_country.clone()))
        .change("four_eyes", None, Some(workspace.four_eyes))
}

/// From the command line.
pub async fn create(gate: &Gate, new: &NewWorkspace) -> Result<Workspace, Error> {
    let actor = Actor::System { reason: "command line".into() };
    found(&gate.inner, new, actor, Origin::default(), |_| {}).await
}

/// By a super admin, who enters it without being a member.
pub async fn create_as(ruler: &Ruler, new: &NewWorkspace) -> Result<Workspace, Error> {
    found(ruler.inner(), new, ruler.actor(), ruler.origin(), |tx| ruler.rely_on(tx)).await
}

async fn found(
    inner: &Inner,
    new: &NewWorkspace,
    actor: Actor,
    origin: Origin,
    also: impl Fn(&mut Tx),
) -> Result<Workspace, Error> {
    let workspace = inner.new_workspace(new)?;
    if inner.workspace_by_slug(&workspace.slug).await?.is_some() {
        return Err(slug_taken());
    }
    let event = created_event(actor, origin, &workspace);
    inner
        .audited(Chain::Installation, event, |tx| {
            put_workspace(tx, &workspace);
            also(tx);
        })
        .await?;
    Ok(workspace)
}

/// The workspaces that the signed-in person can enter, by display name: their own, or all for a super admin.
pub async fn mine(gate: &Gate, session: &Session) -> Result<Vec<Entry>, Error> {
    let mut entries = gate.inner.workspaces_of(session.user()).await?;
    entries.retain(|entry| entry.workspace.archived_at_ms.is_none());
    entries.sort_by_key(|entry| entry.workspace.display_name.to_lowercase());
    Ok(entries)
}

/// From the command line: [`Error::NotFound`] when there is no such workspace.
pub async fn exists(gate: &Gate, slug: &Slug) -> Result<(), Error> {
    gate.inner.workspace_by_slug(slug).await?.map(drop).ok_or(Error::NotFound)
}
