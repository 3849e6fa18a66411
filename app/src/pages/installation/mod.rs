//! The installation in the hands of super admins.

mod diagnostics;
mod hold;
mod link_made;
mod new_user;
mod settings;
mod user;
mod user_actions;
mod users;

use leptos::prelude::*;

pub use self::{
    diagnostics::Diagnostics, new_user::NewUser, settings::InstallationSettings, user::UserDetail, users::UserList,
};
use crate::ui::prelude::*;

/// The pages of the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallationTab {
    Users,
    Settings,
}

impl InstallationTab {
    const ALL: [Self; 2] = [Self::Users, Self::Settings];

    const fn label(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Settings => "Settings",
        }
    }

    const fn href(self) -> &'static str {
        match self {
            Self::Users => "/installation/users",
            Self::Settings => "/installation/settings",
        }
    }
}

#[component]
pub fn InstallationTabs(current: InstallationTab) -> impl IntoView {
    let tabs = InstallationTab::ALL.map(|tab| Tab::new(tab.label(), tab.href(), tab == current)).to_vec();
    view! { <Tabs label="Installation" tabs/> }
}
