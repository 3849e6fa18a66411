//! Before a page is rendered: who comes into the workspace, or to a page of the person or of the installation. See
//! [`app::state::entry`] and [`app::state::arrival`].

use app::{
    api::context::{Proved, Services},
    state::{
        arrival::Arrival,
        entry::{Entry, before_page},
    },
};
use axum::{
    RequestExt,
    body::Body,
    extract::{RawPathParams, Request, State},
    middleware::Next,
    response::Response,
};

pub async fn layer(State(services): State<Services>, mut request: Request, next: Next) -> Response {
    let slug = slug(&mut request).await;
    if slug.is_none() && !Arrival::concerns(request.uri().path()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(Proved::default());
    match slug {
        Some(slug) => {
            let path = parts.uri.path().to_owned();
            let entry = before_page(services, parts.clone(), Entry::ask(slug, path)).await;
            parts.extensions.insert(entry);
        }
        None => {
            let arrival = before_page(services, parts.clone(), Arrival::ask()).await;
            parts.extensions.insert(arrival);
        }
    }
    next.run(Request::from_parts(parts, body)).await
}

/// The workspace in the address; server functions have theirs in the body.
async fn slug(request: &mut Request<Body>) -> Option<String> {
    let params: RawPathParams = request.extract_parts().await.ok()?;
    params.iter().find(|(name, _)| *name == "slug").map(|(_, slug)| slug.to_owned())
}
