//! `/installation/users/{id}`: one account, and what a super admin can do with it.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    InstallationTab, InstallationTabs,
    link_made::LinkMade,
    user_actions::{Access, Actions, Rights},
    users::UserBadge,
};
use crate::{
    api::installation::users::{UserState, UserView, user},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn UserDetail() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("user").unwrap_or_default()));
    let actions = Actions::new();
    let loaded = Resource::new(move || (id.get(), actions.versions()), |(id, _)| user(id));
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Users", "/installation/users")]/>
        <Transition fallback=|| view! { <Loading label="Loading the user"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(user) => view! { <Loaded user actions/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Loaded(user: UserView, actions: Actions) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || actions.refused());
    let made = Signal::derive(move || actions.link.value().get().and_then(Result::ok));
    let (title, is_me) = (user.name.clone(), user.is_me);
    view! {
        <PageHeading title>
            <UserBadge state=user.state/>
            {user.super_admin.then(|| view! { <Badge tone=Tone::Info text="Super admin"/> })}
        </PageHeading>
        <InstallationTabs current=InstallationTab::Users/>
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
        <div role="status">
            {move || made.get().or_else(|| user.made.clone()).map(|link| view! { <LinkMade link/> })}
        </div>
        <Panel title="Account">
            <Facts>
                <Fact label="E-mail"><span class="break-all">{user.email.clone()}</span></Fact>
                <Fact label="Member of">{counted(u64::from(user.memberships), "workspace", "workspaces")}</Fact>
                <Fact label="Last sign-in"><MaybeWhen moment=user.last_sign_in.clone()/></Fact>
                <Fact label="Signed in">
                    {if user.sessions == 0 {
                        "nowhere".to_owned()
                    } else {
                        format!("in {}", counted(u64::from(user.sessions), "browser", "browsers"))
                    }}
                </Fact>
                <Fact label="Second factor">{if user.second_factor { "On" } else { "Off" }}</Fact>
            </Facts>
        </Panel>
        {if is_me {
            view! {
                <Panel title="This is you">
                    <p>
                        "What concerns your own account is under " <a class="link" href="/account">"Your account"</a>
                        ". Nobody blocks or demotes themselves: ask another super admin."
                    </p>
                </Panel>
            }
                .into_any()
        } else {
            let without_password = user.state == UserState::WithoutPassword;
            view! {
                <div class="grid items-start gap-5 xl:grid-cols-2">
                    <Access id=user.id.clone() name=user.name.clone() state=user.state second_factor=user.second_factor sessions=user.sessions actions/>
                    <Rights id=user.id.clone() name=user.name.clone() state=user.state super_admin=user.super_admin actions/>
                </div>
                {without_password
                    .then(|| {
                        view! {
                            <p class="text-sm text-muted">
                                "This person has not chosen a password yet. If the link was lost, make a new one."
                            </p>
                        }
                    })}
            }
                .into_any()
        }}
    }
}
