//! One's own second factor. It can be looked at and set up also while nothing else is open before there is one.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactorView {
    /// Since when there is one.
    pub since: Option<Moment>,
    /// Recovery codes that were not used.
    pub codes_left: u32,
    /// What is about to be set up.
    pub offer: Option<OfferView>,
    /// The installation asks for one.
    pub required: bool,
}

/// For the authenticator, and to be kept. Shown until it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferView {
    /// To be typed, in groups of four.
    pub secret: String,
    pub picture: QrView,
    pub recovery_codes: Vec<String>,
}

/// A QR code as the path of its dark squares, on a grid of `size` by `size`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrView {
    pub size: u32,
    pub path: String,
}

/// One's own second factor.
#[server]
pub async fn second_factor() -> Result<SecondFactorView, AppError> {
    let services = super::context::services()?;
    let who = super::context::identified().await?;
    let overview = store::identity::second_factor::overview(&services.gate, &who).await?;
    let offer = overview.offer.map(|offer| -> Result<OfferView, AppError> {
        let picture = super::qr::draw(&offer.url).map_err(AppError::internal)?;
        Ok(OfferView { secret: in_fours(&offer.secret), picture, recovery_codes: offer.recovery_codes })
    });
    Ok(SecondFactorView {
        since: overview.on.map(|(since_ms, _)| Moment::in_utc(since_ms)),
        codes_left: overview.on.map_or(0, |(_, left)| left),
        offer: offer.transpose()?,
        required: overview.required,
    })
}

/// Makes a secret and recovery codes, to be confirmed within a quarter of an hour.
#[server]
pub async fn begin_second_factor() -> Result<(), AppError> {
    let services = super::context::services()?;
    let who = super::context::identified().await?;
    Ok(store::identity::second_factor::begin(&services.gate, &who).await?)
}

/// Turns it on with a code that the authenticator shows.
#[server]
pub async fn confirm_second_factor(code: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    let who = super::context::identified().await?;
    Ok(store::identity::second_factor::confirm(&services.gate, &who, &code).await?)
}

/// Turns it off.
#[server]
pub async fn disable_second_factor(current_password: String, code: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    Ok(store::identity::second_factor::disable(&services.gate, &session, &current_password, &code).await?)
}

/// Ten new recovery codes, shown once; the earlier ones are void.
#[server]
pub async fn renew_recovery_codes(current_password: String, code: String) -> Result<Vec<String>, AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    Ok(store::identity::second_factor::renew_codes(&services.gate, &session, &current_password, &code).await?)
}

#[cfg(feature = "ssr")]
fn in_fours(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
