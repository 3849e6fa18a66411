//! `/account/sessions`: where somebody is signed in.

use leptos::prelude::*;

use super::tabs::{AccountTab, AccountTabs};
use crate::{
    api::sessions::{EndOtherSessions, EndSession, SessionView, own_sessions},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn Sessions() -> impl IntoView {
    let end = ServerAction::<EndSession>::new();
    let end_others = ServerAction::<EndOtherSessions>::new();
    let loaded = Resource::new(move || (end.version().get(), end_others.version().get()), |_| own_sessions());
    let refused: Signal<Option<AppError>> = Signal::derive(move || {
        end.value().get().and_then(Result::err).or_else(|| end_others.value().get().and_then(Result::err))
    });
    let said = move || match end_others.value().get() {
        Some(Ok(count)) => Some(format!("{} ended.", counted(u64::from(count), "other session", "other sessions"))),
        _ => end.value().get().and_then(Result::ok).map(|()| "The session is ended.".to_owned()),
    };
    view! {
        <PageHeading title="Your sessions" lead="Where you are signed in. End what you do not know, and change your password."/>
        <AccountTabs current=AccountTab::Sessions/>
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
        <div role="status">{move || said().map(|text| view! { <Alert tone=Tone::Success>{text}</Alert> })}</div>
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading your sessions"/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(sessions) => view! { <List sessions end end_others/> }.into_any(),
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
    }
}

#[component]
fn List(
    sessions: Vec<SessionView>,
    end: ServerAction<EndSession>,
    end_others: ServerAction<EndOtherSessions>,
) -> impl IntoView {
    let others = sessions.len() > 1;
    let rows = sessions.into_iter().map(|session| view! { <Row session end/> }).collect_view();
    view! {
        <Table caption="Your sessions">
            <thead>
                <tr>
                    <th scope="col">"Device"</th>
                    <th scope="col">"Address"</th>
                    <th scope="col">"Began"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        {others
            .then(|| {
                view! {
                    <ActionForm action=end_others attr:class="p-4">
                        <Button kind=ButtonKind::Secondary busy=end_others.pending()>"End all other sessions"</Button>
                    </ActionForm>
                }
            })}
    }
}

#[component]
fn Row(session: SessionView, end: ServerAction<EndSession>) -> impl IntoView {
    let SessionView { id, device, address, began, last_used, is_this } = session;
    let asked = id.clone();
    let busy =
        Signal::derive(move || end.input().with(|input| input.as_ref().is_some_and(|input| input.session == asked)));
    let which = format!(" on {device}, begun {}", began.local);
    view! {
        <tr>
            <th scope="row" class="font-medium">
                {device} {is_this.then(|| view! { <span class="ml-2"><Badge tone=Tone::Info text="This one"/></span> })}
            </th>
            <td class="font-mono break-all">{address}</td>
            <td><When moment=began/></td>
            <td><When moment=last_used/></td>
            <td class="text-right">
                {(!is_this)
                    .then(|| {
                        view! {
                            <ActionForm action=end>
                                <Hidden name="session" value=id/>
                                <Button kind=ButtonKind::Secondary small=true busy>
                                    "End" <span class="sr-only">{which}</span>
                                </Button>
                            </ActionForm>
                        }
                    })}
            </td>
        </tr>
    }
}
