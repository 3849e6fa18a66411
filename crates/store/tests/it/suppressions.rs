//! The suppression list: what is on it, how it came there, and that nobody who asks misses it.

use domain::{permission::kind, phone::PhoneNumber, sender::Saddr, suppression::Source};
use store::{
    Error, Granted, Reason, SystemScope, audit,
    suppressions::{self, AddedAs, ImportState, ListCsv, shard_of},
    workspaces::NewWorkspace,
};

use crate::fixture::{self, Installation};

const FIRST: u64 = 436_600_000_000;

fn number(i: u64) -> PhoneNumber {
    PhoneNumber::from_u64(FIRST + i).unwrap()
}

async fn proof(it: &Installation) -> Granted<kind::ManageWorkspace> {
    it.enter(&it.admin).await.grant().unwrap()
}

async fn engine(it: &Installation) -> SystemScope {
    it.system.enter(it.enter(&it.admin).await.workspace_id(), Reason::Dispatch)
}

async fn among(scope: &SystemScope, range: std::ops::Range<u64>) -> Vec<u64> {
    let numbers: Vec<u64> = range.map(|i| FIRST + i).collect();
    suppressions::among(scope, &numbers).await.unwrap().into_iter().map(|number| number - FIRST).collect()
}

#[tokio::test]
async fn what_is_added_is_found_at_once_and_what_is_removed_is_not() {
    let it = fixture::in_memory().await;
    let (proof, engine) = (proof(&it).await, engine(&it).await);
    assert!(among(&engine, 0..50).await.is_empty());
    assert_eq!(suppressions::add(&proof, &[number(3), number(7), number(3)], AddedAs::Person).await.unwrap(), 2);
    assert_eq!(among(&engine, 0..50).await, [3, 7]);
    // The filter follows while it is in memory.
    let many: Vec<_> = (10..40).map(number).collect();
    assert_eq!(suppressions::add(&proof, &many, AddedAs::Program).await.unwrap(), 30);
    assert_eq!(among(&engine, 0..50).await.len(), 32);
    assert_eq!(suppressions::remove(&proof, &[number(7), number(8)]).await.unwrap(), 1);
    assert_eq!(among(&engine, 0..10).await, [3]);
    // What was there first stands.
    assert_eq!(suppressions::add(&proof, &[number(3)], AddedAs::Program).await.unwrap(), 0);
    let entry = suppressions::find(&proof, number(3)).await.unwrap().unwrap();
    assert_eq!((entry.source, &*entry.by, entry.at_ms), (Source::Hand, "admin", fixture::START_MS));
    let summary = suppressions::summary(&proof).await.unwrap();
    assert_eq!((summary.total, summary.by_source[0], summary.by_source[3]), (31, (Source::Hand, 1), (Source::Api, 30)));
}

#[tokio::test]
async fn another_workspace_has_a_list_of_its_own() {
    let it = fixture::in_memory().await;
    let new = NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "AT".into(),
        four_eyes: true,
    };
    let other = store::workspaces::create(&it.gate, &new).await.unwrap().id;
    suppressions::add(&proof(&it).await, &[number(1)], AddedAs::Person).await.unwrap();
    let elsewhere = it.system.enter(other, Reason::Dispatch);
    assert!(among(&elsewhere, 0..5).await.is_empty());
    assert_eq!(among(&engine(&it).await, 0..5).await, [1]);
}

#[tokio::test]
async fn the_log_names_counts_and_hashes_and_never_a_number() {
    let it = fixture::in_memory().await;
    let proof = proof(&it).await;
    suppressions::add(&proof, &[number(1)], AddedAs::Person).await.unwrap();
    suppressions::add(&proof, &(2..30).map(number).collect::<Vec<_>>(), AddedAs::Person).await.unwrap();
    suppressions::remove(&proof, &[number(1)]).await.unwrap();
    let log = audit::page(&it.enter(&it.admin).await.grant().unwrap(), None, 50).await.unwrap();
    let text = format!("{log:?}");
    assert!(!text.contains("4366000000"), "{text}");
    let hash = proof.ctn_key().ctn_hash(number(1)).to_string();
    assert_eq!(text.matches(&hash).count(), 2, "{text}");
    for action in ["suppressions.added", "suppressions.removed"] {
        assert!(text.contains(action), "{action}");
    }
}

#[tokio::test]
async fn a_batch_that_is_too_large_is_refused_with_the_way_to_go() {
    let it = fixture::in_memory().await;
    let many: Vec<_> = (0..=suppressions::BATCH_MAX as u64).map(number).collect();
    let refused = suppressions::add(&proof(&it).await, &many, AddedAs::Person).await.unwrap_err();
    assert!(matches!(&refused, Error::Invalid { field: "numbers", message } if message.contains("as a file")));
}

#[tokio::test]
async fn stop_holds_wherever_the_saddr_is_used_and_start_takes_back_a_stop_alone() {
    let it = fixture::in_memory().await;
    let saddr = it.approved_sender().await.addressing.saddr;
    assert_eq!(suppressions::by_stop(&it.system, &saddr, number(1)).await.unwrap(), 1);
    assert_eq!(suppressions::by_stop(&it.system, &saddr, number(1)).await.unwrap(), 0);
    suppressions::add(&proof(&it).await, &[number(2)], AddedAs::Person).await.unwrap();
    assert_eq!(among(&engine(&it).await, 0..5).await, [1, 2]);
    for i in [1, 2] {
        suppressions::by_start(&it.system, &saddr, number(i)).await.unwrap();
    }
    assert_eq!(among(&engine(&it).await, 0..5).await, [2]);
    let unknown = Saddr::parse("NOBODY").unwrap();
    assert_eq!(suppressions::by_stop(&it.system, &unknown, number(4)).await.unwrap(), 0);
}

#[tokio::test]
async fn an_import_goes_on_at_its_place_and_counts_each_number_once() {
    let it = fixture::in_memory().await;
    let (proof, engine) = (proof(&it).await, engine(&it).await);
    suppressions::add(&proof, &[number(0)], AddedAs::Person).await.unwrap();
    let (import, former) = suppressions::begin_import(&proof, "list.txt", 100).await.unwrap();
    assert_eq!(former, None);
    let import = suppressions::import_received(&proof, &import, 90).await.unwrap();
    let busy = suppressions::begin_import(&proof, "second.txt", 100).await.unwrap_err();
    assert!(matches!(busy, Error::Stale { .. }));
    assert_eq!(it.system.unfinished_imports().await.unwrap(), [import.workspace]);
    let mut numbers: Vec<u64> = (0..500).map(|i| FIRST + i).collect();
    numbers.sort_unstable_by_key(|&number| (shard_of(number), number));
    let half = numbers.partition_point(|&number| shard_of(number) < 2_000);
    let first = suppressions::merge_import(&engine, &import, &numbers[..half], 2_000).await.unwrap();
    // Whoever goes on from the former place is refused: the numbers are counted already.
    let again = suppressions::merge_import(&engine, &import, &numbers[..half], 2_000).await.unwrap_err();
    assert!(matches!(again, Error::Moved));
    let all = suppressions::merge_import(&engine, &first, &numbers[half..], suppressions::SHARDS).await.unwrap();
    assert_eq!((all.next_shard, all.report.added), (suppressions::SHARDS, 499));
    let done = suppressions::finish_import(&engine, &all, Ok((502, 1, Vec::new()))).await.unwrap();
    assert_eq!((done.state, done.report.known), (ImportState::Done, 2));
    assert_eq!(among(&engine, 0..600).await.len(), 500);
    assert!(it.system.unfinished_imports().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_list_as_a_file_has_every_number_once_and_no_formula() {
    let it = fixture::in_memory().await;
    let proof = proof(&it).await;
    suppressions::add(&proof, &(0..20).map(number).collect::<Vec<_>>(), AddedAs::Person).await.unwrap();
    let mut csv = ListCsv::open(&proof, &it.enter(&it.admin).await.grant().unwrap()).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = csv.next_piece().await.unwrap() {
        text.push_str(&piece);
    }
    let mut lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.remove(0), "number,source,added_at,added_by");
    lines.sort_unstable();
    assert_eq!(lines.len(), 20);
    assert!(lines[0].starts_with("436600000000,By hand,20"), "{}", lines[0]);
    assert!(lines[0].ends_with(",admin"), "{}", lines[0]);
}
