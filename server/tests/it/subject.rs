//! What a request is about: a campaign in some status, a sender name, a colleague, a link. Made through the store.

use std::{collections::BTreeMap, time::Instant};

use domain::{
    api_key,
    audit::Origin,
    campaign::{Campaign, Event, IngestReport, Mode, Parameters},
    id::{CampaignId, ExportId, TestNumberId},
    members::Standing,
    permission::{Role, kind},
    sender::{Addressing, Ton},
    test_send::A_DAY_MAX,
    webhook::EventKind,
};
use store::{
    On, Reason, Scope, api_keys,
    api_keys::NewKey,
    campaigns,
    campaigns::uploads::{self, Upload, UploadState},
    exports, members,
    members::invitations::NewInvitation,
    senders, users,
    users::NewUser,
    webhooks,
    webhooks::NewEndpoint,
    workspaces,
    workspaces::Settings,
};

use crate::{
    registered as tendlc,
    server::{CHANNEL, PATIENCE, Server},
    tenant::{Person, Tenant, addressing},
};

/// A file of two recipients and a line that is none.
pub const FILE: &str = "+436701234561\n+436701234562\nno number\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The campaign and the sender name that the tenant has anyway.
    Standing,
    Campaign(Stage),
    /// A campaign with a file of its records that is ready.
    Export,
    /// A campaign, and a number of the test list.
    TestOf(Stage),
    /// A number of the test list.
    TestNumber,
    /// A template that nobody was asked to approve.
    Template,
    /// One whose version waits.
    WaitingTemplate,
    /// A sender name whose first revision is in force.
    Sender,
    /// A sender name whose first revision waits.
    Revision,
    /// A member who has not signed in yet.
    Colleague,
    /// A key of the tenant's admin.
    Key,
    /// Where events are sent, with one on its way.
    Webhook,
    /// A brand that the registry has verified.
    Brand,
    /// A brand whose owner has not given the one-time code yet.
    SoleProprietor,
    /// A webhook of the registry about such a brand, followed up.
    RegistryEvent,
    /// A 10DLC campaign of such a brand, and a number that is in none.
    TenDlc,
    /// One that a carrier has rejected.
    RejectedTenDlc,
    /// One that the partner upstream has declined.
    DeclinedTenDlc,
    /// One with a number.
    NumberOfTenDlc,
    /// One that was written in the wizard and not handed in.
    DraftTenDlc,
    /// A number of the workspace that is in no 10DLC campaign.
    AddedNumber,
    /// A key that reads the figures of all workspaces.
    InstallationKey,
    /// The one-time link of somebody who has not signed in yet.
    Link,
    /// An invitation that somebody of the installation sent.
    Invitation,
    /// Somebody who asks to join.
    Asker,
    /// The tenant's workspace as it is at the moment.
    Rules,
    /// Another workspace, with the same people in it.
    Spare,
    /// The same, and everything in it is held.
    Held,
    /// The same, archived.
    Archive,
}

/// How far a campaign has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Complete, with recipients, and not submitted.
    Draft,
    /// A draft with SMPP values that an admin has set.
    Overridden,
    /// A draft whose file is announced.
    Receiving,
    /// A draft whose file is there and not read.
    Received,
    New,
    /// New, approved, and waiting for its Start button.
    Approved,
    Pending,
    Sending,
    /// Sending, in mode Trigger: it takes numbers.
    Taking,
    Paused,
    Cancelled,
    /// Cancelled by a moderator's rejection, with recipients that were really read.
    Rejected,
    Archived,
}

/// What the placeholders of a request stand for.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<&'static str, String>);

impl Names {
    pub fn with(mut self, key: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.0.insert(key, value.to_string());
        self
    }

    pub fn get(&self, key: &str) -> &str {
        self.0.get(key).unwrap_or_else(|| panic!("a request names {{{key}}}, which its subject does not have"))
    }

    /// The template with its placeholders filled.
    pub fn fill(&self, template: &str) -> String {
        self.0.iter().fold(template.to_owned(), |text, (key, value)| text.replace(&format!("{{{key}}}"), value))
    }
}

/// Makes a subject of `owner`'s in a tenant.
pub async fn make(server: &Server, tenant: &Tenant, owner: &Person, subject: Subject) -> Names {
    let names = Names::default()
        .with("slug", &tenant.slug)
        .with("sender", &tenant.sender.sender)
        .with("saddr", &tenant.sender.addressing.saddr)
        .with("text", &tenant.text());
    match subject {
        Subject::Standing => panic!("what stands is made once, with the installation"),
        Subject::TestNumber => names.with("number", &test_number(server, tenant).await),
        Subject::Template | Subject::WaitingTemplate => {
            let scope = tenant.enter(&server.gate, owner).await;
            let named = format!("{} {}", tenant.word, count());
            let waits = subject == Subject::WaitingTemplate;
            let template =
                store::templates::create(&scope.grant().unwrap(), &named, &tenant.text(), waits).await.unwrap();
            names.with("id", &template.id)
        }
        Subject::TestOf(stage) => {
            let campaign = campaign(server, tenant, owner, stage).await;
            names.with("id", &campaign.id).with("number", &test_number(server, tenant).await)
        }
        Subject::Campaign(stage) => {
            let campaign = campaign(server, tenant, owner, stage).await;
            let upload = find_upload(server, tenant, campaign.id).await.map(|upload| upload.id.to_string());
            names
                .with("id", &campaign.id)
                .with("version", &campaign.life.version)
                .with("upload", &upload.unwrap_or_default())
        }
        Subject::Export => {
            let campaign = campaign(server, tenant, owner, Stage::New).await;
            names.with("id", &campaign.id).with("export", &export(server, tenant, owner, campaign.id).await)
        }
        Subject::Invitation => {
            let ruler = Person::sign_up(&server.gate, &format!("ruler {}", count()), "installation", true).await;
            let scope = tenant.enter(&server.gate, &ruler).await;
            let new = NewInvitation {
                email: format!("guest.{}@guests.example", count()),
                standing: Standing::new(Role::Author, false),
                member_until_ms: None,
                note: String::new(),
            };
            let (invitation, token) = members::invitations::invite(&scope.grant().unwrap(), &new).await.unwrap();
            names.with("invitation", &invitation.id).with("token", token.reveal())
        }
        Subject::Asker => {
            let scope = tenant.enter(&server.gate, &tenant.admin).await;
            let settings = Settings { joining_allowed: true, ..Settings::of(scope.workspace()) };
            workspaces::save(&scope.grant().unwrap(), scope.workspace().revision, &settings).await.unwrap();
            let asker = Person::sign_up(&server.gate, &format!("asker {}", count()), tenant.word, false).await;
            members::joining::ask(&server.gate, &asker.session, tenant.slug.as_str(), "").await.unwrap();
            names.with("user", &asker.id)
        }
        Subject::Rules => {
            let scope = tenant.enter(&server.gate, &tenant.admin).await;
            names.with("revision", &scope.workspace().revision)
        }
        Subject::Spare | Subject::Held | Subject::Archive => {
            let spare = tenant.spare(&server.gate).await;
            let scope = tenant.admin.enter(&server.gate, &spare.slug).await;
            if subject == Subject::Held {
                store::holds::hold(&scope.grant().unwrap(), "A wrong text").await.unwrap();
            }
            if subject == Subject::Archive {
                let proof = scope.grant().unwrap();
                workspaces::archive(&proof, spare.revision, spare.slug.as_str()).await.unwrap();
            }
            names.with("slug", &spare.slug).with("revision", &spare.revision)
        }
        Subject::Sender | Subject::Revision => {
            let admin = tenant.enter(&server.gate, &tenant.admin).await;
            let named = format!("{} {}", tenant.word, count());
            let sender = senders::create(&admin.grant().unwrap(), &named).await.unwrap().id;
            let scope = tenant.enter(&server.gate, owner).await;
            let revision = addressing(tenant.word);
            senders::submit_revision(&scope.grant().unwrap(), sender, revision, None).await.unwrap();
            if subject == Subject::Sender {
                let judge = tenant.enter(&server.gate, &tenant.moderator).await;
                senders::approve(&judge.grant().unwrap(), sender, 1).await.unwrap();
            }
            names.with("sender", &sender).with("id", &sender)
        }
        Subject::Key => {
            let admin = tenant.enter(&server.gate, &tenant.admin).await;
            let new = NewKey { name: tenant.word.to_owned(), scopes: api_key::Scope::ALL.to_vec(), life_days: 1 };
            let (key, _) = api_keys::make(&admin.grant().unwrap(), &new).await.unwrap();
            names.with("key", &key.id)
        }
        Subject::Webhook => {
            let admin = tenant.enter(&server.gate, &tenant.admin).await;
            let proof = admin.grant().unwrap();
            // There may be some at a time only.
            for former in webhooks::list(&proof).await.unwrap() {
                webhooks::remove(&proof, former.id).await.unwrap();
            }
            let url = format!("https://{}.example/hooks", tenant.word);
            let new = NewEndpoint { url, events: vec![EventKind::CampaignStatus] };
            let (endpoint, _) = webhooks::create(&proof, None, &new).await.unwrap();
            let delivery = webhooks::send_test(&proof, endpoint.id).await.unwrap();
            names.with("id", &endpoint.id).with("webhook", &endpoint.id).with("delivery", &delivery.id)
        }
        Subject::Brand => names.with("id", &tendlc::brand(server, tenant).await.id).with("word", tenant.word),
        Subject::SoleProprietor => {
            names.with("id", &tendlc::sole_proprietor(server, tenant).await.id).with("word", tenant.word)
        }
        Subject::RegistryEvent => names.with("id", &tendlc::event(server, tenant).await),
        Subject::TenDlc | Subject::RejectedTenDlc | Subject::DeclinedTenDlc | Subject::NumberOfTenDlc => {
            let decided = match subject {
                Subject::RejectedTenDlc => tendlc::Decided::Rejected,
                Subject::DeclinedTenDlc => tendlc::Decided::Declined,
                _ => tendlc::Decided::Approved,
            };
            let campaign = tendlc::campaign(server, tenant, decided).await;
            let number = tendlc::number();
            if subject == Subject::NumberOfTenDlc {
                tendlc::assign(server, tenant, campaign.id, number).await;
            }
            // What nobody has yet is no name of somebody's.
            names.with("id", &campaign.id).with("number", &number).with("free_number", &number)
        }
        Subject::DraftTenDlc => names.with("id", &tendlc::draft(server, tenant).await.id).with("word", tenant.word),
        Subject::AddedNumber => names.with("number", &tendlc::added(server, tenant).await),
        Subject::InstallationKey => {
            let root = Person::sign_up(&server.gate, &format!("root {}", count()), "installation", true).await;
            let new = NewKey { name: "figures".into(), scopes: Vec::new(), life_days: 1 };
            let ruler = server.gate.rule(&root.session).unwrap();
            let (key, _) = api_keys::make_for_installation(&ruler, &new).await.unwrap();
            names.with("key", &key.id)
        }
        Subject::Colleague | Subject::Link => {
            let new = NewUser {
                email: format!("colleague.{}@{}.example", count(), tenant.word),
                name: format!("colleague {}", tenant.word),
                super_admin: false,
            };
            let (user, link) = users::create(&server.gate, &new, None).await.unwrap();
            if subject == Subject::Colleague {
                members::add(&server.gate, &tenant.slug, user, Role::Author, false).await.unwrap();
            }
            names.with("user", &user).with("token", link.unwrap().reveal())
        }
    }
}

/// A masked file of a campaign's records, ready to be taken.
async fn export(server: &Server, tenant: &Tenant, owner: &Person, campaign: CampaignId) -> ExportId {
    let scope = tenant.enter(&server.gate, owner).await;
    let proof = scope.grant_on::<kind::ExportRecords>(campaign).await.unwrap();
    let asked = exports::request(&proof, exports::Format::Csv, None).await.unwrap();
    server.exports.nudge();
    let begun = Instant::now();
    while !matches!(exports::find(&proof, asked.id).await.unwrap().state, exports::ExportState::Ready { .. }) {
        assert!(begun.elapsed() < PATIENCE, "the export is not built");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    asked.id
}

/// The tenant's list has one number, and tests to spare.
async fn test_number(server: &Server, tenant: &Tenant) -> TestNumberId {
    let admin = tenant.enter(&server.gate, &tenant.admin).await;
    let proof = admin.grant().unwrap();
    store::test_sends::set_cap(&proof, A_DAY_MAX).await.unwrap();
    for number in store::test_sends::list(&admin).await.unwrap().numbers {
        store::test_sends::remove(&proof, number.id).await.unwrap();
    }
    store::test_sends::add(&proof, tenant.word, "+436701234569").await.unwrap();
    store::test_sends::list(&admin).await.unwrap().numbers[0].id
}

/// A number that was not there before, for names that have to be new.
pub fn count() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

async fn edit(scope: &Scope, id: CampaignId) -> On<kind::EditCampaign> {
    scope.grant_on(id).await.unwrap()
}

pub async fn find_upload(server: &Server, tenant: &Tenant, id: CampaignId) -> Option<Upload> {
    uploads::load(&server.system.enter(tenant.id, Reason::Ingest), id).await.unwrap()
}

/// A campaign of `owner`'s, approved by the tenant's moderator where that is needed.
async fn campaign(server: &Server, tenant: &Tenant, owner: &Person, stage: Stage) -> Campaign {
    let scope = tenant.enter(&server.gate, owner).await;
    let mode = if stage == Stage::Taking { Mode::Trigger } else { Mode::OnDemand };
    let draft = draft(tenant, &scope, mode, stage != Stage::Approved).await;
    let system = server.system.enter(tenant.id, Reason::Dispatch);
    let advance = async |event| campaigns::advance(&system, draft.id, &event, None, None).await.unwrap();
    let control = async || scope.grant_on::<kind::ControlCampaign>(draft.id).await.unwrap();

    if matches!(stage, Stage::Receiving | Stage::Received) {
        let (upload, _) = uploads::begin(&edit(&scope, draft.id).await, "file.txt", FILE.len() as u64).await.unwrap();
        if stage == Stage::Received {
            receive(server, &scope, &upload, FILE).await;
        }
        return campaigns::find(&scope, draft.id).await.unwrap();
    }
    if stage == Stage::Rejected {
        really_read(server, tenant, &scope, draft.id, FILE).await;
    } else if mode != Mode::Trigger {
        pretend_read(server, tenant, &scope, draft.id).await;
    }
    if stage == Stage::Overridden {
        let admin = tenant.enter(&server.gate, &tenant.admin).await;
        let overrides = Addressing { source_ton: Ton::Unknown, ..tenant.sender.addressing.clone() };
        let parameters = Parameters { overrides: Some(overrides), ..draft.parameters.clone() };
        return campaigns::save(&edit(&admin, draft.id).await, parameters, true).await.unwrap();
    }
    if stage == Stage::Draft {
        return campaigns::find(&scope, draft.id).await.unwrap();
    }
    let submitted = campaigns::submit(&edit(&scope, draft.id).await).await.unwrap();
    if stage == Stage::New {
        return submitted;
    }
    let judge = tenant.enter(&server.gate, &tenant.moderator).await;
    if stage == Stage::Rejected {
        let version = submitted.life.version;
        return campaigns::reject(&judge.grant().unwrap(), draft.id, version, "not today").await.unwrap();
    }
    let approved = campaigns::approve(&judge.grant().unwrap(), draft.id, submitted.life.version).await.unwrap();
    match stage {
        Stage::Approved => approved,
        Stage::Pending => advance(Event::BuildDone { due: false }).await,
        Stage::Cancelled => campaigns::cancel(&control().await).await.unwrap(),
        Stage::Archived => {
            campaigns::cancel(&control().await).await.unwrap();
            campaigns::archive(&scope.grant_on(draft.id).await.unwrap()).await.unwrap()
        }
        _ => {
            let sending = advance(Event::BuildDone { due: true }).await;
            if stage == Stage::Paused { campaigns::pause(&control().await).await.unwrap() } else { sending }
        }
    }
}

async fn draft(tenant: &Tenant, scope: &Scope, mode: Mode, start_automatically: bool) -> Campaign {
    let draft = campaigns::create(&scope.grant().unwrap(), mode).await.unwrap();
    let parameters = Parameters {
        name: format!("{} {}", tenant.word, count()),
        sender: Some(tenant.sender.clone()),
        channel: CHANNEL.to_owned(),
        text: if mode == Mode::Trigger { String::new() } else { tenant.text() },
        any_text: mode == Mode::Trigger,
        ..draft.parameters.clone()
    };
    campaigns::save(&edit(scope, draft.id).await, parameters, start_automatically).await.unwrap()
}

async fn receive(server: &Server, scope: &Scope, upload: &Upload, file: &str) -> Upload {
    let spool = server.intake.spool();
    let mut appender = spool.append(upload.workspace, upload.id, 0, upload.size_bytes).await.unwrap();
    appender.write(file.as_bytes()).await.unwrap();
    appender.sync().await.unwrap();
    uploads::received(&edit(scope, upload.campaign).await, upload).await.unwrap()
}

/// A report without recipients behind it, which is quick and enough for what happens to a campaign as a whole.
async fn pretend_read(server: &Server, tenant: &Tenant, scope: &Scope, id: CampaignId) {
    let (upload, _) = uploads::begin(&edit(scope, id).await, "file.txt", FILE.len() as u64).await.unwrap();
    let upload = uploads::received(&edit(scope, id).await, &upload).await.unwrap();
    let upload = uploads::read_as(&edit(scope, id).await, &upload, Default::default()).await.unwrap();
    let report = IngestReport { lines: 3, accepted: 2, invalid: 1, segments: 2, ..IngestReport::default() };
    let system = server.system.enter(tenant.id, Reason::Ingest);
    uploads::finish(&system, &upload, &tenant.text(), Ok(report)).await.unwrap();
}

async fn really_read(server: &Server, tenant: &Tenant, scope: &Scope, id: CampaignId, file: &str) {
    let (upload, _) = uploads::begin(&edit(scope, id).await, "file.txt", file.len() as u64).await.unwrap();
    let upload = receive(server, scope, &upload, file).await;
    uploads::read_as(&edit(scope, id).await, &upload, Default::default()).await.unwrap();
    server.intake.read(tenant.id, id).await.unwrap();
    let begun = Instant::now();
    while find_upload(server, tenant, id).await.unwrap().state != UploadState::Done {
        assert!(begun.elapsed() < PATIENCE, "the file is not read");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// A campaign of `owner`'s that is Sending, with recipients and rejects that were really read.
pub async fn standing(server: &Server, tenant: &Tenant, owner: &Person) -> Campaign {
    let approved = approved(server, tenant, owner, FILE).await;
    let system = server.system.enter(tenant.id, Reason::Dispatch);
    campaigns::advance(&system, approved.id, &Event::BuildDone { due: true }, None, None).await.unwrap()
}

/// A campaign of `owner`'s that the moderator has approved, with the recipients of a file.
pub async fn approved(server: &Server, tenant: &Tenant, owner: &Person, file: &str) -> Campaign {
    let scope = tenant.enter(&server.gate, owner).await;
    let draft = draft(tenant, &scope, Mode::OnDemand, true).await;
    really_read(server, tenant, &scope, draft.id, file).await;
    let submitted = campaigns::submit(&edit(&scope, draft.id).await).await.unwrap();
    let judge = tenant.enter(&server.gate, &tenant.moderator).await;
    campaigns::approve(&judge.grant().unwrap(), draft.id, submitted.life.version).await.unwrap()
}

/// Signs in anew: a token for one use.
pub async fn fresh_token(server: &Server, person: &Person) -> String {
    let signed_in = server.gate.sign_in(&person.email, crate::tenant::PASSWORD, Origin::default()).await.unwrap();
    signed_in.unwrap().signed_in().unwrap().token.reveal().to_owned()
}
