//! Message templates: the list, one with its versions, writing, asking, deciding, archiving.

use domain::message_template::VersionState;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateRow {
    pub id: String,
    pub name: String,
    /// The text that is offered for campaigns.
    pub text: String,
    pub version: u32,
    pub state: VersionState,
    /// The version that waits for a decision.
    pub waiting: Option<u32>,
    pub archived: bool,
    pub by: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateView {
    pub id: String,
    pub name: String,
    pub archived: Option<Moment>,
    /// Newest first.
    pub versions: Vec<VersionView>,
    pub may_write: bool,
    pub may_archive: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionView {
    pub number: u32,
    pub text: String,
    pub state: VersionState,
    pub by: String,
    pub written: Moment,
    /// Who decided, and when.
    pub decided: Option<(String, Moment)>,
    pub note: Option<String>,
    /// It can be offered to the moderators.
    pub may_ask: bool,
    /// It waits, and this person decides on what waits.
    pub may_decide: bool,
    /// Why this person may reject it and not approve it.
    pub barred: Option<String>,
}

/// The templates of the workspace.
#[server]
pub async fn templates(slug: String) -> Result<Vec<TemplateRow>, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let scope = super::context::enter(&slug).await?;
    let templates = store::templates::list(&scope.grant::<ViewWorkspace>()?).await?;
    let row = |template: domain::message_template::MessageTemplate| {
        let shown = template.offered().or_else(|| template.versions.last())?.clone();
        Some(TemplateRow {
            id: template.id.to_string(),
            waiting: template.waiting().map(|version| version.number),
            archived: template.archived_at_ms.is_some(),
            by: template.created_by_name,
            name: template.name,
            text: shown.text,
            version: shown.number,
            state: shown.state,
        })
    };
    Ok(templates.into_iter().filter_map(row).collect())
}

/// One template of the workspace.
#[server]
pub async fn template(slug: String, id: String) -> Result<TemplateView, AppError> {
    use domain::permission::{Permission, Reach};

    let scope = super::context::enter(&slug).await?;
    let template = store::templates::find(&scope, template_id(&id)?).await?;
    let archived = template.archived_at_ms.is_some();
    let may_write = !archived && scope.reach(Permission::CreateCampaign) == Reach::Any;
    let decides = !archived && scope.reach(Permission::DecideCampaign) == Reach::Any;
    let nothing_waits = template.waiting().is_none();
    let version = |version: domain::message_template::TemplateVersion| {
        let may_decide = decides && version.state == VersionState::Waiting;
        let barred = may_decide && !store::templates::may_approve(&scope, &version);
        VersionView {
            number: version.number,
            state: version.state,
            written: Moment::of(&scope, version.written_at_ms),
            decided: version
                .decided_by_name
                .zip(version.decided_at_ms)
                .map(|(by, at_ms)| (by, Moment::of(&scope, at_ms))),
            may_ask: may_write && nothing_waits && version.state == VersionState::Written,
            may_decide,
            barred: barred.then(|| "You worked on this version, so somebody else has to approve it.".to_owned()),
            text: version.text,
            by: version.written_by_name,
            note: version.note,
        }
    };
    Ok(TemplateView {
        id: template.id.to_string(),
        archived: template.archived_at_ms.map(|at_ms| Moment::of(&scope, at_ms)),
        may_write,
        may_archive: store::templates::may_archive(&scope, &template),
        name: template.name,
        versions: template.versions.into_iter().rev().map(version).collect(),
    })
}

/// Makes a template with its first version.
#[server]
pub async fn create_template(
    slug: String,
    name: String,
    text: String,
    #[server(default)] ask: bool,
) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    let template = store::templates::create(&scope.grant()?, &name, &text, ask).await?;
    leptos_axum::redirect(&format!("/w/{slug}/templates/{}", template.id));
    Ok(())
}

/// Writes the version behind the newest that was on the page.
#[server]
pub async fn write_template(
    slug: String,
    id: String,
    seen: u32,
    text: String,
    #[server(default)] ask: bool,
) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    store::templates::write(&scope.grant()?, template_id(&id)?, seen, &text, ask).await?;
    leptos_axum::redirect(&format!("/w/{slug}/templates/{id}"));
    Ok(())
}

/// Asks the moderators to approve a version.
#[server]
pub async fn ask_for_template(slug: String, id: String, number: u32) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    store::templates::ask(&scope.grant()?, template_id(&id)?, number).await?;
    leptos_axum::redirect(&format!("/w/{slug}/templates/{id}"));
    Ok(())
}

/// Approves the version that was on the page.
#[server]
pub async fn approve_template(slug: String, id: String, number: u32) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    store::templates::approve(&scope.grant()?, template_id(&id)?, number).await?;
    leptos_axum::redirect(&format!("/w/{slug}/templates/{id}"));
    Ok(())
}

/// Rejects the version that was on the page; the note goes to its writer.
#[server]
pub async fn reject_template(slug: String, id: String, number: u32, note: String) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    store::templates::reject(&scope.grant()?, template_id(&id)?, number, &note).await?;
    leptos_axum::redirect(&format!("/w/{slug}/templates/{id}"));
    Ok(())
}

/// Takes a template out of what is offered.
#[server]
pub async fn archive_template(slug: String, id: String) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    store::templates::archive(&scope.grant()?, template_id(&id)?).await?;
    leptos_axum::redirect(&format!("/w/{slug}/templates"));
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) fn template_id(text: &str) -> Result<domain::id::TemplateId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}
