//! The long work: reading recipient files and sending campaigns.

pub mod ingest;
pub mod intake;
