//! What happens to every request before and after its handler. [`crate::router`] says in which order.

pub mod cross_site;
pub mod entry;
pub mod form_error;
pub mod log;
pub mod origin;
pub mod queue;
pub mod request_id;
pub mod security_headers;
pub mod typed;
