//! Check boxes, and radio buttons as cards.

use leptos::prelude::*;

use super::{field::control_id, kept};

/// A check box; a form sends `true` for it, or nothing. Give the server function's argument `#[server(default)]`.
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional)] checked: bool,
    #[prop(optional)] bind: Option<RwSignal<bool>>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional)] disabled: bool,
) -> impl IntoView {
    let id = control_id(&name);
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described = {
        let hint = hint.is_some().then(|| hint_id.clone());
        let error_id = error_id.clone();
        move || {
            let parts = error.get().map(|_| error_id.clone()).into_iter().chain(hint.clone());
            Some(parts.collect::<Vec<_>>().join(" ")).filter(|parts| !parts.is_empty())
        }
    };
    let first = kept::ticked(&name, "true", bind.map_or(checked, |signal| signal.get_untracked()));
    view! {
        <div class="flex items-start gap-3">
            <input
                type="checkbox"
                id=id.clone()
                name=name
                value="true"
                class="checkbox checkbox-sm mt-0.5"
                checked=first
                disabled=disabled
                aria-describedby=described
                aria-invalid=move || error.get().is_some().then_some("true")
                on:change=move |event| {
                    if let Some(signal) = bind {
                        signal.set(event_target_checked(&event));
                    }
                }
            />
            <div class="min-w-0">
                <label for=id class="font-medium">{label}</label>
                {hint.map(|hint| view! { <p id=hint_id class="field-hint">{hint}</p> })}
                {move || error.get().map(|error| view! { <p id=error_id.clone() class="field-error">{error}</p> })}
            </div>
        </div>
    }
}

/// One of [`CheckboxList`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckboxOption {
    /// What a form sends for it.
    pub value: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
}

/// Some of several. The server function's argument is a `Vec`, with `#[server(default)]`.
#[component]
pub fn CheckboxList(
    name: &'static str,
    legend: &'static str,
    options: Vec<CheckboxOption>,
    /// The values that are ticked at first.
    #[prop(optional)]
    chosen: Vec<&'static str>,
    #[prop(optional, into)] error: MaybeProp<String>,
) -> impl IntoView {
    let id = control_id(name);
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    let boxes = options
        .into_iter()
        .enumerate()
        .map(|(index, CheckboxOption { value, label, hint })| {
            let own_id = format!("{id}-{index}");
            let hint_id = format!("{own_id}-hint");
            view! {
                <div class="flex items-start gap-3">
                    <input
                        type="checkbox"
                        id=own_id.clone()
                        name=format!("{name}[]")
                        value=value
                        class="checkbox checkbox-sm mt-0.5"
                        checked=kept::ticked(&format!("{name}[]"), value, chosen.contains(&value))
                        aria-describedby=(!hint.is_empty()).then(|| hint_id.clone())
                    />
                    <div class="min-w-0">
                        <label for=own_id class="font-medium">{label}</label>
                        {(!hint.is_empty()).then(|| view! { <p id=hint_id class="field-hint">{hint}</p> })}
                    </div>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset id=id tabindex="-1" class="field" aria-describedby=described>
            <legend class="field-label mb-2">{legend}</legend>
            <div class="flex flex-col gap-3">{boxes}</div>
            <div id=error_id>{move || error.get().map(|error| view! { <p class="field-error">{error}</p> })}</div>
        </fieldset>
    }
}

/// One card of [`RadioCards`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RadioOption {
    pub value: String,
    pub label: String,
    pub text: String,
}

/// One of a few that need a sentence each, such as the mode of a campaign.
#[component]
pub fn RadioCards(
    #[prop(into)] name: String,
    #[prop(into)] legend: String,
    options: Vec<RadioOption>,
    #[prop(optional, into)] value: String,
    #[prop(optional)] bind: Option<RwSignal<String>>,
    #[prop(optional, into)] error: MaybeProp<String>,
) -> impl IntoView {
    let id = control_id(&name);
    let error_id = format!("{id}-error");
    let first = bind.map_or(value, |signal| signal.get_untracked());
    let cards = options
        .into_iter()
        .enumerate()
        .map(|(index, option)| {
            // The first card has the id of the field, so that an error summary leads to it.
            let own_id = if index == 0 { id.clone() } else { format!("{id}-{index}") };
            let text_id = format!("{own_id}-text");
            let checked = option.value == first;
            view! {
                <div class="radio-card">
                    <input
                        type="radio"
                        id=own_id.clone()
                        name=name.clone()
                        value=option.value
                        class="radio radio-sm radio-primary mt-0.5"
                        checked=checked
                        required=true
                        aria-describedby=text_id.clone()
                        on:change=move |event| {
                            if let Some(signal) = bind {
                                signal.set(event_target_value(&event));
                            }
                        }
                    />
                    <div class="min-w-0">
                        <label for=own_id class="font-medium after:absolute after:inset-0">{option.label}</label>
                        <p id=text_id class="field-hint">{option.text}</p>
                    </div>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field" aria-describedby=error_id>
            <legend class="field-label mb-2">{legend}</legend>
            <div class="grid gap-3 sm:grid-cols-2">{cards}</div>
            <div id=error_id.clone()>{move || error.get().map(|error| view! { <p class="field-error">{error}</p> })}</div>
        </fieldset>
    }
}
