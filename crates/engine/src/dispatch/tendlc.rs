//! What 10DLC asks of messages from US numbers.
//!
//! The runner asks at each look, and again with each claim, whether the sender's 10DLC campaign lets messages out
//! ([`store::tendlc::clearance`]). What is about to be claimed is charged to the 10DLC campaign and its brand first
//! ([`store::tendlc::usage`]), so that the allowance holds over all SMS campaigns, engines and crashes: a process that dies
//! in between has wasted a charge. What came back without having been sent is given back, to the day to which it was
//! charged. Without an answer nothing is claimed.
//!
//! Who carries a recipient's number is not known, so a suspension by one carrier holds all messages, and each message
//! counts to the cap, whoever it is for.

use std::{collections::HashMap, time::Duration};

use domain::{
    campaign::{Event, PauseReason},
    id::{BrandId, TenDlcCampaignId},
    sender::Addressing,
    tendlc::{
        RegistryCampaignId,
        day::CapDay,
        ledger::{Bounds, Charged, Ledger, Waits},
    },
};
use sms_core::Submission;
use store::{
    Error, SystemScope,
    tendlc::{Clearance, Cleared, clearance, usage},
};
use tokio::time::sleep;

use super::{
    limits::Allowance,
    runner::{Context, Runner, Stop},
};
use crate::run::Rules;

/// Bulk campaigns look so seldom whether the rate has room again. Trigger campaigns look as soon as it may, and so come
/// first where they share a 10DLC campaign.
const BULK_PAUSE_MS: i64 = 250;
/// Segments that may be claimed without an answer, in seconds of the rate: a link that comes back does not send in one go
/// what was charged over a longer time.
const UNANSWERED_S: u32 = 2;
/// How often one message of its own waits for the rate, and how long: more than the minute in which a rate makes room for
/// longer messages than there were.
const WAITS_MAX: u32 = 375;
const WAIT: Duration = Duration::from_millis(200);

/// What a runner knows of its sender's 10DLC campaign; nothing where the sender is no US number.
#[derive(Debug, Default)]
pub(super) struct TenDlc {
    /// Why nothing may be sent now, in sentences.
    why: Option<String>,
    /// Why a message of it can never be sent.
    never: Option<String>,
    /// Before this nothing is charged.
    not_before_ms: i64,
    /// Segments of the message that found no room in the day.
    needed: u32,
    per_minute: Option<u32>,
    /// The day of the latest look.
    day: Option<CapDay>,
    /// What is claimed and not answered.
    charged: HashMap<u32, Charge>,
    /// What came back and is still charged.
    unsent: Vec<Charge>,
}

/// Of one message: to whom, to which day, and how much.
#[derive(Debug, Clone, Copy)]
struct Charge {
    campaign: TenDlcCampaignId,
    brand: BrandId,
    day: CapDay,
    segments: u32,
}

impl TenDlc {
    /// Until the rate may have room again.
    pub(super) fn turn_in(&self, now_ms: i64) -> Option<Duration> {
        let turn_ms = u64::try_from(self.not_before_ms.saturating_sub(now_ms)).ok().filter(|turn_ms| *turn_ms > 0);
        turn_ms.map(Duration::from_millis)
    }

    /// Whether the rate has no room yet.
    pub(super) const fn waits(&self, now_ms: i64) -> bool {
        now_ms < self.not_before_ms
    }

    /// Recipients that may be claimed without an answer, by the segments of those that are.
    pub(super) fn paced_limit(&self) -> u32 {
        let Some(per_minute) = self.per_minute else { return u32::MAX };
        let segments_max = (per_minute / 60).saturating_mul(UNANSWERED_S).max(10);
        let (segments, longest) = (self.charged.values())
            .fold((0_u32, 1), |(all, longest), one| (all.saturating_add(one.segments), one.segments.max(longest)));
        self.charged.len() as u32 + segments_max.saturating_sub(segments).div_ceil(longest)
    }

    /// Whether a day has begun while something is claimed that is charged to the one before. Said once a day.
    fn has_turned(&mut self, now_ms: i64) -> bool {
        let today = CapDay::of(now_ms);
        self.day.replace(today) != Some(today) && self.charged.values().any(|charge| charge.day < today)
    }

    /// A claimed recipient has its answer: it was certainly not sent, or it counts.
    pub(super) fn answered(&mut self, index: u32, came_back: bool) {
        if let Some(charged) = self.charged.remove(&index).filter(|_| came_back) {
            self.unsent.push(charged);
        }
    }
}

/// What came of charging.
enum Outcome {
    NotNeeded,
    /// Nothing leaves any more.
    Blocked,
    Done(Charged, Box<Cleared>),
}

fn segments_of(submission: &Submission) -> u32 {
    u32::try_from(submission.encoded.parts.len()).unwrap_or(u32::MAX)
}

impl Runner {
    /// What 10DLC puts in the way now; the words for the pause are kept beside it.
    pub(super) async fn tendlc_obstacle(&mut self, rules: &Rules, now_ms: i64) -> Result<Option<PauseReason>, Error> {
        (self.tendlc.why, self.tendlc.not_before_ms) = (None, 0);
        let Some(addressing) = self.campaign.parameters.addressing() else { return Ok(None) };
        let cleared = match clearance::for_sending(&self.scope, addressing).await? {
            Clearance::NotNeeded => return Ok(None),
            Clearance::Blocked(blocked) => {
                self.tendlc.why = Some(format!("{blocked}. It goes on by itself once that is put right."));
                return Ok(Some(PauseReason::TenDlc));
            }
            Clearance::Cleared(cleared) => cleared,
        };
        self.give_back(&cleared).await?;
        if self.tendlc.has_turned(now_ms) {
            // What no session has picked up comes back, and is charged to today.
            self.withhold();
        }
        let allowance = self.context.tiers.allowance(cleared.campaign.form.use_case, cleared.brand.score());
        self.tendlc.per_minute = Some(allowance.campaign_segments_per_minute);
        let used = usage::used(&self.scope, &cleared).await?;
        let needed = self.tendlc.needed.max(1);
        let full = |whose: &'static str, ledger: Ledger, bounds: Bounds| {
            let until_ms = ledger.waits_until(bounds, needed, now_ms)?;
            Some((whose, bounds.segments_per_day?, until_ms))
        };
        let full = full("brand", used.brand, allowance.brand_bounds())
            .or_else(|| full("10DLC campaign", used.campaign, allowance.campaign_bounds()));
        Ok(full.map(|(whose, cap, until_ms)| {
            let at = rules.zone.format(until_ms);
            self.tendlc.why = Some(format!(
                "10DLC: the daily cap of the {whose}, {cap} segments, has no more room today. It goes on by itself at {at}."
            ));
            PauseReason::TenDlcDailyCap
        }))
    }

    /// What came back since is free for others.
    async fn give_back(&mut self, cleared: &Cleared) -> Result<(), Error> {
        if !self.tendlc.unsent.is_empty() {
            // Taken out first: what may have been given back is not given back again. What was charged to another brand,
            // when the number was in another 10DLC campaign, is left with it: the rest of its day is a little less.
            let (campaign, brand) = (cleared.campaign.id, cleared.brand.id);
            let unsent = std::mem::take(&mut self.tendlc.unsent).into_iter();
            let own: Vec<(CapDay, u32)> = unsent
                .filter(|one| (one.campaign, one.brand) == (campaign, brand))
                .map(|one| (one.day, one.segments))
                .collect();
            usage::give_back(&self.scope, cleared, &own).await?;
        }
        Ok(())
    }

    /// Pauses for an obstacle, in its own words if it has some.
    pub(super) async fn pause_for(&mut self, reason: PauseReason) -> Result<bool, Stop> {
        let event = match self.words_for(reason) {
            Some(why) => Event::PauseBecause { reason, why },
            None => Event::PauseFor { reason },
        };
        self.advance(event, None).await
    }

    fn words_for(&self, reason: PauseReason) -> Option<String> {
        let has_words = matches!(reason, PauseReason::TenDlc | PauseReason::TenDlcDailyCap);
        self.tendlc.why.clone().filter(|_| has_words)
    }

    /// Still paused for the same reason: another carrier may have suspended it meanwhile.
    pub(super) async fn explain_anew(&mut self, reason: PauseReason) -> Result<(), Stop> {
        let said = self.campaign.life.pause.as_ref().and_then(|pause| pause.why.clone());
        if self.words_for(reason).is_some_and(|words| said.as_ref() != Some(&words)) {
            self.pause_for(reason).await?;
        }
        Ok(())
    }

    /// A message that takes more segments than a whole day of the brand has would wait for ever: the campaign ends with the
    /// words.
    pub(super) async fn fits_its_brand(&mut self) -> Result<bool, Stop> {
        match self.tendlc.never.take() {
            Some(words) => self.advance(Event::Fail, Some(words)).await.map(|_| false),
            None => Ok(true),
        }
    }

    /// Charges what is about to be claimed, and has it name its 10DLC campaign. What has no room is taken out again; Some:
    /// from this recipient on nobody is claimed now.
    pub(super) async fn charge(&mut self, about: &mut Vec<Submission>, allowance: &mut Allowance) -> Option<u32> {
        let first = about.first()?;
        let addressing = first.addressing.clone();
        let lengths: Vec<u32> = about.iter().map(segments_of).collect();
        let charged = match self.try_to_charge(&addressing, &lengths).await {
            Ok(Outcome::NotNeeded) => return None,
            Ok(Outcome::Blocked) => None,
            Ok(Outcome::Done(charged, cleared)) => Some((charged, cleared)),
            // It may have been charged, and is not sent.
            Err(cause) => {
                tracing::warn!(campaign = %self.key.campaign, %cause, "10DLC cannot be asked: nothing is claimed now");
                None
            }
        };
        let room = charged.as_ref().map_or(0, |(charged, _)| charged.messages);
        let left = about.split_off(room.min(about.len()));
        if let Some((charged, cleared)) = charged {
            let (campaign, brand, day) = (cleared.campaign.id, cleared.brand.id, charged.brand.day());
            for submission in about {
                submission.tendlc_campaign = cleared.campaign.registration.id();
                let charge = Charge { campaign, brand, day, segments: segments_of(submission) };
                self.tendlc.charged.insert(submission.token as u32, charge);
            }
        }
        for submission in &left {
            allowance.give_back(submission.encoded.parts.len() as u64);
        }
        left.first().map(|submission| submission.token as u32)
    }

    async fn try_to_charge(&mut self, addressing: &Addressing, lengths: &[u32]) -> Result<Outcome, Error> {
        let cleared = match clearance::for_sending(&self.scope, addressing).await? {
            Clearance::NotNeeded => return Ok(Outcome::NotNeeded),
            Clearance::Blocked(_) => {
                // The look pauses it, and says why. What no session has picked up comes back.
                self.withhold();
                self.look_again();
                return Ok(Outcome::Blocked);
            }
            Clearance::Cleared(cleared) => cleared,
        };
        self.give_back(&cleared).await?;
        let tiers = &self.context.tiers;
        let charged = usage::charge(&self.scope, &cleared, tiers, lengths).await?;
        if charged.messages > 0 {
            self.tendlc.needed = 0;
        }
        match charged.wait {
            Some((at_ms, Waits::Rate)) => {
                let bulk_at_ms = self.scope.now_ms().saturating_add(BULK_PAUSE_MS);
                self.tendlc.not_before_ms = if self.is_trigger() { at_ms } else { at_ms.max(bulk_at_ms) };
            }
            Some((_, Waits::Day)) => {
                let needed = lengths.get(charged.messages).copied().unwrap_or(1);
                let allowance = tiers.allowance(cleared.campaign.form.use_case, cleared.brand.score());
                let bounds = [allowance.brand_bounds(), allowance.campaign_bounds()];
                if !bounds.into_iter().all(|bounds| Ledger::holds(bounds, needed)) {
                    self.tendlc.never = Some(format!(
                        "a message takes {needed} segments, and 10DLC lets fewer be sent in a whole minute or day; copy \
                         the campaign with a shorter text"
                    ));
                }
                self.tendlc.needed = needed;
                // What is claimed is within the cap and goes out.
                self.permitted = false;
                self.look_again();
            }
            None => {}
        }
        Ok(Outcome::Done(charged, cleared))
    }
}

/// Charges one message that is no campaign's, such as a test or an answer to a subscriber, and gives the 10DLC campaign that
/// it has to name. It waits for the rate for a minute or so. The error says what stands in the way.
pub(crate) async fn let_out(
    context: &Context,
    scope: &SystemScope,
    addressing: &Addressing,
    segments: usize,
) -> Result<Option<RegistryCampaignId>, String> {
    let segments = u32::try_from(segments).unwrap_or(u32::MAX);
    for _ in 0..WAITS_MAX {
        let cleared = match clearance::for_sending(scope, addressing).await.map_err(|cause| cause.to_string())? {
            Clearance::NotNeeded => return Ok(None),
            Clearance::Blocked(blocked) => return Err(blocked.to_string()),
            Clearance::Cleared(cleared) => cleared,
        };
        let charged = usage::charge(scope, &cleared, &context.tiers, &[segments]).await;
        let charged = charged.map_err(|cause| cause.to_string())?;
        match charged.wait {
            None => return Ok(cleared.campaign.registration.id()),
            Some((_, Waits::Day)) => {
                return Err(
                    "10DLC: today's cap of the brand or of the 10DLC campaign has no more room; try again tomorrow"
                        .to_owned(),
                );
            }
            Some((_, Waits::Rate)) => sleep(WAIT).await,
        }
    }
    Err("10DLC: the rate of the 10DLC campaign has no room for it; try again in a moment".to_owned())
}
