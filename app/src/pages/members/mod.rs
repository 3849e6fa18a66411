//! The people of a workspace, and what each role may do.

mod list;
mod roles;

use leptos::prelude::*;

pub use self::{list::Members, roles::Roles};
use crate::{pages::layout::use_workspace, ui::prelude::*};

/// The two pages, each with an address of its own.
#[component]
fn MemberTabs(roles: bool) -> impl IntoView {
    let workspace = use_workspace();
    let tabs = vec![
        Tab::new("Members", workspace.path("/members"), !roles),
        Tab::new("Roles", workspace.path("/roles"), roles),
    ];
    view! { <Tabs label="Members" tabs/> }
}
