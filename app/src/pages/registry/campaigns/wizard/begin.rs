//! `/w/{slug}/registry/campaigns/new`: for which brand, and what for. The brand is in the address, so that the use cases
//! that it can have are known without a script.

use domain::tendlc::limits::limits;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{page::TenDlcWizardHead, use_case::UseCases};
use crate::{
    api::registry::{
        DeskView,
        campaigns::wizard::{BeginTendlc, BrandOffer, TenDlcChoices, tendlc_choices},
    },
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn NewTenDlc() -> impl IntoView {
    let slug = StoredValue::new(DeskView::here().slug);
    let begin = ServerAction::<BeginTendlc>::new();
    let loaded = Resource::new(|| (), move |()| tendlc_choices(slug.get_value()));
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|query| query.get("brand").unwrap_or_default()));
    view! {
        <Transition fallback=|| view! { <Loading label="Looking at the brands"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(choices) => view! { <Choosing choices wanted begin/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Choosing(choices: TenDlcChoices, wanted: Memo<String>, begin: ServerAction<BeginTendlc>) -> impl IntoView {
    let TenDlcChoices { brands, connector } = choices;
    let brands = StoredValue::new(brands);
    // There is nothing to choose where one brand alone can have one.
    let chosen = Memo::new(move |_| {
        brands.with_value(|brands| {
            let open: Vec<&BrandOffer> = brands.iter().filter(|offer| offer.closed.is_none()).collect();
            let wanted = wanted.get();
            open.iter()
                .find(|offer| offer.known.id == wanted)
                .or_else(|| open.first().filter(|_| open.len() == 1))
                .map(|offer| (*offer).clone())
        })
    });
    view! {
        <TenDlcWizardHead title="New 10DLC campaign" step=1 reached=1/>
        <Brands brands chosen/>
        {move || chosen.get().map(|offer| view! { <Begin offer connector begin/> })}
    }
}

/// The brands of the workspace, each with the way on or with what is in the way.
#[component]
fn Brands(brands: StoredValue<Vec<BrandOffer>>, chosen: Memo<Option<BrandOffer>>) -> impl IntoView {
    let desk = DeskView::here();
    if brands.with_value(Vec::is_empty) {
        let (text, action) = if desk.rights.brands {
            ("A 10DLC campaign belongs to a brand: register that first.", Some(desk.path("/brands/new")))
        } else {
            (
                "A 10DLC campaign belongs to a brand, which your provider's staff registers for you. Ask them for it.",
                None,
            )
        };
        return view! {
            <Panel>
                <EmptyState title="This workspace has no brand yet" text>
                    {action.map(|href| view! { <LinkButton href small=true>"Register a brand"</LinkButton> })}
                </EmptyState>
            </Panel>
        }
        .into_any();
    }
    let row = move |offer: BrandOffer| {
        let here = DeskView::here();
        let BrandOffer { known, closed } = offer;
        let id = known.id.clone();
        let is_chosen =
            Memo::new(move |_| chosen.with(|chosen| chosen.as_ref().is_some_and(|chosen| chosen.known.id == id)));
        let score = known.score.map(|score| format!(", score {score}")).unwrap_or_default();
        let choose = format!("{}?brand={}", here.path("/campaigns/new"), known.id);
        let name = known.display_name.clone();
        view! {
            <li class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-base-300 px-4 py-3 last:border-b-0 sm:px-5">
                <div class="min-w-0">
                    <a class="link link-hover font-medium break-words" href=here.path(&format!("/brands/{}", known.id))>
                        {known.display_name}
                    </a>
                    <p class="text-sm text-muted">{known.entity_type.label()} " · " {known.identity.label()} {score}</p>
                    {closed.clone().map(|why| view! { <p class="mt-1 text-sm break-words">"Not possible now: " {why}</p> })}
                </div>
                {move || {
                    let name = name.clone();
                    if closed.is_some() {
                        view! { <Badge tone=Tone::Warning text="Not open"/> }.into_any()
                    } else if is_chosen.get() {
                        view! { <Badge tone=Tone::Success text="Chosen"/> }.into_any()
                    } else {
                        view! {
                            <LinkButton href=choose.clone() kind=ButtonKind::Secondary small=true>
                                "Choose" <span class="sr-only">" " {name}</span>
                            </LinkButton>
                        }
                            .into_any()
                    }
                }}
            </li>
        }
    };
    let rows = brands.get_value().into_iter().map(row).collect_view();
    view! {
        <Panel title="Brand" flush=true>
            <ul>{rows}</ul>
        </Panel>
    }
    .into_any()
}

#[component]
fn Begin(
    offer: BrandOffer,
    connector: domain::tendlc::limits::Connector,
    begin: ServerAction<BeginTendlc>,
) -> impl IntoView {
    let desk = DeskView::here();
    let refused: Signal<Option<AppError>> = Signal::derive(move || begin.value().get().and_then(Result::err));
    let id = offer.known.id.clone();
    view! {
        <Panel title=format!("What is it for, of {}?", offer.known.display_name)>
            <ActionForm action=begin attr:class="form">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=desk.slug.clone()/>
                <Hidden name="brand" value=id/>
                <UseCases brand=offer.known limits=limits(connector) error=refused/>
                <div class="form-actions">
                    <Button busy=begin.pending()>"Continue"</Button>
                    <LinkButton href=desk.path("") kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
}
