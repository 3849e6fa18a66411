//! Bringing a file: by drop or by button in pieces that go on after a cut, or by a plain form.

use leptos::prelude::*;

use super::recipients::bytes;
use crate::{api::recipients::UploadPlace, ui::prelude::*};

/// How far it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sent {
    pub sent_bytes: u64,
    pub total_bytes: u64,
    pub bytes_per_s: f64,
    /// The connection is away; it tries again.
    pub waiting: bool,
}

#[component]
pub fn Uploading(
    slug: String,
    id: String,
    upload_max_bytes: u64,
    unfinished: Option<UploadPlace>,
    again: Callback<()>,
) -> impl IntoView {
    let sent = RwSignal::new(None::<Sent>);
    let problem = RwSignal::new(None::<String>);
    let over = RwSignal::new(false);
    let address = format!("/w/{slug}/campaigns/{id}/upload");
    let start = Starter { address: address.clone(), upload_max_bytes, unfinished, sent, problem, again };
    // On the server it may go away on another thread than it was made on.
    let start = StoredValue::new(start);
    view! {
        <form
            method="post"
            action=address
            enctype="multipart/form-data"
            class="flex flex-col gap-4"
            on:submit=move |event| start.with_value(|start| start.submitted(&event))
        >
            <div
                class="drop-zone"
                class:drop-zone-over=move || over.get()
                on:dragover=move |event| {
                    event.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=move |event| {
                    event.prevent_default();
                    over.set(false);
                    start.with_value(|start| start.dropped(&event));
                }
            >
                <Icon name=IconName::Upload/>
                <label for="field-file" class="font-medium">"Choose a .txt or .csv file, or drop it here"</label>
                <input
                    id="field-file"
                    name="file"
                    type="file"
                    accept=".txt,.csv,.tsv,text/plain,text/csv"
                    required=true
                    class="file-input w-full max-w-xs"
                    aria-describedby="field-file-hint"
                    on:change=move |event| start.with_value(|start| start.chosen(&event))
                />
                <p id="field-file-hint" class="field-hint">
                    {format!(
                        "One number a line, or columns with a header; up to {}. Further columns can be used in the text.",
                        bytes(upload_max_bytes),
                    )}
                </p>
            </div>
            {move || problem.get().map(|problem| view! { <Alert tone=Tone::Danger>{problem}</Alert> })}
            {move || sent.get().map(|sent| view! { <Progress sent/> })}
            <noscript>
                <Button kind=ButtonKind::Secondary>"Upload"</Button>
            </noscript>
        </form>
    }
}

#[component]
fn Progress(sent: Sent) -> impl IntoView {
    let Sent { sent_bytes, total_bytes, bytes_per_s, waiting } = sent;
    view! {
        <div>
            <ProgressBar label="Uploading" value=sent_bytes max=total_bytes.max(1)/>
            <p class="mt-2 text-sm text-muted" role="status">
                {if waiting {
                    format!(
                        "The connection is away; {} of {} have arrived and it goes on by itself.",
                        bytes(sent_bytes),
                        bytes(total_bytes),
                    )
                } else {
                    format!("{} of {}{}", bytes(sent_bytes), bytes(total_bytes), pace(total_bytes - sent_bytes, bytes_per_s))
                }}
            </p>
        </div>
    }
}

/// `, 3.1 MB/s, 12 s left`; nothing before there is a rate.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shown rounded"
)]
fn pace(left_bytes: u64, bytes_per_s: f64) -> String {
    if bytes_per_s < 1.0 {
        return String::new();
    }
    let left_s = (left_bytes as f64 / bytes_per_s).ceil() as u64;
    format!(", {}/s, {left_s} s left", bytes(bytes_per_s as u64))
}

/// What starts an upload from the page's events.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "the browser sends files"))]
struct Starter {
    address: String,
    upload_max_bytes: u64,
    unfinished: Option<UploadPlace>,
    sent: RwSignal<Option<Sent>>,
    problem: RwSignal<Option<String>>,
    again: Callback<()>,
}

#[cfg(not(feature = "hydrate"))]
impl Starter {
    fn submitted<E>(&self, _: &E) {}

    fn chosen<E>(&self, _: &E) {}

    fn dropped<E>(&self, _: &E) {}
}

#[cfg(feature = "hydrate")]
impl Starter {
    /// The plain form is for browsers without a script.
    fn submitted(&self, event: &leptos::ev::SubmitEvent) {
        event.prevent_default();
    }

    fn chosen(&self, event: &leptos::ev::Event) {
        use wasm_bindgen::JsCast;
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        self.send(input.and_then(|input| input.files()));
    }

    fn dropped(&self, event: &leptos::ev::DragEvent) {
        self.send(event.data_transfer().and_then(|dropped| dropped.files()));
    }

    fn send(&self, files: Option<web_sys::FileList>) {
        if self.sent.get_untracked().is_some() {
            return;
        }
        let Some(file) = files.and_then(|files| files.get(0)) else { return };
        self.problem.set(None);
        let own = self.clone();
        leptos::task::spawn_local(async move {
            let transfer = super::transfer::Transfer::new(own.address, file, own.sent);
            match transfer.run(own.unfinished.as_ref(), own.upload_max_bytes).await {
                Ok(()) => own.again.run(()),
                Err(problem) => {
                    _ = own.problem.try_set(Some(problem));
                }
            }
            _ = own.sent.try_set(None);
        });
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use leptos::reactive::owner::Owner;

    use super::*;

    /// As it happens when a request goes on elsewhere after it has waited; what is bound to its thread cuts the connection.
    #[test]
    fn the_server_may_put_the_page_away_on_another_thread() {
        let owner = Owner::new_root(None);
        owner.with(|| {
            let again = Callback::new(|()| ());
            let slug = "acme".to_owned();
            drop(view! { <Uploading slug id="1".to_owned() upload_max_bytes=1 unfinished=None again/> });
        });
        let put_away = std::thread::spawn(move || owner.with(|| owner.cleanup()));
        put_away.join().expect("nothing of it is bound to a thread");
    }
}
