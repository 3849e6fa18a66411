//! The sender revisions that wait.

use domain::sender::Addressing;
use leptos::prelude::*;

use super::{
    board::{Board, Waiting},
    campaigns::{Refused, decision},
    decide::dialogs,
};
use crate::{
    api::moderation::{ApproveRevision, RejectRevision, WaitingRevision},
    error::sentence,
    pages::campaigns::AddressingFacts,
    ui::prelude::*,
};

#[component]
pub fn WaitingRevisions(board: Board) -> impl IntoView {
    let empty = Memo::new(move |_| board.queue.with(|queue| queue.revisions.is_empty()));
    view! {
        <Show
            when=move || !empty.get()
            fallback=|| {
                view! {
                    <EmptyState
                        title="No sender revision waits"
                        text="New senders and changes of their addresses come here. What is approved stays in force meanwhile."
                    />
                }
            }
        >
            <Table caption="Sender revisions that wait for a decision, oldest first">
                <thead>
                    <tr>
                        <th scope="col">"Sender"</th>
                        <th scope="col">"Decision"</th>
                        <th scope="col">"Revision"</th>
                        <th scope="col">"SADDR"</th>
                        <th scope="col">"Source"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"Created"</th>
                        <th scope="col">"By"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || board.queue.get().revisions key=Waiting::key let:row>
                        <Row board row/>
                    </For>
                </tbody>
            </Table>
        </Show>
    }
}

#[component]
fn Row(board: Board, row: WaitingRevision) -> impl IntoView {
    let key = row.key();
    let slug = board.slug.get_value();
    let href = format!("/w/{slug}/senders/{}", row.sender);
    let title = format!("“{}”, revision {}", row.name, row.number);
    let refused = RwSignal::new(None);
    let approve = decision::<ApproveRevision>(board, &row, refused, format!("{title}, was approved."));
    let reject = decision::<RejectRevision>(board, &row, refused, format!("{title}, was rejected."));
    let dismissed = key.clone();
    let shown = row.clone();
    let decide = move || match refused.get() {
        Some(error) => {
            let key = dismissed.clone();
            view! { <Refused error dismiss=Callback::new(move |()| { refused.set(None); board.dismiss(&key); })/> }
                .into_any()
        }
        None if shown.may_decide => view! { <Buttons slug=slug.clone() row=shown.clone() approve reject/> }.into_any(),
        None => view! { <span class="text-muted">"By moderators"</span> }.into_any(),
    };
    let source = source(&row.addressing);
    view! {
        <tr data-row=key class="align-top">
            <th scope="row" class="min-w-36 font-normal">
                <a href=href class="link link-hover font-medium break-words">{row.name}</a>
            </th>
            <td class="min-w-44">{decide}</td>
            <td class="tabular-nums">{row.number}</td>
            <td class="font-mono whitespace-nowrap">{row.addressing.saddr.to_string()}</td>
            <td class="whitespace-nowrap">{source}</td>
            <td class="min-w-40">{row.reason.unwrap_or_else(|| "–".to_owned())}</td>
            <td><When moment=row.submitted stacked=true/></td>
            <td>{row.submitted_by}</td>
        </tr>
    }
}

fn source(addressing: &Addressing) -> String {
    format!("TON {}, NPI {}", addressing.source_ton as u8, addressing.source_npi as u8)
}

#[component]
fn Buttons(
    slug: String,
    row: WaitingRevision,
    approve: ServerAction<ApproveRevision>,
    reject: ServerAction<RejectRevision>,
) -> impl IntoView {
    let [approve_id, reject_id] = dialogs(&row.sender);
    let title = format!("{}, revision {}", row.name, row.number);
    let subject = {
        let (sender, number) = (row.sender.clone(), row.number);
        move || {
            view! {
                <Hidden name="slug" value=slug.clone()/>
                <Hidden name="sender" value=sender.clone()/>
                <Hidden name="number" value=number.to_string()/>
            }
        }
    };
    let reject_error =
        Signal::derive(move || reject.value().get().and_then(Result::err).and_then(|error| error.field_error("note")));
    let saddr_error = Signal::derive(move || {
        approve.value().get().and_then(Result::err).and_then(|error| error.field_error("saddr"))
    });
    let note_id = format!("note-{}", row.sender);
    let in_force =
        row.in_force.map(|addressing| format!("In force until then: {} ({})", addressing.saddr, source(&addressing)));
    let [approve_title, reject_title] = [format!("Approve {title}?"), format!("Reject {title}?")];
    let [approve_label, reject_label] =
        [format!("Approve revision {}", row.number), format!("Reject revision {}", row.number)];
    let (approve_subject, reject_subject) = (subject(), subject());
    let spoken = format!(" {title}");
    let [spoken, spoken_too] = [spoken.clone(), spoken];
    view! {
        <div class="flex flex-wrap items-center gap-2">
            <DialogOpen id=approve_id.clone() small=true disabled=Signal::stored(row.barred.is_some())>
                "Approve"
                <span class="sr-only">{spoken}</span>
            </DialogOpen>
            <DialogOpen id=reject_id.clone() kind=ButtonKind::Secondary small=true>
                "Reject"
                <span class="sr-only">{spoken_too}</span>
            </DialogOpen>
            {row.barred.map(|barred| view! { <p class="w-full text-sm text-muted">{sentence(&barred)}</p> })}
        </div>
        <Dialog id=approve_id.clone() title=approve_title>
            <Facts>
                <AddressingFacts addressing=row.addressing/>
                {row.reason.map(|reason| view! { <Fact label="Reason">{reason}</Fact> })}
            </Facts>
            {in_force.map(|line| view! { <p class="text-sm text-muted">{line}</p> })}
            {move || saddr_error.get().map(|error| view! { <p class="field-error" role="alert">{sentence(&error)}</p> })}
            <div class="dialog-actions">
                <ActionForm action=approve>
                    {approve_subject}
                    <Button busy=approve.pending()>{approve_label}</Button>
                </ActionForm>
                <DialogClose id=approve_id/>
            </div>
        </Dialog>
        <Dialog id=reject_id.clone() title=reject_title>
            <ActionForm action=reject attr:class="flex flex-col gap-4">
                {reject_subject}
                <TextArea
                    name="note"
                    id=note_id
                    label="What has to change"
                    hint="Whoever submitted it reads this, and the audit log keeps it."
                    maxlength=1000
                    rows=4
                    error=reject_error
                />
                <div class="dialog-actions">
                    <Button kind=ButtonKind::Danger busy=reject.pending()>{reject_label}</Button>
                    <DialogClose id=reject_id/>
                </div>
            </ActionForm>
        </Dialog>
    }
}
