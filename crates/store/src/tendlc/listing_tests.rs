//! Lists of thousands over several workspaces: in their order, narrowed, and with nothing lost or doubled between pages.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::{BrandId, TenDlcCampaignId, WorkspaceId},
    phone::PhoneNumber,
    tendlc::{
        BrandForm, BrandPhase, BrandStatus, CampaignPhase, Carrier, CarrierStatus, EntityType, IdentityStatus,
        RegistryStatus, TenDlcCampaign, Urgency, UseCase,
        event::{BrandState, CampaignState, Known},
        life::Registration,
        limits::{Connector, limits},
    },
};
use surrealdb::types::Variables;
use uuid::Uuid;

use super::{
    Brand, Desk, Listed, Number, Search, Sight, Slice, TenDlc, action,
    attention::{self, Entry},
    brands, campaigns, fill_columns,
    kept::{Kept, record},
    numbers::{self, Current, NumberState, Past, Whose},
};
use crate::{
    Error,
    access::with,
    db::tx::Columns,
    fixture::{Installation, in_memory},
    tendlc::Edits,
    workspaces::{self, NewWorkspace},
};

const START_MS: i64 = 1_790_000_000_000;

struct It {
    it: Installation,
    workspaces: Vec<WorkspaceId>,
}

fn uuid(kind: u128, number: u64) -> Uuid {
    // In an order of its own, so that no list is in order by accident.
    Uuid::from_u128((u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64) | (kind << 60) | u128::from(number))
}

impl It {
    async fn start(several: usize) -> Self {
        let it = in_memory().await;
        let mut workspaces = vec![it.enter(&it.admin).await.workspace_id()];
        for name in ["beta", "gamma", "delta", "epsilon"].iter().take(several - 1) {
            let new = NewWorkspace {
                slug: (*name).into(),
                display_name: name.to_uppercase(),
                time_zone: "UTC".into(),
                default_country: "US".into(),
                four_eyes: true,
            };
            workspaces.push(workspaces::create(&it.gate, &new).await.unwrap().id);
        }
        Self { it, workspaces }
    }

    /// All of them.
    async fn sight(&self) -> Sight {
        self.it.gate.registrar(&self.it.root).await.unwrap().sight(None).await.unwrap()
    }

    async fn desk(&self) -> Desk {
        self.it.gate.registrar(&self.it.root).await.unwrap().at(self.workspaces[0]).await.unwrap()
    }

    fn workspace(&self, number: u64) -> WorkspaceId {
        self.workspaces[usize::try_from(number).unwrap() % self.workspaces.len()]
    }

    async fn put<K: Kept>(&self, docs: &[K]) {
        for some in docs.chunks(500) {
            let rows = || some.iter().map(|doc| (record::<K>(doc.workspace(), doc.id()), doc.clone()));
            self.it.system.inner().db.transact(|| with(|tx| tx.insert(K::TABLE, rows()))).await.unwrap();
        }
    }

    /// Every fourth is a draft, unverified, ready, deleted; five were made at the same moment.
    fn brand(&self, number: u64) -> Brand {
        let form = BrandForm {
            display_name: format!("Brand {number}"),
            company_name: "Acme LLC".into(),
            ein: "12-3456789".into(),
            email: "compliance@acme.example".into(),
            phone: "+13035550100".into(),
            street: "1 Main Street".into(),
            city: "Denver".into(),
            state: "CO".into(),
            postal_code: "80202".into(),
            vertical: Some(domain::tendlc::Vertical::Retail),
            ..BrandForm::new(EntityType::PrivateProfit)
        };
        let identity = if number % 4 == 1 { IdentityStatus::Unverified } else { IdentityStatus::Verified };
        let status = if number % 4 == 3 { BrandStatus::Deleted } else { BrandStatus::Active };
        let state = BrandState { status: Known::new(status, 0), identity: Known::new(identity, 0) };
        let drafted = number.is_multiple_of(4);
        let id = format!("B{number:06}").parse().unwrap();
        Brand {
            id: BrandId::from_uuid(uuid(1, number)),
            workspace: self.workspace(number),
            details: form.check(&limits(Connector::Registry)).unwrap(),
            at_registry: None,
            telling: None,
            edit: None,
            edits: Edits::default(),
            registration: if drafted {
                Registration::Draft
            } else {
                Registration::Registered { reference: String::new(), id }
            },
            state: (!drafted).then_some(state),
            confirmed: true,
            vettings: Vec::new(),
            feedback: Vec::new(),
            todo: Vec::new(),
            refusal: None,
            created_by: self.it.root.user().id,
            created_by_name: "Root".into(),
            created_at_ms: START_MS + i64::try_from(number / 5).unwrap(),
            synced_at_ms: None,
            revision: 1,
        }
    }

    /// Of the brand with the same number; every third is suspended, active, expired long ago.
    fn campaign(&self, number: u64) -> TenDlc {
        let carrier = if number.is_multiple_of(3) { CarrierStatus::Suspended } else { CarrierStatus::Registered };
        let status = if number % 3 == 2 { RegistryStatus::Expired } else { RegistryStatus::Active };
        let state = CampaignState {
            status: Known::new(status, 0),
            sharing: None,
            carriers: BTreeMap::from([(Carrier::Att, Known::new(carrier, 0))]),
        };
        let id = format!("C{number:06}").parse().unwrap();
        TenDlc {
            id: TenDlcCampaignId::from_uuid(uuid(2, number)),
            workspace: self.workspace(number),
            brand: BrandId::from_uuid(uuid(1, number)),
            form: TenDlcCampaign { description: format!("Tells {number}"), ..TenDlcCampaign::new(UseCase::Marketing) },
            at_registry: None,
            telling: None,
            edit: None,
            edits: Edits::default(),
            registration: Registration::Registered { reference: String::new(), id },
            state: Some(state),
            upstream: None,
            rejections: BTreeMap::new(),
            todo: Vec::new(),
            resubmission_unsure: false,
            refusal: None,
            created_by: self.it.root.user().id,
            created_by_name: "Root".into(),
            created_at_ms: START_MS + i64::try_from(number / 5).unwrap(),
            synced_at_ms: None,
            revision: 1,
        }
    }

    /// In the first workspace; every third is in the first 10DLC campaign, was in it, is free.
    fn number(&self, number: u64) -> Number {
        let campaign = TenDlcCampaignId::from_uuid(uuid(2, 0));
        let state = if number.is_multiple_of(2) { NumberState::Active } else { NumberState::Assigning };
        let past = Past { campaign, from_ms: 1, to_ms: 2, reason: None };
        Number {
            number: PhoneNumber::from_u64(13_035_500_000 + number).unwrap(),
            workspace: self.workspaces[0],
            added: number % 3 == 2,
            current: number.is_multiple_of(3).then_some(Current { campaign, since_ms: 1, state }),
            history: if number % 3 == 1 { vec![past] } else { Vec::new() },
            added_at_ms: 1,
            revision: 1,
        }
    }
}

/// Every page of a list, one after the other.
macro_rules! walked {
    ($slice:ident, $page:expr) => {{
        let (mut found, mut page) = (Vec::new(), 1);
        loop {
            let $slice = Slice::page(page, 110);
            let listed = $page.await.unwrap();
            assert_eq!(listed.page(), page);
            assert!(listed.items.len() <= 110);
            let (pages, total) = (listed.pages(), listed.total);
            found.extend(listed.items);
            if page == pages {
                assert_eq!(found.len() as u64, total);
                break found;
            }
            page += 1;
        }
    }};
}

/// Newest first; what was made at the same moment by its key.
fn newest_first<K: Kept>(docs: &[K], made_at_ms: impl Fn(&K) -> i64) -> Vec<String> {
    let key = |doc: &K| (made_at_ms(doc), doc.workspace().to_string(), doc.id().to_string());
    let mut keys: Vec<_> = docs.iter().map(key).collect();
    keys.sort_unstable_by(|one, other| other.cmp(one));
    keys.into_iter().map(|(_, _, id)| id).collect()
}

#[tokio::test]
async fn of_thousands_of_brands_in_five_workspaces_each_is_on_one_page() {
    let it = It::start(5).await;
    let all: Vec<Brand> = (0..1_500).map(|number| it.brand(number)).collect();
    it.put(&all).await;
    let sight = it.sight().await;
    let any = brands::Filter::default();
    let found = walked!(slice, brands::page(&sight, &any, slice));
    let ids = |found: &[Brand]| found.iter().map(|brand| brand.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(&found), newest_first(&all, |brand| brand.created_at_ms));

    // Of those workspaces alone that somebody sees.
    let seen = sight.of([it.workspaces[1], it.workspaces[3]]);
    let theirs: Vec<Brand> =
        all.iter().filter(|brand| [it.workspaces[1], it.workspaces[3]].contains(&brand.workspace)).cloned().collect();
    let found = walked!(slice, brands::page(&seen, &any, slice));
    assert_eq!(ids(&found), newest_first(&theirs, |brand| brand.created_at_ms));
    assert!(brands::page(&sight.of([]), &any, Slice::page(1, 70)).await.unwrap().items.is_empty());

    // Narrowed by where they stand, and by what somebody looks for: a name, the registry's id, a workspace's name.
    let unverified = brands::Filter { phases: vec![BrandPhase::Unverified], ..any.clone() };
    let found = walked!(slice, brands::page(&sight, &unverified, slice));
    assert!(found.len() == 375 && found.iter().all(|brand| brand.phase() == BrandPhase::Unverified));
    for (text, expected) in [("brand 147", 11), ("b001499", 1), ("nothing like that", 0)] {
        let search = Search::new(text, []);
        let found = brands::page(&sight, &brands::Filter { search, ..any.clone() }, Slice::page(1, 70)).await.unwrap();
        assert_eq!(found.total, expected, "{text}");
    }
    let search = Search::new("beta", [it.workspaces[1]]);
    let found = brands::page(&sight, &brands::Filter { search, ..any.clone() }, Slice::page(1, 70)).await.unwrap();
    assert!(found.total == 300 && found.items.iter().all(|brand| brand.workspace == it.workspaces[1]));

    // Counted, and chosen from.
    let phases = brands::phases(&sight).await.unwrap();
    assert_eq!(phases.values().sum::<u64>(), 1_500);
    assert_eq!(phases.get(&BrandPhase::Ready), Some(&375));
    let counts = brands::by_workspace(&seen).await.unwrap();
    assert_eq!(counts.iter().map(|(workspace, _)| *workspace).collect::<BTreeSet<_>>().len(), 2);
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 300, "neither drafts nor what is deleted");
    let choices = walked!(slice, brands::choices(&seen, slice));
    assert_eq!(choices.len(), 450);
    assert!(choices.iter().take(150).all(|brand| brand.phase() == BrandPhase::Ready));
}

#[tokio::test]
async fn of_thousands_of_10dlc_campaigns_each_is_on_one_page_and_found_by_its_brand() {
    let it = It::start(3).await;
    it.put(&(0..1_200).map(|number| it.brand(number)).collect::<Vec<_>>()).await;
    let all: Vec<TenDlc> = (0..1_200).map(|number| it.campaign(number)).collect();
    it.put(&all).await;
    let sight = it.sight().await;
    let any = campaigns::Filter::default();
    let found = walked!(slice, campaigns::page(&sight, &any, slice));
    let ids: Vec<String> = found.iter().map(|campaign| campaign.id.to_string()).collect();
    assert_eq!(ids, newest_first(&all, |campaign| campaign.created_at_ms));

    let of = |brand| campaigns::Filter { brand: Some(brand), ..any.clone() };
    let own = campaigns::page(&sight, &of(all[7].brand), Slice::page(1, 70)).await.unwrap();
    assert_eq!(own.items.iter().map(|campaign| campaign.id).collect::<Vec<_>>(), [all[7].id]);
    for (text, expected) in [("tells 1199", 1), ("brand 1199", 1), ("b000011", 1), ("marketing", 1_200), ("no such", 0)]
    {
        let filter = campaigns::Filter { search: Search::new(text, []), ..any.clone() };
        assert_eq!(campaigns::page(&sight, &filter, Slice::page(1, 70)).await.unwrap().total, expected, "{text}");
    }
    // Brands that are not verified, or deleted, hold those that are not over; that is no column of theirs.
    let brand = |number: u64| BrandPhase::from_word(["draft", "unverified", "ready", "deleted"][number as usize % 4]);
    let stands = |number: u64| all[number as usize].phase().under(brand(number).unwrap());
    for phases in
        [vec![CampaignPhase::Suspended], vec![CampaignPhase::Held], vec![CampaignPhase::Held, CampaignPhase::Active]]
    {
        let expected: BTreeSet<_> = (0..1_200)
            .filter(|number| phases.contains(&stands(*number)))
            .map(|number| all[number as usize].id)
            .collect();
        let filter = campaigns::Filter { phases, ..any.clone() };
        let found: Vec<TenDlc> = walked!(slice, campaigns::page(&sight, &filter, slice));
        assert_eq!(found.iter().map(|campaign| campaign.id).collect::<BTreeSet<_>>(), expected);
    }
    let expected = [
        (CampaignPhase::Active, 200),
        (CampaignPhase::Suspended, 200),
        (CampaignPhase::Held, 400),
        (CampaignPhase::Expired, 400),
    ];
    assert_eq!(campaigns::phases(&sight).await.unwrap(), BTreeMap::from(expected));
    let live = campaigns::by_brand(&sight, [all[0].brand, all[2].brand]).await.unwrap();
    assert_eq!(live, BTreeMap::from([((all[0].workspace, all[0].brand), 1)]), "one that has expired is over");

    // The engine's rounds go through all of them, too.
    let (mut after, mut seen) = (None, BTreeSet::new());
    loop {
        let some = campaigns::live(&it.it.system, after).await.unwrap();
        let Some(last) = some.last() else { break };
        after = Some(*last);
        for one in some {
            assert!(seen.insert(one), "twice");
        }
    }
    assert_eq!(seen.len(), 800);
    let (mut after, mut count) = (None, 0);
    let system = it.it.system.enter(it.workspaces[1], crate::Reason::Registry);
    loop {
        let some = campaigns::live_in(&system, after).await.unwrap();
        let Some(last) = some.last() else { break };
        after = Some(*last);
        count += some.iter().filter(|(workspace, _)| *workspace == it.workspaces[1]).count();
    }
    assert_eq!(count, all.iter().filter(|one| one.workspace == it.workspaces[1] && one.is_live()).count());
}

#[tokio::test]
async fn what_needs_attention_comes_the_worst_first_and_once() {
    let it = It::start(3).await;
    it.put(&(0..600).map(|number| it.brand(number)).collect::<Vec<_>>()).await;
    it.put(&(0..600).map(|number| it.campaign(number)).collect::<Vec<_>>()).await;
    it.put(&(0..600).map(|number| it.number(number)).collect::<Vec<_>>()).await;
    let (sight, now_ms) = (it.sight().await, START_MS + 1_000_000);
    let found = walked!(slice, attention::page(&sight, None, now_ms, slice));
    let urgency = |entry: &Entry| match entry {
        Entry::Brand(brand) => brand.matters()[0].urgency(),
        Entry::Campaign(campaign) => campaign.matters(now_ms)[0].urgency(),
        Entry::Numbers { .. } => Urgency::Waiting,
    };
    assert!(found.is_sorted_by_key(|entry| std::cmp::Reverse(urgency(entry))));
    let name = |entry: &Entry| match entry {
        Entry::Brand(brand) => brand.id.to_string(),
        Entry::Campaign(campaign) => campaign.id.to_string(),
        Entry::Numbers { workspace, state, .. } => format!("{workspace} {state:?}"),
    };
    assert_eq!(found.iter().map(name).collect::<BTreeSet<_>>().len(), found.len(), "each once");
    // Drafts and unverified brands, suspended campaigns, and 100 numbers that are on their way in together.
    assert_eq!(found.len(), 300 + 200 + 1);
    assert!(matches!(found.last(), Some(Entry::Numbers { state: NumberState::Assigning, count: 100, .. })));
    let counts: u64 = attention::counts(&sight, now_ms).await.unwrap().into_iter().map(|(_, count)| count).sum();
    assert_eq!(counts, 501);
    // One that has expired is named for thirty days.
    let month_ms = 30 * 24 * 3_600_000;
    for (now_ms, expected) in [(month_ms - 1, 501 + 200), (month_ms, 501)] {
        let listed = attention::page(&sight, None, now_ms, Slice::page(1, 1)).await.unwrap();
        assert_eq!(listed.total, expected);
    }
    let search = Search::new("brand 599", []);
    let listed = attention::page(&sight, search.as_ref(), now_ms, Slice::page(1, 70)).await.unwrap();
    assert_eq!(listed.total, 0, "that brand is deleted, and its 10DLC campaign has expired");
    let search = Search::new("brand 597", []);
    let listed = attention::page(&sight, search.as_ref(), now_ms, Slice::page(1, 70)).await.unwrap();
    assert_eq!(listed.total, 2, "the brand and its 10DLC campaign");
}

#[tokio::test]
async fn of_thousands_of_numbers_each_is_on_one_page() {
    let it = It::start(2).await;
    it.put(&[it.brand(0)]).await;
    it.put(&[it.campaign(0)]).await;
    let all: Vec<Number> = (0..2_100).map(|number| it.number(number)).collect();
    it.put(&all).await;
    let desk = it.desk().await;
    let (proof, campaign) = (desk.may::<action::Read>().unwrap(), it.campaign(0).id);
    let numbers_of = |found: &[Number]| found.iter().map(|number| number.number).collect::<Vec<_>>();
    let own = walked!(slice, numbers::owned(&proof, Whose::Own, slice));
    assert!(own.len() == 1_400 && numbers_of(&own).is_sorted());
    let former = walked!(slice, numbers::owned(&proof, Whose::Former, slice));
    assert!(former.len() == 700 && former.iter().all(|number| !number.added && number.current.is_none()));
    let members = walked!(slice, numbers::page(&desk, campaign, false, slice));
    assert_eq!(members.len(), 700);
    let with_past = walked!(slice, numbers::page(&desk, campaign, true, slice));
    assert!(with_past.len() == 1_400 && with_past[..700] == members, "those that are in it first");
    let Listed { items, total, .. } = numbers::free(&proof, Slice::new(20, 0)).await.unwrap();
    assert_eq!((items.len(), total), (20, 700));
    let sight = proof.sight();
    assert_eq!(numbers::total(&sight).await.unwrap(), 700);
    let counts = numbers::by_campaign(&sight, [campaign]).await.unwrap();
    assert_eq!(counts, BTreeMap::from([((it.workspaces[0], campaign), 700)]));
    assert!(matches!(
        numbers::page(&desk, TenDlcCampaignId::NIL, true, Slice::page(1, 70)).await,
        Err(Error::NotFound)
    ));
    // For the end of a 10DLC campaign.
    let system = it.it.system.enter(it.workspaces[0], crate::Reason::Registry);
    let (mut after, mut found) = (None, Vec::new());
    loop {
        let some = numbers::in_campaign(&system, campaign, after).await.unwrap();
        let Some(last) = some.last() else { break };
        after = Some(*last);
        found.extend(some);
    }
    assert_eq!(found, numbers_of(&members));
}

#[tokio::test]
async fn records_of_an_earlier_version_get_what_lists_are_narrowed_by() {
    let it = It::start(2).await;
    let brands: Vec<Brand> = (0..450).map(|number| it.brand(number)).collect();
    it.put(&brands).await;
    it.put(&[it.campaign(0)]).await;
    it.put(&[it.number(0)]).await;
    let db = &it.it.system.inner().db;
    // As they were written before the columns were there.
    let forget = "REMOVE FIELD phase ON tendlc_brand; REMOVE FIELD search ON tendlc_brand; \
                  UPDATE tendlc_brand UNSET phase, search RETURN NONE";
    db.read(forget, Variables::new()).await.unwrap();
    let sight = it.sight().await;
    let unverified = brands::Filter { phases: vec![BrandPhase::Unverified], ..Default::default() };
    assert_eq!(brands::page(&sight, &unverified, Slice::page(1, 70)).await.unwrap().total, 0);
    db.read(include_str!("../schema/0025_tendlc_lists.surql"), Variables::new()).await.unwrap();
    fill_columns(db).await.unwrap();
    let expected = brands.iter().filter(|brand| brand.phase() == BrandPhase::Unverified).count() as u64;
    assert_eq!(brands::page(&sight, &unverified, Slice::page(1, 70)).await.unwrap().total, expected);
    assert!(brands[0].columns().iter().any(|(name, _)| *name == "phase"));
}
