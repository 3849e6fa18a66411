//! What is said while somebody types: how long a text is, and what is wrong with it by the rules.

use std::{ops::RangeInclusive, sync::Arc};

use domain::tendlc::{
    Rule, TenDlcCampaign,
    limits::{Limits, limits},
    use_case::Requirements,
};
use leptos::prelude::*;

use crate::{
    api::registry::campaigns::wizard::{BrandKnown, TenDlcDraft},
    error::{AppError, sentence},
    ui::prelude::*,
};

/// What the rules have to know.
#[derive(Clone)]
pub struct Rules {
    pub brand: Arc<BrandKnown>,
    pub needs: Arc<Requirements>,
    pub limits: Arc<Limits>,
    pub form: Arc<TenDlcCampaign>,
}

impl Rules {
    pub fn of(draft: &TenDlcDraft) -> Self {
        Self {
            brand: Arc::new(draft.brand.clone()),
            needs: Arc::new(draft.needs.clone()),
            limits: Arc::new(limits(draft.connector)),
            form: Arc::new(draft.form.clone()),
        }
    }
}

/// What was wrong with which field of a form.
pub fn wrong_with(refused: Signal<Option<AppError>>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || refused.get().and_then(|error| error.field_error(field)))
}

fn count(text: &str) -> usize {
    text.trim().chars().count()
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// How much of what a field takes is used: `12 of 4,096 characters; at least 40`.
pub fn used(has: usize, length: &RangeInclusive<usize>) -> String {
    let most = format!("{} of {} characters", grouped(number(has)), grouped(number(*length.end())));
    let least = grouped(number(*length.start()));
    match has {
        has if has < *length.start() => format!("{most}; at least {least}"),
        has if has > *length.end() => format!("{most}: shorten it by {}", grouped(number(has - length.end()))),
        _ => most,
    }
}

/// Below a text: how long it is. The server writes the first count.
#[component]
pub fn Length(text: RwSignal<String>, length: RangeInclusive<usize>) -> impl IntoView {
    let over = length.clone();
    let too_long = Memo::new(move |_| text.with(|text| count(text) > *over.end()));
    let said = Memo::new(move |_| text.with(|text| used(count(text), &length)));
    view! {
        <p class="text-sm text-muted tabular-nums">{move || said.get()}</p>
        // Read out when it comes to be, and not with each letter.
        <p role="status" class="field-error empty:hidden">
            {move || too_long.get().then_some("This is longer than the registry takes.")}
        </p>
    }
}

/// What is wrong with a text, and what carriers often miss in it; nothing while it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub wrong: Vec<String>,
    pub hints: Vec<String>,
}

pub fn sentences(rules: impl IntoIterator<Item = Rule>) -> Vec<String> {
    rules.into_iter().map(|rule| sentence(&rule.to_string())).collect()
}

/// Follows a text while somebody types.
#[component]
pub fn Findings(said: Memo<Said>) -> impl IntoView {
    let lines = |lines: Vec<String>, class: &'static str| {
        lines.into_iter().map(|line| view! { <li class=class>{line}</li> }).collect_view()
    };
    view! {
        <div role="status">
            <ul class="flex flex-col gap-1 text-sm empty:hidden">
                {move || lines(said.with(|said| said.wrong.clone()), "field-error")}
                {move || lines(said.with(|said| said.hints.clone()), "text-muted")}
            </ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_much_of_a_field_is_used() {
        assert_eq!(used(0, &(40..=4_096)), "0 of 4,096 characters; at least 40");
        assert_eq!(used(40, &(40..=4_096)), "40 of 4,096 characters");
        assert_eq!(used(5_000, &(40..=4_096)), "5,000 of 4,096 characters: shorten it by 904");
    }
}
