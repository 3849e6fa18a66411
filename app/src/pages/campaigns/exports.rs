//! Delivery records as files.

use leptos::prelude::*;

use super::{
    actions::Subject,
    live::Live,
    tab::{Content, TabState},
};
use crate::{
    api::campaigns::exports::{ExportStage, ExportView, RemoveExport, RequestExport},
    error::{AppError, sentence},
    state::poll::poll,
    ui::prelude::*,
};

/// How often it is looked whether a file is ready.
const LOOK_MS: u32 = 1_500;

#[component]
pub fn ExportTab(live: Live, tab: TabState) -> impl IntoView {
    let request = ServerAction::<RequestExport>::new();
    let remove = ServerAction::<RemoveExport>::new();
    // A form that leads here again loads nothing by itself: the address stays the same.
    Effect::new(move |before: Option<(usize, usize)>| {
        let now = (request.version().get(), remove.version().get());
        if before.is_some_and(|before| before != now) {
            tab.content.refetch();
        }
        now
    });
    let building = move || {
        tab.content.with_untracked(|content| match content {
            Some(Ok(Content::Exports(exports))) => exports.iter().any(|export| export.stage.is_going_on()),
            _ => false,
        })
    };
    poll(LOOK_MS, building, move || tab.content.refetch());
    let not_removed: Signal<Option<AppError>> = Signal::derive(move || remove.value().get().and_then(Result::err));
    view! {
        <Ask live request/>
        <ErrorSummary error=not_removed/>
        <Panel title="Files" flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the exports"/> }>
                {move || Suspend::new(async move {
                    match tab.content.await {
                        Ok(Content::Exports(exports)) => view! { <Files live exports remove/> }.into_any(),
                        // Another tab's, in the moment of the change.
                        Ok(_) => view! { <Loading label="Loading the exports"/> }.into_any(),
                        Err(error) => view! { <LoadError error retry=tab.retry()/> }.into_any(),
                    }
                })}
            </Transition>
        </Panel>
    }
}

#[component]
fn Ask(live: Live, request: ServerAction<RequestExport>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || request.value().get().and_then(Result::err));
    let may_reveal = live.view.with_untracked(|view| view.may_reveal);
    let formats =
        vec![Choice::new("csv", "CSV, for spreadsheets"), Choice::new("txt", "TXT, columns with tabs between them")];
    view! {
        <Panel title="New export">
            <ActionForm action=request attr:class="flex max-w-2xl flex-col items-start gap-4">
                <ErrorSummary error=refused/>
                <p>
                    "Every recipient with its state, error, segments and times. It is built in the background and kept for some days."
                </p>
                <Subject live/>
                <div class="w-full max-w-sm">
                    <SelectField name="format" label="Format" choices=formats value="csv"/>
                </div>
                {may_reveal
                    .then(|| {
                        view! {
                            <Checkbox
                                name="full"
                                label="With full numbers"
                                hint="Otherwise the last digits and the ctn_hash. The audit log records it."
                            />
                        }
                    })}
                <Button busy=request.pending()>"Export"</Button>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Files(live: Live, exports: Vec<ExportView>, remove: ServerAction<RemoveExport>) -> impl IntoView {
    if exports.is_empty() {
        return view! {
            <EmptyState title="No exports" text="What is asked for above appears here, and can be downloaded once it is ready."/>
        }
        .into_any();
    }
    let going_on = exports.iter().any(|export| export.stage.is_going_on());
    let rows = exports.into_iter().map(|export| view! { <File live export remove/> }).collect_view();
    view! {
        <Table caption="Exports of this campaign, newest first">
            <thead>
                <tr>
                    <th scope="col">"Asked for"</th>
                    <th scope="col">"By"</th>
                    <th scope="col">"Format"</th>
                    <th scope="col">"Numbers"</th>
                    <th scope="col">"State"</th>
                    <th scope="col"><span class="sr-only">"What can be done"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        {going_on
            .then(|| {
                view! {
                    <noscript>
                        <p class="p-4">
                            <a class="link" href=live.href("?tab=export")>"Look again"</a>
                        </p>
                    </noscript>
                }
            })}
    }
    .into_any()
}

#[component]
fn File(live: Live, export: ExportView, remove: ServerAction<RemoveExport>) -> impl IntoView {
    let ExportView { id, format, full, asked, by, stage, may_take } = export;
    let ready = matches!(stage, ExportStage::Ready { .. });
    let state = match stage {
        ExportStage::Queued => view! { <Badge tone=Tone::Neutral text="Queued"/> }.into_any(),
        ExportStage::Building { rows, total } => {
            view! { <ProgressBar label="Building" value=rows max=total.max(1)/> }.into_any()
        }
        ExportStage::Ready { octets, rows, until } => view! {
            <Badge tone=Tone::Success text="Ready"/>
            <span class="block text-xs text-muted">
                {format!("{}, {}, until ", counted(rows, "row", "rows"), size(octets))} <When moment=until/>
            </span>
        }
        .into_any(),
        ExportStage::Failed { reason } => view! {
            <Badge tone=Tone::Danger text="Failed"/>
            <span class="block text-xs text-muted">{sentence(&reason)}</span>
        }
        .into_any(),
    };
    let address = live.href(&format!("/exports/{id}"));
    let about = format!(" the {format} file of {}", asked.local);
    let download = (ready && may_take).then(|| {
        let about = about.clone();
        view! {
            <form method="post" action=address>
                <Button small=true>"Download" <span class="sr-only">{about}</span></Button>
            </form>
        }
    });
    view! {
        <tr>
            <td><When moment=asked stacked=true/></td>
            <td>{by}</td>
            <td>{format}</td>
            <td>{if full { "Full" } else { "Masked" }}</td>
            <td class="min-w-40">{state}</td>
            <td>
                <div class="flex flex-wrap justify-end gap-2">
                    {download}
                    <ActionForm action=remove>
                        <Subject live/>
                        <Hidden name="export" value=id/>
                        <Button kind=ButtonKind::Secondary small=true>"Remove" <span class="sr-only">{about}</span></Button>
                    </ActionForm>
                </div>
            </td>
        </tr>
    }
}

/// Bytes as people read them.
fn size(octets: u64) -> String {
    match octets {
        0..1_024 => format!("{octets} bytes"),
        1_024..1_048_576 => format!("{} KiB", octets / 1_024),
        _ => format!("{} MiB", octets / 1_048_576),
    }
}
