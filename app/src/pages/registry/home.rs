//! `/w/{slug}/registry`: what a workspace has registered for US numbers, and what needs attention.

use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

use super::{
    lists::{BrandTable, Matters, TenDlcTable},
    words::WayToRegistry,
};
use crate::{
    api::registry::{
        DeskView, Rights,
        home::{HomeCounts, HomeView, registry_home},
        rows::{BrandRow, CampaignRow, RowsPage},
    },
    state::query::{address, page_of},
    ui::prelude::*,
};

#[component]
pub fn RegistryHome() -> impl IntoView {
    let desk = DeskView::here();
    let slug = desk.slug.clone();
    let query = use_query_map();
    let pages = Memo::new(move |_| query.with(Pages::read));
    let loaded = Resource::new(
        move || pages.get(),
        move |Pages { attention, brands, campaigns }| registry_home(slug.clone(), attention, brands, campaigns),
    );
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

/// Which page of each list: in the address, so that the others stay where they are.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pages {
    attention: u32,
    brands: u32,
    campaigns: u32,
}

impl Pages {
    fn read(query: &ParamsMap) -> Self {
        let page = |name| page_of(query, name);
        Self { attention: page("attention"), brands: page("brands"), campaigns: page("campaigns") }
    }

    fn href(self, desk: &DeskView) -> String {
        let page = |page: u32| if page > 1 { page.to_string() } else { String::new() };
        let pairs =
            [("attention", page(self.attention)), ("brands", page(self.brands)), ("campaigns", page(self.campaigns))];
        address(&desk.path(""), pairs)
    }
}

#[component]
fn Loaded(desk: DeskView, home: HomeView) -> impl IntoView {
    let HomeView { counts, brands, campaigns, matters, outage } = home;
    let rights = desk.rights;
    let here = Pages { attention: matters.page, brands: brands.page, campaigns: campaigns.page };
    let HomeCounts { brands: live, ready_brands: ready, campaigns: running, active_campaigns: active, numbers } =
        counts;
    let nothing = brands.total == 0 && campaigns.total == 0;
    let tiles = (!nothing).then(|| {
        view! {
            <dl class="stat-grid">
                <StatTile label="Brands" value=live.to_string() hint=format!("{ready} ready")/>
                <StatTile label="10DLC campaigns" value=running.to_string() hint=format!("{active} active")/>
                <StatTile label="Numbers" value=numbers.to_string() hint="in 10DLC campaigns"/>
            </dl>
        }
    });
    let own = desk.clone();
    let attention = (!nothing).then(|| {
        let RowsPage { rows: matters, page, pages, .. } = matters;
        view! {
            <Panel title="Needs attention" flush=true>
                {if matters.is_empty() {
                    view! { <p class="px-4 py-4 text-muted sm:px-5">"Nothing: all that is registered is as it should be."</p> }.into_any()
                } else {
                    view! { <Matters matters/> }.into_any()
                }}
                <Pagination page pages href=move |attention| Pages { attention, ..here }.href(&own)/>
            </Panel>
        }
    });
    let offered = rights.campaigns && rights.connected && ready > 0;
    view! {
        <WayToRegistry connected=rights.connected outage/>
        {tiles}
        {attention}
        <Brands desk=desk.clone() brands here/>
        <Campaigns desk campaigns here offered/>
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
fn Brands(desk: DeskView, brands: RowsPage<BrandRow>, here: Pages) -> impl IntoView {
    let RowsPage { rows, page, pages, .. } = brands;
    let offered = desk.rights.brands && desk.rights.connected;
    let new = desk.path("/brands/new");
    let aside = {
        let new = new.clone();
        move || offered.then(|| view! { <LinkButton href=new.clone() small=true>"New brand"</LinkButton> })
    };
    view! {
        <Panel title="Brands" flush=true aside>
            {if rows.is_empty() {
                view! { <EmptyState title="No brand yet" text=no_brand(desk.rights)/> }.into_any()
            } else {
                view! { <BrandTable rows/> }.into_any()
            }}
            <Pagination page pages href=move |brands| Pages { brands, ..here }.href(&desk)/>
        </Panel>
    }
}

#[component]
fn Campaigns(
    desk: DeskView,
    campaigns: RowsPage<CampaignRow>,
    here: Pages,
    /// There is a brand that can have one, and the person may register it.
    offered: bool,
) -> impl IntoView {
    let RowsPage { rows, page, pages, .. } = campaigns;
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
            {if rows.is_empty() {
                let text = if offered {
                    "A 10DLC campaign says what is sent, and how people agreed to it. Carriers look at it before anything leaves."
                } else {
                    "They can be registered as soon as a brand is ready."
                };
                view! { <EmptyState title="No 10DLC campaign yet" text=text/> }.into_any()
            } else {
                view! { <TenDlcTable rows/> }.into_any()
            }}
            <Pagination page pages href=move |campaigns| Pages { campaigns, ..here }.href(&desk)/>
        </Panel>
    }
}
