//! Pause everything of all workspaces, and let it go on.

use leptos::prelude::*;

use crate::{
    api::hold::{HoldInstallation, HoldView, ReleaseInstallation, installation_hold},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub(super) fn InstallationHold() -> impl IntoView {
    let hold = ServerAction::<HoldInstallation>::new();
    let release = ServerAction::<ReleaseInstallation>::new();
    let loaded = Resource::new(move || (hold.version().get(), release.version().get()), |_| installation_hold());
    view! {
        <Transition fallback=|| view! { <Loading label="Looking whether everything is paused"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(held) => view! { <Part held hold release/> }.into_any(),
                    Err(error) => {
                        view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Part(
    #[prop(optional_no_strip)] held: Option<HoldView>,
    hold: ServerAction<HoldInstallation>,
    release: ServerAction<ReleaseInstallation>,
) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || {
        let of_hold = hold.value().get().and_then(Result::err);
        of_hold.or_else(|| release.value().get().and_then(Result::err))
    });
    let wrong = Signal::derive(move || refused.get().and_then(|error| error.field_error("reason")));
    let body = match held {
        Some(held) => {
            let by = held.by.map(|by| format!(" by {by}")).unwrap_or_default();
            view! {
                <Alert tone=Tone::Warning title="Everything in all workspaces is paused">
                    <p>"Since " <When moment=held.since/> {by} ": " <span class="break-words">{held.reason}</span></p>
                </Alert>
                <ActionForm action=release>
                    <Button busy=release.pending()>"Let everything go on"</Button>
                </ActionForm>
            }
            .into_any()
        }
        None => view! {
            <p class="max-w-prose">
                "Within a second no further message of any workspace leaves; what the carriers have already is with them. Everybody sees \
                the reason, and campaigns go on by themselves when you let them."
            </p>
            <ActionForm action=hold attr:class="flex max-w-2xl flex-col gap-4">
                <TextField name="reason" label="Why everything is paused" maxlength=500 error=wrong/>
                <div>
                    <Button kind=ButtonKind::Danger busy=hold.pending()>"Pause everything in all workspaces"</Button>
                </div>
            </ActionForm>
        }
        .into_any(),
    };
    view! {
        <Panel title="Pause everything">
            <div class="flex flex-col gap-4">
                <ErrorSummary error=refused/>
                {body}
            </div>
        </Panel>
    }
}
