//! Webhooks on their way out.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::Shared;
use crate::{json, signature};

/// A webhook as it went out, or as it is held: enough to send it again, or to send it wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub url: String,
    pub body: String,
    pub signature: String,
}

const TIME_OUT: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 3;

impl Sent {
    pub(super) fn new(shared: &Shared, url: String, body: &serde_json::Value) -> Option<Self> {
        let body = body.to_string();
        let value = json::parse(body.as_bytes()).ok()?;
        let signature = signature::sign(&shared.secret, &url, &value);
        Some(Self { url, body, signature })
    }
}

/// Sends what comes, in its order. Who does not take a webhook is asked twice more and then left to ask.
pub(super) async fn run(shared: Arc<Shared>, mut queue: mpsc::UnboundedReceiver<Sent>) {
    let http = reqwest::Client::new();
    while let Some(sent) = queue.recv().await {
        let mut attempt = 0;
        let delivered = loop {
            attempt += 1;
            let request = http
                .post(&sent.url)
                .header("content-type", "application/json")
                .header(signature::HEADER, &sent.signature)
                .timeout(TIME_OUT)
                .body(sent.body.clone());
            let taken = request.send().await.is_ok_and(|response| response.status().is_success());
            if taken || attempt >= ATTEMPTS {
                break taken;
            }
            tokio::time::sleep(Duration::from_millis(100) * attempt).await;
        };
        if !delivered {
            tracing::warn!("nobody took a webhook of the simulated registry");
        }
        shared.delivered.send_modify(|count| *count += 1);
    }
}
