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

/// The panel stays while what it shows changes, so that a dialog stays open and the focus where it is.
#[component]
pub fn EndpointPanel(slug: String, row: Memo<WebhookRow>, actions: Actions) -> impl IntoView {
    let WebhookRow { id, url, events, created_by, created, .. } = row.get_untracked();
    let events = events.iter().map(|event| event.name()).collect::<Vec<_>>().join(", ");
    let state = move || {
        let (tone, word) = row.with(|row| match (row.enabled, &row.failing_since) {
            (false, _) => (Tone::Danger, "Switched off"),
            (true, Some(_)) => (Tone::Warning, "Failing"),
            (true, None) => (Tone::Success, "Active"),
        });
        view! { <Badge tone text=word/> }
    };
    let since = move || {
        row.with(|row| row.failing_since.clone()).map(|moment| {
            view! { <p class="text-sm text-muted">"Nothing has arrived since " <When moment/> "."</p> }
        })
    };
    let enabled = Memo::new(move |_| row.with(|row| row.enabled));
    let (rotate, remove) = (format!("rotate-{id}"), format!("remove-{id}"));
    close_when_done(actions.rotate.pending(), rotate.clone());
    close_when_done(actions.remove.pending(), remove.clone());
    let (slug, id, url) = (StoredValue::new(slug), StoredValue::new(id), StoredValue::new(url));
    let about = move |word: &str| format!(" {word}{}", url.get_value());
    view! {
        <Panel>
            <div class="flex flex-col gap-4">
                <div class="flex flex-wrap items-center gap-3">
                    <h2 class="font-mono text-sm break-all">{url.get_value()}</h2>
                    {state}
                </div>
                <p class="text-sm text-muted">
                    {events} ". Made by " {created_by} " " <When moment=created/> "."
                </p>
                {since}
                <div class="flex flex-wrap gap-2">
                    <ActionForm action=actions.test>
                        <Hidden name="slug" value=slug.get_value()/>
                        <Hidden name="webhook" value=id.get_value()/>
                        <Button kind=ButtonKind::Secondary small=true busy=actions.test.pending()>
                            "Send a test" <span class="sr-only">{about("to ")}</span>
                        </Button>
                    </ActionForm>
                    <ActionForm action=actions.switch>
                        <Hidden name="slug" value=slug.get_value()/>
                        <Hidden name="webhook" value=id.get_value()/>
                        <input type="hidden" name="enabled" value=move || (!enabled.get()).to_string()/>
                        <Button kind=ButtonKind::Secondary small=true busy=actions.switch.pending()>
                            {move || if enabled.get() { "Switch off" } else { "Switch on" }}
                            <span class="sr-only">{about("")}</span>
                        </Button>
                    </ActionForm>
                    <DialogOpen id=rotate.clone() kind=ButtonKind::Secondary small=true>
                        "New secret" <span class="sr-only">{about("for ")}</span>
                    </DialogOpen>
                    <DialogOpen id=remove.clone() kind=ButtonKind::Secondary small=true>
                        "Remove" <span class="sr-only">{about("")}</span>
                    </DialogOpen>
                </div>
                <Dialog id=rotate.clone() title="Make a new secret?">
                    <p>"For a day events are signed with the former ones too, so that the program can be changed in between."</p>
                    <ActionForm action=actions.rotate>
                        <Hidden name="slug" value=slug.get_value()/>
                        <Hidden name="webhook" value=id.get_value()/>
                        <div class="dialog-actions">
                            <Button busy=actions.rotate.pending()>"Make a new secret"</Button>
                            <DialogClose id=rotate/>
                        </div>
                    </ActionForm>
                </Dialog>
                <Dialog id=remove.clone() title="Remove this webhook?">
                    <p class="break-words">"Nothing more is sent to " {url.get_value()} ", and what waits for it goes away."</p>
                    <ActionForm action=actions.remove>
                        <Hidden name="slug" value=slug.get_value()/>
                        <Hidden name="webhook" value=id.get_value()/>
                        <div class="dialog-actions">
                            <Button kind=ButtonKind::Danger busy=actions.remove.pending()>"Remove"</Button>
                            <DialogClose id=remove/>
                        </div>
                    </ActionForm>
                </Dialog>
                <Deliveries slug webhook=id url row actions/>
            </div>
        </Panel>
    }
}

/// Whatever comes of it is said in the page.
fn close_when_done(pending: Memo<bool>, dialog: String) {
    Effect::new(move |before: Option<bool>| {
        let now = pending.get();
        if before == Some(true) && !now {
            crate::ui::dialog::close(&dialog);
        }
        now
    });
}

#[component]
fn Deliveries(
    slug: StoredValue<String>,
    webhook: StoredValue<String>,
    url: StoredValue<String>,
    row: Memo<WebhookRow>,
    actions: Actions,
) -> impl IntoView {
    let none = Memo::new(move |_| row.with(|row| row.deliveries.is_empty()));
    move || {
        if none.get() {
            return view! { <p class="text-sm text-muted">"Nothing was sent to it yet."</p> }.into_any();
        }
        view! {
            <Table caption=format!("The last events to {}, newest first", url.get_value())>
                <thead>
                    <tr>
                        <th scope="col">"Event"</th>
                        <th scope="col">"When"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Last attempt"</th>
                        <th scope="col"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || row.with(|row| row.deliveries.clone()) key=|delivery| delivery.id.clone() let:first>
                        <Row slug=slug.get_value() webhook=webhook.get_value() first row actions/>
                    </For>
                </tbody>
            </Table>
        }
        .into_any()
    }
}

#[component]
fn Row(slug: String, webhook: String, first: DeliveryRow, row: Memo<WebhookRow>, actions: Actions) -> impl IntoView {
    let (id, kind, at) = (first.id.clone(), first.kind, first.at.clone());
    let own = first.id.clone();
    let delivery = Memo::new(move |before: Option<&DeliveryRow>| {
        let now = row.with(|row| row.deliveries.iter().find(|delivery| delivery.id == own).cloned());
        now.unwrap_or_else(|| before.unwrap_or(&first).clone())
    });
    let state = move || {
        let DeliveryRow { state, attempts, next, .. } = delivery.get();
        let tone = match state {
            DeliveryState::Delivered => Tone::Success,
            DeliveryState::Waiting if attempts > 0 => Tone::Warning,
            DeliveryState::Waiting => Tone::Neutral,
            DeliveryState::Dead => Tone::Danger,
        };
        let next = next.filter(|_| attempts > 0).map(|moment| {
            view! { <span class="block text-xs text-muted">"again " <When moment/></span> }
        });
        view! { <Badge tone text=state.label()/> {next} }
    };
    let attempt = move || {
        let DeliveryRow { attempts, outcome, .. } = delivery.get();
        let attempts = match attempts {
            0 => "not tried yet".to_owned(),
            1 => "1 attempt".to_owned(),
            attempts => format!("{attempts} attempts"),
        };
        view! { {outcome} <span class="block text-xs text-muted">{attempts}</span> }
    };
    view! {
        <tr class="align-top">
            <th scope="row" class="font-mono text-xs font-normal">{kind.name()}</th>
            <td><When moment=at stacked=true/></td>
            <td>{state}</td>
            <td class="break-words">{attempt}</td>
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
