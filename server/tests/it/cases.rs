//! How each row of the access table is called: what the request is about, and its body. A row may be called in several
//! ways.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use server::access::{ACCESS, Access, By};

use crate::{
    server::Server,
    subject::{
        Names,
        Stage::{self, *},
        Subject::{self, *},
    },
};

/// A request with placeholders, which stand for what its subject is called.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// [`Access::name`] of its row.
    pub row: &'static str,
    pub about: Subject,
    /// A form; JSON when it begins with a brace, and a file when it begins with `+`.
    body: &'static str,
    headers: &'static [(&'static str, &'static str)],
    /// What stands behind the path of a request that is asked by its address.
    query: &'static str,
    /// What tells it from other cases of its row.
    pub note: &'static str,
    /// It is about something that the actor made, and not about the author's.
    pub own: bool,
    /// The session is over afterwards.
    pub ends_session: bool,
    /// A super admin reads across tenants with it.
    pub across: bool,
}

const fn case(row: &'static str, about: Subject, body: &'static str) -> Case {
    Case { row, about, body, headers: &[], query: "", note: "", own: false, ends_session: false, across: false }
}

const fn campaign(row: &'static str, stage: Stage) -> Case {
    case(row, Campaign(stage), "slug={slug}&id={id}")
}

impl Case {
    const fn own(self) -> Self {
        Self { own: true, note: "what they made", ..self }
    }

    const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    const fn headers(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    const fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    const fn across(self) -> Self {
        Self { across: true, ..self }
    }

    const fn ends_session(self) -> Self {
        Self { ends_session: true, ..self }
    }

    pub fn row(&self) -> &'static Access {
        ACCESS.iter().find(|row| row.name() == self.row).unwrap_or_else(|| panic!("no row is called {}", self.row))
    }

    /// Whether the request names this kind of thing.
    pub fn names(&self, key: &str) -> bool {
        let placeholder = format!("{{{key}}}");
        let in_headers = self.headers.iter().any(|(_, value)| value.contains(&placeholder));
        in_headers || self.row().path.contains(&placeholder) || self.body.contains(&placeholder)
    }

    /// The request as a browser sends it, by a script or, for a page, by a click.
    pub fn request(&self, names: &Names, token: Option<&str>) -> Request<Body> {
        let row = self.row();
        let accept = if matches!(row.by, By::Page) { "text/html" } else { "application/json" };
        let mut request = Request::builder()
            .method(row.method.clone())
            .uri(if self.query.is_empty() {
                names.fill(row.path)
            } else {
                format!("{}?{}", names.fill(row.path), self.query)
            })
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, accept);
        if let Some(token) = token {
            request = request.header(header::COOKIE, Server::cookie(token));
        }
        if row.method != Method::GET {
            let kind = match self.body.as_bytes().first() {
                Some(b'{') => "application/json",
                Some(b'-') => "multipart/form-data; boundary=cut",
                Some(b'+') => "application/octet-stream",
                _ => "application/x-www-form-urlencoded",
            };
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in self.headers {
            request = request.header(*name, names.fill(value));
        }
        request.body(Body::from(names.fill(self.body))).unwrap()
    }
}

const SLUG: &str = "slug={slug}";
const BOTH: &str = "slug={slug}&id={id}";

const NEW_BRAND: &str = "slug={slug}&key=019d0000-0000-7000-8000-000000000001&entityType=PRIVATE_PROFIT\
                         &displayName=Brand&companyName=Brand+LLC&ein=12-3456789&vertical=RETAIL&email=a%40brand.example\
                         &phone=%2B13035550199&street=1+Main+Street&city=Denver&state=CO&postalCode=80202&country=US";
const OTHER_BRAND: &str = "slug={slug}&id={id}&entityType=PRIVATE_PROFIT&displayName=Other&companyName=Other+LLC\
                           &ein=12-3456789&vertical=RETAIL&email=a%40brand.example&phone=%2B13035550199\
                           &street=1+Main+Street&city=Denver&state=CO&postalCode=80202&country=US&confirmed=true";

pub const CASES: &[Case] = &[
    case("me", Standing, ""),
    case("places", Standing, ""),
    case("sign_in", Standing, "email={email}&password=seven+wooden+boats"),
    case("code_step", Standing, ""),
    case("sign_in_with_code", Standing, "code=123456"),
    case("sign_out", Standing, "").ends_session(),
    case("link", Link, "token={token}"),
    case("set_password", Link, "token={token}&password=nine+paper+kites&repeated=nine+paper+kites"),
    case(
        "first_run",
        Standing,
        "token={set_up}&name=Eve&email=eve%40eve.example&password=nine+paper+kites&repeated=nine+paper+kites\
         &display_name=Eve&slug=eve&time_zone=UTC&default_country=AT",
    ),
    case("link_by_mail", Standing, ""),
    case("ask_for_link", Standing, "email={email}"),
    case("unread_notices", Standing, ""),
    case("notices", Standing, ""),
    case("read_notice", Standing, "id=019d0000-0000-7000-8000-000000000000"),
    case("read_all_notices", Standing, ""),
    case("mail_choices", Standing, ""),
    case("choose_mails", Standing, "revision=0&submitted=true&decided=true&join_request=true"),
    case("outbox", Standing, ""),
    case("send_test_mail", Standing, ""),
    case("master_workspaces", Standing, r#"{"query":{}}"#),
    case("master_usage", Standing, r#"{"month":""}"#).across(),
    case("master_campaigns", Standing, r#"{"query":{"workspace":"{slug}"}}"#),
    case("archive", Standing, r#"{"query":{}}"#).across(),
    case(
        "create_workspace",
        Standing,
        "display_name=Client&slug=client-{count}&time_zone=UTC&default_country=AT&four_eyes=true\
         &admin_email=kim%40client-{count}.example&sender_name=Client&saddr=CLIENT&source_ton=5&source_npi=0\
         &destination_ton=1&destination_npi=1",
    ),
    case("workspace", Standing, SLUG),
    case("overview", Standing, SLUG),
    case("restart_link", Standing, "slug={slug}&link=simulator"),
    case("holds", Standing, SLUG),
    case("hold_workspace", Spare, "slug={slug}&reason=A+wrong+text"),
    case("release_workspace", Held, SLUG),
    case("settings", Standing, SLUG),
    case("workspace_usage", Standing, r#"{"slug":"{slug}","month":""}"#),
    case("GET /w/{slug}/settings/usage.csv", Standing, ""),
    case("GET /w/{slug}/settings/usage", Standing, ""),
    case(
        "save_settings",
        Rules,
        "slug={slug}&revision={revision}&display_name=Renamed&address={slug}&time_zone=Europe%2FVienna\
         &default_country=AT&numbers_visible_to=admins&segment_price_cents={count}&currency=EUR",
    ),
    case("keep_recipient_data", Rules, "slug={slug}&revision={revision}&days=30"),
    case(
        "save_sending_hours",
        Rules,
        "slug={slug}&revision={revision}&hours=every_day&every[from]=09:00&every[to]=20:00&messages_per_day_max=1000",
    ),
    case("save_caps", Rules, "slug={slug}&revision={revision}&segments_per_s_max=50&storage_max_mib=100"),
    case("set_four_eyes", Rules, "slug={slug}&revision={revision}&four_eyes=true"),
    case("archive_workspace", Spare, "slug={slug}&revision={revision}&confirmation={slug}"),
    case("restore_workspace", Archive, SLUG),
    case("delete_workspace", Archive, "slug={slug}&confirmation={slug}"),
    case("suppression", Standing, SLUG),
    case("suppress_numbers", Standing, "slug={slug}&numbers=%2B436701234599"),
    case("find_suppressed", Standing, "slug={slug}&number=%2B436701234599"),
    case("release_number", Standing, "slug={slug}&place=4095-4095&ctn_hash=0"),
    case("erase_number", Standing, "slug={slug}&number=%2B436701234597&on_list=leave"),
    case("audit_log", Standing, r#"{"slug":"{slug}","query":{}}"#),
    case("installation_audit", Standing, r#"{"query":{}}"#).across(),
    case("members", Standing, SLUG),
    case("api_keys", Standing, SLUG),
    case("make_api_key", Standing, "slug={slug}&name=Billing&scopes[]=usage:read&life_days=365"),
    case("revoke_api_key", Key, "slug={slug}&key={key}"),
    case("webhooks", Standing, SLUG),
    case("make_webhook", Spare, "slug={slug}&url=https://hooks.example/in&events[]=campaign.status"),
    case("switch_webhook", Webhook, "slug={slug}&webhook={webhook}&enabled=false"),
    case("rotate_webhook", Webhook, "slug={slug}&webhook={webhook}"),
    case("test_webhook", Webhook, "slug={slug}&webhook={webhook}"),
    case("remove_webhook", Webhook, "slug={slug}&webhook={webhook}"),
    case("redeliver_event", Webhook, "slug={slug}&webhook={webhook}&event={delivery}"),
    case("installation_keys", Standing, ""),
    case("make_installation_key", Standing, "name=Billing&life_days=365"),
    case("revoke_installation_key", InstallationKey, "key={key}"),
    case("renew_member_link", Colleague, "slug={slug}&user={user}"),
    case("member", Colleague, "slug={slug}&user={user}"),
    case("change_member", Colleague, "slug={slug}&user={user}&revision=1&role=moderator"),
    case("remove_member", Colleague, "slug={slug}&user={user}&revision=1"),
    case("invitations", Standing, SLUG),
    case("invite", Standing, "slug={slug}&email=guest.{count}%40guests.example&role=author"),
    case("resend_invitation", Invitation, "slug={slug}&invitation={invitation}"),
    case("revoke_invitation", Invitation, "slug={slug}&invitation={invitation}"),
    case("invitation", Invitation, "token={token}"),
    case(
        "accept_invitation",
        Invitation,
        "token={token}&name=Guest&password=nine+paper+kites&repeated=nine+paper+kites",
    ),
    case("accept_invitation_as_me", Invitation, "token={token}").note("somebody else's"),
    case("ask_to_join", Standing, "workspace=nowhere-{count}"),
    case("my_join_requests", Standing, ""),
    case("join_requests", Standing, SLUG),
    case("join_request", Asker, "slug={slug}&user={user}"),
    case("approve_join_request", Asker, "slug={slug}&user={user}&role=author"),
    case("reject_join_request", Asker, "slug={slug}&user={user}"),
    case("campaigns", Standing, r#"{"slug":"{slug}","query":{}}"#),
    case("campaigns", Standing, r#"{"slug":"{slug}","query":{"search":"zebra"}}"#).note("search for the other tenant's"),
    case("campaign", Standing, BOTH),
    case("campaign_pulse", Standing, BOTH),
    case("campaign_recipients", Standing, r#"{"slug":"{slug}","id":"{id}","query":{}}"#),
    case("find_recipient", Standing, "slug={slug}&id={id}&number=%2B436701234561"),
    case("reveal_recipients", Standing, r#"{"slug":"{slug}","id":"{id}","query":{}}"#),
    case("campaign_job_errors", Standing, "slug={slug}&id={id}&after_line=0"),
    case("campaign_failures", Standing, BOTH),
    case("campaign_audit", Standing, BOTH),
    case("campaign_exports", Standing, BOTH),
    case("request_export", Standing, "slug={slug}&id={id}&format=csv"),
    case("remove_export", Export, "slug={slug}&id={id}&export={export}"),
    case("create_draft", Standing, "slug={slug}&mode=on_demand"),
    campaign("load_draft", Draft),
    case("choose_mode", Campaign(Draft), "slug={slug}&id={id}&mode=on_demand"),
    case(
        "save_message",
        Campaign(Draft),
        "slug={slug}&id={id}&mode=on_demand&name=Another&sender={sender}&channel=simulator&text={text}",
    ),
    case(
        "override_addressing",
        Campaign(Draft),
        "slug={slug}&id={id}&saddr={saddr}&source_ton=unknown&source_npi=unknown&destination_ton=international\
         &destination_npi=isdn",
    ),
    campaign("drop_overrides", Overridden),
    campaign("recipients", Received),
    case("read_recipients", Campaign(Received), "slug={slug}&id={id}&upload={upload}"),
    case("paste_recipients", Campaign(Draft), "slug={slug}&id={id}&numbers=%2B436701234563"),
    campaign("submit_draft", Draft),
    campaign("start_campaign", Approved),
    campaign("pause_campaign", Sending),
    campaign("resume_campaign", Paused),
    campaign("finish_campaign", Taking),
    campaign("cancel_campaign", Sending),
    case("stop_campaign", Campaign(Sending), "slug={slug}&id={id}&seen=sending").note("Sending"),
    case("stop_campaign", Campaign(Pending), "slug={slug}&id={id}&seen=pending").note("Pending"),
    campaign("archive_campaign", Cancelled),
    campaign("cancel_and_archive_campaign", Pending),
    campaign("restore_campaign", Archived),
    case("restore_campaign_to", Campaign(Archived), "slug={slug}&id={id}&to={slug}"),
    case("clone_campaign", Standing, BOTH),
    case("clone_with_recipients", Standing, BOTH),
    campaign("edit_as_new", Rejected),
    case("test_list", Standing, SLUG),
    case("add_test_number", Standing, "slug={slug}&label=Somebody&number=%2B4366070{count}"),
    case("remove_test_number", TestNumber, "slug={slug}&number={number}"),
    case("cap_tests", Standing, "slug={slug}&a_day_max=200"),
    campaign("campaign_tests", Draft),
    campaign("sent_tests", Draft),
    case("send_test", TestOf(Draft), "slug={slug}&id={id}&number={number}"),
    case("templates", Standing, SLUG),
    case("template", Template, BOTH),
    case("create_template", Standing, "slug={slug}&name=Text+{count}&text=Hello"),
    case("write_template", Template, "slug={slug}&id={id}&seen=1&text=Another"),
    case("ask_for_template", Template, "slug={slug}&id={id}&number=1"),
    case("archive_template", Template, BOTH),
    case("approve_template", WaitingTemplate, "slug={slug}&id={id}&number=1"),
    case("approve_template", WaitingTemplate, "slug={slug}&id={id}&number=1").own(),
    case("reject_template", WaitingTemplate, "slug={slug}&id={id}&number=1&note=Not+today"),
    case("moderation_queue", Standing, SLUG),
    case("approve_campaign", Campaign(New), "slug={slug}&id={id}&version={version}"),
    case("approve_campaign", Campaign(New), "slug={slug}&id={id}&version={version}").own(),
    case("reject_campaign", Campaign(New), "slug={slug}&id={id}&version={version}&note=Not+today"),
    case("reject_campaign", Campaign(New), "slug={slug}&id={id}&version={version}&note=Not+today").own(),
    case("approve_revision", Revision, "slug={slug}&sender={sender}&number=1"),
    case("approve_revision", Revision, "slug={slug}&sender={sender}&number=1").own(),
    case("reject_revision", Revision, "slug={slug}&sender={sender}&number=1&note=Not+today"),
    case("reject_revision", Revision, "slug={slug}&sender={sender}&number=1&note=Not+today").own(),
    case("senders", Standing, SLUG),
    case("sender", Standing, "slug={slug}&id={sender}"),
    case("allow_shared_saddr", Revision, "slug={slug}&id={sender}&number=1"),
    case("draft_sender", Standing, "slug={slug}&display_name=Draft+{count}"),
    case(
        "create_sender",
        Standing,
        "slug={slug}&display_name=Kiosk+{count}&saddr=KIOSK&source_ton=5&source_npi=0&destination_ton=1\
         &destination_npi=1&reason=",
    ),
    case(
        "submit_revision",
        Sender,
        "slug={slug}&id={sender}&saddr=KIOSK&source_ton=5&source_npi=0&destination_ton=1&destination_npi=1&reason=",
    ),
    case("archive_sender", Sender, "slug={slug}&id={sender}"),
    case("GET /livez", Standing, ""),
    case("GET /readyz", Standing, ""),
    case("GET /pkg/{*path}", Standing, ""),
    case("GET /icon.svg", Standing, ""),
    case("GET /robots.txt", Standing, ""),
    case("POST /theme", Standing, "theme=dark&back=%2F"),
    case("GET /w/{slug}/events", Standing, ""),
    case("GET /w/{slug}/overview/hours.csv", Standing, ""),
    case("GET /w/{slug}/overview/authors.csv", Standing, ""),
    case("GET /w/{slug}/overview/statuses.csv", Standing, ""),
    case("GET /w/{slug}/overview/recipients.csv", Standing, ""),
    case("GET /w/{slug}/campaigns/{id}/upload", Campaign(Receiving), ""),
    case("POST /w/{slug}/campaigns/{id}/upload", Campaign(Draft), r#"{"file_name":"a.txt","size_bytes":13}"#),
    case(
        "POST /w/{slug}/campaigns/{id}/upload",
        Campaign(Draft),
        "--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n+436701234561\r\n--cut--\r\n",
    )
    .note("form"),
    case("PATCH /w/{slug}/campaigns/{id}/upload", Campaign(Receiving), "+436701234561\n")
        .headers(&[("upload-id", "{upload}"), ("upload-offset", "0")]),
    case("GET /w/{slug}/campaigns/{id}/rejects.csv", Standing, ""),
    case("POST /w/{slug}/campaigns/{id}/rejects.csv", Standing, ""),
    case("POST /w/{slug}/campaigns/{id}/exports/{export}", Export, ""),
    case(
        "POST /w/{slug}/suppression/import",
        Standing,
        "--cut\r\ncontent-disposition: form-data; name=\"other\"\r\n\r\nnothing\r\n--cut--\r\n",
    ),
    case("POST /w/{slug}/suppression/export", Standing, ""),
    case("POST /w/{slug}/number/export", Standing, "number=%2B436701234597"),
    case("GET /api/v1/workspace", Standing, ""),
    case("GET /api/v1/campaigns", Standing, ""),
    case("GET /api/v1/campaigns/{id}", Standing, ""),
    case("GET /api/v1/openapi.json", Standing, ""),
    case("POST /api/v1/campaigns", Standing, r#"{"mode":"on_demand","name":"By a program"}"#),
    case("PATCH /api/v1/campaigns/{id}", Campaign(Draft), r#"{"name":"By a program"}"#),
    case("POST /api/v1/campaigns/{id}/submit", Campaign(Draft), "{}"),
    case("POST /api/v1/campaigns/{id}/start", Campaign(Approved), "{}"),
    case("POST /api/v1/campaigns/{id}/pause", Campaign(Sending), "{}"),
    case("POST /api/v1/campaigns/{id}/resume", Campaign(Paused), "{}"),
    case("POST /api/v1/campaigns/{id}/cancel", Campaign(Sending), "{}"),
    case("POST /api/v1/campaigns/{id}/finish", Campaign(Taking), "{}"),
    case("POST /api/v1/campaigns/{id}/archive", Campaign(Cancelled), "{}"),
    case("POST /api/v1/campaigns/{id}/restore", Campaign(Archived), "{}"),
    case("GET /api/v1/campaigns/{id}/recipients", Standing, ""),
    case("POST /api/v1/campaigns/{id}/recipients/search", Standing, r#"{"number":"+436701234561"}"#),
    case("GET /api/v1/campaigns/{id}/rejects", Standing, ""),
    case("GET /api/v1/senders", Standing, ""),
    case("GET /api/v1/channels", Standing, ""),
    case("POST /api/v1/campaigns/{id}/numbers", Campaign(Taking), r#"{"number":"+436701234561","text":"Your code"}"#),
    case("GET /api/v1/campaigns/{id}/numbers/{recipient}", Standing, ""),
    case("PUT /api/v1/campaigns/{id}/recipients", Campaign(Draft), "+436701234561"),
    case("GET /api/v1/campaigns/{id}/recipients/upload", Campaign(Received), ""),
    case("GET /api/v1/webhooks", Standing, ""),
    case("POST /api/v1/webhooks", Standing, r#"{"url":"https://hooks.example/in"}"#),
    case("GET /api/v1/webhooks/{webhook}", Webhook, ""),
    case("PATCH /api/v1/webhooks/{webhook}", Webhook, r#"{"events":["campaign.status"]}"#),
    case("DELETE /api/v1/webhooks/{webhook}", Webhook, ""),
    case("POST /api/v1/webhooks/{webhook}/rotate", Webhook, "{}"),
    case("POST /api/v1/webhooks/{webhook}/test", Webhook, "{}"),
    case("GET /api/v1/webhooks/{webhook}/deliveries", Webhook, ""),
    case("POST /api/v1/webhooks/{webhook}/deliveries/{delivery}/redeliver", Webhook, "{}"),
    // 10DLC.
    case("GET /api/v1/messaging/brands", Standing, ""),
    case("POST /api/v1/messaging/brands", Standing, r#"{"entity_type":"PRIVATE_PROFIT","display_name":"Brand"}"#),
    case("GET /api/v1/messaging/brands/{id}", Brand, ""),
    case("PATCH /api/v1/messaging/brands/{id}", Brand, r#"{"website":"https://example.com"}"#),
    case("DELETE /api/v1/messaging/brands/{id}", Brand, ""),
    case("POST /api/v1/messaging/brands/{id}/vetting", Brand, r#"{"provider":"AEGIS"}"#),
    case("POST /api/v1/messaging/brands/{id}/resubmit", Brand, r#"{}"#),
    case("POST /api/v1/messaging/brands/{id}/confirmation", SoleProprietor, r#"{"code":"123456"}"#),
    case("POST /api/v1/messaging/brands/{id}/sync", Brand, r#"{}"#),
    case("GET /api/v1/messaging/campaigns", Standing, ""),
    case("POST /api/v1/messaging/campaigns", Brand, r#"{"brand_id":"{id}","use_case":"ACCOUNT_NOTIFICATION","description":"We tell customers when something of their account changes.","message_flow":"Customers agree on our web page when they open an account.","sample_messages":["{word}: your password was changed. Reply STOP to opt out."],"opt_in_message":"{word}: you will get messages on your account.","opt_out_message":"{word}: you will get no more messages.","help_message":"{word}: write to help@help.example for help.","terms_accepted":true}"#),
    case("GET /api/v1/messaging/campaigns/{id}", TenDlc, ""),
    case("PATCH /api/v1/messaging/campaigns/{id}", TenDlc, r#"{"description":"We tell customers when anything of their account changes."}"#),
    case("DELETE /api/v1/messaging/campaigns/{id}", TenDlc, ""),
    case("POST /api/v1/messaging/campaigns/{id}/resubmit", RejectedTenDlc, r#"{}"#),
    case("POST /api/v1/messaging/campaigns/{id}/sync", TenDlc, r#"{}"#),
    case("GET /api/v1/messaging/campaigns/{id}/mno-status", TenDlc, ""),
    case("GET /api/v1/messaging/campaigns/{id}/numbers", TenDlc, ""),
    case("POST /api/v1/messaging/campaigns/{id}/numbers", TenDlc, r#"{"phone_numbers":["{number}"]}"#),
    case("POST /api/v1/messaging/campaigns/{id}/numbers/remove", NumberOfTenDlc, r#"{"phone_numbers":["{number}"]}"#),
    case("GET /api/v1/messaging/use-cases", Standing, ""),
    case("GET /api/v1/messaging/entity-types", Standing, ""),
    case("GET /api/v1/messaging/verticals", Standing, ""),
    case("GET /api/v1/messaging/carriers", Standing, ""),
    case("GET /api/v1/messaging/events", Standing, ""),
    case("POST /api/v1/messaging/events/{id}/replay", RegistryEvent, r#"{}"#),
    case("POST /api/v1/messaging/webhook", Standing, r#"{"eventType":"CSP_ACTIVE"}"#),
    case("GET /api/v1/messaging/use-case-requirements", Standing, "").query("use_case=2FA"),
    case("GET /api/v1/messaging/throughput-estimate", Standing, "").query("use_case=2FA&score=50"),
    case("GET /api/v1/suppressions", Standing, ""),
    case("POST /api/v1/suppressions", Standing, r#"{"number":"+436701234598"}"#),
    case("POST /api/v1/suppressions/check", Standing, r#"{"number":"+436701234598"}"#),
    case("POST /api/v1/suppressions/remove", Standing, r#"{"number":"+436701234598"}"#),
    case("GET /api/v1/inbound", Standing, ""),
    case("GET /api/v1/campaigns/{id}/exports", Export, ""),
    case("POST /api/v1/campaigns/{id}/exports", Campaign(New), r#"{"format":"csv"}"#),
    case("GET /api/v1/campaigns/{id}/exports/{export}", Export, ""),
    case("DELETE /api/v1/campaigns/{id}/exports/{export}", Export, ""),
    case("GET /api/v1/campaigns/{id}/exports/{export}/file", Export, ""),
    case("GET /api/v1/usage", Standing, ""),
    case("GET /api/v1/audit", Standing, ""),
    case("GET /api/v1/installation/workspaces", Standing, ""),
    case("GET /api/v1/installation/usage", Standing, ""),
    case("GET /api/v1/{*any}", Standing, ""),
    case("POST /w/{slug}/audit/export", Standing, "format=csv"),
    case("POST /installation/audit/export", Standing, "format=jsonl").across(),
    case("GET /", Standing, ""),
    case("GET /sign-in", Standing, ""),
    case("GET /forgot", Standing, ""),
    case("GET /notices", Standing, ""),
    case("GET /account/notices", Standing, ""),
    case("GET /installation/mail", Standing, ""),
    case("monitoring", Standing, "span=hour"),
    case("diagnostics", Standing, ""),
    case("GET /installation/diagnostics", Standing, ""),
    case("GET /installation/monitoring", Standing, ""),
    case("GET /installation/monitoring/chart.csv", Standing, ""),
    case("GET /sign-in/code", Standing, ""),
    case("GET /installation/keys", Standing, ""),
    case("GET /link/{token}", Link, ""),
    case("GET /invitation/{token}", Invitation, ""),
    case("GET /join", Standing, ""),
    case("GET /w/master", Standing, ""),
    case("GET /w/master/campaigns", Standing, "").across(),
    case("GET /w/master/new", Standing, ""),
    case("GET /w/master/usage", Standing, "").across(),
    case("GET /w/master/usage.csv", Standing, "").across(),
    case("GET /w/archive", Standing, "").across(),
    case("GET /w/{slug}", Standing, ""),
    case("GET /w/{slug}/campaigns", Standing, ""),
    case("GET /w/{slug}/campaigns/new", Standing, ""),
    case("GET /w/{slug}/campaigns/{id}", Standing, ""),
    case("GET /w/{slug}/campaigns/{id}/edit/{step}", Campaign(Draft), ""),
    case("GET /w/{slug}/campaigns/{id}/test", Campaign(Draft), ""),
    case("GET /w/{slug}/templates", Standing, ""),
    case("GET /w/{slug}/templates/new", Standing, ""),
    case("GET /w/{slug}/templates/{id}", Template, ""),
    case("GET /w/{slug}/settings/test-numbers", Standing, ""),
    case("GET /w/{slug}/moderation", Standing, ""),
    case("GET /w/{slug}/senders", Standing, ""),
    case("GET /w/{slug}/senders/new", Standing, ""),
    case("GET /w/{slug}/senders/{id}", Sender, ""),
    case("GET /w/{slug}/members", Standing, ""),
    case("GET /w/{slug}/members/invitations", Standing, ""),
    case("GET /w/{slug}/members/requests", Standing, ""),
    case("GET /w/{slug}/members/requests/{user}", Asker, ""),
    case("GET /w/{slug}/members/roles", Standing, ""),
    case("GET /w/{slug}/members/{user}", Colleague, ""),
    case("GET /w/{slug}/keys", Standing, ""),
    case("GET /w/{slug}/webhooks", Standing, ""),
    case("GET /w/{slug}/audit", Standing, ""),
    case("GET /installation/audit", Standing, "").across(),
    case("GET /w/{slug}/settings", Standing, ""),
    case("inbound_messages", Standing, r#"{"slug":"{slug}","before":null}"#),
    case("reveal_inbound", Standing, r#"{"slug":"{slug}","before":null}"#),
    case("GET /w/{slug}/inbound", Standing, ""),
    case("GET /w/{slug}/suppression", Standing, ""),
    case("GET /w/{slug}/number", Standing, ""),
    case("GET /{*any}", Standing, ""),
    // The installation.
    case("installation_settings", Standing, ""),
    case(
        "save_installation_settings",
        Standing,
        "revision=0&password_min_length=8&refused_words=&second_factor=nobody&session_hours=8&session_idle_minutes=120",
    ),
    case("installation_hold", Standing, ""),
    case("hold_installation", Standing, "reason=A+broken+carrier"),
    case("release_installation", Standing, ""),
    case("carrier_links", Standing, ""),
    case("carrier_link", Standing, "id=simulator"),
    case(
        "add_link",
        Standing,
        "id=carrier-a&name=Carrier&host=127.0.0.1&port=2775&system_id=acme&password=secret&bind=transceiver&sessions=1&window=10\
         &lane_segments=20000&address_ton=0&address_npi=0&connect_s=1&bind_s=1&enquire_link_s=30&response_s=60&unbind_s=1\
         &reconnect_min_s=1&reconnect_max_s=10&id_base=verbatim&receipts=always",
    ),
    case(
        "change_link",
        Standing,
        "id=carrier-a&revision=1&name=Carrier&host=127.0.0.1&port=2775&system_id=acme&password=secret&bind=transceiver&sessions=1&window=10\
         &lane_segments=20000&address_ton=0&address_npi=0&connect_s=1&bind_s=1&enquire_link_s=30&response_s=60&unbind_s=1\
         &reconnect_min_s=1&reconnect_max_s=10&id_base=verbatim&receipts=always",
    ),
    case("use_link", Standing, "id=carrier-a&wanted=disabled"),
    case("restart_carrier_link", Standing, "id=simulator").note("not stopped"),
    case("test_link", Standing, "id=simulator"),
    case("link_pool", Standing, "id="),
    case("add_pool", Standing, "id=both&name=Both&failover=true&weights[simulator]=1&weights[carrier-a]=0"),
    case("change_pool", Standing, "id=both&revision=1&name=Both&weights[simulator]=1"),
    case("GET /installation/links", Standing, ""),
    case("GET /installation/links/new", Standing, ""),
    case("GET /installation/links/{link}", Standing, ""),
    case("GET /installation/pools/new", Standing, ""),
    case("GET /installation/pools/{pool}", Standing, ""),
    case("remove_pool", Standing, "id=both&revision=2"),
    case("remove_link", Standing, "id=carrier-a&revision=2"),
    case("users", Standing, r#"{"query":{"search":"","state":null,"page":1}}"#).across(),
    case("user", Colleague, "id={user}"),
    case("create_user", Standing, "name=Zoe&email=zoe.{count}%40zoe.example"),
    case("reset_user_password", Colleague, "user={user}"),
    case("reset_user_second_factor", Colleague, "user={user}"),
    case("end_user_sessions", Colleague, "user={user}"),
    case("change_user", Colleague, "user={user}&change=block").note("block"),
    case("change_user", Colleague, "user={user}&change=promote").note("promote"),
    case("GET /installation/users", Standing, "").across(),
    case("GET /installation/users/new", Standing, ""),
    case("GET /installation/users/{user}", Colleague, ""),
    case("GET /installation/settings", Standing, ""),
    // 10DLC.
    case("registry_desk", Standing, SLUG),
    case("registry_home", Standing, SLUG),
    case("registry_brand", Brand, BOTH),
    case("brand_history", Brand, BOTH),
    case("begin_brand", Standing, SLUG),
    case("create_brand", Standing, NEW_BRAND),
    case("create_brand", Standing, "slug={slug}&key=019d0000-0000-7000-8000-000000000002&entityType=NON_PROFIT")
        .note("nothing filled in"),
    case("brand_to_edit", Brand, BOTH),
    case("change_brand", Brand, OTHER_BRAND).note("another name"),
    case("hand_in_brand", Brand, BOTH),
    case("vet_brand", Brand, "slug={slug}&id={id}&provider=AEGIS&class=STANDARD"),
    case("vet_brand", SoleProprietor, "slug={slug}&id={id}&provider=AEGIS&class=STANDARD").note("a sole proprietor"),
    case("send_brand_confirmation", SoleProprietor, BOTH),
    case("confirm_brand", SoleProprietor, "slug={slug}&id={id}&code=000000").note("a wrong code"),
    case("sync_brand", Brand, BOTH),
    case("delete_brand", Brand, BOTH),
    case(
        "registry_overview",
        Standing,
        r#"{"query":{"part":"brands","workspace":"","status":"","search":"","page":1}}"#,
    )
    .across(),
    case("staff_grants", Standing, r#"{"query":{"search":"","role":null}}"#).across(),
    case("assign_staff", Standing, "email={email}&role=viewer&workspaces[]=globex").note("to oneself, of another workspace"),
    case("unassign_staff", Standing, "email={email}&workspace=globex").note("from oneself, of another workspace"),
    case("GET /registry", Standing, "").across(),
    case("GET /installation/staff", Standing, "").across(),
    case("GET /w/{slug}/registry", Standing, ""),
    case("GET /w/{slug}/registry/brands/new", Standing, ""),
    case("GET /w/{slug}/registry/brands/{id}", Brand, ""),
    case("GET /w/{slug}/registry/brands/{id}/edit", Brand, ""),
    case("tendlc_campaign", TenDlc, BOTH),
    case("tendlc_campaign_history", TenDlc, BOTH),
    case("sync_tendlc", TenDlc, BOTH),
    case("resubmit_tendlc", RejectedTenDlc, BOTH),
    case("deactivate_tendlc", TenDlc, BOTH),
    case("deactivate_tendlc", DraftTenDlc, BOTH).note("a draft"),
    case("tendlc_choices", Standing, SLUG),
    case("begin_tendlc", Brand, "slug={slug}&brand={id}&usecase=ACCOUNT_NOTIFICATION"),
    case("tendlc_draft", DraftTenDlc, BOTH),
    case("tendlc_draft", TenDlc, BOTH).note("registered"),
    case("choose_tendlc_use_case", DraftTenDlc, "slug={slug}&id={id}&usecase=CUSTOMER_CARE"),
    case(
        "save_tendlc_purpose",
        DraftTenDlc,
        "slug={slug}&id={id}&description=We+tell+customers+when+anything+of+their+account+changes.\
         &message_flow=Customers+agree+on+our+web+page+when+they+open+an+account.",
    ),
    case(
        "save_tendlc_samples",
        DraftTenDlc,
        "slug={slug}&id={id}&sample1={word}:+your+password+was+changed.+Reply+STOP+to+opt+out.",
    ),
    case(
        "save_tendlc_replies",
        DraftTenDlc,
        "slug={slug}&id={id}&subscriber_optin=true&optin_message={word}:+you+will+get+messages+on+your+account.\
         &subscriber_optout=true&optout_keywords=STOP&optout_message={word}:+you+will+get+no+more+messages.\
         &subscriber_help=true&help_keywords=HELP&help_message={word}:+write+to+help%40help.example+for+help.",
    ),
    case("hand_in_tendlc", DraftTenDlc, "slug={slug}&id={id}&terms_and_conditions=true&auto_renewal=true"),
    case("discard_tendlc_edit", TenDlc, BOTH),
    case("tendlc_numbers", Standing, "slug={slug}&former=false&page=1"),
    case("add_tendlc_numbers", TenDlc, "slug={slug}&numbers={free_number}"),
    case("release_tendlc_number", AddedNumber, "slug={slug}&number={number}"),
    case("assign_tendlc_numbers", TenDlc, "slug={slug}&id={id}&numbers={free_number}"),
    case("remove_tendlc_number", NumberOfTenDlc, "slug={slug}&id={id}&number={number}"),
    case("GET /w/{slug}/registry/campaigns/new", Standing, ""),
    case("GET /w/{slug}/registry/campaigns/{id}", TenDlc, ""),
    case("GET /w/{slug}/registry/campaigns/{id}/edit/{step}", DraftTenDlc, ""),
    case("GET /w/{slug}/registry/numbers", Standing, ""),
    // One's own account. Last: accounts and sessions are not what they were afterwards.
    case("profile", Standing, ""),
    case("own_sessions", Standing, ""),
    case("session_left", Standing, "active=true"),
    case("second_factor", Standing, ""),
    case("GET /account", Standing, ""),
    case("GET /account/password", Standing, ""),
    case("GET /account/second-factor", Standing, ""),
    case("GET /account/sessions", Standing, ""),
    case("begin_second_factor", Standing, ""),
    case("confirm_second_factor", Standing, "code=no+code"),
    case("disable_second_factor", Standing, "current_password=seven+wooden+boats&code=no+code"),
    case("renew_recovery_codes", Standing, "current_password=seven+wooden+boats&code=no+code"),
    case("rename_myself", Standing, "name=Somebody"),
    case(
        "change_password",
        Standing,
        "current_password=seven+wooden+boats&password=nine+paper+kites&repeated=nine+paper+kites",
    ),
    case("end_other_sessions", Standing, ""),
    case("end_session", Standing, "session={session}"),
];
