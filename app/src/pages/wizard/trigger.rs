//! What step 2 asks of a Trigger campaign alone: whose text it is, until when it takes numbers, and at which hours.

use leptos::prelude::*;

use super::{counter::Counter, message::TimeField};
use crate::{api::wizard::StartView, ui::prelude::*};

/// A template whose fields come with each number, or any text by API: that is what the moderator approves.
#[component]
pub fn TriggerText(
    any_text: bool,
    text: RwSignal<String>,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let chosen = RwSignal::new(any_text.to_string());
    // Without a script it stays, so that a template can be written again.
    let here = RwSignal::new(false);
    Effect::new(move |_| here.set(true));
    let options = vec![
        RadioOption {
            value: "false".to_owned(),
            label: "A template".to_owned(),
            text: "Written here and approved; each number brings the values of its fields.".to_owned(),
        },
        RadioOption {
            value: "true".to_owned(),
            label: "Any text by API".to_owned(),
            text: "Each number brings a text of its own. The moderator approves that nobody reads these before they go out."
                .to_owned(),
        },
    ];
    view! {
        <RadioCards name="any_text" legend="What is sent?" options bind=chosen/>
        <div hidden=move || here.get() && chosen.with(|chosen| chosen == "true")>
            <TextArea
                name="text"
                label="Template"
                bind=text
                rows=6
                optional=true
                hint="{code} puts in the value that comes with the number under this name. For braces themselves write {{ and }}. Left out when any text is chosen."
                error
            />
            <div class="mt-2">
                <Counter text/>
            </div>
        </div>
    }
}

/// Until when it takes numbers, and whether the workspace's hours hold.
#[component]
pub fn TriggerTimes(
    end: StartView,
    ignore_daily_window: bool,
    #[prop(optional_no_strip)] hours: Option<String>,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let hint = match hours {
        Some(hours) => {
            format!("For one-time codes. Otherwise what comes outside of the workspace's hours ({hours}) waits.")
        }
        None => "For one-time codes. The workspace has no daily hours now; this holds should it get some.".to_owned(),
    };
    view! {
        <TimeField name="end" label="Takes numbers until" time=end error optional=true/>
        <Checkbox name="ignore_daily_window" label="Send at any hour" checked=ignore_daily_window hint/>
    }
}
