//! Asking again, while somebody looks.

/// Calls `again` every `interval_ms` milliseconds while `wanted`, never on a hidden tab, and not on the server. Ends with
/// the component that asked for it.
pub fn poll(interval_ms: u32, wanted: impl Fn() -> bool + 'static, again: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        use leptos::prelude::*;

        let interval = gloo_timers::callback::Interval::new(interval_ms, move || {
            if !document().hidden() && wanted() {
                again();
            }
        });
        // Dropped, and so stopped, together with the owner.
        StoredValue::new_local(interval);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (interval_ms, wanted, again);
}
