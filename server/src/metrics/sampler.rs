//! Looks at the figures regularly, for the charts of the monitoring page.

use std::{sync::Arc, time::Duration};

use app::api::monitoring::history;
use domain::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::Source;

/// Goes on until it is stopped.
pub async fn sample(source: Source, history: history::Monitor, clock: Arc<dyn Clock>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let sheet = source.sheet().await;
        history.record(clock.now_ms(), &sheet, source.under_way());
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(history::EVERY_S)) => {}
        }
    }
}
