//! The presets, what each asks for, and which channels have it.

use leptos::prelude::*;

use super::PATH;
use crate::{
    api::installation::presets::{PresetRow, presets},
    error::sentence,
    pages::installation::{InstallationTab, InstallationTabs},
    ui::prelude::*,
};

#[component]
pub fn PresetList() -> impl IntoView {
    let loaded = Resource::new(|| (), |()| presets());
    view! {
        <PageHeading
            title="Policies"
            lead="A preset says how much a number may get. A link or a pool that has one keeps to it, whoever sends."
        >
            <LinkButton href="/installation/blacklist" kind=ButtonKind::Secondary>"Blacklist"</LinkButton>
            <LinkButton href="/installation/presets/new">"New preset"</LinkButton>
        </PageHeading>
        <InstallationTabs current=InstallationTab::Policies/>
        <Transition fallback=|| view! { <Loading label="Loading the presets"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(rows) if rows.is_empty() => {
                        view! {
                            <Panel>
                                <EmptyState
                                    title="There is no preset"
                                    text="Without one a channel has no policy: suppression lists hold, and nothing else does."
                                >
                                    <LinkButton href="/installation/presets/new" small=true>"New preset"</LinkButton>
                                </EmptyState>
                            </Panel>
                        }
                            .into_any()
                    }
                    Ok(rows) => view! { <Rows rows/> }.into_any(),
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
fn Rows(rows: Vec<PresetRow>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|PresetRow { id, name, rules, channels }| {
            let channels = if channels.is_empty() { "None".to_owned() } else { channels.join(", ") };
            view! {
                <tr>
                    <td><a class="link font-medium" href=format!("{PATH}/{id}")>{name}</a></td>
                    <td class="min-w-60">{sentence(&rules.join("; "))}</td>
                    <td class="font-mono text-xs">{channels}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="Presets" flush=true>
            <Table caption="Presets">
                <thead>
                    <tr>
                        <th scope="col">"Preset"</th>
                        <th scope="col">"What it asks for"</th>
                        <th scope="col">"Links and pools"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Panel>
        <p class="mt-4 max-w-prose text-sm text-muted">
            "Messages count from the time on at which a channel first had a preset with a limit, by all channels of a workspace together. What a \
            workspace sends counts for no other one. Days are those of the workspace's time zone."
        </p>
    }
}
