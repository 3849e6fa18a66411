//! What people are told, and of what they get a mail.

use domain::notice::{MailChoice, NoticeKind};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// A notice in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeView {
    pub id: String,
    pub kind: NoticeKind,
    pub sentence: String,
    /// Why something was rejected.
    pub note: Option<String>,
    /// Where it leads.
    pub href: String,
    pub workspace: String,
    /// In the zone of the workspace.
    pub at: Moment,
    pub read: bool,
}

/// Of which notices the person gets a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailChoiceView {
    pub choice: MailChoice,
    /// What a change is compared with.
    pub revision: u64,
    /// This installation sends mails at all.
    pub sends_mail: bool,
}

/// How many notices the person has not read.
#[server]
pub async fn unread_notices() -> Result<u32, AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    Ok(store::notices::unread(&services.gate, &session).await?)
}

/// The person's notices from all their workspaces, newest first.
#[server]
pub async fn notices() -> Result<Vec<NoticeView>, AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    let notices = store::notices::list(&services.gate, &session).await?;
    let view = |notice: store::notices::Notice| NoticeView {
        id: notice.id.to_string(),
        kind: notice.about.kind(),
        sentence: notice.about.sentence(),
        note: notice.about.note().map(str::to_owned),
        href: format!("/w/{}{}", notice.workspace.slug, notice.about.path()),
        at: Moment::in_zone(&notice.workspace.time_zone, notice.at_ms),
        workspace: notice.workspace.display_name,
        read: notice.read,
    };
    Ok(notices.into_iter().map(view).collect())
}

/// The person has read a notice.
#[server]
pub async fn read_notice(id: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(store::notices::mark_read(&services.gate, &session, id).await?)
}

/// The person has read all notices.
#[server]
pub async fn read_all_notices() -> Result<(), AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    Ok(store::notices::mark_all_read(&services.gate, &session).await?)
}

/// Of which notices the person gets a mail.
#[server]
pub async fn mail_choices() -> Result<MailChoiceView, AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    let settings = store::notices::mail_settings(&services.gate, &session).await?;
    Ok(MailChoiceView { choice: settings.choice, revision: settings.revision, sends_mail: services.gate.sends_mail() })
}

/// Chooses of which notices the person gets a mail.
#[server]
pub async fn choose_mails(
    revision: u64,
    #[server(default)] submitted: bool,
    #[server(default)] decided: bool,
    #[server(default)] join_request: bool,
    #[server(default)] webhook: bool,
) -> Result<MailChoiceView, AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    let choice = MailChoice { submitted, decided, join_request, webhook };
    store::notices::set_mail_settings(&services.gate, &session, revision, choice).await?;
    mail_choices().await
}
