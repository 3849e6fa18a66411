//! The rules of brands and 10DLC campaigns, and what becomes of them.

use proptest::prelude::*;

use super::{
    brand::*,
    campaign::{Brand, TenDlcCampaign},
    kinds::*,
    life::*,
    limits::{Connector, limits},
    use_case::*,
    *,
};

fn company() -> BrandForm {
    BrandForm {
        display_name: "Acme".into(),
        company_name: "Acme Communications LLC".into(),
        ein: "12-3456789".into(),
        email: "Compliance@Acme.example".into(),
        phone: "+1 (303) 555-0100".into(),
        street: "1 Main Street".into(),
        city: "Denver".into(),
        state: "co".into(),
        postal_code: "80202-1234".into(),
        website: "https://acme.example".into(),
        vertical: Some(Vertical::Communication),
        ..BrandForm::new(EntityType::PrivateProfit)
    }
}

fn person() -> BrandForm {
    BrandForm {
        entity_type: EntityType::SoleProprietor,
        first_name: "Ann".into(),
        last_name: "Lee".into(),
        mobile_phone: "+13035550101".into(),
        company_name: String::new(),
        ein: String::new(),
        vertical: None,
        ..company()
    }
}

fn registry() -> limits::Limits {
    limits(Connector::Registry)
}

fn fields(form: &BrandForm) -> Vec<&'static str> {
    form.check(&registry()).err().into_iter().flatten().map(|flaw| flaw.field).collect()
}

#[test]
fn a_company_is_taken_and_put_right() {
    let details = company().check(&registry()).unwrap();
    assert_eq!(details.ein.unwrap().as_str(), "123456789");
    assert_eq!((details.address.state.as_str(), details.address.postal_code.as_str()), ("CO", "80202"));
    assert_eq!(
        (details.email.as_str(), details.phone.to_string().as_str()),
        ("compliance@acme.example", "+13035550100")
    );
}

#[test]
fn an_empty_form_names_every_field_that_is_needed() {
    let empty = BrandForm { country: String::new(), ..BrandForm::new(EntityType::PublicProfit) };
    let expected = [
        "country",
        "displayName",
        "companyName",
        "ein",
        "vertical",
        "stockSymbol",
        "stockExchange",
        "businessContactEmail",
        "email",
        "phone",
        "street",
        "city",
    ];
    assert_eq!(fields(&empty), expected);
    let empty = BrandForm::new(EntityType::SoleProprietor);
    let expected = [
        "displayName",
        "firstName",
        "lastName",
        "mobilePhone",
        "email",
        "phone",
        "street",
        "city",
        "state",
        "postalCode",
    ];
    assert_eq!(fields(&empty), expected);
}

#[test]
fn each_entity_type_has_its_fields_and_countries() {
    assert!(person().check(&registry()).is_ok());
    assert_eq!(fields(&BrandForm { ein: "12-3456789".into(), ..person() }), ["ein"]);
    assert_eq!(fields(&BrandForm { mobile_phone: "+13035550101".into(), ..company() }), ["mobilePhone"]);
    assert_eq!(fields(&BrandForm { stock_symbol: "ACME".into(), ..company() }), ["stockSymbol"]);
    let abroad = |entity_type, country: &str| {
        let form = if entity_type == EntityType::SoleProprietor { person() } else { company() };
        let form = BrandForm {
            entity_type,
            country: country.into(),
            state: "Wien".into(),
            postal_code: "1010".into(),
            ..form
        };
        fields(&BrandForm { ein: if form.ein.is_empty() { String::new() } else { "U12345678".into() }, ..form })
    };
    assert_eq!(abroad(EntityType::PrivateProfit, "AT"), Vec::<&str>::new());
    assert_eq!(abroad(EntityType::SoleProprietor, "CA"), Vec::<&str>::new());
    for entity in [EntityType::NonProfit, EntityType::Government, EntityType::SoleProprietor] {
        assert_eq!(abroad(entity, "AT"), ["country"]);
    }
    assert_eq!(fields(&BrandForm { country: "XX".into(), ..company() })[0], "country");
}

#[test]
fn every_error_names_the_field_and_says_what_to_do() {
    let form = BrandForm {
        state: "Colorado".into(),
        postal_code: "8020".into(),
        phone: "303 555 0100".into(),
        website: "acme".into(),
        alt_business_id: "12-345".into(),
        alt_business_id_kind: Some(AltBusinessIdKind::Duns),
        display_name: "A".repeat(256),
        tags: vec!["no blanks".into()],
        ..company()
    };
    let flaws: Vec<String> = form.check(&registry()).unwrap_err().iter().map(ToString::to_string).collect();
    let expected = [
        "displayName: shorten it to 255 characters; there are 256",
        "phone: write the phone number with + and the country code, such as +13035550100",
        "state: give the state by its two letters, such as CO",
        "postalCode: a US postal code has 5 digits, such as 80202",
        "website: write the address of a web page, such as https://example.com",
        "altBusinessId: a DUNS number has 9 digits; look at it again or leave it empty",
        "tag: remove the tag \"no blanks\", or write it with letters, digits, - and _ only, 50 at most",
    ];
    assert_eq!(flaws, expected);
}

#[test]
fn some_changes_make_the_registry_forget_a_brand() {
    let before = company().check(&registry()).unwrap();
    let change = |form: BrandForm| {
        let after = form.check(&registry()).unwrap();
        (before.identity_changes(&after), before.identity_after(&after, IdentityStatus::VettedVerified))
    };
    let kept = IdentityStatus::VettedVerified;
    assert_eq!(change(BrandForm { display_name: "Acme!".into(), city: "Boulder".into(), ..company() }), (vec![], kept));
    let lost = IdentityStatus::Unverified;
    assert_eq!(change(BrandForm { company_name: "Acme Inc".into(), ..company() }), (vec!["companyName"], lost));
    assert_eq!(change(BrandForm { ein: "12-3456780".into(), ..company() }), (vec!["ein"], lost));
    assert_eq!(change(BrandForm { entity_type: EntityType::NonProfit, ..company() }), (vec!["entityType"], lost));
    let abroad = BrandForm {
        ein: "123456789".into(),
        country: "AT".into(),
        state: String::new(),
        postal_code: "1010".into(),
        ..company()
    };
    assert_eq!(change(abroad), (vec!["country"], lost));
    assert!(before.check_change(&BrandDetails { mock: true, ..before.clone() }).is_err());
}

#[test]
fn a_brand_needs_to_be_known_before_it_has_10dlc_campaigns() {
    let known = BrandStanding {
        entity_type: EntityType::PrivateProfit,
        registered: true,
        status: BrandStatus::Active,
        identity: IdentityStatus::Verified,
        confirmed: false,
        active_campaigns: 7,
    };
    assert_eq!(known.check(), Ok(()));
    for (refusal, standing) in [
        (NoCampaigns::NotRegistered, BrandStanding { registered: false, ..known }),
        (NoCampaigns::Deleted, BrandStanding { status: BrandStatus::Deleted, ..known }),
        (NoCampaigns::Unverified, BrandStanding { identity: IdentityStatus::Unverified, ..known }),
        (NoCampaigns::ContactNotConfirmed, BrandStanding { entity_type: EntityType::PublicProfit, ..known }),
        (NoCampaigns::CodeNotConfirmed, BrandStanding { entity_type: EntityType::SoleProprietor, ..known }),
        (
            NoCampaigns::OneOnly,
            BrandStanding { entity_type: EntityType::SoleProprietor, confirmed: true, active_campaigns: 1, ..known },
        ),
    ] {
        assert_eq!(standing.check(), Err(refusal));
    }
}

#[test]
fn identity_and_vetting_take_no_other_way() {
    use IdentityStatus::{SelfDeclared, Unverified, Verified, VettedVerified};
    let after = |status, event| identity(EntityType::PrivateProfit, status, event);
    assert_eq!(after(Unverified, IdentityEvent::Confirmed), Ok(Verified));
    assert_eq!(after(Verified, IdentityEvent::Vetted), Ok(VettedVerified));
    assert_eq!(after(VettedVerified, IdentityEvent::Confirmed), Ok(VettedVerified));
    assert_eq!(after(VettedVerified, IdentityEvent::VettingOver), Ok(Verified));
    assert_eq!(after(VettedVerified, IdentityEvent::Changed), Ok(Unverified));
    let sole = |event| identity(EntityType::SoleProprietor, SelfDeclared, event);
    assert!(sole(IdentityEvent::Vetted).is_err());
    assert_eq!(sole(IdentityEvent::Changed), Ok(SelfDeclared));

    use VettingStatus::{Active, Expired, Failed, Pending};
    assert_eq!(vetting(Pending, Active), Ok(Active));
    assert_eq!(vetting(Active, Expired), Ok(Expired));
    assert!(vetting(Expired, Active).is_err() && vetting(Failed, Active).is_err() && vetting(Active, Failed).is_err());
    use SharingState::{Accepted, Declined, Pending as Waiting};
    assert_eq!(sharing(None, Waiting), Ok(Waiting));
    assert_eq!(sharing(Some(Declined), Waiting), Ok(Waiting));
    assert!(sharing(Some(Waiting), Declined).is_ok() && sharing(None, Accepted).is_err());
    assert!(sharing(Some(Accepted), Waiting).is_err());
}

const BRAND: Brand<'static> = Brand {
    display_name: "Acme",
    company_name: Some("Acme Communications LLC"),
    entity_type: EntityType::PrivateProfit,
    identity: IdentityStatus::Verified,
};

fn good() -> TenDlcCampaign {
    let mut campaign = TenDlcCampaign::new(UseCase::AccountNotification);
    campaign.description = "Acme tells its customers when something of their account changes.".into();
    campaign.message_flow = "Customers agree on acme.example/sms when they open an account.".into();
    campaign.samples = vec!["Acme: your password was changed. Reply STOP to opt out.".into()];
    campaign.opt_in.message = "Acme: you will get messages on your account. HELP, STOP.".into();
    campaign.opt_out.message = "Acme: you will get no more messages.".into();
    campaign.opt_out.keywords = "stop, End".into();
    campaign.help.message = "Acme: write to help@acme.example for help.".into();
    campaign.terms_accepted = true;
    campaign
}

fn flaws(campaign: &TenDlcCampaign) -> Vec<String> {
    let needs = campaign.use_case.requirements(&registry());
    campaign.check(&BRAND, &needs, &registry()).err().into_iter().flatten().map(|flaw| flaw.to_string()).collect()
}

fn with(change: impl FnOnce(&mut TenDlcCampaign)) -> Vec<String> {
    let mut campaign = good();
    change(&mut campaign);
    flaws(&campaign)
}

#[test]
fn a_good_10dlc_campaign_is_taken_and_put_right() {
    let needs = UseCase::AccountNotification.requirements(&registry());
    let checked = good().check(&BRAND, &needs, &registry()).unwrap();
    assert_eq!(checked.opt_out.keywords, "STOP,END");
    assert_eq!(checked.check(&BRAND, &needs, &registry()).as_ref(), Ok(&checked));
    assert!(checked.hints(&BRAND).is_empty() && checked.samples_tell_opt_out());
}

#[test]
fn what_carriers_often_miss_is_a_hint_and_no_flaw() {
    let mut campaign = good();
    campaign.samples = vec!["Hi {first_name}, your password was changed.".into()];
    assert_eq!(flaws(&campaign), Vec::<String>::new());
    let hints: Vec<String> = campaign.hints(&BRAND).iter().map(ToString::to_string).collect();
    assert_eq!(hints.len(), 3, "{hints:?}");
    assert!(hints[0].contains("name the brand") && hints[1].contains("not as {first_name}"), "{hints:?}");
    assert!(hints[2].starts_with("sample1: tell in at least one sample how to opt out"), "{hints:?}");
    campaign.samples = vec![String::new()];
    assert!(campaign.hints(&BRAND).is_empty(), "nothing is missed before something is written");
}

#[test]
fn links_and_phone_numbers_are_declared_and_shown() {
    let link = "Acme: see https://acme.example/a. Reply STOP.".to_owned();
    assert!(with(|c| c.samples.push(link.clone()))[0].starts_with("sample2: there is a link in the text"));
    assert_eq!(
        with(|c| {
            c.samples.push(link.clone());
            c.embedded_link = true;
        }),
        Vec::<String>::new()
    );
    assert!(with(|c| c.embedded_link = true)[0].starts_with("embeddedLinkSample: show a message with a link"));
    assert_eq!(
        with(|c| {
            c.embedded_link = true;
            c.embedded_link_sample = "https://acme.example/x".into();
        }),
        Vec::<String>::new()
    );
    let short = "Acme: see bit.ly/abc1 for more. Reply STOP.".to_owned();
    assert!(
        with(|c| {
            c.samples.push(short);
            c.embedded_link = true;
        })[0]
            .contains("public shorteners such as bit.ly")
    );
    assert!(
        with(|c| c.samples.push("Acme: call (303) 555-0100 now.".into()))[0].starts_with("sample2: there is a phone")
    );
    assert!(with(|c| c.embedded_phone = true)[0].starts_with("embeddedPhone: show a message with a phone"));
}

#[test]
fn sub_use_cases_belong_to_mixed_ones() {
    let mixed = |subs: &[UseCase]| {
        with(|c| {
            c.use_case = UseCase::Mixed;
            c.sub_use_cases = subs.to_vec();
            c.samples.push("Acme: your parcel comes today. Reply STOP to opt out.".into());
        })
    };
    let two = [UseCase::CustomerCare, UseCase::Marketing];
    assert_eq!(mixed(&two), Vec::<String>::new());
    assert!(mixed(&two[..1])[0].starts_with("subUsecases: choose 2 to 5 sub use cases for Mixed; there are 1"));
    assert!(mixed(&[two[0], two[0]])[0].contains("Customer care is chosen twice"));
    for sub in [UseCase::Mixed, UseCase::LowVolume, UseCase::Charity] {
        assert!(mixed(&[two[0], sub])[0].contains("cannot be a sub use case"), "{sub}");
    }
    assert!(with(|c| c.sub_use_cases = two.to_vec())[0].contains("choose 0 to 0 sub use cases"));
}

#[test]
fn answers_are_given_where_they_are_needed() {
    assert!(with(|c| c.opt_out.offered = false)[0].starts_with("subscriberOptout: Account notification needs this"));
    assert!(with(|c| c.opt_out.keywords = "END".into())[0].starts_with("optoutKeywords: STOP has to be among them"));
    assert!(with(|c| c.help.message = "Write to help@acme.invalid for help.".into()).is_empty());
    assert!(
        with(|c| c.help.message = "Write to us and we will help.".into())[0]
            .starts_with("helpMessage: name the brand in it: Acme")
    );
    assert!(with(|c| c.help.keywords = "HELP,STOP".into())[0].starts_with("helpKeywords: STOP is also a keyword"));
    assert!(with(|c| c.opt_in.keywords = "JOIN US".into())[0].contains("\"JOIN US\" is none"));
    assert!(with(|c| c.opt_in.keywords = String::new()).is_empty());
    assert!(
        with(|c| c.opt_out.message = "Acme: bye.".into())[0].starts_with("optoutMessage: write at least 20 characters")
    );
}

#[test]
fn connectors_take_less_than_the_registry() {
    let mut campaign = good();
    campaign.opt_out.message = format!("Acme: you will get no more messages{}.", " at all".repeat(50));
    campaign.message_flow = "Customers agree on a page. ".repeat(100);
    let check = |connector| {
        let limits = limits(connector);
        let needs = campaign.use_case.requirements(&limits);
        let flaws = campaign.check(&BRAND, &needs, &limits).err().unwrap_or_default();
        flaws.iter().map(|flaw| flaw.field).collect::<Vec<_>>()
    };
    assert_eq!(check(Connector::Registry), Vec::<&str>::new());
    for narrow in [Connector::Twilio, Connector::Other] {
        assert_eq!(check(narrow), ["messageFlow", "sample2", "optoutMessage"]);
    }
}

#[test]
fn what_carriers_demand_comes_on_top() {
    let demand = CarrierDemand {
        carrier: Carrier::TMobile,
        qualifies: true,
        reviews: true,
        samples_min: 3,
        opt_in: true,
        opt_out: true,
        help: true,
        no_links: true,
        no_phones: false,
    };
    let plain = UseCase::M2m.requirements(&registry());
    assert_eq!((plain.samples_min, plain.opt_out, plain.class), (1, false, Class::Standard));
    let narrowed = plain.clone().narrowed(&[demand]);
    assert_eq!(
        (narrowed.samples_min, narrowed.opt_out, narrowed.no_links, narrowed.class),
        (3, true, true, Class::Special)
    );
    assert_eq!(plain.clone().narrowed(&[CarrierDemand { qualifies: false, ..demand }]), plain);
}

#[test]
fn a_use_case_is_closed_to_those_whom_it_is_not_for() {
    use EntityType::{Government, NonProfit, PrivateProfit, SoleProprietor};
    let closed = |use_case: UseCase, entity, identity| use_case.closed_to(entity, identity).is_some();
    let verified = IdentityStatus::Verified;
    assert!(
        closed(UseCase::SoleProprietor, PrivateProfit, verified)
            && closed(UseCase::Marketing, SoleProprietor, verified)
    );
    assert!(!closed(UseCase::SoleProprietor, SoleProprietor, IdentityStatus::SelfDeclared));
    assert!(closed(UseCase::Charity, PrivateProfit, verified) && !closed(UseCase::Charity, NonProfit, verified));
    assert!(
        closed(UseCase::Political, NonProfit, verified)
            && !closed(UseCase::Political, NonProfit, IdentityStatus::VettedVerified)
    );
    assert!(closed(UseCase::Emergency, PrivateProfit, verified) && !closed(UseCase::Emergency, Government, verified));
    for use_case in UseCase::ALL.iter().filter(|use_case| use_case.class() == Class::Standard) {
        assert!(!closed(*use_case, PrivateProfit, verified), "{use_case}");
    }
}

#[test]
fn what_is_registered_stays_as_it_is_registered() {
    let before = good();
    let changes = |change: fn(&mut TenDlcCampaign)| {
        let mut after = good();
        change(&mut after);
        before.immutable_changes(&after).iter().map(|flaw| flaw.field).collect::<Vec<_>>()
    };
    assert_eq!(changes(|c| c.description.push('!')), Vec::<&str>::new());
    assert_eq!(changes(|c| c.samples.clear()), Vec::<&str>::new());
    assert_eq!(changes(|c| c.use_case = UseCase::Marketing), ["usecase"]);
    assert_eq!(changes(|c| c.sub_use_cases.push(UseCase::Marketing)), ["subUsecases"]);
    assert_eq!(changes(|c| c.help.offered = false), ["subscriberHelp"]);
    assert_eq!(
        changes(|c| {
            c.carriers.insert(Carrier::Att);
        }),
        ["mnoIds"]
    );
}

#[test]
fn what_is_typed_stays_while_something_else_is_changed() {
    let registered = good();
    let typed = TenDlcCampaign { description: "Typed.".into(), auto_renewal: !registered.auto_renewal, ..good() };
    let changed = TenDlcCampaign { message_flow: "Changed.".into(), description: "Changed.".into(), ..good() };
    let merged = typed.with_changes(&registered, &changed);
    assert_eq!((merged.description.as_str(), merged.message_flow.as_str()), ("Changed.", "Changed."));
    assert_eq!(merged.auto_renewal, typed.auto_renewal, "nobody else touched it");
    assert_eq!(typed.with_changes(&registered, &registered), typed);
}

#[test]
fn there_are_as_many_words_as_the_registry_has() {
    assert_eq!((Vertical::ALL.len(), UseCase::ALL.len(), EntityType::ALL.len()), (23, 26, 5));
    assert_eq!(UseCase::ALL.iter().filter(|use_case| use_case.class() == Class::Standard).count(), 13);
    assert_eq!((Relationship::ALL.len(), RejectionCategory::ALL.len(), VettingStatus::ALL.len()), (5, 9, 5));
    for use_case in UseCase::ALL {
        assert_eq!(UseCase::from_word(use_case.word()), Some(*use_case));
        assert_eq!(serde_json::to_string(use_case).unwrap(), format!("\"{use_case}\""));
    }
    assert_eq!(UseCase::from_word("SOMETHING_NEW"), None);
    assert_eq!(address::us_states().count(), 59);
}

proptest! {
    /// Whatever is typed, the answer is details or flaws that name fields; details pass again as they are.
    #[test]
    fn any_brand_form_is_answered(
        texts in proptest::collection::vec("\\PC{0,40}|[0-9+() -]{0,16}", 16),
        entity in 0usize..5,
        country in "US|CA|AT|us|[A-Za-z]{0,3}",
    ) {
        let text = |at: usize| texts[at].clone();
        let form = BrandForm {
            display_name: text(0), company_name: text(1), first_name: text(2), last_name: text(3), ein: text(4),
            email: text(5), phone: text(6), mobile_phone: text(7), street: text(8), city: text(9), state: text(10),
            postal_code: text(11), website: text(12), stock_symbol: text(13), stock_exchange: text(14),
            business_contact_email: text(15), country, ..BrandForm::new(EntityType::ALL[entity])
        };
        for flaw in form.check(&registry()).err().into_iter().flatten() {
            prop_assert!(!flaw.field.is_empty() && flaw.to_string().len() > flaw.field.len() + 8);
        }
    }

    /// What is taken holds the limits of the connector, and is taken again as it is.
    #[test]
    fn what_is_taken_is_within_the_limits(
        description in ".{30,60}",
        samples in proptest::collection::vec("[a-zA-Z .:/]{15,40}|Acme: \\PC{10,30}", 0..7),
        keywords in "[A-Za-z, ]{0,30}|STOP,[A-Z]{2,6}",
        link: bool,
        phone: bool,
    ) {
        let mut campaign = good();
        (campaign.description, campaign.samples, campaign.opt_out.keywords) = (description, samples, keywords);
        (campaign.embedded_link, campaign.embedded_phone) = (link, phone);
        let (limits, needs) = (registry(), campaign.use_case.requirements(&registry()));
        if let Ok(checked) = campaign.check(&BRAND, &needs, &limits) {
            prop_assert!(limits.description.contains(&checked.description.chars().count()));
            prop_assert!(checked.samples.iter().all(|text| limits.sample.contains(&text.chars().count())));
            prop_assert!(limits.samples.contains(&checked.samples.len()));
            prop_assert!(checked.opt_out.keywords.split(',').any(|word| word == "STOP"));
            prop_assert!(!checked.opt_out.keywords.contains(' ') && checked.opt_out.keywords.len() <= limits.keywords_max);
            prop_assert_eq!(checked.check(&BRAND, &needs, &limits), Ok(checked.clone()));
        }
    }
}
