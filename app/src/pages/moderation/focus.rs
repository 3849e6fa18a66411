//! Keeps the focus when the row under it leaves: it goes to the row that takes its place, else to the heading.

use std::collections::HashSet;

/// Where the focus goes after a change that leaves the rows of these keys; None: it stays where it is.
#[cfg(feature = "hydrate")]
pub fn before_change(staying: &HashSet<String>) -> Option<String> {
    use leptos::prelude::document;

    let row = document().active_element()?.closest("[data-row]").ok().flatten()?;
    let stays = |row: &web_sys::Element| row.get_attribute("data-row").is_some_and(|key| staying.contains(&key));
    if stays(&row) {
        return None;
    }
    let walk = |step: fn(&web_sys::Element) -> Option<web_sys::Element>| {
        std::iter::successors(step(&row), step).find(stays).and_then(|row| row.get_attribute("data-row"))
    };
    let neighbour =
        walk(web_sys::Element::next_element_sibling).or_else(|| walk(web_sys::Element::previous_element_sibling));
    Some(neighbour.unwrap_or_default())
}

/// Moves it, once the rows are changed.
#[cfg(feature = "hydrate")]
pub fn after_change(target: Option<String>) {
    use leptos::prelude::{document, request_animation_frame};
    use wasm_bindgen::JsCast;

    let Some(key) = target else { return };
    request_animation_frame(move || {
        let link = document().query_selector(&format!("[data-row=\"{key}\"] a")).ok().flatten();
        let heading = || document().query_selector("h1").ok().flatten();
        if let Some(place) = link.or_else(heading).and_then(|place| place.dyn_into::<web_sys::HtmlElement>().ok()) {
            _ = place.focus();
        }
    });
}

#[cfg(not(feature = "hydrate"))]
pub fn before_change(_staying: &HashSet<String>) -> Option<String> {
    None
}

#[cfg(not(feature = "hydrate"))]
pub fn after_change(_target: Option<String>) {}
