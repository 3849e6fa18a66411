//! The table of pages. A page is a component in `pages/<area>/<what>.rs` and a route here; signed-in ones are rendered
//! with `SsrMode::Async`, so that redirects and statuses are known before the first byte.
//! Most come into the browser when they are opened: [`bundles`].

mod account;
mod archive;
mod audit;
mod bundles;
mod campaigns;
mod diagnostics;
mod inbound;
mod installation;
mod keys;
mod layout;
mod master;
mod members;
mod moderation;
mod monitoring;
mod not_found;
mod notices;
mod number;
mod overview;
mod person_layout;
mod registry;
mod senders;
mod settings;
mod suppression;
mod templates;
mod test_sends;
mod usage;
mod webhooks;
mod wizard;

use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Routes},
    path,
};

use self::{
    account::{SignInPage, Start},
    bundles::{
        making::{
            BrandPage, EditBrand, EditCampaign, EditTenDlc, NewBrandPage, NewCampaign, NewSender, NewTemplate,
            NewTenDlc, RegistryHome, SendTestPage, SenderDetail, SenderList, TemplateDetail, TemplateList,
            TenDlcDetail, TenDlcNumbers,
        },
        operation::{
            Blacklist, Diagnostics, GrafanaPage, InstallationAudit, InstallationKeys, InstallationSettings, LinkDetail,
            LinkList, MasterCampaigns, MasterUsage, MasterWorkspaces, MonitoringPage, NewLink, NewPool, NewPreset,
            NewSenderPreset, NewUser, NewWorkspace, Outbox, PoolPage, PresetList, PresetPage, RegistryOverview,
            SenderPresetList, SenderPresetPage, StaffPage, UserDetail, UserList,
        },
        person::{
            Accept, Archive, ChooseMails, CodePage, Forgot, Join, NoticeList, OneTimeLink, Password, Profile,
            SecondFactor, Sessions,
        },
        work::{CampaignDetail, CampaignList, Moderation, Overview},
        workspace::{
            ApiKeys, InboundList, Invitations, MemberPage, Members, OneNumber, RequestPage, Requests, Roles, Settings,
            Suppression, TestNumbers, WebhookList, WorkspaceAudit, WorkspaceDiagnosticsPage, WorkspaceMonitoringPage,
            WorkspaceUsage,
        },
    },
    layout::WorkspaceLayout,
    not_found::NotFound,
    person_layout::{InstallationLayout, PersonLayout},
};

#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/") view=Start ssr=SsrMode::Async/>
            <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
            <Route path=path!("/forgot") view=Forgot ssr=SsrMode::Async/>
            <ParentRoute path=path!("/notices") view=PersonLayout ssr=SsrMode::Async>
                <Route path=path!("") view=NoticeList ssr=SsrMode::Async/>
            </ParentRoute>
            <ParentRoute path=path!("/account") view=PersonLayout ssr=SsrMode::Async>
                <Route path=path!("") view=Profile ssr=SsrMode::Async/>
                <Route path=path!("/password") view=Password ssr=SsrMode::Async/>
                <Route path=path!("/second-factor") view=SecondFactor ssr=SsrMode::Async/>
                <Route path=path!("/sessions") view=Sessions ssr=SsrMode::Async/>
                <Route path=path!("/notices") view=ChooseMails ssr=SsrMode::Async/>
            </ParentRoute>
            <ParentRoute path=path!("/installation") view=InstallationLayout ssr=SsrMode::Async>
                <Route path=path!("/users") view=UserList ssr=SsrMode::Async/>
                <Route path=path!("/users/new") view=NewUser ssr=SsrMode::Async/>
                <Route path=path!("/users/:user") view=UserDetail ssr=SsrMode::Async/>
                <Route path=path!("/links") view=LinkList ssr=SsrMode::Async/>
                <Route path=path!("/links/new") view=NewLink ssr=SsrMode::Async/>
                <Route path=path!("/links/:link") view=LinkDetail ssr=SsrMode::Async/>
                <Route path=path!("/pools/new") view=NewPool ssr=SsrMode::Async/>
                <Route path=path!("/pools/:pool") view=PoolPage ssr=SsrMode::Async/>
                <Route path=path!("/presets") view=PresetList ssr=SsrMode::Async/>
                <Route path=path!("/presets/new") view=NewPreset ssr=SsrMode::Async/>
                <Route path=path!("/presets/:preset") view=PresetPage ssr=SsrMode::Async/>
                <Route path=path!("/senders") view=SenderPresetList ssr=SsrMode::Async/>
                <Route path=path!("/senders/new") view=NewSenderPreset ssr=SsrMode::Async/>
                <Route path=path!("/senders/:sender_preset") view=SenderPresetPage ssr=SsrMode::Async/>
                <Route path=path!("/blacklist") view=Blacklist ssr=SsrMode::Async/>
                <Route path=path!("/staff") view=StaffPage ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=InstallationSettings ssr=SsrMode::Async/>
                <Route path=path!("/audit") view=InstallationAudit ssr=SsrMode::Async/>
                <Route path=path!("/mail") view=Outbox ssr=SsrMode::Async/>
                <Route path=path!("/keys") view=InstallationKeys ssr=SsrMode::Async/>
                <Route path=path!("/monitoring") view=MonitoringPage ssr=SsrMode::Async/>
                <Route path=path!("/monitoring/grafana") view=GrafanaPage ssr=SsrMode::Async/>
                <Route path=path!("/diagnostics") view=Diagnostics ssr=SsrMode::Async/>
            </ParentRoute>
            <Route path=path!("/sign-in/code") view=CodePage ssr=SsrMode::Async/>
            <Route path=path!("/link/:token") view=OneTimeLink ssr=SsrMode::Async/>
            <Route path=path!("/invitation/:token") view=Accept ssr=SsrMode::Async/>
            <ParentRoute path=path!("/join") view=PersonLayout ssr=SsrMode::Async>
                <Route path=path!("") view=Join ssr=SsrMode::Async/>
            </ParentRoute>
            <ParentRoute path=path!("/w/master") view=InstallationLayout ssr=SsrMode::Async>
                <Route path=path!("") view=MasterWorkspaces ssr=SsrMode::Async/>
                <Route path=path!("/campaigns") view=MasterCampaigns ssr=SsrMode::Async/>
                <Route path=path!("/new") view=NewWorkspace ssr=SsrMode::Async/>
                <Route path=path!("/usage") view=MasterUsage ssr=SsrMode::Async/>
            </ParentRoute>
            <ParentRoute path=path!("/w/archive") view=PersonLayout ssr=SsrMode::Async>
                <Route path=path!("") view=Archive ssr=SsrMode::Async/>
            </ParentRoute>
            <ParentRoute path=path!("/registry") view=PersonLayout ssr=SsrMode::Async>
                <Route path=path!("") view=RegistryOverview ssr=SsrMode::Async/>
            </ParentRoute>
            <ParentRoute path=path!("/w/:slug") view=WorkspaceLayout ssr=SsrMode::Async>
                <Route path=path!("") view=Overview ssr=SsrMode::Async/>
                <Route path=path!("/campaigns") view=CampaignList ssr=SsrMode::Async/>
                <Route path=path!("/campaigns/new") view=NewCampaign ssr=SsrMode::Async/>
                <Route path=path!("/campaigns/:id") view=CampaignDetail ssr=SsrMode::Async/>
                <Route path=path!("/campaigns/:id/test") view=SendTestPage ssr=SsrMode::Async/>
                <Route path=path!("/campaigns/:id/edit/:step") view=EditCampaign ssr=SsrMode::Async/>
                <Route path=path!("/moderation") view=Moderation ssr=SsrMode::Async/>
                <Route path=path!("/inbound") view=InboundList ssr=SsrMode::Async/>
                <Route path=path!("/senders") view=SenderList ssr=SsrMode::Async/>
                <Route path=path!("/senders/new") view=NewSender ssr=SsrMode::Async/>
                <Route path=path!("/senders/:id") view=SenderDetail ssr=SsrMode::Async/>
                <Route path=path!("/members") view=Members ssr=SsrMode::Async/>
                <Route path=path!("/members/invitations") view=Invitations ssr=SsrMode::Async/>
                <Route path=path!("/members/requests") view=Requests ssr=SsrMode::Async/>
                <Route path=path!("/members/requests/:user") view=RequestPage ssr=SsrMode::Async/>
                <Route path=path!("/members/roles") view=Roles ssr=SsrMode::Async/>
                <Route path=path!("/members/:user") view=MemberPage ssr=SsrMode::Async/>
                <Route path=path!("/keys") view=ApiKeys ssr=SsrMode::Async/>
                <Route path=path!("/webhooks") view=WebhookList ssr=SsrMode::Async/>
                <Route path=path!("/monitoring") view=WorkspaceMonitoringPage ssr=SsrMode::Async/>
                <Route path=path!("/diagnostics") view=WorkspaceDiagnosticsPage ssr=SsrMode::Async/>
                <Route path=path!("/audit") view=WorkspaceAudit ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=Settings ssr=SsrMode::Async/>
                <Route path=path!("/settings/usage") view=WorkspaceUsage ssr=SsrMode::Async/>
                <Route path=path!("/suppression") view=Suppression ssr=SsrMode::Async/>
                <Route path=path!("/number") view=OneNumber ssr=SsrMode::Async/>
                <Route path=path!("/settings/test-numbers") view=TestNumbers ssr=SsrMode::Async/>
                <Route path=path!("/registry") view=RegistryHome ssr=SsrMode::Async/>
                <Route path=path!("/registry/brands/new") view=NewBrandPage ssr=SsrMode::Async/>
                <Route path=path!("/registry/brands/:id") view=BrandPage ssr=SsrMode::Async/>
                <Route path=path!("/registry/brands/:id/edit") view=EditBrand ssr=SsrMode::Async/>
                <Route path=path!("/templates") view=TemplateList ssr=SsrMode::Async/>
                <Route path=path!("/templates/new") view=NewTemplate ssr=SsrMode::Async/>
                <Route path=path!("/templates/:id") view=TemplateDetail ssr=SsrMode::Async/>
                <Route path=path!("/registry/campaigns/new") view=NewTenDlc ssr=SsrMode::Async/>
                <Route path=path!("/registry/campaigns/:id") view=TenDlcDetail ssr=SsrMode::Async/>
                <Route path=path!("/registry/campaigns/:id/edit/:step") view=EditTenDlc ssr=SsrMode::Async/>
                <Route path=path!("/registry/numbers") view=TenDlcNumbers ssr=SsrMode::Async/>
            </ParentRoute>
            <Route path=path!("/*any") view=NotFound ssr=SsrMode::Async/>
        </Routes>
    }
}
