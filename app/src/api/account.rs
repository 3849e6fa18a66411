//! Signing in and out, one-time links, the first run.

use domain::permission::Role;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::viewer::Viewer};

/// Who is signed in, with the workspaces that they can enter; None when nobody is.
#[server]
pub async fn me() -> Result<Option<Viewer>, AppError> {
    use crate::state::viewer::WorkspaceLink;

    let services = super::context::services()?;
    let session = match super::context::session().await {
        Ok(session) => session,
        Err(AppError::SignedOut) => return Ok(None),
        Err(other) => return Err(other),
    };
    let entries = store::workspaces::mine(&services.gate, &session).await?;
    let unread = store::notices::unread(&services.gate, &session).await?;
    let staff = store::tendlc::staff::is_one(&services.gate, &session).await?;
    let user = session.user();
    Ok(Some(Viewer {
        name: user.name.clone(),
        email: user.email.clone(),
        super_admin: user.super_admin,
        staff,
        unread,
        workspaces: entries
            .into_iter()
            .map(|entry| WorkspaceLink {
                slug: entry.workspace.slug.to_string(),
                name: entry.workspace.display_name,
                role: entry.capacity.label().to_owned(),
            })
            .collect(),
    }))
}

/// Signs in and goes to `next` (a path of this installation) or the start page.
#[server]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<(), AppError> {
    let services = super::context::services()?;
    let origin = super::context::origin(&super::context::parts()?);
    match services.gate.sign_in(&email, &password, origin).await? {
        Ok(entrance) => {
            super::typed::forget(&services);
            let_in(&services, &entrance, next.as_deref());
            Ok(())
        }
        Err(refusal) => {
            if sent_without_script() {
                super::typed::keep(&services, &email);
            }
            Err(refusal.into())
        }
    }
}

/// The second step of signing in: a code of the authenticator, or a recovery code.
#[server]
pub async fn sign_in_with_code(code: String, next: Option<String>) -> Result<(), AppError> {
    let services = super::context::services()?;
    let parts = super::context::parts()?;
    let challenge = super::challenge::presented(&services, &parts).ok_or(AppError::SignedOut)?;
    let signed_in = services.gate.sign_in_with_code(&challenge, &code, super::context::origin(&parts)).await??;
    super::challenge::forget(&services);
    set_cookie(&services, Some(&signed_in.token));
    leptos_axum::redirect(&local_path(next.as_deref()));
    Ok(())
}

/// Whether a code is asked for: the password was given some minutes ago at most.
#[server]
pub async fn code_step() -> Result<(), AppError> {
    let services = super::context::services()?;
    let challenge = super::challenge::presented(&services, &super::context::parts()?).ok_or(AppError::SignedOut)?;
    Ok(services.gate.is_challenged(&challenge).await?)
}

/// The address that was typed before a refusal, where no script has kept it.
#[must_use]
pub fn typed_email() -> String {
    #[cfg(feature = "ssr")]
    {
        super::typed::kept()
    }
    #[cfg(not(feature = "ssr"))]
    {
        String::new()
    }
}

/// Ends this session.
#[server]
pub async fn sign_out() -> Result<(), AppError> {
    let services = super::context::services()?;
    let parts = super::context::parts()?;
    if let Some(token) = services.presented(&parts) {
        services.gate.sign_out(&token, super::context::origin(&parts)).await?;
    }
    set_cookie(&services, None);
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// What a one-time link is for, with the shortest password that may be set behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkView {
    SetUp { min_length: u32 },
    SetPassword { min_length: u32 },
}

/// Tells what a presented link opens; not found when it is unknown, used or expired.
#[server]
pub async fn link(token: String) -> Result<LinkView, AppError> {
    let services = super::context::services()?;
    let purpose = services.gate.link_purpose(&store::Token::presented(&token)).await?;
    let min_length = store::identity::settings::password_min_length(&services.gate).await?;
    Ok(match purpose {
        store::LinkPurpose::SetUp => LinkView::SetUp { min_length },
        store::LinkPurpose::SetPassword { .. } => LinkView::SetPassword { min_length },
    })
}

/// Sets the password behind a link and signs in.
#[server]
pub async fn set_password(token: String, password: String, repeated: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    check_repeated(&password, &repeated)?;
    let origin = super::context::origin(&super::context::parts()?);
    let set = services.gate.set_password(&store::Token::presented(&token), &password, origin).await;
    let entrance = set.map_err(|refusal| {
        let used_up = "This link does not work any more: it was used, or it is too old. If you have a password, sign in \
                       with it; else ask whoever gave you the link for a new one.";
        behind_link(refusal, used_up)
    })?;
    let_in(&services, &entrance, None);
    Ok(())
}

/// One row of the first-run page; rows without an address are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColleagueForm {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub email: String,
    pub role: Role,
    /// A check box: absent when it is off.
    #[serde(default)]
    pub moderator_flag: bool,
}

/// A colleague's one-time link, shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColleagueLinkView {
    pub name: String,
    pub email: String,
    pub url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstRunView {
    pub slug: String,
    pub links: Vec<ColleagueLinkView>,
}

/// What the first run offers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceChoices {
    /// IANA names.
    pub time_zones: Vec<String>,
    /// ISO code and English name.
    pub countries: Vec<(String, String)>,
}

/// Time zones and countries, for forms.
#[server]
pub async fn places() -> Result<PlaceChoices, AppError> {
    Ok(place_choices())
}

#[cfg(feature = "ssr")]
pub(super) fn place_choices() -> PlaceChoices {
    let mut countries: Vec<(String, String)> =
        domain::phone::Country::all().map(|country| (country.iso().to_owned(), country.name().to_owned())).collect();
    countries.sort_by(|one, other| one.1.cmp(&other.1));
    PlaceChoices { time_zones: domain::schedule::zone_names(), countries }
}

/// Makes the super admin, the workspace and the colleagues' links, and signs in.
#[server]
pub async fn first_run(
    token: String,
    name: String,
    email: String,
    password: String,
    repeated: String,
    display_name: String,
    slug: String,
    time_zone: String,
    default_country: String,
    #[server(default)] four_eyes: bool,
    #[server(default)] colleagues: Vec<ColleagueForm>,
) -> Result<FirstRunView, AppError> {
    use store::{first_run, users::NewUser, workspaces::NewWorkspace};

    let services = super::context::services()?;
    check_repeated(&password, &repeated)?;
    let origin = super::context::origin(&super::context::parts()?);
    let run = first_run::FirstRun {
        admin: NewUser { email, name, super_admin: true },
        password,
        workspace: NewWorkspace { slug, display_name, time_zone, default_country, four_eyes },
        colleagues: colleagues
            .into_iter()
            .filter(|colleague| !colleague.email.trim().is_empty())
            .map(|colleague| first_run::Colleague {
                email: colleague.email,
                name: colleague.name,
                role: colleague.role,
                moderator_flag: colleague.moderator_flag,
            })
            .collect(),
    };
    let done = first_run::complete(&services.gate, &store::Token::presented(&token), run, origin).await;
    let done = done.map_err(|refusal| {
        let used_up = "This set-up link does not work any more. If Message Center was set up with it, sign in; else it is \
                       too old, and starting the server again prints a new one.";
        behind_link(refusal, used_up)
    })?;
    set_cookie(&services, Some(&done.signed_in.token));
    if sent_without_script() {
        // The page behind the used link would be no answer; the colleagues' links are made anew among the members.
        leptos_axum::redirect(&format!("/w/{}/members", done.slug));
    }
    Ok(FirstRunView {
        slug: done.slug.to_string(),
        links: done
            .links
            .into_iter()
            .map(|link| ColleagueLinkView {
                url: format!("{}/link/{}", services.public_url, link.token.reveal()),
                name: link.name,
                email: link.email,
            })
            .collect(),
    })
}

#[cfg(feature = "ssr")]
pub(super) fn check_repeated(password: &str, repeated: &str) -> Result<(), AppError> {
    if password == repeated {
        return Ok(());
    }
    Err(AppError::field("repeated", "The two passwords are not the same."))
}

/// A link that is not found has been used or is too old, and a person has to be told which way leads on.
#[cfg(feature = "ssr")]
pub(super) fn behind_link(refusal: store::Error, used_up: &str) -> AppError {
    match refusal {
        store::Error::NotFound => AppError::conflict(used_up),
        other => other.into(),
    }
}

/// A plain form asks for a page.
#[cfg(feature = "ssr")]
pub(super) fn sent_without_script() -> bool {
    use axum::http::header::ACCEPT;

    use_context::<axum::http::request::Parts>().is_some_and(|parts| {
        parts
            .headers
            .get(ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    })
}

/// To where somebody wanted to go, or to where a code is asked for.
#[cfg(feature = "ssr")]
fn let_in(services: &super::context::Services, entrance: &store::Entrance, next: Option<&str>) {
    match entrance {
        store::Entrance::SignedIn(signed_in) => {
            set_cookie(services, Some(&signed_in.token));
            leptos_axum::redirect(&local_path(next));
        }
        store::Entrance::CodeNeeded(challenge) => {
            super::challenge::keep(services, challenge);
            // The link of an invitation is a secret, and stays out of the address of another page.
            let next = next.filter(|next| !next.starts_with("/invitation/")).unwrap_or_default().to_owned();
            leptos_axum::redirect(&crate::state::query::address("/sign-in/code", [("next", next)]));
        }
    }
}

#[cfg(feature = "ssr")]
pub(super) fn set_cookie(services: &super::context::Services, token: Option<&store::Token>) {
    if let (Some(response), Ok(value)) =
        (use_context::<leptos_axum::ResponseOptions>(), services.set_cookie(token).parse())
    {
        response.append_header(axum::http::header::SET_COOKIE, value);
    }
}

/// Only a path of this installation: an address that leads elsewhere would make the sign-in page a lure.
#[cfg(feature = "ssr")]
fn local_path(next: Option<&str>) -> String {
    next.filter(|next| next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']))
        .unwrap_or("/")
        .to_owned()
}
