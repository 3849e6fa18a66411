//! How the links to carriers are, and the way to let one that was stopped try again.

use domain::permission::Permission;
use leptos::prelude::*;

use crate::{
    api::{
        links::{LinkHealth, LinkView, RestartLink},
        overview::LiveOverview,
    },
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn Links(live: RwSignal<LiveOverview>) -> impl IntoView {
    let links = Memo::new(move |_| live.with(|live| live.links.clone()));
    let restart = ServerAction::<RestartLink>::new();
    let refused = Signal::derive(move || restart.value().get().and_then(Result::err));
    view! {
        <ul class="mt-1 flex flex-col gap-3">
            {move || links.get().into_iter().map(|link| view! { <Link link restart/> }).collect_view()}
        </ul>
        {move || {
            refused
                .get()
                .map(|error: AppError| view! { <Alert tone=Tone::Danger><p>{error.in_full()}</p></Alert> })
        }}
    }
}

#[component]
fn Link(link: LinkView, restart: ServerAction<RestartLink>) -> impl IntoView {
    let workspace = use_workspace();
    let (tone, text) = match (link.health, &link.trouble) {
        (LinkHealth::Up, _) => (Tone::Success, "Up"),
        (LinkHealth::Connecting, None) => (Tone::Warning, "Connecting"),
        (LinkHealth::Connecting, Some(_)) => (Tone::Danger, "Down"),
        (LinkHealth::Stopped, _) => (Tone::Danger, "Stopped"),
        (LinkHealth::Draining, _) => (Tone::Warning, "Draining"),
        (LinkHealth::Disabled, _) => (Tone::Neutral, "Disabled"),
    };
    let may_restart = link.health == LinkHealth::Stopped && workspace.may(Permission::ManageInstallation);
    let spoken = format!(" {}", link.name);
    view! {
        <li class="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span class="font-medium break-words">{link.name}</span>
            <Badge tone text/>
            {link.simulator.then(|| view! { <span class="text-sm text-muted">"no real message leaves"</span> })}
            {link
                .trouble
                .map(|trouble| {
                    view! {
                        <span class="w-full text-sm text-muted">
                            "Since " <When moment=trouble.since/> ": " {trouble.reason} "."
                        </span>
                    }
                })}
            {may_restart
                .then(|| {
                    view! {
                        <ActionForm action=restart>
                            <Hidden name="slug" value=workspace.slug.clone()/>
                            <Hidden name="link" value=link.id/>
                            <Button kind=ButtonKind::Secondary small=true busy=restart.pending()>
                                "Restart"
                                <span class="sr-only">{spoken}</span>
                            </Button>
                        </ActionForm>
                    }
                })}
        </li>
    }
}
