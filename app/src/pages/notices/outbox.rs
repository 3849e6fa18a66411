//! `/installation/mail`: how mails leave, and those that do not.

use leptos::prelude::*;

use crate::{
    api::outbox::{GivenUpView, OutboxView, SendTestMail, outbox},
    error::AppError,
    state::poll::poll,
    ui::prelude::*,
};

/// How often the figures are asked for.
const LOOK_MS: u32 = 5_000;

#[component]
pub fn Outbox() -> impl IntoView {
    let send = ServerAction::<SendTestMail>::new();
    let loaded = Resource::new(move || send.version().get(), |_| outbox());
    let refused: Signal<Option<AppError>> = Signal::derive(move || send.value().get().and_then(Result::err));
    let sent = Signal::derive(move || send.value().with(|value| value.as_ref().is_some_and(Result::is_ok)));
    poll(LOOK_MS, || true, move || loaded.refetch());
    view! {
        <PageHeading title="Mail" lead="Notices, invitations and links for forgotten passwords leave by a mail server."/>
        <div role="status">
            {move || sent.get().then(|| view! { <Alert tone=Tone::Success>"The test mail is in the outbox, and soon on its way to you."</Alert> })}
        </div>
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
        <Transition fallback=|| view! { <Loading label="Looking into the outbox"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(view) => view! { <Standing view send/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Standing(view: OutboxView, send: ServerAction<SendTestMail>) -> impl IntoView {
    let OutboxView { server, waiting, waiting_since, last_error, sent, last_sent, given_up } = view;
    let Some(server) = server else {
        return view! {
            <Panel>
                <EmptyState
                    title="No mail server is configured"
                    text="People see their notices in the header, and links are handed over by whoever makes them. A section [mail] in the configuration file changes that; docs/configuration.md describes it."
                />
            </Panel>
        }
        .into_any();
    };
    view! {
        <Panel title="Outbox">
            <Facts>
                <Fact label="Mail server">{server}</Fact>
                <Fact label="Waiting">
                    {counted(waiting.into(), "mail", "mails")}
                    {waiting_since.map(|since| view! { ", the oldest since " <When moment=since/> })}
                </Fact>
                <Fact label="Sent within a week">
                    {counted(sent.into(), "mail", "mails")}
                    {last_sent.map(|last| view! { ", the last " <When moment=last/> })}
                </Fact>
            </Facts>
            {last_error
                .map(|reason| {
                    view! {
                        <div class="mt-4">
                            <Alert tone=Tone::Warning title="The last attempt failed">
                                <p class="break-words">{reason}</p>
                                <p class="mt-1">"It is tried again, at growing intervals, for a day."</p>
                            </Alert>
                        </div>
                    }
                })}
            <ActionForm action=send attr:class="mt-4">
                <Button kind=ButtonKind::Secondary busy=send.pending()>"Send a test mail to myself"</Button>
            </ActionForm>
        </Panel>
        {(!given_up.is_empty()).then(|| view! { <GivenUp given_up/> })}
    }
    .into_any()
}

#[component]
fn GivenUp(given_up: Vec<GivenUpView>) -> impl IntoView {
    let rows = given_up
        .into_iter()
        .map(|mail| {
            view! {
                <tr>
                    <td><When moment=mail.at/></td>
                    <td>{mail.what}</td>
                    <td class="tabular-nums">{mail.attempts}</td>
                    <td class="min-w-44 break-words">{mail.reason}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="Given up within a week" flush=true>
            <Table caption="Mails that were given up within a week">
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"Attempts"</th>
                        <th scope="col">"Why"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Panel>
    }
}
