//! Campaigns of several workspaces: filters and table.

use std::sync::Arc;

use domain::campaign::{Mode, Status};
use leptos::{prelude::*, web_sys::FormData};
use leptos_router::{components::Form, params::ParamsMap};

use crate::{
    api::{
        campaigns::list::StatusGroup,
        master::{AcrossList, AcrossQuery, AcrossRow},
    },
    pages::campaigns::Row,
    state::query::{address, name_of, named},
    ui::prelude::*,
};

/// What the address asks for; what it does not say or says wrongly is left open.
pub fn read(params: &ParamsMap) -> AcrossQuery {
    let text = |key: &str| params.get_str(key).unwrap_or_default().trim().to_owned();
    AcrossQuery {
        workspace: text("workspace"),
        status: params.get_str("status").and_then(named),
        group: params.get_str("status").and_then(named),
        mode: params.get_str("mode").and_then(named),
        search: text("search"),
        before: params.get_str("before").filter(|before| !before.is_empty()).map(ToOwned::to_owned),
    }
}

/// The address of a list.
pub fn href(path: &str, query: &AcrossQuery) -> String {
    address(
        path,
        [
            ("workspace", query.workspace.clone()),
            ("status", status_name(query)),
            ("mode", query.mode.map(name_of).unwrap_or_default()),
            ("search", query.search.clone()),
            ("before", query.before.clone().unwrap_or_default()),
        ],
    )
}

fn status_name(query: &AcrossQuery) -> String {
    query.status.map(name_of).or_else(|| query.group.map(name_of)).unwrap_or_default()
}

/// A plain form of method GET: the filters are the address.
#[component]
pub fn Filters(
    path: &'static str,
    query: Memo<AcrossQuery>,
    /// With a field for the address of one workspace.
    #[prop(optional)]
    of_one: bool,
) -> impl IntoView {
    let now = query.get_untracked();
    let any = || Choice::new("", "Any");
    let statuses = std::iter::once(any())
        .chain(StatusGroup::ALL.into_iter().map(|group| Choice::new(name_of(group), group.label())))
        .chain(Status::ALL.into_iter().map(|status| Choice::new(name_of(status), status.label())))
        .collect();
    let modes = std::iter::once(any())
        .chain(Mode::ALL.into_iter().map(|mode| Choice::new(name_of(mode), mode.label())))
        .collect();
    let (status, mode) = (status_name(&now), now.mode.map(name_of).unwrap_or_default());
    view! {
        <Form method="get" action=path on_form_data=Arc::new(without_empty) attr:class="panel p-4" attr:role="search" attr:aria-label="Campaigns">
            <div class="grid items-end gap-3 sm:grid-cols-2 xl:grid-cols-5">
                <TextField name="search" label="Name, sender or id" r#type="search" value=now.search filter=true/>
                {of_one
                    .then(|| {
                        view! { <TextField name="workspace" label="Workspace's address" value=now.workspace mono=true filter=true/> }
                    })}
                <SelectField name="status" label="Status" choices=statuses value=status filter=true/>
                <SelectField name="mode" label="Mode" choices=modes value=mode filter=true/>
                <div class="flex gap-2">
                    <Button kind=ButtonKind::Secondary small=true>"Apply"</Button>
                    <LinkButton href=path kind=ButtonKind::Quiet small=true>"Clear"</LinkButton>
                </div>
            </div>
        </Form>
    }
}

/// An address names what is asked for, and not what could have been.
fn without_empty(form: &FormData) {
    // The button has no name, and is sent all the same.
    for key in ["", "search", "workspace", "status", "mode"] {
        if form.get(key).as_string().is_some_and(|value| value.is_empty()) {
            form.delete(key);
        }
    }
}

/// A page of the list; `nothing` is said when there is nothing on it.
#[component]
pub fn Campaigns(path: &'static str, list: AcrossList, query: AcrossQuery, nothing: &'static str) -> impl IntoView {
    let first = query.before.is_some().then(|| href(path, &AcrossQuery { before: None, ..query.clone() }));
    if list.rows.is_empty() {
        return view! {
            <Panel flush=true>
                <EmptyState title=nothing>
                    {first.map(|first| view! { <LinkButton href=first kind=ButtonKind::Secondary>"To the first page"</LinkButton> })}
                </EmptyState>
            </Panel>
        }
        .into_any();
    }
    let next = list.next.map(|last| href(path, &AcrossQuery { before: Some(last), ..query }));
    let rows = list
        .rows
        .into_iter()
        .map(|AcrossRow { slug, workspace, campaign }| {
            let path = format!("/w/{slug}/campaigns");
            view! { <Row row=campaign path workspace=Some(workspace)/> }
        })
        .collect_view();
    view! {
        <Panel flush=true>
            <Table caption="Campaigns">
                <thead>
                    <tr>
                        <th scope="col">"Campaign"</th>
                        <th scope="col">"Workspace"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Mode"</th>
                        <th scope="col">"Progress"</th>
                        <th scope="col">"Sender"</th>
                        <th scope="col">"Start"</th>
                        <th scope="col">"End"</th>
                        <th scope="col">"Created"</th>
                        <th scope="col">"Author"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            <CursorPaging first next/>
        </Panel>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back() {
        let query = AcrossQuery {
            workspace: "acme".into(),
            group: Some(StatusGroup::Active),
            mode: Some(Mode::OnDemand),
            search: "spring sale".into(),
            ..AcrossQuery::default()
        };
        assert_eq!(
            href("/w/master/campaigns", &query),
            "/w/master/campaigns?workspace=acme&status=active&mode=on_demand&search=spring%20sale"
        );
        let mut params = ParamsMap::new();
        for (key, value) in
            [("workspace", "acme"), ("status", "active"), ("mode", "on_demand"), ("search", "spring sale")]
        {
            params.insert(key, value.to_owned());
        }
        assert_eq!(read(&params), query);
    }
}
