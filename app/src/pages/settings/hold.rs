//! Pause everything of the workspace, and let it go on.

use leptos::prelude::*;

use crate::{
    api::hold::{HoldView, HoldWorkspace, HoldsView, ReleaseWorkspace},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub(super) fn Hold(
    slug: String,
    holds: HoldsView,
    hold: ServerAction<HoldWorkspace>,
    release: ServerAction<ReleaseWorkspace>,
) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || {
        let of_hold = hold.value().get().and_then(Result::err);
        of_hold.or_else(|| release.value().get().and_then(Result::err))
    });
    let wrong = Signal::derive(move || refused.get().and_then(|error| error.field_error("reason")));
    let installation = holds.installation.map(|held| {
        view! {
            <Alert tone=Tone::Warning title="The whole installation is paused">
                <HeldBy held/>
                <p>"A super admin lets it go on."</p>
            </Alert>
        }
    });
    let own = match holds.workspace {
        Some(held) => view! {
            <Alert tone=Tone::Warning title="Everything in this workspace is paused"><HeldBy held/></Alert>
            <ActionForm action=release>
                <Hidden name="slug" value=slug/>
                <Button busy=release.pending()>"Let everything go on"</Button>
            </ActionForm>
        }
        .into_any(),
        None => view! {
            <p class="max-w-prose">
                "Within a second no further message of any campaign leaves; what the carriers have already is with them. Campaigns go on \
                by themselves when you let them. Everybody here sees the reason."
            </p>
            <ActionForm action=hold attr:class="flex max-w-2xl flex-col gap-4">
                <Hidden name="slug" value=slug/>
                <TextField name="reason" label="Why everything is paused" maxlength=500 error=wrong/>
                <div>
                    <Button kind=ButtonKind::Danger busy=hold.pending()>"Pause everything"</Button>
                </div>
            </ActionForm>
        }
        .into_any(),
    };
    view! {
        <Panel title="Pause everything">
            <div class="flex flex-col gap-4">
                <ErrorSummary error=refused/>
                {installation}
                {own}
            </div>
        </Panel>
    }
}

/// Who, since when, and why.
#[component]
pub fn HeldBy(held: HoldView) -> impl IntoView {
    let by = held.by.map(|by| format!(" by {by}")).unwrap_or_default();
    view! { <p>"Since " <When moment=held.since/> {by} ": " <span class="break-words">{held.reason}</span></p> }
}
