//! What handlers share.

use app::api::context::Services;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use tokio_util::sync::CancellationToken;

use crate::{
    health::Readiness,
    routes::api::{NUMBERS, REQUESTS, Rates},
};

/// The state of the router.
#[derive(Debug, Clone)]
pub struct AppState {
    pub leptos_options: LeptosOptions,
    /// The gate to the data, and the engine's desk.
    pub services: Services,
    pub readiness: Readiness,
    /// Cancelled when the server begins to stop: whoever keeps a connection open, such as an event stream, ends it then.
    pub stopping: CancellationToken,
    /// How quickly each key has asked lately.
    pub key_rates: Rates,
    /// How many numbers each key has handed in lately.
    pub number_rates: Rates,
}

impl AppState {
    #[must_use]
    pub fn new(services: Services, readiness: Readiness, stopping: CancellationToken) -> Self {
        let leptos_options = LeptosOptions::builder().output_name("frontend").build();
        let (key_rates, number_rates) = (Rates::new(REQUESTS), Rates::new(NUMBERS));
        Self { leptos_options, services, readiness, stopping, key_rates, number_rates }
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos_options.clone()
    }
}
