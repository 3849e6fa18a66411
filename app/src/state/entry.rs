//! Who comes into which workspace. The server finds it out before it renders a page (`server/src/layers/entry.rs`) and
//! puts it into the page, so that both sides have it at once: a page within something that waits would be rendered again
//! and again on the server until the waiting is over.

use serde::{Deserialize, Serialize};

use super::viewer::Viewer;
use crate::{
    api::{
        account::me,
        workspace::{WorkspaceView, workspace},
    },
    error::AppError,
};

/// What the frame of a workspace needs, or why there is nothing to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// As it stands in the address.
    pub slug: String,
    pub entered: Result<(Viewer, WorkspaceView), AppError>,
}

impl Entry {
    pub async fn ask(slug: String) -> Self {
        let entered = Self::enter(slug.clone()).await;
        Self { slug, entered }
    }

    async fn enter(slug: String) -> Result<(Viewer, WorkspaceView), AppError> {
        let workspace = workspace(slug).await?;
        let viewer = me().await?.ok_or(AppError::SignedOut)?;
        Ok((viewer, workspace))
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
