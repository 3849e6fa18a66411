//! What was found, area by area, after a word about the whole.

use leptos::prelude::*;

use crate::{
    api::diagnostics::{DiagnosticsView, Finding, Verdict},
    ui::prelude::*,
};

#[component]
pub fn Findings(view: DiagnosticsView) -> impl IntoView {
    let DiagnosticsView { at, version, findings } = view;
    let count = |verdict: Verdict| findings.iter().filter(|finding| finding.verdict == verdict).count() as u64;
    let (faults, warnings) = (count(Verdict::Fault), count(Verdict::Warning));
    let (tone, title) = match (faults, warnings) {
        (0, 0) => (Tone::Success, "Everything is in order".to_owned()),
        (0, warnings) => (Tone::Warning, counted(warnings, "thing needs attention", "things need attention")),
        (faults, _) => (Tone::Danger, counted(faults, "thing does not work", "things do not work")),
    };
    let pressing: Vec<Finding> =
        findings.iter().filter(|finding| finding.verdict >= Verdict::Warning).cloned().collect();
    let mut areas: Vec<(String, Vec<Finding>)> = Vec::new();
    for finding in findings {
        match areas.last_mut().filter(|last| last.0 == finding.area) {
            Some((_, of_area)) => of_area.push(finding),
            None => areas.push((finding.area.clone(), vec![finding])),
        }
    }
    view! {
        <Alert tone title>
            <p>"Looked at " <When moment=at/> ", Message Center " {version} "."</p>
            {(!pressing.is_empty())
                .then(|| {
                    view! {
                        <ul class="mt-2 list-disc pl-5 break-words">
                            {pressing
                                .into_iter()
                                .map(|finding| view! { <li>{finding.area} ", " {finding.what} ": " {finding.found} "."</li> })
                                .collect_view()}
                        </ul>
                    }
                })}
        </Alert>
        {areas.into_iter().map(|(area, findings)| view! { <Area area findings/> }).collect_view()}
    }
}

#[component]
fn Area(area: String, findings: Vec<Finding>) -> impl IntoView {
    let rows = findings
        .into_iter()
        .map(|finding| {
            let tone = match finding.verdict {
                Verdict::Good => Tone::Success,
                Verdict::Note => Tone::Info,
                Verdict::Warning => Tone::Warning,
                Verdict::Fault => Tone::Danger,
            };
            view! {
                <li class="grid gap-x-4 gap-y-1 border-t border-base-300 py-3 first:border-t-0 sm:grid-cols-[5.5rem_minmax(0,1fr)]">
                    <div><Badge tone text=finding.verdict.label()/></div>
                    <div class="min-w-0 break-words">
                        <p><span class="font-medium">{finding.what}</span> ": " {finding.found}</p>
                        {finding.advice.map(|advice| view! { <p class="mt-0.5 text-sm text-muted">{advice}</p> })}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel title=area>
            <ul class="-my-3">{rows}</ul>
        </Panel>
    }
}
