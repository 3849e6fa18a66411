//! One of a few: a drop-down list.

use leptos::{html::Select, prelude::*};

use super::{
    field::{Field, control_id, described_by},
    two_way,
};

/// An entry of a list of choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// Neighbours of one group stand together below its name.
    pub group: Option<String>,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), group: None }
    }

    #[must_use]
    pub fn in_group(self, group: impl Into<String>) -> Self {
        Self { group: Some(group.into()), ..self }
    }
}

/// A drop-down list. With `bind` the signal follows the choice; else `value` is what is chosen at first.
#[component]
pub fn SelectField(
    #[prop(into)] name: String,
    /// Another id of the control, where a page has two of one name.
    #[prop(optional, into)]
    id: Option<String>,
    #[prop(into)] label: String,
    choices: Vec<Choice>,
    #[prop(optional, into)] value: String,
    #[prop(optional)] bind: Option<RwSignal<String>>,
    #[prop(optional, into)] hint: MaybeProp<String>,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional)] optional: bool,
    /// One of the fields that narrow a list: none of them is needed, and none says so.
    #[prop(optional)]
    filter: bool,
    /// Small, in a row of a table whose column says what it is: the label is for screen readers alone.
    #[prop(optional)]
    in_row: bool,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| control_id(&name));
    let node = NodeRef::<Select>::new();
    if let Some(signal) = bind {
        two_way::select(node, signal);
    }
    let first = two_way::first_value(&name, value, bind);
    let describes = id.clone();
    let invalid = error;
    let options = choices
        .chunk_by(|a, b| a.group == b.group)
        .map(|of_group| {
            let entries = of_group
                .iter()
                .cloned()
                .map(|choice| {
                    let selected = choice.value == first;
                    view! { <option value=choice.value selected=selected>{choice.label}</option> }
                })
                .collect_view();
            match of_group.first().and_then(|choice| choice.group.clone()) {
                Some(group) => view! { <optgroup label=group>{entries}</optgroup> }.into_any(),
                None => entries.into_any(),
            }
        })
        .collect_view();
    if in_row {
        return view! {
            <select node_ref=node id=id name=name class="select select-sm" required=true aria-label=label>{options}</select>
        }
        .into_any();
    }
    view! {
        <Field name=name.clone() id=id.clone() label hint error optional>
            <select
                node_ref=node
                id=id
                name=name
                class="select w-full"
                class:select-error=move || invalid.get().is_some()
                required=!(optional || filter)
                aria-describedby=move || described_by(&describes, &hint, &error)
                aria-invalid=move || error.get().is_some().then_some("true")
                on:change=move |event| {
                    if let Some(signal) = bind {
                        signal.set(event_target_value(&event));
                    }
                }
            >
                {options}
            </select>
        </Field>
    }
    .into_any()
}
