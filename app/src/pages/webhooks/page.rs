//! The webhooks of a workspace.

use domain::{
    permission::Permission,
    webhook::{EventKind, URL_CHARACTERS_MAX},
};
use leptos::prelude::*;

use super::endpoint::{Actions, EndpointPanel};
use crate::{
    api::webhooks::{FreshSecret, MakeWebhook, WebhooksView, webhooks},
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn WebhookList() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::ManageWorkspace) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let slug = StoredValue::new(workspace.slug);
    let make = ServerAction::<MakeWebhook>::new();
    let actions = Actions::new();
    let all = Resource::new(move || (make.version().get(), actions.versions()), move |_| webhooks(slug.get_value()));
    let made = Signal::derive(move || {
        let made = make.value().get().and_then(Result::ok);
        made.or_else(|| actions.rotate.value().get().and_then(Result::ok))
    });
    view! {
        <PageHeading
            title="Webhooks"
            lead="Your programs are told of what happens here: each event is sent to the addresses below, signed."
        />
        <div role="status">{move || made.get().map(|secret| view! { <Fresh secret/> })}</div>
        <ErrorSummary error=actions.refused()/>
        <Transition fallback=|| view! { <Loading label="Loading the webhooks"/> }>
            {move || Suspend::new(async move {
                match all.await {
                    Ok(WebhooksView { rows, fresh }) => {
                        let fresh = fresh.map(|secret| view! { <Fresh secret/> });
                        let list = if rows.is_empty() {
                            let text = "Add one below: an address of a program of yours that takes events.";
                            view! { <Panel flush=true><EmptyState title="No webhook yet" text=text/></Panel> }.into_any()
                        } else {
                            rows.into_iter()
                                .map(|row| view! { <EndpointPanel slug=slug.get_value() row actions/> })
                                .collect_view()
                                .into_any()
                        };
                        view! { {fresh} {list} }.into_any()
                    }
                    Err(error) => {
                        view! { <LoadError error retry=Callback::new(move |()| all.refetch())/> }.into_any()
                    }
                }
            })}
        </Transition>
        <Panel title="New webhook">
            <Make slug=slug.get_value() make/>
        </Panel>
    }
    .into_any()
}

#[component]
fn Make(slug: String, make: ServerAction<MakeWebhook>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || make.value().get().and_then(Result::err));
    let of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let events_error = of("events");
    let boxes = EventKind::CHOICES
        .iter()
        .map(|event| {
            // The arguments of the server function are called so.
            let name = event.name().replace('.', "_");
            view! { <Checkbox name label=event.name() hint=event.explanation()/> }
        })
        .collect_view();
    view! {
        <ActionForm action=make attr:class="flex max-w-2xl flex-col gap-5">
            <ErrorSummary error=refused/>
            <Hidden name="slug" value=slug/>
            <TextField
                name="url"
                label="Address"
                maxlength=u32::try_from(URL_CHARACTERS_MAX).unwrap_or(u32::MAX)
                hint="Such as https://example.org/hooks. Addresses within private networks are refused when something is sent."
                error=of("url")
            />
            <fieldset id="field-events" tabindex="-1" class="field" aria-describedby="field-events-error">
                <legend class="field-label mb-2">"What it is told"</legend>
                <div class="flex flex-col gap-3">{boxes}</div>
                <div id="field-events-error">
                    {move || events_error.get().map(|error| view! { <p class="field-error">{error}</p> })}
                </div>
            </fieldset>
            <div>
                <Button busy=make.pending()>"Add webhook"</Button>
            </div>
        </ActionForm>
    }
}

/// The only time that a secret is on a page.
#[component]
fn Fresh(secret: FreshSecret) -> impl IntoView {
    view! {
        <Alert tone=Tone::Success title=format!("The secret of {} is made", secret.url)>
            <p>
                "It is shown this once: copy it now into the program that takes the events. With it the program sees that they \
                come from here."
            </p>
            <div class="mt-3">
                <CopyField name="new-secret" label="Secret" value=secret.secret/>
            </div>
        </Alert>
    }
}
