//! What can be done with a brand. What is not allowed is not offered, and what cannot be taken back asks first.

use domain::tendlc::BrandPhase;
use leptos::prelude::*;

use crate::{
    api::registry::{
        DeskView,
        brands::{
            BrandView, ConfirmBrand, Confirmer, DeleteBrand, HandInBrand, SendBrandConfirmation, SyncBrand, VetBrand,
        },
    },
    error::AppError,
    ui::prelude::*,
};

/// Made where the page begins.
#[derive(Clone, Copy)]
pub(super) struct Actions {
    pub hand_in: ServerAction<HandInBrand>,
    pub vet: ServerAction<VetBrand>,
    pub send: ServerAction<SendBrandConfirmation>,
    pub confirm: ServerAction<ConfirmBrand>,
    pub sync: ServerAction<SyncBrand>,
    pub delete: ServerAction<DeleteBrand>,
}

impl Actions {
    pub fn new() -> Self {
        Self {
            hand_in: ServerAction::new(),
            vet: ServerAction::new(),
            send: ServerAction::new(),
            confirm: ServerAction::new(),
            sync: ServerAction::new(),
            delete: ServerAction::new(),
        }
    }

    pub fn versions(self) -> [usize; 6] {
        [
            self.hand_in.version().get(),
            self.vet.version().get(),
            self.send.version().get(),
            self.confirm.version().get(),
            self.sync.version().get(),
            self.delete.version().get(),
        ]
    }
}

/// Which brand, for a form.
#[component]
pub(super) fn Which(desk: DeskView, id: String) -> impl IntoView {
    view! {
        <Hidden name="slug" value=desk.slug/>
        <Hidden name="id" value=id/>
    }
}

#[component]
pub(super) fn BrandActions(desk: DeskView, brand: BrandView, actions: Actions) -> impl IntoView {
    let rights = desk.rights;
    let Actions { hand_in, sync, delete, .. } = actions;
    let refused: Signal<Option<AppError>> = Signal::derive(move || {
        let refusals = [
            hand_in.value().get().and_then(Result::err),
            sync.value().get().and_then(Result::err),
            delete.value().get().and_then(Result::err),
        ];
        refusals.into_iter().flatten().next()
    });
    let on = rights.connected;
    let changes = rights.brands && brand.is_open();
    let draft = brand.phase == BrandPhase::Draft;
    let edit = desk.path(&format!("/brands/{}/edit", brand.id));
    let again = changes && on && (draft || brand.phase == BrandPhase::Unverified);
    let asks = rights.campaigns && on && brand.registry_id.is_some() && brand.phase != BrandPhase::Deleted;
    if !changes && !asks {
        return ().into_any();
    }
    let label = if draft { "Hand in again" } else { "Have it compared again" };
    let which = || view! { <Which desk=desk.clone() id=brand.id.clone()/> };
    let again = again.then(|| {
        let which = which();
        view! {
            <ActionForm action=hand_in>
                {which}
                <Button kind=ButtonKind::Secondary busy=hand_in.pending()>{label}</Button>
            </ActionForm>
        }
    });
    let asks = asks.then(|| {
        let which = which();
        view! {
            <ActionForm action=sync>
                {which}
                <Button kind=ButtonKind::Secondary busy=sync.pending()>"Ask the registry now"</Button>
            </ActionForm>
        }
    });
    view! {
        <div class="flex flex-col gap-3">
            <ErrorSummary error=refused/>
            <div class="flex flex-wrap gap-3">
                {(changes && on).then(|| view! { <LinkButton href=edit kind=ButtonKind::Secondary>"Change details"</LinkButton> })}
                {again}
                {asks}
                {(changes && (on || draft)).then(|| view! { <Delete desk brand delete/> })}
            </div>
        </div>
    }
    .into_any()
}

/// While 10DLC campaigns of it are live there is nothing to confirm: it is said what has to go first.
#[component]
fn Delete(desk: DeskView, brand: BrandView, delete: ServerAction<DeleteBrand>) -> impl IntoView {
    let registered = brand.registry_id.is_some();
    let text = if registered {
        "The registry deletes it for good: it cannot be brought back, and its score is lost."
    } else {
        "It was never registered. The draft is gone at once."
    };
    let live = brand.live_campaigns;
    let in_the_way = match live {
        1 => "It has a 10DLC campaign. Deactivate it first: the registry deletes no brand that is in use.".to_owned(),
        several => format!(
            "It has {several} 10DLC campaigns. Deactivate them first: the registry deletes no brand that is in use."
        ),
    };
    view! {
        <div>
            <DialogOpen id="delete-brand" kind=ButtonKind::Secondary>"Delete"</DialogOpen>
            <Dialog id="delete-brand" title=format!("Delete {}?", brand.name)>
                {if live > 0 {
                    view! {
                        <p>{in_the_way}</p>
                        <div class="dialog-actions"><DialogClose id="delete-brand" label="Close"/></div>
                    }
                        .into_any()
                } else {
                    view! {
                        <p>{text}</p>
                        <ActionForm action=delete>
                            <Which desk id=brand.id/>
                            <div class="dialog-actions">
                                <Button kind=ButtonKind::Danger busy=delete.pending()>"Delete the brand"</Button>
                                <DialogClose id="delete-brand"/>
                            </div>
                        </ActionForm>
                    }
                        .into_any()
                }}
            </Dialog>
        </div>
    }
}

/// Of a brand that somebody has to confirm, and has not.
#[component]
pub(super) fn Confirmation(desk: DeskView, brand: BrandView, actions: Actions) -> impl IntoView {
    let Actions { send, confirm, .. } = actions;
    let refused: Signal<Option<AppError>> = Signal::derive(move || {
        let refusals = [confirm.value().get().and_then(Result::err), send.value().get().and_then(Result::err)];
        refusals.into_iter().flatten().next()
    });
    let sent = move || matches!(send.value().get(), Some(Ok(())));
    let Some(confirmer) =
        brand.confirmer.clone().filter(|_| !brand.confirmed && brand.registry_id.is_some() && !brand.over)
    else {
        return ().into_any();
    };
    let offered = desk.rights.brands && desk.rights.connected;
    let (text, again, by_code) = match confirmer {
        Confirmer::Contact(email) => (
            format!(
                "The registry has written to {email}. The brand can have 10DLC campaigns as soon as the mail is confirmed."
            ),
            "Have the mail sent again",
            false,
        ),
        Confirmer::Owner(number) => (
            format!("The owner got a one-time code at {number}. It confirms that the brand is theirs."),
            "Have the code sent again",
            true,
        ),
    };
    let which = || view! { <Which desk=desk.clone() id=brand.id.clone()/> };
    let code = (offered && by_code).then(|| {
        let which = which();
        view! {
            <ActionForm action=confirm attr:class="flex flex-wrap items-end gap-3">
                {which}
                <TextField name="code" label="One-time code" inputmode="numeric" maxlength=12 mono=true/>
                <Button busy=confirm.pending()>"Confirm the brand"</Button>
            </ActionForm>
        }
    });
    let once_more = offered.then(|| {
        let which = which();
        view! {
            <ActionForm action=send>
                {which}
                <Button kind=ButtonKind::Secondary small=true busy=send.pending()>{again}</Button>
            </ActionForm>
        }
    });
    view! {
        <Panel title="To be confirmed">
            <div class="flex flex-col gap-4">
                <ErrorSummary error=refused/>
                <p class="break-words">{text}</p>
                {code}
                {once_more}
                <p role="status">{move || sent().then_some("It is sent again.")}</p>
            </div>
        </Panel>
    }
    .into_any()
}
