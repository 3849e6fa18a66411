//! What the campaign sends, to whom, with which sender, when; and who allowed it.

use domain::{
    campaign::{IngestReport, Mode},
    sender::{Addressing, SenderOrigin},
};
use leptos::prelude::*;

use super::{live::Live, plan::PlanDays};
use crate::{
    api::campaigns::detail::{CampaignView, ParametersView},
    pages::moderation::TenDlcMissing,
    state::{moment::Moment, query::name_of},
    ui::{
        message::{AnyText, MessageText, measured},
        prelude::*,
    },
};

#[component]
pub fn ParametersTab(live: Live) -> impl IntoView {
    // The figures of a running campaign change nothing here.
    let shown =
        Memo::new(move |_| live.view.with(|view| CampaignView { progress: Default::default(), ..view.clone() }));
    move || {
        let view = shown.get();
        let href = live.href("?tab=job_errors");
        view! {
            <div class="gap-5 xl:columns-2 [&>*]:mb-5 [&>*]:break-inside-avoid">
                <Message parameters=view.parameters.clone()/>
                <Sender parameters=view.parameters.clone()/>
                <Schedule view=view.clone()/>
                <Approval view=view.clone()/>
                <Recipients report=view.report mode=view.parameters.mode href/>
            </div>
        }
    }
}

#[component]
fn Message(parameters: ParametersView) -> impl IntoView {
    let ParametersView { text, template, sample, any_text, .. } = parameters;
    if any_text {
        return view! { <Panel title="Message"><AnyText/></Panel> }.into_any();
    }
    if text.is_empty() {
        return view! { <Panel title="Message"><p class="text-muted">"Not written yet."</p></Panel> }.into_any();
    }
    let line = measured(&text);
    view! {
        <Panel title="Message">
            <MessageText text/>
            <p class="mt-2 text-sm text-muted">{line}</p>
            {template
                .map(|used| {
                    view! {
                        <p class="mt-2 text-sm">
                            {format!("Template “{}”, version {}: {}.", used.name, used.version, used.words())}
                        </p>
                    }
                })}
            {sample
                .map(|sample| {
                    let line = measured(&sample);
                    view! {
                        <h3 class="mt-4 mb-2 text-sm font-medium">"As the first recipient gets it"</h3>
                        <MessageText text=sample/>
                        <p class="mt-2 text-sm text-muted">{line}</p>
                    }
                })}
        </Panel>
    }
    .into_any()
}

#[component]
fn Sender(parameters: ParametersView) -> impl IntoView {
    let Some(sender) = parameters.sender else {
        return view! { <Panel title="Sender"><p class="text-muted">"Not chosen yet."</p></Panel> }.into_any();
    };
    let overridden = parameters.overrides.is_some();
    let addressing = parameters.overrides.unwrap_or(sender.addressing);
    view! {
        <Panel title="Sender">
            <TenDlcMissing what=parameters.tendlc_missing/>
            {overridden
                .then(|| {
                    view! {
                        <div class="mb-4">
                            <Alert tone=Tone::Warning title="Overridden">
                                <p>"An admin changed values of the approved revision for this campaign alone."</p>
                            </Alert>
                        </div>
                    }
                })}
            <Facts>
                <Fact label="Name">
                    {sender.display_name} " "
                    {(sender.origin == SenderOrigin::Installation)
                        .then(|| view! { <Badge tone=Tone::Info text="Preset of the installation"/> })}
                </Fact>
                <Fact label="Revision">{sender.revision}</Fact>
                <AddressingFacts addressing/>
                <Fact label="Channel">{if parameters.channel.is_empty() { "Default".to_owned() } else { parameters.channel }}</Fact>
                <Fact label="Policy of the channel">{policy_of(&parameters.policy)}</Fact>
            </Facts>
        </Panel>
    }
    .into_any()
}

/// What a channel's policy asks for, as one sentence.
pub fn policy_of(rules: &[String]) -> String {
    if rules.is_empty() { "None".to_owned() } else { crate::error::sentence(&rules.join("; ")) }
}

/// What SMPP is told of the two addresses.
#[component]
pub fn AddressingFacts(addressing: Addressing) -> impl IntoView {
    let pair = |ton, npi| format!("TON {ton}, NPI {npi}");
    let ton = |ton: domain::sender::Ton| format!("{} ({})", ton as u8, name_of(ton).replace('_', " "));
    let npi = |npi: domain::sender::Npi| {
        format!("{} ({})", npi as u8, name_of(npi).replace('_', " ").replace("isdn", "ISDN"))
    };
    view! {
        <Fact label="SADDR"><span class="font-mono">{addressing.saddr.to_string()}</span></Fact>
        <Fact label="Source">{pair(ton(addressing.source_ton), npi(addressing.source_npi))}</Fact>
        <Fact label="Destination">{pair(ton(addressing.destination_ton), npi(addressing.destination_npi))}</Fact>
    }
}

#[component]
fn Schedule(view: CampaignView) -> impl IntoView {
    let parameters = view.parameters;
    let automatically = if parameters.start_automatically {
        "By itself, once approved"
    } else {
        "With the Start button, once approved"
    };
    let or_none = |moment: Option<Moment>| view! { <MaybeWhen moment/> };
    let days = parameters.days;
    let times = match parameters.mode {
        Mode::Scheduled => view! { <Fact label="Set for">{or_none(parameters.start)}</Fact> }.into_any(),
        Mode::Spread => view! {
            <Fact label="Window from">{or_none(parameters.start)}</Fact>
            <Fact label="Window to">{or_none(parameters.end)}</Fact>
        }
        .into_any(),
        Mode::Trigger => {
            let hours = if parameters.ignore_daily_window { "Any time" } else { "The workspace's daily hours" };
            let end = match parameters.end {
                Some(end) => view! { <When moment=end/> }.into_any(),
                None => "Somebody presses Finish".into_any(),
            };
            view! {
                <Fact label="Takes numbers until">{end}</Fact>
                <Fact label="Sends at">{hours}</Fact>
            }
            .into_any()
        }
        Mode::OnDemand => ().into_any(),
    };
    view! {
        <Panel title="Schedule">
            <Facts>
                <Fact label="Mode">{parameters.mode.label()}</Fact>
                <Fact label="Starts">{automatically}</Fact>
                {times}
                <Fact label="Segments a day at most">
                    {parameters.daily_limit.map_or_else(|| "No limit".to_owned(), |limit| grouped(limit.into()))}
                </Fact>
                <Fact label="Validity">
                    {parameters
                        .validity_minutes
                        .map_or_else(
                            || "As long as the carrier does by default".to_owned(),
                            |minutes| counted(minutes.into(), "minute", "minutes"),
                        )}
                </Fact>
                <Fact label="Created">{or_none(Some(view.created))}" by "{view.author}</Fact>
                <Fact label="Submitted">{or_none(view.submitted)}</Fact>
                <Fact label="First message">{or_none(view.started)}</Fact>
                <Fact label="Ended">{or_none(view.ended)}</Fact>
            </Facts>
            {(!days.is_empty())
                .then(|| {
                    view! {
                        <h3 class="mt-5 mb-2 text-sm font-medium">"Who is due when"</h3>
                        <PlanDays days/>
                    }
                })}
        </Panel>
    }
}

#[component]
fn Approval(view: CampaignView) -> impl IntoView {
    let version = view.version;
    let facts = match view.approval {
        Some(approval) => view! {
            <Fact label="Approved by">{approval.by}</Fact>
            <Fact label="Approved at"><When moment=approval.at/></Fact>
            <Fact label="Approved version">{approval.version}</Fact>
        }
        .into_any(),
        None => match view.decision {
            Some(decision) if !decision.approved => view! {
                <Fact label="Rejected by">{decision.by}</Fact>
                <Fact label="Rejected at"><When moment=decision.at/></Fact>
                <Fact label="Rejected version">{decision.version}</Fact>
                <Fact label="Note"><span class="whitespace-pre-wrap">{decision.note.unwrap_or_default()}</span></Fact>
            }
            .into_any(),
            Some(decision) => view! {
                <Fact label="Approval">
                    {format!("Void: version {} was approved by {} and changed afterwards.", decision.version, decision.by)}
                </Fact>
            }
            .into_any(),
            None => view! { <Fact label="Approval">"None yet"</Fact> }.into_any(),
        },
    };
    view! {
        <Panel title="Approval">
            <Facts>
                <Fact label="Present version">{version}</Fact>
                {facts}
            </Facts>
        </Panel>
    }
}

#[component]
fn Recipients(#[prop(optional_no_strip)] report: Option<IngestReport>, mode: Mode, href: String) -> impl IntoView {
    let rejected = |lines: u64| {
        let href = (lines > 0).then(|| href.clone());
        match href {
            None => view! { "0" }.into_any(),
            Some(href) => view! { <a class="link" href=href>{grouped(lines)}</a> }.into_any(),
        }
    };
    let report = report.map(|report| (report, rejected(report.suppressed), rejected(report.invalid)));
    let body = match report {
        Some((report, suppressed, invalid)) => view! {
            <Facts>
                <Fact label="Accepted">{grouped(report.accepted)}</Fact>
                <Fact label="Segments in all">{grouped(report.segments)}</Fact>
                <Fact label="Duplicate">{grouped(report.duplicate)}</Fact>
                <Fact label="Suppressed">{suppressed}</Fact>
                <Fact label="Invalid">{invalid}</Fact>
                <Fact label="Lines of the file">{grouped(report.lines)}</Fact>
            </Facts>
        }
        .into_any(),
        None if mode == Mode::Trigger => {
            view! { <p class="text-muted">"Numbers come by API, one by one."</p> }.into_any()
        }
        None => view! { <p class="text-muted">"None yet."</p> }.into_any(),
    };
    view! { <Panel title="Recipients">{body}</Panel> }
}
