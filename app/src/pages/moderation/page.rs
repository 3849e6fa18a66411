//! The moderation page: two queues, kept up to date.

use domain::permission::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    board::{Board, Waiting},
    campaigns::WaitingCampaigns,
    revisions::WaitingRevisions,
};
use crate::{
    api::moderation::{ApproveCampaign, ApproveRevision, Queue, RejectCampaign, RejectRevision, moderation_queue},
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn Moderation() -> impl IntoView {
    let workspace = use_workspace();
    let slug = workspace.slug.clone();
    let owned = slug.clone();
    let queue = Resource::new(|| (), move |()| moderation_queue(owned.clone()));
    let lead = if workspace.may(Permission::DecideCampaign) {
        "Nothing is sent, and no sender is used, before somebody approves it here."
    } else {
        "What waits for a decision. Moderators and admins decide."
    };
    view! {
        <PageHeading title="Moderation" lead=lead/>
        <RefusedBefore/>
        <Transition fallback=|| view! { <Loading label="Loading the queue"/> }>
            {move || {
                let slug = slug.clone();
                Suspend::new(async move {
                    match queue.await {
                        Ok(queue) => view! { <Queues slug queue/> }.into_any(),
                        Err(error) => {
                            view! { <Panel><LoadError error retry=Callback::new(move |()| queue.refetch())/></Panel> }
                                .into_any()
                        }
                    }
                })
            }}
        </Transition>
    }
}

/// A refusal that came back with the page, as it does without a script.
#[component]
fn RefusedBefore() -> impl IntoView {
    let refused: Option<AppError> = [
        ServerAction::<ApproveCampaign>::new().value().get_untracked(),
        ServerAction::<RejectCampaign>::new().value().get_untracked(),
        ServerAction::<ApproveRevision>::new().value().get_untracked(),
        ServerAction::<RejectRevision>::new().value().get_untracked(),
    ]
    .into_iter()
    .flatten()
    .find_map(Result::err);
    refused.map(|error| {
        view! {
            <Alert tone=Tone::Danger title="The decision was not made">
                <p>{error.in_full()}</p>
            </Alert>
        }
    })
}

#[component]
fn Queues(slug: String, queue: Queue) -> impl IntoView {
    let board = Board::new(slug, queue);
    let query = use_query_map();
    let senders = Memo::new(move |_| query.with(|query| query.get_str("tab") == Some("senders")));
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    // Rows that are only kept for their refusal do not wait.
    let campaigns = Memo::new(move |_| {
        let waiting = board.waiting.get();
        board.queue.with(|queue| count(queue.campaigns.iter().filter(|row| waiting.contains(&row.key())).count()))
    });
    let revisions = Memo::new(move |_| {
        let waiting = board.waiting.get();
        board.queue.with(|queue| count(queue.revisions.iter().filter(|row| waiting.contains(&row.key())).count()))
    });
    let templates = Memo::new(move |_| board.queue.with(|queue| queue.templates));
    let path = board.slug.with_value(|slug| format!("/w/{slug}/moderation"));
    let tabs = move || {
        vec![
            Tab::new("Campaigns", format!("{path}?tab=campaigns"), !senders.get()).count(campaigns),
            Tab::new("Sender revisions", format!("{path}?tab=senders"), senders.get()).count(revisions),
        ]
    };
    view! {
        {move || view! { <Tabs label="Queues" tabs=tabs()/> }}
        {move || {
            let waiting = templates.get();
            (waiting > 0)
                .then(|| {
                    let href = board.slug.with_value(|slug| format!("/w/{slug}/templates"));
                    let words = counted(waiting.into(), "template waits", "templates wait");
                    view! {
                        <Alert tone=Tone::Info>
                            <p>{words} " for a decision. " <a class="link" href=href>"See the templates"</a></p>
                        </Alert>
                    }
                })
        }}
        <Panel flush=true>
            {move || {
                if senders.get() {
                    view! { <WaitingRevisions board/> }.into_any()
                } else {
                    view! { <WaitingCampaigns board/> }.into_any()
                }
            }}
        </Panel>
        <Watch board/>
    }
}

/// Says what changed, and lets people hold the page still.
#[component]
fn Watch(board: Board) -> impl IntoView {
    view! {
        <div class="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm text-muted">
            <p role="status" class="min-w-0 flex-1">{move || board.said.get()}</p>
            {move || board.lost.get().map(|error| view! { <p class="field-error">{error.to_string()}</p> })}
            <span class="script-only">
                <Button
                    r#type="button"
                    kind=ButtonKind::Quiet
                    small=true
                    on:click=move |_| {
                        board.paused.update(|paused| *paused = !*paused);
                        if !board.paused.get_untracked() {
                            board.ask();
                        }
                    }
                >
                    {move || if board.paused.get() { "Follow changes" } else { "Hold still" }}
                </Button>
            </span>
        </div>
    }
}
