//! Who belongs to the workspace.

use domain::permission::Permission;
use leptos::prelude::*;

use super::MemberTabs;
use crate::{
    api::members::{MemberView, NewLink, RenewMemberLink, members},
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn Members() -> impl IntoView {
    let workspace = use_workspace();
    let slug = workspace.slug.clone();
    let loaded = Resource::new(|| (), move |()| members(slug.clone()));
    let may_manage = workspace.may(Permission::ManageMembers);
    let renew = ServerAction::<RenewMemberLink>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || renew.value().get().and_then(Result::err));
    let made = Signal::derive(move || renew.value().get().and_then(Result::ok));
    view! {
        <PageHeading title="Members" lead="Everybody who can enter this workspace, besides the super admins."/>
        <div>
            <MemberTabs roles=false/>
            <div role="status">{move || made.get().map(|link| view! { <Made link/> })}</div>
        </div>
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger>{said(&error)}</Alert> })}
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the members"/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(members) if members.is_empty() => {
                            view! {
                                <EmptyState
                                    title="Nobody is a member yet"
                                    text="Only super admins enter this workspace. People are added on the command line of the server: message-center user create --workspace."
                                />
                            }
                                .into_any()
                        }
                        Ok(members) => view! { <People members may_manage renew/> }.into_any(),
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
        {may_manage.then(|| view! { <HowToJoin/> })}
    }
}

/// A refused field is the message itself here: the form has no field to show it at.
fn said(error: &AppError) -> String {
    error.field_error("user").unwrap_or_else(|| error.to_string())
}

#[component]
fn People(members: Vec<MemberView>, may_manage: bool, renew: ServerAction<RenewMemberLink>) -> impl IntoView {
    let any_open = may_manage && members.iter().any(|member| !member.active);
    let rows = members.into_iter().map(|member| view! { <Person member renew any_open/> }).collect_view();
    view! {
        <Table caption="Members of the workspace">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"E-mail"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"State"</th>
                    {any_open.then(|| view! { <th scope="col"><span class="sr-only">"Actions"</span></th> })}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Person(
    member: MemberView,
    renew: ServerAction<RenewMemberLink>,
    /// The table has a column for actions.
    any_open: bool,
) -> impl IntoView {
    let (tone, state) =
        if member.active { (Tone::Success, "Active") } else { (Tone::Warning, "Has not signed in yet") };
    let MemberView { id, name, email, capacity, active, is_me } = member;
    let asked = id.clone();
    let busy =
        Signal::derive(move || renew.input().with(|input| input.as_ref().is_some_and(|input| input.user == asked)));
    let slug = use_workspace().slug;
    let for_whom = format!(" for {name}");
    view! {
        <tr>
            <th scope="row" class="font-medium break-words">
                {name}
                {is_me.then(|| view! { <span class="ml-2 font-normal text-muted">"you"</span> })}
            </th>
            <td class="min-w-44 break-all">{email}</td>
            <td class="whitespace-nowrap">{capacity.label()}</td>
            <td><Badge tone text=state/></td>
            {any_open
                .then(|| {
                    view! {
                        <td class="text-right">
                            {(!active)
                                .then(|| {
                                    view! {
                                        <ActionForm action=renew attr:class="script-only">
                                            <Hidden name="slug" value=slug/>
                                            <Hidden name="user" value=id/>
                                            <Button kind=ButtonKind::Secondary small=true busy>
                                                "New link" <span class="sr-only">{for_whom}</span>
                                            </Button>
                                        </ActionForm>
                                    }
                                })}
                        </td>
                    }
                })}
        </tr>
    }
}

#[component]
fn Made(link: NewLink) -> impl IntoView {
    view! {
        <div class="mt-5">
        <Alert tone=Tone::Success title=format!("A new link for {}", link.name)>
            <p>
                "It is shown once. Hand it over by a way that nobody else reads; it works once, within a week, and earlier \
                links do not work any more."
            </p>
            <div class="mt-3">
                <CopyField name="new-link" label=format!("One-time link for {}", link.email) value=link.url/>
            </div>
        </Alert>
        </div>
    }
}

/// Where one-time links come from.
#[component]
fn HowToJoin() -> impl IntoView {
    view! {
        <Panel title="One-time links">
            <div class="flex max-w-prose flex-col gap-3">
                <p>
                    "Colleagues choose their password behind a one-time link. The first links are shown when the installation is \
                    set up. For somebody who has not signed in yet, “New link” makes another, and is recorded in the audit log."
                </p>
                <p>
                    "On the server, "
                    <code class="break-words">"message-center user create --workspace SLUG --role ROLE"</code>
                    " adds a person and prints a link."
                </p>
                <noscript>
                    <p>"“New link” needs JavaScript, for the link is shown on this page and kept nowhere."</p>
                </noscript>
            </div>
        </Panel>
    }
}
