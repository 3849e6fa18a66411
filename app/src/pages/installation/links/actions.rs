//! What can be done to a link. What keeps messages back asks first.

use domain::link::LinkUse;
use leptos::prelude::*;

use crate::{
    api::installation::links::{
        LinkCondition::{self, Connecting, Disabled, Down, Draining, LeftOut, Stopped, Up},
        RemoveLink, RestartCarrierLink, TestLink, TestedLink, UseLink,
    },
    error::AppError,
    state::query::name_of,
    ui::prelude::*,
};

/// Made where the page begins.
#[derive(Clone, Copy)]
pub(super) struct Actions {
    pub test: ServerAction<TestLink>,
    pub wanted: ServerAction<UseLink>,
    pub restart: ServerAction<RestartCarrierLink>,
    pub remove: ServerAction<RemoveLink>,
}

impl Actions {
    pub fn new() -> Self {
        Self {
            test: ServerAction::new(),
            wanted: ServerAction::new(),
            restart: ServerAction::new(),
            remove: ServerAction::new(),
        }
    }

    pub fn versions(self) -> [usize; 3] {
        [self.test.version().get(), self.wanted.version().get(), self.restart.version().get()]
    }

    pub fn refused(self) -> Option<AppError> {
        let Self { test, wanted, restart, remove } = self;
        [
            test.value().get().and_then(Result::err),
            wanted.value().get().and_then(Result::err),
            restart.value().get().and_then(Result::err),
            remove.value().get().and_then(Result::err),
        ]
        .into_iter()
        .flatten()
        .next()
    }
}

/// The buttons; `condition` is followed while the page is open.
#[component]
pub(super) fn Doing(
    id: String,
    name: String,
    condition: Memo<LinkCondition>,
    /// Of one that is configured here.
    #[prop(optional_no_strip)]
    revision: Option<u64>,
    #[prop(optional_no_strip)] test: Option<TestedLink>,
    actions: Actions,
) -> impl IntoView {
    let Actions { test: try_it, wanted, restart, remove } = actions;
    let id = StoredValue::new(id);
    let is = move |conditions: &[LinkCondition]| conditions.contains(&condition.get());
    let asked = StoredValue::new([format!("Drain {name}?"), format!("Disable {name}?"), format!("Remove {name}?")]);
    view! {
        <Panel title="Actions">
            <div class="flex flex-col gap-4">
                <div role="status">{test.map(|test| view! { <Tested test/> })}</div>
                <div class="flex flex-wrap gap-3">
                    <Show when=move || !is(&[LeftOut])>
                        <ActionForm action=try_it>
                            <Hidden name="id" value=id.get_value()/>
                            <Button kind=ButtonKind::Secondary busy=try_it.pending()>"Test the bind"</Button>
                        </ActionForm>
                    </Show>
                    <Show when=move || is(&[Stopped])>
                        <ActionForm action=restart>
                            <Hidden name="id" value=id.get_value()/>
                            <Button busy=restart.pending()>"Restart"</Button>
                        </ActionForm>
                    </Show>
                    <Show when=move || is(&[Disabled, Draining])>
                        <ActionForm action=wanted>
                            <Hidden name="id" value=id.get_value()/>
                            <Hidden name="wanted" value=name_of(LinkUse::InUse)/>
                            <Button busy=wanted.pending()>"Enable"</Button>
                        </ActionForm>
                    </Show>
                    <Show when=move || is(&[Up, Connecting, Down])>
                        <DialogOpen id="drain" kind=ButtonKind::Secondary>"Drain"</DialogOpen>
                    </Show>
                    <Show when=move || is(&[Up, Connecting, Down, Stopped, Draining])>
                        <DialogOpen id="disable" kind=ButtonKind::Secondary>"Disable"</DialogOpen>
                    </Show>
                    <Show when=move || revision.is_some() && is(&[Disabled, LeftOut])>
                        <DialogOpen id="remove" kind=ButtonKind::Secondary>"Remove"</DialogOpen>
                    </Show>
                </div>
                <Dialog id="drain" title=asked.with_value(|asked| asked[0].clone())>
                    <p>
                        "It sends what it has and takes nothing more; then it is disabled. Campaigns on it wait, and go on when \
                        it is enabled again."
                    </p>
                    <Decide id wanted=LinkUse::Drained action=wanted label="Drain" dialog="drain"/>
                </Dialog>
                <Dialog id="disable" title=asked.with_value(|asked| asked[1].clone())>
                    <p>
                        "What is with the carrier is still answered for. What waits goes back to its campaigns: they wait, and go on \
                        when it is enabled again. Receipts come then, too."
                    </p>
                    <Decide id wanted=LinkUse::Disabled action=wanted label="Disable" dialog="disable"/>
                </Dialog>
                {revision
                    .map(|revision| {
                        view! {
                            <Dialog id="remove" title=asked.with_value(|asked| asked[2].clone())>
                                <p>
                                    "Its settings and secrets are gone for good, and receipts that are still owed do not arrive any more. \
                                    Its id is not given to another link."
                                </p>
                                <ActionForm action=remove>
                                    <Hidden name="id" value=id.get_value()/>
                                    <Hidden name="revision" value=revision.to_string()/>
                                    <div class="dialog-actions">
                                        <Button kind=ButtonKind::Danger busy=remove.pending()>"Remove"</Button>
                                        <DialogClose id="remove"/>
                                    </div>
                                </ActionForm>
                            </Dialog>
                        }
                    })}
            </div>
        </Panel>
    }
}

#[component]
fn Decide(
    id: StoredValue<String>,
    wanted: LinkUse,
    action: ServerAction<UseLink>,
    label: &'static str,
    dialog: &'static str,
) -> impl IntoView {
    Effect::new(move |_| {
        if action.value().with(|value| value.is_some()) {
            crate::ui::dialog::close(dialog);
        }
    });
    view! {
        <ActionForm action>
            <Hidden name="id" value=id.get_value()/>
            <Hidden name="wanted" value=name_of(wanted)/>
            <div class="dialog-actions">
                <Button kind=ButtonKind::Danger busy=action.pending()>{label}</Button>
                <DialogClose id=dialog/>
            </div>
        </ActionForm>
    }
}

#[component]
fn Tested(test: TestedLink) -> impl IntoView {
    match test.failure {
        None => view! {
            <Alert tone=Tone::Success title="The carrier let us in">
                <p>"Tested " <When moment=test.at/> "."</p>
            </Alert>
        }
        .into_any(),
        Some(failure) => view! {
            <Alert tone=Tone::Warning title="The bind for trial failed">
                <p class="break-words">{failure} " Tested " <When moment=test.at/> "."</p>
            </Alert>
        }
        .into_any(),
    }
}
