//! `/api/v1/campaigns`: what programs read of campaigns, and what they do with them.

mod act;
mod change;
mod list;
mod view;
mod write;

pub(super) use self::{
    act::{__path_archive, __path_cancel, __path_finish, __path_pause, __path_restore, __path_resume, __path_start},
    list::{__path_list, __path_show},
    write::{__path_change, __path_create, __path_submit},
};
pub use self::{
    act::{archive, cancel, finish, pause, restore, resume, start},
    list::{list, moment, show, value_of},
    view::Overrides,
    write::{change, create, submit},
};

use app::AppError;
use domain::id::CampaignId;

use super::problem::Problem;

/// The campaign of an address; what is no id is like one that does not exist.
pub fn campaign_id(id: &str) -> Result<CampaignId, Problem> {
    Ok(id.parse().map_err(|_| AppError::NotFound)?)
}
