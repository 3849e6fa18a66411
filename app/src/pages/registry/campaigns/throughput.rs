//! How much may be sent, in words.

use domain::tendlc::throughput::Allowance;
use leptos::prelude::*;

use crate::{api::registry::campaigns::TodayView, ui::prelude::*};

fn segments(count: u32) -> String {
    counted(count.into(), "segment", "segments")
}

/// A rate as people imagine it.
fn a_second(per_minute: u32) -> String {
    match per_minute {
        0..60 => "less than one a second".to_owned(),
        _ => format!("about {} a second", grouped(u64::from(per_minute) / 60)),
    }
}

/// How much of the caps of the day is used.
#[component]
pub fn Today(allowance: Allowance, today: TodayView) -> impl IntoView {
    let bar = |label: &'static str, used: u32, most: u32| {
        let said = format!("{label}: {} of {}", grouped(used.into()), segments(most));
        view! { <ProgressBar label=said value=Signal::stored(u64::from(used)) max=Signal::stored(u64::from(most))/> }
    };
    view! {
        <div class="mb-4 flex flex-col gap-3">
            {bar("All of the brand today", today.brand_segments, allowance.brand_segments_per_day)}
            {match allowance.campaign_segments_per_day {
                Some(most) => bar("This 10DLC campaign today", today.campaign_segments, most).into_any(),
                None => {
                    view! {
                        <p class="text-sm">"This 10DLC campaign today: " {segments(today.campaign_segments)} "."</p>
                    }
                        .into_any()
                }
            }}
            <p class="text-sm text-muted">"The day of carriers ends " <When moment=today.ends/> "."</p>
        </div>
    }
}

/// What carriers let through. `score` None: the brand has none.
#[component]
pub fn Throughput(allowance: Allowance, #[prop(optional_no_strip)] score: Option<u8>) -> impl IntoView {
    let Allowance {
        campaign_segments_per_minute,
        brand_segments_per_day,
        campaign_segments_per_day,
        brand_segments_per_minute,
    } = allowance;
    let why = match score {
        Some(score) => {
            format!("By the brand's score of {score}. A higher one lets more through: staff can order a vetting.")
        }
        None => {
            "The brand has no score yet. A vetting gives it one, and lets more through: staff can order it.".to_owned()
        }
    };
    view! {
        <div class="flex flex-col gap-4">
            <Facts>
                <Fact label="This 10DLC campaign, a minute">
                    {segments(campaign_segments_per_minute)} " (" {a_second(campaign_segments_per_minute)} ")"
                </Fact>
                <Fact label="All of the brand, a day">{segments(brand_segments_per_day)}</Fact>
                {campaign_segments_per_day
                    .map(|most| view! { <Fact label="This 10DLC campaign, a day">{segments(most)}</Fact> })}
                {brand_segments_per_minute.map(|most| view! { <Fact label="All of the brand, a minute">{segments(most)}</Fact> })}
            </Facts>
            <p class="text-sm text-muted">
                {why}
                " Who carries a recipient's number is not known, so the strictest carrier counts. What is over the cap of a day waits: the \
                day begins at midnight Pacific time."
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_said_as_people_imagine_them() {
        for (per_minute, said) in
            [(59, "less than one a second"), (60, "about 1 a second"), (4_500, "about 75 a second")]
        {
            assert_eq!(a_second(per_minute), said);
        }
    }
}
