//! Pages wait for their turn: more of them at one time would take no less time, and memory each.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tokio::sync::Semaphore;

/// Pages that are made at one time. They wait for the database too, so there are more than cores.
const AT_ONCE: usize = 32;

/// The places of the pages that are being made, given in the order in which they were asked for.
#[derive(Debug, Clone)]
pub struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

pub async fn layer(State(Places(places)): State<Places>, request: Request, next: Next) -> Response {
    // Nobody closes the semaphore.
    let _place = places.acquire().await.ok();
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use axum::{Router, body::Body, middleware::from_fn_with_state, routing::get};
    use futures::future::join_all;
    use tower::ServiceExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Made(Arc<[AtomicUsize; 2]>);

    /// Counts those that are being made, and their highest number.
    async fn make(State(Made(made)): State<Made>) {
        let [now, highest] = &*made;
        highest.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
        tokio::task::yield_now().await;
        now.fetch_sub(1, SeqCst);
    }

    #[tokio::test]
    async fn of_many_pages_that_are_asked_for_at_once_some_wait_and_all_are_answered() {
        let made = Made::default();
        let router = Router::new()
            .route("/", get(make))
            .route_layer(from_fn_with_state(Places::default(), layer))
            .with_state(made.clone());
        let ask = || router.clone().oneshot(Request::new(Body::empty()));
        let answers = join_all((0..AT_ONCE * 4).map(|_| ask())).await;
        assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.status() == 200)));
        assert_eq!(made.0[1].load(SeqCst), AT_ONCE);
    }
}
