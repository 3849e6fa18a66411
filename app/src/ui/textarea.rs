//! A text of several lines: the only raw `<textarea>` of the pages.
//!
//! Leptos writes the children of a `<textarea>` without escaping them, which would let a message text break out of it.
//! The text is escaped here and written as inner HTML; `scripts/lint` keeps other places from doing it.

use leptos::{html::Textarea, prelude::*};

use super::{
    field::{Field, control_id, described_by},
    two_way,
};

/// A text of several lines. With `bind` the signal follows what is typed; else `value` is what it starts with.
#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional)] bind: Option<RwSignal<String>>,
    #[prop(optional, into)] hint: MaybeProp<String>,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional)] optional: bool,
    #[prop(default = 5)] rows: u32,
    #[prop(optional)] maxlength: Option<u32>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional)] readonly: bool,
    /// Where a page has several of this name, such as one a row.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| control_id(&name));
    let node = NodeRef::<Textarea>::new();
    if let Some(signal) = bind {
        two_way::textarea(node, signal);
    }
    let first = escape(&two_way::first_value(&name, value, bind));
    let describes = id.clone();
    let invalid = error;
    view! {
        <Field name=name.clone() id=id.clone() label hint error optional>
            <textarea
                node_ref=node
                id=id
                name=name
                class="textarea w-full"
                class:textarea-error=move || invalid.get().is_some()
                rows=rows.to_string()
                required=!optional
                readonly=readonly
                maxlength=maxlength.map(|most| most.to_string())
                placeholder=placeholder
                aria-describedby=move || described_by(&describes, &hint, &error)
                aria-invalid=move || error.get().is_some().then_some("true")
                on:input=move |event| {
                    if let Some(signal) = bind {
                        signal.set(event_target_value(&event));
                    }
                }
                inner_html=first
            ></textarea>
        </Field>
    }
}

/// The content of a `<textarea>` as HTML. A parser drops one line feed right behind the opening tag, so the server writes
/// one; the browser sets inner HTML, where nothing is dropped.
fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 1);
    if cfg!(feature = "ssr") {
        html.push('\n');
    }
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn rendered(text: &str) -> String {
        let owner = Owner::new();
        owner.with(|| view! { <TextArea name="text" label="Text" value=text.to_owned()/> }.to_html())
    }

    #[test]
    fn a_message_cannot_break_out_of_the_textarea() {
        let html = rendered("</textarea><script>alert(1)</script>&amp;");
        assert!(!html.contains("<script>"), "{html}");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert!(html.contains("&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;"), "{html}");
    }

    #[test]
    fn an_empty_text_stays_empty_and_a_leading_line_feed_stays() {
        assert!(rendered("").contains(">\n</textarea>"), "{}", rendered(""));
        assert!(rendered("\nfirst").contains(">\n\nfirst</textarea>"));
    }
}
