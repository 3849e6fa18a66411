//! `/w/{slug}/registry`: what a workspace has registered for US numbers, and what needs attention.

use domain::tendlc::{BrandPhase, CampaignPhase};
use leptos::prelude::*;

use super::{
    lists::{BrandTable, Matters, TenDlcTable},
    words::WayToRegistry,
};
use crate::{
    api::registry::{
        DeskView, Rights,
        home::{HomeView, registry_home},
        rows::{BrandRow, CampaignRow},
    },
    ui::prelude::*,
};

#[component]
pub fn RegistryHome() -> impl IntoView {
    let desk = DeskView::here();
    let slug = desk.slug.clone();
    let loaded = Resource::new(|| (), move |()| registry_home(slug.clone()));
    let desk = StoredValue::new(desk);
    let title = desk.with_value(|desk| format!("10DLC of {}", desk.display_name));
    view! {
        <PageHeading
            title
            lead="Messages from US numbers need a brand that the registry knows, and a 10DLC campaign that carriers have approved."
        />
        <Transition fallback=|| view! { <Loading label="Loading what is registered"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(home) => view! { <Loaded desk=desk.get_value() home/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Loaded(desk: DeskView, home: HomeView) -> impl IntoView {
    let HomeView { brands, campaigns, numbers, matters, outage } = home;
    let rights = desk.rights;
    let ready = brands.iter().filter(|brand| brand.phase == BrandPhase::Ready).count();
    let live = brands.iter().filter(|brand| brand.phase != BrandPhase::Deleted).count();
    let active = campaigns.iter().filter(|campaign| campaign.phase == CampaignPhase::Active).count();
    let running = campaigns.iter().filter(|campaign| campaign.phase != CampaignPhase::Expired).count();
    let nothing = brands.is_empty() && campaigns.is_empty();
    let tiles = (!nothing).then(|| {
        view! {
            <dl class="stat-grid">
                <StatTile label="Brands" value=live.to_string() hint=format!("{ready} ready")/>
                <StatTile label="10DLC campaigns" value=running.to_string() hint=format!("{active} active")/>
                <StatTile label="Numbers" value=numbers.to_string() hint="in 10DLC campaigns"/>
            </dl>
        }
    });
    let attention = (!nothing).then(|| {
        view! {
            <Panel title="Needs attention" flush=true>
                {if matters.is_empty() {
                    view! { <p class="px-4 py-4 text-muted sm:px-5">"Nothing: all that is registered is as it should be."</p> }.into_any()
                } else {
                    view! { <Matters matters/> }.into_any()
                }}
            </Panel>
        }
    });
    let offered = rights.campaigns && rights.connected && ready > 0;
    view! {
        <WayToRegistry connected=rights.connected outage/>
        {tiles}
        {attention}
        <Brands desk=desk.clone() brands/>
        <Campaigns desk campaigns offered/>
    }
}

/// What an empty list of brands says to whom.
const fn no_brand(rights: Rights) -> &'static str {
    if rights.brands {
        "A brand says who sends. Registered, it is compared with public registers; then it can have 10DLC campaigns."
    } else {
        "A brand says who sends. The staff of your provider registers it; ask them if you want to send from US numbers."
    }
}

#[component]
fn Brands(desk: DeskView, brands: Vec<BrandRow>) -> impl IntoView {
    let offered = desk.rights.brands && desk.rights.connected;
    let new = desk.path("/brands/new");
    let aside = {
        let new = new.clone();
        move || offered.then(|| view! { <LinkButton href=new.clone() small=true>"New brand"</LinkButton> })
    };
    view! {
        <Panel title="Brands" flush=true aside>
            {if brands.is_empty() {
                view! { <EmptyState title="No brand yet" text=no_brand(desk.rights)/> }.into_any()
            } else {
                view! { <BrandTable rows=brands/> }.into_any()
            }}
        </Panel>
    }
}

#[component]
fn Campaigns(
    desk: DeskView,
    campaigns: Vec<CampaignRow>,
    /// There is a brand that can have one, and the person may register it.
    offered: bool,
) -> impl IntoView {
    let (new, numbers) = (desk.path("/campaigns/new"), desk.path("/numbers"));
    let aside = move || {
        view! {
            <div class="flex flex-wrap gap-2">
                <LinkButton href=numbers.clone() kind=ButtonKind::Secondary small=true>"Numbers"</LinkButton>
                {offered.then(|| view! { <LinkButton href=new.clone() small=true>"New 10DLC campaign"</LinkButton> })}
            </div>
        }
    };
    view! {
        <Panel title="10DLC campaigns" flush=true aside>
            {if campaigns.is_empty() {
                let text = if offered {
                    "A 10DLC campaign says what is sent, and how people agreed to it. Carriers look at it before anything leaves."
                } else {
                    "They can be registered as soon as a brand is ready."
                };
                view! { <EmptyState title="No 10DLC campaign yet" text=text/> }.into_any()
            } else {
                view! { <TenDlcTable rows=campaigns/> }.into_any()
            }}
        </Panel>
    }
}
