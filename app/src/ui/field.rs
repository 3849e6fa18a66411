//! A labelled form control with its hint and its error.

use leptos::{html::Input, prelude::*};

use super::two_way;

/// The id of the control of a form field.
pub(super) fn control_id(name: &str) -> String {
    format!("field-{name}")
}

/// What describes the control to a screen reader: the error first, then the hint.
pub(super) fn described_by(id: &str, hint: &MaybeProp<String>, error: &MaybeProp<String>) -> Option<String> {
    let parts: Vec<String> = [(error.get().is_some(), "error"), (hint.get().is_some(), "hint")]
        .into_iter()
        .filter(|(present, _)| *present)
        .map(|(_, part)| format!("{id}-{part}"))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Label, hint and error around a control, which the caller gives the id `field-{name}` and its `aria-describedby`.
#[component]
pub fn Field(
    #[prop(into)] name: String,
    /// Another id of the control.
    #[prop(optional, into)]
    id: Option<String>,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: MaybeProp<String>,
    #[prop(optional, into)] error: MaybeProp<String>,
    /// Says so beside the label; what is not marked is required.
    #[prop(optional)]
    optional: bool,
    children: Children,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| control_id(&name));
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    view! {
        <div class="field">
            <label for=id class="field-label">
                {label}
                {optional.then(|| view! { <span class="field-optional">"optional"</span> })}
            </label>
            {move || hint.get().map(|hint| view! { <p id=hint_id.clone() class="field-hint">{hint}</p> })}
            {children()}
            {move || error.get().map(|error| view! { <p id=error_id.clone() class="field-error">{error}</p> })}
        </div>
    }
    .into_any()
}

/// A single-line input. With `bind` the signal follows what is typed; else `value` is what it starts with.
#[component]
pub fn TextField(
    #[prop(into)] name: String,
    /// Another id of the control, where a page has two of one name.
    #[prop(optional, into)]
    id: Option<String>,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional)] bind: Option<RwSignal<String>>,
    #[prop(default = "text")] r#type: &'static str,
    #[prop(optional, into)] hint: MaybeProp<String>,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional)] optional: bool,
    /// What a browser may fill in, such as `username`; `off` by default.
    #[prop(default = "off")]
    autocomplete: &'static str,
    #[prop(optional, into)] inputmode: Option<&'static str>,
    #[prop(optional)] maxlength: Option<u32>,
    #[prop(optional, into)] min: Option<String>,
    #[prop(optional, into)] max: Option<String>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional)] readonly: bool,
    /// Digits of equal width, for codes and numbers.
    #[prop(optional)]
    mono: bool,
    /// One of the fields that narrow a list: none of them is needed, and none says so.
    #[prop(optional)]
    filter: bool,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| control_id(&name));
    let node = NodeRef::<Input>::new();
    if let Some(signal) = bind {
        two_way::input(node, signal);
    }
    let first = two_way::first_value(&name, value, bind);
    let describes = id.clone();
    let invalid = error;
    let class = if mono { "input w-full font-mono" } else { "input w-full" };
    view! {
        <Field name=name.clone() id=id.clone() label hint error optional>
            <input
                node_ref=node
                type=r#type
                id=id
                name=name
                class=class
                class:input-error=move || invalid.get().is_some()
                value=first
                required=!(optional || filter)
                readonly=readonly
                autocomplete=autocomplete
                inputmode=inputmode
                maxlength=maxlength.map(|most| most.to_string())
                min=min
                max=max
                placeholder=placeholder
                aria-describedby=move || described_by(&describes, &hint, &error)
                aria-invalid=move || error.get().is_some().then_some("true")
                on:input=move |event| {
                    if let Some(signal) = bind {
                        signal.set(event_target_value(&event));
                    }
                }
            />
        </Field>
    }
}
