//! What subscribers wrote to the workspace.

mod page;

pub use page::InboundList;
