//! Every way to change the log past the program is found, and the first bad record named.

use super::*;
use crate::audit::{
    Problem,
    chain::Head,
    event::Entry,
    facets,
    seal::{GENESIS, seal},
};

/// Eight records, with checkpoints at five and at eight.
async fn eight() -> Log {
    let log = Log::new().await;
    log.write(5).await;
    log.checkpoint().await;
    log.write(3).await;
    log.checkpoint().await;
    let verified = log.verify().await;
    assert!(verified.holds(), "{verified:?}");
    assert_eq!(verified.records, 8);
    log
}

async fn problem(log: &Log) -> Problem {
    let verified = log.verify().await;
    assert_eq!(verified.findings.len(), 1, "{verified:?}");
    assert_eq!(verified.findings[0].chain, chain().name());
    verified.findings[0].problem.clone()
}

fn head_at(record: &AuditRecord) -> Head {
    Head { seq: record.seq, hash: record.hash.clone(), revision: record.seq }
}

/// Puts the log back to its first `keep` records, with a head that agrees.
async fn cut_to(log: &Log, keep: u64) {
    let records = log.records(chain()).await;
    let (last, rest) = (&records[keep as usize - 1], &records[keep as usize..]);
    let name = chain().name();
    log.underneath(|tx| {
        tx.put(chain().head_key(), &head_at(last));
        for record in rest {
            tx.delete(chain().record_key(record.seq));
            tx.delete_all(facets::keys(&name, record));
        }
    })
    .await;
}

#[tokio::test]
async fn an_edited_record_is_named() {
    let log = eight().await;
    let record = log.records(chain()).await[3].clone();
    let edited = AuditRecord { note: Some("as it should have been".into()), ..record };
    log.underneath(|tx| {
        tx.delete(chain().record_key(4));
        tx.create(chain().record_key(4), &edited);
    })
    .await;
    assert_eq!(problem(&log).await, Problem::Edited { seq: 4 });
}

#[tokio::test]
async fn a_deletion_from_the_middle_is_named() {
    let log = eight().await;
    log.underneath(|tx| tx.delete(chain().record_key(3))).await;
    assert_eq!(problem(&log).await, Problem::Missing { first: 3, last: 3 });
}

#[tokio::test]
async fn a_tail_cut_behind_the_last_checkpoint_is_named() {
    let log = eight().await;
    cut_to(&log, 6).await;
    let found = problem(&log).await;
    assert!(matches!(found, Problem::Cut { first: 7, stated: 8, .. }), "{found}");
    assert_eq!(found.first_bad(), Some(7));
}

#[tokio::test]
async fn another_order_is_named() {
    let log = eight().await;
    let records = log.records(chain()).await;
    log.underneath(|tx| {
        tx.delete(chain().record_key(3));
        tx.delete(chain().record_key(4));
        tx.create(chain().record_key(3), &records[3]);
        tx.create(chain().record_key(4), &records[2]);
    })
    .await;
    assert_eq!(problem(&log).await, Problem::Moved { seq: 3, found: 4 });
}

#[tokio::test]
async fn an_old_copy_that_was_put_back_is_named_even_after_work_went_on() {
    let log = eight().await;
    cut_to(&log, 5).await;
    assert!(matches!(problem(&log).await, Problem::Cut { first: 6, stated: 8, .. }));
    // Another history than the one that the checkpoint at eight states.
    log.write(2).await;
    assert!(matches!(problem(&log).await, Problem::Cut { first: 8, stated: 8, .. }));
    log.write(2).await;
    log.checkpoint().await;
    assert!(matches!(problem(&log).await, Problem::Rewritten { first: 6, stated: 8, .. }));
}

#[tokio::test]
async fn a_chain_that_was_sealed_anew_does_not_agree_with_its_checkpoints() {
    let log = eight().await;
    let records = log.records(chain()).await;
    let mut hash = GENESIS.to_owned();
    let forged: Vec<AuditRecord> = records
        .iter()
        .map(|record| {
            let note = if record.seq == 2 { "forged" } else { "as it was" };
            let entry = Entry { at_ms: record.at_ms, id: None, event: event("campaign.edited").note(note.to_owned()) };
            let record = seal(&entry, record.seq, &hash);
            hash.clone_from(&record.hash);
            record
        })
        .collect();
    log.underneath(|tx| {
        for record in &forged {
            tx.delete(chain().record_key(record.seq));
            tx.create(chain().record_key(record.seq), record);
        }
        tx.put(chain().head_key(), &head_at(&forged[7]));
    })
    .await;
    assert!(matches!(problem(&log).await, Problem::Rewritten { first: 1, stated: 5, .. }));
}

#[tokio::test]
async fn records_that_no_checkpoint_covers_are_held_by_their_head() {
    let log = eight().await;
    log.write(2).await;
    log.underneath(|tx| tx.delete(chain().record_key(10))).await;
    assert_eq!(problem(&log).await, Problem::Head { last: 9, head: Some(10) });
}

#[tokio::test]
async fn a_record_that_searches_would_miss_is_named() {
    let log = eight().await;
    let record = log.records(chain()).await[6].clone();
    let keys = facets::keys(&chain().name(), &record);
    log.underneath(|tx| tx.delete(keys[1].clone())).await;
    assert_eq!(problem(&log).await, Problem::Hidden { seq: 7 });
}

#[tokio::test]
async fn a_changed_checkpoint_is_named() {
    let log = eight().await;
    let path = log.file("checkpoints.jsonl");
    fs::write(&path, read(path.clone()).replacen("\"seq\":5", "\"seq\":4", 1)).unwrap();
    let verified = log.verify().await;
    assert!(matches!(verified.findings[0].problem, Problem::Checkpoint { line: 1, .. }), "{verified:?}");
    assert_eq!(verified.findings[0].problem.first_bad(), None);
}

#[tokio::test]
async fn a_workspace_without_a_trace_is_missed_unless_its_deletion_is_on_record() {
    let log = eight().await;
    let records = log.records(chain()).await;
    let name = chain().name();
    log.underneath(|tx| {
        tx.delete(chain().head_key());
        for record in &records {
            tx.delete(chain().record_key(record.seq));
            tx.delete_all(facets::keys(&name, record));
        }
    })
    .await;
    assert!(matches!(problem(&log).await, Problem::Cut { first: 1, stated: 5, .. }));
    let deleted = event(crate::audit::WORKSPACE_DELETED).on("workspace", &name);
    log.inner().audited(Chain::Installation, deleted, |_| {}).await.unwrap();
    let verified = log.verify().await;
    assert!(verified.holds(), "{verified:?}");
}

#[tokio::test]
async fn records_from_before_there_were_keys_get_them() {
    let log = eight().await;
    log.inner().db.read("DELETE audit_index", Variables::new()).await.unwrap();
    assert_eq!(problem(&log).await, Problem::Hidden { seq: 1 });
    let migration = include_str!("../../schema/0002_audit.surql");
    log.inner().db.read(migration, Variables::new()).await.unwrap();
    let verified = log.verify().await;
    assert!(verified.holds(), "{verified:?}");
}
