//! The people of a workspace: who they are, how they come in, and what each role may do.

mod accept;
mod change;
mod invitations;
mod join;
mod list;
mod requests;
mod roles;
mod shown_once;
mod standing;

use domain::permission::Permission;
use leptos::prelude::*;

pub use self::{
    accept::Accept,
    change::MemberPage,
    invitations::Invitations,
    join::{Join, JoinStates},
    list::Members,
    requests::{RequestPage, Requests},
    roles::Roles,
};
use crate::{
    pages::layout::{Asking, use_workspace},
    ui::prelude::*,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MemberTab {
    Members,
    Invitations,
    Requests,
    Roles,
}

/// The pages, each with an address of its own; how people come in concerns only those who let them.
#[component]
fn MemberTabs(at: MemberTab) -> impl IntoView {
    let workspace = use_workspace();
    let mut tabs = vec![Tab::new("Members", workspace.path("/members"), at == MemberTab::Members)];
    if workspace.may(Permission::ManageMembers) {
        let invitations = workspace.path("/members/invitations");
        let requests = workspace.path("/members/requests");
        tabs.push(Tab::new("Invitations", invitations, at == MemberTab::Invitations));
        tabs.push(Tab::new("Requests", requests, at == MemberTab::Requests).count(Asking::here().count()));
    }
    tabs.push(Tab::new("Roles", workspace.path("/members/roles"), at == MemberTab::Roles));
    view! { <Tabs label="Members" tabs/> }
}
