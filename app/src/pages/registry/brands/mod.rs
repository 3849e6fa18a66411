//! Brands of a workspace.

mod actions;
mod edit;
mod form;
mod history;
mod new;
mod page;
mod vetting;

pub use self::{edit::EditBrand, new::NewBrandPage, page::BrandPage};
