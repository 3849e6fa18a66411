//! The steps of a wizard.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    Done,
    Current,
    /// Can be opened, and is not complete yet.
    Open,
    /// Not yet reached: shown without a link.
    Ahead,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub label: String,
    pub href: String,
    pub state: StepState,
}

#[component]
pub fn Steps(steps: Vec<Step>) -> impl IntoView {
    let count = steps.len();
    let entries = steps
        .into_iter()
        .enumerate()
        .map(|(index, step)| {
            let number = index + 1;
            let said = match step.state {
                StepState::Done => ", done",
                StepState::Current => ", current",
                StepState::Open => ", to be completed",
                StepState::Ahead => "",
            };
            let mark = if step.state == StepState::Done { "✓".to_owned() } else { number.to_string() };
            let inner = view! {
                <span class="step-mark" aria-hidden="true">{mark}</span>
                <span class="sr-only">{format!("Step {number} of {count}: ")}</span>
                <span class="step-label">{step.label}</span>
                <span class="sr-only">{said}</span>
            };
            let class = match step.state {
                StepState::Done | StepState::Open => "step-item step-done",
                StepState::Current => "step-item step-current",
                StepState::Ahead => "step-item step-ahead",
            };
            let content = match step.state {
                StepState::Done | StepState::Open => {
                    view! { <a href=step.href class="step-link">{inner}</a> }.into_any()
                }
                StepState::Current => view! { <span class="step-link" aria-current="step">{inner}</span> }.into_any(),
                StepState::Ahead => view! { <span class="step-link">{inner}</span> }.into_any(),
            };
            view! { <li class=class>{content}</li> }
        })
        .collect_view();
    view! {
        <nav aria-label="Steps">
            <ol class="step-list">{entries}</ol>
        </nav>
    }
    .into_any()
}
