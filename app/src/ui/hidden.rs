//! A value that goes with a form and is not shown.

use leptos::prelude::*;

use super::kept;

#[component]
pub fn Hidden(#[prop(into)] name: String, #[prop(into)] value: String) -> impl IntoView {
    let value = kept::text(&name, value);
    view! { <input type="hidden" name=name value=value/> }
}
