//! Who may call what: a row for every server function, every plain route and every page.
//!
//! The plain routes are built from their rows. That the other rows are all there, and that the server answers each actor
//! as its row says, is tested in `server/tests/it/`; `server/tests/access_grid.txt` shows the answers.

use std::fmt;

use app::api::{
    account, audit, campaigns::control, campaigns::copying, campaigns::detail, campaigns::exports, campaigns::list,
    campaigns::problems, campaigns::recipients as campaign_recipients, diagnostics, forgotten, hold, inbound,
    installation, invitations, joining, keys, links, master, members, moderation, monitoring, notices, numbers,
    onboarding, outbox, overview, profile, recipients, registry, registry::campaigns as ten_dlc,
    registry::numbers as ten_dlc_numbers, second_factor, senders, sending, sessions, settings, suppression, templates,
    test_sends, usage, webhooks, wizard, workspace,
};
use axum::{
    extract::DefaultBodyLimit,
    http::Method,
    routing::{MethodFilter, MethodRouter, any, on},
};
use domain::{
    api_key::Scope,
    permission::Permission::{self, *},
    tendlc::staff::StaffAction,
};
use leptos::server_fn::ServerFn;

use self::Needs::{
    All, AnyKey, Anyone, Archive, Challenge, Desk, InstallationKey, Key, Link, Member, Nobody, One, RegistrySignature,
    Rule, SetUpLink, SignedIn, SomeDesk, StaffKey,
};
use crate::{
    assets, health,
    routes::{
        api, audit as audit_files, events, exports as export_files, monitoring as monitoring_files,
        numbers as number_files, overview as overview_files, rejects, suppression as suppression_files, uploads,
        usage as usage_files,
    },
    state::AppState,
    theme,
};

/// What has to be true of whoever sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Anyone,
    /// Holds a one-time link, whose secret is in the request.
    Link,
    /// Gave the right password some minutes ago at most, and is asked for a code.
    Challenge,
    /// Holds the set-up link of an installation that has no account yet.
    SetUpLink,
    SignedIn,
    /// Is a member of the workspace in the request, or a super admin.
    Member,
    /// Has the permission over everything in the workspace.
    All(Permission),
    /// Has the permission over the campaign in the request: over any, or it is their own and the permission reaches that.
    One(Permission),
    /// Is a super admin; for everybody else there is nothing.
    Rule,
    /// Is more than a moderator in some workspace, or a super admin.
    Archive,
    /// Does this with the 10DLC of the workspace in the request: as its member, as staff to whom it is assigned, or as a
    /// super admin.
    Desk(StaffAction),
    /// Has to do with the 10DLC of some workspace: as a member, as staff, or as a super admin.
    SomeDesk,
    /// Presents a working key of a workspace.
    AnyKey,
    /// Presents a key of a workspace that has this scope, whose owner may do as much.
    Key(Scope),
    /// Presents a key with this scope whose owner is staff or a super admin: for everybody else it is refused.
    StaffKey(Scope),
    /// Signs with the secret of the 10DLC registry's account.
    RegistrySignature,
    /// Presents a working key of the installation.
    InstallationKey,
    /// There is nothing, whoever asks.
    Nobody,
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Anyone => f.write_str("nothing"),
            Nobody => f.write_str("nobody has it"),
            Link => f.write_str("one-time link"),
            Challenge => f.write_str("password given"),
            SetUpLink => f.write_str("set-up link"),
            SignedIn => f.write_str("session"),
            Member => f.write_str("membership"),
            All(permission) => write!(f, "{permission:?}"),
            Rule => f.write_str("super admin"),
            Archive => f.write_str("more than a moderator"),
            One(permission) => write!(f, "{permission:?} on it"),
            Desk(action) => write!(f, "10DLC: {}", action.label()),
            SomeDesk => f.write_str("10DLC of some workspace"),
            AnyKey => f.write_str("key"),
            Key(scope) => write!(f, "key with {}", scope.name()),
            StaffKey(scope) => write!(f, "staff key with {}", scope.name()),
            RegistrySignature => f.write_str("registry's signature"),
            InstallationKey => f.write_str("installation key"),
        }
    }
}

/// By what a request is answered.
#[derive(Debug, Clone, Copy)]
pub enum By {
    /// A server function.
    Function,
    /// A page of the table in `app::pages`.
    Page,
    /// A handler of axum's.
    Handler(fn() -> MethodRouter<AppState>),
}

/// A row of the table.
#[derive(Debug, Clone)]
pub struct Access {
    pub method: Method,
    /// As axum writes it, with `{parameters}`.
    pub path: &'static str,
    pub needs: Needs,
    pub by: By,
}

impl Access {
    /// The function's name, or method and path.
    #[must_use]
    pub fn name(&self) -> String {
        match self.by {
            By::Function => self.path.rsplit('/').next().unwrap_or_default().to_owned(),
            By::Page | By::Handler(_) => format!("{} {}", self.method, self.path),
        }
    }
}

/// Server functions are never called by GET: a link on another site could do it.
const fn function<F: ServerFn>(needs: Needs) -> Access {
    Access { method: Method::POST, path: F::PATH, needs, by: By::Function }
}

const fn page(path: &'static str, needs: Needs) -> Access {
    Access { method: Method::GET, path, needs, by: By::Page }
}

/// `route!(METHOD path => handler, needs)`; with `any size` the body may be as long as the handler takes it.
macro_rules! route {
    ($method:ident $path:expr => $handler:expr, $needs:expr) => {
        Access {
            method: Method::$method,
            path: $path,
            needs: $needs,
            by: By::Handler(|| on(MethodFilter::$method, $handler)),
        }
    };
    ($method:ident $path:expr => $handler:expr, $needs:expr, any size) => {
        Access {
            method: Method::$method,
            path: $path,
            needs: $needs,
            by: By::Handler(|| on(MethodFilter::$method, $handler).layer(DefaultBodyLimit::disable())),
        }
    };
}

const UPLOAD: &str = "/w/{slug}/campaigns/{id}/upload";
const REJECTS: &str = "/w/{slug}/campaigns/{id}/rejects.csv";

/// The table.
pub const ACCESS: &[Access] = &[
    // The installation, and one's own account.
    function::<account::Me>(Anyone),
    function::<account::Places>(Anyone),
    function::<account::SignIn>(Anyone),
    function::<account::CodeStep>(Challenge),
    function::<account::SignInWithCode>(Challenge),
    function::<account::SignOut>(Anyone),
    function::<profile::Profile>(SignedIn),
    function::<profile::RenameMyself>(SignedIn),
    function::<profile::ChangePassword>(SignedIn),
    function::<second_factor::SecondFactor>(SignedIn),
    function::<second_factor::BeginSecondFactor>(SignedIn),
    function::<second_factor::ConfirmSecondFactor>(SignedIn),
    function::<second_factor::DisableSecondFactor>(SignedIn),
    function::<second_factor::RenewRecoveryCodes>(SignedIn),
    function::<sessions::OwnSessions>(SignedIn),
    function::<sessions::SessionLeft>(SignedIn),
    function::<sessions::EndSession>(SignedIn),
    function::<sessions::EndOtherSessions>(SignedIn),
    function::<installation::settings::InstallationSettings>(Rule),
    function::<installation::settings::SaveInstallationSettings>(Rule),
    function::<hold::InstallationHold>(Rule),
    function::<hold::HoldInstallation>(Rule),
    function::<hold::ReleaseInstallation>(Rule),
    function::<installation::links::CarrierLinks>(Rule),
    function::<installation::links::CarrierLink>(Rule),
    function::<installation::links::AddLink>(Rule),
    function::<installation::links::ChangeLink>(Rule),
    function::<installation::links::UseLink>(Rule),
    function::<installation::links::RestartCarrierLink>(Rule),
    function::<installation::links::TestLink>(Rule),
    function::<installation::links::RemoveLink>(Rule),
    function::<installation::links::pools::LinkPool>(Rule),
    function::<installation::links::pools::AddPool>(Rule),
    function::<installation::links::pools::ChangePool>(Rule),
    function::<installation::links::pools::RemovePool>(Rule),
    function::<installation::users::Users>(Rule),
    function::<installation::users::User>(Rule),
    function::<installation::users::CreateUser>(Rule),
    function::<installation::users::ChangeUser>(Rule),
    function::<installation::users::ResetUserPassword>(Rule),
    function::<installation::users::ResetUserSecondFactor>(Rule),
    function::<installation::users::EndUserSessions>(Rule),
    function::<account::Link>(Link),
    function::<account::SetPassword>(Link),
    function::<account::FirstRun>(SetUpLink),
    function::<forgotten::LinkByMail>(Anyone),
    function::<forgotten::AskForLink>(Anyone),
    function::<notices::UnreadNotices>(SignedIn),
    function::<notices::Notices>(SignedIn),
    function::<notices::ReadNotice>(SignedIn),
    function::<notices::ReadAllNotices>(SignedIn),
    function::<notices::MailChoices>(SignedIn),
    function::<notices::ChooseMails>(SignedIn),
    function::<outbox::Outbox>(Rule),
    function::<outbox::SendTestMail>(Rule),
    function::<monitoring::Monitoring>(Rule),
    function::<diagnostics::Diagnostics>(Rule),
    // All workspaces.
    function::<master::MasterWorkspaces>(Rule),
    function::<master::MasterCampaigns>(Rule),
    function::<master::Archive>(Archive),
    function::<usage::MasterUsage>(Rule),
    function::<onboarding::CreateWorkspace>(Rule),
    // The workspace and its people.
    function::<workspace::Workspace>(Member),
    function::<overview::Overview>(Member),
    function::<links::RestartLink>(All(ManageInstallation)),
    function::<hold::Holds>(Member),
    function::<hold::HoldWorkspace>(All(ManageWorkspace)),
    function::<hold::ReleaseWorkspace>(All(ManageWorkspace)),
    function::<settings::Settings>(All(ManageWorkspace)),
    function::<settings::SaveSettings>(All(ManageWorkspace)),
    function::<usage::WorkspaceUsage>(All(ManageWorkspace)),
    function::<settings::KeepRecipientData>(All(ManageWorkspace)),
    function::<sending::SaveSendingHours>(All(ManageWorkspace)),
    function::<sending::SaveCaps>(All(ManageInstallation)),
    function::<settings::SetFourEyes>(All(ManageInstallation)),
    function::<settings::ArchiveWorkspace>(All(ManageWorkspace)),
    function::<settings::RestoreWorkspace>(Rule),
    function::<settings::DeleteWorkspace>(Rule),
    function::<suppression::Suppression>(All(ManageWorkspace)),
    function::<suppression::SuppressNumbers>(All(ManageWorkspace)),
    function::<suppression::FindSuppressed>(All(ManageWorkspace)),
    function::<suppression::ReleaseNumber>(All(ManageWorkspace)),
    function::<numbers::EraseNumber>(All(ManageWorkspace)),
    function::<keys::ApiKeys>(All(ManageApiKeys)),
    function::<keys::MakeApiKey>(All(ManageApiKeys)),
    function::<keys::RevokeApiKey>(All(ManageApiKeys)),
    function::<keys::InstallationKeys>(Rule),
    function::<keys::MakeInstallationKey>(Rule),
    function::<keys::RevokeInstallationKey>(Rule),
    function::<webhooks::Webhooks>(All(ManageWorkspace)),
    function::<webhooks::MakeWebhook>(All(ManageWorkspace)),
    function::<webhooks::SwitchWebhook>(All(ManageWorkspace)),
    function::<webhooks::RotateWebhook>(All(ManageWorkspace)),
    function::<webhooks::TestWebhook>(All(ManageWorkspace)),
    function::<webhooks::RemoveWebhook>(All(ManageWorkspace)),
    function::<webhooks::RedeliverEvent>(All(ManageWorkspace)),
    function::<audit::AuditLog>(All(ViewAudit)),
    function::<audit::InstallationAudit>(Rule),
    function::<members::Members>(Member),
    function::<members::RenewMemberLink>(All(ManageMembers)),
    function::<members::Member>(All(ManageMembers)),
    function::<members::ChangeMember>(All(ManageMembers)),
    function::<members::RemoveMember>(All(ManageMembers)),
    // Coming in: invitations and requests.
    function::<invitations::Invitations>(All(ManageMembers)),
    function::<invitations::Invite>(All(ManageMembers)),
    function::<invitations::ResendInvitation>(All(ManageMembers)),
    function::<invitations::RevokeInvitation>(All(ManageMembers)),
    function::<invitations::Invitation>(Link),
    function::<invitations::AcceptInvitation>(Link),
    function::<invitations::AcceptInvitationAsMe>(SignedIn),
    function::<joining::AskToJoin>(SignedIn),
    function::<joining::MyJoinRequests>(SignedIn),
    function::<joining::JoinRequests>(All(ManageMembers)),
    function::<joining::JoinRequest>(All(ManageMembers)),
    function::<joining::ApproveJoinRequest>(All(ManageMembers)),
    function::<joining::RejectJoinRequest>(All(ManageMembers)),
    // Campaigns: looking.
    function::<list::Campaigns>(Member),
    function::<detail::Campaign>(Member),
    function::<detail::CampaignPulse>(Member),
    function::<campaign_recipients::CampaignRecipients>(Member),
    function::<campaign_recipients::FindRecipient>(Member),
    function::<campaign_recipients::RevealRecipients>(All(RevealNumbers)),
    function::<problems::CampaignJobErrors>(Member),
    function::<problems::CampaignFailures>(Member),
    function::<problems::CampaignAudit>(One(ViewCampaignAudit)),
    function::<exports::CampaignExports>(One(ExportRecords)),
    function::<exports::RequestExport>(One(ExportRecords)),
    function::<exports::RemoveExport>(One(ExportRecords)),
    // Campaigns: the wizard.
    function::<wizard::CreateDraft>(All(CreateCampaign)),
    function::<wizard::LoadDraft>(One(EditCampaign)),
    function::<wizard::ChooseMode>(One(EditCampaign)),
    function::<wizard::SaveMessage>(One(EditCampaign)),
    function::<wizard::OverrideAddressing>(All(ManageWorkspace)),
    function::<wizard::DropOverrides>(All(ManageWorkspace)),
    function::<recipients::Recipients>(One(EditCampaign)),
    function::<recipients::ReadRecipients>(One(EditCampaign)),
    function::<recipients::PasteRecipients>(One(EditCampaign)),
    function::<wizard::SubmitDraft>(One(EditCampaign)),
    // Campaigns: what is done with them.
    function::<control::StartCampaign>(One(ControlCampaign)),
    function::<control::PauseCampaign>(One(ControlCampaign)),
    function::<control::ResumeCampaign>(One(ControlCampaign)),
    function::<control::FinishCampaign>(One(ControlCampaign)),
    function::<control::CancelCampaign>(One(ControlCampaign)),
    function::<control::StopCampaign>(All(StopCampaign)),
    function::<control::ArchiveCampaign>(One(ArchiveCampaign)),
    function::<control::CancelAndArchiveCampaign>(One(ArchiveCampaign)),
    function::<control::RestoreCampaign>(One(ArchiveCampaign)),
    function::<copying::RestoreCampaignTo>(All(ManageWorkspace)),
    function::<copying::CloneCampaign>(All(CreateCampaign)),
    function::<copying::CloneWithRecipients>(One(EditCampaign)),
    function::<copying::EditAsNew>(One(EditCampaign)),
    // Test messages.
    function::<test_sends::TestList>(All(ManageWorkspace)),
    function::<test_sends::AddTestNumber>(All(ManageWorkspace)),
    function::<test_sends::RemoveTestNumber>(All(ManageWorkspace)),
    function::<test_sends::CapTests>(All(ManageWorkspace)),
    function::<test_sends::CampaignTests>(One(EditCampaign)),
    function::<test_sends::SentTests>(One(EditCampaign)),
    function::<test_sends::SendTest>(One(EditCampaign)),
    // What subscribers wrote.
    function::<inbound::InboundMessages>(Member),
    function::<inbound::RevealInbound>(All(RevealNumbers)),
    // Templates.
    function::<templates::Templates>(Member),
    function::<templates::Template>(Member),
    function::<templates::CreateTemplate>(All(CreateCampaign)),
    function::<templates::WriteTemplate>(All(CreateCampaign)),
    function::<templates::AskForTemplate>(All(CreateCampaign)),
    function::<templates::ArchiveTemplate>(All(CreateCampaign)),
    function::<templates::ApproveTemplate>(All(DecideCampaign)),
    function::<templates::RejectTemplate>(All(DecideCampaign)),
    // Moderation.
    function::<moderation::ModerationQueue>(Member),
    function::<moderation::ApproveCampaign>(All(DecideCampaign)),
    function::<moderation::RejectCampaign>(All(DecideCampaign)),
    function::<moderation::ApproveRevision>(All(DecideRevision)),
    function::<moderation::RejectRevision>(All(DecideRevision)),
    // Sender names.
    function::<senders::Senders>(Member),
    function::<senders::Sender>(Member),
    function::<senders::AllowSharedSaddr>(All(ManageInstallation)),
    function::<senders::DraftSender>(All(ManageSender)),
    function::<senders::CreateSender>(All(ManageSender)),
    function::<senders::SubmitRevision>(All(SubmitRevision)),
    function::<senders::ArchiveSender>(All(ManageSender)),
    // 10DLC.
    function::<registry::RegistryDesk>(Desk(StaffAction::Read)),
    function::<registry::home::RegistryHome>(Desk(StaffAction::Read)),
    function::<registry::brands::RegistryBrand>(Desk(StaffAction::Read)),
    function::<registry::brands::BrandHistory>(Desk(StaffAction::Read)),
    function::<registry::brands::BeginBrand>(Desk(StaffAction::Brands)),
    function::<registry::brands::CreateBrand>(Desk(StaffAction::Brands)),
    function::<registry::brands::BrandToEdit>(Desk(StaffAction::Brands)),
    function::<registry::brands::ChangeBrand>(Desk(StaffAction::Brands)),
    function::<registry::brands::HandInBrand>(Desk(StaffAction::Brands)),
    function::<registry::brands::VetBrand>(Desk(StaffAction::Brands)),
    function::<registry::brands::SendBrandConfirmation>(Desk(StaffAction::Brands)),
    function::<registry::brands::ConfirmBrand>(Desk(StaffAction::Brands)),
    function::<registry::brands::DeleteBrand>(Desk(StaffAction::Brands)),
    function::<registry::brands::SyncBrand>(Desk(StaffAction::Campaigns)),
    function::<registry::staff::RegistryOverview>(SomeDesk),
    function::<registry::staff::StaffGrants>(Rule),
    function::<registry::staff::AssignStaff>(Rule),
    function::<registry::staff::UnassignStaff>(Rule),
    function::<ten_dlc::TendlcCampaign>(Desk(StaffAction::Read)),
    function::<ten_dlc::TendlcCampaignHistory>(Desk(StaffAction::Read)),
    function::<ten_dlc::SyncTendlc>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc::ResubmitTendlc>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc::DeactivateTendlc>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc::wizard::TendlcChoices>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc::wizard::BeginTendlc>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc::wizard::TendlcDraft>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc::wizard::ChooseTendlcUseCase>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc::wizard::SaveTendlcPurpose>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc::wizard::SaveTendlcSamples>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc::wizard::SaveTendlcReplies>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc::wizard::HandInTendlc>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc::wizard::DiscardTendlcEdit>(Desk(StaffAction::Campaigns)),
    function::<ten_dlc_numbers::TendlcNumbers>(Desk(StaffAction::Read)),
    function::<ten_dlc_numbers::AddTendlcNumbers>(Desk(StaffAction::Numbers)),
    function::<ten_dlc_numbers::ReleaseTendlcNumber>(Desk(StaffAction::Numbers)),
    function::<ten_dlc_numbers::AssignTendlcNumbers>(Desk(StaffAction::Numbers)),
    function::<ten_dlc_numbers::RemoveTendlcNumber>(Desk(StaffAction::Numbers)),
    // Plain routes.
    route!(GET "/livez" => health::livez, Anyone),
    route!(GET "/readyz" => health::readyz, Anyone),
    route!(GET "/pkg/{*path}" => assets::serve, Anyone),
    route!(GET "/icon.svg" => assets::serve, Anyone),
    route!(GET "/robots.txt" => assets::serve, Anyone),
    route!(POST "/theme" => theme::choose, Anyone),
    route!(GET "/w/{slug}/events" => events::overview, Member),
    route!(GET "/w/{slug}/overview/hours.csv" => overview_files::hours, Member),
    route!(GET "/w/{slug}/overview/authors.csv" => overview_files::authors, Member),
    route!(GET "/w/{slug}/overview/statuses.csv" => overview_files::statuses, Member),
    route!(GET "/w/{slug}/overview/recipients.csv" => overview_files::recipients, Member),
    route!(GET "/w/{slug}/settings/usage.csv" => usage_files::workspace, All(ManageWorkspace)),
    route!(GET "/w/master/usage.csv" => usage_files::master, Rule),
    route!(GET UPLOAD => uploads::state, One(EditCampaign)),
    route!(POST UPLOAD => uploads::begin, One(EditCampaign), any size),
    route!(PATCH UPLOAD => uploads::piece, One(EditCampaign), any size),
    route!(GET REJECTS => rejects::masked, Member),
    route!(POST REJECTS => rejects::full, All(RevealNumbers)),
    route!(POST "/w/{slug}/campaigns/{id}/exports/{export}" => export_files::download, One(ExportRecords)),
    route!(POST "/w/{slug}/suppression/import" => suppression_files::import, All(ManageWorkspace), any size),
    route!(POST "/w/{slug}/suppression/export" => suppression_files::export, All(ManageWorkspace)),
    route!(POST "/w/{slug}/number/export" => number_files::export, All(ManageWorkspace)),
    // What programs ask for.
    // 10DLC, for programs.
    route!(GET "/api/v1/messaging/brands" => api::messaging::brands::list, Key(Scope::TenDlcRead)),
    route!(POST "/api/v1/messaging/brands" => api::messaging::brands::create, StaffKey(Scope::TenDlcWrite)),
    route!(GET "/api/v1/messaging/brands/{id}" => api::messaging::brands::show, Key(Scope::TenDlcRead)),
    route!(PATCH "/api/v1/messaging/brands/{id}" => api::messaging::brands::change, StaffKey(Scope::TenDlcWrite)),
    route!(DELETE "/api/v1/messaging/brands/{id}" => api::messaging::brands::remove, StaffKey(Scope::TenDlcWrite)),
    route!(POST "/api/v1/messaging/brands/{id}/vetting" => api::messaging::brands::vetting, StaffKey(Scope::TenDlcWrite)),
    route!(POST "/api/v1/messaging/brands/{id}/resubmit" => api::messaging::brands::resubmit, StaffKey(Scope::TenDlcWrite)),
    route!(POST "/api/v1/messaging/brands/{id}/confirmation" => api::messaging::brands::confirm, StaffKey(Scope::TenDlcWrite)),
    route!(POST "/api/v1/messaging/brands/{id}/sync" => api::messaging::brands::sync, Key(Scope::TenDlcWrite)),
    route!(GET "/api/v1/messaging/campaigns" => api::messaging::campaigns::list, Key(Scope::TenDlcRead)),
    route!(POST "/api/v1/messaging/campaigns" => api::messaging::campaigns::create, Key(Scope::TenDlcWrite)),
    route!(GET "/api/v1/messaging/campaigns/{id}" => api::messaging::campaigns::show, Key(Scope::TenDlcRead)),
    route!(PATCH "/api/v1/messaging/campaigns/{id}" => api::messaging::campaigns::change, Key(Scope::TenDlcWrite)),
    route!(DELETE "/api/v1/messaging/campaigns/{id}" => api::messaging::campaigns::remove, Key(Scope::TenDlcWrite)),
    route!(POST "/api/v1/messaging/campaigns/{id}/resubmit" => api::messaging::campaigns::resubmit, Key(Scope::TenDlcWrite)),
    route!(POST "/api/v1/messaging/campaigns/{id}/sync" => api::messaging::campaigns::sync, Key(Scope::TenDlcWrite)),
    route!(GET "/api/v1/messaging/campaigns/{id}/mno-status" => api::messaging::campaigns::mno, Key(Scope::TenDlcRead)),
    route!(GET "/api/v1/messaging/campaigns/{id}/numbers" => api::messaging::numbers::list, Key(Scope::TenDlcRead)),
    route!(POST "/api/v1/messaging/campaigns/{id}/numbers" => api::messaging::numbers::assign, Key(Scope::TenDlcWrite)),
    route!(POST "/api/v1/messaging/campaigns/{id}/numbers/remove" => api::messaging::numbers::remove, Key(Scope::TenDlcWrite)),
    route!(GET "/api/v1/messaging/use-cases" => api::messaging::lookups::use_cases, Key(Scope::TenDlcRead)),
    route!(GET "/api/v1/messaging/entity-types" => api::messaging::lookups::entity_types, Key(Scope::TenDlcRead)),
    route!(GET "/api/v1/messaging/verticals" => api::messaging::lookups::verticals, Key(Scope::TenDlcRead)),
    route!(GET "/api/v1/messaging/carriers" => api::messaging::lookups::carriers, Key(Scope::TenDlcRead)),
    route!(GET "/api/v1/messaging/use-case-requirements" => api::messaging::lookups::requirements, Key(Scope::TenDlcRead)),
    route!(GET "/api/v1/messaging/throughput-estimate" => api::messaging::lookups::throughput, Key(Scope::TenDlcRead)),
    route!(GET "/api/v1/messaging/events" => api::messaging::events::list, Key(Scope::TenDlcRead)),
    route!(POST "/api/v1/messaging/events/{id}/replay" => api::messaging::events::replay, StaffKey(Scope::TenDlcWrite)),
    route!(POST "/api/v1/messaging/webhook" => api::messaging::events::webhook, RegistrySignature),
    route!(GET "/api/v1/openapi.json" => api::openapi::document, Anyone),
    route!(GET "/api/v1/workspace" => api::workspace::show, AnyKey),
    route!(GET "/api/v1/campaigns" => api::campaigns::list, Key(Scope::CampaignsRead)),
    route!(POST "/api/v1/campaigns" => api::campaigns::create, Key(Scope::CampaignsWrite)),
    route!(GET "/api/v1/campaigns/{id}" => api::campaigns::show, Key(Scope::CampaignsRead)),
    route!(PATCH "/api/v1/campaigns/{id}" => api::campaigns::change, Key(Scope::CampaignsWrite)),
    route!(POST "/api/v1/campaigns/{id}/submit" => api::campaigns::submit, Key(Scope::CampaignsWrite)),
    route!(POST "/api/v1/campaigns/{id}/start" => api::campaigns::start, Key(Scope::CampaignsControl)),
    route!(POST "/api/v1/campaigns/{id}/pause" => api::campaigns::pause, Key(Scope::CampaignsControl)),
    route!(POST "/api/v1/campaigns/{id}/resume" => api::campaigns::resume, Key(Scope::CampaignsControl)),
    route!(POST "/api/v1/campaigns/{id}/cancel" => api::campaigns::cancel, Key(Scope::CampaignsControl)),
    route!(POST "/api/v1/campaigns/{id}/finish" => api::campaigns::finish, Key(Scope::CampaignsControl)),
    route!(POST "/api/v1/campaigns/{id}/archive" => api::campaigns::archive, Key(Scope::CampaignsWrite)),
    route!(POST "/api/v1/campaigns/{id}/restore" => api::campaigns::restore, Key(Scope::CampaignsWrite)),
    route!(GET "/api/v1/campaigns/{id}/recipients" => api::recipients::list, Key(Scope::RecipientsRead)),
    route!(POST "/api/v1/campaigns/{id}/recipients/search" => api::recipients::search, Key(Scope::RecipientsRead)),
    route!(GET "/api/v1/campaigns/{id}/rejects" => api::recipients::rejects, Key(Scope::RecipientsRead)),
    route!(GET "/api/v1/senders" => api::senders::list, Key(Scope::CampaignsRead)),
    route!(GET "/api/v1/channels" => api::senders::channels, Key(Scope::CampaignsRead)),
    route!(POST "/api/v1/campaigns/{id}/numbers" => api::numbers::add, Key(Scope::NumbersWrite)),
    route!(GET "/api/v1/campaigns/{id}/numbers/{recipient}" => api::numbers::show, Key(Scope::NumbersWrite)),
    route!(PUT "/api/v1/campaigns/{id}/recipients" => api::uploads::put, Key(Scope::RecipientsWrite), any size),
    route!(GET "/api/v1/campaigns/{id}/recipients/upload" => api::uploads::show, Key(Scope::RecipientsWrite)),
    route!(GET "/api/v1/webhooks" => api::webhooks::list, Key(Scope::WebhooksWrite)),
    route!(POST "/api/v1/webhooks" => api::webhooks::create, Key(Scope::WebhooksWrite)),
    route!(GET "/api/v1/webhooks/{webhook}" => api::webhooks::show, Key(Scope::WebhooksWrite)),
    route!(PATCH "/api/v1/webhooks/{webhook}" => api::webhooks::change, Key(Scope::WebhooksWrite)),
    route!(DELETE "/api/v1/webhooks/{webhook}" => api::webhooks::remove, Key(Scope::WebhooksWrite)),
    route!(POST "/api/v1/webhooks/{webhook}/rotate" => api::webhooks::rotate, Key(Scope::WebhooksWrite)),
    route!(POST "/api/v1/webhooks/{webhook}/test" => api::webhooks::test, Key(Scope::WebhooksWrite)),
    route!(GET "/api/v1/webhooks/{webhook}/deliveries" => api::webhooks::deliveries, Key(Scope::WebhooksWrite)),
    route!(POST "/api/v1/webhooks/{webhook}/deliveries/{delivery}/redeliver" => api::webhooks::redeliver, Key(Scope::WebhooksWrite)),
    route!(GET "/api/v1/suppressions" => api::suppressions::list, Key(Scope::SuppressionsRead)),
    route!(POST "/api/v1/suppressions" => api::suppressions::add, Key(Scope::SuppressionsWrite)),
    route!(POST "/api/v1/suppressions/check" => api::suppressions::check, Key(Scope::SuppressionsRead)),
    route!(POST "/api/v1/suppressions/remove" => api::suppressions::remove, Key(Scope::SuppressionsWrite)),
    route!(GET "/api/v1/inbound" => api::inbound::list, Key(Scope::InboundRead)),
    route!(GET "/api/v1/campaigns/{id}/exports" => api::exports::list, Key(Scope::ExportsRead)),
    route!(POST "/api/v1/campaigns/{id}/exports" => api::exports::request, Key(Scope::ExportsRead)),
    route!(GET "/api/v1/campaigns/{id}/exports/{export}" => api::exports::show, Key(Scope::ExportsRead)),
    route!(DELETE "/api/v1/campaigns/{id}/exports/{export}" => api::exports::remove, Key(Scope::ExportsRead)),
    route!(GET "/api/v1/campaigns/{id}/exports/{export}/file" => api::exports::file, Key(Scope::ExportsRead)),
    route!(GET "/api/v1/usage" => api::usage::show, Key(Scope::UsageRead)),
    route!(GET "/api/v1/audit" => api::audit::list, Key(Scope::AuditRead)),
    route!(GET "/api/v1/installation/workspaces" => api::installation::workspaces, InstallationKey),
    route!(GET "/api/v1/installation/usage" => api::installation::usage, InstallationKey),
    Access { method: Method::GET, path: "/api/v1/{*any}", needs: Nobody, by: By::Handler(|| any(api::missing)) },
    route!(POST "/w/{slug}/audit/export" => audit_files::workspace, All(ViewAudit)),
    route!(POST "/installation/audit/export" => audit_files::installation, Rule),
    route!(GET "/installation/monitoring/chart.csv" => monitoring_files::chart, Rule),
    // Pages.
    page("/", SignedIn),
    page("/sign-in", Anyone),
    page("/forgot", Anyone),
    page("/notices", SignedIn),
    page("/account", SignedIn),
    page("/account/password", SignedIn),
    page("/account/second-factor", SignedIn),
    page("/account/sessions", SignedIn),
    page("/account/notices", SignedIn),
    page("/installation/users", Rule),
    page("/installation/users/new", Rule),
    page("/installation/users/{user}", Rule),
    page("/installation/links", Rule),
    page("/installation/links/new", Rule),
    page("/installation/links/{link}", Rule),
    page("/installation/pools/new", Rule),
    page("/installation/pools/{pool}", Rule),
    page("/installation/settings", Rule),
    page("/installation/mail", Rule),
    page("/installation/monitoring", Rule),
    page("/installation/diagnostics", Rule),
    page("/sign-in/code", Challenge),
    page("/installation/keys", Rule),
    page("/link/{token}", Link),
    page("/invitation/{token}", Link),
    page("/join", SignedIn),
    page("/w/master", Rule),
    page("/w/master/campaigns", Rule),
    page("/w/master/new", Rule),
    page("/w/master/usage", Rule),
    page("/w/archive", Archive),
    page("/registry", SomeDesk),
    page("/installation/staff", Rule),
    page("/w/{slug}/registry", Desk(StaffAction::Read)),
    page("/w/{slug}/registry/brands/new", Desk(StaffAction::Brands)),
    page("/w/{slug}/registry/brands/{id}", Desk(StaffAction::Read)),
    page("/w/{slug}/registry/brands/{id}/edit", Desk(StaffAction::Brands)),
    page("/w/{slug}", Member),
    page("/w/{slug}/campaigns", Member),
    page("/w/{slug}/campaigns/new", All(CreateCampaign)),
    page("/w/{slug}/campaigns/{id}", Member),
    page("/w/{slug}/campaigns/{id}/edit/{step}", One(EditCampaign)),
    page("/w/{slug}/campaigns/{id}/test", One(EditCampaign)),
    page("/w/{slug}/templates", Member),
    page("/w/{slug}/templates/new", All(CreateCampaign)),
    page("/w/{slug}/templates/{id}", Member),
    page("/w/{slug}/registry/campaigns/new", Desk(StaffAction::Campaigns)),
    page("/w/{slug}/registry/campaigns/{id}", Desk(StaffAction::Read)),
    page("/w/{slug}/registry/campaigns/{id}/edit/{step}", Desk(StaffAction::Campaigns)),
    page("/w/{slug}/registry/numbers", Desk(StaffAction::Read)),
    page("/w/{slug}/settings/test-numbers", All(ManageWorkspace)),
    page("/w/{slug}/moderation", Member),
    page("/w/{slug}/inbound", Member),
    page("/w/{slug}/senders", Member),
    page("/w/{slug}/senders/new", All(ManageSender)),
    page("/w/{slug}/senders/{id}", Member),
    page("/w/{slug}/members", Member),
    page("/w/{slug}/members/invitations", All(ManageMembers)),
    page("/w/{slug}/members/requests", All(ManageMembers)),
    page("/w/{slug}/members/requests/{user}", All(ManageMembers)),
    page("/w/{slug}/members/roles", Member),
    page("/w/{slug}/members/{user}", All(ManageMembers)),
    page("/w/{slug}/keys", All(ManageApiKeys)),
    page("/w/{slug}/webhooks", All(ManageWorkspace)),
    page("/w/{slug}/audit", All(ViewAudit)),
    page("/installation/audit", Rule),
    page("/w/{slug}/settings", All(ManageWorkspace)),
    page("/w/{slug}/settings/usage", All(ManageWorkspace)),
    page("/w/{slug}/suppression", All(ManageWorkspace)),
    page("/w/{slug}/number", All(ManageWorkspace)),
    page("/{*any}", Nobody),
];
