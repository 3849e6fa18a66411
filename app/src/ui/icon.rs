//! A few line icons, drawn here so that no font and no image is loaded. They decorate; words stand beside them.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IconName {
    Bell,
    Chart,
    Check,
    ChevronDown,
    Clock,
    Gear,
    Inbox,
    Info,
    Key,
    List,
    Message,
    People,
    Search,
    Send,
    Shield,
    Tag,
    Upload,
    Warning,
}

impl IconName {
    /// The path on a grid of 24 by 24, drawn with a line 1.75 wide.
    const fn path(self) -> &'static str {
        match self {
            Self::Bell => "M6 10a6 6 0 1 1 12 0c0 6 2.5 7 2.5 7h-17S6 16 6 10zM10 20.5h4",
            Self::Chart => "M4 4v16h16M8.5 16v-4.5M13 16V8M17.5 16v-6",
            Self::Check => "M4.5 12.5l5 5 10-11",
            Self::ChevronDown => "M6 9l6 6 6-6",
            Self::Clock => "M12 7v5l3.5 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
            Self::Gear => {
                "M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM12 3v2.5M12 18.5V21M3 12h2.5M18.5 12H21M5.6 5.6l1.8 1.8M16.6 16.6l1.8 1.8M18.4 5.6l-1.8 1.8M7.4 16.6l-1.8 1.8"
            }
            Self::Inbox => "M4 13l2.5-8h11L20 13v6H4zM4 13h5l1 2.5h4l1-2.5h5",
            Self::Info => "M12 11v5.5M12 7.5v.2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
            Self::Key => "M8 19a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM11.2 11.3L20 2.5M16 6.5l3 3M13 9.5l2 2",
            Self::List => "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
            Self::Message => "M4 5h16v11H9.5L5 20v-4H4z",
            Self::People => {
                "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.8a3.5 3.5 0 0 1 0 6.5M18 14a6.5 6.5 0 0 1 3.5 6"
            }
            Self::Search => "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM20 20l-4.9-4.9",
            Self::Send => "M21 3L3 10.5l7 3 3 7z M21 3L10 13.5",
            Self::Shield => "M12 3l8 3v5.5c0 4.5-3.2 8-8 9.5-4.8-1.5-8-5-8-9.5V6zM8.5 12l2.5 2.5 4.5-5",
            Self::Tag => "M3.5 12.5V4h8.5l8.5 8.5-8.5 8.5zM8 8.5v.01",
            Self::Upload => "M12 16V4M7 9l5-5 5 5M4 16v4h16v-4",
            Self::Warning => "M12 4L2.5 20.5h19zM12 10.5v4.5M12 17.7v.1",
        }
    }
}

#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg
            class="icon"
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=name.path()></path>
        </svg>
    }
}
