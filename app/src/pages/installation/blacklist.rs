//! `/installation/blacklist`: numbers that get nothing by any channel whose preset uses the list.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{InstallationTab, InstallationTabs};
use crate::{
    api::installation::blacklist::{
        BlacklistNumbers, BlacklistView, BlacklistedView, FindBlacklisted, UnlistNumbers, blacklist,
    },
    api::suppression::ImportStage,
    error::AppError,
    pages::suppression::file::Import,
    state::{poll::poll, reset::reset_when_done},
    ui::prelude::*,
};

/// How often an import is looked at.
const LOOK_MS: u32 = 1_500;

#[component]
pub fn Blacklist() -> impl IntoView {
    let add = ServerAction::<BlacklistNumbers>::new();
    let remove = ServerAction::<UnlistNumbers>::new();
    let find = ServerAction::<FindBlacklisted>::new();
    let query = use_query_map();
    let found = Memo::new(move |_| query.with(|query| query.get("found")));
    let after = Memo::new(move |_| query.with(|query| query.get("after")));
    let changes = move || (add.version().get(), remove.version().get());
    let asked = move || (found.get(), after.get(), changes());
    let loaded = Resource::new(asked, |(found, after, _)| blacklist(found, after));
    let reading = move || {
        loaded.with_untracked(|loaded| match loaded {
            Some(Ok(BlacklistView { import: Some(import), .. })) => {
                matches!(import.stage, ImportStage::Reading { .. })
            }
            _ => false,
        })
    };
    poll(LOOK_MS, reading, move || loaded.refetch());
    let (add_form, remove_form) = (NodeRef::new(), NodeRef::new());
    reset_when_done(add_form, add.into());
    reset_when_done(remove_form, remove.into());
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Policies", "/installation/presets")]/>
        <PageHeading
            title="Blacklist"
            lead="Numbers that get nothing from any workspace by a channel whose preset uses this list. The suppression lists of workspaces \
            hold besides."
        />
        <InstallationTabs current=InstallationTab::Policies/>
        <div role="status"><Told/></div>
        <div class="flex flex-col gap-6">
            <Transition fallback=|| view! { <Loading label="Loading the list"/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(view) => view! { <OnTheList view/> }.into_any(),
                        Err(error) => {
                            view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                                .into_any()
                        }
                    }
                })}
            </Transition>
            // Not among what is loaded again: what was typed stays.
            <div class="grid items-start gap-6 lg:grid-cols-2">
                <Panel title="Add numbers">
                    <ActionForm action=add node_ref=add_form attr:class="flex max-w-2xl flex-col items-start gap-4">
                        <Numbers
                            id="add"
                            hint="One a line with its country, such as +43 660 1234567; up to 1,000. Bring more of them as a file."
                            error=Signal::derive(move || add.value().get().and_then(Result::err))
                        />
                        <Button busy=add.pending()>"Add"</Button>
                    </ActionForm>
                </Panel>
                <Panel title="Take numbers off">
                    <ActionForm action=remove node_ref=remove_form attr:class="flex max-w-2xl flex-col items-start gap-4">
                        <Numbers
                            id="remove"
                            hint="One a line with its country. They may get messages again."
                            error=Signal::derive(move || remove.value().get().and_then(Result::err))
                        />
                        <Button kind=ButtonKind::Secondary busy=remove.pending()>"Take off the list"</Button>
                    </ActionForm>
                </Panel>
                <Find find/>
                <Panel title="The whole list">
                    <form
                        method="post"
                        action="/installation/blacklist/export"
                        class="flex max-w-2xl flex-col items-start gap-4"
                    >
                        <p>
                            "As a CSV file with full numbers, time and person. The audit log records who took it. A spreadsheet takes the + of \
                            the numbers away when it saves: import the column as text, or keep the file as it is, to bring it back."
                        </p>
                        <Button kind=ButtonKind::Secondary>"Download the list"</Button>
                    </form>
                </Panel>
            </div>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    loaded
                        .await
                        .ok()
                        .map(|BlacklistView { import, import_max_bytes, .. }| {
                            view! {
                                <Import
                                    here="/installation/blacklist".to_owned()
                                    import
                                    import_max_bytes
                                    note=" Each with its country, such as +43 660 1234567."
                                />
                            }
                        })
                })}
            </Transition>
        </div>
    }
}

/// What was just done, as the address says.
#[component]
fn Told() -> impl IntoView {
    let query = use_query_map();
    let count = move |name: &str| query.with(|query| query.get(name).and_then(|count| count.parse::<u64>().ok()));
    move || {
        let (done, others, said, already) = match (count("added"), count("removed")) {
            (Some(added), _) => (added, count("known"), "added", "on the list already"),
            (None, Some(removed)) => (removed, count("unknown"), "taken off", "not on the list"),
            (None, None) => return None,
        };
        let others = match others.unwrap_or_default() {
            0 => String::new(),
            others => format!(" {} {already}.", counted(others, "was", "were")),
        };
        let text = format!("{} {said}.{others}", counted(done, "number", "numbers"));
        Some(view! { <Alert tone=Tone::Success>{text}</Alert> })
    }
}

#[component]
fn OnTheList(view: BlacklistView) -> impl IntoView {
    let BlacklistView { total, changed, found, entries, next, .. } = view;
    let later = use_query_map().with_untracked(|query| query.get("after").is_some());
    view! {
        <Panel title="On the list">
            <dl class="stat-grid sm:grid-cols-2">
                <StatTile label="Numbers" value=Signal::stored(grouped(total))/>
            </dl>
            {changed.map(|moment| view! { <p class="mt-4 text-sm text-muted">"Last changed " <When moment/></p> })}
        </Panel>
        {found
            .map(|BlacklistedView { number, since, by }| {
                view! {
                    <Panel title="This number is on the list">
                        <Facts>
                            <Fact label="Number"><span class="font-mono">{number}</span></Fact>
                            <Fact label="Since"><When moment=since/></Fact>
                            <Fact label="By">{by}</Fact>
                        </Facts>
                    </Panel>
                }
            })}
        {(!entries.is_empty() || later).then(|| view! { <Entries entries next later/> })}
    }
}

/// A page of the list, in an order that stays.
#[component]
fn Entries(
    entries: Vec<BlacklistedView>,
    #[prop(optional_no_strip)] next: Option<String>,
    /// It is not the first page.
    later: bool,
) -> impl IntoView {
    let rows = entries
        .into_iter()
        .map(|BlacklistedView { number, since, by }| {
            view! {
                <tr>
                    <td class="font-mono">{number}</td>
                    <td><When moment=since/></td>
                    <td>{by}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="Entries" flush=true>
            <Table caption="Numbers on the blacklist">
                <thead>
                    <tr>
                        <th scope="col">"Number"</th>
                        <th scope="col">"Since"</th>
                        <th scope="col">"By"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            <CursorPaging
                first=later.then(|| "/installation/blacklist".to_owned())
                next=next.map(|next| format!("/installation/blacklist?after={next}"))
            />
        </Panel>
    }
}

#[component]
fn Numbers(id: &'static str, hint: &'static str, error: Signal<Option<AppError>>) -> impl IntoView {
    let at_field = Signal::derive(move || error.get().and_then(|error| error.field_error("numbers")));
    let elsewhere = Signal::derive(move || error.get().filter(|error| error.field_error("numbers").is_none()));
    view! {
        <ErrorSummary error=elsewhere/>
        <div class="w-full">
            <TextArea
                name="numbers"
                id=format!("field-numbers-{id}")
                label="Numbers"
                rows=4
                hint=hint
                error=at_field
            />
        </div>
    }
}

#[component]
fn Find(find: ServerAction<FindBlacklisted>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || find.value().get().and_then(Result::err));
    let at_field = Signal::derive(move || refused.get().and_then(|error| error.field_error("number")));
    let elsewhere = Signal::derive(move || refused.get().filter(|error| error.field_error("number").is_none()));
    view! {
        <Panel title="Find a number">
            <ActionForm action=find attr:class="flex max-w-2xl flex-col items-start gap-4">
                <ErrorSummary error=elsewhere/>
                <div class="w-full">
                    <TextField
                        name="number"
                        label="Number"
                        r#type="tel"
                        inputmode="tel"
                        maxlength=40
                        hint="With its country, such as +43 660 1234567."
                        error=at_field
                    />
                </div>
                <Button kind=ButtonKind::Secondary busy=find.pending()>"Find"</Button>
            </ActionForm>
        </Panel>
    }
}
