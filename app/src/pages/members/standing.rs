//! The fields of a role, for good or for a while.

use domain::permission::Role;
use leptos::prelude::*;

use crate::{error::AppError, pages::layout::use_workspace, ui::prelude::*};

/// Role, moderator flag and end. `comes_after` says what comes when the end is reached.
#[component]
pub fn StandingFields(
    role: Role,
    #[prop(optional)] moderator_flag: bool,
    /// In the workspace's zone, as the field has it.
    #[prop(optional, into)]
    until: String,
    comes_after: &'static str,
    #[prop(into)] refused: Signal<Option<AppError>>,
) -> impl IntoView {
    let zone = use_workspace().time_zone;
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let choices =
        [Role::Author, Role::Moderator, Role::Admin].map(|role| Choice::new(value_of(role), label_of(role))).to_vec();
    view! {
        <SelectField
            name="role"
            label="Role"
            choices
            value=value_of(role)
            hint="Authors write campaigns, moderators approve them, admins do both and manage the workspace."
            error=error_of("role")
        />
        <Checkbox
            name="moderator_flag"
            label="Moderates, too"
            checked=moderator_flag
            hint="For authors who approve what others made; it changes nothing for other roles."
        />
        <TextField
            name="until"
            label="Until"
            r#type="datetime-local"
            value=until
            optional=true
            hint=format!("Date and time in {zone}. {comes_after}")
            error=error_of("until")
        />
    }
}

const fn value_of(role: Role) -> &'static str {
    match role {
        Role::Author => "author",
        Role::Moderator => "moderator",
        Role::Admin => "admin",
    }
}

const fn label_of(role: Role) -> &'static str {
    match role {
        Role::Author => "Author",
        Role::Moderator => "Moderator",
        Role::Admin => "Admin",
    }
}
