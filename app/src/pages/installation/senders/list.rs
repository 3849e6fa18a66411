//! The presets, what they send, and who is offered them.

use leptos::prelude::*;

use super::PATH;
use crate::{
    api::installation::senders::{SenderPresetRow, sender_presets},
    pages::installation::{InstallationTab, InstallationTabs},
    ui::prelude::*,
};

#[component]
pub fn SenderPresetList() -> impl IntoView {
    let loaded = Resource::new(|| (), |()| sender_presets());
    view! {
        <PageHeading
            title="Sender presets"
            lead="Sender names of the installation, which workspaces are offered beside their own. Campaigns with them are approved as any other."
        >
            <LinkButton href=format!("{PATH}/new")>"New sender preset"</LinkButton>
        </PageHeading>
        <InstallationTabs current=InstallationTab::Senders/>
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the sender presets"/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(rows) if rows.is_empty() => {
                            view! {
                                <EmptyState
                                    title="There is no sender preset"
                                    text="Workspaces send with their own sender names."
                                />
                            }
                                .into_any()
                        }
                        Ok(rows) => view! { <Rows rows/> }.into_any(),
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
    }
}

#[component]
fn Rows(rows: Vec<SenderPresetRow>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let SenderPresetRow { id, display_name, status, saddr, pending, offered_to } = row;
            let offered = offered_to.map_or_else(
                || "All workspaces".to_owned(),
                |count| counted(u64::from(count), "workspace", "workspaces"),
            );
            view! {
                <tr>
                    <th scope="row" class="font-normal">
                        <a class="link link-hover font-medium break-words" href=format!("{PATH}/{id}")>{display_name}</a>
                    </th>
                    <td><SenderBadge status/></td>
                    <td class="font-mono">{saddr.unwrap_or_else(|| "–".to_owned())}</td>
                    <td>{pending.map_or_else(|| "–".to_owned(), |number| format!("Revision {number}"))}</td>
                    <td>{offered}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Sender presets of the installation">
            <thead>
                <tr>
                    <th scope="col">"Preset"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col">"SADDR in force"</th>
                    <th scope="col">"Waiting"</th>
                    <th scope="col">"Offered to"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}
