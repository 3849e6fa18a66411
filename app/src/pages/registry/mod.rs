//! The 10DLC of a workspace: brands, 10DLC campaigns, numbers, and what needs attention; and the staff that registers.
//!
//! *Invariant*: what stands below `/w/{slug}/registry` is open to people who are no members of the workspace, and knows it
//! by [`crate::api::registry::DeskView::here`] alone.

mod brands;
mod campaigns;
mod frame;
mod home;
mod lists;
mod numbers;
mod overview;
mod staff;
mod words;

pub use self::{
    brands::{BrandPage, EditBrand, NewBrandPage},
    campaigns::{EditTenDlc, NewTenDlc, TenDlcDetail},
    frame::StaffFrame,
    home::RegistryHome,
    numbers::TenDlcNumbers,
    overview::RegistryOverview,
    staff::StaffPage,
};
