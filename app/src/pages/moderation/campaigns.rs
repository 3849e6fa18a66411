//! The campaigns that wait.

use domain::message_template::TemplateUse;
use leptos::prelude::*;

use super::{
    board::{Board, Waiting},
    decide::{DecisionButtons, dialogs},
    review::Review,
};
use crate::{
    api::{
        campaigns::short_id,
        moderation::{ApproveCampaign, RejectCampaign, WaitingCampaign},
    },
    error::{AppError, sentence},
    ui::{dialog, prelude::*},
};

#[component]
pub fn WaitingCampaigns(board: Board) -> impl IntoView {
    let empty = Memo::new(move |_| board.queue.with(|queue| queue.campaigns.is_empty()));
    view! {
        <Show
            when=move || !empty.get()
            fallback=|| {
                view! {
                    <EmptyState
                        title="No campaign waits"
                        text="Campaigns come here once an author submits them. Nothing is sent before somebody approves it."
                    />
                }
            }
        >
            <Table caption="Campaigns that wait for a decision, oldest first">
                <thead>
                    <tr>
                        <th scope="col">"Campaign"</th>
                        <th scope="col">"Decision"</th>
                        <th scope="col">"Mode"</th>
                        <th scope="col">"Sender"</th>
                        <th scope="col">"Recipients"</th>
                        <th scope="col">"Scheduled"</th>
                        <th scope="col">"Submitted"</th>
                        <th scope="col">"Created"</th>
                        <th scope="col">"Author"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || board.queue.get().campaigns key=Waiting::key let:row>
                        <Row board row/>
                    </For>
                </tbody>
            </Table>
        </Show>
    }
}

#[component]
fn Row(board: Board, row: WaitingCampaign) -> impl IntoView {
    let key = row.key();
    let slug = board.slug.get_value();
    let href = format!("/w/{slug}/campaigns/{}", row.id);
    let name = if row.name.is_empty() { "Untitled".to_owned() } else { row.name.clone() };
    let review = Review::from(&row);
    let approved_text = row.template.as_ref().is_some_and(TemplateUse::is_approved_text);
    let recipients = if review.recipients > 0 { grouped(review.recipients) } else { "–".to_owned() };
    let refused = RwSignal::new(None);
    let approve = decision::<ApproveCampaign>(board, &row, refused, format!("“{name}” was approved."));
    let reject = decision::<RejectCampaign>(board, &row, refused, format!("“{name}” was rejected."));
    let (may_decide, barred) = (row.may_decide, row.barred.clone());
    let dismissed = key.clone();
    let decide = move || match refused.get() {
        Some(error) => {
            let key = dismissed.clone();
            view! { <Refused error dismiss=Callback::new(move |()| { refused.set(None); board.dismiss(&key); })/> }
                .into_any()
        }
        None if may_decide => view! {
            <DecisionButtons slug=slug.clone() review=review.clone() barred=barred.clone() approve reject small=true/>
        }
        .into_any(),
        None => view! { <span class="text-muted">"By moderators"</span> }.into_any(),
    };
    view! {
        <tr data-row=key class="align-top">
            <th scope="row" class="min-w-52 font-normal">
                <a href=href class="link link-hover font-medium break-words">{name}</a>
                <span class="block font-mono text-xs whitespace-nowrap text-muted" title=row.id.clone()>
                    {format!("{} · version {}", short_id(&row.id), row.version)}
                </span>
                <span class="mt-1 line-clamp-2 max-w-72 text-xs text-muted">{if row.any_text { "Any text by API".to_owned() } else { row.text }}</span>
                {approved_text.then(|| view! { <Badge tone=Tone::Success text="approved template, unaltered"/> })}
            </th>
            <td class="min-w-44">{decide}</td>
            <td class="whitespace-nowrap">{row.mode.label()}</td>
            <td>
                <span class="font-mono whitespace-nowrap">{row.saddr}</span>
                <span class="block text-xs whitespace-nowrap text-muted">{row.sender}</span>
                <span class="block text-xs whitespace-nowrap text-muted">{format!("revision {}", row.revision)}</span>
                {row.overridden.then(|| view! { <Badge tone=Tone::Warning text="overridden"/> })}
                {row.tendlc_missing.is_some().then(|| view! { <Badge tone=Tone::Warning text="may not send yet"/> })}
            </td>
            <td class="tabular-nums">{recipients}</td>
            <td><MaybeWhen moment=row.start stacked=true/></td>
            <td><MaybeWhen moment=row.submitted stacked=true/></td>
            <td><When moment=row.created stacked=true/></td>
            <td>{row.author}</td>
        </tr>
    }
}

/// Why a decision was refused, in the place of the buttons, until it was read.
#[component]
pub fn Refused(error: AppError, dismiss: Callback<()>) -> impl IntoView {
    view! {
        <div role="alert" class="flex flex-col items-start gap-2">
            <p class="field-error">{sentence(&error.to_string())}</p>
            <Button r#type="button" kind=ButtonKind::Secondary small=true on:click=move |_| dismiss.run(())>
                "Got it"
            </Button>
        </div>
    }
}

/// A decision on one row: the row leaves only after the server said so, and a refusal stands in the row.
pub fn decision<S>(
    board: Board,
    row: &impl Waiting,
    refused: RwSignal<Option<AppError>>,
    said: String,
) -> ServerAction<S>
where
    S: leptos::server_fn::ServerFn<Output = (), Error = AppError> + Clone + Send + Sync + 'static,
{
    let action = ServerAction::<S>::new();
    // A refusal that came with the page belongs to one row, and which one is not known: it stands above the table.
    action.value().set(None);
    let key = row.key();
    let toasts = Toasts::here();
    Effect::new(move |_| match action.value().get() {
        Some(Ok(())) => {
            close_dialogs(&key);
            toasts.success(said.clone());
            board.decided(key.clone());
        }
        // The field says it, in the open dialog.
        Some(Err(error)) if !error.field_errors().is_empty() => {}
        Some(Err(error)) => {
            close_dialogs(&key);
            refused.set(Some(error));
            board.keep(key.clone());
        }
        None => {}
    });
    action
}

/// The key of a row is `kind-id-version`, and its dialogs are named by the id.
fn close_dialogs(key: &str) {
    let id = key.split_once('-').map_or(key, |(_, rest)| rest);
    let id = id.rsplit_once('-').map_or(id, |(id, _)| id);
    for dialog in dialogs(id) {
        dialog::close(&dialog);
    }
}
