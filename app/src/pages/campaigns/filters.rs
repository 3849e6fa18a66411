//! The filters of the campaign list, and its address.

use std::sync::Arc;

use domain::campaign::{Mode, Status};
use leptos::{prelude::*, web_sys::FormData};
use leptos_router::{components::Form, params::ParamsMap};

use crate::{
    api::campaigns::list::{ListQuery, Sort, StatusGroup},
    state::query::{address, name_of, named},
    ui::prelude::*,
};

/// What the address asks for; what it does not say or says wrongly is left open.
pub fn read(params: &ParamsMap) -> ListQuery {
    let text = |key: &str| params.get_str(key).unwrap_or_default().trim().to_owned();
    ListQuery {
        status: params.get_str("status").and_then(named),
        group: params.get_str("status").and_then(named),
        mode: params.get_str("mode").and_then(named),
        search: text("search"),
        from: text("from"),
        to: text("to"),
        sort: params.get_str("sort").and_then(named).unwrap_or_default(),
        archived: params.get_str("archived") == Some("true"),
        before: params.get_str("before").filter(|before| !before.is_empty()).map(ToOwned::to_owned),
        skip: params.get_str("skip").and_then(|skip| skip.parse().ok()).unwrap_or_default(),
    }
}

/// The address of a list.
pub fn href(path: &str, query: &ListQuery) -> String {
    let sort = if query.sort == Sort::Newest { String::new() } else { name_of(query.sort) };
    let skip = if query.skip == 0 { String::new() } else { query.skip.to_string() };
    address(
        path,
        [
            ("status", status_name(query.status, query.group)),
            ("mode", query.mode.map(name_of).unwrap_or_default()),
            ("search", query.search.clone()),
            ("from", query.from.clone()),
            ("to", query.to.clone()),
            ("archived", if query.archived { "true".to_owned() } else { String::new() }),
            ("sort", sort),
            ("before", query.before.clone().unwrap_or_default()),
            ("skip", skip),
        ],
    )
}

/// The two share a place in the address: no status is called like a group.
fn status_name(status: Option<Status>, group: Option<StatusGroup>) -> String {
    status.map(name_of).or_else(|| group.map(name_of)).unwrap_or_default()
}

/// Whether the list shows less than all of the workspace.
pub fn narrows(query: &ListQuery) -> bool {
    let ListQuery { status, group, mode, search, from, to, .. } = query;
    status.is_some() || group.is_some() || mode.is_some() || [search, from, to].into_iter().any(|text| !text.is_empty())
}

/// A plain form of method GET: the filters are the address.
#[component]
pub fn Filters(path: String, query: Memo<ListQuery>) -> impl IntoView {
    let read = move || {
        let ListQuery { status, group, mode, search, from, to, .. } = query.get();
        [status_name(status, group), mode.map(name_of).unwrap_or_default(), search, from, to]
    };
    let fields = untrack(read).map(RwSignal::new);
    // Back and forward change the address under the form.
    Effect::new(move |before: Option<[String; 5]>| {
        let now = read();
        if before.is_some_and(|before| before != now) {
            for (field, value) in fields.into_iter().zip(now.clone()) {
                field.set(value);
            }
        }
        now
    });
    let [status, mode, search, from, to] = fields;
    let any = || Choice::new("", "Any");
    let statuses = std::iter::once(any())
        .chain(StatusGroup::ALL.into_iter().map(|group| Choice::new(name_of(group), group.label())))
        .chain(Status::ALL.into_iter().map(|status| Choice::new(name_of(status), status.label())))
        .collect();
    let modes = std::iter::once(any())
        .chain(Mode::ALL.into_iter().map(|mode| Choice::new(name_of(mode), mode.label())))
        .collect();
    let archived = untrack(|| query.with(|query| query.archived));
    let sort = move || match query.with(|query| query.sort) {
        Sort::Newest => String::new(),
        sort => name_of(sort),
    };
    let clear = path.clone();
    view! {
        <Form method="get" action=path on_form_data=Arc::new(without_empty) attr:class="panel p-4" attr:role="search" attr:aria-label="Campaigns">
            <div class="grid gap-3 sm:grid-cols-2 xl:grid-cols-[2fr_1fr_1fr_1fr_1fr]">
                <TextField name="search" label="Name, sender or id" r#type="search" bind=search filter=true/>
                <SelectField name="status" label="Status" choices=statuses bind=status filter=true/>
                <SelectField name="mode" label="Mode" choices=modes bind=mode filter=true/>
                <TextField name="from" label="Created from" r#type="date" bind=from filter=true/>
                <TextField name="to" label="Created to" r#type="date" bind=to filter=true/>
            </div>
            <div class="mt-3 flex flex-wrap items-center gap-x-5 gap-y-2">
                <Checkbox name="archived" label="Archived ones" checked=archived/>
                {move || (!sort().is_empty()).then(|| view! { <Hidden name="sort" value=sort()/> })}
                <div class="ml-auto flex gap-2">
                    <Show when=move || query.with(narrows)>
                        <LinkButton href=clear.clone() kind=ButtonKind::Quiet small=true>"Clear"</LinkButton>
                    </Show>
                    <Button kind=ButtonKind::Secondary small=true>"Apply"</Button>
                </div>
            </div>
        </Form>
    }
}

/// An address names what is asked for, and not what could have been.
fn without_empty(form: &FormData) {
    // The button has no name, and is sent all the same.
    for key in ["", "status", "mode", "search", "from", "to"] {
        if form.get(key).as_string().is_some_and(|value| value.is_empty()) {
            form.delete(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back() {
        let query = ListQuery {
            status: Some(Status::Paused),
            mode: Some(Mode::OnDemand),
            search: "spring sale".into(),
            from: "2026-11-01".into(),
            sort: Sort::SenderAscending,
            archived: true,
            skip: 50,
            ..ListQuery::default()
        };
        assert_eq!(
            href("/w/acme/campaigns", &query),
            "/w/acme/campaigns?status=paused&mode=on_demand&search=spring%20sale&from=2026-11-01&archived=true\
             &sort=sender_ascending&skip=50"
        );
        let mut params = ParamsMap::new();
        for (key, value) in [
            ("status", "paused"),
            ("mode", "on_demand"),
            ("search", "spring sale"),
            ("from", "2026-11-01"),
            ("archived", "true"),
            ("sort", "sender_ascending"),
            ("skip", "50"),
        ] {
            params.insert(key, value.to_owned());
        }
        assert_eq!(read(&params), query);
    }
}
