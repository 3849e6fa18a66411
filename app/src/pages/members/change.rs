//! One member: another role, for good or for a while, and the end of the membership.

use domain::permission::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{list::End, standing::StandingFields};
use crate::{
    api::members::{ChangeMember, MemberDetail, MemberState, RemoveMember, member},
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn MemberPage() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::ManageMembers) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let slug = workspace.slug.clone();
    let params = use_params_map();
    let user = Memo::new(move |_| params.with(|params| params.get("user").unwrap_or_default()));
    let loaded = Resource::new(move || user.get(), move |user| member(slug.clone(), user));
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the member"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(detail) => view! { <Loaded detail/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Loaded(detail: MemberDetail) -> impl IntoView {
    let workspace = use_workspace();
    let crumbs = vec![Crumb::new("Members", workspace.path("/members"))];
    let member = detail.member.clone();
    view! {
        <Breadcrumbs crumbs/>
        <PageHeading title=member.name.clone() lead=member.email.clone()/>
        <Panel title="Now">
            <Facts>
                <Fact label="Role">
                    {member.capacity.label()} {member.end.clone().map(|end| view! { <End end/> })}
                </Fact>
                <Fact label="State">
                    {match member.state {
                        MemberState::Active => "Active",
                        MemberState::Open => "Has not signed in yet",
                        MemberState::Blocked => "Blocked in the whole installation",
                    }}
                </Fact>
            </Facts>
        </Panel>
        {if member.may_change {
            view! { <Forms detail/> }.into_any()
        } else {
            let why = if member.is_me {
                "Nobody changes their own role or removes themselves. Ask another admin."
            } else {
                "Only a super admin changes the membership of a super admin."
            };
            view! { <Alert tone=Tone::Info>{why}</Alert> }.into_any()
        }}
    }
}

#[component]
fn Forms(detail: MemberDetail) -> impl IntoView {
    let workspace = use_workspace();
    let change = ServerAction::<ChangeMember>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || change.value().get().and_then(Result::err));
    let MemberDetail { member, role, moderator_flag, until, revision } = detail;
    let here = workspace.path(&format!("/members/{}", member.id));
    let remove = view! { <Remove user=member.id.clone() name=member.name revision here=here.clone()/> };
    view! {
        <Panel title="Role">
            <ActionForm action=change attr:class="flex max-w-2xl flex-col gap-5">
                <Refused error=refused here/>
                <Hidden name="slug" value=workspace.slug.clone()/>
                <Hidden name="user" value=member.id/>
                <Hidden name="revision" value=revision.to_string()/>
                <StandingFields
                    role
                    moderator_flag
                    until
                    comes_after="Then the role without an end comes back. Empty: the role stays."
                    refused
                />
                <div class="form-actions">
                    <Button busy=change.pending()>"Save"</Button>
                    <LinkButton href=workspace.path("/members") kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
        {remove}
    }
}

#[component]
fn Remove(user: String, name: String, revision: u64, here: String) -> impl IntoView {
    let workspace = use_workspace();
    let remove = ServerAction::<RemoveMember>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || remove.value().get().and_then(Result::err));
    view! {
        <Panel title="Remove from the workspace">
            <div class="flex max-w-prose flex-col gap-4">
                <Refused error=refused here/>
                <p>"From the next click on, the person finds nothing here any more. What they made stays, and campaigns go on."</p>
                <div>
                    <DialogOpen id="remove-member" kind=ButtonKind::Danger>"Remove"</DialogOpen>
                </div>
            </div>
            <Dialog id="remove-member" title=format!("Remove {name}?")>
                <p>"They can be invited again at any time."</p>
                <ActionForm action=remove>
                    <Hidden name="slug" value=workspace.slug/>
                    <Hidden name="user" value=user/>
                    <Hidden name="revision" value=revision.to_string()/>
                    <div class="dialog-actions">
                        <Button kind=ButtonKind::Danger busy=remove.pending()>"Remove"</Button>
                        <DialogClose id="remove-member"/>
                    </div>
                </ActionForm>
            </Dialog>
        </Panel>
    }
}

/// Why it was not done. What was changed by somebody else in the meantime has to be looked at first.
#[component]
fn Refused(#[prop(into)] error: Signal<Option<AppError>>, here: String) -> impl IntoView {
    Effect::new(move |_| {
        if error.with(Option::is_some) {
            crate::ui::dialog::close("remove-member");
        }
    });
    move || {
        error.get().map(|error| {
            let stale = matches!(error, AppError::Conflict { .. });
            let here = here.clone();
            view! {
                <Alert tone=Tone::Danger>
                    <p>{error.in_full()}</p>
                    {stale
                        .then(|| {
                            view! {
                                <p class="mt-2">
                                    <a class="link" rel="external" href=here>"Look at it as it is now"</a>
                                </p>
                            }
                        })}
                </Alert>
            }
        })
    }
}
