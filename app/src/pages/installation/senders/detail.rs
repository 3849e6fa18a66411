//! `/installation/senders/{id}`: what is in force, what waits, who is offered it.

use domain::sender::SenderStatus;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{PATH, form::OfferFields};
use crate::{
    api::installation::senders::{
        AllowSharedPreset, ApproveSenderPreset, Approver, ArchiveSenderPreset, OfferSenderPreset, PresetDecision,
        RejectSenderPreset, ReviseSenderPreset, SenderPresetView, sender_preset,
    },
    error::AppError,
    pages::{
        installation::{InstallationTab, InstallationTabs},
        senders::{AddressingFields, Revisions},
    },
    ui::prelude::*,
};

/// What can be done on the page.
#[derive(Clone, Copy)]
struct Deeds {
    approve: ServerAction<ApproveSenderPreset>,
    reject: ServerAction<RejectSenderPreset>,
    allow: ServerAction<AllowSharedPreset>,
    revise: ServerAction<ReviseSenderPreset>,
    offer: ServerAction<OfferSenderPreset>,
}

#[component]
pub fn SenderPresetPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("sender_preset").unwrap_or_default()));
    let deeds = Deeds {
        approve: ServerAction::new(),
        reject: ServerAction::new(),
        allow: ServerAction::new(),
        revise: ServerAction::new(),
        offer: ServerAction::new(),
    };
    let Deeds { approve, reject, allow, revise, offer } = deeds;
    let done = move || {
        let decided = approve.version().get() + reject.version().get() + allow.version().get();
        decided + revise.version().get() + offer.version().get()
    };
    let loaded = Resource::new(move || (id.get(), done()), |(id, _)| sender_preset(id));
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Sender presets", PATH)]/>
        <Transition fallback=|| view! { <Loading label="Loading the sender preset"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(preset) => view! { <Loaded preset deeds/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Loaded(preset: SenderPresetView, deeds: Deeds) -> impl IntoView {
    let SenderPresetView { row, archived, revisions, in_force, decision, workspaces, revision } = preset;
    let is_archived = row.status == SenderStatus::Archived;
    let first = revisions
        .iter()
        .find(|revision| Some(revision.number) == in_force)
        .or_else(|| revisions.first())
        .map(|revision| revision.addressing.clone());
    let waits = decision.is_some();
    let archive = (!is_archived).then(|| view! { <Archive id=row.id.clone() name=row.display_name.clone()/> });
    let forms = (!is_archived).then(|| {
        let id = row.id.clone();
        view! {
            <div class="flex flex-col gap-5">
                {decision.map(|decision| view! { <Waiting id=id.clone() decision deeds/> })}
                {(!waits).then(|| view! { <Revise id=id.clone() first=first.clone() revise=deeds.revise/> })}
                <Offering id=id.clone() revision is_everybody=row.offered_to.is_none() workspaces offer=deeds.offer/>
            </div>
        }
    });
    view! {
        <PageHeading title=row.display_name.clone()>
            <SenderBadge status=row.status/>
            {archive}
        </PageHeading>
        <InstallationTabs current=InstallationTab::Senders/>
        {archived
            .map(|moment| {
                view! {
                    <Alert tone=Tone::Neutral>
                        "Archived " <When moment/> ". No workspace is offered it; campaigns that were approved with it go on."
                    </Alert>
                }
            })}
        <div class="grid items-start gap-5 xl:grid-cols-2">
            <Revisions revisions in_force/>
            {forms}
        </div>
    }
}

#[component]
fn Waiting(id: String, decision: PresetDecision, deeds: Deeds) -> impl IntoView {
    let PresetDecision { number, barred, by_whom } = decision;
    let Deeds { approve, reject, allow, .. } = deeds;
    let refused: Signal<Option<AppError>> = Signal::derive(move || {
        let of_approval = approve.value().get().and_then(Result::err);
        of_approval.or_else(|| allow.value().get().and_then(Result::err))
    });
    let note_error =
        Signal::derive(move || reject.value().get().and_then(Result::err).and_then(|error| error.field_error("note")));
    let said = match by_whom {
        Approver::Yes => "It comes into force when you approve it.",
        Approver::Alone => {
            "You submitted it, and there is no other super admin: you may approve it, which is on record as a self-approval. Nothing is sent by \
             that: each campaign is still approved in its workspace."
        }
        Approver::No => "You submitted it; another super admin has to approve it.",
    };
    let (shared_id, approved_id) = (id.clone(), id.clone());
    let shared = barred.then(|| {
        view! {
            <Alert tone=Tone::Warning>
                <p>
                    "It cannot be approved: its SADDR is approved in a workspace. Allow the shared use only if both speak for the same organisation."
                </p>
                <ActionForm action=allow attr:class="mt-3">
                    <Hidden name="id" value=shared_id/>
                    <Hidden name="number" value=number.to_string()/>
                    <Button kind=ButtonKind::Secondary small=true busy=allow.pending()>"Allow shared use"</Button>
                </ActionForm>
            </Alert>
        }
    });
    let may = by_whom != Approver::No && !barred;
    let approval = may.then(|| {
        view! {
            <ActionForm action=approve>
                <Hidden name="id" value=approved_id/>
                <Hidden name="number" value=number.to_string()/>
                <Button busy=approve.pending()>{format!("Approve revision {number}")}</Button>
            </ActionForm>
        }
    });
    view! {
        <Panel title=format!("Revision {number} waits")>
            <ErrorSummary error=refused/>
            <p class="mb-4">{said}</p>
            {shared}
            <div class="flex flex-wrap gap-3">
                {approval}
                <DialogOpen id="reject" kind=ButtonKind::Secondary>"Reject"</DialogOpen>
            </div>
            <Dialog id="reject" title=format!("Reject revision {number}?")>
                <ActionForm action=reject attr:class="flex flex-col gap-4">
                    <Hidden name="id" value=id/>
                    <Hidden name="number" value=number.to_string()/>
                    <TextArea
                        name="note"
                        label="What has to change"
                        hint="Whoever submitted it reads this, and the audit log keeps it."
                        maxlength=1000
                        rows=4
                        error=note_error
                    />
                    <div class="dialog-actions">
                        <Button kind=ButtonKind::Danger busy=reject.pending()>"Reject"</Button>
                        <DialogClose id="reject"/>
                    </div>
                </ActionForm>
            </Dialog>
        </Panel>
    }
}

#[component]
fn Revise(
    id: String,
    #[prop(optional_no_strip)] first: Option<domain::sender::Addressing>,
    revise: ServerAction<ReviseSenderPreset>,
) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || revise.value().get().and_then(Result::err));
    view! {
        <Panel title="New revision">
            <p class="mb-4 text-muted">"What is in force stays in force until the new one is approved."</p>
            <ActionForm action=revise attr:class="flex flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="id" value=id/>
                <AddressingFields first refused/>
                <div>
                    <Button busy=revise.pending()>"Submit for approval"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Offering(
    id: String,
    revision: u64,
    is_everybody: bool,
    workspaces: Vec<String>,
    offer: ServerAction<OfferSenderPreset>,
) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || offer.value().get().and_then(Result::err));
    view! {
        <Panel title="Offer">
            <p class="mb-4 text-muted">
                "Who is not offered it any more sends nothing new with it; campaigns that were approved go on. What subscribers write to it \
                goes to those who have sent with it."
            </p>
            <ActionForm action=offer attr:class="flex flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="id" value=id/>
                <Hidden name="revision" value=revision.to_string()/>
                <OfferFields is_everybody workspaces refused/>
                <div>
                    <Button kind=ButtonKind::Secondary busy=offer.pending()>"Save the offer"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Archive(id: String, name: String) -> impl IntoView {
    let archive = ServerAction::<ArchiveSenderPreset>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || archive.value().get().and_then(Result::err));
    view! {
        <DialogOpen id="archive" kind=ButtonKind::Secondary small=true>"Archive"</DialogOpen>
        <Dialog id="archive" title=format!("Archive “{name}”?")>
            <ErrorSummary error=refused/>
            <p>"No workspace is offered it any more. Campaigns that were approved with it go on."</p>
            <ActionForm action=archive>
                <Hidden name="id" value=id/>
                <div class="dialog-actions">
                    <Button kind=ButtonKind::Danger busy=archive.pending()>"Archive"</Button>
                    <DialogClose id="archive"/>
                </div>
            </ActionForm>
        </Dialog>
    }
}
