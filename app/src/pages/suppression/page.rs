//! How much is on the list, and looking for, adding and removing numbers.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::file::{Import, WholeList};
use crate::{
    api::suppression::{
        EntryView, FindSuppressed, ImportStage, ReleaseNumber, SuppressNumbers, SuppressionView, suppression,
    },
    error::AppError,
    pages::layout::use_workspace,
    state::poll::poll,
    ui::prelude::*,
};

/// How often an import is looked at.
const LOOK_MS: u32 = 1_500;

/// What the page can do; made where it begins.
#[derive(Clone, Copy)]
struct Doing {
    add: ServerAction<SuppressNumbers>,
    find: ServerAction<FindSuppressed>,
    release: ServerAction<ReleaseNumber>,
}

#[component]
pub fn Suppression() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.rules_it() {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let doing = Doing { add: ServerAction::new(), find: ServerAction::new(), release: ServerAction::new() };
    let slug = StoredValue::new(workspace.slug);
    let query = use_query_map();
    let found = Memo::new(move |_| query.with(|query| query.get("found")));
    let changes = move || (doing.add.version().get(), doing.release.version().get());
    let loaded =
        Resource::new(move || (found.get(), changes()), move |(found, _)| suppression(slug.get_value(), found));
    let reading = move || {
        loaded.with_untracked(|loaded| match loaded {
            Some(Ok(SuppressionView { import: Some(import), .. })) => {
                matches!(import.stage, ImportStage::Reading { .. })
            }
            _ => false,
        })
    };
    poll(LOOK_MS, reading, move || loaded.refetch());
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Settings", slug.with_value(|slug| format!("/w/{slug}/settings")))]/>
        <PageHeading
            title="Suppression list"
            lead="Numbers that get no messages from this workspace. They are left out when a file is read, and once more when \
            messages go out."
        />
        <div role="status"><Told/></div>
        <div class="flex flex-col gap-6">
            <Transition fallback=|| view! { <Loading label="Loading the list"/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(view) => view! { <OnTheList slug=slug.get_value() view release=doing.release/> }.into_any(),
                        Err(error) => {
                            view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                                .into_any()
                        }
                    }
                })}
            </Transition>
            // Not among what is loaded again: what was typed stays.
            <div class="grid gap-6 lg:grid-cols-2">
                <Find slug=slug.get_value() find=doing.find/>
                <Add slug=slug.get_value() add=doing.add/>
            </div>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    loaded.await.ok().map(|view| view! { <Files slug=slug.get_value() view/> })
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// What was just done, as the address says.
#[component]
fn Told() -> impl IntoView {
    let query = use_query_map();
    let count = move |name: &str| query.with(|query| query.get(name).and_then(|count| count.parse::<u64>().ok()));
    move || match (count("added"), count("removed")) {
        (Some(added), _) => {
            let known = count("known").unwrap_or_default();
            let already = if known == 0 {
                String::new()
            } else {
                format!(" {} on the list already.", counted(known, "was", "were"))
            };
            let text = format!("{} added.{already}", counted(added, "number", "numbers"));
            Some(view! { <Alert tone=Tone::Success>{text}</Alert> })
        }
        (None, Some(_)) => Some(view! { <Alert tone=Tone::Success>"The number was taken off the list."</Alert> }),
        (None, None) => None,
    }
}

#[component]
fn OnTheList(slug: String, view: SuppressionView, release: ServerAction<ReleaseNumber>) -> impl IntoView {
    let SuppressionView { total, by_source, changed, found, .. } = view;
    let tiles = by_source
        .into_iter()
        .map(|(source, count)| view! { <StatTile label=source.label() value=Signal::stored(grouped(count))/> })
        .collect_view();
    view! {
        <div class="flex flex-col gap-6">
            <Panel title="On the list">
                <dl class="stat-grid sm:grid-cols-2 xl:grid-cols-4">
                    <StatTile label="Numbers" value=Signal::stored(grouped(total))/>
                    {tiles}
                </dl>
                {changed
                    .map(|moment| {
                        view! { <p class="mt-4 text-sm text-muted">"Last changed " <When moment/></p> }
                    })}
            </Panel>
            {found.map(|entry| view! { <Found slug entry release/> })}
        </div>
    }
}

#[component]
fn Files(slug: String, view: SuppressionView) -> impl IntoView {
    let SuppressionView { total, import, import_max_bytes, .. } = view;
    view! {
        <div class="flex flex-col gap-6">
            <Import here=format!("/w/{slug}/suppression") import import_max_bytes/>
            {(total > 0).then(|| view! { <WholeList slug/> })}
        </div>
    }
}

#[component]
fn Find(slug: String, find: ServerAction<FindSuppressed>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || find.value().get().and_then(Result::err));
    let at_field = Signal::derive(move || refused.get().and_then(|error| error.field_error("number")));
    let elsewhere = Signal::derive(move || refused.get().filter(|error| error.field_error("number").is_none()));
    view! {
        <Panel title="Find a number">
            <ActionForm action=find attr:class="flex max-w-2xl flex-col items-start gap-4">
                <ErrorSummary error=elsewhere/>
                <Hidden name="slug" value=slug/>
                <div class="w-full">
                    <TextField
                        name="number"
                        label="Number"
                        r#type="tel"
                        inputmode="tel"
                        maxlength=40
                        hint="Found numbers can be taken off the list."
                        error=at_field
                    />
                </div>
                <Button kind=ButtonKind::Secondary busy=find.pending()>"Find"</Button>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Found(slug: String, entry: EntryView, release: ServerAction<ReleaseNumber>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || release.value().get().and_then(Result::err));
    let short = entry.ctn_hash.get(..12).unwrap_or(&entry.ctn_hash).to_owned();
    view! {
        <Panel title="This number is on the list">
            <ErrorSummary error=refused/>
            <Facts>
                <Fact label="Number"><span class="font-mono">{entry.number}</span></Fact>
                <Fact label="ctn_hash"><span class="font-mono">{short} "…"</span></Fact>
                <Fact label="How it came there">{entry.source.label()}</Fact>
                <Fact label="Since"><When moment=entry.since/></Fact>
                {(!entry.by.is_empty()).then(|| view! { <Fact label="By">{entry.by}</Fact> })}
            </Facts>
            <ActionForm action=release attr:class="mt-4">
                <Hidden name="slug" value=slug/>
                <Hidden name="place" value=entry.place/>
                <Hidden name="ctn_hash" value=entry.ctn_hash/>
                <Button kind=ButtonKind::Danger busy=release.pending()>"Take it off the list"</Button>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Add(slug: String, add: ServerAction<SuppressNumbers>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || add.value().get().and_then(Result::err));
    let at_field = Signal::derive(move || refused.get().and_then(|error| error.field_error("numbers")));
    let elsewhere = Signal::derive(move || refused.get().filter(|error| error.field_error("numbers").is_none()));
    view! {
        <Panel title="Add numbers">
            <ActionForm action=add attr:class="flex max-w-2xl flex-col items-start gap-4">
                <ErrorSummary error=elsewhere/>
                <Hidden name="slug" value=slug/>
                <div class="w-full">
                    <TextArea
                        name="numbers"
                        label="Numbers"
                        rows=4
                        hint="One a line, up to 1,000. Bring more of them as a file."
                        error=at_field
                    />
                </div>
                <Button busy=add.pending()>"Add"</Button>
            </ActionForm>
        </Panel>
    }
}
