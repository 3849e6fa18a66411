//! What several pages and the frame around them share.

pub mod moment;
pub mod poll;
pub mod theme;
pub mod viewer;
