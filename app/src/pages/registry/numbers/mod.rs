//! The numbers of a workspace: which are its own, and in which 10DLC campaign each is.

mod page;

use leptos::prelude::*;

pub use self::page::TenDlcNumbers;
use crate::{api::registry::numbers::NumberStage, ui::prelude::*};

/// Where a number is in its 10DLC campaign; None: in none.
#[component]
pub fn NumberBadge(#[prop(optional_no_strip)] state: Option<NumberStage>) -> impl IntoView {
    match state {
        Some(NumberStage::Active) => view! { <Badge tone=Tone::Success text="Active"/> },
        Some(stage) => view! { <Badge tone=Tone::Info text=stage.label()/> },
        None => view! { <Badge text="In none"/> },
    }
}
