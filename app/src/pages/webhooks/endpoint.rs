//! One endpoint: how it stands, what was sent to it, and what can be done.

use domain::webhook::DeliveryState;
use leptos::prelude::*;

use crate::{
    api::webhooks::{
        DeliveryRow, RedeliverEvent, RemoveWebhook, RotateWebhook, SwitchWebhook, TestWebhook, WebhookRow,
    },
    error::AppError,
    ui::prelude::*,
};

/// What can be done with endpoints; made once for the page.
#[derive(Clone, Copy)]
pub struct Actions {
    switch: ServerAction<SwitchWebhook>,
    pub rotate: ServerAction<RotateWebhook>,
    test: ServerAction<TestWebhook>,
    remove: ServerAction<RemoveWebhook>,
    redeliver: ServerAction<RedeliverEvent>,
}

impl Actions {
    pub fn new() -> Self {
        Self {
            switch: ServerAction::new(),
            rotate: ServerAction::new(),
            test: ServerAction::new(),
            remove: ServerAction::new(),
            redeliver: ServerAction::new(),
        }
    }

    /// Another value after each of them.
    pub fn versions(self) -> usize {
        self.switch.version().get()
            + self.rotate.version().get()
            + self.test.version().get()
            + self.remove.version().get()
            + self.redeliver.version().get()
    }

    pub fn refused(self) -> Signal<Option<AppError>> {
        Signal::derive(move || {
            (self.switch.value().get().and_then(Result::err))
                .or_else(|| self.rotate.value().get().and_then(Result::err))
                .or_else(|| self.test.value().get().and_then(Result::err))
                .or_else(|| self.remove.value().get().and_then(Result::err))
                .or_else(|| self.redeliver.value().get().and_then(Result::err))
        })
    }
}

#[component]
pub fn EndpointPanel(slug: String, row: WebhookRow, actions: Actions) -> impl IntoView {
    let WebhookRow { id, url, events, enabled, failing_since, created_by, created, deliveries } = row;
    let (tone, word) = match (enabled, &failing_since) {
        (false, _) => (Tone::Danger, "Switched off"),
        (true, Some(_)) => (Tone::Warning, "Failing"),
        (true, None) => (Tone::Success, "Active"),
    };
    let since = failing_since.map(|moment| {
        view! { <p class="text-sm text-muted">"Nothing has arrived since " <When moment/> "."</p> }
    });
    let events = events.iter().map(|event| event.name()).collect::<Vec<_>>().join(", ");
    let switch_to = (!enabled).to_string();
    let switch_word = if enabled { "Switch off" } else { "Switch on" };
    let (rotate, remove) = (format!("rotate-{id}"), format!("remove-{id}"));
    let (slug, id, url) = (StoredValue::new(slug), StoredValue::new(id), StoredValue::new(url));
    let about = move |word: &str| format!(" {word}{}", url.get_value());
    view! {
        <Panel>
            <div class="flex flex-col gap-4">
                <div class="flex flex-wrap items-center gap-3">
                    <h2 class="font-mono text-sm break-all">{url.get_value()}</h2>
                    <Badge tone text=word/>
                </div>
                <p class="text-sm text-muted">
                    {events} ". Made by " {created_by} " " <When moment=created/> "."
                </p>
                {since}
                <div class="flex flex-wrap gap-3">
                    <ActionForm action=actions.test>
                        <Hidden name="slug" value=slug.get_value()/>
                        <Hidden name="webhook" value=id.get_value()/>
                        <Button kind=ButtonKind::Secondary busy=actions.test.pending()>
                            "Send a test" <span class="sr-only">{about("to ")}</span>
                        </Button>
                    </ActionForm>
                    <ActionForm action=actions.switch>
                        <Hidden name="slug" value=slug.get_value()/>
                        <Hidden name="webhook" value=id.get_value()/>
                        <Hidden name="enabled" value=switch_to/>
                        <Button kind=ButtonKind::Secondary busy=actions.switch.pending()>
                            {switch_word} <span class="sr-only">{about("")}</span>
                        </Button>
                    </ActionForm>
                    <DialogOpen id=rotate.clone() kind=ButtonKind::Secondary>
                        "New secret" <span class="sr-only">{about("for ")}</span>
                    </DialogOpen>
                    <DialogOpen id=remove.clone() kind=ButtonKind::Secondary>
                        "Remove" <span class="sr-only">{about("")}</span>
                    </DialogOpen>
                </div>
                <Dialog id=rotate.clone() title="Make a new secret?">
                    <p>"For a day events are signed with the former one too, so that the program can be changed in between."</p>
                    <ActionForm action=actions.rotate>
                        <Hidden name="slug" value=slug.get_value()/>
                        <Hidden name="webhook" value=id.get_value()/>
                        <div class="dialog-actions">
                            <DialogClose id=rotate/>
                            <Button busy=actions.rotate.pending()>"Make a new secret"</Button>
                        </div>
                    </ActionForm>
                </Dialog>
                <Dialog id=remove.clone() title="Remove this webhook?">
                    <p>"What waits for it is not sent any more."</p>
                    <ActionForm action=actions.remove>
                        <Hidden name="slug" value=slug.get_value()/>
                        <Hidden name="webhook" value=id.get_value()/>
                        <div class="dialog-actions">
                            <DialogClose id=remove/>
                            <Button kind=ButtonKind::Danger busy=actions.remove.pending()>"Remove"</Button>
                        </div>
                    </ActionForm>
                </Dialog>
                <Deliveries slug=slug.get_value() webhook=id.get_value() url=url.get_value() deliveries actions/>
            </div>
        </Panel>
    }
}

#[component]
fn Deliveries(
    slug: String,
    webhook: String,
    url: String,
    deliveries: Vec<DeliveryRow>,
    actions: Actions,
) -> impl IntoView {
    if deliveries.is_empty() {
        return view! { <p class="text-sm text-muted">"Nothing was sent to it yet."</p> }.into_any();
    }
    let body = deliveries
        .into_iter()
        .map(|row| view! { <Row slug=slug.clone() webhook=webhook.clone() row actions/> })
        .collect_view();
    view! {
        <Table caption=format!("The last events to {url}, newest first")>
            <thead>
                <tr>
                    <th scope="col">"Event"</th>
                    <th scope="col">"When"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Last attempt"</th>
                    <th scope="col"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </Table>
    }
    .into_any()
}

#[component]
fn Row(slug: String, webhook: String, row: DeliveryRow, actions: Actions) -> impl IntoView {
    let DeliveryRow { id, kind, at, state, attempts, next, outcome } = row;
    let tone = match state {
        DeliveryState::Delivered => Tone::Success,
        DeliveryState::Waiting if attempts > 0 => Tone::Warning,
        DeliveryState::Waiting => Tone::Neutral,
        DeliveryState::Dead => Tone::Danger,
    };
    let next = next.filter(|_| attempts > 0).map(|moment| {
        view! { <span class="block text-xs text-muted">"again " <When moment/></span> }
    });
    let attempts = match attempts {
        0 => "not tried yet".to_owned(),
        1 => "1 attempt".to_owned(),
        attempts => format!("{attempts} attempts"),
    };
    view! {
        <tr class="align-top">
            <th scope="row" class="font-mono text-xs font-normal">{kind.name()}</th>
            <td><When moment=at stacked=true/></td>
            <td>
                <Badge tone text=state.label()/>
                {next}
            </td>
            <td class="break-words">
                {outcome}
                <span class="block text-xs text-muted">{attempts}</span>
            </td>
            <td class="text-right">
                <ActionForm action=actions.redeliver>
                    <Hidden name="slug" value=slug/>
                    <Hidden name="webhook" value=webhook/>
                    <Hidden name="event" value=id.clone()/>
                    <Button kind=ButtonKind::Secondary small=true busy=actions.redeliver.pending()>
                        "Send again" <span class="sr-only">{format!(" event {id}")}</span>
                    </Button>
                </ActionForm>
            </td>
        </tr>
    }
}
