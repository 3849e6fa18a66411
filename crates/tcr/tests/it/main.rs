//! The client against the simulated registry over HTTP on loopback, with everything that can go wrong in between.

mod control;
mod faults;
mod registering;
mod restart;
mod review;
mod support;
mod webhooks;
