//! How one link is at the moment.

use leptos::prelude::*;

use super::per_second;
use crate::{
    api::installation::links::{LinkFigures, LinkRow},
    ui::prelude::*,
};

#[component]
pub(super) fn Figures(row: LinkRow) -> impl IntoView {
    let LinkRow { origin, address, tls, simulator, live, trouble, .. } = row;
    view! {
        <Panel title="State">
            <div class="flex flex-col gap-4">
                {trouble.map(|trouble| view! { <Alert tone=Tone::Warning><p class="break-words">{trouble}</p></Alert> })}
                <Facts>
                    <Fact label="Carrier">
                        <span class="wrap-anywhere">{address.unwrap_or_else(|| "known to the other SMS Core only".to_owned())}</span>
                        {tls.then_some(", TLS")}
                    </Fact>
                    <Fact label="Origin">{capitalised(origin.label())}</Fact>
                    {simulator.then(|| view! { <Fact label="Simulator">"No real message leaves by it"</Fact> })}
                    {live.map(|live| view! { <Live live/> })}
                </Facts>
            </div>
        </Panel>
    }
}

#[component]
fn Live(live: LinkFigures) -> impl IntoView {
    let rate = match live.rate_limit {
        Some(limit) => format!("{} of {} segments/s", per_second(live.rate), per_second(limit)),
        None => format!("{} segments/s", per_second(live.rate)),
    };
    let window = format!("{} of {}", grouped(u64::from(live.window_used)), grouped(u64::from(live.window)));
    view! {
        <Fact label="In this state since"><When moment=live.since/></Fact>
        <Fact label="Sessions">{format!("{} of {} bound", live.sessions_bound, live.sessions_configured)}</Fact>
        <Fact label="Unanswered parts">{window}</Fact>
        <Fact label="Waiting">
            {counted(live.queued, "message", "messages")}
            {(live.retrying > 0).then(|| format!(", and {} to be tried again", counted(live.retrying, "part", "parts")))}
        </Fact>
        <Fact label="Rate">{rate} {live.throttled.then_some(", slowed down by the carrier")}</Fact>
        <Fact label="Since the start">
            {format!(
                "{} accepted, {} refused, {} throttled, {} uncertain",
                grouped(live.accepted),
                grouped(live.refused),
                grouped(live.times_throttled),
                grouped(live.uncertain),
            )}
        </Fact>
        <Fact label="Received">
            {format!("{}, {}", counted(live.receipts, "receipt", "receipts"), counted(live.inbound, "message", "messages"))}
        </Fact>
        <Fact label="Last error">
            {match (live.last_error, live.last_error_at) {
                (Some(error), Some(at)) => {
                    view! { <span class="break-words">{error}</span> " " <When moment=at/> }.into_any()
                }
                _ => "None since the start".into_any(),
            }}
        </Fact>
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
