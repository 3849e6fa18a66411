//! `/installation/presets`: policies that links and pools can have.

mod choice;
mod form;
mod list;

pub use self::{
    choice::PolicyChoice,
    form::{NewPreset, PresetPage},
    list::PresetList,
};

const PATH: &str = "/installation/presets";
