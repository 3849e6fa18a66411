//! How much stands at each step of a way, as bars side by side.

use leptos::prelude::*;

use super::thousandths;
use crate::ui::number::grouped;

/// A step with what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarStep {
    pub label: &'static str,
    pub fill: &'static str,
    /// Where the number leads.
    pub href: String,
    pub count: u64,
}

/// One below the other, by one scale: `whole` is the longest bar.
#[component]
pub fn StepBars(#[prop(into)] steps: Signal<Vec<BarStep>>, #[prop(into)] whole: Signal<u64>) -> impl IntoView {
    view! {
        <dl class="flex flex-col gap-1.5">
            {move || {
                steps
                    .get()
                    .into_iter()
                    .map(|step| {
                        let length = if step.count == 0 { 0 } else { thousandths(step.count, whole.get()).max(8) };
                        let name = format!(" {}: show them", step.label.to_lowercase());
                        let number = if step.count == 0 {
                            view! { <span class="text-muted">"0"</span> }.into_any()
                        } else {
                            view! {
                                <a class="link link-hover font-semibold" href=step.href>
                                    {grouped(step.count)}
                                    <span class="sr-only">{name}</span>
                                </a>
                            }
                                .into_any()
                        };
                        view! {
                            <div class="grid grid-cols-[5.5rem_minmax(0,1fr)_auto] items-center gap-3 text-sm">
                                <dt>{step.label}</dt>
                                <dd class="order-last min-w-8 text-right tabular-nums">{number}</dd>
                                <dd aria-hidden="true">
                                    <svg class="h-3 w-full" viewBox="0 0 1000 10" preserveAspectRatio="none">
                                        <rect class="fill-base-200" width="1000" height="10"></rect>
                                        <rect class=step.fill width=length.to_string() height="10"></rect>
                                    </svg>
                                </dd>
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </dl>
    }
    .into_any()
}
