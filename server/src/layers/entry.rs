//! Before a page of a workspace is rendered: who comes in. See [`app::state::entry`].

use app::{api::context::Services, state::entry::Entry};
use axum::{
    RequestExt,
    body::Body,
    extract::{RawPathParams, Request, State},
    middleware::Next,
    response::Response,
};

pub async fn layer(State(services): State<Services>, mut request: Request, next: Next) -> Response {
    let Some(slug) = slug(&mut request).await else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    let entry = Entry::ask_before_page(services, parts.clone(), slug).await;
    parts.extensions.insert(entry);
    next.run(Request::from_parts(parts, body)).await
}

/// The workspace in the address; server functions have theirs in the body.
async fn slug(request: &mut Request<Body>) -> Option<String> {
    let params: RawPathParams = request.extract_parts().await.ok()?;
    params.iter().find(|(name, _)| *name == "slug").map(|(_, slug)| slug.to_owned())
}
