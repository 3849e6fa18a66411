//! When and how much a workspace sends, and what a Spread campaign needs to be submitted.

use domain::{
    campaign::{Campaign, Mode, Parameters, Status},
    permission::kind,
    spread::Seed,
    week::{Hours, Week},
};
use store::{
    Error, Reason, campaigns,
    recipients::{self, EncodedBlock, RecipientBlock, StateBlock},
    workspaces::{self, Caps, SendingHours},
};

use crate::fixture::{self, Installation, START_MS};

const HOUR_MS: i64 = 3_600_000;

async fn set_hours(it: &Installation, daily_window: Option<Week>) -> Result<(), Error> {
    let scope = it.enter(&it.admin).await;
    let hours = SendingHours { daily_window, messages_per_day_max: Some(1_000) };
    workspaces::set_sending_hours(&scope.grant()?, scope.workspace().revision, &hours).await.map(drop)
}

async fn set_caps(it: &Installation, caps: Caps) -> Result<(), Error> {
    let scope = it.enter(&it.root).await;
    workspaces::set_caps(&scope.grant()?, scope.workspace().revision, caps).await.map(drop)
}

#[tokio::test]
async fn admins_choose_hours_and_super_admins_caps() {
    let it = fixture::in_memory().await;
    let mut week = Week::daily(9 * 60, 20 * 60);
    week.0[6] = None;
    set_hours(&it, Some(week)).await.unwrap();
    let workspace = it.enter(&it.author).await.workspace().clone();
    assert_eq!((workspace.daily_window, workspace.messages_per_day_max), (Some(week), Some(1_000)));
    let scope = it.enter(&it.admin).await;
    let record = &store::audit::page(&scope.grant().unwrap(), None, 1).await.unwrap()[0];
    assert_eq!(record.action, "workspace.sending_hours_changed");
    assert_eq!(record.changes[0].before.as_deref(), Some("any time"));
    assert!(record.changes[0].after.as_deref().unwrap().starts_with("Monday 09:00–20:00, Tuesday"));

    week.0[0] = Some(Hours { from_minute: 600, to_minute: 500 });
    let refused = set_hours(&it, Some(week)).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "daily_window", .. }), "{refused}");

    assert!(scope.grant::<kind::ManageInstallation>().is_err());
    set_caps(&it, Caps { segments_per_s_max: Some(50), storage_max_mib: Some(100) }).await.unwrap();
    assert_eq!(it.enter(&it.author).await.workspace().segments_per_s_max, Some(50));
    let refused = set_caps(&it, Caps { segments_per_s_max: Some(0), storage_max_mib: None }).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "segments_per_s_max", .. }), "{refused}");
}

#[tokio::test]
async fn who_keeps_as_much_as_they_may_uploads_no_more() {
    let it = fixture::in_memory().await;
    let draft = it.complete_draft().await;
    let scope = it.enter(&it.author).await;
    let system = it.system.enter(scope.workspace_id(), Reason::Ingest);
    let mut block = RecipientBlock::new(vec!["name".to_owned()].into());
    for row in 0..1_000_u64 {
        // What repeats would be compressed away.
        let value: String = (0..75).map(|i| format!("{:016x}", Seed(1).rank(row as u32 * 100 + i))).collect();
        block.push(436_600_000_000 + row, 1, [value.as_str()]).unwrap();
    }
    let encoded = EncodedBlock::new(0, &block, &StateBlock::waiting(1_000));
    recipients::replace_blocks(&system, draft.id, &[encoded]).await.unwrap();
    let kept = workspaces::storage_octets(&scope).await.unwrap();
    assert!((600_000..1_300_000).contains(&kept), "{kept}");

    let edit = || async { it.enter(&it.author).await.grant_on::<kind::EditCampaign>(draft.id).await.unwrap() };
    set_caps(&it, Caps { segments_per_s_max: None, storage_max_mib: Some(2) }).await.unwrap();
    campaigns::uploads::begin(&edit().await, "more.txt", 12).await.unwrap();
    set_caps(&it, Caps { segments_per_s_max: None, storage_max_mib: Some(0) }).await.unwrap();
    let refused = campaigns::uploads::begin(&edit().await, "more.txt", 12).await.unwrap_err();
    assert!(refused.to_string().contains("0 MiB that it may keep"), "{refused}");
}

/// A complete draft that is to be spread from an hour from now.
async fn spread_draft(it: &Installation, change: impl FnOnce(&mut Parameters)) -> Campaign {
    let draft = it.complete_draft().await;
    let mut parameters = Parameters {
        mode: Mode::Spread,
        start_at_ms: Some(START_MS + HOUR_MS),
        end_at_ms: Some(START_MS + 49 * HOUR_MS),
        ..draft.parameters.clone()
    };
    change(&mut parameters);
    let scope = it.enter(&it.author).await;
    campaigns::save(&scope.grant_on(draft.id).await.unwrap(), parameters, true).await.unwrap()
}

async fn submit(it: &Installation, campaign: &Campaign) -> Result<Campaign, Error> {
    let scope = it.enter(&it.author).await;
    campaigns::submit(&scope.grant_on(campaign.id).await?).await
}

#[tokio::test]
async fn a_window_that_cannot_be_is_refused_when_it_is_submitted() {
    type Change = fn(&mut Parameters);
    let cases: [(Change, &str, &str); 5] = [
        (|p| p.start_at_ms = None, "start", "set the date"),
        (|p| p.start_at_ms = Some(START_MS), "start", "in the past"),
        (|p| p.end_at_ms = None, "end", "set the date and time of the window's end"),
        (|p| p.end_at_ms = Some(START_MS + HOUR_MS + 29 * 60_000), "end", "30 minutes at least"),
        // From 17:13 to 17:43 local time, and the hours end at 17:00.
        (|p| p.end_at_ms = Some(START_MS + HOUR_MS + 30 * 60_000), "end", "daily hours"),
    ];
    for (change, field, words) in cases {
        let it = fixture::in_memory().await;
        set_hours(&it, Some(Week::daily(9 * 60, 17 * 60))).await.unwrap();
        let draft = spread_draft(&it, change).await;
        match submit(&it, &draft).await {
            Err(Error::Invalid { field: found, message }) => {
                assert_eq!(found, field);
                assert!(message.contains(words), "{message}");
            }
            other => panic!("{field}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_window_that_is_over_at_approval_waits_for_a_person() {
    let it = fixture::in_memory().await;
    let draft = spread_draft(&it, |_| {}).await;
    submit(&it, &draft).await.unwrap();
    let moderator = it.enter(&it.moderator).await;
    // Inside the window it still goes out by itself.
    it.clock.set(START_MS + 49 * HOUR_MS);
    let approved = campaigns::approve(&moderator.grant().unwrap(), draft.id, 1).await.unwrap();
    assert_eq!(approved.life.status, Status::New);
    assert!(approved.life.approval.is_some());

    let it = fixture::in_memory().await;
    let draft = spread_draft(&it, |_| {}).await;
    submit(&it, &draft).await.unwrap();
    it.clock.set(START_MS + 48 * HOUR_MS);
    let moderator = it.enter(&it.moderator).await;
    let approved = campaigns::approve(&moderator.grant().unwrap(), draft.id, 1).await.unwrap();
    assert_eq!(approved.life.status, Status::Building);
}

#[tokio::test]
async fn a_start_that_a_person_decides_late_is_on_record() {
    let it = fixture::in_memory().await;
    let draft = it.complete_draft().await;
    let scope = it.enter(&it.author).await;
    let parameters =
        Parameters { mode: Mode::Scheduled, start_at_ms: Some(START_MS + HOUR_MS), ..draft.parameters.clone() };
    campaigns::save(&scope.grant_on(draft.id).await.unwrap(), parameters, true).await.unwrap();
    submit(&it, &draft).await.unwrap();
    let moderator = it.enter(&it.moderator).await;
    campaigns::approve(&moderator.grant().unwrap(), draft.id, 1).await.unwrap();
    let system = it.system.enter(scope.workspace_id(), Reason::Dispatch);
    use domain::campaign::{Event, PauseReason};
    campaigns::advance(&system, draft.id, &Event::BuildDone { due: false }, None, None).await.unwrap();
    let missed = Event::PauseFor { reason: PauseReason::MissedSchedule };
    campaigns::advance(&system, draft.id, &missed, None, None).await.unwrap();
    it.clock.set(START_MS + 5 * HOUR_MS);
    let resumed = campaigns::resume(&scope.grant_on(draft.id).await.unwrap()).await.unwrap();
    // Receipts of what has started are followed after a restart.
    assert_eq!((resumed.life.status, resumed.started_at_ms), (Status::Sending, Some(START_MS + 5 * HOUR_MS)));
}
