//! Who belongs to the workspace.

use domain::permission::Permission;
use leptos::prelude::*;
use leptos_router::{components::Form, hooks::use_query_map};

use super::{MemberTab, MemberTabs, shown_once::ShownOnce};
use crate::{
    api::members::{EndView, MemberState, MemberView, MembersView, RenewMemberLink, members},
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn Members() -> impl IntoView {
    let workspace = use_workspace();
    let slug = workspace.slug.clone();
    let query = use_query_map();
    let search = Memo::new(move |_| query.with(|query| query.get("search").unwrap_or_default()));
    let loaded = Resource::new(move || search.get(), move |search| members(slug.clone(), search));
    let may_manage = workspace.may(Permission::ManageMembers);
    let renew = ServerAction::<RenewMemberLink>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || renew.value().get().and_then(Result::err));
    let made = Signal::derive(move || renew.value().get().and_then(Result::ok));
    let invite = workspace.path("/members/invitations");
    view! {
        <PageHeading title="Members" lead="Everybody who can enter this workspace, besides the super admins.">
            {may_manage.then(|| view! { <LinkButton href=invite.clone()>"Invite somebody"</LinkButton> })}
        </PageHeading>
        <MemberTabs at=MemberTab::Members/>
        <ShownOnce
            made
            title="A new link for"
            text="It is shown once. Hand it over by a way that nobody else reads; it works once, within a week, and earlier \
                links do not work any more."
        />
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
        <Search path=workspace.path("/members") search/>
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the members"/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(MembersView { people, total }) if people.is_empty() => {
                            view! { <Nobody anybody={total > 0} may_manage/> }.into_any()
                        }
                        Ok(view) => view! { <People people=view.people may_manage renew/> }.into_any(),
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
    }
}

/// A plain form of method GET: what is looked for is in the address.
#[component]
fn Search(path: String, search: Memo<String>) -> impl IntoView {
    let typed = RwSignal::new(search.get_untracked());
    // Back and forward change the address under the form.
    Effect::new(move |_| typed.set(search.get()));
    let clear = path.clone();
    view! {
        <Form method="get" action=path attr:class="panel flex flex-wrap items-end gap-3 p-4" attr:role="search" attr:aria-label="Members">
            <div class="min-w-56 flex-1">
                <TextField name="search" label="Name or e-mail" r#type="search" bind=typed filter=true/>
            </div>
            <Show when=move || search.with(|search| !search.is_empty())>
                <LinkButton href=clear.clone() kind=ButtonKind::Quiet>"Clear"</LinkButton>
            </Show>
            <Button kind=ButtonKind::Secondary>"Search"</Button>
        </Form>
    }
}

#[component]
fn Nobody(anybody: bool, may_manage: bool) -> impl IntoView {
    if anybody {
        return view! { <EmptyState title="Nobody is called like that" text="Look for another part of the name or of the address."/> }
            .into_any();
    }
    let text = if may_manage {
        "Only super admins enter this workspace. Invite somebody."
    } else {
        "Only super admins enter this workspace."
    };
    view! { <EmptyState title="Nobody is a member yet" text=text/> }.into_any()
}

#[component]
fn People(people: Vec<MemberView>, may_manage: bool, renew: ServerAction<RenewMemberLink>) -> impl IntoView {
    let rows = people.into_iter().map(|member| view! { <Person member renew may_manage/> }).collect_view();
    view! {
        <Table caption="Members of the workspace">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"E-mail"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"State"</th>
                    {may_manage.then(|| view! { <th scope="col"><span class="sr-only">"Actions"</span></th> })}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Person(member: MemberView, renew: ServerAction<RenewMemberLink>, may_manage: bool) -> impl IntoView {
    let (tone, state) = match member.state {
        MemberState::Active => (Tone::Success, "Active"),
        MemberState::Open => (Tone::Warning, "Has not signed in yet"),
        MemberState::Blocked => (Tone::Danger, "Blocked"),
    };
    let MemberView { id, name, email, capacity, end, state: reached, is_me, may_change } = member;
    let workspace = use_workspace();
    let change = workspace.path(&format!("/members/{id}"));
    let whom = name.clone();
    let actions = move || {
        view! {
            <div class="flex flex-wrap justify-end gap-2">
                {(reached == MemberState::Open)
                    .then(|| view! { <NewLinkForm slug=workspace.slug.clone() user=id.clone() name=whom.clone() renew/> })}
                {may_change
                    .then(|| {
                        view! {
                            <LinkButton href=change.clone() kind=ButtonKind::Secondary small=true>
                                "Change" <span class="sr-only">" " {whom.clone()}</span>
                            </LinkButton>
                        }
                    })}
            </div>
        }
    };
    view! {
        <tr>
            <th scope="row" class="font-medium break-words">
                {name}
                {is_me.then(|| view! { <span class="ml-2 font-normal text-muted">"you"</span> })}
            </th>
            <td class="min-w-44 break-all">{email}</td>
            <td>
                <span class="whitespace-nowrap">{capacity.label()}</span>
                {end.map(|end| view! { <End end/> })}
            </td>
            <td><Badge tone text=state/></td>
            {may_manage.then(|| view! { <td class="text-right">{actions()}</td> })}
        </tr>
    }
}

/// When a role ends and what comes then.
#[component]
pub fn End(end: EndView) -> impl IntoView {
    let then = end
        .then
        .map_or_else(|| "then no member any more".to_owned(), |then| format!("then {}", then.label().to_lowercase()));
    view! {
        <span class="block text-xs text-muted">
            "until " <When moment=end.at/> ", " {then}
        </span>
    }
}

#[component]
fn NewLinkForm(slug: String, user: String, name: String, renew: ServerAction<RenewMemberLink>) -> impl IntoView {
    let asked = user.clone();
    let pending = renew.pending();
    let busy = Signal::derive(move || {
        pending.get() && renew.input().with(|input| input.as_ref().is_some_and(|input| input.user == asked))
    });
    view! {
        <ActionForm action=renew>
            <Hidden name="slug" value=slug/>
            <Hidden name="user" value=user/>
            <Button kind=ButtonKind::Secondary small=true busy>
                "New link" <span class="sr-only">{format!(" for {name}")}</span>
            </Button>
        </ActionForm>
    }
}
