//! A list as a file: in with a report, and out.

use leptos::prelude::*;

use crate::{
    api::suppression::{ImportStage, ImportView, SampleView},
    error::sentence,
    ui::prelude::*,
};

#[component]
pub fn Import(
    /// The address of the page; what takes the file is below it.
    here: String,
    import: Option<ImportView>,
    import_max_bytes: u64,
    /// What is to be known of the numbers.
    #[prop(optional)]
    note: &'static str,
) -> impl IntoView {
    let reading = import.as_ref().is_some_and(|import| matches!(import.stage, ImportStage::Reading { .. }));
    let address = format!("{here}/import");
    view! {
        <Panel title="Import a file">
            <div class="flex max-w-2xl flex-col gap-5">
                {import.map(|import| view! { <Latest import here/> })}
                {(!reading)
                    .then(|| {
                        view! {
                            <form
                                method="post"
                                action=address
                                enctype="multipart/form-data"
                                class="flex flex-col items-start gap-4"
                            >
                                <div class="field">
                                    <label for="field-file" class="field-label">"A .txt or .csv file"</label>
                                    <p id="field-file-hint" class="field-hint">
                                        {format!(
                                            "One number a line, or columns with a header: the one with the numbers is found.{note} Up to {} MiB.",
                                            import_max_bytes >> 20,
                                        )}
                                    </p>
                                    <input
                                        id="field-file"
                                        name="file"
                                        type="file"
                                        accept=".txt,.csv,.tsv,text/plain,text/csv"
                                        required=true
                                        class="file-input w-full"
                                        aria-describedby="field-file-hint"
                                    />
                                </div>
                                <Button kind=ButtonKind::Secondary>"Import"</Button>
                            </form>
                        }
                    })}
            </div>
        </Panel>
    }
}

#[component]
fn Latest(import: ImportView, here: String) -> impl IntoView {
    let ImportView { file_name, started, by, stage } = import;
    let about = view! {
        <p class="text-sm text-muted">
            <span class="break-all">{file_name.clone()}</span>
            ", "
            <When moment=started/>
            ", "
            {by}
        </p>
    };
    let stage = match stage {
        ImportStage::Receiving => {
            view! { <Alert tone=Tone::Warning>"The file did not arrive as a whole. Send it again."</Alert> }.into_any()
        }
        ImportStage::Reading { bytes_done, bytes_total } => view! {
            <ProgressBar label="Reading the file" value=bytes_done max=bytes_total.max(1)/>
            <noscript>
                <a class="link" href=here>"Look again"</a>
            </noscript>
        }
        .into_any(),
        ImportStage::Done { lines, added, known, invalid, samples } => {
            view! { <Report lines added known invalid samples/> }.into_any()
        }
        ImportStage::Failed { reason } => view! {
            <Alert tone=Tone::Danger title="The file could not be imported"><p>{sentence(&reason)}</p></Alert>
        }
        .into_any(),
    };
    view! { <div class="flex flex-col gap-3">{about} {stage}</div> }
}

#[component]
fn Report(lines: u64, added: u64, known: u64, invalid: u64, samples: Vec<SampleView>) -> impl IntoView {
    let tile = |label: &'static str, count: u64| view! { <StatTile label value=Signal::stored(grouped(count))/> };
    let shown = samples.len() as u64;
    let rows = samples
        .into_iter()
        .map(|sample| {
            view! {
                <tr>
                    <td class="tabular-nums">{grouped(sample.line)}</td>
                    <td class="min-w-60">{sentence(&sample.reason)}</td>
                    <td class="font-mono text-xs">{sample.text}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <dl class="stat-grid sm:grid-cols-2 xl:grid-cols-4">
            {tile("Lines", lines)} {tile("Added", added)} {tile("On the list already", known)} {tile("No numbers", invalid)}
        </dl>
        {(shown > 0)
            .then(|| {
                view! {
                    <Table caption="Lines that are no numbers">
                        <thead>
                            <tr>
                                <th scope="col">"Line"</th>
                                <th scope="col">"Reason"</th>
                                <th scope="col">"Text"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </Table>
                    {(invalid > shown)
                        .then(|| {
                            view! {
                                <p class="text-sm text-muted">{format!("The first {shown} of {}.", grouped(invalid))}</p>
                            }
                        })}
                }
            })}
    }
}

/// A form, so that nobody is led into it by a link.
#[component]
pub(super) fn WholeList(slug: String) -> impl IntoView {
    view! {
        <Panel title="The whole list">
            <form
                method="post"
                action=format!("/w/{slug}/suppression/export")
                class="flex max-w-2xl flex-col items-start gap-4"
            >
                <p>"As a CSV file with full numbers, their source, time and person. The audit log records who took it."</p>
                <Button kind=ButtonKind::Secondary>"Download the list"</Button>
            </form>
        </Panel>
    }
}
