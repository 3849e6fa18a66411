//! The page, with figures that follow the server's.

use domain::permission::{Capacity, Permission};
use leptos::prelude::*;

use super::{
    active::ActiveCampaigns, authors::Authors, funnel::Funnel, hours::Hours, pulse::Pulse, ring::Ring, tiles::Tiles,
};
use crate::{
    api::overview::{MailTrouble, OverviewPage, overview},
    pages::layout::use_workspace,
    state::{follow::follow, poll::poll},
    ui::prelude::*,
};

/// How often what changes by the hour is asked for again.
const ACTIVITY_MS: u32 = 60_000;

#[component]
pub fn Overview() -> impl IntoView {
    let workspace = use_workspace();
    let slug = workspace.slug.clone();
    let loaded = Resource::new(|| (), move |()| overview(slug.clone()));
    let new = workspace.may(Permission::CreateCampaign).then(|| workspace.path("/campaigns/new"));
    view! {
        <PageHeading title="Overview" lead=workspace.display_name>
            {new.map(|new| view! { <LinkButton href=new>"New campaign"</LinkButton> })}
        </PageHeading>
        <Transition fallback=|| view! { <Loading label="Loading the figures"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(page) => view! { <Figures page/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }.into_any()
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Figures(page: OverviewPage) -> impl IntoView {
    let workspace = use_workspace();
    let live = RwSignal::new(page.live);
    let activity = RwSignal::new(page.activity);
    let following = follow(workspace.path("/events"), move |fresh| _ = live.try_set(fresh));
    let slug = workspace.slug.clone();
    let again = Action::new(move |(): &()| overview(slug.clone()));
    Effect::new(move |_| {
        if let Some(Ok(fresh)) = again.value().get() {
            activity.set(fresh.activity);
        }
    });
    poll(
        ACTIVITY_MS,
        || true,
        move || {
            again.dispatch(());
        },
    );
    let may_register = workspace.may(Permission::ManageSender);
    let register = workspace.path("/senders/new");
    let senders = workspace.path("/senders");
    view! {
        {(!page.sender_ready)
            .then(|| {
                view! {
                    <Alert tone=Tone::Info title="First a sender name">
                        <p>"A campaign is sent under a sender name, and none of this workspace is approved yet."</p>
                        <p class="mt-2">
                            {if may_register {
                                view! { <LinkButton href=register kind=ButtonKind::Secondary small=true>"Register a sender name"</LinkButton> }
                            } else {
                                view! { <LinkButton href=senders kind=ButtonKind::Secondary small=true>"To the senders"</LinkButton> }
                            }}
                        </p>
                    </Alert>
                }
            })}
        {page.mail_trouble.map(|trouble| view! { <NoMail trouble/> })}
        <Tiles live/>
        <div class="grid gap-5 xl:grid-cols-2">
            <Pulse live following/>
            <Ring live/>
            <Funnel live/>
            <Hours activity/>
        </div>
        <ActiveCampaigns live/>
        <Authors activity/>
    }
}

#[component]
fn NoMail(trouble: MailTrouble) -> impl IntoView {
    let ruler = use_workspace().capacity == Capacity::SuperAdmin;
    match trouble {
        MailTrouble::NotConfigured => view! {
            <Alert tone=Tone::Warning title="No mails are sent">
                <p>
                    "No mail server is configured: nobody is told by mail of what waits for them, and links of invitations are \
                    shown to whoever makes them. A super admin sets it up in the configuration file."
                </p>
            </Alert>
        }
        .into_any(),
        MailTrouble::NotTaken(since) => view! {
            <Alert tone=Tone::Warning title="Mails do not arrive">
                <p>
                    "The mail server takes no mails, since " <When moment=since/>
                    ": invitations, and what waits for people, are sent when it takes them again. "
                    {if ruler {
                        view! { <a class="link" href="/installation/mail">"Why"</a> }.into_any()
                    } else {
                        "A super admin sees why.".into_any()
                    }}
                </p>
            </Alert>
        }
        .into_any(),
    }
}
