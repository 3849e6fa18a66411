//! What is done with a 10DLC campaign on its page. What ends it asks first.

use domain::tendlc::{CampaignPhase, CarrierStatus};
use leptos::prelude::*;

use crate::{
    api::registry::{
        DeskView,
        campaigns::{DeactivateTendlc, ResubmitTendlc, ShareTendlc, SyncTendlc, TenDlcView},
        numbers::{AssignTendlcNumbers, ConfirmTendlcNumber, RemoveTendlcNumber},
    },
    error::AppError,
    ui::prelude::*,
};

/// Made where the page begins.
#[derive(Clone, Copy)]
pub struct Actions {
    pub sync: ServerAction<SyncTendlc>,
    pub resubmit: ServerAction<ResubmitTendlc>,
    pub share: ServerAction<ShareTendlc>,
    pub deactivate: ServerAction<DeactivateTendlc>,
    pub assign: ServerAction<AssignTendlcNumbers>,
    pub remove: ServerAction<RemoveTendlcNumber>,
    pub confirm: ServerAction<ConfirmTendlcNumber>,
}

impl Actions {
    pub fn new() -> Self {
        Self {
            sync: ServerAction::new(),
            resubmit: ServerAction::new(),
            share: ServerAction::new(),
            deactivate: ServerAction::new(),
            assign: ServerAction::new(),
            remove: ServerAction::new(),
            confirm: ServerAction::new(),
        }
    }

    /// Another value after each of them.
    pub fn versions(self) -> usize {
        self.sync.version().get()
            + self.resubmit.version().get()
            + self.share.version().get()
            + self.deactivate.version().get()
            + self.assign.version().get()
            + self.remove.version().get()
            + self.confirm.version().get()
    }

    /// Why the last of them was refused; an assignment says it beside its field.
    pub fn refused(self) -> Signal<Option<AppError>> {
        Signal::derive(move || {
            (self.sync.value().get().and_then(Result::err))
                .or_else(|| self.resubmit.value().get().and_then(Result::err))
                .or_else(|| self.share.value().get().and_then(Result::err))
                .or_else(|| self.deactivate.value().get().and_then(Result::err))
                .or_else(|| self.remove.value().get().and_then(Result::err))
                .or_else(|| self.confirm.value().get().and_then(Result::err))
        })
    }
}

/// The buttons; they follow what is known while the page is open.
#[component]
pub fn Doing(view: Memo<TenDlcView>, actions: Actions) -> impl IntoView {
    const DEACTIVATE: &str = "deactivate";
    let desk = DeskView::here();
    if !desk.rights.campaigns {
        return ().into_any();
    }
    let slug = StoredValue::new(desk.slug.clone());
    let id = StoredValue::new(view.with_untracked(|view| view.id.clone()));
    let open = Memo::new(move |_| view.with(TenDlcView::is_open));
    let draft = Memo::new(move |_| view.with(|view| view.phase == CampaignPhase::Draft));
    let registered = Memo::new(move |_| view.with(TenDlcView::is_registered));
    let rejected = Memo::new(move |_| open.get() && view.with(|view| view.is_at(CarrierStatus::Rejected)));
    let has_numbers = Memo::new(move |_| view.with(|view| view.members));
    let edit = format!("/w/{}/registry/campaigns/{}/edit", desk.slug, id.get_value());
    let pending = actions.deactivate.pending();
    Effect::new(move |before: Option<bool>| {
        let now = pending.get();
        if before == Some(true) && !now {
            crate::ui::dialog::close(DEACTIVATE);
        }
        now
    });
    view! {
        <div class="flex flex-wrap gap-2">
            <Show when=move || open.get()>
                {
                    let edit = edit.clone();
                    view! {
                        {move || {
                            let (step, label) = if draft.get() { (5, "Go on") } else { (2, "Edit") };
                            view! { <LinkButton href=format!("{edit}/{step}") small=true>{label}</LinkButton> }
                        }}
                    }
                }
            </Show>
            <Show when=move || rejected.get()>
                <ActionForm action=actions.resubmit>
                    <Hidden name="slug" value=slug.get_value()/>
                    <Hidden name="id" value=id.get_value()/>
                    <Button kind=ButtonKind::Secondary small=true busy=actions.resubmit.pending()>"Resubmit as it is"</Button>
                </ActionForm>
            </Show>
            <Show when=move || registered.get()>
                <ActionForm action=actions.sync>
                    <Hidden name="slug" value=slug.get_value()/>
                    <Hidden name="id" value=id.get_value()/>
                    <Button kind=ButtonKind::Secondary small=true busy=actions.sync.pending()>"Ask the registry now"</Button>
                </ActionForm>
            </Show>
            <Show when=move || open.get()>
                <DialogOpen id=DEACTIVATE kind=ButtonKind::Secondary small=true>
                    {move || if draft.get() { "Delete the draft" } else { "Deactivate" }}
                </DialogOpen>
            </Show>
        </div>
        <Dialog id=DEACTIVATE title="End this 10DLC campaign?">
            <p>
                {move || match (draft.get(), has_numbers.get()) {
                    (true, _) => "The registry does not have it. What was written is gone.".to_owned(),
                    (false, 0) => "The registry deactivates it, for good. Another one has to be registered and reviewed anew.".to_owned(),
                    (false, numbers) => {
                        format!(
                            "The registry deactivates it, for good, and {} can send no more. Another one has to be registered and reviewed anew.",
                            counted(numbers, "number", "numbers"),
                        )
                    }
                }}
            </p>
            <ActionForm action=actions.deactivate>
                <Hidden name="slug" value=slug.get_value()/>
                <Hidden name="id" value=id.get_value()/>
                <div class="dialog-actions">
                    <Button kind=ButtonKind::Danger busy=pending>
                        {move || if draft.get() { "Delete it" } else { "Deactivate it for good" }}
                    </Button>
                    <DialogClose id=DEACTIVATE/>
                </div>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
