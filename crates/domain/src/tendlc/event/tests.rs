//! Webhooks as they really come: late, twice, out of order, and again.

use proptest::prelude::*;

use super::*;

fn fresh() -> CampaignState {
    CampaignState { status: Known::new(RegistryStatus::Active, 0), sharing: None, carriers: BTreeMap::new() }
}

fn carrier(event: CarrierEvent) -> CampaignNews {
    CampaignNews::Carrier(Carrier::TMobile, event)
}

fn status(state: &CampaignState) -> Option<CarrierStatus> {
    state.carriers.get(&Carrier::TMobile).map(|known| known.value)
}

fn becomes(state: &CampaignState, at_ms: i64, news: CampaignNews) -> CampaignState {
    match state.apply(Some(at_ms), news) {
        Outcome::Becomes(next) => next,
        other => panic!("{news:?}: {other:?}"),
    }
}

#[test]
fn a_late_approval_does_not_lift_a_suspension() {
    let approved = becomes(&fresh(), 10, carrier(CarrierEvent::Approve));
    let suspended = becomes(&approved, 20, carrier(CarrierEvent::Suspend));
    for late in [carrier(CarrierEvent::Approve), carrier(CarrierEvent::Unsuspend), carrier(CarrierEvent::Review)] {
        assert_eq!(suspended.apply(Some(15), late), Outcome::Nothing, "{late:?}");
    }
    assert_eq!(suspended.apply(Some(20), carrier(CarrierEvent::Suspend)), Outcome::Nothing);
    assert_eq!(status(&becomes(&suspended, 30, carrier(CarrierEvent::Unsuspend))), Some(CarrierStatus::Registered));
}

/// The registry was just asked, by our clock; the suspension came afterwards, by the registry's, which is slow.
#[test]
fn a_suspension_by_a_slow_clock_is_not_overlooked() {
    let approved = becomes(&fresh(), 100_000, carrier(CarrierEvent::Approve));
    let Outcome::Ask { meanwhile: Some(held) } = approved.apply(Some(90_000), carrier(CarrierEvent::Suspend)) else {
        panic!("the registry has to be asked");
    };
    assert_eq!(status(&held), Some(CarrierStatus::Suspended));
    assert_eq!(approved.apply(Some(100_000 - SKEW_MS - 1), carrier(CarrierEvent::Suspend)), Outcome::Nothing);
    // What opens waits for the next question.
    let suspended = becomes(&approved, 200_000, carrier(CarrierEvent::Suspend));
    assert_eq!(suspended.apply(Some(190_000), carrier(CarrierEvent::Unsuspend)), Outcome::Nothing);
    assert_eq!(suspended.apply(Some(190_000), carrier(CarrierEvent::Suspend)), Outcome::Nothing);
}

#[test]
fn without_a_time_an_event_is_a_reason_to_ask() {
    let approved = becomes(&fresh(), 10, carrier(CarrierEvent::Approve));
    // A replayed suspension changes nothing by itself, and holds messages back only while nobody answers.
    let Outcome::Ask { meanwhile: Some(held) } = approved.apply(None, carrier(CarrierEvent::Suspend)) else {
        panic!("the registry has to be asked");
    };
    assert_eq!(status(&held), Some(CarrierStatus::Suspended));
    let answer = CampaignAnswer {
        status: RegistryStatus::Active,
        sharing: None,
        carriers: BTreeMap::from([(Carrier::TMobile, CarrierStatus::Registered)]),
    };
    assert_eq!(status(&held.answered(&answer, 11)), Some(CarrierStatus::Registered));
    // A replayed approval opens nothing, whoever answers.
    let suspended = becomes(&approved, 20, carrier(CarrierEvent::Suspend));
    assert_eq!(suspended.apply(None, carrier(CarrierEvent::Unsuspend)), Outcome::Ask { meanwhile: None });
    assert_eq!(suspended.apply(None, carrier(CarrierEvent::Suspend)), Outcome::Nothing);
}

#[test]
fn an_answer_does_not_undo_what_came_after_the_question() {
    let approved = becomes(&fresh(), 10, carrier(CarrierEvent::Approve));
    let suspended = becomes(&approved, 100, carrier(CarrierEvent::Suspend));
    let answer = CampaignAnswer {
        status: RegistryStatus::Active,
        sharing: Some(SharingState::Accepted),
        carriers: BTreeMap::from([
            (Carrier::TMobile, CarrierStatus::Registered),
            (Carrier::Att, CarrierStatus::Review),
        ]),
    };
    let asked_before = suspended.answered(&answer, 90);
    assert_eq!(status(&asked_before), Some(CarrierStatus::Suspended));
    assert_eq!(asked_before.carriers[&Carrier::Att].value, CarrierStatus::Review);
    assert_eq!(status(&suspended.answered(&answer, 110)), Some(CarrierStatus::Registered));
}

#[test]
fn what_cannot_follow_is_asked_for() {
    // The approval in between was lost.
    let review = becomes(&fresh(), 10, carrier(CarrierEvent::Review));
    assert!(matches!(review.apply(Some(20), carrier(CarrierEvent::Unsuspend)), Outcome::Ask { meanwhile: None }));
    assert!(matches!(review.apply(Some(20), carrier(CarrierEvent::Suspend)), Outcome::Ask { meanwhile: Some(_) }));
    assert_eq!(review.apply(Some(20), CampaignNews::Changed), Outcome::Ask { meanwhile: None });
}

#[test]
fn the_end_is_the_end() {
    let expired = becomes(&fresh(), 10, CampaignNews::Expired);
    assert_eq!(expired.status.value, RegistryStatus::Expired);
    let brand =
        BrandState { status: Known::new(BrandStatus::Active, 0), identity: Known::new(IdentityStatus::Verified, 0) };
    let Outcome::Becomes(deleted) = brand.apply(Some(5), BrandNews::Deleted) else { panic!("it is deleted") };
    assert_eq!(deleted.status.value, BrandStatus::Deleted);
    assert_eq!(deleted.apply(None, BrandNews::Deleted), Outcome::Nothing);
}

#[test]
fn an_identity_that_is_lost_holds_until_the_registry_says_otherwise() {
    let brand =
        BrandState { status: Known::new(BrandStatus::Active, 0), identity: Known::new(IdentityStatus::Verified, 10) };
    let lost = BrandNews::Identity(IdentityStatus::Unverified);
    assert!(matches!(brand.apply(None, lost), Outcome::Ask { meanwhile: Some(_) }));
    assert_eq!(brand.apply(Some(9 - SKEW_MS), lost), Outcome::Nothing);
    let gained = BrandNews::Identity(IdentityStatus::VettedVerified);
    assert_eq!(brand.apply(None, gained), Outcome::Ask { meanwhile: None });
    let Outcome::Becomes(unverified) = brand.apply(Some(11), lost) else { panic!("it is newer") };
    let answer = BrandAnswer { status: BrandStatus::Active, identity: IdentityStatus::Verified };
    assert_eq!(unverified.answered(&answer, 10).identity.value, IdentityStatus::Unverified);
    assert_eq!(unverified.answered(&answer, 12).identity.value, IdentityStatus::Verified);
}

/// What really happened at the registry: one event after the other, each possible when it came.
fn history(choices: &[(usize, usize)]) -> (Vec<(i64, CampaignNews)>, BTreeMap<Carrier, CarrierStatus>) {
    let (mut truth, mut events) = (BTreeMap::new(), Vec::new());
    for (at_ms, (which, choice)) in (1..).zip(choices) {
        let carrier = Carrier::ALL[which % 2];
        let status = truth.get(&carrier).copied();
        let possible: Vec<_> =
            CarrierEvent::ALL.into_iter().filter(|event| super::carrier::transition(status, *event).is_ok()).collect();
        let event = possible[choice % possible.len()];
        truth.insert(carrier, event.result());
        events.push((at_ms, CampaignNews::Carrier(carrier, event)));
    }
    (events, truth)
}

fn deliver(
    state: CampaignState,
    (at_ms, news): (Option<i64>, CampaignNews),
    truth: &BTreeMap<Carrier, CarrierStatus>,
    now_ms: i64,
) -> CampaignState {
    let answer = CampaignAnswer { status: RegistryStatus::Active, sharing: None, carriers: truth.clone() };
    match state.apply(at_ms, news) {
        Outcome::Nothing => state,
        Outcome::Becomes(next) => next,
        Outcome::Ask { .. } => state.answered(&answer, now_ms),
    }
}

proptest! {
    /// All of it happened before the first webhook arrives; whatever the order, we end with the truth, and what comes
    /// again afterwards changes nothing.
    #[test]
    fn any_order_leads_to_the_truth(
        choices in proptest::collection::vec((0usize..2, 0usize..6), 1..12),
        order in proptest::collection::vec(0usize..12, 0..30),
        timed: bool,
    ) {
        let (events, truth) = history(&choices);
        let time = |at_ms| timed.then_some(at_ms);
        let repeated = order.iter().map(|at| events[at % events.len()]);
        // Each at least once, in some order.
        let mut all: Vec<_> = repeated.chain(events.iter().copied()).collect();
        let turn = order.first().copied().unwrap_or(0) % all.len();
        all.rotate_left(turn);
        let mut state = fresh();
        for (at_ms, news) in &all {
            state = deliver(state, (time(*at_ms), *news), &truth, 1_000);
        }
        prop_assert_eq!(state.carrier_statuses(), truth.clone());
        for (at_ms, news) in &all {
            let again = deliver(state.clone(), (time(*at_ms), *news), &truth, 1_000);
            prop_assert_eq!(again.carrier_statuses(), truth.clone());
        }
    }

    /// Nobody opens a closed door with an event that they kept.
    #[test]
    fn an_event_without_a_time_never_changes_anything_by_itself(
        choices in proptest::collection::vec((0usize..2, 0usize..6), 1..12),
        which in 0usize..6,
    ) {
        let (events, truth) = history(&choices);
        let state = events.iter().fold(fresh(), |state, (at_ms, news)| deliver(state, (Some(*at_ms), *news), &truth, 0));
        let replayed = CampaignNews::Carrier(Carrier::Att, CarrierEvent::ALL[which]);
        match state.apply(None, replayed) {
            Outcome::Nothing => {}
            Outcome::Becomes(next) => prop_assert!(false, "{next:?}"),
            Outcome::Ask { meanwhile } => {
                if let Some(next) = meanwhile {
                    prop_assert_ne!(next.carriers[&Carrier::Att].value, CarrierStatus::Registered);
                }
            }
        }
    }
}
