//! `/installation/blacklist/export`: the blacklist as a file.

use axum::{
    body::Body,
    extract::State,
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use store::suppressions::blacklist::BlacklistCsv;

use super::rejects::Refused;
use crate::state::AppState;

/// The whole list, in full: recorded, as every reveal is.
pub async fn export(State(state): State<AppState>, parts: Parts) -> Result<Response, Refused> {
    let session = state.services.session(&parts).await?;
    let csv = BlacklistCsv::open(state.services.gate.rule(&session)?).await?;
    let pieces = stream::unfold(Some(csv), |csv| async move {
        let mut csv = csv?;
        match csv.next_piece().await {
            Ok(Some(piece)) => Some((Ok(Bytes::from(piece)), Some(csv))),
            Ok(None) => None,
            // Breaks the download off, so that nobody takes half of it for the whole.
            Err(error) => Some((Err(error), None)),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"blacklist.csv\""),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
