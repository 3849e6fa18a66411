//! Every history of a campaign, as far as versions and people are few: each mode, each pause reason, each crash.
//!
//! All lives that can be reached are walked through, beside a [`Reference`] that was written from the specification and
//! shares no code with [`transition`]. A process may end after any step that was written; the next one has the record and
//! nothing else. So each step here starts from a life that was stored and read again: every life that is reached is a crash
//! point, and what follows it is what follows without a crash.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use uuid::Uuid;

use super::*;

const AUTHOR: u8 = 0;
const COLLEAGUE: u8 = 1;
const MODERATOR: u8 = 2;
/// An edit of the last one would only begin the same again.
const VERSIONS: u32 = 3;

fn user(number: u8) -> UserId {
    UserId::from_uuid(Uuid::from_u128(u128::from(number)))
}

/// What is known of a campaign by what people and the engine did to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Reference {
    status: Status,
    version: u32,
    touched: BTreeSet<u8>,
    /// Who approved the present version, and whether they had touched it.
    approved: Option<(u8, bool)>,
    automatic: bool,
    held: Option<(PauseReason, Status)>,
    closed: bool,
    archived: bool,
    moved: bool,
}

/// Who does it, and what is on their screen.
#[derive(Debug, Clone, Copy)]
enum Step {
    Edit(u8),
    Upload(u8),
    Submit(u8),
    Approve { by: u8, behind: u32, four_eyes: bool, in_time: bool },
    Reject { behind: u32 },
    Start,
    Resume,
    Cancel,
    Archive,
    CancelAndArchive,
    Restore,
    MoveTo,
    BuildDone { due: bool },
    Due,
    Hold(PauseReason),
    Lift(PauseReason),
    Fail,
    Expire,
    Close,
    Finish,
}

impl Step {
    fn event(self, version: u32) -> Event {
        match self {
            Self::Edit(by) => Event::Edit { by: user(by) },
            Self::Upload(by) => Event::Upload { by: user(by) },
            Self::Submit(by) => Event::Submit { by: user(by) },
            Self::Approve { by, behind, four_eyes, in_time } => {
                Event::Approve { by: user(by), seen_version: version - behind, four_eyes, at_ms: 1, start_now: in_time }
            }
            Self::Reject { behind } => Event::Reject { by: user(MODERATOR), seen_version: version - behind },
            Self::Start => Event::Start { by: user(AUTHOR) },
            Self::Resume => Event::Resume,
            Self::Cancel => Event::Cancel,
            Self::Archive => Event::Archive { at_ms: 1 },
            Self::CancelAndArchive => Event::CancelAndArchive { at_ms: 1 },
            Self::Restore => Event::Restore,
            Self::MoveTo => Event::MoveTo { to: elsewhere() },
            Self::BuildDone { due } => Event::BuildDone { due },
            Self::Due => Event::Due,
            Self::Hold(reason) => Event::PauseFor { reason },
            Self::Lift(reason) => Event::Lift { reason },
            Self::Fail => Event::Fail,
            Self::Expire => Event::Expire,
            Self::Close => Event::Close { at_ms: 1 },
            Self::Finish => Event::Finish,
        }
    }

    /// Repeated by a process that did not hear of its success, it must change nothing.
    const fn is_of_the_engine(self) -> bool {
        matches!(
            self,
            Self::BuildDone { .. } | Self::Due | Self::Lift(_) | Self::Fail | Self::Expire | Self::Close | Self::Finish
        )
    }

    /// All that people can ask for, and what the engine says of a campaign of this mode.
    fn all(mode: Mode) -> Vec<Self> {
        let mut steps = vec![
            Self::Edit(AUTHOR),
            Self::Edit(COLLEAGUE),
            Self::Upload(COLLEAGUE),
            Self::Submit(AUTHOR),
            Self::Submit(COLLEAGUE),
            Self::Reject { behind: 0 },
            Self::Reject { behind: 1 },
            Self::Start,
            Self::Resume,
            Self::Cancel,
            Self::Archive,
            Self::CancelAndArchive,
            Self::Restore,
            Self::MoveTo,
            Self::BuildDone { due: true },
            Self::Fail,
            Self::Finish,
            Self::Expire,
        ];
        for by in [AUTHOR, COLLEAGUE, MODERATOR] {
            for behind in [0, 1] {
                for four_eyes in [true, false] {
                    for in_time in [true, false] {
                        steps.push(Self::Approve { by, behind, four_eyes, in_time });
                    }
                }
            }
        }
        let waits_for_its_time = matches!(mode, Mode::Scheduled | Mode::Spread);
        if waits_for_its_time {
            steps.extend([Self::BuildDone { due: false }, Self::Due]);
        }
        if mode == Mode::Trigger {
            steps.push(Self::Close);
        }
        for reason in REASONS {
            if reason != PauseReason::MissedSchedule || waits_for_its_time {
                steps.push(Self::Hold(reason));
            }
            steps.push(Self::Lift(reason));
        }
        steps
    }
}

const REASONS: [PauseReason; 8] = PauseReason::ALL;

fn elsewhere() -> MovedTo {
    MovedTo {
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(8)),
        campaign: CampaignId::from_uuid(Uuid::from_u128(9)),
        at_ms: 1,
        by_name: "Ann".into(),
    }
}

impl Reference {
    fn draft(automatic: bool) -> Self {
        Self {
            status: Status::Draft,
            version: 1,
            touched: BTreeSet::from([AUTHOR]),
            approved: None,
            automatic,
            held: None,
            closed: false,
            archived: false,
            moved: false,
        }
    }

    /// A copy after the step; None: it is refused.
    fn after(&self, step: Step) -> Option<Self> {
        let mut next = self.clone();
        let allowed = !self.moved && (self.archived == matches!(step, Step::Restore | Step::MoveTo)) && next.take(step);
        allowed.then_some(next)
    }

    /// Something of a person's or of the engine's; false: it is refused.
    fn take(&mut self, step: Step) -> bool {
        match step {
            Step::Edit(by) | Step::Upload(by) => {
                if !matches!(self.status, Status::Draft | Status::New) {
                    return false;
                }
                self.touched.insert(by);
                if self.status == Status::New {
                    self.version += 1;
                    self.approved = None;
                }
                true
            }
            Step::Submit(by) => {
                self.touched.insert(by);
                self.goes(Status::Draft, Status::New)
            }
            Step::Approve { by, behind, four_eyes, in_time } => {
                let touched = self.touched.contains(&by);
                if self.status != Status::New || behind > 0 || self.approved.is_some() || four_eyes && touched {
                    return false;
                }
                self.approved = Some((by, touched));
                if self.automatic && in_time {
                    self.status = Status::Building;
                }
                true
            }
            Step::Reject { behind } => {
                behind == 0 && self.approved.is_none() && self.goes(Status::New, Status::Cancelled)
            }
            Step::Start => self.approved.is_some() && self.goes(Status::New, Status::Building),
            Step::BuildDone { due } => self.goes(Status::Building, if due { Status::Sending } else { Status::Pending }),
            Step::Due => self.goes(Status::Pending, Status::Sending),
            Step::Hold(reason) => self.hold(reason),
            Step::Resume => self.held.is_some() && self.let_go(),
            Step::Lift(reason) => {
                let may = self.held.is_some_and(|(held, _)| held == reason) && by_itself(reason);
                may && self.let_go()
            }
            Step::Cancel => (self.status == Status::New || self.is_active()) && self.ends(Status::Cancelled),
            Step::Fail => self.is_active() && self.ends(Status::Failed),
            Step::Expire => self.is_active() && self.ends(Status::Expired),
            Step::Close => {
                let may = self.is_active() && self.status != Status::Building && !self.closed;
                self.closed |= may;
                may
            }
            Step::Finish => {
                let sends = match self.held {
                    None => self.status == Status::Sending,
                    Some((_, back_to)) => back_to == Status::Sending,
                };
                sends && self.ends(Status::Done)
            }
            Step::Archive => {
                let may = self.status == Status::New || self.is_over();
                if self.status == Status::New {
                    self.approved = None;
                }
                self.archived |= may;
                may
            }
            Step::CancelAndArchive => {
                let may = matches!(self.status, Status::Pending | Status::Paused) && self.ends(Status::Cancelled);
                self.archived |= may;
                may
            }
            Step::Restore => {
                self.archived = false;
                true
            }
            Step::MoveTo => {
                self.moved = true;
                true
            }
        }
    }

    fn goes(&mut self, from: Status, to: Status) -> bool {
        let goes = self.status == from;
        if goes {
            self.status = to;
        }
        goes
    }

    fn is_active(&self) -> bool {
        matches!(self.status, Status::Building | Status::Pending | Status::Sending | Status::Paused)
    }

    fn is_over(&self) -> bool {
        matches!(self.status, Status::Done | Status::Cancelled | Status::Failed | Status::Expired)
    }

    fn ends(&mut self, status: Status) -> bool {
        (self.status, self.held) = (status, None);
        true
    }

    /// The engine's reasons take turns; a person's stays until a person ends it.
    fn hold(&mut self, reason: PauseReason) -> bool {
        let back_to = match self.held {
            Some((held, back_to)) if by_itself(held) && held != reason => back_to,
            Some(_) => return false,
            None if matches!(self.status, Status::Pending | Status::Sending) => self.status,
            None => return false,
        };
        let back_to = if reason == PauseReason::MissedSchedule { Status::Sending } else { back_to };
        (self.status, self.held) = (Status::Paused, Some((reason, back_to)));
        true
    }

    fn let_go(&mut self) -> bool {
        let back_to = self.held.take().map(|(_, back_to)| back_to);
        self.status = back_to.unwrap_or(self.status);
        back_to.is_some()
    }

    /// Whether it is what was stored.
    fn is(&self, life: &Life) -> bool {
        let held = life.pause.as_ref().map(|pause| (pause.reason, pause.resume_to));
        let approval = life.approval.as_ref();
        let touched: BTreeSet<UserId> = self.touched.iter().map(|&by| user(by)).collect();
        life.status == self.status
            && life.version == self.version
            && life.contributors.iter().copied().collect::<BTreeSet<_>>() == touched
            && life.contributors.len() == touched.len()
            && approval.map(|it| (it.by, it.self_approval)) == self.approved.map(|(by, own)| (user(by), own))
            && approval.is_none_or(|it| it.version == self.version)
            && held == self.held
            && life.start_automatically == self.automatic
            && life.closed_at_ms.is_some() == self.closed
            && life.archived_at_ms.is_some() == self.archived
            && life.moved_to.is_some() == self.moved
    }
}

fn by_itself(reason: PauseReason) -> bool {
    !matches!(reason, PauseReason::ByHand | PauseReason::MissedSchedule)
}

/// As the next process finds it.
fn reopened(life: &Life) -> Life {
    serde_json::from_str(&serde_json::to_string(life).unwrap()).unwrap()
}

/// Walks through all lives of a mode; the statuses and pause reasons that were met.
fn walk(mode: Mode) -> (HashSet<Status>, HashSet<PauseReason>, usize) {
    let steps = Step::all(mode);
    let (mut statuses, mut reasons) = (HashSet::new(), HashSet::new());
    let mut known: HashMap<Reference, Life> = HashMap::new();
    let mut open: VecDeque<Reference> = VecDeque::new();
    for automatic in [true, false] {
        let start = Reference::draft(automatic);
        known.insert(start.clone(), Life::draft(user(AUTHOR), automatic));
        open.push_back(start);
    }
    while let Some(before) = open.pop_front() {
        let stored = &known[&before];
        let life = reopened(stored);
        assert_eq!(life, *stored);
        statuses.insert(life.status);
        reasons.extend(life.pause.as_ref().map(|pause| pause.reason));
        // Nothing is on its way to anybody unless a person who may do so has approved this very version.
        if before.is_active() {
            let (by, own) = before.approved.unwrap();
            assert!(life.is_cleared() && own == before.touched.contains(&by), "{life:?}");
        }
        let offers: Vec<Action> = life.offers(mode, user(MODERATOR), true).collect();
        assert_eq!(offers.contains(&Action::Finish), mode == Mode::Trigger && before.after(Step::Close).is_some());
        for &step in &steps {
            if matches!(step, Step::Edit(_) | Step::Upload(_)) && before.version == VERSIONS {
                continue;
            }
            let outcome = transition(&life, &step.event(life.version));
            let after = before.after(step);
            assert_eq!(outcome.is_ok(), after.is_some(), "{mode:?}: {step:?} of {life:?}: {outcome:?}");
            let (Ok(next), Some(after)) = (outcome, after) else { continue };
            assert!(after.is(&next), "{mode:?}: {step:?} of {life:?} is {next:?}, expected {after:?}");
            if before.is_over() {
                assert_eq!(next.status, life.status, "what is over goes on by {step:?}");
            }
            if step.is_of_the_engine() {
                // Written, and the process ended before it knew: the next one asks again.
                assert!(
                    transition(&reopened(&next), &step.event(next.version)).is_err(),
                    "{step:?} twice from {life:?}"
                );
            }
            if !known.contains_key(&after) {
                known.insert(after.clone(), next);
                open.push_back(after);
            }
        }
    }
    (statuses, reasons, known.len())
}

#[test]
fn every_life_of_every_mode_is_as_the_specification_says_wherever_the_process_ends() {
    for mode in Mode::ALL {
        let (statuses, reasons, lives) = walk(mode);
        let waits = matches!(mode, Mode::Scheduled | Mode::Spread);
        for status in Status::ALL {
            assert_eq!(statuses.contains(&status), status != Status::Pending || waits, "{mode:?}: {status:?}");
        }
        for reason in REASONS {
            assert_eq!(
                reasons.contains(&reason),
                reason != PauseReason::MissedSchedule || waits,
                "{mode:?}: {reason:?}"
            );
        }
        assert!(lives > 100, "{mode:?}: {lives}");
    }
}
