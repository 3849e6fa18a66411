//! What is removed once it has been kept long enough, and what is not.

use super::*;

const DAY_MS: i64 = 86_400_000;

#[tokio::test]
async fn whole_sealed_stretches_are_removed_and_the_chain_still_holds() {
    let log = Log::with(|config| config.retention_days = Some(30)).await;
    log.write(5).await;
    log.checkpoint().await;
    log.write(3).await;
    // Sealed later than they were written: kept as long as their checkpoint.
    log.clock.advance(20 * DAY_MS);
    log.checkpoint().await;
    assert_eq!(log.keeper.retain().await.unwrap(), 0);

    log.clock.advance(11 * DAY_MS);
    assert_eq!(log.keeper.retain().await.unwrap(), 5);
    log.checkpoint().await;
    let records = log.records(chain()).await;
    assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), [6, 7, 8, 9]);
    assert_eq!(records[3].action, "audit.records_removed");
    let verified = log.verify().await;
    assert!(verified.holds(), "{verified:?}");
    assert_eq!(log.keeper.retain().await.unwrap(), 0, "nothing twice");

    log.clock.advance(20 * DAY_MS);
    assert_eq!(log.keeper.retain().await.unwrap(), 3);
    log.checkpoint().await;
    let verified = log.verify().await;
    assert!(verified.holds(), "{verified:?}");
    // The lines of the first stretch are gone from the file, and what is left of it stands for itself.
    assert!(!read(log.file("checkpoints.jsonl")).contains("\"previous\":\"\""));
}

#[tokio::test]
async fn what_no_checkpoint_covers_is_never_removed() {
    let log = Log::with(|config| config.retention_days = Some(1)).await;
    log.write(3).await;
    log.clock.advance(100 * DAY_MS);
    assert_eq!(log.keeper.retain().await.unwrap(), 0);
    assert_eq!(log.records(chain()).await.len(), 3);
}

#[tokio::test]
async fn somebody_elses_removal_is_named() {
    let log = Log::new().await;
    log.write(4).await;
    log.checkpoint().await;
    let third = log.records(chain()).await[2].clone();
    let anchor = crate::audit::retention::Anchor { seq: 3, hash: third.hash, stated_at_ms: 0 };
    log.underneath(|tx| {
        tx.put(crate::audit::retention::anchor_key(&chain().name()), &anchor);
        tx.delete(chain().records(0, Some(4)));
    })
    .await;
    let verified = log.verify().await;
    assert_eq!(verified.findings.len(), 1, "{verified:?}");
    assert_eq!(verified.findings[0].problem, crate::audit::Problem::Anchor { first: 4 });
}
