//! The page of every address that leads nowhere.

use leptos::prelude::*;

use crate::{
    error::AppError,
    ui::{error_view::ErrorView, frame::PlainFrame},
};

#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <PlainFrame>
            <ErrorView error=AppError::NotFound/>
        </PlainFrame>
    }
}
