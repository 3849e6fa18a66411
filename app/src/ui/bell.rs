//! How much somebody has to read, in the header of every page.

use leptos::prelude::*;

use super::{
    icon::{Icon, IconName},
    number::counted,
};
use crate::{api::notices::unread_notices, state::poll::poll};

/// How often the count is asked for.
const LOOK_MS: u32 = 15_000;

/// Tells the header that something was read, by the page that lets people read.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoticesRead(RwSignal<u32>);

impl NoticesRead {
    pub fn tell(self) {
        self.0.update(|times| *times += 1);
    }
}

/// The way to the notices, with the count of those that are unread. A hidden tab does not ask, and what cannot be asked
/// for stays as it was.
#[component]
pub(super) fn Bell(unread: u32) -> impl IntoView {
    let count = RwSignal::new(unread);
    let look = Action::new(|(): &()| unread_notices());
    Effect::new(move |_| {
        if let Some(Ok(fresh)) = look.value().get() {
            count.set(fresh);
        }
    });
    if let Some(NoticesRead(times)) = use_context::<NoticesRead>() {
        Effect::new(move |before: Option<u32>| {
            let now = times.get();
            if before.is_some_and(|before| before != now) {
                look.dispatch(());
            }
            now
        });
    }
    poll(
        LOOK_MS,
        || true,
        move || {
            look.dispatch(());
        },
    );
    let spoken = move || match count.get() {
        0 => String::new(),
        count => counted(count.into(), "unread notice", "unread notices"),
    };
    view! {
        <a href="/notices" class="btn btn-sm btn-ghost shrink-0 flex-nowrap gap-1 px-2">
            <Icon name=IconName::Bell/>
            <span class="sr-only sm:not-sr-only">"Notices"</span>
            {move || {
                let count = count.get();
                (count > 0)
                    .then(|| view! { <span class="badge badge-sm badge-primary" aria-hidden="true">{count}</span> })
            }}
        </a>
        <span role="status" class="sr-only">{spoken}</span>
    }
}
