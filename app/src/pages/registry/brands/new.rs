//! `/w/{slug}/registry/brands/new`: what the brand is, then its form. The choice is in the address.

use domain::tendlc::EntityType;
use leptos::{prelude::*, server_fn::ServerFn as _};
use leptos_router::hooks::use_query_map;

use super::form::{BrandFields, explained};
use crate::{
    api::registry::{
        DeskView,
        brands::{
            CreateBrand, begin_brand,
            form::{BrandInput, NewBrand, limits_of},
        },
    },
    error::AppError,
    state::query::address,
    ui::prelude::*,
};

#[component]
pub fn NewBrandPage() -> impl IntoView {
    let desk = DeskView::here();
    if !desk.rights.brands {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let create = ServerAction::<CreateBrand>::new();
    let params = use_query_map();
    let chosen = Memo::new(move |_| params.with(|params| params.get_str("type").and_then(EntityType::from_word)));
    let slug = desk.slug.clone();
    let begun = Resource::new(|| (), move |()| begin_brand(slug.clone()));
    let crumbs = vec![Crumb::new("10DLC", desk.path(""))];
    let desk = StoredValue::new(desk);
    view! {
        <Breadcrumbs crumbs/>
        <PageHeading title="New brand" lead="Who sends. What you say here is compared with public registers."/>
        {move || match chosen.get() {
            None => view! { <Types desk=desk.get_value()/> }.into_any(),
            Some(entity_type) => {
                view! {
                    <Transition fallback=|| view! { <Loading label="Preparing the form"/> }>
                        {move || Suspend::new(async move {
                            match begun.await {
                                Ok(begun) => view! { <NewForm desk=desk.get_value() entity_type begun create/> }.into_any(),
                                Err(error) => {
                                    let retry = Callback::new(move |()| begun.refetch());
                                    view! { <Panel><LoadError error retry/></Panel> }.into_any()
                                }
                            }
                        })}
                    </Transition>
                }
                    .into_any()
            }
        }}
    }
    .into_any()
}

/// The choice of what the brand is: an address each.
#[component]
fn Types(desk: DeskView) -> impl IntoView {
    let path = desk.path("/brands/new");
    let entries = EntityType::ALL
        .iter()
        .map(|entity_type| {
            let href = address(&path, [("type", entity_type.word().to_owned())]);
            view! {
                <li class="border-t border-base-300 first:border-t-0">
                    <a class="block px-4 py-3 hover:bg-base-200 sm:px-5" href=href>
                        <span class="link link-hover font-medium">{entity_type.label()}</span>
                        <span class="block text-sm text-muted">{explained(*entity_type)}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel title="What is the brand?" flush=true>
            <ul>{entries}</ul>
        </Panel>
    }
}

#[component]
fn NewForm(
    desk: DeskView,
    entity_type: EntityType,
    begun: NewBrand,
    create: ServerAction<CreateBrand>,
) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || create.value().get().and_then(Result::err));
    let NewBrand { key, connector } = begun;
    let off = !desk.rights.connected;
    view! {
        <Panel>
            <p class="mb-5">
                <span class="font-medium">{entity_type.label()}</span>
                ". "
                {explained(entity_type)}
                " "
                <a class="link" href=desk.path("/brands/new")>"Choose something else"</a>
            </p>
            <ActionForm action=create attr:class="flex max-w-4xl flex-col gap-7">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=desk.slug.clone()/>
                <Kept path=CreateBrand::PATH>
                    <Hidden name="key" value=key/>
                    <BrandFields entity_type input=BrandInput::new(entity_type) limits=limits_of(connector) refused/>
                </Kept>
                <div class="flex flex-wrap gap-3">
                    <Button busy=create.pending() disabled=off>"Register the brand"</Button>
                    <LinkButton href=desk.path("") kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
}
