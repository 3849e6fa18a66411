//! A key that was just made: the only time that its secret is on a page.

use leptos::prelude::*;

use crate::{api::keys::FreshKey, ui::prelude::*};

#[component]
pub fn Fresh(key: FreshKey) -> impl IntoView {
    view! {
        <ShownOnce
            title=format!("The key “{}” is made", key.name)
            advice="It is shown this once and kept nowhere: copy it now. Whoever has it may do what it is for, so hand it over by a \
            way that nobody else reads."
        >
            <CopyField name="new-key" label="API key" value=key.secret/>
            <CopyField name="new-key-curl" label="A line for a terminal that tries it" value=key.curl/>
        </ShownOnce>
    }
}
