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
        rows::RowsPage,
    },
    error::AppError,
    state::query::{address, page_of},
    ui::prelude::*,
};

#[component]
pub fn NewTenDlc() -> impl IntoView {
    let slug = StoredValue::new(DeskView::here().slug);
    let begin = ServerAction::<BeginTendlc>::new();
    let query = use_query_map();
    let wanted =
        Memo::new(move |_| query.with(|query| (query.get("brand").unwrap_or_default(), page_of(query, "page"))));
    let loaded =
        Resource::new(move || wanted.get(), move |(brand, page)| tendlc_choices(slug.get_value(), brand, page));
    view! {
        <Transition fallback=|| view! { <Loading label="Looking at the brands"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(choices) => view! { <Choosing choices begin/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Choosing(choices: TenDlcChoices, begin: ServerAction<BeginTendlc>) -> impl IntoView {
    let TenDlcChoices { brands, chosen, connector } = choices;
    let id = chosen.as_ref().map(|offer| offer.known.id.clone());
    view! {
        <TenDlcWizardHead title="New 10DLC campaign" step=1 reached=1/>
        <Brands brands chosen=id/>
        {chosen.map(|offer| view! { <Begin offer connector begin/> })}
    }
}

/// The brands of the workspace, each with the way on or with what is in the way.
#[component]
fn Brands(
    brands: RowsPage<BrandOffer>,
    /// By its id.
    chosen: Option<String>,
) -> impl IntoView {
    let desk = DeskView::here();
    let RowsPage { rows, page, pages, .. } = brands;
    if rows.is_empty() {
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
    let own = chosen.clone();
    let row = |offer: BrandOffer| {
        let here = DeskView::here();
        let BrandOffer { known, closed } = offer;
        let is_chosen = own.as_deref() == Some(&known.id);
        let score = known.score.map(|score| format!(", score {score}")).unwrap_or_default();
        let choose = address(
            &here.path("/campaigns/new"),
            [("brand", known.id.clone()), ("page", if page > 1 { page.to_string() } else { String::new() })],
        );
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
                {if closed.is_some() {
                    view! { <Badge tone=Tone::Warning text="Not open"/> }.into_any()
                } else if is_chosen {
                    view! { <Badge tone=Tone::Success text="Chosen"/> }.into_any()
                } else {
                    view! {
                        <LinkButton href=choose kind=ButtonKind::Secondary small=true>
                            "Choose" <span class="sr-only">" " {name}</span>
                        </LinkButton>
                    }
                        .into_any()
                }}
            </li>
        }
    };
    let rows = rows.into_iter().map(row).collect_view();
    let path = desk.path("/campaigns/new");
    let href =
        move |page: u32| address(&path, [("brand", chosen.clone().unwrap_or_default()), ("page", page.to_string())]);
    view! {
        <Panel title="Brand" flush=true>
            <ul>{rows}</ul>
            <Pagination page pages href/>
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
