//! What a refused sign-in says. Where it has to be waited for, the seconds are counted down.

use leptos::prelude::*;

use crate::{error::AppError, ui::prelude::*};

#[component]
pub fn SignInRefused(error: AppError) -> impl IntoView {
    match error {
        AppError::TooMany { retry_after_s } => view! {
            <Locked said="Too many attempts with this address. It is locked." seconds=retry_after_s/>
        }
        .into_any(),
        AppError::TooManyHere { retry_after_s } => view! {
            <Locked said="Too many attempts from your network." seconds=retry_after_s/>
        }
        .into_any(),
        other => view! { <Alert tone=Tone::Danger>{other.to_string()}</Alert> }.into_any(),
    }
}

/// Read out when it begins and when it is over, and not each second. Without a script the seconds stay as they were.
#[component]
fn Locked(said: &'static str, seconds: u32) -> impl IntoView {
    let left = RwSignal::new(seconds);
    count_down(left, seconds);
    let is_over = Memo::new(move |_| left.get() == 0);
    let again = |seconds: u32| format!("You can try again in {}.", counted(seconds.into(), "second", "seconds"));
    view! {
        {move || {
            (!is_over.get())
                .then(|| {
                    view! {
                        <Alert tone=Tone::Danger title=said>
                            <span class="sr-only">{again(seconds)}</span>
                            <span class="tabular-nums" aria-hidden="true">{move || again(left.get())}</span>
                        </Alert>
                    }
                })
        }}
        <div role="status">
            {move || is_over.get().then(|| view! { <Alert tone=Tone::Info>"You can try again now."</Alert> })}
        </div>
    }
}

/// By the clock, for a tab that is not shown is seldom called.
fn count_down(left: RwSignal<u32>, seconds: u32) {
    #[cfg(feature = "hydrate")]
    {
        let end_ms = js_sys::Date::now() + f64::from(seconds) * 1_000.0;
        let interval = gloo_timers::callback::Interval::new(250, move || {
            // A float that is too small or no number becomes 0.
            let now = ((end_ms - js_sys::Date::now()) / 1_000.0).ceil() as u32;
            if left.get_untracked() != now {
                left.set(now.min(seconds));
            }
        });
        // Dropped, and so stopped, together with the owner.
        StoredValue::new_local(interval);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (left, seconds);
}
