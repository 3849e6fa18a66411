//! The in-process core against the simulator over real sockets.

mod links;
mod parts;
mod receipts;
mod retries;
mod support;
mod throughput;
