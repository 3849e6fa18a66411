//! The frame for staff who come to the 10DLC of a workspace without being members of it.

use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};

use crate::{
    api::registry::DeskView,
    error::AppError,
    pages::person_layout::account_menu,
    state::{entry::is_of_registry, viewer::Viewer},
    ui::prelude::*,
};

/// Nothing of the workspace is here but its 10DLC.
#[component]
pub fn StaffFrame(viewer: Viewer, desk: DeskView) -> impl IntoView {
    provide_context(desk.clone());
    let path = use_location().pathname;
    let here = Memo::new(move |_| is_of_registry(&path.get()));
    let nav = vec![
        NavItem::new(format!("10DLC of {}", desk.display_name), desk.path(""), IconName::Check),
        NavItem::new("All workspaces", "/registry", IconName::List),
    ];
    view! {
        <Frame viewer=viewer.clone() nav account=move || account_menu(&viewer)>
            {move || if here.get() { Outlet().into_any() } else { view! { <ErrorView error=AppError::NotFound/> }.into_any() }}
        </Frame>
    }
}
