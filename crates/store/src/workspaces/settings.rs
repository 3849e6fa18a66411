//! What the admins of a workspace decide about it, and what super admins do.

use domain::{
    permission::{Permission, Reach, kind},
    workspace::{NumbersVisibleTo, RECIPIENT_DATA_DAYS, Workspace},
};
use surrealdb::types::{RecordId, Variables};

use super::{SlugClaim, check_name, check_places, check_slug, claim_key, slug_taken, workspace_key};
use crate::{
    Error, Granted, Scope,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, corrupt, key},
    usage,
};

/// How many addresses a workspace holds, the one in use among them: they are not endless, and others need some too.
const ADDRESSES_MAX: usize = 20;

/// What admins choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub display_name: String,
    pub slug: String,
    pub time_zone: String,
    pub default_country: String,
    pub joining_allowed: bool,
    pub numbers_visible_to: NumbersVisibleTo,
    /// In the smallest unit of `currency`.
    pub segment_price_cents: u32,
    /// ISO 4217.
    pub currency: String,
}

impl Settings {
    /// As they stand.
    #[must_use]
    pub fn of(workspace: &Workspace) -> Self {
        Self {
            display_name: workspace.display_name.clone(),
            slug: workspace.slug.to_string(),
            time_zone: workspace.time_zone.clone(),
            default_country: workspace.default_country.clone(),
            joining_allowed: workspace.joining_allowed,
            numbers_visible_to: workspace.numbers_visible_to,
            segment_price_cents: workspace.segment_price_cents,
            currency: workspace.currency.clone(),
        }
    }

    fn checked(&self, before: &Workspace) -> Result<Workspace, Error> {
        let display_name = check_name(&self.display_name)?;
        // What it has it keeps, though it could not be chosen any more.
        let slug = if self.slug.trim() == before.slug.as_str() { before.slug.clone() } else { check_slug(&self.slug)? };
        check_places(&self.time_zone, &self.default_country)?;
        let currency = self.currency.trim().to_uppercase();
        if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return Err(Error::invalid("currency", "a currency has three letters, such as EUR"));
        }
        Ok(Workspace {
            display_name,
            slug,
            time_zone: self.time_zone.clone(),
            default_country: self.default_country.clone(),
            joining_allowed: self.joining_allowed,
            numbers_visible_to: self.numbers_visible_to,
            segment_price_cents: self.segment_price_cents,
            currency,
            ..before.clone()
        })
    }
}

/// The workspace with its settings, for those who change them; in an archived one they still read them.
pub fn settings(scope: &Scope) -> Result<&Workspace, Error> {
    match Permission::ManageWorkspace.reach(scope.capacity()) {
        Reach::Any => Ok(scope.workspace()),
        Reach::Own | Reach::None => Err(Error::Forbidden),
    }
}

/// Changes the settings that the admin saw in `seen_revision`. A former address goes on leading here.
pub async fn save(
    scope: &Granted<kind::ManageWorkspace>,
    seen_revision: u64,
    settings: &Settings,
) -> Result<Workspace, Error> {
    let before = scope.workspace();
    check_seen(before, seen_revision)?;
    let after = settings.checked(before)?;
    if after == *before {
        return Ok(after);
    }
    let moves = after.slug != before.slug;
    if moves {
        let inner = scope.inner();
        if inner.workspace_by_slug(&after.slug).await?.is_some_and(|holder| holder.id != before.id) {
            return Err(slug_taken());
        }
        let held = inner.addresses_of(before).await?;
        if held.len() >= ADDRESSES_MAX && !held.contains(&claim_key(&after.slug)) {
            return Err(Error::invalid(
                "slug",
                "this workspace has had too many addresses; go back to one of the earlier ones",
            ));
        }
    }
    let visible = |workspace: &Workspace| Some(workspace.numbers_visible_to.label());
    let event = event(scope, "workspace.settings_changed")
        .change("display_name", Some(&before.display_name), Some(&after.display_name))
        .change("slug", Some(&before.slug), Some(&after.slug))
        .change("time_zone", Some(&before.time_zone), Some(&after.time_zone))
        .change("default_country", Some(&before.default_country), Some(&after.default_country))
        .change("joining_allowed", Some(before.joining_allowed), Some(after.joining_allowed))
        .change("numbers_visible_to", visible(before), visible(&after))
        .change("segment_price_cents", Some(before.segment_price_cents), Some(after.segment_price_cents))
        .change("currency", Some(&before.currency), Some(&after.currency));
    let claim = SlugClaim { workspace: before.id };
    write(scope, after, event, |tx, after| {
        if moves {
            tx.claim(claim_key(&after.slug), &claim, after.id);
        }
    })
    .await
}

/// Whether nobody approves what they contributed to.
pub async fn set_four_eyes(
    scope: &Granted<kind::ManageInstallation>,
    seen_revision: u64,
    four_eyes: bool,
) -> Result<Workspace, Error> {
    let before = scope.workspace();
    check_seen(before, seen_revision)?;
    let event =
        event(scope, "workspace.four_eyes_changed").change("four_eyes", Some(before.four_eyes), Some(four_eyes));
    if before.four_eyes == four_eyes {
        return Ok(before.clone());
    }
    write(scope, Workspace { four_eyes, ..before.clone() }, event, |_, _| {}).await
}

/// How long recipients are kept after the end of their campaign; None: for ever.
pub async fn set_recipient_data_days(
    scope: &Granted<kind::ManageWorkspace>,
    seen_revision: u64,
    days: Option<u32>,
) -> Result<Workspace, Error> {
    let before = scope.workspace();
    check_seen(before, seen_revision)?;
    if days.is_some_and(|days| !RECIPIENT_DATA_DAYS.contains(&days)) {
        let (least, most) = (RECIPIENT_DATA_DAYS.start(), RECIPIENT_DATA_DAYS.end());
        return Err(Error::invalid(
            "days",
            format!("recipients are kept for {least} to {most} days; late receipts are followed for a week"),
        ));
    }
    if before.recipient_data_days == days {
        return Ok(before.clone());
    }
    let words = |days: Option<u32>| days.map_or_else(|| "kept".to_owned(), |days| format!("{days} days"));
    let event = event(scope, "workspace.retention_changed").change(
        "recipient_data",
        Some(words(before.recipient_data_days)),
        Some(words(days)),
    );
    write(scope, Workspace { recipient_data_days: days, ..before.clone() }, event, |_, _| {}).await
}

/// A person decides on what they saw.
pub(super) fn check_seen(workspace: &Workspace, seen_revision: u64) -> Result<(), Error> {
    if workspace.revision == seen_revision {
        return Ok(());
    }
    Err(Error::Stale { what: "somebody has changed the workspace since you opened this page; look at it again".into() })
}

/// Commits a changed workspace, relying on everything as it was when the scope was entered.
pub(super) async fn write(
    scope: &Scope,
    after: Workspace,
    event: Event,
    also: impl Fn(&mut Tx, &Workspace),
) -> Result<Workspace, Error> {
    let expected = scope.workspace().revision;
    let after = Workspace { revision: expected + 1, ..after };
    scope
        .inner()
        .audited(Chain::Workspace(after.id), event, |tx| {
            scope.rely_on(tx);
            tx.compare_and_set(workspace_key(after.id), expected, &after);
            also(tx, &after);
        })
        .await?;
    Ok(after)
}

pub(super) fn event(scope: &Scope, action: &'static str) -> Event {
    Event::new(scope.actor(), scope.origin(), action).on("workspace", &scope.workspace_id())
}

impl Inner {
    /// The claims on all addresses of a workspace, former ones among them.
    pub(super) async fn addresses_of(&self, workspace: &Workspace) -> Result<Vec<RecordId>, Error> {
        let mut vars = Variables::new();
        vars.insert("workspace", workspace.id.to_string());
        let mut answer =
            self.db.read("SELECT VALUE id FROM workspace_slug WHERE doc.workspace = $workspace", vars).await?;
        answer.take(0).map_err(corrupt)
    }
}

/// What a workspace has used and keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Submitted ever.
    pub campaigns: u64,
    /// Recipients that are kept, over all campaigns: nearly all of what the workspace takes on disk.
    pub recipients: u64,
    /// The month that the workspace's calendar shows.
    pub month: usage::Totals,
}

/// Counted over the workspace's campaigns, whatever they have of recipients.
pub async fn usage(scope: &Scope) -> Result<Usage, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("campaign", scope.workspace_id(), []));
    let sql = "SELECT VALUE count FROM (SELECT count() AS count FROM $range WHERE status != 'draft' GROUP ALL);
               SELECT VALUE doc.report.accepted FROM $range
                   WHERE doc.report.accepted > 0 AND (doc.recipient_data_removed_at_ms ?? 0) = 0";
    let mut answer = scope.inner().db.read(sql, vars).await?;
    let campaigns: Vec<i64> = answer.take(0).map_err(corrupt)?;
    let recipients: Vec<i64> = answer.take(1).map_err(corrupt)?;
    let sum = |counts: Vec<i64>| counts.into_iter().filter_map(|count| u64::try_from(count).ok()).sum();
    let month = usage::totals_now(scope.inner(), scope.workspace()).await?;
    Ok(Usage { campaigns: sum(campaigns), recipients: sum(recipients), month })
}
