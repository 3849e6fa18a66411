//! Invitations: for the admins who send them, and for the people who hold their links.

use domain::permission::{Capacity, Role};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::members::NewLink;
use crate::{error::AppError, state::moment::Moment};

/// An invitation that was not accepted yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRow {
    pub id: String,
    pub email: String,
    pub capacity: Capacity,
    /// The membership ends then.
    pub member_until: Option<Moment>,
    pub invited_by: String,
    pub invited: Moment,
    pub expires: Moment,
    pub expired: bool,
}

/// What the holder of a link is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferView {
    pub workspace: String,
    pub invited_by: String,
    pub email: String,
    pub capacity: Capacity,
    pub member_until: Option<Moment>,
    pub note: Option<String>,
    pub expires: Moment,
    pub holder: Holder,
}

/// Who holds the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    /// Nobody is signed in, and the address has no account.
    New,
    /// Nobody is signed in, and the address has an account.
    SignsIn,
    /// The invited person is signed in.
    Invited,
    /// Somebody else is signed in, with this address.
    SomebodyElse(String),
}

/// The invitations of the workspace that were not accepted yet, newest first.
#[server]
pub async fn invitations(slug: String) -> Result<Vec<InvitationRow>, AppError> {
    use domain::permission::kind::ManageMembers;

    let scope = super::context::enter(&slug).await?;
    let open = store::members::invitations::list(&scope.grant::<ManageMembers>()?).await?;
    Ok(open
        .into_iter()
        .map(|invitation| InvitationRow {
            id: invitation.id.to_string(),
            capacity: invitation.standing.capacity(),
            member_until: invitation.member_until_ms.map(|at_ms| Moment::of(&scope, at_ms)),
            invited: Moment::of(&scope, invitation.invited_at_ms),
            expires: Moment::of(&scope, invitation.expires_at_ms),
            expired: !invitation.is_open(scope.now_ms()),
            email: invitation.email,
            invited_by: invitation.invited_by_name,
        })
        .collect())
}

/// Invites an address, and gives the link.
#[server]
pub async fn invite(
    slug: String,
    email: String,
    role: Role,
    #[server(default)] moderator_flag: bool,
    #[server(default)] until: String,
    #[server(default)] note: String,
) -> Result<NewLink, AppError> {
    use domain::{members::Standing, permission::kind::ManageMembers};
    use store::members::invitations::NewInvitation;

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let granted = scope.grant::<ManageMembers>()?;
    let member_until_ms = store::members::until(&scope, &until)?;
    let new = NewInvitation { email, standing: Standing::new(role, moderator_flag), member_until_ms, note };
    let (invitation, token) = store::members::invitations::invite(&granted, &new).await?;
    Ok(shown_once(&services, invitation.email, &token))
}

/// A new link for an invitation, good for another week; earlier ones stop working.
#[server]
pub async fn resend_invitation(slug: String, invitation: String) -> Result<NewLink, AppError> {
    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let resent = store::members::invitations::resend(&scope.grant()?, invitation_id(&invitation)?).await?;
    Ok(shown_once(&services, resent.0.email, &resent.1))
}

/// Takes an invitation back.
#[server]
pub async fn revoke_invitation(slug: String, invitation: String) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    store::members::invitations::revoke(&scope.grant()?, invitation_id(&invitation)?).await?;
    Ok(())
}

/// What a presented link offers to whoever presents it; not found when it is unknown, used, revoked or expired.
#[server]
pub async fn invitation(token: String) -> Result<OfferView, AppError> {
    let services = super::context::services()?;
    let parts = super::context::parts()?;
    let offer = services.gate.invitation(&store::Token::presented(&token)).await?;
    let viewer = match services.session(&parts).await {
        Ok(session) => Some(session.user().email.clone()),
        Err(AppError::SignedOut) => None,
        Err(other) => return Err(other),
    };
    let holder = match viewer {
        Some(viewer) if viewer == offer.invitation.email => Holder::Invited,
        Some(viewer) => Holder::SomebodyElse(viewer),
        None if offer.has_account => Holder::SignsIn,
        None => Holder::New,
    };
    let moment = |at_ms| Moment::in_zone(&offer.workspace.time_zone, at_ms);
    Ok(OfferView {
        expires: moment(offer.invitation.expires_at_ms),
        member_until: offer.invitation.member_until_ms.map(moment),
        capacity: offer.invitation.standing.capacity(),
        workspace: offer.workspace.display_name,
        invited_by: offer.invitation.invited_by_name,
        email: offer.invitation.email,
        note: offer.invitation.note,
        holder,
    })
}

/// Accepts with a new account, and signs in.
#[server]
pub async fn accept_invitation(
    token: String,
    name: String,
    password: String,
    repeated: String,
) -> Result<(), AppError> {
    let services = super::context::services()?;
    super::account::check_repeated(&password, &repeated)?;
    let origin = super::context::origin(&super::context::parts()?);
    let accepted = services.gate.accept_invitation(&store::Token::presented(&token), &name, &password, origin).await;
    let (signed_in, slug) = accepted.map_err(dead)?;
    super::account::set_cookie(&services, Some(&signed_in.token));
    leptos_axum::redirect(&format!("/w/{slug}"));
    Ok(())
}

/// Accepts as the person who is signed in.
#[server]
pub async fn accept_invitation_as_me(token: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    let accepted = services.gate.accept_invitation_as(&session, &store::Token::presented(&token)).await;
    leptos_axum::redirect(&format!("/w/{}", accepted.map_err(dead)?));
    Ok(())
}

#[cfg(feature = "ssr")]
fn dead(refusal: store::Error) -> AppError {
    super::account::behind_link(
        refusal,
        "This link does not work any more: it was used, taken back, or it is too old. Ask whoever invited you for a new one.",
    )
}

#[cfg(feature = "ssr")]
fn invitation_id(text: &str) -> Result<domain::id::InvitationId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// The link for the page, which shows it now or, without a script, when it is loaded next.
#[cfg(feature = "ssr")]
fn shown_once(services: &super::context::Services, email: String, token: &store::Token) -> NewLink {
    let link = NewLink { email, url: format!("{}/invitation/{}", services.public_url, token.reveal()) };
    super::handed_over::keep(services, &link);
    link
}
