//! The page of a step: which one, how far the others are, and what an edit means once a campaign is submitted.

use domain::campaign::Mode;
use leptos::{either::EitherOf5, prelude::*};
use leptos_router::{
    components::Redirect,
    hooks::{use_params_map, use_query_map},
};

use super::{
    message::MessageStep,
    mode::ModeStep,
    recipients::{LoadedRecipients, RecipientsStep},
    review::ReviewStep,
    smpp::SmppStep,
};
use crate::{
    api::{
        campaigns::origin::CopyOfView,
        recipients::recipients,
        wizard::{WizardDraft, load_draft},
    },
    error::AppError,
    pages::layout::use_workspace,
    state::query::named,
    ui::prelude::*,
};

/// What the steps are called.
const LABELS: [&str; 5] = ["Mode", "Message", "SMPP values", "Recipients", "Review"];

/// One step of one campaign.
#[component]
pub fn EditCampaign() -> impl IntoView {
    let slug = use_workspace().slug;
    let params = use_params_map();
    let place = Memo::new(move |_| {
        params.with(|params| {
            let step = params.get_str("step").and_then(|step| step.parse::<u8>().ok());
            (params.get("id").unwrap_or_default(), step.unwrap_or_default())
        })
    });
    let owned = slug.clone();
    // Loaded again for each step: the one before has changed it.
    let loaded = Resource::new(
        move || place.get(),
        move |(id, step)| {
            let slug = owned.clone();
            async move {
                if !(1..=5).contains(&step) {
                    return Err(AppError::NotFound);
                }
                Ok((step, load_draft(slug, id).await?))
            }
        },
    );
    let owned = slug.clone();
    let uploaded: LoadedRecipients = Resource::new(
        move || place.get(),
        move |(id, step)| {
            let slug = owned.clone();
            async move { if step == 4 { recipients(slug, id).await.map(Some) } else { Ok(None) } }
        },
    );
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the campaign"/> }>
            {move || {
                let slug = slug.clone();
                Suspend::new(async move {
                    match loaded.await {
                        Ok((step, draft)) => view! { <Opened slug step draft uploaded/> }.into_any(),
                        Err(AppError::Conflict { message }) => {
                            let id = place.with_untracked(|(id, _)| id.clone());
                            view! { <Barred slug id message/> }.into_any()
                        }
                        Err(error) => view! { <ErrorView error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}

/// The campaign is beyond editing.
#[component]
fn Barred(slug: String, id: String, message: String) -> impl IntoView {
    #[cfg(feature = "ssr")]
    AppError::conflict(message.clone()).set_status_of_page();
    view! {
        <PageHeading title="This campaign cannot be edited now"/>
        <Alert tone=Tone::Warning>{message}</Alert>
        <div>
            <LinkButton href=format!("/w/{slug}/campaigns/{id}")>"Open the campaign"</LinkButton>
        </div>
    }
}

/// The step, or the way to the first that is not complete.
#[component]
fn Opened(slug: String, step: u8, draft: WizardDraft, uploaded: LoadedRecipients) -> impl IntoView {
    let reached = draft.reached();
    if step > reached {
        let path = format!("/w/{slug}/campaigns/{}/edit/{reached}?skipped={step}", draft.id);
        return view! { <Redirect path/> }.into_any();
    }
    if step == 4 && draft.mode == Mode::Trigger {
        let path = format!("/w/{slug}/campaigns/{}/edit/5", draft.id);
        return view! { <Redirect path/> }.into_any();
    }
    let query = use_query_map();
    let skipped = query.with_untracked(|query| query.get_str("skipped").is_some()) && step == reached;
    let gap = draft.gap.clone().filter(|_| skipped).map(|gap| gap.message);
    // The mode that step 1 of a submitted campaign has chosen; it is saved with step 2.
    let mode = query.with_untracked(|query| query.get_str("mode").and_then(named::<Mode>)).unwrap_or(draft.mode);
    let edit = format!("/w/{slug}/campaigns/{}/edit", draft.id);
    let title = match (draft.name.is_empty(), draft.is_draft) {
        (true, _) => "New campaign".to_owned(),
        (false, true) => draft.name.clone(),
        (false, false) => format!("Edit {}", draft.name),
    };
    let body = match step {
        1 => EitherOf5::A(view! { <ModeStep slug draft=draft.clone()/> }),
        2 => EitherOf5::B(view! { <MessageStep slug mode draft=draft.clone()/> }),
        3 => EitherOf5::C(view! { <SmppStep slug draft=draft.clone()/> }),
        4 => EitherOf5::D(view! { <RecipientsStep slug id=draft.id.clone() view=uploaded/> }),
        _ => EitherOf5::E(view! { <ReviewStep slug draft=draft.clone()/> }),
    };
    view! {
        <WizardHead title step reached edit by_api=mode == Mode::Trigger/>
        {gap
            .map(|message| {
                view! { <Alert tone=Tone::Warning title="Complete this step first">{message}</Alert> }
            })}
        <Origin origin=draft.copy_of.clone() is_draft=draft.is_draft/>
        <Resubmission draft/>
        {body}
    }
    .into_any()
}

/// Where the person is. Without `edit` there is no campaign yet, and no other step to go to.
#[component]
pub fn WizardHead(
    #[prop(into)] title: String,
    step: u8,
    reached: u8,
    #[prop(optional, into)] edit: Option<String>,
    /// Its recipients come later: there is no step 4.
    #[prop(optional)]
    by_api: bool,
) -> impl IntoView {
    let workspace = use_workspace();
    let steps = (1..=5_u8)
        .zip(LABELS)
        .map(|(number, label)| {
            let state = if number == step {
                StepState::Current
            } else if edit.is_none() || number > reached || by_api && number == 4 {
                StepState::Ahead
            } else if number == reached {
                StepState::Open
            } else {
                StepState::Done
            };
            let href = edit.as_ref().map(|edit| format!("{edit}/{number}")).unwrap_or_default();
            let label = if by_api && number == 4 { "Recipients by API" } else { label };
            Step { label: label.to_owned(), href, state }
        })
        .collect();
    let lead = LABELS.get(usize::from(step) - 1).map(|label| format!("Step {step} of 5: {label}"));
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Campaigns", workspace.path("/campaigns"))]/>
        <PageHeading title lead=lead.unwrap_or_default()/>
        <Steps steps/>
    }
}

/// Of what a draft is the copy, and what it could not take over.
#[component]
fn Origin(#[prop(optional_no_strip)] origin: Option<CopyOfView>, is_draft: bool) -> impl IntoView {
    origin.filter(|_| is_draft).map(|origin| {
        let name = origin.name;
        let original = match origin.href {
            Some(href) => view! { <a class="link" href=href>{name}</a> }.into_any(),
            None => view! { {format!("“{name}” of another workspace")} }.into_any(),
        };
        let left_out = origin.left_out;
        let tone = if left_out.is_empty() { Tone::Info } else { Tone::Warning };
        view! {
            <Alert tone title="This draft is a copy">
                <p>"Of " {original} "."</p>
                {(!left_out.is_empty())
                    .then(|| {
                        view! {
                            <ul class="mt-1 list-disc pl-5">
                                {left_out.into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view()}
                            </ul>
                        }
                    })}
            </Alert>
        }
    })
}

/// What saving means for a campaign that moderators have already.
#[component]
fn Resubmission(draft: WizardDraft) -> impl IntoView {
    (!draft.is_draft).then(|| {
        let title = format!("This campaign is submitted, as version {}", draft.version);
        let text = if draft.approved {
            "It is approved. Any change makes a new version, which has to be approved again."
        } else {
            "Any change makes a new version, and moderators decide on that one."
        };
        view! { <Alert tone=Tone::Info title>{text}</Alert> }
    })
}
