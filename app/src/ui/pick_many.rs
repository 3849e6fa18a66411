//! Some of many: check boxes that scroll within a frame, such as the workspaces of an installation.

use leptos::prelude::*;

use super::{field::control_id, kept, select::Choice};

/// The server function's argument is a `Vec`, with `#[server(default)]`.
#[component]
pub fn PickMany(
    name: &'static str,
    legend: &'static str,
    options: Vec<Choice>,
    #[prop(optional, into)] error: MaybeProp<String>,
) -> impl IntoView {
    let id = control_id(name);
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    let boxes = options
        .into_iter()
        .enumerate()
        .map(|(index, Choice { value, label, .. })| {
            let own_id = format!("{id}-{index}");
            let ticked = kept::ticked(&format!("{name}[]"), &value, false);
            view! {
                <div class="flex items-start gap-3">
                    <input
                        type="checkbox"
                        id=own_id.clone()
                        name=format!("{name}[]")
                        value=value
                        class="checkbox checkbox-sm mt-0.5"
                        checked=ticked
                    />
                    <label for=own_id class="min-w-0 break-words">{label}</label>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset id=id tabindex="-1" class="field" aria-describedby=described>
            <legend class="field-label mb-2">{legend}</legend>
            <div class="flex max-h-72 flex-col gap-3 overflow-y-auto rounded border border-base-300 p-3">{boxes}</div>
            <div id=error_id>{move || error.get().map(|error| view! { <p class="field-error">{error}</p> })}</div>
        </fieldset>
    }
}
