//! The installation in the hands of super admins.

mod blacklist;
mod hold;
mod link_made;
mod links;
mod new_user;
mod presets;
mod senders;
mod settings;
mod user;
mod user_actions;
mod users;

use leptos::prelude::*;

pub use self::{
    blacklist::Blacklist,
    links::{LinkDetail, LinkList, NewLink, NewPool, PoolPage},
    new_user::NewUser,
    presets::{NewPreset, PresetList, PresetPage},
    senders::{NewSenderPreset, SenderPresetList, SenderPresetPage},
    settings::InstallationSettings,
    user::UserDetail,
    users::UserList,
};
use crate::ui::prelude::*;

/// The pages of the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallationTab {
    Users,
    Links,
    Policies,
    Senders,
    Staff,
    Settings,
}

impl InstallationTab {
    const ALL: [Self; 6] = [Self::Users, Self::Links, Self::Policies, Self::Senders, Self::Staff, Self::Settings];

    const fn label(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Links => "Links to carriers",
            Self::Policies => "Policies",
            Self::Senders => "Sender presets",
            Self::Staff => "10DLC staff",
            Self::Settings => "Settings",
        }
    }

    const fn href(self) -> &'static str {
        match self {
            Self::Users => "/installation/users",
            Self::Links => "/installation/links",
            Self::Policies => "/installation/presets",
            Self::Senders => "/installation/senders",
            Self::Staff => "/installation/staff",
            Self::Settings => "/installation/settings",
        }
    }
}

#[component]
pub fn InstallationTabs(current: InstallationTab) -> impl IntoView {
    let tabs = InstallationTab::ALL.map(|tab| Tab::new(tab.label(), tab.href(), tab == current)).to_vec();
    view! { <Tabs label="Installation" tabs/> }
}
