//! The settings page.

use leptos::prelude::*;

use super::{
    caps::Caps, danger::Danger, data::Data, form::SettingsForm, four_eyes::FourEyes, hold::Hold, sending::SendingHours,
    usage::Usage,
};
use crate::{
    api::{
        hold::{HoldWorkspace, ReleaseWorkspace},
        sending::{SaveCaps, SaveSendingHours},
        settings::{
            ArchiveWorkspace, DeleteWorkspace, KeepRecipientData, RestoreWorkspace, SaveSettings, SetFourEyes,
            SettingsView, settings,
        },
    },
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

/// What the page can do; made where it begins, so that what was typed outlives a reload of the values.
#[derive(Clone, Copy)]
pub(super) struct Doing {
    pub(super) save: ServerAction<SaveSettings>,
    pub(super) keep: ServerAction<KeepRecipientData>,
    pub(super) hours: ServerAction<SaveSendingHours>,
    pub(super) caps: ServerAction<SaveCaps>,
    pub(super) hold: ServerAction<HoldWorkspace>,
    pub(super) release: ServerAction<ReleaseWorkspace>,
    pub(super) four_eyes: ServerAction<SetFourEyes>,
    pub(super) archive: ServerAction<ArchiveWorkspace>,
    pub(super) restore: ServerAction<RestoreWorkspace>,
    pub(super) delete: ServerAction<DeleteWorkspace>,
}

#[component]
pub fn Settings() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.rules_it() {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let doing = Doing {
        save: ServerAction::new(),
        keep: ServerAction::new(),
        hours: ServerAction::new(),
        caps: ServerAction::new(),
        hold: ServerAction::new(),
        release: ServerAction::new(),
        four_eyes: ServerAction::new(),
        archive: ServerAction::new(),
        restore: ServerAction::new(),
        delete: ServerAction::new(),
    };
    // What was changed is loaded again; a refusal leaves the page as it is, with what was typed.
    let changes = Memo::new(move |before: Option<&u32>| {
        let done = [
            doing.save.value().with(|value| matches!(value, Some(Ok(())))),
            doing.keep.value().with(|value| matches!(value, Some(Ok(())))),
            doing.hours.value().with(|value| matches!(value, Some(Ok(())))),
            doing.caps.value().with(|value| matches!(value, Some(Ok(())))),
            doing.hold.value().with(|value| matches!(value, Some(Ok(())))),
            doing.release.value().with(|value| matches!(value, Some(Ok(())))),
            doing.four_eyes.value().with(|value| matches!(value, Some(Ok(())))),
            doing.archive.value().with(|value| matches!(value, Some(Ok(())))),
            doing.restore.value().with(|value| matches!(value, Some(Ok(())))),
        ];
        let before = before.copied().unwrap_or_default();
        if done.contains(&true) { before + 1 } else { before }
    });
    let slug = workspace.slug.clone();
    let loaded = Resource::new(move || changes.get(), move |_| settings(slug.clone()));
    let toasts = Toasts::here();
    Effect::new(move |_| {
        if doing.save.value().with(|value| matches!(value, Some(Ok(())))) {
            toasts.success("The settings are saved.");
        }
    });
    Effect::new(move |_| {
        if doing.hours.value().with(|value| matches!(value, Some(Ok(())))) {
            toasts.success("The hours are saved. What is being sent follows within seconds.");
        }
    });
    Effect::new(move |_| {
        if doing.caps.value().with(|value| matches!(value, Some(Ok(())))) {
            toasts.success("The limits are saved.");
        }
    });
    // What is around the page offers what could be done before.
    Effect::new(move |_| {
        let archived = doing.archive.value().with(|value| matches!(value, Some(Ok(()))));
        if archived || doing.restore.value().with(|value| matches!(value, Some(Ok(())))) {
            load_anew();
        }
    });
    view! {
        <PageHeading title="Settings" lead="What holds for everything in this workspace. Each change is recorded."/>
        <Transition fallback=|| view! { <Loading label="Loading the settings"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(view) => view! { <Parts view doing/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
    .into_any()
}

fn load_anew() {
    #[cfg(feature = "hydrate")]
    {
        _ = window().location().reload();
    }
}

#[component]
fn Parts(view: SettingsView, doing: Doing) -> impl IntoView {
    let archived = view.archived.is_some();
    // The frame and other pages show what the workspace was called when it was opened.
    let around = use_workspace();
    let stale = (around.display_name, around.time_zone, around.default_country)
        != (view.display_name.clone(), view.time_zone.clone(), view.default_country.clone());
    Effect::new(move |_| {
        if stale {
            load_anew();
        }
    });
    view! {
        <div class="flex flex-col gap-6">
            <p>
                <a class="link" href=format!("/w/{}/settings/test-numbers", view.slug)>"Test numbers"</a>
                ": who gets a test of a draft, and how many there may be a day."
            </p>
            {(!archived).then(|| view! { <SettingsForm view=view.clone() save=doing.save/> })}
            {(!archived).then(|| view! { <SendingHours view=view.clone() save=doing.hours/> })}
            <Usage view=view.clone()/>
            {(!archived).then(|| view! { <Data view=view.clone() keep=doing.keep/> })}
            {(!archived).then(|| view! { <Caps view=view.clone() save=doing.caps/> })}
            {(!archived)
                .then(|| {
                    view! { <Hold slug=view.slug.clone() holds=view.holds.clone() hold=doing.hold release=doing.release/> }
                })}
            <FourEyes view=view.clone() action=doing.four_eyes/>
            <Danger view doing/>
        </div>
    }
}
