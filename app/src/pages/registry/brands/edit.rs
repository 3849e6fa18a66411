//! `/w/{slug}/registry/brands/{id}/edit`: other details for a brand, and what that costs.

use domain::tendlc::EntityType;
use leptos::{prelude::*, server_fn::ServerFn as _};
use leptos_router::hooks::{use_params_map, use_query_map};

use super::form::BrandFields;
use crate::{
    api::registry::{
        DeskView,
        brands::{
            ChangeBrand, DiscardBrandEdit, brand_to_edit,
            form::{EditedBrand, limits_of},
        },
    },
    error::AppError,
    state::query::address,
    ui::prelude::*,
};

#[component]
pub fn EditBrand() -> impl IntoView {
    let desk = DeskView::here();
    if !desk.rights.brands {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let change = ServerAction::<ChangeBrand>::new();
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let other = Memo::new(move |_| query.with(|query| query.get_str("type").and_then(EntityType::from_word)));
    let slug = desk.slug.clone();
    let loaded = Resource::new(move || id.get(), move |id| brand_to_edit(slug.clone(), id));
    let desk = StoredValue::new(desk);
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the brand"/> }>
            {move || {
                let other = other.get();
                Suspend::new(async move {
                    match loaded.await {
                        Ok(edited) => {
                            let id = id.get_untracked();
                            view! { <Edit desk=desk.get_value() id edited other change/> }.into_any()
                        }
                        Err(error) => view! { <ErrorView error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

#[component]
fn Edit(
    desk: DeskView,
    id: String,
    edited: EditedBrand,
    #[prop(optional_no_strip)] other: Option<EntityType>,
    change: ServerAction<ChangeBrand>,
) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || change.value().get().and_then(Result::err));
    let unconfirmed = Signal::derive(move || refused.get().and_then(|error| error.field_error("confirmed")));
    let EditedBrand { name, input, seen, was_refused, connector, registered, campaigns } = edited;
    let page = desk.path(&format!("/brands/{id}"));
    let crumbs = vec![Crumb::new("10DLC", desk.path("")), Crumb::new(name.clone(), page.clone())];
    let now = EntityType::from_word(&input.entity_type).unwrap_or(EntityType::PrivateProfit);
    let entity_type = other.unwrap_or(now);
    let warning = registered.then(|| view! { <Forgets campaigns unconfirmed/> });
    let save = if registered { "Save and tell the registry" } else { "Save and hand in" };
    view! {
        <Breadcrumbs crumbs/>
        <PageHeading title=format!("Change {name}")/>
        {was_refused.then(|| view! { <WasRefused slug=desk.slug.clone() id=id.clone()/> })}
        <Panel>
            <ActionForm action=change attr:class="flex max-w-4xl flex-col gap-7">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=desk.slug.clone()/>
                <Hidden name="id" value=id/>
                <Types entity_type page=page.clone()/>
                <Kept path=ChangeBrand::PATH>
                    // That of the form as it was opened first: what came meanwhile was not seen.
                    <Hidden name="seen" value=seen.to_string()/>
                    <BrandFields entity_type input limits=limits_of(connector) refused mock_is_fixed=registered/>
                </Kept>
                {warning}
                <div class="flex flex-wrap gap-3">
                    <Button busy=change.pending() disabled=!desk.rights.connected>{save}</Button>
                    <LinkButton href=page kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
}

/// What was typed last is not what the registry has.
#[component]
fn WasRefused(slug: String, id: String) -> impl IntoView {
    let discard = ServerAction::<DiscardBrandEdit>::new();
    view! {
        <Alert tone=Tone::Warning title="The registry refused these details">
            <p>"They are kept here so that you can correct them. Until then the brand is as the registry has it."</p>
            <ActionForm action=discard attr:class="mt-2">
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=id/>
                <Button kind=ButtonKind::Secondary small=true busy=discard.pending()>"Discard them"</Button>
            </ActionForm>
        </Alert>
    }
}

/// Another form for another entity type; what is typed and not saved is lost, so it comes first.
#[component]
fn Types(entity_type: EntityType, page: String) -> impl IntoView {
    let edit = format!("{page}/edit");
    let others = EntityType::ALL
        .iter()
        .filter(|other| **other != entity_type)
        .map(|other| {
            let href = address(&edit, [("type", other.word().to_owned())]);
            view! { <li><a class="link inline-block py-1" href=href>{other.label()}</a></li> }
        })
        .collect_view();
    view! {
        <div>
            <p><span class="text-muted">"Entity type: "</span><span class="font-medium">{entity_type.label()}</span></p>
            <details class="text-sm">
                <summary class="cursor-pointer py-1">"It is something else"</summary>
                <ul class="pl-4">{others}</ul>
            </details>
        </div>
    }
}

#[component]
fn Forgets(campaigns: u64, unconfirmed: Signal<Option<String>>) -> impl IntoView {
    let of = match campaigns {
        0 => String::new(),
        1 => " Messages of its 10DLC campaign stop until then.".to_owned(),
        several => format!(" Messages of its {several} 10DLC campaigns stop until then."),
    };
    view! {
        <Alert tone=Tone::Warning title="Four changes make the registry forget the brand">
            <p>
                "With another legal name, tax number, country or entity type it is not verified any more until the registry has compared it anew."
                {of}
            </p>
            <div class="mt-3">
                <Checkbox name="confirmed" label="Change them all the same"/>
                {move || unconfirmed.get().map(|said| view! { <p class="field-error">{said}</p> })}
            </div>
        </Alert>
    }
}
