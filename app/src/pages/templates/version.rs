//! One version of a template: its text, what was decided, and what can be.

use domain::message_template::VersionState;
use leptos::prelude::*;

use crate::{
    api::templates::{ApproveTemplate, AskForTemplate, RejectTemplate, VersionView},
    error::AppError,
    ui::prelude::*,
};

/// What can be done with a version; made where the page begins.
#[derive(Clone, Copy)]
pub struct Deciding {
    pub ask: ServerAction<AskForTemplate>,
    pub approve: ServerAction<ApproveTemplate>,
    pub reject: ServerAction<RejectTemplate>,
}

impl Deciding {
    pub fn new() -> Self {
        Self { ask: ServerAction::new(), approve: ServerAction::new(), reject: ServerAction::new() }
    }

    pub fn versions(self) -> (usize, usize, usize) {
        (self.ask.version().get(), self.approve.version().get(), self.reject.version().get())
    }

    /// Why the last attempt was refused.
    pub fn refused(self) -> Signal<Option<AppError>> {
        Signal::derive(move || {
            let of = |value: Option<Result<(), AppError>>| value.and_then(Result::err);
            of(self.approve.value().get())
                .or_else(|| of(self.reject.value().get()))
                .or_else(|| of(self.ask.value().get()))
        })
    }
}

#[component]
pub fn StateBadge(state: VersionState) -> impl IntoView {
    let tone = match state {
        VersionState::Written => Tone::Neutral,
        VersionState::Waiting => Tone::Info,
        VersionState::Approved => Tone::Success,
        VersionState::Rejected => Tone::Danger,
    };
    view! { <Badge tone text=state.label()/> }
}

#[component]
pub fn VersionEntry(slug: String, id: String, version: VersionView, deciding: Deciding) -> impl IntoView {
    let verb = if version.state == VersionState::Rejected { "Rejected by" } else { "Approved by" };
    let number = version.number;
    let about = StoredValue::new((slug, id));
    let subject = move || {
        about.with_value(|(slug, id)| {
            view! {
                <Hidden name="slug" value=slug.clone()/>
                <Hidden name="id" value=id.clone()/>
                <Hidden name="number" value=number.to_string()/>
            }
        })
    };
    let asked = version.may_ask.then(|| {
        view! {
            <ActionForm action=deciding.ask attr:class="mt-3">
                {subject()}
                <Button kind=ButtonKind::Secondary small=true busy=deciding.ask.pending()>
                    "Ask for approval" <span class="sr-only">{format!(" of version {number}")}</span>
                </Button>
            </ActionForm>
        }
    });
    let barred = version.barred.clone();
    let approve = (version.may_decide && barred.is_none()).then(|| {
        let dialog = format!("approve-version-{number}");
        view! {
            <DialogOpen id=dialog.clone() small=true>
                "Approve" <span class="sr-only">{format!(" version {number}")}</span>
            </DialogOpen>
            <Dialog id=dialog.clone() title=format!("Approve version {number}?")>
                <p>"Moderators will see where exactly this text is used. Each campaign is still decided on by itself."</p>
                <div class="dialog-actions">
                    <ActionForm action=deciding.approve>
                        {subject()}
                        <Button busy=deciding.approve.pending()>"Approve"</Button>
                    </ActionForm>
                    <DialogClose id=dialog/>
                </div>
            </Dialog>
        }
    });
    let reject = version.may_decide.then(|| {
        let dialog = format!("reject-version-{number}");
        let error = Signal::derive(move || {
            deciding.reject.value().get().and_then(Result::err).and_then(|error| error.field_error("note"))
        });
        view! {
            <DialogOpen id=dialog.clone() kind=ButtonKind::Secondary small=true>
                "Reject" <span class="sr-only">{format!(" version {number}")}</span>
            </DialogOpen>
            <Dialog id=dialog.clone() title=format!("Reject version {number}?")>
                <ActionForm action=deciding.reject attr:class="flex flex-col gap-4">
                    {subject()}
                    <TextArea
                        name="note"
                        id=format!("note-{number}")
                        label="What has to change"
                        rows=3
                        maxlength=1000
                        hint="Its writer reads this."
                        error=error
                    />
                    <div class="dialog-actions">
                        <Button kind=ButtonKind::Danger busy=deciding.reject.pending()>"Reject"</Button>
                        <DialogClose id=dialog/>
                    </div>
                </ActionForm>
            </Dialog>
        }
    });
    view! {
        <article>
            <div class="flex flex-wrap items-center gap-2">
                <h3 class="font-medium">{format!("Version {number}")}</h3>
                <StateBadge state=version.state/>
            </div>
            <p class="mt-2 break-words whitespace-pre-wrap">{version.text}</p>
            <p class="mt-2 text-sm text-muted">"Written by " {version.by} " " <When moment=version.written/></p>
            {version
                .decided
                .map(|(by, moment)| {
                    view! {
                        <p class="text-sm text-muted">
                            {verb} " " {by} " " <When moment/> {version.note.map(|note| format!(": “{note}”"))}
                        </p>
                    }
                })}
            {barred.map(|why| view! { <p class="mt-2 text-sm">{why}</p> })}
            {asked}
            <div class="mt-3 flex flex-wrap gap-2">{approve} {reject}</div>
        </article>
    }
}
