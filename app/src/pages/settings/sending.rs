//! In which hours and how much the workspace sends.

use domain::week::{Hours, Week};
use leptos::prelude::*;

use crate::{
    api::{
        sending::{HoursChoice, SaveSendingHours},
        settings::SettingsView,
    },
    error::AppError,
    state::{query::name_of, week::clock},
    ui::prelude::*,
};

#[component]
pub(super) fn SendingHours(view: SettingsView, save: ServerAction<SaveSendingHours>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || save.value().get().and_then(Result::err));
    let error_of =
        move |field: String| Signal::derive(move || refused.get().and_then(|error| error.field_error(&field)));
    let week = view.sending.week;
    let choice = match week {
        None => HoursChoice::AnyTime,
        Some(week) if week.0.iter().all(|hours| *hours == week.0[0]) => HoursChoice::EveryDay,
        Some(_) => HoursChoice::ByDay,
    };
    let chosen = RwSignal::new(name_of(choice));
    let is = move |choice| chosen.with(|chosen| *chosen == name_of(choice));
    let option = |choice, label: &str, text: &str| RadioOption {
        value: name_of(choice),
        label: label.to_owned(),
        text: text.to_owned(),
    };
    let options = vec![
        option(HoursChoice::AnyTime, "At any time", "Messages go out day and night."),
        option(HoursChoice::EveryDay, "The same hours every day", "Such as 09:00 to 20:00."),
        option(HoursChoice::ByDay, "Hours of each weekday", "Other hours at the weekend, or none on Sunday."),
    ];
    let first = week.and_then(|week| week.0.iter().flatten().next().copied());
    let days = Week::DAYS
        .into_iter()
        .enumerate()
        .map(|(place, day)| {
            let hours = match week {
                Some(week) => week.0[place],
                None => None,
            };
            let name = format!("days[{place}]");
            let errors = ["from", "to"].map(|part| error_of(format!("{name}[{part}]")));
            view! { <HoursFields name day hours errors/> }
        })
        .collect_view();
    let errors = ["from", "to"].map(|part| error_of(format!("every[{part}]")));
    // Without a script all of it is there, and what was not chosen is not read.
    let hidden = move |choice: HoursChoice| move || !is(choice);
    view! {
        <Panel title="Sending hours and daily limit">
            <ActionForm action=save attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=view.slug/>
                <Hidden name="revision" value=view.revision.to_string()/>
                <RadioCards
                    name="hours"
                    legend=format!("When messages go out, in {}", view.time_zone)
                    options
                    bind=chosen
                    error=error_of("hours".to_owned())
                />
                <p class="field-hint">
                    "Outside of these hours campaigns wait, and go on by themselves. Campaigns of the mode Trigger may be allowed to \
                    send at any time, as one-time codes must."
                </p>
                <div class:script-hidden=hidden(HoursChoice::EveryDay)>
                    <HoursFields name="every".to_owned() day="Every day" hours=first errors/>
                </div>
                <div class="flex flex-col gap-4" class:script-hidden=hidden(HoursChoice::ByDay)>
                    <p class="field-hint">"Leave both fields of a day empty where nothing goes out."</p>
                    {days}
                </div>
                <TextField
                    name="messages_per_day_max"
                    label="Messages a day at most"
                    value=view.sending.messages_per_day_max.map(|most| most.to_string()).unwrap_or_default()
                    optional=true
                    inputmode="numeric"
                    hint="Of all campaigns together, by the workspace's calendar. Empty: no limit."
                    error=error_of("messages_per_day_max".to_owned())
                />
                <div>
                    <Button busy=save.pending()>"Set the hours"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}

/// From and to of one day.
#[component]
fn HoursFields(
    name: String,
    day: &'static str,
    #[prop(optional_no_strip)] hours: Option<Hours>,
    errors: [Signal<Option<String>>; 2],
) -> impl IntoView {
    let [from_error, to_error] = errors;
    // The end of a day is 00:00 in a time field.
    let value = |minute: u16| clock(minute % 1_440);
    let (from, to) = hours.map(|hours| (value(hours.from_minute), value(hours.to_minute))).unwrap_or_default();
    view! {
        <fieldset class="grid grid-cols-2 gap-x-4 gap-y-1 sm:grid-cols-[8rem_1fr_1fr] sm:items-end">
            <legend class="contents"><span class="col-span-2 font-medium sm:col-span-1 sm:pb-2">{day}</span></legend>
            <TextField name=format!("{name}[from]") label="From" r#type="time" value=from filter=true error=from_error/>
            <TextField name=format!("{name}[to]") label="To" r#type="time" value=to filter=true error=to_error/>
        </fieldset>
    }
}
