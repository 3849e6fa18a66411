//! The pages of one's own account, as tabs.

use leptos::prelude::*;

use crate::{state::viewer::Viewer, ui::prelude::*};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountTab {
    Profile,
    Password,
    SecondFactor,
    Sessions,
}

impl AccountTab {
    const ALL: [Self; 4] = [Self::Profile, Self::Password, Self::SecondFactor, Self::Sessions];

    const fn label(self) -> &'static str {
        match self {
            Self::Profile => "Profile",
            Self::Password => "Password",
            Self::SecondFactor => "Second factor",
            Self::Sessions => "Sessions",
        }
    }

    const fn href(self) -> &'static str {
        match self {
            Self::Profile => "/account",
            Self::Password => "/account/password",
            Self::SecondFactor => "/account/second-factor",
            Self::Sessions => "/account/sessions",
        }
    }
}

/// Nothing for somebody who has to set up a second factor first: the other pages are not open to them yet.
#[component]
pub fn AccountTabs(current: AccountTab) -> impl IntoView {
    use_context::<Viewer>().map(|_| {
        let tabs = AccountTab::ALL.map(|tab| Tab::new(tab.label(), tab.href(), tab == current)).to_vec();
        view! { <Tabs label="Account" tabs/> }
    })
}
