//! All workspaces of the installation, for super admins.

pub mod across;
mod campaigns;
mod new;
mod workspaces;

use leptos::prelude::*;

pub use self::{campaigns::MasterCampaigns, new::NewWorkspace, workspaces::MasterWorkspaces};
use crate::ui::prelude::*;

const PATH: &str = "/w/master";
const CAMPAIGNS: &str = "/w/master/campaigns";
const NEW: &str = "/w/master/new";
pub const USAGE: &str = "/w/master/usage";

/// What can be read of all workspaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MasterTab {
    Workspaces,
    Campaigns,
    Usage,
}

/// Each with an address of its own.
#[component]
pub fn MasterTabs(current: MasterTab) -> impl IntoView {
    let tabs = [
        (MasterTab::Workspaces, "Workspaces", PATH),
        (MasterTab::Campaigns, "Campaigns", CAMPAIGNS),
        (MasterTab::Usage, "Usage", USAGE),
    ];
    let tabs = tabs.map(|(tab, label, href)| Tab::new(label, href, tab == current)).to_vec();
    view! { <Tabs label="All workspaces" tabs/> }
}
