//! What is kept about people who get messages, for how long, and where it is looked after.

use domain::workspace::RECIPIENT_DATA_DAYS;
use leptos::prelude::*;

use crate::{
    api::settings::{KeepRecipientData, SettingsView},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub(super) fn Data(view: SettingsView, keep: ServerAction<KeepRecipientData>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || keep.value().get().and_then(Result::err));
    let error = Signal::derive(move || refused.get().and_then(|error| error.field_error("days")));
    let SettingsView { slug, revision, recipient_data_days, .. } = view;
    let linked = slug.clone();
    let link = move |page: &str, title: &'static str, text: &'static str| {
        view! {
            <li>
                <a class="link font-medium" href=format!("/w/{linked}/{page}")>{title}</a>
                <p class="text-sm text-muted">{text}</p>
            </li>
        }
    };
    view! {
        <Panel title="Data of recipients">
            <div class="flex max-w-2xl flex-col gap-6">
                <ul class="flex flex-col gap-4">
                    {link("suppression", "Suppression list", "Numbers that get no messages from this workspace.")}
                    {link("number", "One number", "Give out what is known of a number, or erase it from all campaigns.")}
                </ul>
                <ActionForm action=keep attr:class="flex flex-col items-start gap-4">
                    <ErrorSummary error=refused/>
                    <Hidden name="slug" value=slug.clone()/>
                    <Hidden name="revision" value=revision.to_string()/>
                    <div class="w-full">
                        <TextField
                            name="days"
                            label="Days that recipients are kept"
                            r#type="number"
                            inputmode="numeric"
                            min=RECIPIENT_DATA_DAYS.start().to_string()
                            max=RECIPIENT_DATA_DAYS.end().to_string()
                            value=recipient_data_days.map(|days| days.to_string()).unwrap_or_default()
                            optional=true
                            hint="After the end of their campaign. Then numbers, columns, states, rejected lines and exports go, and the figures stay. Leave it empty to keep them."
                            error
                        />
                    </div>
                    <Button kind=ButtonKind::Secondary busy=keep.pending()>"Set the time"</Button>
                </ActionForm>
            </div>
        </Panel>
    }
}
