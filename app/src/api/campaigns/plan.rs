//! The plan of a Spread campaign as people read it: how many on which day.

use serde::{Deserialize, Serialize};

/// A day of the workspace's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDay {
    /// `2026-11-20`.
    pub day: String,
    /// From the first to the last minute of that day in which somebody is due, `09:00–17:00`.
    pub hours: String,
    pub recipients: u64,
}

/// As the plan would be made now; empty for other modes, and while something is missing for it.
#[cfg(feature = "ssr")]
#[must_use]
pub fn days(scope: &store::Scope, campaign: &domain::campaign::Campaign) -> Vec<PlanDay> {
    use domain::{campaign::Mode, spread::Plan};

    let parameters = &campaign.parameters;
    let window = parameters.start_at_ms.zip(parameters.end_at_ms).filter(|_| parameters.mode == Mode::Spread);
    let accepted = campaign.report.and_then(|report| u32::try_from(report.accepted).ok());
    let (Some((start, end)), Some(recipients), Some(zone)) = (window, accepted, scope.zone()) else {
        return Vec::new();
    };
    let plan = Plan::new(start..end, scope.workspace().daily_window.as_ref(), &zone, recipients);
    plan.map(|plan| plan_days(&plan, &zone)).unwrap_or_default()
}

/// The plan that the campaign goes by since it was started; before that, as it would be made now.
#[cfg(feature = "ssr")]
pub async fn fixed_days(
    scope: &store::Scope,
    campaign: &domain::campaign::Campaign,
) -> Result<Vec<PlanDay>, store::Error> {
    if campaign.parameters.mode != domain::campaign::Mode::Spread {
        return Ok(Vec::new());
    }
    let fixed = store::recipients::spread(scope, campaign.id).await?;
    Ok(match fixed.zip(scope.zone()) {
        Some((fixed, zone)) => plan_days(&fixed.plan, &zone),
        None => days(scope, campaign),
    })
}

/// A line per day; an open stretch over midnight is divided by its length.
#[cfg(feature = "ssr")]
#[must_use]
pub fn plan_days(plan: &domain::spread::Plan, zone: &domain::schedule::Zone) -> Vec<PlanDay> {
    let mut days: Vec<PlanDay> = Vec::new();
    let mut planned = 0;
    let Some(window) = plan.window() else { return days };
    let mut at_ms = window.start;
    while at_ms < window.end {
        let day = zone.day(at_ms);
        let end_ms = day.end.min(window.end);
        // Due before the end of the day: those that are due at its last millisecond.
        let due = plan.due_by(end_ms - 1);
        let open: Vec<_> = (plan.slots.iter())
            .map(|slot| slot.from_ms.max(at_ms)..slot.to_ms.min(end_ms))
            .filter(|open| open.start < open.end)
            .collect();
        if let (Some(first), Some(last)) = (open.first(), open.last()) {
            let local = |at_ms: i64| zone.local(at_ms);
            let clock = |local: &str| local.split('T').nth(1).unwrap_or_default().to_owned();
            let from = local(first.start);
            let to = if last.end == day.end { "24:00".to_owned() } else { clock(&local(last.end)) };
            days.push(PlanDay {
                day: from.split('T').next().unwrap_or_default().to_owned(),
                hours: format!("{}–{to}", clock(&from)),
                recipients: u64::from(due - planned),
            });
        }
        planned = due;
        at_ms = day.end;
    }
    days
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use domain::{
        schedule::{Zone, resolve},
        spread::Plan,
        week::Week,
    };

    use super::*;

    fn days(from: &str, to: &str, week: Option<Week>, recipients: u32) -> Vec<(String, String, u64)> {
        let zone = Zone::parse("Europe/Vienna").unwrap();
        let window = resolve(from, &zone).unwrap().at_ms..resolve(to, &zone).unwrap().at_ms;
        let plan = Plan::new(window, week.as_ref(), &zone, recipients).unwrap();
        plan_days(&plan, &zone).into_iter().map(|day| (day.day, day.hours, day.recipients)).collect()
    }

    #[test]
    fn each_day_has_its_hours_and_its_share() {
        let mut week = Week::daily(9 * 60, 17 * 60);
        week.0[6] = None;
        // A Saturday, a Sunday and a Monday.
        assert_eq!(
            days("2026-11-21T13:00", "2026-11-23T11:00", Some(week), 600),
            [("2026-11-21".into(), "13:00–17:00".into(), 400), ("2026-11-23".into(), "09:00–11:00".into(), 200),]
        );
    }

    #[test]
    fn a_window_over_midnight_is_two_days() {
        let days = days("2026-11-21T22:00", "2026-11-22T02:00", None, 1_001);
        assert_eq!(days.iter().map(|day| day.2).sum::<u64>(), 1_001);
        assert_eq!((days[0].1.as_str(), days[1].1.as_str()), ("22:00–24:00", "00:00–02:00"));
        assert!(days[0].2.abs_diff(days[1].2) <= 1, "{days:?}");
    }
}
