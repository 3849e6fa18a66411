//! A link that was just made, to be handed over.

use leptos::prelude::*;

use crate::{
    api::members::{NewLink, link_handed_over},
    ui::prelude::*,
};

/// The newest of the links that were made on this page; without a script the one that was made before it was loaded.
#[component]
pub fn ShownOnce(
    #[prop(into)] made: Signal<Option<NewLink>>,
    title: &'static str,
    text: &'static str,
) -> impl IntoView {
    let before = SharedValue::new(link_handed_over).into_inner();
    view! {
        <div role="status" class="empty:-mt-5">
            {move || {
                made.get()
                    .or_else(|| before.clone())
                    .map(|link| {
                        view! {
                            <Alert tone=Tone::Success title=format!("{title} {}", link.email)>
                                <p>{text}</p>
                                <div class="mt-3">
                                    <CopyField
                                        name="new-link"
                                        label=format!("One-time link for {}", link.email)
                                        value=link.url
                                    />
                                </div>
                            </Alert>
                        }
                    })
            }}
        </div>
    }
}
