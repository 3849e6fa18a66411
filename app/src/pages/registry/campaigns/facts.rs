//! What is registered, or will be: every field of a 10DLC campaign. Texts stand as they were written.

use domain::tendlc::{TenDlcCampaign, campaign::Answer};
use leptos::prelude::*;

use crate::ui::{message::MessageText, prelude::*};

/// With `edit`, each part leads to the step in which it is changed.
#[component]
pub fn FormFacts(form: TenDlcCampaign, #[prop(optional_no_strip)] edit: Option<String>) -> impl IntoView {
    let TenDlcCampaign {
        use_case,
        sub_use_cases,
        description,
        message_flow,
        samples,
        opt_in,
        opt_out,
        help,
        embedded_link,
        embedded_link_sample,
        embedded_phone,
        number_pool,
        age_gated,
        direct_lending,
        privacy_policy_link,
        terms_and_conditions_link,
        ..
    } = form;
    let subs = sub_use_cases.iter().map(|one| one.label()).collect::<Vec<_>>().join(", ");
    let contents = [
        (embedded_link, "links"),
        (embedded_phone, "phone numbers"),
        (age_gated, "content for adults only"),
        (direct_lending, "loans"),
        (number_pool, "a number pool"),
    ];
    let contents =
        contents.into_iter().filter(|(there, _)| *there).map(|(_, what)| what).collect::<Vec<_>>().join(", ");
    let samples = samples
        .into_iter()
        .enumerate()
        .map(|(at, text)| {
            view! {
                <div>
                    <dt class="text-sm text-muted">{format!("Sample {}", at + 1)}</dt>
                    <dd><MessageText text/></dd>
                </div>
            }
        })
        .collect_view();
    let step = |step: u8, label: &'static str| {
        edit.as_ref().map(|edit| {
            let href = format!("{edit}/{step}");
            ViewFn::from(move || view! { <a class="link text-sm" href=href.clone()>"Change" <span class="sr-only">" " {label}</span></a> })
        })
    };
    view! {
        <Panel title="Purpose" aside=step(2, "the purpose").unwrap_or_default()>
            <div class="flex flex-col gap-4">
                <Facts>
                    <Fact label="Use case">{use_case.label()}</Fact>
                    {(!subs.is_empty()).then(|| view! { <Fact label="Sub use cases">{subs}</Fact> })}
                    <Fact label="Privacy policy"><Address text=privacy_policy_link/></Fact>
                    <Fact label="Terms and conditions"><Address text=terms_and_conditions_link/></Fact>
                </Facts>
                <Prose label="Description" text=description/>
                <Prose label="How people agree" text=message_flow/>
            </div>
        </Panel>
        <Panel title="Messages" aside=step(3, "the messages").unwrap_or_default()>
            <div class="flex flex-col gap-4">
                <Facts>
                    <Fact label="They contain">
                        {if contents.is_empty() { "Nothing of what has to be declared".to_owned() } else { contents }}
                    </Fact>
                    {(!embedded_link_sample.is_empty())
                        .then(|| view! { <Fact label="A link of them"><Address text=embedded_link_sample/></Fact> })}
                </Facts>
                <dl class="flex flex-col gap-3">{samples}</dl>
            </div>
        </Panel>
        <Panel title="Replies" aside=step(4, "the replies").unwrap_or_default()>
            <div class="grid gap-5 md:grid-cols-3">
                <Reply title="Opting in" answer=opt_in/>
                <Reply title="Opting out" answer=opt_out/>
                <Reply title="Help" answer=help/>
            </div>
        </Panel>
    }
}

#[component]
fn Prose(label: &'static str, text: String) -> impl IntoView {
    view! {
        <dl>
            <dt class="text-sm text-muted">{label}</dt>
            <dd class="max-w-prose whitespace-pre-wrap wrap-anywhere">{text}</dd>
        </dl>
    }
}

/// An address is shown and not followed: whoever wrote it is not us.
#[component]
fn Address(text: String) -> impl IntoView {
    if text.is_empty() {
        return view! { <span class="text-muted">"None"</span> }.into_any();
    }
    view! { <span class="wrap-anywhere">{text}</span> }.into_any()
}

#[component]
fn Reply(title: &'static str, answer: Answer) -> impl IntoView {
    let Answer { offered, keywords, message } = answer;
    let body = if offered {
        let keywords = if keywords.is_empty() { "No keywords".to_owned() } else { keywords.replace(',', ", ") };
        view! {
            <p class="font-mono text-sm wrap-anywhere">{keywords}</p>
            <MessageText text=message/>
        }
        .into_any()
    } else {
        view! { <p class="text-muted">"Not offered"</p> }.into_any()
    };
    view! {
        <div class="flex min-w-0 flex-col gap-2">
            <h3 class="font-medium">{title}</h3>
            {body}
        </div>
    }
}
