//! `/`: to the only workspace, or a choice.

use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::{
    api::{account::me, joining::my_join_requests},
    error::AppError,
    pages::{members::JoinStates, person_layout::account_menu},
    state::viewer::Viewer,
    ui::prelude::*,
};

#[component]
pub fn Start() -> impl IntoView {
    let viewer = Resource::new(|| (), |()| me());
    view! {
        <Suspense fallback=|| view! { <PlainFrame><Loading label="Looking who you are"/></PlainFrame> }>
            {move || Suspend::new(async move {
                match viewer.await {
                    Ok(None) => view! { <Redirect path="/sign-in"/> }.into_any(),
                    Ok(Some(viewer)) => match viewer.workspaces.as_slice() {
                        [] if viewer.staff => view! { <Redirect path="/registry"/> }.into_any(),
                        [only] => view! { <Redirect path=format!("/w/{}", only.slug)/> }.into_any(),
                        _ => view! { <Choose viewer/> }.into_any(),
                    },
                    Err(AppError::SecondFactorMissing) => {
                        view! { <Redirect path="/account/second-factor"/> }.into_any()
                    }
                    Err(error) => view! { <PlainFrame><ErrorView error/></PlainFrame> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Choose(viewer: Viewer) -> impl IntoView {
    let workspaces = viewer.workspaces.clone();
    let asks = !viewer.super_admin;
    let asked = Resource::new(|| (), |()| my_join_requests());
    view! {
        <Frame viewer=viewer.clone() account=move || account_menu(&viewer)>
            <PageHeading title="Workspaces">
                {asks.then(|| view! { <LinkButton href="/join" kind=ButtonKind::Secondary>"Join a workspace"</LinkButton> })}
            </PageHeading>
            {if workspaces.is_empty() {
                view! {
                    <Panel>
                        <EmptyState
                            title="You are not a member of any workspace"
                            text="Ask to join one, or open the invitation that somebody sent you."
                        />
                    </Panel>
                }
                    .into_any()
            } else {
                view! {
                    <Panel>
                        <ul class="flex flex-col">
                            {workspaces
                                .into_iter()
                                .map(|entry| {
                                    view! {
                                        <li>
                                            <a class="menu-entry" href=format!("/w/{}", entry.slug)>
                                                <span class="min-w-0 flex-1 font-medium break-words">{entry.name}</span>
                                                <span class="text-sm text-muted">{entry.role}</span>
                                            </a>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    </Panel>
                }
                    .into_any()
            }}
            <Suspense>
                {move || Suspend::new(async move { asked.await.ok().map(|asks| view! { <JoinStates asks/> }) })}
            </Suspense>
        </Frame>
    }
}
