//! How far a campaign has come, in figures that add up to its recipients.

use domain::{campaign::Progress, recipient::RecipientState};
use leptos::prelude::*;

use super::live::Live;
use crate::{state::query::name_of, ui::prelude::*};

/// The order of the bar and of the figures below it, with the class of the colour.
const ORDER: [(RecipientState, &str); 8] = [
    (RecipientState::Delivered, "fill-success"),
    (RecipientState::Submitted, "fill-info"),
    (RecipientState::Claimed, "fill-primary"),
    (RecipientState::Waiting, "fill-base-300"),
    (RecipientState::Failed, "fill-error"),
    (RecipientState::Uncertain, "fill-warning"),
    (RecipientState::NoReceipt, "fill-neutral"),
    (RecipientState::NotSent, "fill-base-300"),
];

const fn count(progress: &Progress, state: RecipientState) -> u64 {
    match state {
        RecipientState::Waiting => progress.waiting,
        RecipientState::Claimed => progress.claimed,
        RecipientState::Submitted => progress.submitted,
        RecipientState::Delivered => progress.delivered,
        RecipientState::Failed => progress.failed,
        RecipientState::Uncertain => progress.uncertain,
        RecipientState::NoReceipt => progress.no_receipt,
        RecipientState::NotSent => progress.not_sent,
    }
}

#[component]
pub fn ProgressPanel(live: Live) -> impl IntoView {
    let progress = Memo::new(move |_| live.view.with(|view| view.progress));
    let uncertain = Memo::new(move |_| progress.get().uncertain);
    let said = move || {
        let progress = progress.get();
        format!("{} of {} sent", grouped(progress.sent()), counted(progress.total(), "recipient", "recipients"))
    };
    view! {
        <Panel title="Progress" aside=move || view! { <span class="text-sm tabular-nums">{said}</span> }>
            <StateBar progress/>
            <dl class="mt-4 grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
                {ORDER
                    .into_iter()
                    .map(|(state, colour)| view! { <Figure live progress state colour/> })
                    .collect_view()}
            </dl>
        </Panel>
        <Show when=move || { uncertain.get() > 0 }>
            <Alert
                tone=Tone::Warning
                title=format!("{} may or may not have got it", counted(uncertain.get(), "recipient", "recipients"))
            >
                <p>
                    "The connection broke after the message was written and before the carrier answered. They are not sent to \
                    again by themselves, so that nobody gets the message twice; a receipt that still arrives settles them."
                </p>
                <p class="mt-1">
                    "What you can do: wait for receipts, ask the carrier about these numbers, or write to them in a new campaign. "
                    <a class="link" href=live.href("?tab=recipients&state=uncertain")>"Show them"</a>
                </p>
            </Alert>
        </Show>
    }
}

/// The states side by side; the figures below say the same.
#[component]
fn StateBar(progress: Memo<Progress>) -> impl IntoView {
    let spans = Memo::new(move |_| {
        let progress = progress.get();
        let total = progress.total().max(1);
        let mut before = 0;
        ORDER.map(|(state, _)| {
            let start = permille(before, total);
            before += count(&progress, state);
            (start, permille(before, total) - start)
        })
    });
    let parts = ORDER
        .into_iter()
        .enumerate()
        .map(|(index, (_, colour))| {
            view! {
                <rect
                    class=colour
                    y="0"
                    height="10"
                    x=move || spans.get()[index].0.to_string()
                    width=move || spans.get()[index].1.to_string()
                ></rect>
            }
        })
        .collect_view();
    view! {
        <div
            role="progressbar"
            aria-label="Sent"
            aria-valuemin="0"
            aria-valuenow=move || progress.get().sent().to_string()
            aria-valuemax=move || progress.get().total().max(1).to_string()
        >
            <svg class="h-3 w-full rounded-full" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
                {parts}
            </svg>
        </div>
    }
}

fn permille(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 1_000 / u128::from(whole.max(1))).unwrap_or(1_000)
}

/// One state with its count; leads to the recipients in it.
#[component]
fn Figure(live: Live, progress: Memo<Progress>, state: RecipientState, colour: &'static str) -> impl IntoView {
    let number = Memo::new(move |_| count(&progress.get(), state));
    let href = live.href(&format!("?tab=recipients&state={}", name_of(state)));
    view! {
        <div>
            <dt class="flex items-center gap-2 text-sm text-muted">
                <svg class="size-2.5 shrink-0" viewBox="0 0 10 10" aria-hidden="true">
                    <rect class=colour width="10" height="10" rx="2"></rect>
                </svg>
                {state.label()}
            </dt>
            <dd class="font-semibold tabular-nums">
                {move || {
                    let number = number.get();
                    if number > 0 {
                        view! { <a class="link link-hover" href=href.clone() title=state.explanation()>{grouped(number)}</a> }
                            .into_any()
                    } else {
                        view! { <span class="text-muted">"0"</span> }.into_any()
                    }
                }}
            </dd>
        </div>
    }
}
