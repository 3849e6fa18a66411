//! The webhooks of a workspace.

use domain::{
    permission::Permission,
    webhook::{DeliveryState, EventKind, URL_CHARACTERS_MAX},
};
use leptos::prelude::*;

use super::endpoint::{Actions, EndpointPanel};
use crate::{
    api::webhooks::{FreshSecret, MakeWebhook, WebhookRow, WebhooksView, webhooks},
    error::AppError,
    pages::layout::use_workspace,
    state::{poll::poll, reset::reset_when_done},
    ui::prelude::*,
};

/// How often it is looked whether an event has arrived.
const LOOK_MS: u32 = 2_000;

#[component]
pub fn WebhookList() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::ManageWorkspace) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let slug = StoredValue::new(workspace.slug);
    let make = ServerAction::<MakeWebhook>::new();
    let actions = Actions::new();
    let all = Resource::new(|| (), move |()| webhooks(slug.get_value()));
    let made = latest(make.into(), actions.rotate.into());
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
                    Ok(first) => view! { <Endpoints slug=slug.get_value() first make actions/> }.into_any(),
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

type Making<I> = Action<I, Result<FreshSecret, AppError>>;

/// Of two ways to a secret the one that was taken last.
fn latest<A, B>(one: Making<A>, other: Making<B>) -> Signal<Option<FreshSecret>>
where
    A: Send + Sync + 'static,
    B: Send + Sync + 'static,
{
    let last = Memo::new(move |before: Option<&([usize; 2], Option<FreshSecret>)>| {
        let versions = [one.version().get(), other.version().get()];
        let [first, second] = [one.value().get(), other.value().get()].map(|made| made.and_then(Result::ok));
        let secret = match before {
            Some((known, _)) if known[1] != versions[1] => second,
            Some((known, _)) if known[0] != versions[0] => first,
            Some((_, secret)) => secret.clone(),
            None => first.or(second),
        };
        (versions, secret)
    });
    Signal::derive(move || last.with(|(_, secret)| secret.clone()))
}

/// The endpoints, asked for again after each change, and while an event is on its way.
#[component]
fn Endpoints(slug: String, first: WebhooksView, make: ServerAction<MakeWebhook>, actions: Actions) -> impl IntoView {
    let slug = StoredValue::new(slug);
    let fresh = first.fresh.map(|secret| view! { <Fresh secret/> });
    let rows = RwSignal::new(first.rows);
    let again = Action::new(move |(): &()| webhooks(slug.get_value()));
    Effect::new(move |_| {
        if let Some(Ok(now)) = again.value().get() {
            rows.set(now.rows);
        }
    });
    let lost = Signal::derive(move || again.value().get().and_then(Result::err));
    Effect::new(move |before: Option<usize>| {
        let now = make.version().get() + actions.versions();
        if before.is_some_and(|before| before != now) {
            again.dispatch(());
        }
        now
    });
    let expects = |row: &WebhookRow| row.deliveries.iter().any(|delivery| delivery.state == DeliveryState::Waiting);
    poll(
        LOOK_MS,
        move || rows.with_untracked(|rows| rows.iter().any(expects)),
        move || {
            again.dispatch(());
        },
    );
    let none = Memo::new(move |_| rows.with(Vec::is_empty));
    view! {
        {fresh}
        <ErrorSummary error=lost/>
        {move || {
            none.get()
                .then(|| {
                    let text = "Add one below: an address of a program of yours that takes events.";
                    view! { <Panel flush=true><EmptyState title="No webhook yet" text=text/></Panel> }
                })
        }}
        <For each=move || rows.get() key=|row| row.id.clone() let:first>
            <EndpointPanel slug=slug.get_value() row=row_of(rows, first) actions/>
        </For>
    }
}

/// The endpoint as it is now; as it was last, when it is gone.
fn row_of(rows: RwSignal<Vec<WebhookRow>>, first: WebhookRow) -> Memo<WebhookRow> {
    Memo::new(move |before: Option<&WebhookRow>| {
        let now = rows.with(|rows| rows.iter().find(|row| row.id == first.id).cloned());
        now.unwrap_or_else(|| before.unwrap_or(&first).clone())
    })
}

#[component]
fn Make(slug: String, make: ServerAction<MakeWebhook>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || make.value().get().and_then(Result::err));
    let of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let events = EventKind::CHOICES.map(|event| CheckboxOption {
        value: event.name(),
        label: event.name(),
        hint: event.explanation(),
    });
    let form = NodeRef::new();
    reset_when_done(form, make.into());
    view! {
        <ActionForm action=make node_ref=form attr:class="flex max-w-2xl flex-col gap-5">
            <ErrorSummary error=refused/>
            <Hidden name="slug" value=slug/>
            <TextField
                name="url"
                label="Address"
                maxlength=u32::try_from(URL_CHARACTERS_MAX).unwrap_or(u32::MAX)
                hint="Such as https://example.org/hooks. Addresses within private networks are refused when something is sent."
                error=of("url")
            />
            <CheckboxList name="events" legend="What it is told" options=events.to_vec() error=of("events")/>
            <div>
                <Button busy=make.pending()>"Add webhook"</Button>
            </div>
        </ActionForm>
    }
}

#[component]
fn Fresh(secret: FreshSecret) -> impl IntoView {
    view! {
        <ShownOnce
            title=format!("The secret of {} is made", secret.url)
            advice="It is shown this once: copy it now into the program that takes the events. With it the program sees that they \
            come from here."
        >
            <CopyField name="new-secret" label="Secret" value=secret.secret/>
        </ShownOnce>
    }
}
