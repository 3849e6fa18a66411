//! `/installation/links`: how the links are, and the pools of them.

use leptos::prelude::*;

use super::{ConditionBadge, LOOK_MS, PATH, per_second};
use crate::{
    api::installation::links::{LinkList as Found, LinkRow, carrier_links, pools::PoolRow},
    pages::installation::{InstallationTab, InstallationTabs},
    state::poll::poll,
    ui::prelude::*,
};

#[component]
pub fn LinkList() -> impl IntoView {
    let loaded = Resource::new(|| (), |()| carrier_links());
    poll(LOOK_MS, || true, move || loaded.refetch());
    view! {
        <PageHeading title="Links to carriers" lead="By them messages leave, for all workspaces.">
            <LinkButton href="/installation/pools/new" kind=ButtonKind::Secondary>"New pool"</LinkButton>
            <LinkButton href="/installation/links/new">"New link"</LinkButton>
        </PageHeading>
        <InstallationTabs current=InstallationTab::Links/>
        <Transition fallback=|| view! { <Loading label="Looking how the links are"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(found) => view! { <Both found/> }.into_any(),
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
fn Both(found: Found) -> impl IntoView {
    let Found { links, pools, simulator_beside } = found;
    view! {
        {simulator_beside
            .then(|| {
                view! {
                    <Alert tone=Tone::Warning title="The simulator is in use beside real links">
                        <p>
                            "Whoever chooses it for a campaign sends nothing. "
                            <a class="link" href="/installation/links/simulator">"Disable it"</a> " unless you need it for trials."
                        </p>
                    </Alert>
                }
            })}
        <Panel title="Links" flush=true>
            {if links.is_empty() {
                view! {
                    <EmptyState title="There is no link" text="No message can leave before there is one.">
                        <LinkButton href="/installation/links/new" small=true>"New link"</LinkButton>
                    </EmptyState>
                }
                    .into_any()
            } else {
                view! { <Links links/> }.into_any()
            }}
        </Panel>
        <Panel title="Pools" flush=true>
            {if pools.is_empty() {
                view! {
                    <EmptyState
                        title="There is no pool"
                        text="A pool is several links that campaigns use as one channel: they share the messages by weight, and one takes over when another is down."
                    >
                        <LinkButton href="/installation/pools/new" kind=ButtonKind::Secondary small=true>"New pool"</LinkButton>
                    </EmptyState>
                }
                    .into_any()
            } else {
                view! { <Pools pools/> }.into_any()
            }}
        </Panel>
    }
}

#[component]
fn Links(links: Vec<LinkRow>) -> impl IntoView {
    let rows = links.into_iter().map(|link| view! { <Row link/> }).collect_view();
    view! {
        <Table caption="Links to carriers">
            <thead>
                <tr>
                    <th scope="col">"Link"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="text-right">"Sessions"</th>
                    <th scope="col" class="text-right">"Window"</th>
                    <th scope="col" class="text-right">"Waiting"</th>
                    <th scope="col" class="text-right">"Segments/s"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Row(link: LinkRow) -> impl IntoView {
    let LinkRow { id, name, origin, address, tls, simulator, condition, live, trouble } = link;
    let place = address.map(|address| if tls { format!("{address}, TLS") } else { address });
    let about = [place, Some(origin.label().to_owned()), simulator.then(|| "no real message leaves".to_owned())];
    let about = about.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let [sessions, window, waiting, rate] = match live {
        None => ["–"; 4].map(str::to_owned),
        Some(live) => {
            let limit = live.rate_limit.map(|limit| format!(" of {}", per_second(limit))).unwrap_or_default();
            let throttled = if live.throttled { ", throttled" } else { "" };
            [
                format!("{} of {}", live.sessions_bound, live.sessions_configured),
                format!("{} of {}", grouped(u64::from(live.window_used)), grouped(u64::from(live.window))),
                grouped(live.queued),
                format!("{}{limit}{throttled}", per_second(live.rate)),
            ]
        }
    };
    view! {
        <tr>
            <th scope="row" class="min-w-52 font-medium break-words">
                <a class="link link-hover" href=format!("{PATH}/{id}")>{name}</a>
                <span class="block text-xs font-normal text-muted break-words">{about}</span>
                {trouble.map(|trouble| view! { <span class="block text-sm font-normal break-words">{trouble}</span> })}
            </th>
            <td><ConditionBadge condition/></td>
            <td class="text-right tabular-nums whitespace-nowrap">{sessions}</td>
            <td class="text-right tabular-nums whitespace-nowrap">{window}</td>
            <td class="text-right tabular-nums">{waiting}</td>
            <td class="text-right tabular-nums whitespace-nowrap">{rate}</td>
        </tr>
    }
}

#[component]
fn Pools(pools: Vec<PoolRow>) -> impl IntoView {
    let rows = pools
        .into_iter()
        .map(|pool| {
            let shares = pool.members.iter().map(|member| match member.weight {
                0 => format!("{} (reserve)", member.name),
                weight => format!("{} {weight}", member.name),
            });
            let shares = shares.collect::<Vec<_>>().join(" · ");
            view! {
                <tr>
                    <th scope="row" class="min-w-44 font-medium break-words">
                        <a class="link link-hover" href=format!("/installation/pools/{}", pool.id)>{pool.name}</a>
                        <span class="block text-xs font-normal text-muted">{pool.origin.label()}</span>
                        {pool.trouble.map(|trouble| view! { <span class="block text-sm font-normal break-words">{trouble}</span> })}
                    </th>
                    <td><ConditionBadge condition=pool.condition/></td>
                    <td class="min-w-44 break-words">{shares}</td>
                    <td class="tabular-nums">{pool.rate_segments_per_s.map_or_else(|| "–".to_owned(), |rate| grouped(rate.into()))}</td>
                    <td>{if pool.failover { "Yes" } else { "No" }}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Pools of links">
            <thead>
                <tr>
                    <th scope="col">"Pool"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Links with their weights"</th>
                    <th scope="col">"Segments/s"</th>
                    <th scope="col">"Failover"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}
