//! What several pages and the frame around them share.

pub mod arrival;
pub mod entry;
pub mod follow;
pub mod moment;
pub mod poll;
pub mod query;
pub mod theme;
pub mod viewer;
