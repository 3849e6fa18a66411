//! A form that is filled in again: without a script a refusal leads back to its page, and what was typed would be gone.

use leptos::{context::Provider, prelude::*};

/// What was typed into the form around a field.
#[derive(Debug, Clone, Default)]
struct Here {
    #[cfg(feature = "ssr")]
    typed: Option<crate::typed::Typed>,
}

/// Around the fields of a form whose function, by its path, is one of [`crate::typed::FUNCTIONS`]. Once on a page for each of
/// them: fields are known by their names.
#[component]
pub fn Kept(path: &'static str, children: Children) -> impl IntoView {
    #[cfg(feature = "ssr")]
    let here = Here { typed: crate::typed::Typed::of_page().filter(|typed| typed.is_of(path)) };
    #[cfg(not(feature = "ssr"))]
    let here = {
        let _ = path;
        Here::default()
    };
    view! { <Provider value=here>{children()}</Provider> }
}

/// What a text starts with: what was typed, else `first`.
pub(super) fn text(name: &str, first: String) -> String {
    values(name).and_then(|values| values.into_iter().next()).unwrap_or(first)
}

/// Whether a box starts ticked that sends `value`.
pub fn ticked(name: &str, value: &str, first: bool) -> bool {
    values(name).map_or(first, |values| values.iter().any(|typed| typed == value))
}

/// None: there was nothing typed, and nothing refused.
#[cfg(feature = "ssr")]
fn values(name: &str) -> Option<Vec<String>> {
    Some(use_context::<Here>()?.typed?.values(name))
}

#[cfg(not(feature = "ssr"))]
fn values(_name: &str) -> Option<Vec<String>> {
    None
}
