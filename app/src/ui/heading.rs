//! The heading of a page.

use leptos::{html::H1, prelude::*};
use leptos_meta::Title;

/// Whether the page is the one that was loaded, and not one that was gone to within the application.
#[derive(Debug, Clone, Copy)]
pub struct PageFocus {
    first: StoredValue<bool>,
}

impl PageFocus {
    /// Whether somebody came here from another page of the application; asking makes the next page a later one.
    #[must_use]
    pub fn came_from_within(self) -> bool {
        let first = self.first.get_value();
        self.first.set_value(false);
        !first
    }
}

impl Default for PageFocus {
    fn default() -> Self {
        Self { first: StoredValue::new(true) }
    }
}

/// The only `<h1>` of a page; sets the document's title and takes the focus after a change of page, so that a screen
/// reader begins there. Actions are its children.
#[component]
pub fn PageHeading(
    #[prop(into)] title: Signal<String>,
    /// A line below it.
    #[prop(optional, into)]
    lead: MaybeProp<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let heading = NodeRef::<H1>::new();
    #[cfg(feature = "hydrate")]
    if let Some(page) = use_context::<PageFocus>() {
        Effect::new(move |_| {
            if let Some(heading) = heading.get()
                && page.came_from_within()
            {
                _ = heading.focus();
            }
        });
    }
    // The document's title may be asked for once more while the page goes away, when what its heading says is gone already.
    let document_title = move || title.try_get().unwrap_or_default();
    view! {
        <Title text=document_title/>
        <div class="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
            <div class="min-w-0 grow basis-64">
                <h1 node_ref=heading tabindex="-1" class="text-2xl font-semibold tracking-tight break-words">
                    {move || title.get()}
                </h1>
                {move || lead.get().map(|lead| view! { <p class="mt-1 text-muted">{lead}</p> })}
            </div>
            {children.map(|children| view! { <div class="flex flex-wrap gap-2">{children()}</div> })}
        </div>
    }
    .into_any()
}
