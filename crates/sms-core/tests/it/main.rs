//! The in-process core against the simulator over real sockets.

mod bench_rate;
mod links;
mod parts;
mod receipts;
mod retries;
mod support;
