//! Recipients in blocks: ingest checkpoints, pages, search, masking, rejects.

use domain::{
    campaign::IngestReport,
    id::CampaignId,
    permission::kind,
    phone::{PhoneNumber, PhoneReject},
    recipient::RecipientState,
    reject::RejectReason,
    workspace::Workspace,
};
use store::{
    Error, Reason, SystemScope, audit,
    campaigns::{
        self,
        uploads::{self, Upload},
    },
    recipients::{
        self, BLOCK_LEN, Batch, EncodedBlock, IngestPhase, PageQuery, RecipientBlock, Reject, RejectChunk, RejectsCsv,
        Reveal, StateBlock,
    },
    workspaces::NewWorkspace,
};

use crate::fixture::{self, Installation};

const FIRST: u64 = 436_600_000_000;
const RECIPIENTS: u64 = 2 * BLOCK_LEN as u64 + 100;

fn block(number: u32, names: &[String]) -> EncodedBlock {
    let mut block = RecipientBlock::new(names.to_vec().into());
    let start = u64::from(number * BLOCK_LEN);
    for i in start..RECIPIENTS.min(start + u64::from(BLOCK_LEN)) {
        block.push(FIRST + i, 2, [format!("name {i}").as_str()]).unwrap();
    }
    EncodedBlock::new(number, &block, &StateBlock::waiting(block.len()))
}

/// Two and a bit blocks and three rejects, as an ingest writes them.
async fn ingest(system: &SystemScope, campaign: CampaignId, source: &str) -> u64 {
    let names = ["name".to_owned()];
    let checkpoint = recipients::open_ingest(system, campaign, None, source, (10, 2), &names).await.unwrap();
    assert_eq!((checkpoint.offset, checkpoint.line, checkpoint.phase), (10, 2, IngestPhase::Writing));
    let reject = |line, text: &str| Reject::new(line, RejectReason::Number(PhoneReject::Character), text.as_bytes());
    let rejects = RejectChunk { rejects: vec![reject(3, "=1+2"), reject(5, "+43 660 12345x67"), reject(9, "a,b")] };
    let mut next = checkpoint.clone();
    next.next_index = RECIPIENTS;
    next.phase = IngestPhase::Done;
    let batch = Batch {
        blocks: (0..3).map(|number| block(number, &names)).collect(),
        rejects: vec![(0, Batch::pack(&rejects))],
        checkpoint: Some(next),
    };
    let revision = recipients::commit_ingest(system, campaign, checkpoint.revision, &batch).await.unwrap();
    let late = recipients::commit_ingest(system, campaign, checkpoint.revision, &batch).await;
    assert!(late.is_err(), "somebody else has moved on");
    revision
}

async fn prepared() -> (Installation, CampaignId, SystemScope) {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await.id;
    let workspace = it.enter(&it.author).await.workspace_id();
    let system = it.system.enter(workspace, Reason::Ingest);
    ingest(&system, campaign, "first").await;
    (it, campaign, system)
}

fn masked() -> Reveal<'static> {
    Reveal::Masked
}

#[tokio::test]
async fn pages_follow_the_cursor_and_hide_numbers() {
    let (it, campaign, _) = prepared().await;
    let scope = it.enter(&it.author).await;
    let mut from = Some(0);
    let mut seen = Vec::new();
    while let Some(start) = from {
        let query = PageQuery { from: start, state: None, limit: 499 };
        let page = recipients::page(&scope, campaign, query, masked(), &()).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row.index));
        from = page.next;
        assert!(page.rows.iter().all(|row| row.number.starts_with("•••") && row.ctn_hash.len() == 64));
    }
    assert_eq!(seen, (0..RECIPIENTS as u32).collect::<Vec<_>>());
    let sample = recipients::sample_values(&scope, campaign, 2).await.unwrap();
    assert_eq!(sample[1]["name"], "name 1");
}

#[tokio::test]
async fn a_page_of_one_state_finds_the_few_in_it() {
    let (it, campaign, system) = prepared().await;
    let mut states = recipients::load_states(&system, campaign, 1).await.unwrap().unwrap();
    states.rows_mut()[7].state = RecipientState::Failed;
    let loaded = recipients::load_block(&system, campaign, 1).await.unwrap().unwrap();
    recipients::replace_blocks(&system, campaign, &[EncodedBlock::new(1, &loaded, &states)]).await.unwrap();
    let scope = it.enter(&it.author).await;
    let query = PageQuery { from: 0, state: Some(RecipientState::Failed), limit: 50 };
    let page = recipients::page(&scope, campaign, query, masked(), &()).await.unwrap();
    assert_eq!((page.rows.len(), page.rows[0].index, page.next), (1, BLOCK_LEN + 7, None));
    assert!(recipients::load_block(&system, campaign, 3).await.unwrap().is_none());
}

#[tokio::test]
async fn search_by_number_finds_it_in_any_block() {
    let (it, campaign, _) = prepared().await;
    let scope = it.enter(&it.author).await;
    for index in [0, BLOCK_LEN, RECIPIENTS as u32 - 1] {
        let number = PhoneNumber::from_u64(FIRST + u64::from(index)).unwrap();
        let found = recipients::find_by_number(&scope, campaign, number, 10, &()).await.unwrap();
        assert_eq!(found.iter().map(|row| row.index).collect::<Vec<_>>(), [index]);
        assert_eq!(found[0].number, number.masked());
    }
    let absent = PhoneNumber::from_u64(FIRST + RECIPIENTS).unwrap();
    assert!(recipients::find_by_number(&scope, campaign, absent, 10, &()).await.unwrap().is_empty());
}

#[tokio::test]
async fn full_numbers_need_the_proof_and_leave_a_record() {
    let (it, campaign, _) = prepared().await;
    assert!(it.enter(&it.author).await.grant::<kind::RevealNumbers>().is_err());
    let scope = it.enter(&it.admin).await;
    let proof = scope.grant::<kind::RevealNumbers>().unwrap();
    let query = PageQuery { from: 10, state: None, limit: 5 };
    let page = recipients::page(&scope, campaign, query, Reveal::Full(&proof), &()).await.unwrap();
    assert_eq!(page.rows[0].number, format!("+{}", FIRST + 10));
    let log = audit::page(&scope.grant().unwrap(), None, 1).await.unwrap();
    assert_eq!(log[0].action, "recipients.revealed");
    assert_eq!(log[0].note.as_deref(), Some("5 numbers, recipients 10 to 14"));

    let elsewhere = other_workspace(&it).await;
    let foreign = it.gate.enter(&it.root, &elsewhere.slug).await.unwrap();
    let refused = recipients::page(&foreign, campaign, query, Reveal::Full(&proof), &()).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "a proof of one workspace is none in another");
    let empty = recipients::page(&foreign, campaign, query, masked(), &()).await.unwrap();
    assert!(empty.rows.is_empty(), "keys start with the workspace");
}

async fn other_workspace(it: &Installation) -> Workspace {
    let new = NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: true,
    };
    store::workspaces::create(&it.gate, &new).await.unwrap();
    it.gate.enter(&it.root, &domain::slug::Slug::parse("other").unwrap()).await.unwrap().workspace().clone()
}

#[tokio::test]
async fn rejects_are_paged_and_downloaded() {
    let (it, campaign, _) = prepared().await;
    let scope = it.enter(&it.admin).await;
    let first = recipients::rejects_page(&scope, campaign, 0, 2, masked()).await.unwrap();
    assert_eq!(
        first.iter().map(|reject| (reject.line, reject.text.as_str())).collect::<Vec<_>>(),
        [(3, "=1+2"), (5, "+•• ••• •••45x67"),]
    );
    let second = recipients::rejects_page(&scope, campaign, 5, 2, masked()).await.unwrap();
    assert_eq!(second.iter().map(|reject| reject.line).collect::<Vec<_>>(), [9]);

    let proof = scope.grant::<kind::RevealNumbers>().unwrap();
    let mut file = RejectsCsv::open(&scope, campaign, Reveal::Full(&proof)).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = file.next_piece().await.unwrap() {
        text.push_str(&piece);
    }
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[1].starts_with("3,") && lines[1].ends_with("\"'=1+2\""), "{}", lines[1]);
    assert!(lines[2].ends_with("\"'+43 660 12345x67\""), "{}", lines[2]);
    assert!(lines[3].ends_with("\"a,b\""), "{}", lines[3]);
}

/// Both files are handed over for reading, and the job of the first wakes up when the second has been read.
#[tokio::test]
async fn an_upload_that_was_replaced_writes_neither_recipients_nor_a_report() {
    let (it, campaign, system) = prepared().await;
    let scope = it.enter(&it.author).await;
    let edit = async || scope.grant_on::<kind::EditCampaign>(campaign).await.unwrap();
    let hand_over = async |name: &str| {
        let (upload, former) = uploads::begin(&edit().await, name, 12).await.unwrap();
        let upload = uploads::received(&edit().await, &upload).await.unwrap();
        (uploads::read_as(&edit().await, &upload, uploads::Reading::default()).await.unwrap(), former)
    };
    let (first, _) = hand_over("first.txt").await;
    let (second, former) = hand_over("second.txt").await;
    assert_eq!(former, Some(first.id), "whose file can go");
    let open = async |upload| {
        let upload: &Upload = upload;
        let name = format!("file {}", upload.id);
        recipients::open_ingest(&system, campaign, Some(upload), &name, (0, 1), &[]).await
    };
    let report = IngestReport { lines: 1, accepted: 1, segments: 1, ..IngestReport::default() };
    assert!(matches!(uploads::finish(&system, &first, "", Ok(report)).await, Err(Error::Moved)));
    assert_eq!(campaigns::find(&scope, campaign).await.unwrap().report, None, "nothing of the first file counts");
    let read = open(&second).await.unwrap();
    assert!(matches!(open(&first).await, Err(Error::Moved)));
    assert_eq!(recipients::find_ingest(&scope, campaign).await.unwrap().unwrap().source, read.source);
    let whole = IngestReport { lines: 2, accepted: 2, segments: 2, ..report };
    assert_eq!(uploads::finish(&system, &second, "", Ok(whole)).await.unwrap().report, Some(whole));
    assert!(matches!(open(&first).await, Err(Error::Moved)), "what may be sent by now is not touched");
}

#[tokio::test]
async fn another_file_replaces_everything() {
    let (it, campaign, system) = prepared().await;
    let again = recipients::open_ingest(&system, campaign, None, "first", (10, 2), &[]).await.unwrap();
    assert_eq!(again.phase, IngestPhase::Done, "the same file is not read again");
    let other = recipients::open_ingest(&system, campaign, None, "second", (0, 1), &[]).await.unwrap();
    assert_eq!((other.phase, other.next_index), (IngestPhase::Writing, 0));
    let scope = it.enter(&it.author).await;
    let page = recipients::page(&scope, campaign, PageQuery { limit: 10, ..PageQuery::default() }, masked(), &()).await;
    assert!(page.unwrap().rows.is_empty());
    assert!(recipients::rejects_page(&scope, campaign, 0, 10, masked()).await.unwrap().is_empty());
    recipients::delete_all(&system, campaign).await.unwrap();
}

/// On disk, with memory settings of the product: what a page or a search reads does not grow with the campaign, apart from
/// the filters.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_and_search_of_a_million_recipients_stay_quick() {
    const BLOCKS: u32 = 245;
    let it = fixture::on_disk().await;
    let campaign = it.complete_draft().await.id;
    let scope = it.enter(&it.author).await;
    let system = it.system.enter(scope.workspace_id(), Reason::Ingest);
    let numbers =
        |number: u32| (0..u64::from(BLOCK_LEN)).map(move |row| FIRST + u64::from(number) * u64::from(BLOCK_LEN) + row);
    for number in 0..BLOCKS {
        let mut block = RecipientBlock::new(Vec::new().into());
        for digits in numbers(number) {
            block.push(digits, 1, []).unwrap();
        }
        let encoded = EncodedBlock::new(number, &block, &StateBlock::waiting(block.len()));
        recipients::replace_blocks(&system, campaign, &[encoded]).await.unwrap();
    }
    let last = BLOCKS * BLOCK_LEN - 1;
    let begun = std::time::Instant::now();
    for from in [0, last / 2, last - 20] {
        let query = PageQuery { from, state: None, limit: 50 };
        let page = recipients::page(&scope, campaign, query, Reveal::Masked, &()).await.unwrap();
        assert_eq!(page.rows.first().map(|row| row.index), Some(from));
    }
    let pages = begun.elapsed();
    let begun = std::time::Instant::now();
    let delivered = PageQuery { from: 0, state: Some(RecipientState::Delivered), limit: 50 };
    assert!(recipients::page(&scope, campaign, delivered, Reveal::Masked, &()).await.unwrap().rows.is_empty());
    let by_state = begun.elapsed();
    let begun = std::time::Instant::now();
    for index in [0, last / 3, last] {
        let number = PhoneNumber::from_u64(FIRST + u64::from(index)).unwrap();
        let found = recipients::find_by_number(&scope, campaign, number, 5, &()).await.unwrap();
        assert_eq!(found.iter().map(|row| row.index).collect::<Vec<_>>(), [index]);
    }
    let search = begun.elapsed();
    println!("{last} recipients: 3 pages {pages:?}, none in a state {by_state:?}, 3 searches {search:?}");
    // Without optimisation and beside other work; a scan of everything takes many times as long.
    assert!(
        pages.as_secs() < 5 && by_state.as_secs() < 5 && search.as_secs() < 10,
        "{pages:?} {by_state:?} {search:?}"
    );
}
