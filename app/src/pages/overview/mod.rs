//! The overview of a workspace: what there is, what goes on right now, and whether it goes well.

mod active;
mod authors;
mod funnel;
mod hours;
mod links;
mod page;
mod pulse;
mod ring;
mod tiles;

pub use self::page::Overview;
