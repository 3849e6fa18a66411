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

/// The two lists, each with an address of its own.
#[component]
fn MasterTabs(campaigns: bool) -> impl IntoView {
    let tabs = vec![Tab::new("Workspaces", PATH, !campaigns), Tab::new("Campaigns", CAMPAIGNS, campaigns)];
    view! { <Tabs label="All workspaces" tabs/> }
}
