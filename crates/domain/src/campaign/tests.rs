//! [`transition`] against a model that was written from the specification and knows nothing of its code.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn user(number: u8) -> UserId {
    UserId::from_uuid(Uuid::from_u128(u128::from(number)))
}

const AUTHOR: u8 = 0;
const MODERATOR: u8 = 9;

fn life(events: &[Event]) -> Life {
    events.iter().fold(Life::draft(user(AUTHOR), true), |life, event| transition(&life, event).unwrap())
}

fn submit() -> Event {
    Event::Submit { by: user(AUTHOR) }
}

fn approve(by: u8, seen_version: u32) -> Event {
    Event::Approve { by: user(by), seen_version, four_eyes: true, at_ms: 5, start_now: true }
}

fn sending() -> Life {
    life(&[submit(), approve(MODERATOR, 1), Event::BuildDone { due: true }])
}

fn after(life: &Life, event: &Event) -> Status {
    transition(life, event).unwrap().status
}

#[test]
fn the_main_road() {
    let pending = life(&[submit(), approve(MODERATOR, 1), Event::BuildDone { due: false }]);
    assert_eq!(pending.status, Status::Pending);
    assert_eq!(after(&pending, &Event::Due), Status::Sending);
    assert_eq!(after(&sending(), &Event::Finish), Status::Done);
    let approval = pending.approval.unwrap();
    assert_eq!((approval.by, approval.version, approval.self_approval), (user(MODERATOR), 1, false));
}

#[test]
fn an_approved_campaign_without_automatic_start_waits_for_the_button() {
    let mut draft = Life::draft(user(AUTHOR), false);
    draft = transition(&draft, &submit()).unwrap();
    let approved = transition(&draft, &approve(MODERATOR, 1)).unwrap();
    assert_eq!(approved.status, Status::New);
    assert_eq!(after(&approved, &Event::Start { by: user(AUTHOR) }), Status::Building);
    assert_eq!(transition(&draft, &Event::Start { by: user(AUTHOR) }), Err(Refusal::NotApproved));
    assert!(matches!(transition(&approved, &approve(8, 1)), Err(Refusal::AlreadyDecided { approval: Some(_) })));
}

#[test]
fn a_schedule_that_is_past_at_approval_waits_for_the_button_too() {
    let event = Event::Approve { by: user(MODERATOR), seen_version: 1, four_eyes: true, at_ms: 5, start_now: false };
    assert_eq!(life(&[submit(), event]).status, Status::New);
}

#[test]
fn an_edit_makes_a_new_version_and_voids_the_approval() {
    let mut new = life(&[submit()]);
    new.start_automatically = false;
    let approved = transition(&new, &approve(MODERATOR, 1)).unwrap();
    for event in [Event::Edit { by: user(3) }, Event::Upload { by: user(3) }] {
        let edited = transition(&approved, &event).unwrap();
        assert_eq!((edited.status, edited.version, &edited.approval), (Status::New, 2, &None));
        assert_eq!(edited.contributors, [user(AUTHOR), user(3)]);
        assert_eq!(transition(&edited, &approve(MODERATOR, 1)), Err(Refusal::Stale { seen: 1, current: 2 }));
        assert_eq!(transition(&edited, &approve(3, 2)), Err(Refusal::NotYours));
        assert!(transition(&edited, &approve(MODERATOR, 2)).is_ok());
    }
    let draft = life(&[Event::Edit { by: user(3) }, Event::Upload { by: user(3) }]);
    assert_eq!((draft.version, draft.contributors.len()), (1, 2));
}

#[test]
fn nobody_approves_what_they_worked_on() {
    let new = life(&[Event::Edit { by: user(1) }, Event::Upload { by: user(2) }, Event::Submit { by: user(3) }]);
    for contributor in [AUTHOR, 1, 2, 3] {
        assert_eq!(transition(&new, &approve(contributor, 1)), Err(Refusal::NotYours));
    }
    let event = Event::Approve { by: user(2), seen_version: 1, four_eyes: false, at_ms: 5, start_now: true };
    let approved = transition(&new, &event).unwrap();
    assert!(approved.approval.as_ref().unwrap().self_approval && approved.is_cleared());
    let event = Event::Approve { by: user(4), seen_version: 1, four_eyes: false, at_ms: 5, start_now: true };
    assert!(!transition(&new, &event).unwrap().approval.unwrap().self_approval);
}

#[test]
fn a_decision_is_made_once() {
    for decided in [sending(), life(&[submit(), Event::Reject { by: user(8), seen_version: 1 }])] {
        for event in [approve(7, 1), Event::Reject { by: user(7), seen_version: 1 }] {
            let refusal = transition(&decided, &event).unwrap_err();
            assert_eq!(refusal, Refusal::AlreadyDecided { approval: decided.approval.clone() });
        }
    }
}

#[test]
fn what_the_engine_paused_it_resumes_and_nothing_else() {
    let paused = |reason| transition(&sending(), &Event::PauseFor { reason }).unwrap();
    for reason in PauseReason::ALL.into_iter().filter(|reason| reason.lifts_by_itself()) {
        assert_eq!(after(&paused(reason), &Event::Lift { reason }), Status::Sending);
        assert_eq!(after(&paused(reason), &Event::Resume), Status::Sending);
        // A person's pause comes on top of the engine's, and only a person lifts it.
        let held = transition(&paused(reason), &Event::PauseFor { reason: PauseReason::ByHand }).unwrap();
        assert_eq!(
            transition(&held, &Event::Lift { reason }),
            Err(Refusal::HeldOtherwise { reason: PauseReason::ByHand })
        );
        assert_eq!(after(&held, &Event::Resume), Status::Sending);
    }
    for reason in [PauseReason::ByHand, PauseReason::MissedSchedule] {
        assert_eq!(transition(&paused(reason), &Event::Lift { reason }), Err(Refusal::HeldOtherwise { reason }));
        assert!(transition(&paused(reason), &Event::PauseFor { reason: PauseReason::DailyLimit }).is_err());
        assert!(transition(&paused(reason), &Event::PauseFor { reason }).is_err());
    }
}

#[test]
fn a_pause_in_words_of_its_own_can_be_explained_anew() {
    let because = |why: &str| Event::PauseBecause { reason: PauseReason::TenDlc, why: why.to_owned() };
    let paused = transition(&sending(), &because("AT&T.")).unwrap();
    assert_eq!(paused.pause.as_ref().map(Pause::sentence), Some("AT&T."));
    assert!(transition(&paused, &because("AT&T.")).is_err(), "said already");
    let anew = transition(&paused, &because("Verizon.")).unwrap();
    assert_eq!(
        anew.pause.as_ref().map(|pause| (pause.sentence(), pause.resume_to)),
        Some(("Verizon.", Status::Sending))
    );
    let held = transition(&anew, &Event::PauseFor { reason: PauseReason::ByHand }).unwrap();
    assert_eq!(held.pause.as_ref().map(|pause| pause.why.clone()), Some(None));
    assert!(transition(&held, &because("AT&T.")).is_err(), "a person's pause stays");
    assert_eq!(after(&anew, &Event::Lift { reason: PauseReason::TenDlc }), Status::Sending);
}

#[test]
fn a_pause_goes_back_to_where_it_came_from() {
    let pending = life(&[submit(), approve(MODERATOR, 1), Event::BuildDone { due: false }]);
    let paused = transition(&pending, &Event::PauseFor { reason: PauseReason::ByHand }).unwrap();
    assert_eq!(after(&paused, &Event::Resume), Status::Pending);
    assert!(transition(&paused, &Event::Finish).is_err());
    // Who resumes a missed schedule decides to send now.
    let missed = transition(&pending, &Event::PauseFor { reason: PauseReason::MissedSchedule }).unwrap();
    assert_eq!(after(&missed, &Event::Resume), Status::Sending);
}

#[test]
fn archived_things_do_not_change() {
    let mut new = life(&[submit()]);
    new.start_automatically = false;
    let approved = transition(&new, &approve(MODERATOR, 1)).unwrap();
    let archived = transition(&approved, &Event::Archive { at_ms: 7 }).unwrap();
    assert_eq!((archived.archived_at_ms, &archived.approval), (Some(7), &None));
    for event in [submit(), approve(MODERATOR, 1), Event::Cancel, Event::Archive { at_ms: 8 }] {
        assert_eq!(transition(&archived, &event), Err(Refusal::Archived));
    }
    let restored = transition(&archived, &Event::Restore).unwrap();
    assert_eq!((restored.status, restored.archived_at_ms), (Status::New, None));
    assert_eq!(transition(&restored, &Event::Start { by: user(AUTHOR) }), Err(Refusal::NotApproved));
}

#[test]
fn refusals_say_what_to_do() {
    let refusal = transition(&life(&[]), &Event::Resume).unwrap_err();
    assert_eq!(refusal.to_string(), "a campaign that is Draft cannot be resumed");
    let refusal = Refusal::Stale { seen: 1, current: 2 };
    assert_eq!(
        refusal.to_string(),
        "the campaign was changed since you opened it (you saw version 1, it is now 2); look at it again"
    );
}

#[test]
fn pages_offer_what_the_server_accepts() {
    let offers = |life: &Life, by: u8| life.offers(Mode::OnDemand, user(by), true).collect::<Vec<_>>();
    use Action::{Approve, Archive, Cancel, CancelAndArchive, Edit, Pause, Reject, Restore, Resume, Submit, Upload};
    assert_eq!(offers(&life(&[]), AUTHOR), [Edit, Upload, Submit]);
    assert_eq!(offers(&life(&[submit()]), AUTHOR), [Edit, Upload, Reject, Cancel, Archive]);
    assert_eq!(offers(&life(&[submit()]), MODERATOR), [Edit, Upload, Approve, Reject, Cancel, Archive]);
    assert_eq!(offers(&sending(), AUTHOR), [Pause, Cancel]);
    let of_trigger: Vec<_> = sending().offers(Mode::Trigger, user(AUTHOR), true).collect();
    assert_eq!(of_trigger, [Pause, Action::Finish, Cancel]);
    let paused = transition(&sending(), &Event::PauseFor { reason: PauseReason::ByHand }).unwrap();
    assert_eq!(offers(&paused, AUTHOR), [Resume, Cancel, CancelAndArchive]);
    let done = transition(&sending(), &Event::Finish).unwrap();
    assert_eq!(offers(&done, AUTHOR), [Archive]);
    assert_eq!(offers(&transition(&done, &Event::Archive { at_ms: 1 }).unwrap(), AUTHOR), [Restore]);
}

/// A campaign of a mode that began at 1,000,000 ms, if it did.
fn campaign(mode: Mode, end_at_ms: Option<i64>, validity_minutes: Option<u32>, started_at_ms: Option<i64>) -> Campaign {
    let parameters = Parameters {
        name: "Maintenance".into(),
        mode,
        sender: None,
        channel: "simulator".into(),
        text: "Tonight".into(),
        start_at_ms: Some(1_000_000),
        start_local: None,
        end_at_ms,
        end_local: None,
        ignore_daily_window: false,
        any_text: false,
        template: None,
        daily_limit: None,
        validity_minutes,
        overrides: None,
    };
    Campaign {
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(1)),
        id: CampaignId::from_uuid(Uuid::from_u128(2)),
        life: sending(),
        parameters,
        author: user(AUTHOR),
        author_name: "Ann".into(),
        created_at_ms: 0,
        submitted_at_ms: None,
        started_at_ms,
        ended_at_ms: None,
        decision: None,
        failure: None,
        report: None,
        measured_text: None,
        progress: Progress::default(),
        copy_of: None,
        recipient_data_removed_at_ms: None,
        revision: 1,
    }
}

#[test]
fn windows_and_validities_run_out_and_triggers_close() {
    let ends = |mode, end_at_ms, validity, started| campaign(mode, end_at_ms, validity, started).runs_out_at_ms();
    let (end, begun) = (Some(9_000_000), Some(1_000_000));
    assert_eq!(ends(Mode::Spread, end, Some(1), begun), end, "a message's validity is not the window's");
    assert_eq!(ends(Mode::Spread, end, None, None), None, "what has not begun asks");
    assert_eq!(ends(Mode::Spread, end, None, Some(9_000_000)), None, "a person decided to send after the window");
    for mode in [Mode::OnDemand, Mode::Scheduled] {
        assert_eq!(ends(mode, end, Some(2), begun), Some(1_120_000));
        assert_eq!(ends(mode, end, None, begun), None);
        assert_eq!(ends(mode, end, Some(2), None), None);
    }
    assert_eq!(ends(Mode::Trigger, end, Some(2), begun), None);
    let mut trigger = campaign(Mode::Trigger, end, None, begun);
    assert!(trigger.runs_out());
    trigger.life.closed_at_ms = Some(2);
    assert!(!trigger.runs_out());
    assert!(!campaign(Mode::Trigger, None, None, begun).runs_out());
}

/// What the specification says of a history, kept as facts of their own: which people touched the content, and which
/// decision stands.
#[derive(Debug, Default)]
struct Model {
    submitted: bool,
    touched: Vec<u8>,
    version: u32,
    /// Of the present version: by whom, and whether the rule was off.
    standing: Option<(u8, bool)>,
}

#[derive(Debug, Clone)]
enum Step {
    Edit(u8),
    Upload(u8),
    Submit(u8),
    /// By whom, how many versions behind, four eyes, start now.
    Approve(u8, u32, bool, bool),
    Reject(u8, u32),
    Start(u8),
    Other(Event),
}

impl Step {
    fn event(&self, version: u32) -> Event {
        match *self {
            Self::Edit(by) => Event::Edit { by: user(by) },
            Self::Upload(by) => Event::Upload { by: user(by) },
            Self::Submit(by) => Event::Submit { by: user(by) },
            Self::Approve(by, behind, four_eyes, start_now) => Event::Approve {
                by: user(by),
                seen_version: version.saturating_sub(behind),
                four_eyes,
                at_ms: 1,
                start_now,
            },
            Self::Reject(by, behind) => Event::Reject { by: user(by), seen_version: version.saturating_sub(behind) },
            Self::Start(by) => Event::Start { by: user(by) },
            Self::Other(ref event) => event.clone(),
        }
    }
}

impl Model {
    /// Called for what was accepted; says what must have been true for it.
    fn accepted(&mut self, step: &Step) -> Result<(), &'static str> {
        match *step {
            Step::Edit(by) | Step::Upload(by) => {
                self.touched.push(by);
                if self.submitted {
                    self.version += 1;
                    self.standing = None;
                }
            }
            Step::Submit(by) => {
                self.touched.push(by);
                self.submitted = true;
            }
            Step::Approve(by, behind, four_eyes, _) => {
                if behind > 0 {
                    return Err("a stale approval was accepted");
                }
                if self.standing.is_some() {
                    return Err("a second approval was accepted");
                }
                if four_eyes && self.touched.contains(&by) {
                    return Err("a contributor approved under the four-eyes rule");
                }
                self.standing = Some((by, !four_eyes));
            }
            Step::Reject(_, behind) if behind > 0 || self.standing.is_some() => {
                return Err("a stale or late rejection was accepted");
            }
            // Voids the approval of what has not started; of what has ended it does not matter any more.
            Step::Other(Event::Archive { .. }) => self.standing = None,
            _ => {}
        }
        Ok(())
    }

    fn may_send(&self) -> bool {
        self.submitted && self.standing.is_some_and(|(by, rule_off)| rule_off || !self.touched.contains(&by))
    }
}

fn reason() -> impl Strategy<Value = PauseReason> + Clone {
    prop::sample::select(&PauseReason::ALL[..])
}

fn step() -> impl Strategy<Value = Step> {
    let by = 0_u8..4;
    let reason = reason();
    prop_oneof![
        2 => by.clone().prop_map(Step::Edit),
        1 => by.clone().prop_map(Step::Upload),
        4 => by.clone().prop_map(Step::Submit),
        6 => (by.clone(), 0_u32..2, any::<bool>(), any::<bool>()).prop_map(|(by, behind, four, now)| Step::Approve(by, behind, four, now)),
        1 => (by.clone(), 0_u32..2).prop_map(|(by, behind)| Step::Reject(by, behind)),
        4 => by.prop_map(Step::Start),
        4 => any::<bool>().prop_map(|due| Step::Other(Event::BuildDone { due })),
        2 => reason.clone().prop_map(|reason| Step::Other(Event::PauseFor { reason })),
        1 => reason.clone().prop_map(|reason| Step::Other(Event::PauseBecause { reason, why: "Because.".into() })),
        1 => reason.prop_map(|reason| Step::Other(Event::Lift { reason })),
        6 => prop::sample::select(vec![
            Event::Due,
            Event::Due,
            Event::Resume,
            Event::Resume,
            Event::Cancel,
            Event::Fail,
            Event::Expire,
            Event::Finish,
            Event::Close { at_ms: 2 },
            Event::Archive { at_ms: 2 },
            Event::CancelAndArchive { at_ms: 2 },
            Event::Restore,
            Event::Restore,
        ])
        .prop_map(Step::Other),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn nothing_is_sent_without_an_approval(automatically in any::<bool>(), steps in prop::collection::vec(step(), 1..40)) {
        let mut life = Life::draft(user(AUTHOR), automatically);
        let mut model = Model { touched: vec![AUTHOR], version: 1, ..Model::default() };
        for step in steps {
            let Ok(next) = transition(&life, &step.event(life.version)) else { continue };
            prop_assert_eq!(model.accepted(&step), Ok(()));
            prop_assert_eq!(next.version, model.version);
            if matches!(next.status, Status::Building | Status::Pending | Status::Sending | Status::Paused) {
                prop_assert!(model.may_send(), "{:?} after {:?}", next, step);
                prop_assert!(next.is_cleared());
            }
            if let Some(approval) = &next.approval {
                let by = (0..4).find(|&by| user(by) == approval.by).unwrap();
                prop_assert_eq!(approval.self_approval, model.touched.contains(&by));
                prop_assert_eq!(approval.version, next.version);
            }
            if life.archived_at_ms.is_some() {
                prop_assert_eq!(&step.event(life.version), &Event::Restore);
            }
            if life.status.is_final() {
                prop_assert_eq!(next.status, life.status);
            }
            prop_assert_eq!(next.pause.is_some(), next.status == Status::Paused);
            prop_assert!(model.touched.iter().all(|&by| next.is_contributor(user(by))));
            life = next;
        }
    }

    /// A process that ends between the commit of a step and the next one takes the campaign up and asks again.
    #[test]
    fn a_step_of_the_engine_happens_once(automatically in any::<bool>(), steps in prop::collection::vec(step(), 1..40)) {
        let mut life = Life::draft(user(AUTHOR), automatically);
        for step in steps {
            let event = step.event(life.version);
            let Ok(next) = transition(&life, &event) else { continue };
            let of_the_engine = matches!(
                event,
                Event::BuildDone { .. } | Event::Due | Event::PauseFor { .. } | Event::Lift { .. } | Event::Fail
                    | Event::Expire | Event::Close { .. } | Event::Finish
            );
            if of_the_engine {
                prop_assert!(transition(&next, &event).is_err(), "{event:?} twice from {life:?}");
            }
            life = next;
        }
    }

    /// Against the sentences of the specification: a person's pause outranks the engine's, the engine lifts only what it
    /// holds for the very reason, and what goes on goes on where it stood; a missed start goes on by sending.
    #[test]
    fn pauses_follow_their_rules(pending in any::<bool>(), steps in prop::collection::vec((0_u8..3, reason()), 1..25)) {
        let start = if pending {
            life(&[submit(), approve(MODERATOR, 1), Event::BuildDone { due: false }])
        } else {
            sending()
        };
        let (mut life, mut stood, mut held) = (start.clone(), start.status, None::<PauseReason>);
        for (kind, reason) in steps {
            let (event, allowed) = match kind {
                0 => (Event::PauseFor { reason }, held.is_none_or(|held| held.lifts_by_itself() && held != reason)),
                1 => (Event::Lift { reason }, held == Some(reason) && reason.lifts_by_itself()),
                _ => (Event::Resume, held.is_some()),
            };
            let outcome = transition(&life, &event);
            prop_assert_eq!(outcome.is_ok(), allowed, "{:?} of {:?}", event, life);
            let Ok(next) = outcome else { continue };
            if kind == 0 {
                held = Some(reason);
                if reason == PauseReason::MissedSchedule {
                    stood = Status::Sending;
                }
                prop_assert_eq!(next.pause.as_ref().map(|pause| pause.reason), held);
            } else {
                held = None;
                prop_assert_eq!(next.status, stood);
            }
            prop_assert_eq!(&next.approval, &life.approval);
            life = next;
        }
    }

    #[test]
    fn a_missed_schedule_never_lifts_by_itself(reason in reason()) {
        let pending = life(&[submit(), approve(MODERATOR, 1), Event::BuildDone { due: false }]);
        let missed = transition(&pending, &Event::PauseFor { reason: PauseReason::MissedSchedule }).unwrap();
        for event in [Event::Lift { reason }, Event::Due, Event::BuildDone { due: true }, Event::PauseFor { reason }] {
            prop_assert!(transition(&missed, &event).is_err());
        }
    }
}
