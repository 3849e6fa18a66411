//! `/join`: asking to be let into a workspace, and what became of it.

use leptos::prelude::*;

use crate::{
    api::joining::{AskToJoin, JoinAskView, my_join_requests},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn Join() -> impl IntoView {
    let ask = ServerAction::<AskToJoin>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || ask.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let asked = Resource::new(move || ask.version().get(), |_| my_join_requests());
    let done = Signal::derive(move || ask.value().with(|value| matches!(value, Some(Ok(())))));
    let (workspace, note) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| {
        if done.get() {
            workspace.set(String::new());
            note.set(String::new());
        }
    });
    view! {
        <PageHeading title="Join a workspace" lead="Its admins decide, and give you a role."/>
        <div role="status" class="empty:-mt-5">
            {move || {
                done.get()
                    .then(|| {
                        view! {
                            <Alert tone=Tone::Success>
                                "If there is a workspace with this address and it takes requests, its admins see yours now."
                            </Alert>
                        }
                    })
            }}
        </div>
        <Panel>
            <ActionForm action=ask attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <TextField
                    name="workspace"
                    label="Address of the workspace"
                    bind=workspace
                    mono=true
                    maxlength=40
                    hint="What stands behind /w/ in the addresses of its pages. Whoever told you of the workspace knows it."
                    error=error_of("workspace")
                />
                <TextArea
                    name="note"
                    label="Note"
                    bind=note
                    rows=2
                    maxlength=500
                    optional=true
                    hint="The admins read it: who you are, and why you ask."
                    error=error_of("note")
                />
                <div>
                    <Button busy=ask.pending()>"Ask to join"</Button>
                </div>
            </ActionForm>
        </Panel>
        <Transition fallback=|| view! { <Loading label="Loading your requests"/> }>
            {move || Suspend::new(async move {
                match asked.await {
                    Ok(asks) => view! { <JoinStates asks/> }.into_any(),
                    Err(error) => {
                        view! { <LoadError error retry=Callback::new(move |()| asked.refetch())/> }.into_any()
                    }
                }
            })}
        </Transition>
    }
}

/// What somebody asked for and what became of it; nothing when they asked for nothing.
#[component]
pub fn JoinStates(asks: Vec<JoinAskView>) -> impl IntoView {
    (!asks.is_empty()).then(|| {
        let rows = asks
            .into_iter()
            .map(|ask| {
                let state = match ask.rejected {
                    None => view! { <Badge tone=Tone::Warning text="Waits for an answer"/> }.into_any(),
                    Some(moment) => view! {
                        <Badge tone=Tone::Danger text="Rejected"/>
                        " "
                        <When moment/>
                    }
                    .into_any(),
                };
                view! {
                    <tr>
                        <th scope="row" class="font-mono font-medium break-all">{ask.workspace}</th>
                        <td><When moment=ask.asked/></td>
                        <td>{state}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <Panel title="Your requests" flush=true>
                <Table caption="Your requests to join a workspace">
                    <thead>
                        <tr>
                            <th scope="col">"Workspace"</th>
                            <th scope="col">"Asked"</th>
                            <th scope="col">"State"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
            </Panel>
        }
    })
}
