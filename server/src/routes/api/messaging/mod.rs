//! `/api/v1/messaging`: brands, 10DLC campaigns and numbers of the 10DLC registry. `docs/API.md` says it to the people who
//! write programs.
//!
//! Answers are `{"success": true, "data": …}` and `{"success": false, "error": {code, message, details}}`, as those expect
//! who come from the registry's world. In which workspace something is done says `X-Customer-ID`, by id or slug.

pub mod brand_form;
pub mod brands;
mod caller;
pub mod campaign_form;
pub mod campaigns;
mod envelope;
pub mod events;
mod field;
pub mod lookups;
pub mod numbers;
mod trouble;

pub use self::envelope::{MessagingError, is_of_messaging, write_error};
