//! What can be done with a campaign: only what makes sense now and what the person's role allows.

use domain::campaign::{Action as Doing, Status};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    copying::{self, CopyButtons},
    live::Live,
    restoring::{self, RestoreTo},
};
use crate::{
    api::campaigns::control::{
        ArchiveCampaign, CancelAndArchiveCampaign, CancelCampaign, DeleteCampaign, FinishCampaign, PauseCampaign,
        RestoreCampaign, ResumeCampaign, StartCampaign, StopCampaign,
    },
    error::AppError,
    state::query::name_of,
    ui::{dialog, prelude::*},
};

const DIALOGS: [&str; 6] =
    ["cancel-campaign", "archive-campaign", "call-off-campaign", "finish-campaign", copying::DIALOG, restoring::DIALOG];

const DELETE: &str = "delete-campaign";

/// The buttons beside the heading, and the reason when one of them was refused.
#[component]
pub fn ActionBar(live: Live) -> impl IntoView {
    let refused = RwSignal::new(None);
    let start = wired::<StartCampaign>(live, refused, "The campaign was started.");
    let pause = wired::<PauseCampaign>(live, refused, "The campaign is paused.");
    let resume = wired::<ResumeCampaign>(live, refused, "The campaign goes on.");
    let finish = wired::<FinishCampaign>(live, refused, "The campaign takes no more numbers.");
    let cancel = wired::<CancelCampaign>(live, refused, "The campaign was cancelled.");
    let stop = wired::<StopCampaign>(live, refused, "The campaign was stopped.");
    let archive = wired::<ArchiveCampaign>(live, refused, "The campaign was archived.");
    let call_off = wired::<CancelAndArchiveCampaign>(live, refused, "The campaign was cancelled and archived.");
    let restore = wired::<RestoreCampaign>(live, refused, "The campaign is back in the list.");

    let shown = Memo::new(move |_| {
        live.view.with(|view| (view.status, view.only_stops, !view.destinations.is_empty(), view.offers.clone()))
    });
    let left = Signal::derive(move || live.view.with(|view| view.progress.waiting));
    let button = move |status: Status, only_stops: bool, asks: bool, doing: Doing| {
        match doing {
        Doing::Edit => {
            let label = if status == Status::Draft { "Continue" } else { "Edit" };
            let kind = if status == Status::Draft { ButtonKind::Primary } else { ButtonKind::Secondary };
            view! { <LinkButton href=live.href("/edit/1") kind>{label}</LinkButton> }.into_any()
        }
        Doing::Start => view! {
            <ActionForm action=start>
                <Subject live/>
                <Button busy=start.pending()>"Start"</Button>
            </ActionForm>
        }
        .into_any(),
        Doing::Pause if only_stops => view! {
            <ActionForm action=stop>
                <Subject live/>
                <Hidden name="seen" value=name_of(status)/>
                <Button kind=ButtonKind::Danger busy=stop.pending()>"Pause"</Button>
            </ActionForm>
        }
        .into_any(),
        Doing::Pause => view! {
            <ActionForm action=pause>
                <Subject live/>
                <Button kind=ButtonKind::Secondary busy=pause.pending()>"Pause"</Button>
            </ActionForm>
        }
        .into_any(),
        Doing::Resume => view! {
            <ActionForm action=resume>
                <Subject live/>
                <Button busy=resume.pending()>"Resume"</Button>
            </ActionForm>
        }
        .into_any(),
        Doing::Restore if asks => view! { <RestoreTo live refused/> }.into_any(),
        Doing::Restore => view! {
            <ActionForm action=restore>
                <Subject live/>
                <Button kind=ButtonKind::Secondary busy=restore.pending()>"Restore"</Button>
            </ActionForm>
        }
        .into_any(),
        Doing::Finish => view! {
            <DialogOpen id=DIALOGS[3] kind=ButtonKind::Secondary>"Finish"</DialogOpen>
            <Dialog id=DIALOGS[3] title="Finish this campaign?">
                <p>"It takes no more numbers: programs that send some are refused. What it has is still sent, and then it is done."</p>
                <div class="dialog-actions">
                    <ActionForm action=finish>
                        <Subject live/>
                        <Button busy=finish.pending()>"Finish"</Button>
                    </ActionForm>
                    <DialogClose id=DIALOGS[3] label="Keep it open"/>
                </div>
            </Dialog>
        }
        .into_any(),
        Doing::Cancel => view! {
            <DialogOpen id=DIALOGS[0] kind=ButtonKind::Secondary>"Cancel campaign"</DialogOpen>
            <Dialog id=DIALOGS[0] title="Cancel this campaign?">
                <p>{move || not_sent_to(left.get())}</p>
                <p>"What has been handed to the carrier goes on, and its receipts still count. This cannot be undone."</p>
                <div class="dialog-actions">
                    <ActionForm action=cancel>
                        <Subject live/>
                        <Button kind=ButtonKind::Danger busy=cancel.pending()>"Cancel campaign"</Button>
                    </ActionForm>
                    <DialogClose id=DIALOGS[0] label="Keep it"/>
                </div>
            </Dialog>
        }
        .into_any(),
        Doing::Archive => {
            let what = if status == Status::New {
                "It leaves the moderators' queue and the list; an approval becomes void. It can be restored."
            } else {
                "It leaves the list. Its recipients and records are kept, and it can be restored."
            };
            view! {
                <DialogOpen id=DIALOGS[1] kind=ButtonKind::Secondary>"Archive"</DialogOpen>
                <Dialog id=DIALOGS[1] title="Archive this campaign?">
                    <p>{what}</p>
                    <div class="dialog-actions">
                        <ActionForm action=archive>
                            <Subject live/>
                            <Button busy=archive.pending()>"Archive"</Button>
                        </ActionForm>
                        <DialogClose id=DIALOGS[1] label="Keep it"/>
                    </div>
                </Dialog>
            }
            .into_any()
        }
        Doing::CancelAndArchive => {
            let form = if only_stops {
                view! {
                    <ActionForm action=stop>
                        <Subject live/>
                        <Hidden name="seen" value=name_of(status)/>
                        <Button kind=ButtonKind::Danger busy=stop.pending()>"Cancel and archive"</Button>
                    </ActionForm>
                }
                .into_any()
            } else {
                view! {
                    <ActionForm action=call_off>
                        <Subject live/>
                        <Button kind=ButtonKind::Danger busy=call_off.pending()>"Cancel and archive"</Button>
                    </ActionForm>
                }
                .into_any()
            };
            view! {
                <DialogOpen id=DIALOGS[2] kind=ButtonKind::Secondary>"Cancel and archive"</DialogOpen>
                <Dialog id=DIALOGS[2] title="Cancel and archive this campaign?">
                    <p>{move || not_sent_to(left.get())}</p>
                    <p>"It leaves the list in the same step. It can be restored, but not started again."</p>
                    <div class="dialog-actions">
                        {form}
                        <DialogClose id=DIALOGS[2] label="Keep it"/>
                    </div>
                </Dialog>
            }
            .into_any()
        }
        // Deciding has a bar of its own; uploading and submitting belong to the wizard.
        Doing::Approve | Doing::Reject | Doing::Upload | Doing::Submit => ().into_any(),
    }
    };
    view! {
        <div class="flex flex-wrap items-start gap-2">
            {move || {
                let (status, only_stops, asks, offers) = shown.get();
                offers.into_iter().map(|doing| button(status, only_stops, asks, doing)).collect_view()
            }}
            <CopyButtons live refused/>
            <Show when=move || live.view.with(|view| view.may_delete)>
                <Delete live refused/>
            </Show>
        </div>
        {move || {
            refused
                .get()
                .map(|error: AppError| {
                    view! {
                        <div class="w-full">
                            <Alert tone=Tone::Danger><p>{error.to_string()}</p></Alert>
                        </div>
                    }
                })
        }}
    }
}

/// For good, and so in its own words.
#[component]
fn Delete(live: Live, refused: RwSignal<Option<AppError>>) -> impl IntoView {
    let delete = ServerAction::<DeleteCampaign>::new();
    if let Some(Err(error)) = delete.value().get_untracked() {
        refused.set(Some(error));
    }
    // When it is done, the list is shown.
    Effect::new(move |_| {
        if let Some(Err(error)) = delete.value().get() {
            dialog::close(DELETE);
            refused.set(Some(error));
            live.reload();
        }
    });
    let what = live.view.with_untracked(|view| counted(view.progress.total(), "recipient", "recipients"));
    view! {
        <DialogOpen id=DELETE kind=ButtonKind::Danger>"Delete"</DialogOpen>
        <Dialog id=DELETE title="Delete this campaign for good?">
            <p>
                {format!("It goes with its {what}, its exports and its test messages, and cannot be brought back.")}
            </p>
            <p>"The figures by hour, the usage of the month and the audit log stay."</p>
            <div class="dialog-actions">
                <ActionForm action=delete>
                    <Subject live/>
                    <Button kind=ButtonKind::Danger busy=delete.pending()>"Delete campaign"</Button>
                </ActionForm>
                <DialogClose id=DELETE label="Keep it"/>
            </div>
        </Dialog>
    }
}

/// Which campaign a form is about.
#[component]
pub fn Subject(live: Live) -> impl IntoView {
    view! {
        <Hidden name="slug" value=live.slug.get_value()/>
        <Hidden name="id" value=live.id()/>
    }
}

/// An action that brings the page up to date when it is done, whichever way it went.
pub fn wired<S>(live: Live, refused: RwSignal<Option<AppError>>, said: &'static str) -> ServerAction<S>
where
    S: ServerFn<Output = (), Error = AppError> + Clone + Send + Sync + 'static,
{
    let action = ServerAction::<S>::new();
    // Without a script the refusal comes with the page, where no effect runs.
    if let Some(Err(error)) = action.value().get_untracked() {
        refused.set(Some(error));
    }
    let toasts = Toasts::here();
    Effect::new(move |before: Option<()>| {
        let outcome = action.value().get();
        if before.is_none() {
            return;
        }
        if let Some(outcome) = outcome {
            for id in DIALOGS {
                dialog::close(id);
            }
            match outcome {
                Ok(()) => {
                    refused.set(None);
                    toasts.success(said);
                }
                Err(error) => refused.set(Some(error)),
            }
            live.reload();
        }
    });
    action
}

fn not_sent_to(waiting: u64) -> String {
    match waiting {
        0 => "Every recipient has been handed to the carrier already, or there are none.".to_owned(),
        waiting => format!("{} will not be sent to.", counted(waiting, "recipient", "recipients")),
    }
}
