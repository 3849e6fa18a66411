//! What each role may do, drawn from the table by which the server decides.

use domain::{
    permission::{Capacity, Permission, Reach},
    workspace::Rules,
};
use leptos::prelude::*;

use super::{MemberTab, MemberTabs};
use crate::{pages::layout::use_workspace, ui::prelude::*};

#[component]
pub fn Roles() -> impl IntoView {
    let workspace = use_workspace();
    let own = workspace.capacity;
    // As it is once an archived workspace is restored.
    let rules = Rules { archived: false, ..workspace.rules };
    let heads = Capacity::ALL
        .into_iter()
        .map(|capacity| {
            view! {
                <th scope="col" class="text-center">
                    {capacity.label()}
                    {(capacity == own).then(|| view! { <span class="block text-xs font-normal text-base-content">"you"</span> })}
                </th>
            }
        })
        .collect_view();
    let rows = Permission::ALL
        .iter()
        .map(|&permission| {
            let cells = Capacity::ALL
                .into_iter()
                .map(|capacity| view! { <Cell reach=rules.reach(permission, capacity) own=capacity == own/> })
                .collect_view();
            view! {
                <tr>
                    <th scope="row" class="min-w-52 font-normal">{permission.label()}</th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    let four_eyes = if workspace.four_eyes {
        "Four eyes are on in this workspace: nobody approves a version that they created, edited, uploaded to or submitted, \
         whatever their role."
    } else {
        "Four eyes are off in this workspace: people may approve what they made themselves, and each such approval is recorded."
    };
    view! {
        <PageHeading title="Roles" lead=four_eyes/>
        <MemberTabs at=MemberTab::Roles/>
        <Panel flush=true>
            <Table caption="What each role may do">
                <thead>
                    <tr>
                        <th scope="col">"Action"</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Panel>
        <p class="max-w-prose text-sm text-muted">
            "“Own” means campaigns that the person created. A super admin enters every workspace, and the audit log says in \
            which capacity somebody acted."
        </p>
    }
}

#[component]
fn Cell(reach: Reach, own: bool) -> impl IntoView {
    let (class, mark, said) = match reach {
        Reach::Any => ("font-semibold text-success", "✓", "yes"),
        Reach::Own => ("", "own", "own only"),
        Reach::None => ("text-muted", "–", "no"),
    };
    view! {
        <td class=if own { "bg-base-200 text-center" } else { "text-center" }>
            <span class=class aria-hidden="true">{mark}</span>
            <span class="sr-only">{said}</span>
        </td>
    }
}
