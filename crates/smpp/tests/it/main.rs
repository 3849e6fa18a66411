//! The session layer against scripted peers, against the simulator over real sockets, and against an SMSC of others.

mod node_smpp;
mod peer;
mod receipts;
mod session;
mod simulator;
mod smpp34;
mod wire;
