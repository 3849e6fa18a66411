//! The policy of the campaign's channel, of a pool with those of its links: who is left out by it, asked of each claim.
//!
//! A campaign with a list was weighed as a whole before ([`super::weigh`]); its claims look at what others have sent since.
//! A Trigger campaign looks every number up. Whatever is claimed is remembered as soon as some channel has a policy that
//! counts, whether this one has or not: a number gets so many messages of the workspace, by whichever way.

use std::{collections::HashMap, sync::Arc};

use domain::{
    phone::PhoneNumber,
    policy::{self, Days, LeftOut, PresetConfig, Sent},
    schedule::Zone,
};
use store::{
    Error,
    journal::entry::{Closing, Entry, Span},
    policies::{
        InForce,
        history::{self, Account, Admission, Candidate},
    },
    recipients::{ERASED, RecipientBlock},
    suppressions::blacklist,
};
use tokio::time::sleep;

use super::{
    recover::spans,
    runner::{RETRY, Runner, Stop},
    weigh::{Verdicts, Weighing},
};

/// What a runner knows of policies.
#[derive(Debug, Default)]
pub(super) struct Policy {
    /// As of the latest look.
    pub(super) in_force: Option<Arc<InForce>>,
    /// While something counts.
    pub(super) account: Option<Account>,
    pub(super) weighed: Option<Weighed>,
    pub(super) weighing: Option<Weighing>,
    /// Who is left out by the weighing, and the block that is closed next.
    pub(super) left_out: Option<(Verdicts, u32)>,
}

/// By what a campaign was weighed, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Weighed {
    pub(super) basis: Basis,
    /// None: the rules count nothing.
    pub(super) base: Option<u64>,
}

/// What says who is left out: the rules, by whatever name, and the zone whose days they count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Basis {
    pub(super) rules: PresetConfig,
    pub(super) zone: Zone,
}

impl Basis {
    pub(super) fn of(config: &PresetConfig, zone: &Zone) -> Self {
        Self { rules: PresetConfig { name: String::new(), ..config.clone() }, zone: zone.clone() }
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if let Some(account) = &self.account {
            account.end();
        }
    }
}

/// Some recipients that are about to be claimed, as the policy sees them.
#[derive(Debug, Default)]
pub(super) struct Checked {
    left_out: HashMap<u32, LeftOut>,
    /// Remembered for everybody, by recipient; those that are claimed in the end are taken out.
    admitted: HashMap<u32, history::Entry>,
    claimed: Vec<history::Entry>,
    closed: Vec<(LeftOut, u32)>,
}

impl Checked {
    /// Whether a recipient is left out, which is noted.
    pub(super) fn leaves_out(&mut self, index: u32) -> bool {
        let why = self.left_out.get(&index).copied();
        self.closed.extend(why.map(|why| (why, index)));
        why.is_some()
    }

    pub(super) fn claims(&mut self, index: u32) {
        self.claimed.extend(self.admitted.remove(&index));
    }
}

impl Runner {
    /// The rules that count for this campaign; None: there are none, or it is exempt.
    pub(super) fn counting_rules(&self) -> Option<PresetConfig> {
        let rules = self.policy.in_force.as_ref()?.of_campaign(&self.campaign.parameters);
        rules.filter(PresetConfig::counts)
    }

    pub(super) fn uses_blacklist(&self) -> bool {
        let in_force = self.policy.in_force.as_ref();
        in_force.and_then(|all| all.of_campaign(&self.campaign.parameters)).is_some_and(|rules| rules.blacklist)
    }

    /// Which message a recipient's is.
    pub(super) fn message_of(&self, index: u32) -> u32 {
        policy::message(self.key.campaign, self.is_trigger().then_some(index))
    }

    /// Asks the policy about recipients of a block who wait and whom nothing else holds back. None: the campaign has to be
    /// weighed again first.
    pub(super) async fn checked(
        &self,
        block: &RecipientBlock,
        span: Span,
        suppressed: &[u64],
        at_ms: i64,
    ) -> Result<Option<Checked>, Stop> {
        let mut checked = Checked::default();
        let uses_blacklist = self.uses_blacklist();
        if self.policy.account.is_none() && !uses_blacklist {
            return Ok(Some(checked));
        }
        let first = span.start - span.start % store::recipients::BLOCK_LEN;
        let number_of = |index: u32| block.numbers().get((index - first) as usize).copied();
        let waits = |index: &u32| {
            use domain::recipient::RecipientState::Waiting;
            self.book.row(*index).is_some_and(|row| row.state == Waiting)
                && number_of(*index)
                    .is_some_and(|number| number != ERASED && suppressed.binary_search(&number).is_err())
        };
        let mut waiting: Vec<u32> = (span.start..span.start + span.len).filter(waits).collect();
        if uses_blacklist {
            let numbers: Vec<u64> = waiting.iter().filter_map(|&index| number_of(index)).collect();
            let listed = self.blacklisted(&numbers).await?;
            let is_listed = |index: u32| number_of(index).is_some_and(|number| listed.binary_search(&number).is_ok());
            checked
                .left_out
                .extend(waiting.extract_if(.., |index| is_listed(*index)).map(|index| (index, LeftOut::Blacklisted)));
        }
        let (Some(account), Some(composer)) = (self.policy.account.clone(), &self.composer) else {
            return Ok(Some(checked));
        };
        let key = self.scope.ctn_key();
        let candidate = |&index: &u32| {
            let number = number_of(index).filter(|&number| PhoneNumber::from_u64(number).is_some())?;
            let text = composer.text_hash(&key, block, (index - first) as usize)?;
            Some((index, Candidate { number, message: self.message_of(index), text }))
        };
        let (indices, candidates): (Vec<u32>, Vec<Candidate>) = waiting.iter().filter_map(candidate).unzip();
        let verdicts = match (self.counting_rules(), &self.rules) {
            (Some(rules), Some(workspace)) => {
                let days = Days::of(&workspace.zone, at_ms);
                let base = self.policy.weighed.as_ref().and_then(|weighed| weighed.base).filter(|_| !self.is_trigger());
                // Weighed by rules that did not count: nothing is known of its list.
                if base.is_none() && !self.is_trigger() {
                    return Ok(None);
                }
                let ask = Admission { rules: &rules, days: &days, at_ms, base };
                let Some(verdicts) = self.admitted(&account, &ask, &candidates).await? else { return Ok(None) };
                verdicts
            }
            (None, _) | (_, None) => {
                let minute = policy::minute(at_ms);
                let entries: Vec<history::Entry> = candidates.iter().map(|one| entry_of(one, minute)).collect();
                account.claim(&entries);
                vec![None; candidates.len()]
            }
        };
        let minute = policy::minute(at_ms);
        for ((index, one), verdict) in indices.into_iter().zip(&candidates).zip(verdicts) {
            match verdict {
                Some(why) => drop(checked.left_out.insert(index, why)),
                None => drop(checked.admitted.insert(index, entry_of(one, minute))),
            }
        }
        Ok(Some(checked))
    }

    /// Nobody is claimed before the campaign was weighed anew.
    pub(super) fn weigh_again(&mut self) {
        self.policy.weighed = None;
        self.withhold();
        self.look_again();
    }

    /// Closes who was left out, and remembers the rest with the claims that become durable next.
    pub(super) async fn note_checked(&mut self, checked: Checked, at_ms: i64) -> Result<(), Stop> {
        for why in LeftOut::ALL {
            let of_kind = checked.closed.iter().filter(|(kind, _)| *kind == why);
            let indices: Vec<u32> = of_kind.map(|&(_, index)| index).collect();
            if !indices.is_empty() {
                self.stage(Entry::Closed { spans: spans(&indices), kind: Closing::from(why), at_ms }).await?;
            }
        }
        if let Some(account) = &self.policy.account {
            let not_claimed: Vec<history::Entry> = checked.admitted.into_values().collect();
            account.release(&not_claimed);
            self.staged.sent.extend(checked.claimed);
        }
        Ok(())
    }

    /// What was claimed is durable: from time to time it is brought into shards, in the background.
    pub(super) fn remembered(&self, seq: u64) {
        let Some(account) = self.policy.account.clone() else { return };
        if account.durable(seq) {
            let campaign = self.key.campaign;
            self.context.runners.tasks.spawn(async move {
                if let Err(cause) = account.settle().await {
                    tracing::warn!(%campaign, %cause, "what was sent lately stays in memory for now");
                }
            });
        }
    }

    async fn admitted(
        &self,
        account: &Account,
        ask: &Admission<'_>,
        candidates: &[Candidate],
    ) -> Result<Option<Vec<Option<LeftOut>>>, Stop> {
        loop {
            match account.admit(ask, candidates).await {
                Ok(verdicts) => return Ok(verdicts),
                Err(Error::Unavailable) => sleep(RETRY).await,
                Err(other) => return Err(other.into()),
            }
        }
    }

    async fn blacklisted(&self, numbers: &[u64]) -> Result<Vec<u64>, Stop> {
        loop {
            match blacklist::among(&self.scope, numbers).await {
                Ok(listed) => return Ok(listed),
                Err(Error::Unavailable) => sleep(RETRY).await,
                Err(other) => return Err(other.into()),
            }
        }
    }
}

fn entry_of(one: &Candidate, minute: u32) -> history::Entry {
    history::Entry { number: one.number, sent: Sent { message: one.message, minute, text: one.text } }
}
