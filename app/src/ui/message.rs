//! The text of an SMS, as it was written.

use domain::segment::measure;
use leptos::prelude::*;

use super::{alert::Alert, number::counted, tone::Tone};

/// The text with its line breaks.
#[component]
pub fn MessageText(#[prop(into)] text: String) -> impl IntoView {
    view! { <blockquote class="message-text">{text}</blockquote> }
}

/// In the place of a text: what is approved is that nobody reads one before.
#[component]
pub fn AnyText() -> impl IntoView {
    view! {
        <Alert tone=Tone::Warning title="Any text by API">
            <p>"Each number comes with a text of its own. Nobody reads these texts before they go out."</p>
        </Alert>
    }
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
