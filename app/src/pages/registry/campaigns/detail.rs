//! `/w/{slug}/registry/campaigns/{id}`: how a 10DLC campaign stands with the registry and the carriers, what may be sent,
//! its numbers, and what happened to it.
//!
//! It is asked for again and again while somebody looks, since carriers take days; forms are not, so that nothing that is
//! typed is lost.

use domain::tendlc::CampaignPhase;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    CampaignPhaseBadge, Way,
    actions::{Actions, Doing},
    carriers::Carriers,
    facts::FormFacts,
    history::History,
    numbers::Numbers,
    throughput::{Throughput, Today},
};
use crate::{
    api::registry::{
        DeskView,
        campaigns::{HistoryRow, TenDlcView, tendlc_campaign, tendlc_campaign_history},
    },
    error::{AppError, sentence},
    state::{poll::poll, query::page_of},
    ui::prelude::*,
};

const LOOK_MS: u32 = 5_000;

#[component]
pub fn TenDlcDetail() -> impl IntoView {
    let slug = StoredValue::new(DeskView::here().slug);
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let actions = Actions::new();
    let query = use_query_map();
    let page = Memo::new(move |_| query.with(|query| page_of(query, "numbers")));
    let asked = move || (id.get(), page.get());
    let loaded = Resource::new(asked, move |(id, page)| tendlc_campaign(slug.get_value(), id, page));
    let latest = RwSignal::new(None::<TenDlcView>);
    let again = Action::new(move |(id, page): &(String, u32)| tendlc_campaign(slug.get_value(), id.clone(), *page));
    let look = move || {
        again.dispatch(untrack(asked));
    };
    poll(LOOK_MS, || true, look);
    Effect::new(move |before: Option<usize>| {
        let versions = actions.versions();
        if before.is_some_and(|before| before != versions) {
            look();
        }
        versions
    });
    Effect::new(move |_| {
        if let Some(Ok(found)) = again.value().get()
            && found.id == id.get_untracked()
            && found.numbers.page == page.get_untracked().clamp(1, found.numbers.pages)
        {
            latest.set(Some(found));
        }
    });
    // Every change of it is on record, so a new one is a reason to look again.
    let revision = Memo::new(move |_| latest.with(|latest| latest.as_ref().map(|view| view.revision)));
    let records =
        Resource::new(move || (id.get(), revision.get()), move |(id, _)| tendlc_campaign_history(slug.get_value(), id));
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the 10DLC campaign"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(found) => view! { <Loaded found latest actions records/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Loaded(
    found: TenDlcView,
    latest: RwSignal<Option<TenDlcView>>,
    actions: Actions,
    records: Resource<Result<Vec<HistoryRow>, AppError>>,
) -> impl IntoView {
    let desk = DeskView::here();
    // What was loaded with the page, until something newer is known of the same.
    let own = found.id.clone();
    let first = found.clone();
    let view = Memo::new(move |_| latest.get().filter(|view| view.id == own).unwrap_or_else(|| first.clone()));
    let refused = actions.refused();
    let phase = Memo::new(move |_| view.with(|view| view.phase));
    let carriers = Memo::new(move |_| {
        view.with(|view| (view.carriers.clone(), view.sharing.clone(), view.phase, view.waiting.clone()))
    });
    let sent = Memo::new(move |_| view.with(|view| (view.allowance, view.score, view.today.clone())));
    let form = Memo::new(move |_| view.with(|view| view.form.clone()));
    let edit = desk.rights.campaigns.then(|| desk.path(&format!("/campaigns/{}/edit", found.id)));
    let open = Memo::new(move |_| view.with(TenDlcView::is_open));
    view! {
        <Way/>
        <PageHeading title=found.title.clone()>{move || view! { <CampaignPhaseBadge phase=phase.get()/> }}</PageHeading>
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
        <State view/>
        <Doing view actions/>
        {move || {
            // Read, not only tracked: a memo that nobody reads never finds out that it has changed.
            carriers.with(|_| ());
            view! { <Carriers view=view.get_untracked() actions/> }
        }}
        <div class="grid items-start gap-5 lg:grid-cols-2">
            <Registration view/>
            <Panel title="Throughput and daily caps">
                {move || {
                    let (allowance, score, today) = sent.get();
                    view! {
                        <Today allowance today/>
                        <Throughput allowance score/>
                    }
                }}
            </Panel>
        </div>
        <Numbers view actions/>
        {move || {
            let edit = edit.clone().filter(|_| open.get());
            view! { <FormFacts form=form.get() edit/> }
        }}
        <History records/>
    }
}

/// What is in the way, and what the registry has still to be told.
#[component]
fn State(view: Memo<TenDlcView>) -> impl IntoView {
    let refusal = Memo::new(move |_| view.with(|view| view.refusal.clone()));
    let waiting = Memo::new(move |_| view.with(|view| view.waiting.clone()));
    let phase = Memo::new(move |_| view.with(|view| view.phase));
    let edited = Memo::new(move |_| view.with(|view| view.edited));
    let brand = DeskView::here().path(&format!("/brands/{}", view.with_untracked(|view| view.brand_id.clone())));
    let brand = StoredValue::new(brand);
    view! {
        <div role="status" class="flex flex-col gap-3 empty:hidden">
            {move || {
                refusal
                    .get()
                    .map(|why| {
                        let next = match phase.get() {
                            CampaignPhase::Draft => "Correct it and register it again.",
                            _ => "It stays as the registry has it.",
                        };
                        view! {
                            <Alert tone=Tone::Danger title="The registry refused it">
                                <p class="wrap-anywhere">{sentence(&why)} " " {next}</p>
                            </Alert>
                        }
                    })
            }}
            {move || match phase.get() {
                CampaignPhase::OnItsWay => {
                    Some(
                        view! {
                            <Alert tone=Tone::Info title="On its way to the registry">
                                "The registry has not answered yet. It is told again by itself, and nothing is registered twice."
                            </Alert>
                        },
                    )
                }
                CampaignPhase::Held => {
                    let brand = brand.get_value();
                    Some(
                        view! {
                            <Alert tone=Tone::Danger title="Held by its brand">
                                "The registry has not verified the brand, or has deleted it: nothing leaves from these numbers. See "
                                <a class="link" href=brand>"the brand"</a> "."
                            </Alert>
                        },
                    )
                }
                CampaignPhase::Expired => {
                    Some(
                        view! {
                            <Alert tone=Tone::Warning title="Expired, for good">
                                "It was deactivated or not renewed. Its numbers are free: register another 10DLC campaign for them."
                            </Alert>
                        },
                    )
                }
                CampaignPhase::Draft if refusal.with(Option::is_none) => {
                    Some(
                        view! {
                            <Alert tone=Tone::Info title="A draft">
                                "The registry knows nothing of it before it is handed in at the last step."
                            </Alert>
                        },
                    )
                }
                _ => None,
            }}
            {move || {
                let waiting = waiting.get();
                (!waiting.is_empty())
                    .then(|| {
                        let what = waiting.iter().map(|one| one.label()).collect::<Vec<_>>().join(" and ");
                        view! {
                            <Alert tone=Tone::Info title="Waiting for the registry">
                                {format!("It still has to be told of {what}. That is tried again by itself.")}
                            </Alert>
                        }
                    })
            }}
            {move || {
                edited
                    .get()
                    .then(|| {
                        view! {
                            <Alert tone=Tone::Info title="There are changes that are not handed in">
                                "They count once they are handed in at the last step of the wizard."
                            </Alert>
                        }
                    })
            }}
        </div>
    }
}

/// Whose it is, and what the registry calls it.
#[component]
fn Registration(view: Memo<TenDlcView>) -> impl IntoView {
    let desk = DeskView::here();
    let known =
        Memo::new(move |_| view.with(|view| (view.registry_id.clone(), view.synced.clone(), view.form.auto_renewal)));
    let found = view.get_untracked();
    let brand = desk.path(&format!("/brands/{}", found.brand_id));
    view! {
        <Panel title="Registration">
            <Facts>
                <Fact label="Brand"><a class="link" href=brand>{found.brand}</a></Fact>
                <Fact label="Id at the registry">
                    {move || match known.get().0 {
                        Some(id) => view! { <span class="font-mono">{id}</span> }.into_any(),
                        None => view! { <span class="text-muted">"None yet"</span> }.into_any(),
                    }}
                </Fact>
                <Fact label="Renewal">{move || if known.get().2 { "By itself" } else { "Not by itself" }}</Fact>
                <Fact label="The registry was asked">{move || view! { <MaybeWhen moment=known.get().1/> }}</Fact>
                <Fact label="Made">
                    <When moment=found.created/> " by " {found.created_by}
                </Fact>
            </Facts>
        </Panel>
    }
}
