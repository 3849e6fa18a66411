//! The in-process core against the simulator over real sockets.

mod hostile;
mod link_tls;
mod links;
mod parts;
mod pools;
mod receipts;
mod reconfigure;
mod remote;
mod remote_age;
mod remote_kill;
mod remote_revoked;
mod remote_rig;
mod remote_trust;
mod retries;
mod support;
mod throughput;
