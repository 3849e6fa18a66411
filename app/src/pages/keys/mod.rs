//! API keys: what programs call the API with.

mod fresh;
mod installation;
mod rows;
mod workspace;

pub use self::{installation::InstallationKeys, workspace::ApiKeys};
use crate::ui::prelude::Choice;

/// How long a key may be good for, in days.
fn lives() -> Vec<Choice> {
    [("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("730", "Two years")]
        .map(|(days, label)| Choice::new(days, label))
        .into()
}
