//! People who ask to join, and the decision about one of them.

use domain::permission::{Permission, Role};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{MemberTab, MemberTabs, standing::StandingFields};
use crate::{
    api::joining::{ApproveJoinRequest, JoinRequestRow, RejectJoinRequest, join_request, join_requests},
    error::AppError,
    pages::layout::{Asking, use_workspace},
    ui::prelude::*,
};

#[component]
pub fn Requests() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::ManageMembers) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let slug = workspace.slug.clone();
    let loaded = Resource::new(|| (), move |()| join_requests(slug.clone()));
    let asking = Asking::here();
    Effect::new(move |_| {
        if let Some(Ok(rows)) = loaded.get() {
            asking.found(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        }
    });
    view! {
        <PageHeading title="Requests to join" lead="People with an account who ask to be let in, where the workspace allows asking."/>
        <MemberTabs at=MemberTab::Requests/>
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the requests"/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(rows) if rows.is_empty() => {
                            view! { <EmptyState title="Nobody waits" text="A request that nobody answers runs out after 30 days."/> }
                                .into_any()
                        }
                        Ok(rows) => view! { <Rows rows/> }.into_any(),
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
    }
    .into_any()
}

#[component]
fn Rows(rows: Vec<JoinRequestRow>) -> impl IntoView {
    let workspace = use_workspace();
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = workspace.path(&format!("/members/requests/{}", row.user));
            view! {
                <tr>
                    <th scope="row" class="font-medium break-words">{row.name.clone()}</th>
                    <td class="min-w-44 break-all">{row.email}</td>
                    <td class="max-w-md break-words">{row.note.unwrap_or_else(|| "–".to_owned())}</td>
                    <td><When moment=row.asked stacked=true/></td>
                    <td class="text-right">
                        <LinkButton href kind=ButtonKind::Secondary small=true>
                            "Decide" <span class="sr-only">{format!(" about {}", row.name)}</span>
                        </LinkButton>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="People who ask to join">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"E-mail"</th>
                    <th scope="col">"Note"</th>
                    <th scope="col">"Asked"</th>
                    <th scope="col"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

/// `/members/requests/{user}`.
#[component]
pub fn RequestPage() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::ManageMembers) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let slug = workspace.slug.clone();
    let params = use_params_map();
    let user = Memo::new(move |_| params.with(|params| params.get("user").unwrap_or_default()));
    let loaded = Resource::new(move || user.get(), move |user| join_request(slug.clone(), user));
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the request"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(request) => view! { <Decide request/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Decide(request: JoinRequestRow) -> impl IntoView {
    let workspace = use_workspace();
    let crumbs = vec![
        Crumb::new("Members", workspace.path("/members")),
        Crumb::new("Requests", workspace.path("/members/requests")),
    ];
    let approve = ServerAction::<ApproveJoinRequest>::new();
    let reject = ServerAction::<RejectJoinRequest>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || approve.value().get().and_then(Result::err));
    let not_rejected: Signal<Option<AppError>> = Signal::derive(move || reject.value().get().and_then(Result::err));
    let (slug, user) = (workspace.slug.clone(), request.user.clone());
    view! {
        <Breadcrumbs crumbs/>
        <PageHeading title=request.name lead=request.email/>
        <Panel title="Asks to join">
            <Facts>
                <Fact label="Asked"><When moment=request.asked/></Fact>
                <Fact label="Note">{request.note.unwrap_or_else(|| "–".to_owned())}</Fact>
            </Facts>
        </Panel>
        <Panel title="Let in">
            <ActionForm action=approve attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=slug/>
                <Hidden name="user" value=user/>
                <StandingFields
                    role=Role::Author
                    comes_after="The membership ends then. Empty: it stays."
                    refused
                />
                <div>
                    <Button busy=approve.pending()>"Let in"</Button>
                </div>
            </ActionForm>
        </Panel>
        <Panel title="Reject">
            {move || not_rejected.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
            <p class="mb-4 max-w-prose">"The person sees that the request was rejected, and can ask again a day later."</p>
            <ActionForm action=reject>
                <Hidden name="slug" value=workspace.slug/>
                <Hidden name="user" value=request.user/>
                <Button kind=ButtonKind::Danger busy=reject.pending()>"Reject"</Button>
            </ActionForm>
        </Panel>
    }
}
