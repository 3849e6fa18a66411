//! The sender names of a workspace.

use domain::permission::Permission;
use leptos::prelude::*;

use crate::{
    api::senders::{SenderRow, senders},
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn SenderList() -> impl IntoView {
    let workspace = use_workspace();
    let slug = workspace.slug.clone();
    let rows = Resource::new(|| (), move |()| senders(slug.clone()));
    let may_create = workspace.may(Permission::ManageSender);
    let new = workspace.path("/senders/new");
    let base = StoredValue::new(workspace.path("/senders"));
    view! {
        <PageHeading title="Senders" lead="The names and numbers that phones show. Each change is a revision that somebody approves.">
            {may_create.then(|| view! { <LinkButton href=new.clone()>"New sender"</LinkButton> })}
        </PageHeading>
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the senders"/> }>
                {move || Suspend::new(async move {
                    match rows.await {
                        Ok(rows) if rows.is_empty() => {
                            let text = if may_create {
                                "Create one; as soon as a moderator has approved it, campaigns can be sent with it."
                            } else {
                                "An admin of the workspace creates them."
                            };
                            view! { <EmptyState title="No sender yet" text=text/> }.into_any()
                        }
                        Ok(rows) => view! { <Rows base=base.get_value() rows/> }.into_any(),
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| rows.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
    }
}

#[component]
fn Rows(base: String, rows: Vec<SenderRow>) -> impl IntoView {
    view! {
        <Table caption="Sender names of the workspace">
            <thead>
                <tr>
                    <th scope="col">"Sender"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col">"SADDR in force"</th>
                    <th scope="col">"Waiting"</th>
                    <th scope="col">"Created"</th>
                </tr>
            </thead>
            <tbody>
                {rows
                    .into_iter()
                    .map(|row| {
                        view! {
                            <tr>
                                <th scope="row" class="font-normal">
                                    <a class="link link-hover font-medium break-words" href=format!("{base}/{}", row.id)>
                                        {row.display_name}
                                    </a>
                                    {row.of_installation
                                        .then(|| view! { " " <Badge tone=Tone::Info text="Of the installation"/> })}
                                </th>
                                <td><SenderBadge status=row.status/></td>
                                <td class="font-mono">{row.saddr.unwrap_or_else(|| "–".to_owned())}</td>
                                <td>{row.pending.map_or_else(|| "–".to_owned(), |number| format!("Revision {number}"))}</td>
                                <td><When moment=row.created/></td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </Table>
    }
}
