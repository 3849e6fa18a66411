//! Which keys do what: a dialog that `?` opens.

use leptos::prelude::*;

use super::dialog::{self, Dialog, DialogClose};
use crate::state::keys::Keys;

const DIALOG: &str = "shortcuts";

/// What the keys are, and what they do.
const KEYS: [(&[&str], &str); 6] = [
    (&["Ctrl", "K"], "go to a page or a campaign, or do something; on a Mac with ⌘"),
    (&["?"], "this list"),
    (&["/"], "search in a list"),
    (&["j"], "next row of a list"),
    (&["k"], "row before"),
    (&["Esc"], "close what is open"),
];

/// Opens the dialog.
pub fn open() {
    dialog::open(DIALOG);
}

#[component]
pub(super) fn Shortcuts() -> impl IntoView {
    let keys = Keys::here();
    let rows = KEYS
        .into_iter()
        .map(|(names, does)| {
            let names = names.iter().map(|name| view! { <kbd class="kbd kbd-sm">{*name}</kbd> " " }).collect_view();
            view! {
                <dt class="whitespace-nowrap">{names}</dt>
                <dd>{does}</dd>
            }
        })
        .collect_view();
    view! {
        <Dialog id=DIALOG title="Keyboard shortcuts">
            <dl class="key-list">{rows}</dl>
            <label class="flex items-start gap-3">
                <input
                    type="checkbox"
                    class="checkbox"
                    prop:checked=move || keys.are_on()
                    on:change=move |_| keys.switch()
                />
                <span>
                    "Use keys of one letter"
                    <span class="block text-sm text-muted">"Switch them off when you speak to your computer. Kept in this browser."</span>
                </span>
            </label>
            <div class="dialog-actions">
                <DialogClose id=DIALOG label="Close"/>
            </div>
        </Dialog>
    }
}
