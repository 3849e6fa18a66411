//! The engine from outside: a real database in a temporary folder, a real SMSC on loopback.

mod crash;
mod dispatch;
mod exports;
mod fixture;
mod histories;
mod inbound;
mod limits;
mod links;
mod policies;
mod policies_of_pools;
mod pools;
mod receipts;
mod remote_beside;
mod spread;
mod suppression;
mod tail;
mod tampered;
mod tendlc;
mod tendlc_events;
mod tendlc_numbers;
mod tendlc_sending;
mod tendlc_sharing;
mod tendlc_unsure;
mod times;
mod trigger;
mod trigger_crash;
