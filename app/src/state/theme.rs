//! Light, dark, or what the system says.

#[cfg(not(feature = "ssr"))]
use leptos::prelude::*;

/// The cookie that keeps the choice; without it the system decides.
pub const COOKIE: &str = "theme";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value in the cookie, in the form and, except for the system's, in `data-theme`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// Everything unknown is the system's.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The value of `data-theme`; the style sheet follows the system when it is absent.
    #[must_use]
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            chosen => Some(chosen.name()),
        }
    }
}

/// The chosen theme, from the cookie on the server and from the document in the browser: the page comes in the right
/// colours without a script.
#[must_use]
pub fn chosen() -> Theme {
    #[cfg(feature = "ssr")]
    let name = crate::request::cookie(COOKIE);
    #[cfg(not(feature = "ssr"))]
    let name = document().document_element().and_then(|root| root.get_attribute("data-theme"));
    name.map(|name| Theme::parse(&name)).unwrap_or_default()
}

/// What the window is told when a theme has been applied: for what is not coloured by our style sheet.
#[cfg(feature = "hydrate")]
pub const CHANGED: &str = "theme-changed";

/// Applies a theme at once and keeps it; in the browser only.
#[cfg(feature = "hydrate")]
pub fn apply(theme: Theme) {
    use wasm_bindgen::JsCast;

    let Some(root) = document().document_element() else {
        return;
    };
    _ = match theme.attribute() {
        Some(name) => root.set_attribute("data-theme", name),
        None => root.remove_attribute("data-theme"),
    };
    let age_s = if theme == Theme::System { 0 } else { 31_536_000 };
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        _ = document.set_cookie(&format!("{COOKIE}={}; Path=/; Max-Age={age_s}; SameSite=Lax", theme.name()));
    }
    if let Ok(changed) = web_sys::Event::new(CHANGED) {
        _ = window().dispatch_event(&changed);
    }
}
