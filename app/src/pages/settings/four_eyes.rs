//! The four-eyes rule: everybody who rules the workspace reads how it stands, a super admin switches it.

use domain::permission::Permission;
use leptos::prelude::*;

use crate::{
    api::settings::{SetFourEyes, SettingsView},
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub(super) fn FourEyes(view: SettingsView, action: ServerAction<SetFourEyes>) -> impl IntoView {
    let may_switch = use_workspace().may(Permission::ManageInstallation);
    let refused: Signal<Option<AppError>> = Signal::derive(move || action.value().get().and_then(Result::err));
    let text = if view.four_eyes {
        "On: nobody approves what they made, edited, uploaded or submitted, whatever their role."
    } else {
        "Off: people may approve what they made themselves. A banner says so, and each self-approval is recorded."
    };
    let otherwise = if view.archived.is_some() {
        "It can be switched again when the workspace is restored."
    } else {
        "Only a super admin switches it."
    };
    view! {
        <Panel title="Four eyes">
            <div class="flex max-w-2xl flex-col items-start gap-4">
                <ErrorSummary error=refused/>
                <p>{text}</p>
                {if may_switch {
                    view! {
                        <ActionForm action>
                            <Hidden name="slug" value=view.slug/>
                            <Hidden name="revision" value=view.revision.to_string()/>
                            <Hidden name="four_eyes" value=(!view.four_eyes).to_string()/>
                            <Button kind=ButtonKind::Secondary busy=action.pending()>
                                {if view.four_eyes { "Switch off" } else { "Switch on" }}
                                <span class="sr-only">" the four-eyes rule"</span>
                            </Button>
                        </ActionForm>
                    }
                        .into_any()
                } else {
                    view! { <p class="text-muted">{otherwise}</p> }.into_any()
                }}
            </div>
        </Panel>
    }
}
