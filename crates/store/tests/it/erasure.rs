//! One number over all campaigns: given out, and taken out of everything but the figures.

use domain::{
    campaign::{Event, Status},
    id::CampaignId,
    permission::kind,
    phone::PhoneNumber,
    reject::RejectReason,
};
use store::{
    Error, Granted, Reason, audit, campaigns,
    erasure::{self, NumberCsv},
    recipients::{
        self, Batch, EncodedBlock, IngestPhase, PageQuery, RecipientBlock, Reject, RejectChunk, Reveal, StateBlock,
    },
    suppressions::{self, AddedAs},
};

use crate::fixture::{self, Installation};

const FIRST: u64 = 436_600_000_000;

fn number(i: u64) -> PhoneNumber {
    PhoneNumber::from_u64(FIRST + i).unwrap()
}

async fn manage(it: &Installation) -> Granted<kind::ManageWorkspace> {
    it.enter(&it.admin).await.grant().unwrap()
}

/// Ten recipients with a column, and two lines that are none.
async fn fill(it: &Installation, campaign: CampaignId) {
    let workspace = it.enter(&it.author).await.workspace_id();
    let system = it.system.enter(workspace, Reason::Ingest);
    let names = ["name".to_owned()];
    let checkpoint = recipients::open_ingest(&system, campaign, None, "file", (0, 1), &names).await.unwrap();
    let mut block = RecipientBlock::new(names.to_vec().into());
    for i in 0..10 {
        block.push(FIRST + i, 1, [format!("person {i}").as_str()]).unwrap();
    }
    let reject = |line, text: &str| Reject::new(line, RejectReason::ColumnMissing, text.as_bytes());
    let rejects = RejectChunk { rejects: vec![reject(11, "0660 0000003;Cut"), reject(12, "nothing")] };
    let mut next = checkpoint.clone();
    next.next_index = 10;
    next.phase = IngestPhase::Done;
    let batch = Batch {
        blocks: vec![EncodedBlock::new(0, &block, &StateBlock::waiting(10))],
        rejects: vec![(0, Batch::pack(&rejects))],
        checkpoint: Some(next),
    };
    recipients::commit_ingest(&system, campaign, checkpoint.revision, &batch).await.unwrap();
}

async fn known(it: &Installation, i: u64) -> String {
    let reveal = it.enter(&it.admin).await.grant().unwrap();
    let mut csv = NumberCsv::open(&manage(it).await, &reveal, number(i)).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = csv.next_piece().await.unwrap() {
        text.push_str(&piece);
    }
    text
}

#[tokio::test]
async fn what_is_known_of_a_number_is_given_out_and_then_forgotten() {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await.id;
    fill(&it, campaign).await;
    suppressions::add(&manage(&it).await, &[number(3)], AddedAs::Person).await.unwrap();
    let text = known(&it, 3).await;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[1].starts_with("suppression list,"), "{text}");
    assert!(lines[2].contains(",Draft,4,436600000003,Waiting,") && lines[2].ends_with("name: person 3"), "{text}");
    assert_eq!(known(&it, 99).await.lines().count(), 1);

    let erased = erasure::erase(&manage(&it).await, number(3)).await.unwrap();
    assert_eq!((erased.campaigns, erased.recipients, erased.lines), (vec![campaign], 1, 1));
    assert_eq!(known(&it, 3).await.lines().count(), 2, "the suppression list is another thing");
    let author = it.enter(&it.author).await;
    assert!(recipients::find_by_number(&author, campaign, number(3), 5, &()).await.unwrap().is_empty());
    let page =
        recipients::page(&author, campaign, PageQuery { limit: 50, ..PageQuery::default() }, Reveal::Masked, &());
    let rows = page.await.unwrap().rows;
    assert_eq!((rows.len(), rows[3].number.as_str(), rows[3].ctn_hash.as_str()), (10, "erased", ""));
    assert_eq!(rows[4].number, "•••0004");
    let samples = recipients::sample_values(&author, campaign, 5).await.unwrap();
    assert_eq!((samples[3]["name"].as_str(), samples[4]["name"].as_str()), ("", "person 4"));
    let rejects = recipients::rejects_page(&author, campaign, 0, 5, Reveal::Masked).await.unwrap();
    assert_eq!(rejects.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["(erased)", "nothing"]);
    // Again there is nothing left.
    assert_eq!(erasure::erase(&manage(&it).await, number(3)).await.unwrap(), erasure::Erased::default());
    let log = format!("{:?}", audit::page(&it.enter(&it.admin).await.grant().unwrap(), None, 50).await.unwrap());
    assert!(!log.contains("436600000003") && !log.contains("person 3"), "{log}");
    let hash = author.ctn_key().ctn_hash(number(3)).to_string();
    assert!(log.contains("recipients.number_erased") && log.contains(&hash), "{log}");
}

#[tokio::test]
async fn what_is_being_sent_keeps_its_numbers_until_it_has_ended() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    fill(&it, campaign.id).await;
    let moderator = it.enter(&it.moderator).await;
    campaigns::approve(&moderator.grant().unwrap(), campaign.id, campaign.life.version).await.unwrap();
    let system = it.system.enter(moderator.workspace_id(), Reason::Dispatch);
    let sending = campaigns::advance(&system, campaign.id, &Event::BuildDone { due: true }, None, None).await.unwrap();
    assert_eq!(sending.life.status, Status::Sending);
    let refused = erasure::erase(&manage(&it).await, number(3)).await.unwrap_err();
    assert!(matches!(&refused, Error::Stale { what } if what.contains("Maintenance") && what.contains("sending")));
    assert_eq!(known(&it, 3).await.lines().count(), 2, "nothing was erased");
    // A number that it does not have is no reason to wait.
    assert!(erasure::erase(&manage(&it).await, number(77)).await.unwrap().campaigns.is_empty());
    let author = it.enter(&it.author).await;
    campaigns::cancel(&author.grant_on(campaign.id).await.unwrap()).await.unwrap();
    assert_eq!(erasure::erase(&manage(&it).await, number(3)).await.unwrap().recipients, 1);
}

#[tokio::test]
async fn two_at_once_in_one_block_are_both_gone() {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await.id;
    fill(&it, campaign).await;
    let proof = manage(&it).await;
    let (one, two) = tokio::join!(erasure::erase(&proof, number(1)), erasure::erase(&proof, number(2)));
    assert_eq!((one.unwrap().recipients, two.unwrap().recipients), (1, 1));
    for i in [1, 2] {
        assert_eq!(known(&it, i).await.lines().count(), 1);
    }
}
