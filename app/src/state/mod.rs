//! What several pages and the frame around them share.

pub mod arrival;
#[cfg(any(feature = "ssr", test))]
pub mod device;
pub mod entry;
pub mod follow;
pub mod keys;
pub mod moment;
pub mod poll;
pub mod query;
pub mod reset;
pub mod theme;
pub mod viewer;
pub mod week;
