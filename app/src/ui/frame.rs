//! What stands around a page: header, navigation, footer.

use domain::permission::Capacity;
use leptos::prelude::*;

use super::{
    bell::Bell,
    menu::{Menu, Side},
    nav::{NavItem, SideNav},
    palette::{Command, Palette},
    session_end::SessionEnd,
    shortcuts::Shortcuts,
    theme_switch::ThemeSwitch,
};
use crate::state::viewer::{Viewer, WorkspaceLink};

/// The frame of signed-in pages.
#[component]
pub fn Frame(
    viewer: Viewer,
    /// The workspace at hand; none on pages of the person or of the installation.
    #[prop(optional_no_strip, into)]
    workspace: Option<WorkspaceLink>,
    #[prop(optional)] nav: Vec<NavItem>,
    /// What the palette offers besides the navigation, and what everybody finds there.
    #[prop(optional)]
    commands: Vec<Command>,
    /// Lines across the top, usually [`super::alert::NoticeBar`]s.
    #[prop(optional, into)]
    notices: ViewFn,
    /// Further entries of the person's menu: profile, and the form that signs out.
    #[prop(optional, into)]
    account: ViewFn,
    children: Children,
) -> impl IntoView {
    let home = workspace.as_ref().map_or_else(|| "/".to_owned(), |here| format!("/w/{}", here.slug));
    let has_nav = !nav.is_empty();
    let slug = workspace.as_ref().map(|here| here.slug.clone());
    let mut offered = commands;
    offered.extend(nav.iter().map(|item| Command::go("Page", item.label.clone(), item.href.clone())));
    offered.extend(commands_of(&viewer));
    let as_ruler = workspace.as_ref().is_some_and(|here| here.role == Capacity::SuperAdmin.label());
    view! {
        <header class="top-bar">
            <Brand href=home/>
            <WorkspaceSwitcher viewer=viewer.clone() workspace/>
            {as_ruler.then(|| view! { <RulerBadge/> })}
            <div class="ml-auto flex min-w-0 items-center gap-1">
                <Palette commands=offered slug/>
                <Bell unread=viewer.unread/>
                <Menu id="account-menu" label=viewer.name.clone() name=format!("Account of {}", viewer.name) side=Side::Right>
                    <div class="px-3 py-2">
                        <p class="font-medium break-words">{viewer.name.clone()}</p>
                        <p class="text-sm break-all text-muted">{viewer.email.clone()}</p>
                    </div>
                    <hr class="border-base-300"/>
                    <ThemeSwitch/>
                    {account.run()}
                </Menu>
            </div>
        </header>
        {notices.run()}
        <div class=if has_nav { "with-nav" } else { "without-nav" }>
            {has_nav.then(|| view! { <SideNav items=nav/> })}
            <main id="main" tabindex="-1" class="page">{children()}</main>
        </div>
        <Shortcuts/>
        <SessionEnd/>
    }
    .into_any()
}

/// Where somebody can go from everywhere.
fn commands_of(viewer: &Viewer) -> Vec<Command> {
    let page = |label: &str, href: &str| Command::go("Page", label, href);
    let workspaces = viewer.workspaces.iter();
    let mut commands: Vec<_> =
        workspaces.map(|entry| Command::go("Workspace", entry.name.clone(), format!("/w/{}", entry.slug))).collect();
    commands.extend([
        page("Notices", "/notices"),
        page("Your account", "/account"),
        page("Change your password", "/account/password"),
        page("Second factor", "/account/second-factor"),
        page("Where you are signed in", "/account/sessions"),
        page("Mails about notices", "/account/notices"),
    ]);
    if keeps_archive(viewer) {
        commands.push(page("Archive", "/w/archive"));
    }
    if viewer.staff || viewer.super_admin {
        commands.push(page("10DLC registry", "/registry"));
    }
    if viewer.super_admin {
        commands.extend([
            page("All workspaces", "/w/master"),
            page("All campaigns", "/w/master/campaigns"),
            page("Usage of all workspaces", "/w/master/usage"),
            Command::go("Action", "New workspace", "/w/master/new"),
            page("Users", "/installation/users"),
            Command::go("Action", "New user", "/installation/users/new"),
            page("Settings of the installation", "/installation/settings"),
            page("Audit log of the installation", "/installation/audit"),
            page("Installation keys", "/installation/keys"),
            page("10DLC staff", "/installation/staff"),
            page("Mail", "/installation/mail"),
        ]);
    } else {
        commands.push(page("Join a workspace", "/join"));
    }
    commands.extend(Command::of_everybody());
    commands
}

/// Who is nothing but a moderator has no archive.
fn keeps_archive(viewer: &Viewer) -> bool {
    let moderator = Capacity::Moderator.label();
    viewer.super_admin || viewer.workspaces.iter().any(|entry| entry.role != moderator)
}

/// The frame of pages for people who are not signed in: one narrow column.
#[component]
pub fn PlainFrame(children: Children) -> impl IntoView {
    view! {
        <header class="top-bar">
            <Brand href="/".to_owned()/>
            <div class="ml-auto flex min-w-0">
                <Menu id="display-menu" label="Display" side=Side::Right>
                    <ThemeSwitch/>
                </Menu>
            </div>
        </header>
        <main id="main" tabindex="-1" class="plain-page">
            <div class="panel p-6 sm:p-8">{children()}</div>
        </main>
    }
    .into_any()
}

#[component]
fn Brand(href: String) -> impl IntoView {
    view! {
        <a href=href class="brand">
            <svg viewBox="0 0 32 32" class="size-6 shrink-0" aria-hidden="true">
                <rect width="32" height="32" rx="7" fill="currentColor"></rect>
                <path d="M8 9h16v11H15l-4.5 4v-4H8z" fill="none" stroke="var(--color-primary-content)" stroke-width="2.2" stroke-linejoin="round"></path>
            </svg>
            <span class="hidden text-base-content sm:inline">"Message Center"</span>
            <span class="sr-only sm:hidden">"Message Center"</span>
        </a>
    }
}

/// Whoever acts in a workspace as a super admin sees it wherever they are in it.
#[component]
fn RulerBadge() -> impl IntoView {
    view! {
        <span class="badge badge-sm badge-warning shrink-0 whitespace-nowrap">
            <span class="hidden sm:inline">"Acting as "</span>
            "super admin"
        </span>
    }
}

/// So many workspaces are chosen from without searching.
const SWITCHER_PLAIN: usize = 10;

#[component]
fn WorkspaceSwitcher(viewer: Viewer, workspace: Option<WorkspaceLink>) -> impl IntoView {
    let here = workspace.as_ref().map(|here| here.slug.clone());
    let find = (viewer.workspaces.len() > SWITCHER_PLAIN).then(|| RwSignal::new(String::new()));
    let label = workspace.map_or_else(|| "Workspaces".to_owned(), |here| here.name);
    let name = format!("Workspace: {label}");
    let keeps = keeps_archive(&viewer);
    let entries = viewer
        .workspaces
        .into_iter()
        .map(|entry| {
            let current = here.as_deref() == Some(&entry.slug);
            let words = format!("{} {}", entry.name, entry.slug).to_lowercase();
            let passed_over =
                move || find.is_some_and(|find| find.with(|find| !words.contains(&find.trim().to_lowercase())));
            view! {
                <li hidden=passed_over>
                    <a href=format!("/w/{}", entry.slug) class="menu-entry" aria-current=current.then_some("true")>
                        <span class="min-w-0 flex-1 break-words">{entry.name}</span>
                        <span class="text-sm text-muted">{entry.role}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    // Who has only one workspace is led into it from the start page, and would not find the way to a second one.
    let (elsewhere, way) =
        if viewer.super_admin { ("/w/master", "All workspaces") } else { ("/join", "Join a workspace") };
    let archive = keeps.then(|| view! { <li><a href="/w/archive" class="menu-entry">"Archive"</a></li> });
    view! {
        <Menu id="workspace-menu" label name>
            {find
                .map(|find| {
                    view! {
                        <input
                            type="search"
                            class="input input-sm script-only m-2 w-auto"
                            aria-label="Find a workspace"
                            placeholder="Find a workspace"
                            autocomplete="off"
                            on:input=move |event| find.set(event_target_value(&event))
                        />
                    }
                })}
            <ul aria-label="Workspaces">
                {entries} <li><a href=elsewhere class="menu-entry">{way}</a></li> {archive}
            </ul>
        </Menu>
    }
}
