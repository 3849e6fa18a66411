//! Message templates: the list, a new one, and one with its versions.

mod detail;
mod list;
mod new;
mod version;

pub use self::{detail::TemplateDetail, list::TemplateList, new::NewTemplate};
