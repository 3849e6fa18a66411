//! Sends a file in pieces. After a cut it asks the server where to go on, and goes on.

use gloo_net::http::{Request, Response};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use serde::Serialize;

use super::{recipients::bytes, upload::Sent};
use crate::{api::recipients::UploadPlace, error::AppError};

const PIECE_BYTES: u64 = 4 << 20;
/// Between attempts while the connection is away: doubled up to the last.
const RETRY_FIRST_MS: u32 = 500;
const RETRY_LAST_MS: u32 = 8_000;

#[derive(Serialize)]
struct Announced {
    file_name: String,
    size_bytes: u64,
}

/// Why a request brought nothing.
enum Failed {
    /// No answer: the connection is away, or the server is restarting.
    Away,
    Refused(String),
}

pub(super) struct Transfer {
    address: String,
    file: web_sys::File,
    size_bytes: u64,
    sent: RwSignal<Option<Sent>>,
    started_ms: f64,
    /// What was there when it started: the rate counts what was sent since.
    from_bytes: u64,
}

impl Transfer {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes of files are whole and small")]
    pub fn new(address: String, file: web_sys::File, sent: RwSignal<Option<Sent>>) -> Self {
        let size_bytes = file.size() as u64;
        Self { address, file, size_bytes, sent, started_ms: js_sys::Date::now(), from_bytes: 0 }
    }

    /// Sends everything; the error is a sentence for the person.
    pub async fn run(mut self, unfinished: Option<&UploadPlace>, limit_bytes: u64) -> Result<(), String> {
        if self.size_bytes > limit_bytes {
            return Err(format!(
                "The file has {}, and one upload may have at most {}. Split it, or ask your administrator.",
                bytes(self.size_bytes),
                bytes(limit_bytes)
            ));
        }
        let same =
            unfinished.filter(|place| place.file_name == self.file.name() && place.size_bytes == self.size_bytes);
        let mut place = match same {
            Some(place) => place.clone(),
            None => self.begin().await?,
        };
        self.from_bytes = place.received_bytes;
        let mut wait_ms = RETRY_FIRST_MS;
        while place.receiving && place.received_bytes < self.size_bytes {
            self.show(place.received_bytes, false);
            match self.piece(&place).await {
                Ok(next) => {
                    place = next;
                    wait_ms = RETRY_FIRST_MS;
                }
                Err(Failed::Refused(reason)) => return Err(reason),
                Err(Failed::Away) => {
                    self.show(place.received_bytes, true);
                    TimeoutFuture::new(wait_ms).await;
                    wait_ms = (wait_ms * 2).min(RETRY_LAST_MS);
                    if let Ok(known) = self.ask().await {
                        if known.upload != place.upload {
                            return Err("Another file has taken the place of this one.".to_owned());
                        }
                        place = known;
                    }
                }
            }
        }
        self.show(self.size_bytes, false);
        Ok(())
    }

    async fn begin(&self) -> Result<UploadPlace, String> {
        let announced = Announced { file_name: self.file.name(), size_bytes: self.size_bytes };
        let request = Request::post(&self.address).json(&announced).map_err(|cause| cause.to_string())?;
        match answer(request.send().await).await {
            Ok(place) => Ok(place),
            Err(Failed::Refused(reason)) => Err(reason),
            Err(Failed::Away) => Err(AppError::Unreachable.to_string()),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "sizes of files are far below 2^53")]
    async fn piece(&self, place: &UploadPlace) -> Result<UploadPlace, Failed> {
        let from = place.received_bytes;
        let to = (from + PIECE_BYTES).min(self.size_bytes);
        let piece = self.file.slice_with_f64_and_f64(from as f64, to as f64).map_err(|_| unreadable())?;
        let request = Request::patch(&self.address)
            .header("upload-id", &place.upload)
            .header("upload-offset", &from.to_string())
            .body(piece)
            .map_err(|_| unreadable())?;
        answer(request.send().await).await
    }

    async fn ask(&self) -> Result<UploadPlace, Failed> {
        answer(Request::get(&self.address).send().await).await
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    fn show(&self, sent_bytes: u64, waiting: bool) {
        let elapsed_s = (js_sys::Date::now() - self.started_ms) / 1_000.0;
        let bytes_per_s =
            if elapsed_s > 0.2 { sent_bytes.saturating_sub(self.from_bytes) as f64 / elapsed_s } else { 0.0 };
        self.sent.try_set(Some(Sent { sent_bytes, total_bytes: self.size_bytes, bytes_per_s, waiting }));
    }
}

fn unreadable() -> Failed {
    Failed::Refused("The browser cannot read the file any more. Choose it again.".to_owned())
}

/// The place after a request. A conflict about the offset counts as away: asking tells where to go on.
async fn answer(response: Result<Response, gloo_net::Error>) -> Result<UploadPlace, Failed> {
    let response = response.map_err(|_| Failed::Away)?;
    if response.ok() {
        return response.json().await.map_err(|_| Failed::Away);
    }
    match response.json::<AppError>().await {
        Ok(AppError::Conflict { message }) if message.contains("goes on at byte") => Err(Failed::Away),
        Ok(AppError::Internal { .. } | AppError::Unavailable { .. }) | Err(_) => Err(Failed::Away),
        Ok(refused) => Err(Failed::Refused(refused.to_string())),
    }
}
