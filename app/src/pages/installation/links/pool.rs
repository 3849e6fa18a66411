//! `/installation/pools/new` and `/installation/pools/{id}`: which links share the messages of a channel.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{ConditionBadge, PATH};
use crate::{
    api::installation::links::{
        Origin,
        pools::{AddPool, ChangePool, PoolDetail, PoolRow, RemovePool, link_pool},
    },
    error::AppError,
    pages::installation::{InstallationTab, InstallationTabs, presets::PolicyChoice},
    ui::prelude::*,
};

#[component]
pub fn NewPool() -> impl IntoView {
    let add = ServerAction::<AddPool>::new();
    let loaded = Resource::new(|| (), |()| link_pool(String::new()));
    let refused: Signal<Option<AppError>> = Signal::derive(move || add.value().get().and_then(Result::err));
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Links to carriers", PATH)]/>
        <PageHeading title="New pool" lead="Several links that campaigns use as one channel."/>
        <InstallationTabs current=InstallationTab::Links/>
        <Transition fallback=|| view! { <Loading label="Loading the links"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(PoolDetail { links, .. }) if links.is_empty() => {
                        view! {
                            <Panel>
                                <EmptyState title="There is no link that sends" text="A pool is made of links: add one first.">
                                    <LinkButton href="/installation/links/new" small=true>"New link"</LinkButton>
                                </EmptyState>
                            </Panel>
                        }
                            .into_any()
                    }
                    Ok(PoolDetail { links, .. }) => {
                        view! {
                            <Panel>
                                <ActionForm action=add attr:class="flex max-w-2xl flex-col gap-5">
                                    <ErrorSummary error=refused/>
                                    <TextField
                                        name="id"
                                        label="Id"
                                        maxlength=64
                                        mono=true
                                        hint="Lower-case letters, digits, - and _. Campaigns keep it, so it cannot be changed later."
                                        error=Signal::derive(move || refused.get().and_then(|error| error.field_error("id")))
                                    />
                                    <Fields links failover=true rate=None error=refused/>
                                    <div class="flex flex-wrap gap-3">
                                        <Button busy=add.pending()>"Add the pool"</Button>
                                        <LinkButton href=PATH kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                                    </div>
                                </ActionForm>
                            </Panel>
                        }
                            .into_any()
                    }
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
pub fn PoolPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("pool").unwrap_or_default()));
    let change = ServerAction::<ChangePool>::new();
    let remove = ServerAction::<RemovePool>::new();
    let loaded = Resource::new(move || id.get(), link_pool);
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Links to carriers", PATH)]/>
        <Transition fallback=|| view! { <Loading label="Loading the pool"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(PoolDetail { pool: Some(pool), links }) => view! { <Loaded pool links change remove/> }.into_any(),
                    Ok(_) => view! { <ErrorView error=AppError::NotFound/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Loaded(
    pool: PoolRow,
    links: Vec<(String, String)>,
    change: ServerAction<ChangePool>,
    remove: ServerAction<RemovePool>,
) -> impl IntoView {
    let PoolRow { id, name, origin, condition, members, failover, rate_segments_per_s: rate, trouble, revision } = pool;
    let refused: Signal<Option<AppError>> = Signal::derive(move || {
        change.value().get().and_then(Result::err).or_else(|| remove.value().get().and_then(Result::err))
    });
    let weights: Vec<(String, u32)> = members.iter().map(|member| (member.link.clone(), member.weight)).collect();
    let channel = id.clone();
    let body = match revision {
        None => view! {
            <Panel title="Links">
                <p class="mb-4 max-w-prose">
                    {if origin == Origin::File {
                        "This pool is set up in the configuration file of Message Center, in [[pools]], which is read at the start."
                    } else {
                        "This pool is set up elsewhere."
                    }}
                </p>
                <Facts>
                    {members
                        .into_iter()
                        .map(|member| {
                            let weight = if member.weight == 0 { "Reserve".to_owned() } else { format!("Weight {}", member.weight) };
                            view! { <Fact label=member.name>{weight}</Fact> }
                        })
                        .collect_view()}
                    {rate.map(|rate| view! { <Fact label="Segments per second">{grouped(rate.into())}</Fact> })}
                </Facts>
            </Panel>
        }
        .into_any(),
        Some(revision) => {
            let (id_to_change, named, asked) = (id.clone(), name.clone(), format!("Remove {name}?"));
            view! {
                <Panel title="Settings">
                    <ActionForm action=change attr:class="flex max-w-2xl flex-col gap-5">
                        <ErrorSummary error=refused/>
                        <Hidden name="id" value=id_to_change/>
                        <Hidden name="revision" value=revision.to_string()/>
                        <Fields links name=named weights failover rate error=refused/>
                        <div class="flex flex-wrap gap-3">
                            <Button busy=change.pending()>"Save"</Button>
                            <DialogOpen id="remove" kind=ButtonKind::Secondary>"Remove"</DialogOpen>
                        </div>
                    </ActionForm>
                    <Dialog id="remove" title=asked>
                        <p>"Its links stay. Campaigns cannot be sent by it any more."</p>
                        <ActionForm action=remove>
                            <Hidden name="id" value=id/>
                            <Hidden name="revision" value=revision.to_string()/>
                            <div class="dialog-actions">
                                <Button kind=ButtonKind::Danger busy=remove.pending()>"Remove"</Button>
                                <DialogClose id="remove"/>
                            </div>
                        </ActionForm>
                    </Dialog>
                </Panel>
            }
            .into_any()
        }
    };
    view! {
        <PageHeading title=name><ConditionBadge condition/></PageHeading>
        <InstallationTabs current=InstallationTab::Links/>
        {trouble.map(|trouble| view! { <Alert tone=Tone::Warning title="This pool is not set up">{trouble}</Alert> })}
        {body}
        <PolicyChoice channel/>
    }
}

#[component]
fn Fields(
    links: Vec<(String, String)>,
    #[prop(optional, into)] name: String,
    #[prop(optional)] weights: Vec<(String, u32)>,
    failover: bool,
    rate: Option<u32>,
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    let wrong =
        move |field: &'static str| Signal::derive(move || error.get().and_then(|error| error.field_error(field)));
    let members = wrong("members");
    let rows = links
        .into_iter()
        .map(|(link, label)| {
            let weight = weights.iter().find(|(id, _)| *id == link).map(|(_, weight)| weight.to_string());
            view! {
                <TextField
                    name=format!("weights[{link}]")
                    id=format!("field-weight-{link}")
                    label
                    value=weight.unwrap_or_default()
                    r#type="number"
                    inputmode="numeric"
                    min="0"
                    max="1000"
                    optional=true
                />
            }
        })
        .collect_view();
    view! {
        <TextField name="name" label="Name" value=name maxlength=80 hint="As authors see it." error=wrong("name")/>
        <fieldset id="field-members" tabindex="-1">
            <legend class="font-semibold">"Weights"</legend>
            <p class="field-hint mb-3">
                "Its share of the messages in proportion to the others that are up. 0 is a reserve, used while no other is up. Without a weight \
                a link is not in the pool."
            </p>
            {move || members.get().map(|said| view! { <p class="field-error mb-3">{said}</p> })}
            <div class="grid gap-4 sm:grid-cols-2">{rows}</div>
        </fieldset>
        <TextField
            name="rate_segments_per_s"
            label="Segments per second"
            value=rate.map(|rate| rate.to_string()).unwrap_or_default()
            r#type="number"
            inputmode="numeric"
            min="1"
            max="1000000"
            optional=true
            hint="Of all its links together, in addition to what each may send. Workspaces share it evenly, and single messages go first. Empty: what the links take."
            error=wrong("rate_segments_per_s")
        />
        <Checkbox
            name="failover"
            label="Failover"
            checked=failover
            hint="What a link has not sent when it goes down goes out by the others. What may be with a carrier never does."
        />
    }
}
