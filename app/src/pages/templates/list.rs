//! The templates of a workspace.

use domain::{message_template::VersionState, permission::Permission};
use leptos::prelude::*;

use super::version::StateBadge;
use crate::{
    api::templates::{TemplateRow, templates},
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn TemplateList() -> impl IntoView {
    let workspace = use_workspace();
    let slug = workspace.slug.clone();
    let rows = Resource::new(|| (), move |()| templates(slug.clone()));
    let may_write = workspace.may(Permission::CreateCampaign);
    let new = workspace.path("/templates/new");
    let base = StoredValue::new(workspace.path("/templates"));
    view! {
        <PageHeading title="Templates" lead="Texts to begin a campaign with. Moderators can approve one by itself, and see where it is used unaltered.">
            {may_write.then(|| view! { <LinkButton href=new.clone()>"New template"</LinkButton> })}
        </PageHeading>
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the templates"/> }>
                {move || Suspend::new(async move {
                    match rows.await {
                        Ok(rows) if rows.is_empty() => {
                            let text = if may_write {
                                "Write a text once, and choose it in the second step of each campaign that needs it."
                            } else {
                                "Authors and admins of the workspace write them."
                            };
                            view! { <EmptyState title="No template yet" text=text/> }.into_any()
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
fn Rows(base: String, rows: Vec<TemplateRow>) -> impl IntoView {
    view! {
        <Table caption="Templates of the workspace">
            <thead>
                <tr>
                    <th scope="col">"Template"</th>
                    <th scope="col">"Text that is offered"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Waiting"</th>
                    <th scope="col">"Made by"</th>
                </tr>
            </thead>
            <tbody>
                {rows
                    .into_iter()
                    .map(|row| {
                        let state = if row.archived {
                            view! { <Badge tone=Tone::Neutral text="Archived"/> }.into_any()
                        } else {
                            view! { <StateBadge state=row.state/> }.into_any()
                        };
                        let refused = row.state == VersionState::Rejected;
                        view! {
                            <tr class="align-top">
                                <th scope="row" class="font-normal">
                                    <a class="link link-hover font-medium break-words" href=format!("{base}/{}", row.id)>
                                        {row.name}
                                    </a>
                                    <span class="block text-xs text-muted">{format!("version {}", row.version)}</span>
                                </th>
                                <td class="min-w-60 max-w-md break-words whitespace-pre-wrap" class:text-muted=refused>
                                    {row.text}
                                </td>
                                <td>{state}</td>
                                <td>
                                    {row.waiting.map_or_else(|| "–".to_owned(), |number| format!("Version {number}"))}
                                </td>
                                <td class="break-words">{row.by}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </Table>
    }
}
