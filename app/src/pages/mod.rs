//! The table of pages. A page is a component in `pages/<area>/<what>.rs` and a route here; signed-in ones are rendered
//! with `SsrMode::Async`, so that redirects and statuses are known before the first byte.

mod not_found;

use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{Route, Routes},
    path,
};

use self::not_found::NotFound;

#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/*any") view=NotFound ssr=SsrMode::Async/>
        </Routes>
    }
}
