//! Who comes to a page outside of the workspaces: those of the person and those of the installation. As with
//! [`super::entry`], the server finds it out before it renders the page and puts it into the page.

use serde::{Deserialize, Serialize};

use super::viewer::Viewer;
use crate::{api::account::me, error::AppError};

/// Where such pages begin. The server asks for these only.
const AREAS: [&str; 7] = ["/account", "/installation", "/join", "/notices", "/registry", "/w/archive", "/w/master"];

/// Who is there, or why there is nothing to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival(pub Result<Viewer, AppError>);

impl Arrival {
    /// Whether the page at this path needs to know.
    #[must_use]
    pub fn concerns(path: &str) -> bool {
        AREAS.iter().any(|area| path.strip_prefix(area).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }

    pub async fn ask() -> Self {
        Self(me().await.and_then(|viewer| viewer.ok_or(AppError::SignedOut)))
    }

    /// What is known when the page begins: on the server what was found out for this request, in the browser nothing,
    /// unless the page says it.
    #[must_use]
    pub fn known() -> Option<Self> {
        #[cfg(feature = "ssr")]
        return leptos::context::use_context::<axum::http::request::Parts>()?.extensions.get::<Self>().cloned();
        #[cfg(not(feature = "ssr"))]
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_an_area_are_those_below_it() {
        for path in ["/account", "/account/sessions", "/installation/users", "/notices", "/w/master/new"] {
            assert!(Arrival::concerns(path), "{path}");
        }
        for path in ["/", "/accounting", "/sign-in", "/w/account", "/w/masters", "/api/account/me"] {
            assert!(!Arrival::concerns(path), "{path}");
        }
    }
}
