//! What the server pushes: an event stream, open while somebody looks.

use leptos::prelude::*;
use serde::de::DeserializeOwned;

/// How far what is on the page can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Following {
    /// As the page was loaded: no stream is open yet, or ever will be without a script.
    #[default]
    Snapshot,
    Live,
    /// The server refused the stream or cannot be reached; another try follows.
    Lost,
}

/// Hands each value that the event stream at `url` sends to `take`. Closed on a hidden tab, for a browser keeps few
/// connections to one server; ends with the component that asked for it.
pub fn follow<T: DeserializeOwned + 'static>(url: String, take: impl Fn(T) + Clone + 'static) -> RwSignal<Following> {
    let following = RwSignal::new(Following::Snapshot);
    #[cfg(feature = "hydrate")]
    browser::start(url, take, following);
    #[cfg(not(feature = "hydrate"))]
    let _ = (url, take);
    following
}

#[cfg(feature = "hydrate")]
mod browser {
    use futures::StreamExt;
    use gloo_net::eventsource::futures::EventSource;
    use leptos::{prelude::*, serde_json, task::spawn_local};
    use serde::de::DeserializeOwned;

    use super::Following;
    use crate::state::poll::poll;

    /// Between attempts after the browser has given up; it tries by itself after a broken connection.
    const RETRY_MS: u32 = 5_000;

    /// The open stream; dropping it closes it.
    type Stream = StoredValue<Option<EventSource>, LocalStorage>;

    pub(super) fn start<T, F>(url: String, take: F, following: RwSignal<Following>)
    where
        T: DeserializeOwned + 'static,
        F: Fn(T) + Clone + 'static,
    {
        let stream = Stream::new_local(None);
        let open = move || open(&url, take.clone(), stream, following);
        // Not before the page is hydrated: what arrives must not differ from what the server rendered.
        Effect::new({
            let open = open.clone();
            move |_| open()
        });
        let turn = open.clone();
        let listener = window_event_listener_untyped("visibilitychange", move |_| {
            if document().hidden() {
                stream.try_set_value(None);
            } else {
                turn();
            }
        });
        on_cleanup(move || listener.remove());
        poll(RETRY_MS, move || following.get_untracked() == Following::Lost, open);
    }

    fn open<T, F>(url: &str, take: F, stream: Stream, following: RwSignal<Following>)
    where
        T: DeserializeOwned + 'static,
        F: Fn(T) + 'static,
    {
        if document().hidden() || stream.try_with_value(Option::is_some) != Some(false) {
            return;
        }
        let opened = EventSource::new(url).and_then(|mut source| {
            let events = source.subscribe("message")?;
            Ok((source, events))
        });
        let Ok((source, mut events)) = opened else {
            following.set(Following::Lost);
            return;
        };
        stream.set_value(Some(source));
        spawn_local(async move {
            while let Some(Ok((_, event))) = events.next().await {
                let value = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok());
                if let Some(value) = value {
                    following.try_set(Following::Live);
                    take(value);
                }
            }
            // Ended by this page when nothing is stored any more, else refused.
            if stream.try_with_value(Option::is_some) == Some(true) && !document().hidden() {
                stream.try_set_value(None);
                following.try_set(Following::Lost);
            }
        });
    }
}
