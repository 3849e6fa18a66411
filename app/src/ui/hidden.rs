//! A value that goes with a form and is not shown.

use leptos::prelude::*;

#[component]
pub fn Hidden(#[prop(into)] name: String, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value/> }
}
