//! Beginning another campaign from this one, and the way to a test message of it.

use leptos::prelude::*;

use super::{
    actions::{Subject, wired},
    live::Live,
};
use crate::{
    api::campaigns::copying::{CloneCampaign, CloneWithRecipients, EditAsNew},
    error::AppError,
    ui::prelude::*,
};

pub const DIALOG: &str = "clone-campaign";

/// Clone, and for a rejected campaign: edit as new. Each leads into the wizard of the new draft.
#[component]
pub fn CopyButtons(live: Live, refused: RwSignal<Option<AppError>>) -> impl IntoView {
    let as_new = wired::<EditAsNew>(live, refused, "A draft was made.");
    let bare = wired::<CloneCampaign>(live, refused, "A draft was made.");
    let whole = wired::<CloneWithRecipients>(live, refused, "A draft was made.");
    let offer = Memo::new(move |_| live.view.with(|view| view.copies));
    let with_recipients = move |count: u64| {
        view! {
            <ActionForm action=whole>
                <Subject live/>
                <Button busy=whole.pending()>{format!("With {}", counted(count, "recipient", "recipients"))}</Button>
            </ActionForm>
        }
    };
    move || {
        let offer = offer.get();
        let correct = offer.as_new.then(|| {
            view! {
                <ActionForm action=as_new>
                    <Subject live/>
                    <Button busy=as_new.pending()>"Edit as new"</Button>
                </ActionForm>
            }
        });
        let clone = offer.bare.then(|| {
            view! {
                <DialogOpen id=DIALOG kind=ButtonKind::Secondary>"Clone"</DialogOpen>
                <Dialog id=DIALOG title="Clone this campaign?">
                    <p>
                        "A new draft begins with the parameters of this campaign. Nothing is sent before it is submitted and approved."
                    </p>
                    <p>"Recipients are copied in the background, and those that are suppressed by now are left out."</p>
                    <div class="dialog-actions">
                        {offer.recipients.map(with_recipients)}
                        <ActionForm action=bare>
                            <Subject live/>
                            <Button kind=ButtonKind::Secondary busy=bare.pending()>"Without recipients"</Button>
                        </ActionForm>
                        <DialogClose id=DIALOG/>
                    </div>
                </Dialog>
            }
        });
        let test = offer.test.then(|| {
            view! { <LinkButton href=live.href("/test") kind=ButtonKind::Secondary>"Send a test"</LinkButton> }
        });
        (correct, test, clone)
    }
}
