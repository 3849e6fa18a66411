//! The frame of pages outside of the workspaces, and the entries of the person's menu in all frames.

use leptos::prelude::*;
use leptos_router::{
    components::{Outlet, Redirect},
    hooks::use_location,
};

use super::layout::ToSignIn;
use crate::{
    api::account::SignOut,
    error::AppError,
    state::{arrival::Arrival, viewer::Viewer},
    ui::{prelude::*, shortcuts},
};

/// Around every page of the person and of the installation: nothing of it is rendered for somebody who is not signed in.
///
/// On the server, and in the browser for the page that came from it, the answer is known at once, so that nothing waits
/// around the page. The pages find the [`Viewer`] in their context.
#[component]
pub fn PersonLayout() -> impl IntoView {
    match SharedValue::new(Arrival::known).into_inner() {
        Some(Arrival(arrived)) => view! { <AsArrived arrived/> }.into_any(),
        None => view! { <Arriving/> }.into_any(),
    }
}

/// The same for the pages of the installation: there is nothing here for anybody but super admins.
#[component]
pub fn InstallationLayout() -> impl IntoView {
    match SharedValue::new(Arrival::known).into_inner() {
        Some(Arrival(arrived)) => view! { <AsArrived arrived=arrived.and_then(super_admin)/> }.into_any(),
        None => view! { <Arriving super_admins_only=true/> }.into_any(),
    }
}

fn super_admin(viewer: Viewer) -> Result<Viewer, AppError> {
    if viewer.super_admin { Ok(viewer) } else { Err(AppError::NotFound) }
}

/// Asks who is there, for pages that are gone to within the application.
#[component]
fn Arriving(#[prop(optional)] super_admins_only: bool) -> impl IntoView {
    let arrival = Resource::new(|| (), |()| Arrival::ask());
    view! {
        <Suspense fallback=|| view! { <PlainFrame><Loading label="Looking who you are"/></PlainFrame> }>
            {move || Suspend::new(async move {
                let Arrival(arrived) = arrival.await;
                let arrived = if super_admins_only { arrived.and_then(super_admin) } else { arrived };
                view! { <AsArrived arrived/> }
            })}
        </Suspense>
    }
}

#[component]
fn AsArrived(arrived: Result<Viewer, AppError>) -> impl IntoView {
    match arrived {
        Ok(viewer) => {
            provide_context(viewer.clone());
            view! {
                <Frame viewer=viewer.clone() account=move || account_menu(&viewer)>
                    <Outlet/>
                </Frame>
            }
            .into_any()
        }
        Err(AppError::SignedOut) => view! { <ToSignIn/> }.into_any(),
        Err(AppError::SecondFactorMissing) => view! { <SecondFactorFirst/> }.into_any(),
        Err(error) => view! { <PlainFrame><ErrorView error/></PlainFrame> }.into_any(),
    }
}

/// The one page that is open to somebody who has to set up a second factor, and the way there.
#[component]
pub fn SecondFactorFirst() -> impl IntoView {
    const PAGE: &str = "/account/second-factor";
    if use_location().pathname.get_untracked() != PAGE {
        return view! { <Redirect path=PAGE/> }.into_any();
    }
    let sign_out = ServerAction::<SignOut>::new();
    view! {
        <PlainFrame>
            <div class="flex flex-col gap-5">
                <Outlet/>
            </div>
            <ActionForm action=sign_out attr:class="mt-6">
                <Button kind=ButtonKind::Quiet small=true busy=sign_out.pending()>"Sign out"</Button>
            </ActionForm>
        </PlainFrame>
    }
    .into_any()
}

/// Who is looking at a page outside of the workspaces.
///
/// # Panics
/// Outside of [`PersonLayout`] and [`InstallationLayout`], which is a mistake in the table of routes.
#[must_use]
pub fn use_viewer() -> Viewer {
    expect_context::<Viewer>()
}

/// What stands in the person's menu below the choice of the theme.
pub fn account_menu(viewer: &Viewer) -> impl IntoView + use<> {
    let sign_out = ServerAction::<SignOut>::new();
    let entry = |href: &'static str, label: &'static str| {
        view! { <li><a class="menu-entry" href=href>{label}</a></li> }
    };
    let installation = viewer.super_admin.then(|| {
        view! {
            {entry("/installation/users", "Users and settings")}
            {entry("/installation/links", "Links to carriers")}
            {entry("/installation/staff", "10DLC staff")}
            {entry("/installation/audit", "Audit log")}
            {entry("/installation/keys", "Installation keys")}
            {entry("/installation/mail", "Mail")}
            {entry("/installation/monitoring", "Monitoring")}
            {entry("/installation/diagnostics", "Diagnostics")}
        }
    });
    view! {
        <hr class="border-base-300"/>
        <ul aria-label="Account">
            <li class="script-only">
                <button type="button" class="menu-entry" on:click=move |_| shortcuts::open()>"Keyboard shortcuts"</button>
            </li>
            {entry("/account", "Your account")}
            {entry("/account/notices", "Mails about notices")}
            {(viewer.staff || viewer.super_admin).then(|| entry("/registry", "10DLC registry"))}
            {installation}
        </ul>
        <hr class="border-base-300"/>
        <ActionForm action=sign_out attr:class="p-2">
            <Button kind=ButtonKind::Quiet small=true busy=sign_out.pending()>"Sign out"</Button>
        </ActionForm>
    }
}
