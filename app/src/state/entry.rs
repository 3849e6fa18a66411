//! Who comes into which workspace. The server finds it out before it renders a page (`server/src/layers/entry.rs`) and
//! puts it into the page, so that both sides have it at once: a page within something that waits would be rendered again
//! and again on the server until the waiting is over.

use serde::{Deserialize, Serialize};

use super::viewer::Viewer;
use crate::{
    api::{
        account::me,
        registry::{DeskView, registry_desk},
        workspace::{WorkspaceView, workspace},
    },
    error::AppError,
};

/// As what somebody comes into a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inside {
    /// As a member, or as a super admin.
    Member(WorkspaceView),
    /// As staff of the 10DLC registry, and no further than to its 10DLC.
    Staff(DeskView),
}

/// What the frame of a workspace needs, or why there is nothing to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// As it stands in the address.
    pub slug: String,
    pub entered: Result<(Viewer, Inside), AppError>,
}

impl Entry {
    /// `path`: of the page that is gone to.
    pub async fn ask(slug: String, path: String) -> Self {
        let entered = Self::enter(slug.clone(), &path).await;
        Self { slug, entered }
    }

    async fn enter(slug: String, path: &str) -> Result<(Viewer, Inside), AppError> {
        let inside = match workspace(slug.clone()).await {
            Err(AppError::NotFound) if is_of_registry(path) => Inside::Staff(registry_desk(slug).await?),
            other => Inside::Member(other?),
        };
        let viewer = me().await?.ok_or(AppError::SignedOut)?;
        Ok((viewer, inside))
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

/// Whether a page belongs to the 10DLC of a workspace: those are open to people who are no members, too.
#[must_use]
pub fn is_of_registry(path: &str) -> bool {
    path.starts_with("/w/") && path.split('/').nth(3) == Some("registry")
}

/// Asks outside of a page, for the request of these parts.
#[cfg(feature = "ssr")]
pub async fn before_page<T: Send + 'static>(
    services: crate::api::context::Services,
    parts: axum::http::request::Parts,
    ask: impl Future<Output = T> + Send + 'static,
) -> T {
    use leptos::{
        context::provide_context,
        reactive::{computed::ScopedFuture, owner::Owner},
    };

    // Alive until the answer is there: what was provided is its own.
    let owner = Owner::new_root(None);
    let asking = owner.with(|| {
        provide_context(services);
        provide_context(parts);
        ScopedFuture::new(ask)
    });
    asking.await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_10dlc_are_those_below_its_home() {
        for path in ["/w/acme/registry", "/w/acme/registry/brands/new", "/w/registry/registry"] {
            assert!(is_of_registry(path), "{path}");
        }
        for path in ["/w/registry", "/registry", "/w/acme", "/w/acme/registry-old", "/w/acme/members/registry"] {
            assert!(!is_of_registry(path), "{path}");
        }
    }
}
