//! When and how much a workspace sends: its daily hours and messages a day, and what super admins allow it.

use domain::{permission::kind, week::Week, workspace::Workspace};
use surrealdb::types::Variables;

use super::settings::{check_seen, event, write};
use crate::{
    Error, Granted, Scope,
    db::{corrupt, key},
};

/// What takes place on disk for a workspace's recipients.
const STORED: [&str; 6] =
    ["recipients", "recipient_states", "recipient_counts", "recipient_filters", "spread_recipients", "spread_filters"];

/// What admins choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendingHours {
    /// None: at any time.
    pub daily_window: Option<Week>,
    /// None: no limit.
    pub messages_per_day_max: Option<u64>,
}

/// What super admins allow; None: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    pub segments_per_s_max: Option<u32>,
    pub storage_max_mib: Option<u64>,
}

/// Changes the hours in which messages go out and how many a day, as the admin saw them in `seen_revision`. What is being
/// sent follows within a second; the plan of a Spread campaign stays as it was made, and waits while it is closed.
pub async fn set_sending_hours(
    scope: &Granted<kind::ManageWorkspace>,
    seen_revision: u64,
    hours: &SendingHours,
) -> Result<Workspace, Error> {
    let before = scope.workspace();
    check_seen(before, seen_revision)?;
    if let Some(week) = &hours.daily_window {
        week.check().map_err(|refusal| Error::invalid("daily_window", refusal.to_string()))?;
    }
    if hours.messages_per_day_max == Some(0) {
        let message = "with a limit of 0 nothing would go out; leave it empty for no limit";
        return Err(Error::invalid("messages_per_day_max", message));
    }
    let after = Workspace {
        daily_window: hours.daily_window,
        messages_per_day_max: hours.messages_per_day_max,
        ..before.clone()
    };
    if after == *before {
        return Ok(after);
    }
    let event = event(scope, "workspace.sending_hours_changed")
        .change("daily_window", Some(words(before.daily_window)), Some(words(after.daily_window)))
        .change("messages_per_day_max", before.messages_per_day_max, after.messages_per_day_max);
    write(scope, after, event, |_, _| {}).await
}

/// Changes what the workspace may use, as the super admin saw it in `seen_revision`.
pub async fn set_caps(
    scope: &Granted<kind::ManageInstallation>,
    seen_revision: u64,
    caps: Caps,
) -> Result<Workspace, Error> {
    let before = scope.workspace();
    check_seen(before, seen_revision)?;
    if caps.segments_per_s_max == Some(0) {
        let message = "with a limit of 0 nothing would go out; leave it empty for no limit, or hold the workspace";
        return Err(Error::invalid("segments_per_s_max", message));
    }
    let Caps { segments_per_s_max, storage_max_mib } = caps;
    let after = Workspace { segments_per_s_max, storage_max_mib, ..before.clone() };
    if after == *before {
        return Ok(after);
    }
    let event = event(scope, "workspace.caps_changed")
        .change("segments_per_s_max", before.segments_per_s_max, after.segments_per_s_max)
        .change("storage_max_mib", before.storage_max_mib, after.storage_max_mib);
    write(scope, after, event, |_, _| {}).await
}

/// Refuses more recipients where the workspace keeps as much as it may. Looks at what there is, so that what was deleted
/// counts no more; it costs something only where there is a limit.
pub async fn check_storage(scope: &Scope) -> Result<(), Error> {
    let Some(max_mib) = scope.workspace().storage_max_mib else { return Ok(()) };
    let kept = storage_octets(scope).await? >> 20;
    if kept < max_mib {
        return Ok(());
    }
    let message = format!(
        "the recipients of this workspace take {kept} MiB of the {max_mib} MiB that it may keep; \
         delete old campaigns, or ask a super admin for more"
    );
    Err(Error::invalid("recipients", message))
}

/// Bytes of the recipients that are kept.
pub async fn storage_octets(scope: &Scope) -> Result<u64, Error> {
    let mut octets = 0;
    for table in STORED {
        let mut vars = Variables::new();
        vars.insert("range", key::all(table, scope.workspace_id(), []));
        let sql = "SELECT VALUE sum FROM (SELECT math::sum(bytes::len(bytes)) AS sum FROM $range GROUP ALL)";
        let sums: Vec<i64> = scope.inner().db.read(sql, vars).await?.take(0).map_err(corrupt)?;
        octets += sums.into_iter().map(i64::unsigned_abs).sum::<u64>();
    }
    Ok(octets)
}

/// As `Monday 09:00–20:00, …`, for the audit log.
fn words(window: Option<Week>) -> String {
    let Some(week) = window else { return "any time".to_owned() };
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let days = week.0.iter().zip(Week::DAYS).filter_map(|(hours, day)| {
        hours.map(|hours| format!("{day} {}–{}", clock(hours.from_minute), clock(hours.to_minute)))
    });
    days.collect::<Vec<_>>().join(", ")
}
