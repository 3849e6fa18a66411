//! `/w/{slug}/registry/brands/{id}`: one brand, what the registry says of it, and what can be done.

use domain::tendlc::BrandPhase;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    actions::{Actions, BrandActions, Confirmation},
    history::BrandHistory,
    vetting::Vettings,
};
use crate::{
    api::registry::{
        DeskView,
        brands::{BrandView, FeedbackView, registry_brand},
        rows::RowsPage,
    },
    pages::registry::{
        lists::TenDlcTable,
        words::{BrandBadge, IdentityBadge, WayToRegistry},
    },
    state::{
        poll::poll,
        query::{address, page_of},
    },
    ui::prelude::*,
};

/// How often a brand that is on its way is looked at.
const LOOK_MS: u32 = 3_000;

#[component]
pub fn BrandPage() -> impl IntoView {
    let desk = DeskView::here();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let actions = Actions::new();
    let slug = desk.slug.clone();
    let query = use_query_map();
    let page = Memo::new(move |_| query.with(|query| page_of(query, "page")));
    let loaded = Resource::new(
        move || (id.get(), page.get(), actions.versions()),
        move |(id, page, _)| registry_brand(slug.clone(), id, page),
    );
    let waits = RwSignal::new(false);
    poll(LOOK_MS, move || waits.get_untracked(), move || loaded.refetch());
    let desk = StoredValue::new(desk);
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the brand"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(brand) => {
                        waits.set(brand.is_unfinished());
                        view! { <Loaded desk=desk.get_value() brand actions/> }.into_any()
                    }
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
        <BrandHistory id actions/>
    }
}

#[component]
fn Loaded(desk: DeskView, brand: BrandView, actions: Actions) -> impl IntoView {
    let crumbs = vec![Crumb::new("10DLC", desk.path(""))];
    let rights = desk.rights;
    let facts =
        brand.facts.clone().into_iter().map(|(label, value)| view! { <Fact label>{value}</Fact> }).collect_view();
    view! {
        <Breadcrumbs crumbs/>
        <PageHeading title=brand.name.clone() lead=lead(&brand)>
            <BrandBadge phase=brand.phase/>
            {brand.mock.then(|| view! { <Badge tone=Tone::Info text="Mock"/> })}
        </PageHeading>
        <WayToRegistry connected=rights.connected outage=brand.outage.clone()/>
        <Standing brand=brand.clone()/>
        <BrandActions desk=desk.clone() brand=brand.clone() actions/>
        <Confirmation desk=desk.clone() brand=brand.clone() actions/>
        <div class="grid items-start gap-5 xl:grid-cols-2">
            <Panel title="What it says of itself">
                <Facts>
                    {facts}
                </Facts>
            </Panel>
            <Vettings desk=desk.clone() brand=brand.clone() actions/>
        </div>
        <Campaigns desk brand/>
    }
}

fn lead(brand: &BrandView) -> String {
    let id = brand.registry_id.as_ref().map(|id| format!(" The registry calls it {id}.")).unwrap_or_default();
    format!("Brand, {}.{id}", brand.entity_type.label().to_lowercase())
}

/// What the registry says of it, the worst first.
#[component]
fn Standing(brand: BrandView) -> impl IntoView {
    let refusal = brand.refusal.clone().map(|why| {
        let title = if brand.phase == BrandPhase::Draft {
            "The registry refused to register it"
        } else {
            "The registry refused what it was told last"
        };
        view! {
            <Alert tone=Tone::Danger title>
                <p class="break-words">{why}</p>
                {(brand.phase == BrandPhase::Draft).then(|| view! { <p>"It is kept as a draft. Corrected, it is handed in again."</p> })}
                {brand.has_edit.then(|| view! { <p>"The brand stays as the registry has it. What was typed is kept under Change details, to be corrected."</p> })}
            </Alert>
        }
    });
    let way = brand.is_unfinished().then(|| {
        let what = match brand.phase {
            BrandPhase::OnItsWay => "The brand itself".to_owned(),
            _ => capitalised(&brand.waiting.join(", ")),
        };
        view! {
            <div role="status">
                <Alert tone=Tone::Info title="On its way to the registry">
                    <p>{what}". It is told again and again until the registry has answered; you need not wait here."</p>
                </Alert>
            </div>
        }
    });
    let unverified =
        (brand.phase == BrandPhase::Unverified).then(|| view! { <Unverified feedback=brand.feedback.clone()/> });
    let deleted = (brand.phase == BrandPhase::Deleted).then(|| {
        view! { <Alert tone=Tone::Neutral title="Deleted">"The registry has deleted it, for good. Another brand has to be registered anew."</Alert> }
    });
    let synced = brand.synced.clone();
    view! {
        {refusal}
        {way}
        {deleted}
        {unverified}
        <Panel title="At the registry">
            <Facts>
                <Fact label="Identity"><IdentityBadge identity=brand.identity/></Fact>
                <Fact label="Score of a vetting">
                    {brand.score.map_or_else(|| "None".to_owned(), |score| format!("{score} of 100"))}
                </Fact>
                <Fact label="10DLC campaigns">
                    {brand.no_campaigns.clone().unwrap_or_else(|| "It can have another one.".to_owned())}
                </Fact>
                <Fact label="Created"><When moment=brand.created.clone()/> " by " {brand.created_by.clone()}</Fact>
                <Fact label="Last asked">
                    <MaybeWhen moment=synced/>
                </Fact>
            </Facts>
        </Panel>
    }
}

#[component]
fn Unverified(feedback: Vec<FeedbackView>) -> impl IntoView {
    let remarks = feedback
        .into_iter()
        .map(|remark| {
            let fields = (!remark.fields.is_empty()).then(|| format!(" ({})", remark.fields.join(", ")));
            view! { <li class="break-words">{remark.description}{fields}</li> }
        })
        .collect_view();
    let any = !remarks.is_empty();
    view! {
        <Alert tone=Tone::Warning title="The registry has not verified it">
            {if any {
                view! {
                    <p>"What it said:"</p>
                    <ul class="list-disc pl-5">{remarks}</ul>
                }
                    .into_any()
            } else {
                view! { <p>"It gave no reason. Mostly the legal name or the tax number differs from what the tax office has."</p> }
                    .into_any()
            }}
            <p class="mt-2">"Until it is verified it can have no 10DLC campaigns. Corrected details are compared again."</p>
        </Alert>
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[component]
fn Campaigns(desk: DeskView, brand: BrandView) -> impl IntoView {
    let offered = desk.rights.campaigns && desk.rights.connected && brand.no_campaigns.is_none() && !brand.over;
    let new = format!("{}?brand={}", desk.path("/campaigns/new"), brand.id);
    let aside =
        move || offered.then(|| view! { <LinkButton href=new.clone() small=true>"New 10DLC campaign"</LinkButton> });
    let own = desk.path(&format!("/brands/{}", brand.id));
    let RowsPage { rows, page, pages, .. } = brand.campaigns;
    let href = move |page: u32| address(&own, [("page", page.to_string())]);
    view! {
        <Panel title="Its 10DLC campaigns" flush=true aside>
            {if rows.is_empty() {
                view! { <EmptyState title="None yet" text=brand.no_campaigns.clone().unwrap_or_default()/> }.into_any()
            } else {
                view! { <TenDlcTable rows/> }.into_any()
            }}
            <Pagination page pages href/>
        </Panel>
    }
}
