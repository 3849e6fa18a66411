//! The frame of a workspace: who is here, where one can go, and what everybody has to know.

use domain::permission::Permission;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    components::{Outlet, Redirect},
    hooks::{use_location, use_params_map},
};

use crate::{
    api::{registry::DeskView, workspace::WorkspaceView},
    error::AppError,
    pages::{person_layout::account_menu, registry::StaffFrame},
    state::{
        entry::{Entry, Inside},
        poll::poll,
        query::address,
        viewer::{Viewer, WorkspaceLink},
    },
    ui::prelude::*,
};

/// How often the counts in the navigation and the notices are asked for.
const LOOK_MS: u32 = 10_000;

/// The workspace of the page at hand, as it was when the page was opened.
///
/// # Panics
/// Outside of [`WorkspaceLayout`], which is a mistake in the table of routes.
#[must_use]
pub fn use_workspace() -> WorkspaceView {
    expect_context::<WorkspaceView>()
}

/// How many people ask to join, as it was found out last.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    current: RwSignal<WorkspaceView>,
}

impl Asking {
    /// # Panics
    /// Outside of [`WorkspaceLayout`], which is a mistake in the table of routes.
    #[must_use]
    pub fn here() -> Self {
        expect_context::<Self>()
    }

    #[must_use]
    pub fn count(self) -> Signal<u32> {
        Signal::derive(move || self.current.with(|workspace| workspace.asking))
    }

    /// A page has found it out meanwhile.
    pub fn found(self, count: u32) {
        if self.current.with_untracked(|workspace| workspace.asking) != count {
            self.current.update(|workspace| workspace.asking = count);
        }
    }
}

/// Around every page of `/w/{slug}`: nothing of it is rendered for somebody who may not be there.
///
/// On the server, and in the browser for the page that came from it, the answer is known at once. Nothing waits around
/// the page then, so it is rendered once and numbers what it loads alike on both sides.
#[component]
pub fn WorkspaceLayout() -> impl IntoView {
    let params = use_params_map();
    let slug = Memo::new(move |_| params.with(|params| params.get_str("slug").unwrap_or_default().to_owned()));
    let known = StoredValue::new(SharedValue::new(Entry::known).into_inner());
    move || {
        let slug = slug.get();
        // In the browser it holds for the first page; who comes back later is asked for again.
        let entry =
            if cfg!(feature = "ssr") { known.get_value() } else { known.try_update_value(Option::take).flatten() };
        match entry.filter(|entry| entry.slug == slug) {
            Some(Entry { entered, .. }) => view! { <AsEntered entered/> }.into_any(),
            None => view! { <Entering slug/> }.into_any(),
        }
    }
}

/// Asks who comes in, for pages that are gone to within the application.
#[component]
fn Entering(slug: String) -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    let entry = Resource::new(|| (), move |()| Entry::ask(slug.clone(), path.clone()));
    view! {
        <Suspense fallback=|| {
            view! {
                <Title text="Opening the workspace"/>
                <PlainFrame>
                    <Loading label="Opening the workspace"/>
                </PlainFrame>
            }
        }>
            {move || Suspend::new(async move {
                let Entry { entered, .. } = entry.await;
                view! { <AsEntered entered/> }
            })}
        </Suspense>
    }
}

#[component]
fn AsEntered(entered: Result<(Viewer, Inside), AppError>) -> impl IntoView {
    match entered {
        Ok((viewer, inside)) => {
            let slug = match &inside {
                Inside::Member(workspace) => workspace.slug.clone(),
                Inside::Staff(desk) => desk.slug.clone(),
            };
            match inside {
                _ if moved(&slug) => view! { <ToAddress slug/> }.into_any(),
                Inside::Member(workspace) => view! { <Entered viewer workspace/> }.into_any(),
                Inside::Staff(desk) => view! { <StaffFrame viewer desk/> }.into_any(),
            }
        }
        Err(AppError::SignedOut) => view! { <ToSignIn/> }.into_any(),
        Err(AppError::SecondFactorMissing) => view! { <Redirect path="/account/second-factor"/> }.into_any(),
        Err(error) => view! { <PlainFrame><ErrorView error/></PlainFrame> }.into_any(),
    }
}

/// Whether somebody came by an address that the workspace had before.
fn moved(today: &str) -> bool {
    use_params_map().with_untracked(|params| params.get_str("slug").is_some_and(|slug| slug != today))
}

/// To the same page at the workspace's address of today.
#[component]
fn ToAddress(slug: String) -> impl IntoView {
    let location = use_location();
    let path = location.pathname.get_untracked();
    // Behind `/w/` and the former address.
    let rest = path.splitn(4, '/').nth(3).map(|rest| format!("/{rest}")).unwrap_or_default();
    let here = format!("/w/{slug}{rest}{}", query(&location.search.get_untracked()));
    view! { <Redirect path=here/> }
}

#[component]
fn Entered(viewer: Viewer, workspace: WorkspaceView) -> impl IntoView {
    provide_context(workspace.clone());
    provide_context(DeskView::from(&workspace));
    let current = RwSignal::new(workspace.clone());
    let slug = workspace.slug.clone();
    let action = Action::new(move |(): &()| {
        let slug = slug.clone();
        async move { crate::api::workspace::workspace(slug).await }
    });
    let lost = RwSignal::new(None);
    Effect::new(move |_| match action.value().get() {
        Some(Ok(fresh)) => {
            current.set(fresh);
            lost.set(None);
        }
        Some(Err(error)) => lost.set(Some(error)),
        None => {}
    });
    poll(
        LOOK_MS,
        || true,
        move || {
            action.dispatch(());
        },
    );
    let waiting = Signal::derive(move || current.with(|workspace| workspace.waiting));
    let asking = Asking { current };
    provide_context(asking);
    let mut nav = vec![
        NavItem::new("Overview", workspace.path(""), IconName::List).exact(),
        NavItem::new("Campaigns", workspace.path("/campaigns"), IconName::Send),
        NavItem::new("Templates", workspace.path("/templates"), IconName::Message),
        NavItem::new("Senders", workspace.path("/senders"), IconName::Tag),
        NavItem::new("Inbound", workspace.path("/inbound"), IconName::Inbox),
        NavItem::new("Moderation", workspace.path("/moderation"), IconName::Shield).count(waiting),
        NavItem::new("Members", workspace.path("/members"), IconName::People).count(asking.count()),
    ];
    // Who cannot have it set up is not led to where it is said to be missing.
    if workspace.registry.connected || workspace.rules_it() {
        nav.push(NavItem::new("10DLC", workspace.path("/registry"), IconName::Check));
    }
    if workspace.may(Permission::ViewMonitoring) {
        nav.push(NavItem::new("Monitoring", workspace.path("/monitoring"), IconName::Chart));
    }
    if workspace.may(Permission::ViewDiagnostics) {
        nav.push(NavItem::new("Diagnostics", workspace.path("/diagnostics"), IconName::Info));
    }
    if workspace.may(Permission::ViewAudit) {
        nav.push(NavItem::new("Audit", workspace.path("/audit"), IconName::Clock));
    }
    if workspace.may(Permission::ManageApiKeys) {
        nav.push(NavItem::new("API keys", workspace.path("/keys"), IconName::Key));
    }
    if workspace.may(Permission::ManageWorkspace) {
        nav.push(NavItem::new("Webhooks", workspace.path("/webhooks"), IconName::Bell));
    }
    if workspace.rules_it() {
        let settings = NavItem::new("Settings", workspace.path("/settings"), IconName::Gear);
        nav.push(settings.others(["/suppression", "/number"].map(|path| workspace.path(path))));
    }
    let here = WorkspaceLink {
        slug: workspace.slug.clone(),
        name: workspace.display_name.clone(),
        role: workspace.capacity.label().to_owned(),
    };
    let notices = move || view! { <Notices workspace=current lost/> };
    view! {
        <Frame viewer=viewer.clone() workspace=here nav commands=commands(&workspace) notices account=move || account_menu(&viewer)>
            <Outlet/>
        </Frame>
    }
}

/// What the palette offers here besides the navigation: what the person may do.
fn commands(workspace: &WorkspaceView) -> Vec<Command> {
    let may = |permission| workspace.may(permission);
    let ruled = workspace.rules_it();
    let offered = [
        (may(Permission::CreateCampaign), "Action", "New campaign", "/campaigns/new"),
        (may(Permission::CreateCampaign), "Action", "New template", "/templates/new"),
        (may(Permission::ManageSender), "Action", "New sender name", "/senders/new"),
        (may(Permission::ManageMembers), "Action", "Invite somebody", "/members/invitations"),
        (ruled, "Action", "Pause everything", "/settings"),
        (may(Permission::ManageMembers), "Page", "Requests to join", "/members/requests"),
        (true, "Page", "Roles", "/members/roles"),
        (ruled, "Page", "Sending hours and daily limit", "/settings"),
        (ruled, "Page", "Suppression list", "/suppression"),
        (ruled, "Page", "One number", "/number"),
        (ruled, "Page", "Test numbers", "/settings/test-numbers"),
        (ruled, "Page", "Usage by month", "/settings/usage"),
    ];
    let offered = offered.into_iter().filter(|(offered, ..)| *offered);
    offered.map(|(_, kind, label, rest)| Command::go(kind, label, workspace.path(rest))).collect()
}

/// What concerns all work in the workspace.
#[component]
fn Notices(workspace: RwSignal<WorkspaceView>, lost: RwSignal<Option<AppError>>) -> impl IntoView {
    let lost = Memo::new(move |_| lost.get());
    let simulator = Memo::new(move |_| workspace.with(|workspace| workspace.simulator));
    let down = Memo::new(move |_| workspace.with(|workspace| workspace.channel_down.clone()));
    let held = Memo::new(move |_| workspace.with(|workspace| workspace.held.clone()));
    let self_approval = Memo::new(move |_| workspace.with(|workspace| !workspace.four_eyes));
    let archived = Memo::new(move |_| workspace.with(|workspace| workspace.rules.archived));
    view! {
        <div role="status">
            {move || lost.get().map(|error| view! { <Lost error/> })}
            {move || {
                archived
                    .get()
                    .then(|| {
                        view! {
                            <NoticeBar tone=Tone::Warning>
                                "This workspace is archived: everything can be read, and nothing changed until a super admin restores it."
                            </NoticeBar>
                        }
                    })
            }}
            {move || held.get().map(|held| view! { <NoticeBar tone=Tone::Warning>{held}</NoticeBar> })}
            {move || down.get().map(|reason| view! { <NoticeBar tone=Tone::Danger>{reason}</NoticeBar> })}
            {move || {
                simulator
                    .get()
                    .then(|| {
                        view! {
                            <NoticeBar tone=Tone::Info>
                                "The link is the simulator: no real message leaves this machine."
                            </NoticeBar>
                        }
                    })
            }}
            {move || {
                self_approval
                    .get()
                    .then(|| {
                        view! {
                            <NoticeBar tone=Tone::Warning>
                                "The four-eyes rule is off: people may approve what they made themselves, and each time is recorded."
                            </NoticeBar>
                        }
                    })
            }}
        </div>
    }
}

/// What is on the page may be old: it could not be asked for again.
#[component]
fn Lost(error: AppError) -> impl IntoView {
    match error {
        AppError::SignedOut => view! {
            <NoticeBar tone=Tone::Warning>
                "Your session is over. " <a class="link" href=sign_in_here()>"Sign in again"</a> " to go on here."
            </NoticeBar>
        }
        .into_any(),
        error => view! { <NoticeBar tone=Tone::Warning>{error.to_string()} " What you see may be old."</NoticeBar> }
            .into_any(),
    }
}

/// Leads to the sign-in page, and from there back to this one.
#[component]
pub fn ToSignIn() -> impl IntoView {
    view! { <Redirect path=sign_in_here()/> }
}

fn sign_in_here() -> String {
    let location = use_location();
    let here = format!("{}{}", location.pathname.get_untracked(), query(&location.search.get_untracked()));
    address("/sign-in", [("next", here)])
}

fn query(search: &str) -> String {
    match search.trim_start_matches('?') {
        "" => String::new(),
        search => format!("?{search}"),
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests;
