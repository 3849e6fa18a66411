//! Widgets: a file each. Native elements, styled by daisyUI classes; everything works without a script, as far as HTML
//! allows, and is reached by keyboard. No inline styles: the content security policy forbids them.

pub mod alert;
pub mod badge;
pub mod bell;
pub mod breadcrumbs;
pub mod button;
pub mod chart;
pub mod choice;
pub mod copy;
pub mod dialog;
pub mod empty;
pub mod error_view;
pub mod facts;
pub mod field;
pub mod frame;
pub mod heading;
pub mod hidden;
pub mod icon;
pub mod kept;
pub mod loading;
pub mod menu;
pub mod message;
pub mod nav;
pub mod number;
pub mod pagination;
pub mod paging;
pub mod palette;
pub mod panel;
pub mod pick_many;
pub mod progress;
pub mod retry;
pub mod select;
mod session_end;
pub mod shortcuts;
pub mod shown_once;
pub mod stat;
pub mod steps;
pub mod table;
pub mod tabs;
pub mod textarea;
pub mod theme_switch;
pub mod toast;
pub mod tone;
mod two_way;
pub mod when;

/// Everything that pages usually need.
pub mod prelude {
    pub use super::{
        alert::{Alert, ErrorSummary, NoticeBar},
        badge::{Badge, CampaignBadge, RevisionBadge, SenderBadge},
        breadcrumbs::{Breadcrumbs, Crumb},
        button::{Button, ButtonKind, LinkButton},
        choice::{Checkbox, CheckboxList, CheckboxOption, RadioCards, RadioOption},
        copy::CopyField,
        dialog::{Dialog, DialogClose, DialogOpen},
        empty::EmptyState,
        error_view::ErrorView,
        facts::{Fact, Facts},
        field::{Field, TextField},
        frame::{Frame, PlainFrame},
        heading::PageHeading,
        hidden::Hidden,
        icon::{Icon, IconName},
        kept::Kept,
        loading::Loading,
        menu::Menu,
        nav::NavItem,
        number::{counted, grouped},
        pagination::Pagination,
        paging::CursorPaging,
        palette::Command,
        panel::Panel,
        pick_many::PickMany,
        progress::ProgressBar,
        retry::LoadError,
        select::{Choice, SelectField},
        shown_once::ShownOnce,
        stat::StatTile,
        steps::{Step, StepState, Steps},
        table::{Direction, SortHeader, Table},
        tabs::{Tab, Tabs},
        textarea::TextArea,
        toast::Toasts,
        tone::Tone,
        when::{MaybeWhen, When},
    };
}
