//! Says in time that the session ends, and lets whoever is there stay.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{
    dialog::{self, Dialog, DialogClose},
    number::counted,
};
use crate::{
    api::sessions::{TimeLeft, session_left},
    error::AppError,
    state::{poll::poll, query::address},
};

/// How often it is asked for. What was done in the page meanwhile is told with it.
const LOOK_MS: u32 = 20_000;
/// So long before the end it is said; the shortest time of rest that can be set is five minutes.
const IDLE_WARNING_S: u32 = 120;
/// There is no staying beyond the whole time of a session, so there must be time to finish something.
const WHOLE_WARNING_S: u32 = 600;
const DIALOG: &str = "session-end";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// In so many minutes, if nothing is done.
    Idle(u32),
    /// In so many minutes, whatever is done.
    Whole(u32),
    Over,
}

impl Ending {
    const fn of(left: TimeLeft) -> Option<Self> {
        if left.whole <= WHOLE_WARNING_S {
            return Some(Self::Whole(left.whole.div_ceil(60)));
        }
        if left.idle <= IDLE_WARNING_S { Some(Self::Idle(left.idle.div_ceil(60))) } else { None }
    }

    fn sentence(self) -> String {
        let within = |minutes: u32| counted(minutes.into(), "minute", "minutes");
        match self {
            Self::Idle(minutes) => {
                format!("Nothing was done here for a while. You are signed out within {}.", within(minutes))
            }
            Self::Whole(minutes) => format!(
                "You have been signed in for long, and have to sign in again within {}. Save what you are writing before.",
                within(minutes)
            ),
            Self::Over => "You are signed out. What you see may be old, and nothing can be saved from here.".to_owned(),
        }
    }
}

/// In every frame of somebody who is signed in. A hidden tab does not ask.
#[component]
pub(super) fn SessionEnd() -> impl IntoView {
    let active = StoredValue::new(false);
    let ending = RwSignal::new(None::<Ending>);
    let look = Action::new(move |(): &()| session_left(active.try_update_value(std::mem::take).unwrap_or_default()));
    Effect::new(move |_| {
        let now = match look.value().get() {
            Some(Ok(left)) => Ending::of(left),
            // Elsewhere it is said by whatever the page asks; here only to somebody who was warned.
            Some(Err(AppError::SignedOut)) if ending.get_untracked().is_some() => Some(Ending::Over),
            _ => return,
        };
        match (ending.get_untracked(), now) {
            (None, Some(_)) | (Some(Ending::Idle(_)), Some(Ending::Whole(_))) => dialog::open(DIALOG),
            (Some(_), None) => dialog::close(DIALOG),
            _ => {}
        }
        ending.set(now);
    });
    poll(
        LOOK_MS,
        || true,
        move || {
            look.dispatch(());
        },
    );
    #[cfg(feature = "hydrate")]
    for event in ["keydown", "pointerdown"] {
        let listener = window_event_listener_untyped(event, move |_| _ = active.try_set_value(true));
        on_cleanup(move || listener.remove());
    }
    let location = use_location();
    let again = move || {
        let here = format!("{}?{}", location.pathname.get(), location.search.get().trim_start_matches('?'));
        address("/sign-in", [("next", here.trim_end_matches('?').to_owned())])
    };
    let stay = move |_| {
        active.set_value(true);
        look.dispatch(());
    };
    view! {
        <Dialog id=DIALOG title="Your session ends">
            <p role="status">{move || ending.get().map(Ending::sentence)}</p>
            <div class="dialog-actions">
                {move || match ending.get() {
                    Some(Ending::Idle(_)) => view! {
                        <button type="button" class="btn btn-primary" on:click=stay>"Stay signed in"</button>
                    }
                    .into_any(),
                    Some(Ending::Over) => view! { <a class="btn btn-primary" href=again>"Sign in again"</a> }.into_any(),
                    _ => view! { <DialogClose id=DIALOG label="Close"/> }.into_any(),
                }}
            </div>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_two_minutes_before_rest_ends_a_session_and_ten_before_the_whole_of_it() {
        let of = |idle, whole| Ending::of(TimeLeft { idle, whole });
        assert_eq!(of(121, 3_600), None);
        assert_eq!(of(120, 3_600), Some(Ending::Idle(2)));
        assert_eq!(of(61, 3_600), Some(Ending::Idle(2)));
        assert_eq!(of(1, 3_600), Some(Ending::Idle(1)));
        assert_eq!(of(7_200, 600), Some(Ending::Whole(10)));
        assert_eq!(of(60, 300), Some(Ending::Whole(5)), "staying would not help");
    }
}
