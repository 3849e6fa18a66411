//! What several pages and the frame around them share.

pub mod theme;
pub mod viewer;
