//! Files that are made while they are taken: a piece at a time, so that the whole of none is ever in memory.

use std::future::Future;

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use store::{
    Error,
    audit::Export,
    erasure::NumberCsv,
    recipients::RejectsCsv,
    suppressions::{ListCsv, blacklist::BlacklistCsv},
};

/// What gives out a file piece by piece; None: that was all.
pub trait Pieces: Send + 'static {
    fn next(&mut self) -> impl Future<Output = Result<Option<String>, Error>> + Send;
}

macro_rules! pieces {
    ($($file:ty),+) => {
        $(impl Pieces for $file {
            async fn next(&mut self) -> Result<Option<String>, Error> {
                self.next_piece().await
            }
        })+
    };
}

pieces!(BlacklistCsv, Export, ListCsv, NumberCsv, RejectsCsv);

pub const CSV: &str = "text/csv; charset=utf-8";

/// A file of this name, which a browser keeps.
pub fn file(pieces: impl Pieces, kind: &'static str, name: &str) -> Response {
    let body = stream::unfold(Some(pieces), |pieces| async move {
        let mut pieces = pieces?;
        match pieces.next().await {
            Ok(Some(piece)) => Some((Ok(Bytes::from(piece)), Some(pieces))),
            Ok(None) => None,
            // Breaks the download off, so that nobody takes half of it for the whole.
            Err(error) => Some((Err(error), None)),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, Body::from_stream(body)).into_response()
}
