//! Webhooks: endpoints, their secrets, and what was sent to them.

mod endpoint;
mod page;

pub use self::page::WebhookList;
