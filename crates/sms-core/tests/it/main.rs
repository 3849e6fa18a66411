//! The in-process core against the simulator over real sockets.

mod hostile;
mod links;
mod parts;
mod pools;
mod receipts;
mod reconfigure;
mod retries;
mod support;
mod throughput;
