//! One sender name: what is in force, its history, and the form for the next revision.

use domain::{
    permission::Permission,
    sender::{RevisionStatus, SenderStatus},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::addressing::AddressingFields;
use crate::{
    api::senders::{AllowSharedSaddr, ArchiveSender, RevisionView, SenderView, SubmitRevision, sender},
    error::AppError,
    pages::{campaigns::AddressingFacts, layout::use_workspace},
    ui::prelude::*,
};

#[component]
pub fn SenderDetail() -> impl IntoView {
    let workspace = use_workspace();
    let slug = workspace.slug.clone();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let submit = ServerAction::<SubmitRevision>::new();
    let allow = ServerAction::<AllowSharedSaddr>::new();
    let shown = Resource::new(
        move || (id.get(), submit.version().get(), allow.version().get()),
        move |(id, ..)| sender(slug.clone(), id),
    );
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the sender"/> }>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(sender) => view! { <Loaded sender submit allow/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Loaded(
    sender: SenderView,
    submit: ServerAction<SubmitRevision>,
    allow: ServerAction<AllowSharedSaddr>,
) -> impl IntoView {
    let workspace = use_workspace();
    let archived = sender.status == SenderStatus::Archived;
    let is_own = !sender.of_installation;
    let may_archive = workspace.may(Permission::ManageSender) && !archived && is_own;
    let crumbs = vec![Crumb::new("Senders", workspace.path("/senders"))];
    let (slug, title, status) = (workspace.slug.clone(), sender.display_name.clone(), sender.status);
    let archive = may_archive.then(|| view! { <Archive slug=slug.clone() sender=sender.clone()/> });
    view! {
        <Breadcrumbs crumbs/>
        <PageHeading title>
            <SenderBadge status/>
            {archive}
        </PageHeading>
        {sender
            .archived
            .clone()
            .map(|moment| {
                view! {
                    <Alert tone=Tone::Neutral>
                        "Archived " <When moment/> ". It is not offered for new campaigns; its name can be used again."
                    </Alert>
                }
            })}
        {(!is_own)
            .then(|| {
                view! {
                    <Alert tone=Tone::Info title="A preset of the installation">
                        "Super admins keep it and offer it to this workspace. Campaigns can be sent with it; each is approved here, as any other."
                    </Alert>
                }
            })}
        {sender.barred.map(|number| view! { <Barred slug=slug.clone() id=sender.id.clone() number allow/> })}
        <div class="grid items-start gap-5 xl:grid-cols-2">
            <Revisions revisions=sender.revisions.clone() in_force=sender.in_force/>
            {(!archived && is_own).then(|| view! { <Revise slug sender submit/> })}
        </div>
    }
}

/// For a super admin, when another workspace has the SADDR of the revision that waits.
#[component]
fn Barred(slug: String, id: String, number: u32, allow: ServerAction<AllowSharedSaddr>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || allow.value().get().and_then(Result::err));
    view! {
        <Alert tone=Tone::Warning>
            <ErrorSummary error=refused/>
            <p>
                {format!("Revision {number} cannot be approved: its SADDR is approved in another workspace. ")}
                "Allow the shared use only if both speak for the same organisation."
            </p>
            <ActionForm action=allow attr:class="mt-3">
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=id/>
                <Hidden name="number" value=number.to_string()/>
                <Button kind=ButtonKind::Secondary small=true busy=allow.pending()>"Allow shared use"</Button>
            </ActionForm>
        </Alert>
    }
}

/// What a sender name was and is.
#[component]
pub fn Revisions(revisions: Vec<RevisionView>, #[prop(optional_no_strip)] in_force: Option<u32>) -> impl IntoView {
    view! {
        <Panel title="Revisions">
            {if revisions.is_empty() {
                view! { <p class="text-muted">"None yet."</p> }.into_any()
            } else {
                view! {
                    <ol class="flex flex-col gap-6">
                        {revisions
                            .into_iter()
                            .map(|revision| {
                                let current = in_force == Some(revision.number);
                                view! { <li><RevisionEntry revision current/></li> }
                            })
                            .collect_view()}
                    </ol>
                }
                    .into_any()
            }}
        </Panel>
    }
}

#[component]
fn RevisionEntry(revision: RevisionView, current: bool) -> impl IntoView {
    let verb = match revision.status {
        RevisionStatus::Rejected => "Rejected by",
        _ => "Approved by",
    };
    view! {
        <article>
            <div class="flex flex-wrap items-center gap-2">
                <h3 class="font-medium">{format!("Revision {}", revision.number)}</h3>
                <RevisionBadge status=revision.status/>
                {current.then(|| view! { <Badge tone=Tone::Info text="In force"/> })}
            </div>
            <div class="mt-2"><Facts><AddressingFacts addressing=revision.addressing/></Facts></div>
            <p class="mt-2 text-sm text-muted">
                "Submitted by " {revision.submitted_by} " " <When moment=revision.submitted/>
                {revision.reason.map(|reason| format!(": “{reason}”"))}
            </p>
            {revision
                .decided
                .map(|(by, moment)| {
                    view! {
                        <p class="text-sm text-muted">
                            {verb} " " {by} " " <When moment/> {revision.note.map(|note| format!(": “{note}”"))}
                        </p>
                    }
                })}
        </article>
    }
}

#[component]
fn Revise(slug: String, sender: SenderView, submit: ServerAction<SubmitRevision>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || submit.value().get().and_then(Result::err));
    let first = sender
        .revisions
        .iter()
        .find(|revision| Some(revision.number) == sender.in_force)
        .or_else(|| sender.revisions.first())
        .map(|revision| revision.addressing.clone());
    if sender.has_pending {
        return view! {
            <Panel title="New revision">
                <p>"A revision waits for a decision. Another one can be submitted when it is decided."</p>
            </Panel>
        }
        .into_any();
    }
    view! {
        <Panel title="New revision">
            <p class="mb-4 text-muted">"What is in force stays in force until somebody else approves the new one."</p>
            <ActionForm action=submit attr:class="flex flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=sender.id/>
                <AddressingFields first refused/>
                <div>
                    <Button busy=submit.pending()>"Submit for approval"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
    .into_any()
}

#[component]
fn Archive(slug: String, sender: SenderView) -> impl IntoView {
    let archive = ServerAction::<ArchiveSender>::new();
    view! {
        <DialogOpen id="archive-sender" kind=ButtonKind::Secondary small=true>"Archive"</DialogOpen>
        <Dialog id="archive-sender" title=format!("Archive “{}”?", sender.display_name)>
            <p>"It is not offered for new campaigns any more. Campaigns that use it go on."</p>
            <ActionForm action=archive>
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=sender.id/>
                <div class="dialog-actions">
                    <Button kind=ButtonKind::Danger busy=archive.pending()>"Archive"</Button>
                    <DialogClose id="archive-sender"/>
                </div>
            </ActionForm>
        </Dialog>
    }
}
