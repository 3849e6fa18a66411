//! An error in the place of what was asked for.

use leptos::prelude::*;

use super::{
    button::{ButtonKind, LinkButton},
    heading::PageHeading,
};
use crate::error::AppError;

/// Heading, reason and way out of an error; on the server it gives the page its HTTP status.
#[component]
pub fn ErrorView(error: AppError) -> impl IntoView {
    #[cfg(feature = "ssr")]
    error.set_status_of_page();
    let title = match &error {
        AppError::SignedOut => "You are signed out",
        AppError::SecondFactorMissing => "A second factor is needed",
        AppError::Forbidden => "Not allowed",
        AppError::NotFound => "Page not found",
        AppError::Conflict { .. } => "Changed in the meantime",
        AppError::TooMany { .. } | AppError::TooManyHere { .. } => "Too many attempts",
        AppError::Unavailable { .. } | AppError::Unreachable | AppError::PageNotFetched => "Not available right now",
        AppError::Invalid { .. } | AppError::BadRequest | AppError::TooLarge { .. } => "That did not work",
        AppError::Internal { .. } => "Something went wrong",
    };
    let (href, label) = error.way_out().unwrap_or(("/", "Go to the start"));
    view! {
        <div class="flex flex-col items-start gap-4">
            <PageHeading title/>
            <p class="max-w-prose">{error.to_string()}</p>
            <LinkButton href kind=ButtonKind::Secondary>{label}</LinkButton>
        </div>
    }
    .into_any()
}
