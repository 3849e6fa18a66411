//! Step 5: everything at a glance, what it takes, and the way to the moderators.

use domain::campaign::{IngestReport, Mode};
use leptos::prelude::*;

use crate::{
    api::wizard::{Duration, StartView, SubmitDraft, TenDlcCheck, WizardDraft},
    error::AppError,
    pages::campaigns::{AddressingFacts, PlanDays, policy_of},
    ui::{
        message::{AnyText, MessageText, measured},
        prelude::*,
    },
};

#[component]
pub fn ReviewStep(slug: String, draft: WizardDraft) -> impl IntoView {
    let edit = format!("/w/{slug}/campaigns/{}/edit", draft.id);
    view! {
        <div class="grid items-start gap-5 xl:grid-cols-2">
            <Message
                draft=draft.clone()
                href=format!("{edit}/2")
                test=format!("/w/{slug}/campaigns/{}/test", draft.id)
            />
            <Sending draft=draft.clone() href=format!("{edit}/2")/>
            <Recipients draft=draft.clone() slug=slug.clone() href=format!("{edit}/4")/>
            <Sender draft=draft.clone() slug=slug.clone() href=format!("{edit}/3")/>
        </div>
        <Handover slug draft/>
    }
}

#[component]
fn Change(href: String, what: &'static str) -> impl IntoView {
    view! {
        <a class="link text-sm" href=href>
            "Change"<span class="sr-only">{format!(" {what}")}</span>
        </a>
    }
}

#[component]
fn Message(draft: WizardDraft, href: String, test: String) -> impl IntoView {
    let line = measured(&draft.text);
    let samples = (!draft.samples.is_empty()).then(|| {
        let samples = draft
            .samples
            .into_iter()
            .map(|sample| {
                let line = measured(&sample);
                view! {
                    <li>
                        <MessageText text=sample/>
                        <p class="mt-1 text-sm text-muted">{line}</p>
                    </li>
                }
            })
            .collect_view();
        view! {
            <h3 class="mt-5 mb-2 text-sm font-medium">"As the first recipients get it"</h3>
            <ul class="flex flex-col gap-3">{samples}</ul>
        }
    });
    if draft.any_text {
        return view! {
            <Panel title="Message" aside=move || view! { <Change href=href.clone() what="the message"/> }>
                <AnyText/>
            </Panel>
        }
        .into_any();
    }
    view! {
        <Panel title="Message" aside=move || view! { <Change href=href.clone() what="the message"/> }>
            <MessageText text=draft.text/>
            <p class="mt-2"><a class="link" href=test>"Send a test message"</a></p>
            <p class="mt-1 text-sm text-muted">{line}</p>
            {samples}
        </Panel>
    }
    .into_any()
}

#[component]
fn Sending(draft: WizardDraft, href: String) -> impl IntoView {
    let channel = draft.channels.into_iter().find(|channel| channel.id == draft.channel);
    let channel = channel.map_or(draft.channel, |channel| channel.label);
    let starts =
        if draft.start_automatically { "By itself, once approved" } else { "With the Start button, once approved" };
    let validity = draft.validity_minutes.map_or_else(
        || "As long as the carrier does by default".to_owned(),
        |minutes| counted(minutes.into(), "minute", "minutes"),
    );
    let time = |label: &'static str, time: StartView| {
        let note = time.note.map(|note| view! { <span class="block text-sm text-muted">{note}"."</span> });
        view! { <Fact label><MaybeWhen moment=time.at/>{note}</Fact> }
    };
    let times = match draft.mode {
        Mode::Scheduled => time("Set for", draft.start).into_any(),
        Mode::Spread => view! { {time("Window from", draft.start)} {time("Window to", draft.end)} }.into_any(),
        Mode::Trigger if draft.end.at.is_some() => time("Takes numbers until", draft.end).into_any(),
        Mode::Trigger => view! { <Fact label="Takes numbers until">"Somebody presses Finish"</Fact> }.into_any(),
        Mode::OnDemand => ().into_any(),
    };
    let hours = match draft.hours {
        _ if draft.ignore_daily_window => "Any time: it ignores the workspace's daily hours".to_owned(),
        Some(hours) => hours,
        None => "Any time".to_owned(),
    };
    let limit = draft
        .daily_limit
        .map_or_else(|| "None of this campaign's own".to_owned(), |limit| counted(limit.into(), "segment", "segments"));
    view! {
        <Panel title="Sending" aside=move || view! { <Change href=href.clone() what="how it is sent"/> }>
            <Facts>
                <Fact label="Mode">{draft.mode.label()}</Fact>
                {times}
                <Fact label="Daily hours">{hours}</Fact>
                <Fact label="Daily limit">{limit}</Fact>
                <Fact label="Starts">{starts}</Fact>
                <Fact label="Channel">{channel}</Fact>
                <Fact label="Policy of the channel">{policy_of(&draft.policy)}</Fact>
                <Fact label="Validity">{validity}</Fact>
            </Facts>
        </Panel>
    }
}

#[component]
fn Recipients(draft: WizardDraft, slug: String, href: String) -> impl IntoView {
    if draft.mode == Mode::Trigger {
        return view! {
            <Panel title="Recipients">
                <p class="max-w-prose">
                    "None yet. Once it is approved and started, programs hand in numbers by API, and each is sent to at once."
                </p>
            </Panel>
        }
        .into_any();
    }
    let report: IngestReport = draft.report.unwrap_or_default();
    let rejects = (report.rejected() > 0).then(|| {
        let href = format!("/w/{slug}/campaigns/{}/rejects.csv", draft.id);
        view! {
            <p class="mt-4">
                <a class="link" rel="external" href=href>
                    {format!("Download the {} with the reasons (CSV)", counted(report.rejected(), "rejected line", "rejected lines"))}
                </a>
            </p>
        }
    });
    let stale = draft.segments_stale.then(|| {
        view! {
            <div class="mt-4">
                <Alert tone=Tone::Info>"The text has changed since the segments were counted. They are counted again when you submit."</Alert>
            </div>
        }
    });
    let spread = draft.mode == Mode::Spread;
    let late = if spread { longer_than_window(&draft) } else { longer_than_validity(&draft) };
    let what = if spread { "The window is too short" } else { "The validity is too short" };
    let duration = match draft.duration {
        Duration::Seconds(seconds) => lasting(seconds),
        Duration::OverAYear => "More than a year".to_owned(),
        Duration::Unknown => "As fast as the channel takes them".to_owned(),
    };
    let days = draft.days;
    view! {
        <Panel title="Recipients" aside=move || view! { <Change href=href.clone() what="the recipients"/> }>
            <Facts>
                <Fact label="Accepted">{grouped(report.accepted)}</Fact>
                <Fact label="Duplicate">{grouped(report.duplicate)}</Fact>
                <Fact label="Suppressed">{grouped(report.suppressed)}</Fact>
                <Fact label="Invalid">{grouped(report.invalid)}</Fact>
                <Fact label="Segments in all">{grouped(report.segments)}</Fact>
                {draft.cost.map(|cost| view! { <Fact label="Estimated cost">{cost}</Fact> })}
                {(!spread).then(|| view! { <Fact label="Estimated duration">{duration}</Fact> })}
            </Facts>
            {late
                .map(|late| {
                    view! {
                        <div class="mt-4">
                            <Alert tone=Tone::Warning title=what>{late}</Alert>
                        </div>
                    }
                })}
            {(!days.is_empty())
                .then(|| {
                    view! {
                        <h3 class="mt-5 mb-2 text-sm font-medium">"Who is due when, as it stands"</h3>
                        <PlanDays days/>
                    }
                })}
            {rejects}
            {stale}
        </Panel>
    }
    .into_any()
}

/// What is to be said when the channel cannot send so much within the window.
fn longer_than_window(draft: &WizardDraft) -> Option<String> {
    let Duration::Seconds(seconds) = draft.duration else {
        return (draft.duration == Duration::OverAYear)
            .then(|| "At the rate and within the limits that hold, sending takes more than a year.".to_owned());
    };
    (seconds > draft.window_s?).then(|| {
        format!(
            "At the rate and within the limits that hold, sending takes {}. Who is not sent to when the window ends is not \
             sent to any more.",
            lasting(seconds).to_lowercase(),
        )
    })
}

/// What is to be said when the campaign is over before the channel can have sent everything.
fn longer_than_validity(draft: &WizardDraft) -> Option<String> {
    let validity_s = u64::from(draft.validity_minutes?) * 60;
    let longer = match draft.duration {
        Duration::Seconds(seconds) => seconds > validity_s,
        Duration::OverAYear => true,
        Duration::Unknown => false,
    };
    longer.then(|| {
        format!(
            "The campaign expires {} after its start, which is sooner than everything can be sent at the rate and within \
             the limits that hold. Who is not sent to by then is not sent to any more.",
            lasting(validity_s).to_lowercase(),
        )
    })
}

#[component]
fn Sender(draft: WizardDraft, slug: String, href: String) -> impl IntoView {
    let tendlc = draft.tendlc.clone().map(|tendlc| view! { <TenDlc tendlc slug/> });
    let overridden = draft.overrides.is_some();
    let facts = draft.sender.map(|sender| {
        let addressing = draft.overrides.unwrap_or(sender.addressing);
        view! {
            <Facts>
                <Fact label="Name">{sender.display_name}</Fact>
                <Fact label="Revision">{sender.revision}</Fact>
                <AddressingFacts addressing/>
            </Facts>
        }
    });
    view! {
        <Panel title="Sender" aside=move || view! { <Change href=href.clone() what="the SMPP values"/> }>
            {overridden.then(|| view! { <p class="mb-4"><Badge tone=Tone::Warning text="Overridden"/></p> })}
            {facts}
            {tendlc}
        </Panel>
    }
}

/// Said before somebody submits: what carriers want of a US number, and what of it is missing.
#[component]
fn TenDlc(tendlc: TenDlcCheck, slug: String) -> impl IntoView {
    match tendlc {
        TenDlcCheck::Cleared { campaign, brand, segments_per_minute, segments_per_day } => {
            let may = format!(
                "This sender is a US number of the 10DLC campaign {campaign} of the brand {brand}, which may send {} a minute \
                 and {} a day.",
                counted(segments_per_minute.into(), "segment", "segments"),
                counted(segments_per_day.into(), "segment", "segments"),
            );
            view! { <p class="mt-4 max-w-prose text-sm text-muted">{may}</p> }.into_any()
        }
        TenDlcCheck::Missing(what) => view! {
            <div class="mt-4">
                <Alert tone=Tone::Warning title="This sender is a US number, and may not send yet">
                    {what} " "
                    <a class="link" href=format!("/w/{slug}/registry")>"To the workspace's 10DLC records"</a>
                </Alert>
            </div>
        }
        .into_any(),
    }
}

/// Submitting; a campaign that is submitted already only has to be left.
#[component]
fn Handover(slug: String, draft: WizardDraft) -> impl IntoView {
    let campaign = format!("/w/{slug}/campaigns/{}", draft.id);
    if !draft.is_draft {
        return view! {
            <div class="form-actions">
                <LinkButton href=campaign>"Done: to the campaign"</LinkButton>
            </div>
        }
        .into_any();
    }
    let submit = ServerAction::<SubmitDraft>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || submit.value().get().and_then(Result::err));
    let next = if draft.four_eyes {
        "A moderator decides on it: somebody who has not worked on this campaign (four-eyes rule). Nothing is sent before."
    } else {
        "A moderator decides on it. The four-eyes rule of this workspace is off, so that may be you; the audit log says so. Nothing is sent before."
    };
    let edit = format!("{campaign}/edit");
    let back = if draft.mode == Mode::Trigger { 3 } else { 4 };
    view! {
        <Panel title="Submit">
            <p class="max-w-prose">{next}</p>
            <div class="mt-4 flex flex-col gap-4">
                <Refused error=refused edit=edit.clone()/>
                <ActionForm action=submit attr:class="form-actions">
                    <Hidden name="slug" value=slug/>
                    <Hidden name="id" value=draft.id/>
                    <Button busy=submit.pending()>"Submit for approval"</Button>
                    <LinkButton href=format!("{edit}/{back}") kind=ButtonKind::Secondary>"Back"</LinkButton>
                </ActionForm>
            </div>
        </Panel>
    }
    .into_any()
}

/// Why it was not submitted, with the way to the step where it can be put right.
#[component]
fn Refused(#[prop(into)] error: Signal<Option<AppError>>, edit: String) -> impl IntoView {
    move || {
        error.get().map(|error| {
            let reasons = error
                .field_errors()
                .iter()
                .map(|refused| {
                    let step = match refused.field.as_str() {
                        "saddr" => 3,
                        "recipients" => 4,
                        _ => 2,
                    };
                    let href = format!("{edit}/{step}");
                    view! {
                        <li>
                            {refused.message.clone()} " "
                            <a class="link" href=href>{format!("Go to step {step}")}</a>
                        </li>
                    }
                })
                .collect_view();
            let whole = error.field_errors().is_empty().then(|| error.to_string());
            view! {
                <Alert tone=Tone::Danger title="It was not submitted">
                    {whole}
                    <ul>{reasons}</ul>
                </Alert>
            }
        })
    }
}

/// A duration in the two largest units.
fn lasting(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds.div_ceil(60), seconds / 3_600, seconds / 86_400);
    match seconds {
        0..60 => "Under a minute".to_owned(),
        60..3_600 => format!("About {}", counted(minutes, "minute", "minutes")),
        3_600..86_400 => {
            let rest = seconds % 3_600 / 60;
            let rest = if rest == 0 { String::new() } else { format!(" {}", counted(rest, "minute", "minutes")) };
            format!("About {}{rest}", counted(hours, "hour", "hours"))
        }
        _ => {
            let rest = seconds % 86_400 / 3_600;
            let rest = if rest == 0 { String::new() } else { format!(" {}", counted(rest, "hour", "hours")) };
            format!("About {}{rest}", counted(days, "day", "days"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lasting;

    #[test]
    fn durations_are_said_in_their_largest_units() {
        for (seconds, said) in [
            (1, "Under a minute"),
            (61, "About 2 minutes"),
            (3_600, "About 1 hour"),
            (5_400, "About 1 hour 30 minutes"),
            (90_000, "About 1 day 1 hour"),
            (172_800, "About 2 days"),
        ] {
            assert_eq!(lasting(seconds), said);
        }
    }
}
