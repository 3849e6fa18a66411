//! The receipts of one system_id, which outlive its sessions until they are acknowledged.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::Notify, time::Instant};

use crate::receipt::ReceiptState;

/// An address of at most 20 octets, as SMPP has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address {
    octets: [u8; 20],
    length: u8,
}

impl Address {
    /// Cut to 20 octets.
    pub fn new(text: &[u8]) -> Self {
        let text = &text[..text.len().min(20)];
        let mut octets = [0; 20];
        octets[..text.len()].copy_from_slice(text);
        Self { octets, length: text.len() as u8 }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.octets[..usize::from(self.length)]
    }
}

/// A receipt that is owed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owed {
    pub message_id: u64,
    /// Whom the message was for.
    pub recipient: Address,
    /// Whom it was from.
    pub sender: Address,
    pub state: ReceiptState,
    pub error: u16,
    pub submitted_at_s: i64,
}

#[derive(Debug, Clone, Copy)]
struct Due {
    at: Instant,
    /// Keeps the order of what is due together.
    order: u64,
    owed: Owed,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

#[derive(Debug, Default)]
pub(super) struct Outbox {
    due: BinaryHeap<Reverse<Due>>,
    order: u64,
}

impl Outbox {
    pub fn push(&mut self, at: Instant, owed: Owed) {
        self.order += 1;
        self.due.push(Reverse(Due { at, order: self.order, owed }));
    }

    pub fn pop_due(&mut self, now: Instant) -> Option<Owed> {
        let due = self.due.peek()?.0.at <= now;
        due.then(|| self.due.pop()).flatten().map(|Reverse(due)| due.owed)
    }

    pub fn next_at(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse(due)| due.at)
    }

    pub fn len(&self) -> usize {
        self.due.len()
    }
}

/// What all sessions of one system_id share.
#[derive(Debug, Default)]
pub(super) struct Account {
    outbox: Mutex<Outbox>,
    /// Something was put into the outbox for which another session may be the one to send it.
    pub changed: Notify,
}

impl Account {
    pub fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All accounts, made as they bind.
#[derive(Debug, Default)]
pub(super) struct Accounts(Mutex<HashMap<Box<[u8]>, Arc<Account>>>);

impl Accounts {
    pub fn get(&self, system_id: &[u8]) -> Arc<Account> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match accounts.get(system_id) {
            Some(account) => Arc::clone(account),
            None => Arc::clone(accounts.entry(system_id.into()).or_default()),
        }
    }

    pub fn owed(&self) -> u64 {
        let accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.values().map(|account| account.outbox().len() as u64).sum()
    }
}
