//! Restoring a campaign whose author is gone, and the words on what has come from elsewhere or went there.

use leptos::prelude::*;

use super::{
    actions::{Subject, wired},
    live::Live,
};
use crate::{
    api::campaigns::{copying::RestoreCampaignTo, origin::Destination},
    error::AppError,
    ui::prelude::*,
};

pub const DIALOG: &str = "restore-campaign";

/// Asks into which workspace it goes.
#[component]
pub fn RestoreTo(live: Live, refused: RwSignal<Option<AppError>>) -> impl IntoView {
    let restore = wired::<RestoreCampaignTo>(live, refused, "The campaign was restored.");
    let destinations = live.view.with_untracked(|view| view.destinations.clone());
    let choices = choices(destinations, &live.slug.get_value());
    let chosen = live.slug.get_value();
    view! {
        <DialogOpen id=DIALOG kind=ButtonKind::Secondary>"Restore"</DialogOpen>
        <Dialog id=DIALOG title="Where does it go?">
            <p>"Its author is not active in this workspace any more."</p>
            <ActionForm action=restore attr:class="flex flex-col gap-4">
                <Subject live/>
                <SelectField name="to" label="Workspace" choices value=chosen/>
                <p class="text-sm text-muted">
                    "Another workspace gets a draft with its parameters and recipients. Sender, approval and what was sent stay behind, with a note on where it went."
                </p>
                <div class="dialog-actions">
                    <Button busy=restore.pending()>"Restore"</Button>
                    <DialogClose id=DIALOG label="Keep it archived"/>
                </div>
            </ActionForm>
        </Dialog>
    }
}

fn choices(destinations: Vec<Destination>, here: &str) -> Vec<Choice> {
    let choice = |place: Destination| {
        let label = if place.slug == here { format!("{} (where it was)", place.name) } else { place.name };
        Choice::new(place.slug, label)
    };
    destinations.into_iter().map(choice).collect()
}

/// Of what it is the copy, and where it went.
#[component]
pub fn Provenance(live: Live) -> impl IntoView {
    let copy_of = Memo::new(move |_| live.view.with(|view| view.copy_of.clone()));
    let moved = Memo::new(move |_| live.view.with(|view| view.moved.clone()));
    view! {
        {move || {
            moved
                .get()
                .map(|moved| {
                    let place = match moved.place {
                        Some((name, href)) => {
                            view! { <a class="link" href=href rel="external">{name}</a> }.into_any()
                        }
                        None => view! { "another workspace" }.into_any(),
                    };
                    view! {
                        <Alert tone=Tone::Neutral title="Restored elsewhere">
                            <p>
                                {moved.by} " restored it into " {place} " on " <When moment=moved.at/>
                                ". What was sent stays on record here."
                            </p>
                        </Alert>
                    }
                })
        }}
        {move || {
            copy_of
                .get()
                .map(|origin| {
                    let name = match origin.href {
                        Some(href) => view! { <a class="link" href=href>{origin.name}</a> }.into_any(),
                        None => view! { {format!("“{}” of another workspace", origin.name)} }.into_any(),
                    };
                    view! { <p class="text-sm text-muted">"A copy of " {name} "."</p> }
                })
        }}
    }
}
