//! The engine from outside: a real database in a temporary folder, a real SMSC on loopback.

mod crash;
mod dispatch;
mod exports;
mod fixture;
mod pools;
mod receipts;
mod suppression;
mod tampered;
mod trigger;
mod trigger_crash;
