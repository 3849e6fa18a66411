//! A moment as people of a workspace read it.

use serde::{Deserialize, Serialize};

/// Formatted on the server, which knows the zones; `ui::when` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// In the workspace's zone, with its offset.
    pub local: String,
    /// RFC 3339, in UTC.
    pub utc: String,
}

#[cfg(feature = "ssr")]
impl Moment {
    /// To the minute: `2026-11-20 17:45 +01:00`.
    #[must_use]
    pub fn of(scope: &store::Scope, at_ms: i64) -> Self {
        Self::new(scope, at_ms, domain::schedule::Zone::format)
    }

    /// To the minute, for whoever reads the workspace's 10DLC.
    #[must_use]
    pub fn at_desk(desk: &store::tendlc::Desk, at_ms: i64) -> Self {
        Self::in_zone(&desk.workspace().time_zone, at_ms)
    }

    /// To the millisecond, for the audit log.
    #[must_use]
    pub fn exact_in(zone: Option<&domain::schedule::Zone>, at_ms: i64) -> Self {
        Self::read(zone.cloned(), at_ms, domain::schedule::Zone::format_exact)
    }

    /// To the minute, in a zone by its name: where nobody is in a workspace.
    #[must_use]
    pub fn in_zone(zone: &str, at_ms: i64) -> Self {
        Self::read(domain::schedule::Zone::parse(zone).ok(), at_ms, domain::schedule::Zone::format)
    }

    /// To the minute: for pages that belong to no workspace.
    #[must_use]
    pub fn in_utc(at_ms: i64) -> Self {
        Self::in_zone("UTC", at_ms)
    }

    fn new(scope: &store::Scope, at_ms: i64, format: impl Fn(&domain::schedule::Zone, i64) -> String) -> Self {
        Self::read(scope.zone(), at_ms, format)
    }

    fn read(
        zone: Option<domain::schedule::Zone>,
        at_ms: i64,
        format: impl Fn(&domain::schedule::Zone, i64) -> String,
    ) -> Self {
        let utc = domain::schedule::Zone::parse("UTC")
            .map(|zone| format!("{}Z", zone.format_exact(at_ms).trim_end_matches(" +00:00").replace(' ', "T")))
            .unwrap_or_default();
        let local = zone.map_or_else(|| utc.clone(), |zone| format(&zone, at_ms));
        Self { local, utc }
    }
}
