//! Approving and rejecting a campaign: two buttons with a dialog each, which name the version that was reviewed.

use domain::campaign::Action as Doing;
use leptos::prelude::*;

use super::review::{Gist, Review};
use crate::{
    api::moderation::{ApproveCampaign, RejectCampaign},
    error::{AppError, sentence},
    pages::campaigns::{Live, wired},
    ui::prelude::*,
};

/// The bar on a campaign's page, while it waits for a decision.
#[component]
pub fn DecisionBar(live: Live) -> impl IntoView {
    let refused = RwSignal::new(None);
    let approve = wired::<ApproveCampaign>(live, refused, "The campaign was approved.");
    let reject = wired::<RejectCampaign>(live, refused, "The campaign was rejected.");
    let shown = Memo::new(move |_| {
        live.view.with(|view| {
            let decides = view.offers.contains(&Doing::Reject);
            decides.then(|| (Review::from(view), view.decision_barred.clone()))
        })
    });
    view! {
        {move || {
            shown
                .get()
                .map(|(review, barred)| {
                    let said = format!("Version {} waits for your decision. {}", review.version, review.consequence());
                    view! {
                        <section class="panel flex flex-wrap items-center gap-x-6 gap-y-3 p-4" aria-label="Moderation">
                            <p class="min-w-60 flex-1">{said}</p>
                            <DecisionButtons slug=live.slug.get_value() review barred approve reject/>
                        </section>
                    }
                })
        }}
        {move || {
            refused
                .get()
                .map(|error: AppError| view! { <Alert tone=Tone::Danger><p>{error.in_full()}</p></Alert> })
        }}
    }
}

/// The ids of the two dialogs of a campaign.
pub fn dialogs(id: &str) -> [String; 2] {
    [format!("approve-{id}"), format!("reject-{id}")]
}

#[component]
pub fn DecisionButtons(
    slug: String,
    review: Review,
    /// Why this person may reject it and not approve it.
    #[prop(optional_no_strip)]
    barred: Option<String>,
    approve: ServerAction<ApproveCampaign>,
    reject: ServerAction<RejectCampaign>,
    #[prop(optional)] small: bool,
) -> impl IntoView {
    let [approve_id, reject_id] = dialogs(&review.id);
    let name = if review.name.is_empty() { "Untitled".to_owned() } else { review.name.clone() };
    let subject = {
        let review = review.clone();
        move || {
            view! {
                <Hidden name="slug" value=slug.clone()/>
                <Hidden name="id" value=review.id.clone()/>
                <Hidden name="version" value=review.version.to_string()/>
            }
        }
    };
    let reject_error =
        Signal::derive(move || reject.value().get().and_then(Result::err).and_then(|error| error.field_error("note")));
    let disabled = barred.is_some();
    let note_id = format!("note-{}", review.id);
    let [approve_title, reject_title] = [format!("Approve “{name}”?"), format!("Reject “{name}”?")];
    let [approve_label, reject_label] =
        [format!("Approve version {}", review.version), format!("Reject version {}", review.version)];
    let (approve_subject, reject_subject) = (subject(), subject());
    let consequence = review.consequence();
    // Read out behind the word on the button, which a row of a table cannot say alone.
    let spoken = format!(" {name}");
    let [spoken, spoken_too] = [spoken.clone(), spoken];
    view! {
        <div class="flex flex-wrap items-center gap-2">
            <DialogOpen id=approve_id.clone() small disabled=Signal::stored(disabled)>
                "Approve"
                <span class="sr-only">{spoken}</span>
            </DialogOpen>
            <DialogOpen id=reject_id.clone() kind=ButtonKind::Secondary small>
                "Reject"
                <span class="sr-only">{spoken_too}</span>
            </DialogOpen>
            {barred.map(|barred| view! { <p class="w-full text-sm text-muted">{sentence(&barred)}</p> })}
        </div>
        <Dialog id=approve_id.clone() title=approve_title>
            <Gist review/>
            <p class="text-sm text-muted">{consequence}</p>
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
                    hint="The author reads this, and the audit log keeps it."
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
