//! What the workspace may use: set by super admins, read by its admins.

use leptos::prelude::*;

use crate::{
    api::{sending::SaveCaps, settings::SettingsView},
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub(super) fn Caps(view: SettingsView, save: ServerAction<SaveCaps>) -> impl IntoView {
    let limits = view.sending.clone();
    if !use_workspace().may(domain::permission::Permission::ManageInstallation) {
        let or_none = |limit: Option<u64>, unit: &str| {
            limit.map_or_else(|| "No limit".to_owned(), |limit| format!("{} {unit}", grouped(limit)))
        };
        return view! {
            <Panel title="Limits of the installation">
                <Facts>
                    <Fact label="Segments a second">{or_none(limits.segments_per_s_max.map(u64::from), "at most")}</Fact>
                    <Fact label="Recipients on disk">{or_none(limits.storage_max_mib, "MiB at most")}</Fact>
                </Facts>
                <p class="mt-3 text-sm text-muted">"A super admin sets them."</p>
            </Panel>
        }
        .into_any();
    }
    let refused: Signal<Option<AppError>> = Signal::derive(move || save.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    view! {
        <Panel title="Limits of the installation">
            <ActionForm action=save attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=view.slug/>
                <Hidden name="revision" value=view.revision.to_string()/>
                <div class="grid gap-5 sm:grid-cols-2">
                    <TextField
                        name="segments_per_s_max"
                        label="Segments a second at most"
                        value=limits.segments_per_s_max.map(|most| most.to_string()).unwrap_or_default()
                        optional=true
                        inputmode="numeric"
                        hint="Of all its campaigns together. Empty: as fast as the links take them."
                        error=error_of("segments_per_s_max")
                    />
                    <TextField
                        name="storage_max_mib"
                        label="Recipients on disk, MiB at most"
                        value=limits.storage_max_mib.map(|most| most.to_string()).unwrap_or_default()
                        optional=true
                        inputmode="numeric"
                        hint=format!("It keeps {} MiB now. Beyond the limit no file is taken.", grouped(view.usage.storage_mib))
                        error=error_of("storage_max_mib")
                    />
                </div>
                <div>
                    <Button busy=save.pending()>"Set the limits"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
    .into_any()
}
