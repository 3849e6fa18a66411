//! What a workspace sends, and how the links are by which it does, for its admins. Figures are those of its own campaigns;
//! of a link, which others use as well, there is its state and no number.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Chart, Span};
use crate::{api::links::LinkHealth, error::AppError, state::moment::Moment};

/// Channels and failures are those of campaigns that were made in so many days, or are under way.
pub const WATCHED_DAYS: u32 = 7;

/// What is seen at a moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceMonitoringView {
    /// When the figures of the last minutes were looked at last; None: the server has just started.
    pub at: Option<Moment>,
    pub time_zone: String,
    pub waiting: u64,
    pub in_flight: u64,
    pub messages_per_s: f64,
    /// Over the last 24 hours, the one at hand among them.
    pub accepted: u64,
    pub delivered: u64,
    pub failed: u64,
    /// The last minutes.
    pub lately: Drawn,
    /// The last 24 hours.
    pub day: Drawn,
    /// Those that occur, most frequent first.
    pub failures: Vec<(FailureClass, u64)>,
    pub channels: Vec<UsedChannel>,
}

/// Charts over the same times, which are those of the workspace's zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    pub times: Vec<String>,
    pub charts: Vec<Chart>,
}

impl WorkspaceMonitoringView {
    /// A chart by its name in addresses, with its times; an empty one is the first.
    #[must_use]
    pub fn chart(&self, key: &str) -> Option<(&[String], &Chart)> {
        let all = [&self.lately, &self.day].into_iter();
        let mut all = all.flat_map(|drawn| drawn.charts.iter().map(|chart| (&*drawn.times, chart)));
        all.find(|(_, chart)| key.is_empty() || chart.key == key)
    }
}

/// Why messages did not arrive, for whoever has to do something about it; the detail is with each campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// Refused by the carrier for good.
    Refused,
    /// The carrier took no more at that rate.
    Throttled,
    /// The carrier could not take it, nor after some attempts.
    Unable,
    /// Accepted, and reported as not delivered.
    Undelivered,
    /// Not sent, on purpose.
    HeldBack,
    /// A part never went out.
    Incomplete,
}

impl FailureClass {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Refused => "Refused by the carrier",
            Self::Throttled => "Throttled by the carrier",
            Self::Unable => "The carrier could not take them",
            Self::Undelivered => "Accepted, not delivered",
            Self::HeldBack => "Held back",
            Self::Incomplete => "Not sent in full",
        }
    }

    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Refused => "For good, such as for a number or a sender name that the carrier does not take.",
            Self::Throttled => "They came faster than the carrier takes them, and the attempts were used up.",
            Self::Unable => "The carrier's system was full or failed, and the attempts were used up.",
            Self::Undelivered => "The carrier took them, and reported later that they did not arrive.",
            Self::HeldBack => "On the suppression list by then, or beyond what the policy of the channel allows.",
            Self::Incomplete => "A part of the message never went out, or its text could not be made.",
        }
    }
}

/// A link or a pool by which campaigns are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedChannel {
    pub name: String,
    pub is_pool: bool,
    pub campaigns: u64,
    /// One, or those of the pool; none where it is not set up any more.
    pub links: Vec<UsedLink>,
}

/// Without the reason of what is wrong: the session layer says it for operators, with the addresses of their machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedLink {
    pub name: String,
    pub health: LinkHealth,
    pub simulator: bool,
    /// Since when it has been in its state.
    pub since: Moment,
    /// The carrier throttles at the moment.
    pub throttled: bool,
}

/// The figures of now and of the time before.
#[server]
pub async fn workspace_monitoring(slug: String, span: Span) -> Result<WorkspaceMonitoringView, AppError> {
    let services = crate::api::context::services()?;
    let scope = crate::api::context::enter(&slug).await?;
    view(&services, &scope.grant()?, span).await
}

#[cfg(feature = "ssr")]
pub use self::look::{used, view};

#[cfg(feature = "ssr")]
mod look {
    use domain::{permission::kind::ViewMonitoring, schedule::Zone, smpp_status};
    use engine::{LinkStatus, UnderWay};
    use store::{
        Granted, Scope,
        journal::{Failure, HourCount},
        recipients::{ErrorKind, SendError},
    };

    use super::{
        super::draw::{points, rounded},
        *,
    };
    use crate::api::{context::Services, links::LinkView, monitoring::Line};

    const HOUR_MS: i64 = 3_600_000;
    const DAY_MS: i64 = 24 * HOUR_MS;

    pub async fn view(
        services: &Services,
        watch: &Granted<ViewMonitoring>,
        span: Span,
    ) -> Result<WorkspaceMonitoringView, AppError> {
        let now_ms = watch.now_ms();
        let hour = now_ms.div_euclid(HOUR_MS);
        let hours = store::monitoring::hours(watch, hour - 23, hour + 1).await?;
        let watched = store::monitoring::watched(watch, since_ms(now_ms)).await?;
        let zone = watch.zone().unwrap_or_else(Zone::utc);
        let times_ms: Vec<i64> = services
            .monitor
            .read(|samples| points(samples, span).into_iter().map(|(_, sample)| sample.at_ms).collect());
        let now = UnderWay::from(&*services.engine.workspace(watch.workspace_id()).borrow());
        let sum = |of: fn(&HourCount) -> u64| hours.iter().map(of).sum();
        Ok(WorkspaceMonitoringView {
            at: times_ms.last().map(|at_ms| Moment::of(watch, *at_ms)),
            time_zone: watch.workspace().time_zone.clone(),
            waiting: now.waiting,
            in_flight: now.in_flight,
            messages_per_s: rounded(now.messages_per_s),
            accepted: sum(|hour| hour.sent),
            delivered: sum(|hour| hour.delivered),
            failed: sum(|hour| hour.failed),
            lately: lately(&services.monitor.under_way(watch.workspace_id(), &times_ms), &times_ms, &zone),
            day: day(&hours, hour, &zone),
            failures: by_class(&watched.failures),
            channels: channels(services, watch, watched.channels),
        })
    }

    /// The links and pools by which the workspace's campaigns are sent.
    pub async fn used(services: &Services, watch: &Granted<ViewMonitoring>) -> Result<Vec<UsedChannel>, AppError> {
        let watched = store::monitoring::watched(watch, since_ms(watch.now_ms())).await?;
        Ok(channels(services, watch, watched.channels))
    }

    fn since_ms(now_ms: i64) -> i64 {
        now_ms - i64::from(WATCHED_DAYS) * DAY_MS
    }

    fn lately(under_way: &[UnderWay], times_ms: &[i64], zone: &Zone) -> Drawn {
        let line = |label: &str, of: fn(&UnderWay) -> f64| Line {
            label: label.to_owned(),
            values: under_way.iter().map(|point| Some(rounded(of(point)))).collect(),
        };
        let rate = line("Answered by the carrier", |point| point.messages_per_s);
        // Counts, and far below 2^53.
        let waiting = line("Waiting", |point| point.waiting as f64);
        let in_flight = line("In flight", |point| point.in_flight as f64);
        Drawn {
            times: times_ms.iter().map(|at_ms| clock(&zone.format_exact(*at_ms), 8)).collect(),
            charts: vec![
                chart("rate", "Messages", "a second", vec![rate]),
                chart("queue", "Recipients", "at the moment", vec![waiting, in_flight]),
            ],
        }
    }

    fn day(hours: &[HourCount], last: i64, zone: &Zone) -> Drawn {
        let all: Vec<HourCount> = (last - 23..=last)
            .map(|hour| hours.iter().find(|count| count.hour == hour).copied().unwrap_or_default())
            .collect();
        let line = |label: &str, of: fn(&HourCount) -> u64| Line {
            label: label.to_owned(),
            values: all.iter().map(|hour| Some(of(hour) as f64)).collect(),
        };
        let messages = vec![
            line("Accepted", |hour| hour.sent),
            line("Delivered", |hour| hour.delivered),
            line("Failed", |hour| hour.failed),
        ];
        let segments = vec![line("Accepted", |hour| hour.segments)];
        Drawn {
            times: (last - 23..=last).map(|hour| clock(&zone.format_exact(hour * HOUR_MS), 5)).collect(),
            charts: vec![
                chart("messages", "Messages", "an hour", messages),
                chart("segments", "Segments", "an hour", segments),
            ],
        }
    }

    fn chart(key: &str, title: &str, unit: &str, lines: Vec<Line>) -> Chart {
        Chart { key: key.to_owned(), title: title.to_owned(), unit: unit.to_owned(), lines }
    }

    /// `17:45:12` of `2026-11-20 17:45:12.345 +01:00`, or as much of it.
    fn clock(exact: &str, length: usize) -> String {
        exact.split(' ').nth(1).map(|time| time.chars().take(length).collect()).unwrap_or_default()
    }

    fn by_class(failures: &[Failure]) -> Vec<(FailureClass, u64)> {
        let mut classes: Vec<(FailureClass, u64)> = Vec::new();
        for failure in failures {
            let class = FailureClass::of(failure.reason);
            match classes.iter_mut().find(|(known, _)| *known == class) {
                Some((_, count)) => *count += failure.recipients,
                None => classes.push((class, failure.recipients)),
            }
        }
        classes.retain(|(_, count)| *count > 0);
        classes.sort_by_key(|(class, count)| (std::cmp::Reverse(*count), *class));
        classes
    }

    impl FailureClass {
        fn of(reason: Option<SendError>) -> Self {
            use smpp_status::Class;

            let Some(SendError { kind, code }) = reason else { return Self::Incomplete };
            match kind {
                ErrorKind::Withheld => Self::HeldBack,
                ErrorKind::CarrierCode | ErrorKind::MessageState => Self::Undelivered,
                ErrorKind::CommandStatus => match smpp_status::class(code) {
                    Class::Throttled => Self::Throttled,
                    Class::Temporary | Class::Session | Class::Link => Self::Unable,
                    Class::Permanent | Class::Success => Self::Refused,
                },
            }
        }
    }

    fn channels(services: &Services, scope: &Scope, used: impl IntoIterator<Item = (String, u64)>) -> Vec<UsedChannel> {
        let (links, channels) = (services.engine.links(), services.engine.channels());
        let used = used.into_iter().map(|(id, campaigns)| {
            let direct = links.iter().find(|link| link.id.as_str() == id);
            let pool = channels.iter().find(|channel| channel.id.as_str() == id && !channel.members.is_empty());
            let members = pool.into_iter().flat_map(|pool| &pool.members);
            let members = members.filter_map(|member| links.iter().find(|link| link.id == *member));
            UsedChannel {
                name: direct.or(pool).map_or_else(|| id.clone(), |channel| channel.name.clone()),
                is_pool: direct.is_none() && pool.is_some(),
                campaigns,
                links: direct.into_iter().chain(members).map(|link| UsedLink::of(scope, link)).collect(),
            }
        });
        used.collect()
    }

    impl UsedLink {
        fn of(scope: &Scope, link: &LinkStatus) -> Self {
            let LinkView { name, health, simulator, .. } = LinkView::of(scope, link);
            Self { name, health, simulator, since: Moment::of(scope, link.since_ms), throttled: link.is_throttled }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_day_has_24_hours_that_end_with_the_one_at_hand() {
            let zone = Zone::parse("Europe/Vienna").unwrap();
            let busy = HourCount { hour: 490_000, sent: 5, failed: 1, segments: 9, delivered: 4 };
            let drawn = day(&[busy], 490_001, &zone);
            assert_eq!(drawn.times.len(), 24);
            let last = |key: &str, line: usize| {
                let chart = drawn.charts.iter().find(|chart| chart.key == key).unwrap();
                chart.lines[line].values[22..].to_vec()
            };
            assert_eq!(last("messages", 0), [Some(5.0), Some(0.0)]);
            assert_eq!(last("messages", 1), [Some(4.0), Some(0.0)]);
            assert_eq!(last("messages", 2), [Some(1.0), Some(0.0)]);
            assert_eq!(last("segments", 0), [Some(9.0), Some(0.0)]);
            assert_eq!(drawn.times[23], clock(&zone.format_exact(490_001 * HOUR_MS), 5));
        }

        #[test]
        fn reasons_are_summed_by_what_can_be_done_about_them() {
            let failure = |kind, code, recipients| Failure { reason: Some(SendError { kind, code }), recipients };
            let failures = [
                failure(ErrorKind::CommandStatus, 0x0B, 3),
                failure(ErrorKind::CommandStatus, 0x0A, 2),
                failure(ErrorKind::CommandStatus, 0x58, 1),
                failure(ErrorKind::CarrierCode, 7, 4),
                failure(ErrorKind::MessageState, 5, 4),
                Failure { reason: None, recipients: 0 },
            ];
            let expected = [(FailureClass::Undelivered, 8), (FailureClass::Refused, 5), (FailureClass::Throttled, 1)];
            assert_eq!(by_class(&failures), expected);
        }
    }
}
