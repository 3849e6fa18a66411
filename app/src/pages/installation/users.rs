//! `/installation/users`: everybody who has an account.

use std::sync::Arc;

use leptos::{prelude::*, web_sys::FormData};
use leptos_router::{components::Form, hooks::use_query_map, params::ParamsMap};

use super::{InstallationTab, InstallationTabs};
use crate::{
    api::installation::users::{UserQuery, UserState, UserView, UsersView, users},
    state::query::{address, name_of, named},
    ui::prelude::*,
};

const PATH: &str = "/installation/users";

/// What the address asks for.
fn read(params: &ParamsMap) -> UserQuery {
    UserQuery {
        search: params.get_str("search").unwrap_or_default().trim().to_owned(),
        state: params.get_str("state").and_then(named),
        page: params.get_str("page").and_then(|page| page.parse().ok()).unwrap_or_default(),
    }
}

fn href(query: &UserQuery) -> String {
    let page = if query.page > 1 { query.page.to_string() } else { String::new() };
    address(
        PATH,
        [("search", query.search.clone()), ("state", query.state.map(name_of).unwrap_or_default()), ("page", page)],
    )
}

#[component]
pub fn UserList() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(read));
    let loaded = Resource::new(move || query.get(), users);
    view! {
        <PageHeading title="Users" lead="Everybody who has an account in this installation.">
            <LinkButton href="/installation/users/new">"New user"</LinkButton>
        </PageHeading>
        <InstallationTabs current=InstallationTab::Users/>
        <Filters query/>
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the users"/> }>
                {move || Suspend::new(async move {
                    let query = query.get_untracked();
                    match loaded.await {
                        Ok(found) if found.rows.is_empty() => {
                            view! {
                                <EmptyState title="Nobody like that" text="No account matches what you look for.">
                                    <LinkButton href=PATH kind=ButtonKind::Secondary small=true>"Show everybody"</LinkButton>
                                </EmptyState>
                            }
                                .into_any()
                        }
                        Ok(found) => view! { <People found query/> }.into_any(),
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
fn Filters(query: Memo<UserQuery>) -> impl IntoView {
    let read = move || query.with(|query| (query.search.clone(), query.state.map(name_of).unwrap_or_default()));
    let (search, state) = untrack(read);
    let (search, state) = (RwSignal::new(search), RwSignal::new(state));
    // Back and forward change the address under the form.
    Effect::new(move |before: Option<(String, String)>| {
        let now = read();
        if before.is_some_and(|before| before != now) {
            search.set(now.0.clone());
            state.set(now.1.clone());
        }
        now
    });
    let states = std::iter::once(Choice::new("", "Any"))
        .chain(UserState::ALL.into_iter().map(|state| Choice::new(name_of(state), state.label())))
        .collect();
    let narrowed = move || query.with(|query| !query.search.is_empty() || query.state.is_some());
    view! {
        <Form method="get" action=PATH on_form_data=Arc::new(without_empty) attr:class="panel p-4" attr:role="search" attr:aria-label="Users">
            <div class="grid items-end gap-3 sm:grid-cols-[2fr_1fr_auto]">
                <TextField name="search" label="Name or e-mail" r#type="search" bind=search filter=true/>
                <SelectField name="state" label="State" choices=states bind=state filter=true/>
                <div class="flex gap-2">
                    <Button kind=ButtonKind::Secondary>"Apply"</Button>
                    <Show when=narrowed>
                        <LinkButton href=PATH kind=ButtonKind::Quiet>"Clear"</LinkButton>
                    </Show>
                </div>
            </div>
        </Form>
    }
}

/// An address names what is asked for, and not what could have been.
fn without_empty(form: &FormData) {
    for key in ["", "search", "state"] {
        if form.get(key).as_string().is_some_and(|value| value.is_empty()) {
            form.delete(key);
        }
    }
}

#[component]
fn People(found: UsersView, query: UserQuery) -> impl IntoView {
    let UsersView { rows, total, page, pages } = found;
    let rows = rows.into_iter().map(|user| view! { <Row user/> }).collect_view();
    view! {
        <p class="px-4 pt-3 text-sm text-muted">{counted(u64::from(total), "account", "accounts")}</p>
        <Table caption="Users of the installation">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"E-mail"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="text-right">"Workspaces"</th>
                    <th scope="col">"Second factor"</th>
                    <th scope="col">"Last sign-in"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        <Pagination page pages href=move |page| href(&UserQuery { page, ..query.clone() })/>
    }
}

#[component]
fn Row(user: UserView) -> impl IntoView {
    view! {
        <tr>
            <th scope="row" class="min-w-40 font-medium break-words">
                <a class="link link-hover" href=format!("{PATH}/{}", user.id)>{user.name}</a>
                {user.is_me.then(|| view! { <span class="ml-2 font-normal text-muted">"you"</span> })}
                {user.super_admin.then(|| view! { <span class="ml-2"><Badge tone=Tone::Info text="Super admin"/></span> })}
            </th>
            <td class="min-w-44 break-all">{user.email}</td>
            <td><UserBadge state=user.state/></td>
            <td class="text-right tabular-nums">{user.memberships}</td>
            <td>{if user.second_factor { "On" } else { "–" }}</td>
            <td><MaybeWhen moment=user.last_sign_in/></td>
        </tr>
    }
}

#[component]
pub(super) fn UserBadge(state: UserState) -> impl IntoView {
    let tone = match state {
        UserState::Active => Tone::Success,
        UserState::Blocked => Tone::Danger,
        UserState::WithoutPassword => Tone::Warning,
    };
    view! { <Badge tone text=state.label()/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back() {
        let query = UserQuery { search: "ann lee".into(), state: Some(UserState::WithoutPassword), page: 3 };
        assert_eq!(href(&query), "/installation/users?search=ann%20lee&state=without_password&page=3");
        let mut params = ParamsMap::new();
        for (key, value) in [("search", "ann lee"), ("state", "without_password"), ("page", "3")] {
            params.insert(key, value.to_owned());
        }
        assert_eq!(read(&params), query);
        assert_eq!(href(&UserQuery::default()), PATH);
    }
}
