//! The filters of the audit log, and its address.

use std::sync::Arc;

use leptos::{prelude::*, web_sys::FormData};
use leptos_router::{components::Form, params::ParamsMap};

use super::words::words_in_full;
use crate::{api::audit::AuditQuery, state::query::address, ui::prelude::*};

/// What the address asks for.
pub fn read(params: &ParamsMap) -> AuditQuery {
    let text = |key: &str| params.get_str(key).unwrap_or_default().trim().to_owned();
    AuditQuery {
        who: text("who"),
        action: text("action"),
        about: text("about"),
        kind: text("kind"),
        from: text("from"),
        to: text("to"),
        before: text("before"),
    }
}

/// The address of a log.
pub fn href(path: &str, query: &AuditQuery) -> String {
    address(path, fields(query).into_iter().chain([("before", query.before.clone())]))
}

/// The filters by their names.
pub fn fields(query: &AuditQuery) -> [(&'static str, String); 6] {
    [
        ("who", query.who.clone()),
        ("action", query.action.clone()),
        ("about", query.about.clone()),
        ("kind", query.kind.clone()),
        ("from", query.from.clone()),
        ("to", query.to.clone()),
    ]
}

/// Whether the log shows less than all of it.
pub fn narrows(query: &AuditQuery) -> bool {
    fields(query).iter().any(|(_, value)| !value.is_empty())
}

/// A plain form of method GET: the filters are the address.
#[component]
pub fn Filters(
    path: String,
    query: Memo<AuditQuery>,
    groups: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let read = move || query.with(fields).map(|(_, value)| value);
    let fields = untrack(read).map(RwSignal::new);
    // Back and forward change the address under the form.
    Effect::new(move |before: Option<[String; 6]>| {
        let now = read();
        if before.is_some_and(|before| before != now) {
            for (field, value) in fields.into_iter().zip(now.clone()) {
                field.set(value);
            }
        }
        now
    });
    let [who, action, about, kind, from, to] = fields;
    let clear = path.clone();
    // A single action comes from a link; the list has the groups.
    let actions = move || {
        let chosen = query.with(|query| query.action.clone());
        let known = chosen.is_empty() || groups.iter().any(|(group, _)| *group == chosen);
        let single = (!known).then(|| Choice::new(chosen.clone(), words_in_full(&chosen)));
        std::iter::once(Choice::new("", "Any"))
            .chain(groups.iter().map(|(group, label)| Choice::new(*group, *label)))
            .chain(single)
            .collect::<Vec<_>>()
    };
    view! {
        <Form method="get" action=path on_form_data=Arc::new(without_empty) attr:class="panel p-4" attr:role="search" attr:aria-label="Audit log">
            <div class="grid gap-3 sm:grid-cols-2 xl:grid-cols-5">
                <TextField name="who" label="Who" placeholder="E-mail, system or unknown" bind=who filter=true/>
                {move || view! { <SelectField name="action" label="What" choices=actions() bind=action filter=true/> }}
                <TextField name="about" label="About: an id" bind=about filter=true mono=true/>
                <TextField name="from" label="From" r#type="date" bind=from filter=true/>
                <TextField name="to" label="To" r#type="date" bind=to filter=true/>
            </div>
            <div class="mt-3 flex flex-wrap items-center gap-x-5 gap-y-2">
                {move || {
                    let kind = kind.get();
                    (!kind.is_empty()).then(|| view! { <Hidden name="kind" value=kind/> })
                }}
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
    for key in ["", "who", "action", "about", "kind", "from", "to"] {
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
        let query = AuditQuery {
            who: "ann@acme.example".into(),
            action: "campaign.approved".into(),
            from: "2026-11-01".into(),
            before: "1790000000000_17".into(),
            ..AuditQuery::default()
        };
        assert_eq!(
            href("/w/acme/audit", &query),
            "/w/acme/audit?who=ann%40acme.example&action=campaign.approved&from=2026-11-01&before=1790000000000_17"
        );
        let mut params = ParamsMap::new();
        for (key, value) in fields(&query).into_iter().chain([("before", query.before.clone())]) {
            params.insert(key, value);
        }
        assert_eq!(read(&params), query);
        assert!(narrows(&query) && !narrows(&AuditQuery { before: query.before, ..AuditQuery::default() }));
    }
}
