//! What a person is told, from all their workspaces; of what they get a mail; and, for super admins, how mails leave.

mod choice;
mod list;
mod outbox;

pub use self::{choice::ChooseMails, list::NoticeList, outbox::Outbox};
