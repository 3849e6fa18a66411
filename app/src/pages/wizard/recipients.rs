//! Step 4: who gets it. A file by drop, by button or by a plain form, or pasted numbers; then how the file is read, and
//! what became of its lines.

use domain::campaign::IngestReport;
use leptos::{either::Either, prelude::*};

use super::{choose_reading::ChooseReading, upload::Uploading};
use crate::{
    api::recipients::{PasteRecipients, ReadingProgress, RecipientsView, Stage, UploadPlace},
    error::{AppError, sentence},
    state::poll::poll,
    ui::prelude::*,
};

/// How often the page asks while a file is read.
const LOOK_MS: u32 = 700;

/// How the recipients stand; None on the other steps.
pub type LoadedRecipients = Resource<Result<Option<RecipientsView>, AppError>>;

/// `view` is made where the page begins: server and browser number what is loaded there alike.
#[component]
pub fn RecipientsStep(#[prop(into)] slug: String, #[prop(into)] id: String, view: LoadedRecipients) -> impl IntoView {
    let reads = move || {
        view.with_untracked(|view| match view {
            Some(Ok(Some(view))) => matches!(view.stage, Stage::Reading { .. } | Stage::Copying { .. }),
            _ => false,
        })
    };
    poll(LOOK_MS, reads, move || view.refetch());
    let again = Callback::new(move |()| view.refetch());
    let (slug, id) = (StoredValue::new(slug), StoredValue::new(id));
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the recipients"/> }>
            {move || Suspend::new(async move {
                match view.await {
                    Ok(None) => ().into_any(),
                    Ok(Some(view)) => {
                        view! { <Shown slug=slug.get_value() id=id.get_value() view again/> }.into_any()
                    }
                    Err(error) => view! { <LoadError error retry=again/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Shown(slug: String, id: String, view: RecipientsView, again: Callback<()>) -> impl IntoView {
    let RecipientsView { stage, upload_max_bytes, fields } = view;
    let bring = {
        let (slug, id) = (slug.clone(), id.clone());
        move |unfinished: Option<UploadPlace>, replaces: bool| {
            view! { <Bring slug=slug.clone() id=id.clone() upload_max_bytes unfinished replaces again/> }
        }
    };
    match stage {
        Stage::Nothing => bring(None, false).into_any(),
        Stage::Receiving { place } => view! {
            <Alert tone=Tone::Warning title="The upload is not complete">
                {format!(
                    "{} of {} of “{}” have arrived. Choose the same file again and it goes on from there.",
                    bytes(place.received_bytes),
                    bytes(place.size_bytes),
                    place.file_name,
                )}
            </Alert>
            {bring(Some(place), false)}
        }
        .into_any(),
        Stage::Received { place, shape } => view! {
            <ChooseReading slug=slug.clone() id=id.clone() place shape fields again/>
            {bring(None, true)}
        }
        .into_any(),
        Stage::Reading { place, progress } => view! { <Reading place progress/> }.into_any(),
        Stage::Copying { name, done, total, accepted } => view! { <Copying name done total accepted/> }.into_any(),
        Stage::Done { file_name, report } => view! {
            <Report slug=slug.clone() id=id.clone() file_name report/>
            {bring(None, true)}
        }
        .into_any(),
        Stage::Failed { file_name, reason } => view! {
            <Alert tone=Tone::Danger title=format!("“{file_name}” cannot be used")>{sentence(&reason)}</Alert>
            {bring(None, false)}
        }
        .into_any(),
    }
}

/// The ways to bring recipients.
#[component]
fn Bring(
    slug: String,
    id: String,
    upload_max_bytes: u64,
    unfinished: Option<UploadPlace>,
    replaces: bool,
    again: Callback<()>,
) -> impl IntoView {
    let (own_slug, own_id) = (slug.clone(), id.clone());
    let inner = view! {
        <div class="grid items-start gap-5 lg:grid-cols-2">
            <Panel title="A file">
                <Uploading slug=own_slug id=own_id upload_max_bytes unfinished again/>
            </Panel>
            <Panel title="Or paste numbers">
                <Paste slug id again/>
            </Panel>
        </div>
    };
    if replaces {
        Either::Left(view! {
            <details class="panel p-4 sm:p-5">
                <summary class="cursor-pointer font-medium">"Use other recipients instead"</summary>
                <div class="mt-4">{inner}</div>
            </details>
        })
    } else {
        Either::Right(inner)
    }
}

#[component]
fn Paste(slug: String, id: String, again: Callback<()>) -> impl IntoView {
    let paste = ServerAction::<PasteRecipients>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || paste.value().get().and_then(Result::err));
    let error =
        Signal::derive(move || refused.get().map(|error| error.field_error("numbers").unwrap_or(error.to_string())));
    Effect::new(move |_| {
        if let Some(Ok(())) = paste.value().get() {
            again.run(());
        }
    });
    view! {
        <ActionForm action=paste attr:class="flex flex-col gap-4">
            <Hidden name="slug" value=slug/>
            <Hidden name="id" value=id/>
            <TextArea
                name="numbers"
                label="One number a line"
                rows=6
                hint="International with + or 00; others are numbers of the workspace's country."
                error=error
            />
            <div>
                <Button kind=ButtonKind::Secondary busy=paste.pending()>"Use these numbers"</Button>
            </div>
        </ActionForm>
    }
}

#[component]
fn Reading(place: UploadPlace, progress: ReadingProgress) -> impl IntoView {
    let total = progress.bytes_total.max(1);
    view! {
        <Panel title=format!("Reading “{}”", place.file_name)>
            <ProgressBar label="Reading" value=progress.bytes_done max=total/>
            <p role="status" class="mt-3 text-muted">
                {format!(
                    "{} lines read, {} recipients written, {} rejected",
                    grouped(progress.lines),
                    grouped(progress.accepted),
                    grouped(progress.rejects),
                )}
            </p>
            <p class="mt-2 text-sm text-muted">
                "You can leave this page; reading goes on. "
                <noscript>"Reload the page to see how far it is."</noscript>
            </p>
        </Panel>
    }
}

#[component]
fn Copying(name: String, done: u64, total: u64, accepted: u64) -> impl IntoView {
    view! {
        <Panel title=format!("Copying “{name}”")>
            <ProgressBar label="Copying" value=done max=total.max(1)/>
            <p role="status" class="mt-3 text-muted">
                {format!("{} of {} recipients looked at, {} taken over", grouped(done), grouped(total), grouped(accepted))}
            </p>
            <p class="mt-2 text-sm text-muted">
                "You can leave this page; copying goes on. Numbers that are suppressed by now are left out. "
                <noscript>"Reload the page to see how far it is."</noscript>
            </p>
        </Panel>
    }
}

#[component]
fn Report(slug: String, id: String, file_name: String, report: IngestReport) -> impl IntoView {
    let rejects = (report.rejected() > 0).then(|| format!("/w/{slug}/campaigns/{id}/rejects.csv"));
    let tone = if report.accepted > 0 { Tone::Success } else { Tone::Danger };
    view! {
        <Panel title=format!("“{file_name}” is read")>
            <Alert tone>
                {format!(
                    "{} of {} lines are recipients.",
                    grouped(report.accepted),
                    grouped(report.lines),
                )}
            </Alert>
            <dl class="mt-4 grid grid-cols-2 gap-4 sm:grid-cols-4">
                <Count label="Accepted" value=report.accepted/>
                <Count label="Duplicate" value=report.duplicate/>
                <Count label="Suppressed" value=report.suppressed/>
                <Count label="Invalid" value=report.invalid/>
            </dl>
            {rejects
                .map(|href| {
                    view! {
                        <p class="mt-4">
                            <a class="link" rel="external" href=href>"Download the invalid lines with the reasons (CSV)"</a>
                        </p>
                    }
                })}
            <div class="mt-5">
                <LinkButton href=format!("/w/{slug}/campaigns/{id}/edit/5")>"Go on to the review"</LinkButton>
            </div>
        </Panel>
    }
}

#[component]
fn Count(label: &'static str, value: u64) -> impl IntoView {
    view! {
        <div>
            <dt class="text-sm text-muted">{label}</dt>
            <dd class="text-xl font-semibold tabular-nums">{grouped(value)}</dd>
        </div>
    }
}

/// `12.3 MB`, in powers of ten.
pub(super) fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let value = count as f64;
    match count {
        0..1_000 => format!("{count} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", value / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", value / 1e6),
        _ => format!("{:.2} GB", value / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_words() {
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(1_500), "1.5 kB");
        assert_eq!(bytes(52_428_800), "52.4 MB");
    }
}
