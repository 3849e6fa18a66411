//! The page of a step: which one, how far the others are, and what handing in means for one that the registry has.

use leptos::{either::EitherOf5, prelude::*};
use leptos_router::{
    components::Redirect,
    hooks::{use_params_map, use_query_map},
};

use super::{
    purpose::PurposeStep, replies::RepliesStep, review::ReviewStep, samples::SamplesStep, use_case::UseCaseStep,
};
use crate::{
    api::registry::{
        DeskView,
        campaigns::wizard::{DiscardTendlcEdit, REVIEW, TenDlcDraft, tendlc_draft},
    },
    error::AppError,
    pages::registry::campaigns::{Way, throughput::Throughput},
    ui::prelude::*,
};

/// What the steps are called.
const LABELS: [&str; 5] = ["Use case", "Purpose", "Messages", "Replies", "Review"];

/// One step of one 10DLC campaign.
#[component]
pub fn EditTenDlc() -> impl IntoView {
    let desk = DeskView::here();
    let slug = StoredValue::new(desk.slug);
    let params = use_params_map();
    let place = Memo::new(move |_| {
        params.with(|params| {
            let step = params.get_str("step").and_then(|step| step.parse::<u8>().ok());
            (params.get("id").unwrap_or_default(), step.unwrap_or_default())
        })
    });
    // Loaded again for each step: the one before has changed it.
    let loaded = Resource::new(
        move || place.get(),
        move |(id, step)| async move {
            if !(1..=REVIEW).contains(&step) {
                return Err(AppError::NotFound);
            }
            Ok((step, tendlc_draft(slug.get_value(), id).await?))
        },
    );
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the 10DLC campaign"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((step, draft)) => view! { <Opened slug=slug.get_value() step draft/> }.into_any(),
                    Err(AppError::Conflict { message }) => {
                        let id = place.with_untracked(|(id, _)| id.clone());
                        view! { <Barred slug=slug.get_value() id message/> }.into_any()
                    }
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// It is beyond editing.
#[component]
fn Barred(slug: String, id: String, message: String) -> impl IntoView {
    #[cfg(feature = "ssr")]
    AppError::conflict(message.clone()).set_status_of_page();
    view! {
        <Way/>
        <PageHeading title="This 10DLC campaign cannot be edited now"/>
        <Alert tone=Tone::Warning>{message}</Alert>
        <div>
            <LinkButton href=format!("/w/{slug}/registry/campaigns/{id}")>"Open the 10DLC campaign"</LinkButton>
        </div>
    }
}

/// The step, or the way to the first that is not complete.
#[component]
fn Opened(slug: String, step: u8, draft: TenDlcDraft) -> impl IntoView {
    let reached = draft.reached();
    let edit = format!("/w/{slug}/registry/campaigns/{}/edit", draft.id);
    if step > reached {
        return view! { <Redirect path=format!("{edit}/{reached}?skipped={step}")/> }.into_any();
    }
    let skipped = use_query_map().with_untracked(|query| query.get_str("skipped").is_some()) && step == reached;
    let gap = draft.flaws.first().filter(|_| skipped).map(|flaw| flaw.message.clone());
    let title = format!("{} for {}", draft.form.use_case.label(), draft.brand.display_name);
    let body = match step {
        1 => EitherOf5::A(view! { <UseCaseStep slug=slug.clone() draft=draft.clone()/> }),
        2 => EitherOf5::B(view! { <PurposeStep slug=slug.clone() draft=draft.clone()/> }),
        3 => EitherOf5::C(view! { <SamplesStep slug=slug.clone() draft=draft.clone()/> }),
        4 => EitherOf5::D(view! { <RepliesStep slug=slug.clone() draft=draft.clone()/> }),
        _ => EitherOf5::E(view! { <ReviewStep slug=slug.clone() draft=draft.clone()/> }),
    };
    let (allowance, score) = (draft.allowance, draft.brand.score);
    view! {
        <TenDlcWizardHead title step reached edit/>
        {gap.map(|message| view! { <Alert tone=Tone::Warning title="Complete this step first">{message}</Alert> })}
        {draft
            .refusal
            .clone()
            .map(|why| view! { <Alert tone=Tone::Danger title="The registry refused it">{crate::error::sentence(&why)}</Alert> })}
        {(!draft.answered)
            .then(|| {
                view! {
                    <Alert tone=Tone::Info title="The registry does not answer at the moment">
                        "What carriers demand of this brand besides is counted in when it is handed in."
                    </Alert>
                }
            })}
        <Registered slug draft/>
        <div class="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
            <div class="min-w-0">{body}</div>
            <Panel title="What may be sent">
                <Throughput allowance score/>
            </Panel>
        </div>
    }
    .into_any()
}

/// Where the person is. Without `edit` nothing is there yet, and no other step to go to.
#[component]
pub fn TenDlcWizardHead(
    #[prop(into)] title: String,
    step: u8,
    reached: u8,
    #[prop(optional, into)] edit: Option<String>,
) -> impl IntoView {
    let steps = (1..=REVIEW).zip(LABELS).map(|(number, label)| {
        let state = if number == step {
            StepState::Current
        } else if edit.is_none() || number > reached {
            StepState::Ahead
        } else if number == reached {
            StepState::Open
        } else {
            StepState::Done
        };
        let href = edit.as_ref().map(|edit| format!("{edit}/{number}")).unwrap_or_default();
        Step { label: label.to_owned(), href, state }
    });
    let lead = LABELS.get(usize::from(step).saturating_sub(1)).map(|label| format!("Step {step} of 5: {label}"));
    view! {
        <Way/>
        <PageHeading title lead=lead.unwrap_or_default()/>
        <Steps steps=steps.collect()/>
    }
}

/// What saving means for a 10DLC campaign that the registry has.
#[component]
fn Registered(slug: String, draft: TenDlcDraft) -> impl IntoView {
    let discard = ServerAction::<DiscardTendlcEdit>::new();
    draft.registered.then(|| {
        let text = if draft.rejected {
            "What you change is kept here until you hand it in at the last step. Then the registry is told, and the carriers that \
             rejected it look again."
        } else {
            "What you change is kept here until you hand it in at the last step. Use case, replies that are offered, terms and \
             carriers stay as they were registered."
        };
        view! {
            <Alert tone=Tone::Info title="The registry has this 10DLC campaign">
                <p>{text}</p>
                {draft
                    .edited
                    .then(|| {
                        view! {
                            <ActionForm action=discard attr:class="mt-2">
                                <Hidden name="slug" value=slug/>
                                <Hidden name="id" value=draft.id/>
                                <Button kind=ButtonKind::Secondary small=true busy=discard.pending()>"Discard what is changed"</Button>
                            </ActionForm>
                        }
                    })}
            </Alert>
        }
    })
}
