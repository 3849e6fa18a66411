//! The text of an SMS, as it was written.

use domain::segment::measure;
use leptos::prelude::*;

use super::number::counted;

/// The text with its line breaks.
#[component]
pub fn MessageText(#[prop(into)] text: String) -> impl IntoView {
    view! { <blockquote class="message-text">{text}</blockquote> }
}

/// Encoding, characters and segments of a text in a line.
#[must_use]
pub fn measured(text: &str) -> String {
    let measure = measure(text);
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let mut line = format!(
        "{} · {} · {}",
        measure.encoding.label(),
        counted(count(measure.characters), "character", "characters"),
        counted(count(measure.segments), "segment", "segments"),
    );
    if let Some(character) = measure.first_non_gsm {
        line.push_str(&format!(" · UCS-2 because of “{character}”"));
    }
    line
}
