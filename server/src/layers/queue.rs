//! Pages wait for their turn: more of them at one time would take more time, and memory each.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tokio::{sync::Semaphore, time::timeout};

/// Pages that are being made, at most.
const AT_ONCE: usize = 32;
/// Pages that have the processor, so to speak. Few, because what is worked on at one time has to have room in its caches: 32
/// take up to a quarter more of it, each. More than cores, because they wait for the database as well.
const IN_TURN: usize = 4;
/// What takes longer waits for something else, and keeps nobody from their turn.
const TURN: Duration = Duration::from_millis(25);

/// The places of the pages that are being made, given in the order in which they were asked for.
#[derive(Debug, Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), turns: Arc::new(Semaphore::new(IN_TURN)) }
    }
}

pub async fn layer(State(places): State<Places>, request: Request, next: Next) -> Response {
    // Nobody closes the semaphores.
    let _place = places.all.acquire().await.ok();
    let turn = places.turns.acquire().await.ok();
    let mut page = pin!(next.run(request));
    if let Ok(response) = timeout(TURN, &mut page).await {
        return response;
    }
    drop(turn);
    page.await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use axum::{Router, body::Body, middleware::from_fn_with_state, routing::get};
    use futures::future::join_all;
    use tokio::time::sleep;
    use tower::ServiceExt;

    use super::*;

    #[derive(Clone)]
    struct Made {
        counts: Arc<[AtomicUsize; 2]>,
        takes: Duration,
    }

    /// Counts those that are being made, and their highest number.
    async fn make(State(made): State<Made>) {
        let [now, highest] = &*made.counts;
        highest.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
        sleep(made.takes).await;
        now.fetch_sub(1, SeqCst);
    }

    /// How many of many pages, that are asked for at once, are made at one time; all are answered.
    async fn at_once(takes: Duration) -> usize {
        let made = Made { counts: Arc::default(), takes };
        let router = Router::new()
            .route("/", get(make))
            .route_layer(from_fn_with_state(Places::default(), layer))
            .with_state(made.clone());
        let ask = || router.clone().oneshot(Request::new(Body::empty()));
        let answers = join_all((0..AT_ONCE * 4).map(|_| ask())).await;
        assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.status() == 200)));
        made.counts[1].load(SeqCst)
    }

    #[tokio::test(start_paused = true)]
    async fn few_pages_are_made_at_one_time() {
        assert_eq!(at_once(TURN / 5).await, IN_TURN);
    }

    #[tokio::test(start_paused = true)]
    async fn pages_that_wait_keep_few_others_waiting() {
        assert_eq!(at_once(Duration::from_secs(60)).await, AT_ONCE);
    }
}
