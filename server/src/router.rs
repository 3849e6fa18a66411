//! Routes, and the layers around them.

use std::sync::Arc;

use app::{api::context::Services, shell::Assets, typed::RefusedForms};
use axum::{
    Router,
    http::{HeaderValue, header},
    middleware::{from_fn, from_fn_with_state},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use tower::ServiceBuilder;

use crate::{
    access::{ACCESS, By},
    assets,
    config::Config,
    layers::{
        cross_site::{self, OwnOrigins},
        entry, form_error, log,
        origin::{self, TrustedProxies},
        queue::{self, Places},
        request_id,
        security_headers::{self, Https, page_policy},
        typed::{self, Keeping},
    },
    routes::api,
    state::AppState,
};

/// Everything that the server answers.
pub fn build(config: &Config, state: AppState) -> Router {
    let session_cookie = state.services.cookie_name();
    let keeping = Keeping { forms: RefusedForms::default(), session_cookie, https: config.is_https() };
    // The first layer is the outermost.
    let layers = ServiceBuilder::new()
        .layer(from_fn(request_id::layer))
        .layer(from_fn(log::layer))
        .layer(from_fn_with_state(Https(config.is_https()), security_headers::layer))
        .layer(from_fn(api::problem_layer))
        .layer(from_fn(api::rate_limit_layer))
        .layer(from_fn_with_state(OwnOrigins(config.own_origins().into()), cross_site::layer))
        .layer(from_fn(form_error::layer))
        .layer(from_fn_with_state(keeping, typed::layer))
        .layer(from_fn_with_state(TrustedProxies(Arc::from(config.trusted_proxies.as_slice())), origin::layer))
        .layer(from_fn(api::idempotency_layer));

    let pages = Router::new()
        .leptos_routes_with_context(
            &state,
            generate_route_list(app::App),
            context(state.services.clone()),
            app::document,
        )
        .route_layer(from_fn_with_state(state.services.clone(), entry::layer))
        .route_layer(from_fn_with_state(Places::default(), queue::layer));
    plain_routes().merge(pages).layer(layers).with_state(state)
}

/// Routes that are neither pages nor server functions: those of the access table.
fn plain_routes() -> Router<AppState> {
    ACCESS.iter().fold(Router::new(), |router, row| match row.by {
        By::Handler(answer) => router.route(row.path, answer()),
        By::Function | By::Page => router,
    })
}

/// What pages and server functions find in their context.
fn context(services: Services) -> impl Fn() + Clone + Send + Sync + 'static {
    let assets: Assets = assets::manifest();
    if assets.js.is_empty() {
        tracing::warn!("built without the browser half: pages are plain HTML; ./x builds all of it");
    }
    move || {
        provide_context(assets.clone());
        provide_context(services.clone());
        // Pages have a nonce, server functions do not.
        if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>())
            && let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce))
        {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}
