//! A new client in one go.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnboardedView {
    pub slug: String,
    pub name: String,
    pub invitation: Option<FirstInvitation>,
}

/// The invitation of the first admin; its link is shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstInvitation {
    pub email: String,
    pub url: String,
}

/// Makes a workspace with an invitation of its first admin and its first sender name; both may be left out.
#[server]
pub async fn create_workspace(
    display_name: String,
    slug: String,
    time_zone: String,
    default_country: String,
    #[server(default)] four_eyes: bool,
    #[server(default)] admin_email: String,
    #[server(default)] sender_name: String,
    #[server(default)] saddr: String,
    #[server(default)] source_ton: u8,
    #[server(default)] source_npi: u8,
    #[server(default)] destination_ton: u8,
    #[server(default)] destination_npi: u8,
) -> Result<OnboardedView, AppError> {
    use store::workspaces::{
        NewWorkspace,
        onboarding::{FirstSender, NewClient, onboard},
    };

    let ruler = super::context::rule().await?;
    let services = super::context::services()?;
    let given = |text: &str| !text.trim().is_empty();
    let admin_email = Some(admin_email).filter(|email| given(email));
    let sender = if given(&sender_name) || given(&saddr) {
        let addressing =
            super::senders::addressing(&saddr, [source_ton, source_npi, destination_ton, destination_npi])?;
        Some(FirstSender { display_name: sender_name, addressing, reason: None })
    } else {
        None
    };
    let workspace = NewWorkspace { slug, display_name, time_zone, default_country, four_eyes };
    let done = onboard(&ruler, &NewClient { workspace, admin_email, sender }).await?;
    if super::account::sent_without_script() {
        // The link can be shown by a script only; another one is made among the members.
        leptos_axum::redirect(&format!("/w/{}/members", done.workspace.slug));
    }
    Ok(OnboardedView {
        slug: done.workspace.slug.to_string(),
        name: done.workspace.display_name,
        invitation: done.admin.map(|(invitation, token)| FirstInvitation {
            email: invitation.email,
            url: format!("{}/invitation/{}", services.public_url, token.reveal()),
        }),
    })
}
