//! `/api/v1/messaging`: the four scenarios of the document in which the product was asked for, what it says is not possible,
//! and the traps of the system that it describes.

use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, StatusCode, header},
};
use domain::{
    api_key::Scope,
    permission::Role,
    slug::Slug,
    tendlc::{Carrier, carrier::CarrierEvent, staff::StaffRole},
};
use serde_json::{Value, json};
use store::{
    api_keys::{self, ApiSecret, NewKey},
    members,
    tendlc::staff,
    users::{self, NewUser},
    workspaces::{self, NewWorkspace},
};
use tcr::simulator::{BrandOutcome, Fault, Sent};

use crate::{
    actor::Actor,
    answer::Answer,
    api::{json as body_of, make, with_key},
    installation::{Installation, MISSING_ID},
    registered::{Decided, assign, brand, campaign, draft, number},
    server::Server,
};

const BASE: &str = "/api/v1/messaging";

fn brand_json(name: &str) -> Value {
    json!({
        "entity_type": "PRIVATE_PROFIT", "display_name": name, "legal_name": format!("{name} LLC"), "ein": "12-3456789",
        "email": "compliance@brand.example", "phone": "+13035550199", "street": "1 Main Street", "city": "Denver",
        "state": "CO", "postal_code": "80202", "vertical": "COMMUNICATION",
    })
}

fn campaign_json(brand: &str, name: &str) -> Value {
    json!({
        "brand_id": brand, "use_case": "ACCOUNT_NOTIFICATION",
        "description": "We tell customers when something of their account changes.",
        "message_flow": "Customers agree on our web page when they open an account.",
        "sample_messages": [format!("{name}: your password was changed. Reply STOP to opt out.")],
        "opt_in_message": format!("{name}: you will get messages on your account."),
        "opt_out_message": format!("{name}: you will get no more messages."),
        "help_message": format!("{name}: write to help@help.example for help."),
        "terms_accepted": true,
    })
}

/// A program of somebody's.
pub struct Program<'a> {
    server: &'a Server,
    secret: ApiSecret,
}

impl<'a> Program<'a> {
    /// With a key of a person, for wherever they have to do with the registry.
    pub async fn of(server: &'a Server, email: &str) -> Self {
        let scopes = vec![Scope::TenDlcRead, Scope::TenDlcWrite];
        let new = NewKey { name: "registry".into(), scopes, life_days: 30 };
        Self { server, secret: api_keys::make_for_registry(&server.gate, email, &new).await.unwrap() }
    }

    async fn ask(&self, method: Method, path: &str, customer: Option<&str>, body: Option<Value>) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(format!("{BASE}{path}"));
        if let Some(customer) = customer {
            request = request.header("X-Customer-ID", customer);
        }
        let body = match body {
            None => Body::empty(),
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
        };
        let request = with_key(request.body(body).unwrap(), Some(&self.secret));
        let answer = Answer::to(&self.server.router, request).await;
        if answer.status == StatusCode::NO_CONTENT {
            return (204, Value::Null);
        }
        let value = body_of(&answer);
        assert_eq!(value["success"], answer.status.is_success(), "{answer:?}");
        (answer.status.as_u16(), value)
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, None, None).await
    }

    pub async fn post(&self, path: &str, customer: Option<&str>, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, customer, Some(body)).await
    }

    /// The names of the brands that are seen.
    async fn brands(&self, customer: Option<&str>) -> Vec<String> {
        let (status, answer) = self.ask(Method::GET, "/brands", customer, None).await;
        assert_eq!(status, 200, "{answer}");
        let items = answer["data"]["items"].as_array().unwrap();
        assert_eq!(answer["data"]["pagination"]["total"], items.len());
        let mut names: Vec<String> =
            items.iter().map(|brand| brand["display_name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}

fn id(answer: &Value) -> String {
    answer["data"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}

async fn user(server: &Server, email: &str) {
    let new = NewUser { email: email.into(), name: email.into(), super_admin: false };
    users::create(&server.gate, &new, Some(crate::tenant::PASSWORD.into())).await.unwrap();
}

/// Three workspaces besides acme and globex, and a brand in each of them.
async fn others(it: &Installation) -> Vec<Slug> {
    let root = Program::of(&it.server, &it.person(Actor::SuperAdmin).unwrap().email).await;
    let mut slugs = Vec::new();
    for name in ["alpha", "bravo", "charlie"] {
        let new = NewWorkspace {
            slug: name.into(),
            display_name: name.into(),
            time_zone: "UTC".into(),
            default_country: "US".into(),
            four_eyes: true,
        };
        let workspace = workspaces::create(&it.server.gate, &new).await.unwrap();
        let (status, answer) = root.post("/brands", Some(name), brand_json(name)).await;
        assert_eq!(status, 201, "{answer}");
        slugs.push(workspace.slug);
    }
    slugs
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_1_a_super_admin_sees_and_registers_for_all() {
    let it = Installation::start().await;
    others(&it).await;
    let root = Program::of(&it.server, &it.person(Actor::SuperAdmin).unwrap().email).await;
    assert_eq!(root.brands(None).await, ["alpha", "bravo", "charlie"]);
    let (status, answer) = root.post("/brands", Some("acme"), brand_json("Acme")).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(answer["data"]["customer_id"], it.acme.id.to_string());
    assert_eq!(answer["data"]["identity_status"], "VERIFIED");
    assert_eq!(answer["data"]["ein"], "•••6789");
    assert_eq!(root.brands(Some("acme")).await, ["Acme"]);
    assert_eq!(root.brands(Some(&it.acme.id.to_string())).await, ["Acme"]);
    // Seeing all is no choice of one.
    let (status, answer) = root.post("/brands", None, brand_json("Whose")).await;
    assert_eq!((status, code(&answer)), (422, "VALIDATION_FAILED"));
    assert_eq!(answer["error"]["details"]["errors"][0]["parameter"], "X-Customer-ID");
    let (_, answer) = root.get("/brands?limit=2&offset=3").await;
    let page = &answer["data"];
    assert_eq!((page["items"].as_array().unwrap().len(), &page["pagination"]["total"]), (1, &json!(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_2_a_customers_admin_sees_their_own_and_registers_campaigns_for_it() {
    let it = Installation::start().await;
    others(&it).await;
    let acme = brand(&it.server, &it.acme).await;
    let admin = Program { server: &it.server, secret: make(&it.server, &it.acme, Scope::ALL, 30).await };
    assert_eq!(admin.brands(None).await, ["walrus"]);
    // No brand of their own making: method and action are checked, not the path (trap 1).
    let (status, answer) = admin.post("/brands", None, brand_json("Acme")).await;
    assert_eq!((status, code(&answer)), (403, "FORBIDDEN"));
    let (status, answer) = admin.post("/campaigns", None, campaign_json(&acme.id.to_string(), "walrus")).await;
    assert_eq!(status, 201, "{answer}");
    let campaign = id(&answer);
    let (status, answer) = admin.get(&format!("/campaigns/{campaign}/mno-status")).await;
    assert_eq!((status, answer["data"].as_array().unwrap().len()), (200, 6));
    assert!(answer["data"].as_array().unwrap().iter().all(|one| one["status"] == "REGISTERED"));
    let number = number().to_string();
    let path = format!("/campaigns/{campaign}/numbers");
    let (status, answer) = admin.post(&path, None, json!({ "phone_numbers": [number] })).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["data"][0]["status"], "ACTIVE");
    let (_, answer) = admin.get(&path).await;
    assert_eq!(answer["data"]["items"][0]["phone_number"], number);
    // Others of the workspace read.
    let new = NewKey { name: "reader".into(), scopes: vec![Scope::TenDlcRead, Scope::TenDlcWrite], life_days: 30 };
    let secret = api_keys::make_for_registry(&it.server.gate, &it.acme.author.email, &new).await.unwrap();
    let author = Program { server: &it.server, secret };
    assert_eq!(author.brands(None).await, ["walrus"]);
    let (status, _) = author.post("/campaigns", None, campaign_json(&acme.id.to_string(), "walrus")).await;
    assert_eq!(status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_3_an_admin_of_three_customers_sees_the_three_and_names_one() {
    let it = Installation::start().await;
    let slugs = others(&it).await;
    brand(&it.server, &it.acme).await;
    user(&it.server, "partner@reseller.example").await;
    for slug in &slugs {
        staff::assign_by_command(&it.server.gate, slug, "partner@reseller.example", StaffRole::Admin).await.unwrap();
    }
    let partner = Program::of(&it.server, "partner@reseller.example").await;
    assert_eq!(partner.brands(None).await, ["alpha", "bravo", "charlie"]);
    assert_eq!(partner.brands(Some("bravo")).await, ["bravo"]);
    // The first of the list is never picked in silence (trap 4).
    let (status, answer) = partner.post("/brands", None, brand_json("Whose")).await;
    assert_eq!((status, code(&answer)), (422, "VALIDATION_FAILED"));
    assert_eq!(answer["error"]["details"]["errors"][0]["parameter"], "X-Customer-ID");
    let (status, answer) = partner.post("/brands", Some("charlie"), brand_json("Charlie's second")).await;
    assert_eq!(status, 201, "{answer}");
    // Others are like ones that do not exist (trap 3).
    for named in ["acme", "globex", "no-such-one", MISSING_ID] {
        let (status, answer) = partner.post("/brands", Some(named), brand_json("Theirs")).await;
        assert_eq!((status, code(&answer)), (404, "NOT_FOUND"), "{named}");
        assert_eq!(partner.ask(Method::GET, "/brands", Some(named), None).await.0, 404, "{named}");
    }
    // A viewer reads, and does nothing.
    staff::assign_by_command(&it.server.gate, &slugs[0], "partner@reseller.example", StaffRole::Viewer).await.unwrap();
    let (status, _) = partner.post("/brands", Some("alpha"), brand_json("Alpha's second")).await;
    assert_eq!((status, partner.brands(Some("alpha")).await), (403, vec!["alpha".to_owned()]));
    // So it is for a member of several.
    members::add(&it.server.gate, &slugs[1], it.acme.admin.id, Role::Admin, false).await.unwrap();
    let admin = Program::of(&it.server, &it.acme.admin.email).await;
    assert_eq!(admin.brands(None).await, ["bravo", "walrus"]);
    let (status, answer) = admin.post("/campaigns", None, campaign_json(MISSING_ID, "bravo")).await;
    assert_eq!((status, code(&answer)), (422, "VALIDATION_FAILED"));
}

/// Developers register brands and help with 10DLC campaigns; billing reads, whatever is asked of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_developer_registers_and_billing_reads() {
    let it = Installation::start().await;
    let slugs = others(&it).await;
    let of = async |email: &str, role| {
        user(&it.server, email).await;
        staff::assign_by_command(&it.server.gate, &slugs[0], email, role).await.unwrap();
        Program::of(&it.server, email).await
    };
    let developer = of("dev@provider.example", StaffRole::Developer).await;
    let billing = of("billing@provider.example", StaffRole::Billing).await;
    let (status, answer) = developer.post("/brands", None, brand_json("Alpha's second")).await;
    assert_eq!(status, 201, "{answer}");
    let brand = id(&answer);
    let (status, answer) = developer.post("/campaigns", None, campaign_json(&brand, "Alpha's second")).await;
    assert_eq!(status, 201, "{answer}");
    let campaign = id(&answer);
    let numbers = json!({ "phone_numbers": [number().to_string()] });
    let path = format!("/campaigns/{campaign}/numbers");
    let (status, answer) = developer.post(&path, None, numbers.clone()).await;
    assert_eq!((status, &answer["data"][0]["status"]), (200, &json!("ACTIVE")));
    let (status, answer) = developer.post(&format!("{path}/confirm"), None, numbers.clone()).await;
    assert_eq!((status, &answer["data"][0]["status"]), (200, &json!("ACTIVE")));

    assert_eq!(billing.brands(None).await, ["Alpha's second", "alpha"]);
    for read in [format!("/brands/{brand}"), format!("/campaigns/{campaign}"), path.clone()] {
        assert_eq!(billing.get(&read).await.0, 200, "{read}");
    }
    for (what, body) in [
        ("/brands".to_owned(), brand_json("Alpha's third")),
        ("/campaigns".to_owned(), campaign_json(&brand, "Alpha's second")),
        (path.clone(), numbers.clone()),
        (format!("{path}/remove"), numbers.clone()),
        (format!("{path}/confirm"), numbers),
        (format!("/campaigns/{campaign}/resubmit"), json!({})),
    ] {
        let (status, answer) = billing.post(&what, None, body).await;
        assert_eq!((status, code(&answer)), (403, "FORBIDDEN"), "{what}");
    }
    for programs in [&developer, &billing] {
        assert_eq!(programs.ask(Method::GET, "/brands", Some("bravo"), None).await.0, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_4_somebody_without_customers_sees_nothing() {
    let it = Installation::start().await;
    others(&it).await;
    user(&it.server, "billing@provider.example").await;
    let billing = Program::of(&it.server, "billing@provider.example").await;
    assert_eq!(billing.brands(None).await, Vec::<String>::new());
    let (status, answer) = billing.get("/campaigns").await;
    assert_eq!((status, &answer["data"]["pagination"]["total"]), (200, &json!(0)));
    let (status, answer) = billing.post("/brands", None, brand_json("Mine")).await;
    assert_eq!((status, code(&answer)), (403, "NO_CUSTOMER_ACCESS"));
    let (status, answer) = billing.post("/brands", Some("alpha"), brand_json("Mine")).await;
    assert_eq!((status, code(&answer)), (403, "NO_CUSTOMER_ACCESS"));
    assert_eq!(billing.get("/events").await.1["data"]["pagination"]["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_possible() {
    let it = Installation::start().await;
    let theirs = campaign(&it.server, &it.globex, Decided::Approved).await;
    let taken = number();
    assign(&it.server, &it.globex, theirs.id, taken).await;
    let ours = campaign(&it.server, &it.acme, Decided::Approved).await;
    let acme = Program { server: &it.server, secret: make(&it.server, &it.acme, Scope::ALL, 30).await };
    let (their_brand, their_campaign) = (theirs.brand.to_string(), theirs.id.to_string());
    // Customer A cannot create a brand for customer B.
    assert_eq!(acme.post("/brands", Some("globex"), brand_json("Theirs")).await.0, 404);
    // Nor view, change or use what is of B: it is like what does not exist.
    for path in [
        format!("/brands/{their_brand}"),
        format!("/campaigns/{their_campaign}"),
        format!("/campaigns/{their_campaign}/numbers"),
        format!("/campaigns/{their_campaign}/mno-status"),
    ] {
        let missing = path.replace(&their_brand, MISSING_ID).replace(&their_campaign, MISSING_ID);
        let (status, mut foreign) = acme.get(&path).await;
        let (_, mut nothing) = acme.get(&missing).await;
        foreign["error"]["details"]["request_id"] = Value::Null;
        nothing["error"]["details"]["request_id"] = Value::Null;
        assert_eq!((status, &foreign), (404, &nothing), "{path}");
    }
    let change = json!({ "description": "We tell customers whatever we like to tell them today." });
    assert_eq!(acme.ask(Method::PATCH, &format!("/campaigns/{their_campaign}"), None, Some(change)).await.0, 404);
    assert_eq!(acme.ask(Method::DELETE, &format!("/campaigns/{their_campaign}"), None, None).await.0, 404);
    assert_eq!(acme.post(&format!("/campaigns/{their_campaign}/resubmit"), None, json!({})).await.0, 404);
    let numbers = json!({ "phone_numbers": [number().to_string()] });
    assert_eq!(acme.post(&format!("/campaigns/{their_campaign}/numbers"), None, numbers).await.0, 404);
    // No brand is shared: no 10DLC campaign for another customer's brand (trap 5).
    let (status, answer) = acme.post("/campaigns", None, campaign_json(&their_brand, "zebra")).await;
    assert_eq!((status, code(&answer)), (404, "NOT_FOUND"));
    // A number of theirs is refused without a word of whose it is (trap 6: it was a 500).
    let numbers = json!({ "phone_numbers": [taken.to_string()] });
    let (status, answer) = acme.post(&format!("/campaigns/{}/numbers", ours.id), None, numbers).await;
    assert_eq!((status, code(&answer)), (409, "CONFLICT"));
    let text = answer.to_string();
    assert!(text.contains("elsewhere") && !text.contains("globex") && !text.contains("zebra"), "{text}");
    assert_eq!(acme.brands(None).await, ["walrus"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn trap_2_no_key_and_no_scope_is_no_way_to_see_everything() {
    let it = Installation::start().await;
    brand(&it.server, &it.acme).await;
    let writes = Program { server: &it.server, secret: make(&it.server, &it.acme, &[Scope::TenDlcWrite], 30).await };
    assert_eq!(writes.get("/brands").await.0, 403);
    let request = Request::get(format!("{BASE}/brands")).body(Body::empty()).unwrap();
    let answer = Answer::to(&it.server.router, request).await;
    assert_eq!((answer.status, code(&body_of(&answer))), (StatusCode::UNAUTHORIZED, "UNAUTHORIZED"));
    assert_eq!(answer.headers.get(header::CONTENT_TYPE).unwrap(), "application/json");
}

#[tokio::test(flavor = "multi_thread")]
async fn trap_6_carriers_have_the_ids_of_the_registry() {
    let it = Installation::start().await;
    let reads = Program { server: &it.server, secret: make(&it.server, &it.acme, &[Scope::TenDlcRead], 30).await };
    let (_, answer) = reads.get("/carriers").await;
    let of =
        |id: u32| answer["data"].as_array().unwrap().iter().find(|one| one["mno_id"] == id).unwrap()["name"].clone();
    for (id, name) in [
        (10017, "AT&T"),
        (10035, "T-Mobile"),
        (10037, "US Cellular"),
        (10038, "Verizon"),
        (10631, "ClearSky"),
        (10901, "Interop"),
    ] {
        assert_eq!(of(id), name);
    }
    assert_eq!(reads.get("/verticals").await.1["data"].as_array().unwrap().len(), 23);
    assert_eq!(reads.get("/entity-types").await.1["data"].as_array().unwrap().len(), 5);
    let (_, answer) = reads.get("/throughput-estimate?use_case=MIXED&score=50").await;
    let (minute, day) = (&answer["data"]["campaign_segments_per_minute"], &answer["data"]["brand_segments_per_day"]);
    assert_eq!((minute, day), (&json!(120), &json!(6_000)), "the tier of the document: two a second, 6,000 a day");
    let (_, answer) = reads.get("/use-case-requirements?use_case=MIXED").await;
    assert_eq!((&answer["data"]["sub_use_cases_min"], &answer["data"]["sub_use_cases_max"]), (&json!(2), &json!(5)));
    let (status, answer) = reads.get("/use-case-requirements?use_case=FUN").await;
    assert_eq!((status, code(&answer)), (422, "VALIDATION_FAILED"));
}

/// A webhook as it comes in.
pub fn hook(sent: &Sent) -> Request<Body> {
    let mut request = Request::post(format!("{BASE}/webhook")).header(header::CONTENT_TYPE, "application/json");
    if !sent.signature.is_empty() {
        request = request.header("X-Registry-Signature", HeaderValue::from_str(&sent.signature).unwrap());
    }
    request.body(Body::from(sent.body.clone())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn trap_6_webhooks_are_verified_kept_and_followed_up_once() {
    let it = Installation::start().await;
    it.server.registry.update(|behaviour| {
        behaviour.hold_webhooks = true;
        behaviour.events_carry_time = true;
    });
    let root = Program::of(&it.server, &it.person(Actor::SuperAdmin).unwrap().email).await;
    // As the server does when it starts.
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(it.server.registrations.clone().run(stop.clone()));
    let ours = campaign(&it.server, &it.acme, Decided::Approved).await;
    let registry_id = ours.registration.id().unwrap();
    let begun = std::time::Instant::now();
    let suspension = loop {
        it.server.clock.advance(1_000);
        it.server.registry.carrier(registry_id, Carrier::TMobile, CarrierEvent::Suspend, "Complaints").unwrap();
        if let Some(sent) =
            it.server.registry.sent().into_iter().rfind(|sent| sent.body.contains("OPERATION_SUSPENDED"))
        {
            break sent;
        }
        assert!(begun.elapsed() < crate::server::PATIENCE, "the server does not subscribe");
        it.server.registry.carrier(registry_id, Carrier::TMobile, CarrierEvent::Unsuspend, "").unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    stop.cancel();
    running.await.unwrap();
    let take = async |sent: &Sent| Answer::to(&it.server.router, hook(sent)).await;
    for forged in [
        Sent { signature: String::new(), ..suspension.clone() },
        Sent { body: suspension.body.replace("SUSPENDED", "UNSUSPENDED"), ..suspension.clone() },
        Sent { body: suspension.body.replace("10035", "10017"), ..suspension.clone() },
    ] {
        assert_eq!(take(&forged).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(root.get("/events").await.1["data"]["pagination"]["total"], 0, "what is forged is not kept");
    let first = take(&suspension).await;
    assert_eq!((first.status, &body_of(&first)["data"]["new"]), (StatusCode::OK, &json!(true)));
    let second = take(&suspension).await;
    assert_eq!((second.status, &body_of(&second)["data"]["new"]), (StatusCode::OK, &json!(false)));
    it.server.registrations.round().await.unwrap();
    let status = async || {
        let (_, answer) = root.get(&format!("/campaigns/{}/mno-status", ours.id)).await;
        answer["data"].as_array().unwrap().iter().find(|one| one["mno_id"] == 10035).unwrap().clone()
    };
    let suspended = status().await;
    assert_eq!((&suspended["status"], &suspended["reason"]), (&json!("SUSPENDED"), &json!("Complaints")));
    // Lifted; the suspension, followed up again by staff, is older than that and changes nothing.
    it.server.clock.advance(1_000);
    it.server.registry.carrier(registry_id, Carrier::TMobile, CarrierEvent::Unsuspend, "").unwrap();
    let lifted = it.server.registry.sent().last().unwrap().clone();
    assert_eq!(take(&lifted).await.status, StatusCode::OK);
    it.server.registrations.round().await.unwrap();
    assert_eq!(status().await["status"], "REGISTERED");
    let (_, kept) = root.get("/events").await;
    let event = kept["data"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["body"].as_str().unwrap().contains("OPERATION_SUSPENDED"))
        .unwrap();
    assert_eq!((&event["customer_id"], &event["outcome"]), (&json!(it.acme.id.to_string()), &json!("put on record")));
    let (status_code, _) =
        root.post(&format!("/events/{}/replay", event["id"].as_str().unwrap()), None, json!({})).await;
    assert_eq!(status_code, 202);
    it.server.registrations.round().await.unwrap();
    assert_eq!(status().await["status"], "REGISTERED");
    // Somebody of another tenant neither sees nor replays it.
    let globex = Program { server: &it.server, secret: make(&it.server, &it.globex, Scope::ALL, 30).await };
    assert_eq!(globex.get("/events").await.1["data"]["pagination"]["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_names_the_field_and_says_what_to_do() {
    let it = Installation::start().await;
    let root = Program::of(&it.server, &it.person(Actor::SuperAdmin).unwrap().email).await;
    let mut bad = brand_json("Acme");
    bad["ein"] = json!("1");
    bad["state"] = json!("Colorado");
    let (status, answer) = root.post("/brands", Some("acme"), bad).await;
    assert_eq!((status, code(&answer)), (422, "VALIDATION_FAILED"));
    let errors = answer["error"]["details"]["errors"].as_array().unwrap();
    assert_eq!(errors.iter().map(|error| error["parameter"].as_str().unwrap()).collect::<Vec<_>>(), ["ein", "state"]);
    assert!(errors[0]["detail"].as_str().unwrap().contains("9 digits"));
    let (status, answer) = root.post("/brands", Some("acme"), json!({ "entity_typ": "x" })).await;
    assert_eq!((status, &answer["error"]["details"]["errors"][0]["parameter"]), (422, &json!("entity_typ")));
    // A brand that is not verified has no 10DLC campaigns; corrected, it may.
    it.server.registry.update(|behaviour| behaviour.brands = BrandOutcome::Refuse { fields: vec!["ein".into()] });
    let (_, answer) = root.post("/brands", Some("acme"), brand_json("Acme")).await;
    let brand = id(&answer);
    assert_eq!(answer["data"]["identity_status"], "UNVERIFIED");
    assert_eq!(answer["data"]["feedback"].as_array().unwrap().len(), 1);
    let (status, answer) = root.post("/campaigns", Some("acme"), campaign_json(&brand, "Acme")).await;
    assert_eq!((status, &answer["error"]["details"]["errors"][0]["parameter"]), (422, &json!("brand_id")));
    it.server.registry.update(|behaviour| behaviour.brands = BrandOutcome::Verify);
    let (status, answer) = root.post(&format!("/brands/{brand}/resubmit"), None, json!({})).await;
    assert_eq!((status, &answer["data"]["identity_status"]), (200, &json!("VERIFIED")));
    let (status, answer) = root.post("/campaigns", Some("acme"), campaign_json(&brand, "Other name")).await;
    assert_eq!(status, 422);
    let fields = answer["error"]["details"]["errors"].to_string();
    assert!(fields.contains("opt_out_message") && fields.contains("help_message"), "{fields}");
    // The registry is down: it is on its way, and a repeated request makes no second one.
    it.server.registry.update(|behaviour| behaviour.write_faults = vec![Fault::Fail; 3].into());
    let (status, answer) = root.post("/campaigns", Some("acme"), campaign_json(&brand, "Acme")).await;
    assert_eq!((status, &answer["data"]["status"]), (202, &json!("PENDING")));
    it.server.registrations.round().await.unwrap();
    let (_, answer) = root.get(&format!("/campaigns/{}", id(&answer))).await;
    assert_eq!(answer["data"]["status"], "ACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_registers_once() {
    let it = Installation::start().await;
    let root = Program::of(&it.server, &it.person(Actor::SuperAdmin).unwrap().email).await;
    let send = async || {
        let request = Request::post(format!("{BASE}/brands"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("X-Customer-ID", "acme")
            .header("Idempotency-Key", "order 1")
            .body(Body::from(brand_json("Acme").to_string()));
        Answer::to(&it.server.router, with_key(request.unwrap(), Some(&root.secret))).await
    };
    let (first, second) = (send().await, send().await);
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.body, second.body);
    assert_eq!(second.headers.get("idempotency-replayed").unwrap(), "true");
    assert_eq!(it.server.registry.registered().0, 1);
}

/// What is in a wizard has been checked by nobody, and a resubmission hands it in.
#[tokio::test]
async fn a_draft_goes_to_the_registry_by_no_way_unchecked() {
    let it = Installation::start().await;
    let draft = draft(&it.server, &it.acme).await;
    let acme = Program { server: &it.server, secret: make(&it.server, &it.acme, Scope::ALL, 30).await };
    let registered = it.server.registry.registered();
    let (status, answer) = acme.post(&format!("/campaigns/{}/resubmit", draft.id), None, json!({})).await;
    assert_eq!((status, &answer["error"]["details"]["errors"][0]["parameter"]), (422, &json!("terms_accepted")));
    assert_eq!(it.server.registry.registered(), registered);
    let (_, answer) = acme.get(&format!("/campaigns/{}", draft.id)).await;
    assert_eq!(answer["data"]["status"], "DRAFT");
}
