//! Changes of brands and 10DLC campaigns that cross each other: of two people, of a person and a program, of a person and
//! the registry.

use domain::{
    id::WorkspaceId,
    tendlc::{IdentityStatus, TenDlcCampaign},
};
use store::{
    Error,
    tendlc::{
        From, Slice, action,
        attention::{self, Entry},
        brands::{self, Todo},
        campaigns, numbers,
        numbers::NumberState,
    },
};
use uuid::Uuid;

use crate::{
    fixture::in_memory,
    tendlc::{acme, approved, desk, details, form, found, number, registrar, system, verified},
};

fn is_somebody_elses(error: &Error) -> bool {
    matches!(error, Error::Stale { what } if what.contains("somebody else"))
}

#[tokio::test]
async fn of_two_people_who_change_a_brand_the_second_is_told() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let id = verified(&it, acme, "B000001", details()).await;
    let root = desk(&it, &it.root, acme).await.may::<action::Brands>().unwrap();
    let opened = brands::find(&root, id).await.unwrap().edits.count;
    let named = |name: &str| domain::tendlc::BrandDetails { display_name: name.into(), ..details() };
    let changed = brands::change(&root, id, Some(opened), From::Form, named("Acme One")).await.unwrap();
    assert_eq!(changed.edits.count, opened + 1);
    // Their own page is not reloaded after something was refused, and knows no newer number.
    brands::change(&root, id, Some(opened), From::Form, named("Acme Two")).await.unwrap();
    // What the registry says in between is no change of anybody's.
    let scope = system(&it, acme);
    brands::told(&scope, &brands::load(&scope, id).await.unwrap(), &Todo::Change, None).await.unwrap();
    let other = crate::tendlc::staff_of(&it, acme).await;
    let theirs = desk(&it, &other, acme).await.may::<action::Brands>().unwrap();
    let error = brands::change(&theirs, id, Some(opened), From::Form, named("Acme Three")).await.unwrap_err();
    assert!(is_somebody_elses(&error), "{error}");
    assert_eq!(brands::find(&theirs, id).await.unwrap().details.display_name, "Acme Two");
    let now = brands::find(&theirs, id).await.unwrap().edits.count;
    brands::change(&theirs, id, Some(now), From::Form, named("Acme Three")).await.unwrap();
    // And the first one is told in turn.
    assert!(is_somebody_elses(
        &brands::change(&root, id, Some(now), From::Form, named("Acme Four")).await.unwrap_err()
    ));
}

#[tokio::test]
async fn of_two_people_in_the_wizard_the_second_is_told() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let brand = verified(&it, acme, "B000001", details()).await;
    let admin = desk(&it, &it.admin, acme).await.may::<action::Campaigns>().unwrap();
    let root = desk(&it, &it.root, acme).await.may::<action::Campaigns>().unwrap();
    let begun = campaigns::begin(&admin, brand, form().use_case).await.unwrap();
    let described = |text: &str| TenDlcCampaign { description: text.into(), ..form() };
    let opened = Some(begun.edits.count);
    campaigns::keep(&admin, begun.id, opened, brand, described("One")).await.unwrap();
    campaigns::keep(&admin, begun.id, opened, brand, described("Two")).await.unwrap();
    let error = campaigns::keep(&root, begun.id, opened, brand, described("Three")).await.unwrap_err();
    assert!(is_somebody_elses(&error), "{error}");
    // The same again changes nothing, and nobody has to be told.
    campaigns::keep(&root, begun.id, opened, brand, described("Two")).await.unwrap();
    let error = campaigns::change(&root, begun.id, opened, From::Form, described("Three")).await.unwrap_err();
    assert!(is_somebody_elses(&error), "{error}");
}

#[tokio::test]
async fn what_is_typed_in_the_wizard_outlives_a_change_by_a_program() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let brand = verified(&it, acme, "B000001", details()).await;
    let id = approved(&it, acme, brand, "C000001").await;
    let proof = desk(&it, &it.root, acme).await.may::<action::Campaigns>().unwrap();
    let registered = campaigns::find(&proof, id).await.unwrap().form;
    let typed = TenDlcCampaign { description: "Typed and not handed in.".into(), ..registered.clone() };
    campaigns::keep(&proof, id, None, brand, typed.clone()).await.unwrap();
    let flow = "By the program.".to_owned();
    let changed = TenDlcCampaign { message_flow: flow.clone(), ..registered.clone() };
    let after = campaigns::change(&proof, id, None, From::Program, changed.clone()).await.unwrap();
    assert_eq!(after.form, changed);
    assert_eq!(after.edit, Some(TenDlcCampaign { message_flow: flow, ..typed }), "handed in, it takes nothing back");
    // A program that sets exactly what was typed leaves nothing to be handed in.
    let both = after.typed().clone();
    let after = campaigns::change(&proof, id, None, From::Program, both.clone()).await.unwrap();
    assert_eq!((after.form, after.edit), (both, None));
}

#[tokio::test]
async fn what_the_registry_refused_of_a_brand_outlives_a_change_by_a_program() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let id = verified(&it, acme, "B000001", details()).await;
    let (proof, scope) = (desk(&it, &it.root, acme).await.may::<action::Brands>().unwrap(), system(&it, acme));
    let named = domain::tendlc::BrandDetails { display_name: "Acme Two".into(), ..details() };
    let sent = brands::change(&proof, id, None, From::Form, named).await.unwrap();
    brands::told(&scope, &sent, &Todo::Change, Some("not so")).await.unwrap();
    let website = Some("https://acme.example".to_owned());
    let by_program = domain::tendlc::BrandDetails { website: website.clone(), ..details() };
    let after = brands::change(&proof, id, None, From::Program, by_program.clone()).await.unwrap();
    assert_eq!(after.details, by_program);
    let edit = after.edit.as_ref().unwrap();
    assert_eq!((&edit.display_name[..], &edit.website), ("Acme Two", &website), "handed in, it takes nothing back");
    // Who saves the form itself leaves nothing to be corrected.
    let saved = brands::change(&proof, id, None, From::Form, edit.clone()).await.unwrap();
    assert_eq!((saved.edit.as_ref(), &saved.details), (None, edit));
}

#[tokio::test]
async fn what_the_registry_refuses_is_kept_to_be_corrected_and_counts_for_nothing() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let id = verified(&it, acme, "B000001", details()).await;
    let campaign = approved(&it, acme, id, "C000001").await;
    let (proof, scope) = (desk(&it, &it.root, acme).await.may::<action::Brands>().unwrap(), system(&it, acme));
    let named = |name: &str| domain::tendlc::BrandDetails { display_name: name.into(), ..details() };
    // Two changes in a row, of which the registry hears the second only.
    brands::change(&proof, id, None, From::Form, named("Acme One")).await.unwrap();
    let sent = brands::change(&proof, id, None, From::Form, named("Acme Two")).await.unwrap();
    let refused = brands::told(&scope, &sent, &Todo::Change, Some("not so")).await.unwrap();
    assert_eq!((&refused.details, &refused.typed().display_name[..]), (&details(), "Acme Two"));
    assert_eq!((refused.refusal.as_deref(), refused.is_unfinished()), (Some("not so"), false));
    let discarded = brands::discard(&proof, id).await.unwrap();
    assert_eq!((discarded.edit, discarded.refusal), (None, None));
    // What the registry takes is what it has.
    let sent = brands::change(&proof, id, None, From::Form, named("Acme Three")).await.unwrap();
    let taken = brands::told(&scope, &sent, &Todo::Change, None).await.unwrap();
    assert_eq!((&taken.details.display_name[..], taken.at_registry, taken.edit), ("Acme Three", None, None));

    // It took a change while the next one was being typed: what it has is that one.
    let sent = brands::change(&proof, id, None, From::Form, named("Acme Four")).await.unwrap();
    brands::change(&proof, id, None, From::Form, named("Acme Five")).await.unwrap();
    brands::told(&scope, &sent, &Todo::Change, None).await.unwrap();
    let sent = brands::load(&scope, id).await.unwrap();
    // And a refusal is not forgotten when the registry takes something else.
    let provider = domain::tendlc::kinds::VettingProvider::Aegis;
    let ordered = brands::order_vetting(&proof, id, provider, "STANDARD").await.unwrap().todo[1].clone();
    brands::told(&scope, &sent, &Todo::Change, Some("not so")).await.unwrap();
    let refused = brands::told(&scope, &sent, &ordered, None).await.unwrap();
    assert_eq!((&refused.details.display_name[..], &refused.typed().display_name[..]), ("Acme Four", "Acme Five"));
    assert_eq!((refused.refusal.as_deref(), refused.todo.len()), (Some("not so"), 0));

    let proof = desk(&it, &it.root, acme).await.may::<action::Campaigns>().unwrap();
    let registered = campaigns::find(&proof, campaign).await.unwrap().form;
    let other = TenDlcCampaign { description: "Something else.".into(), ..registered.clone() };
    let sent = campaigns::change(&proof, campaign, None, From::Form, other.clone()).await.unwrap();
    let refused = campaigns::told(&scope, &sent, campaigns::Todo::Change, Some("not so")).await.unwrap();
    assert_eq!((&refused.form, refused.typed(), &refused.at_registry), (&registered, &other, &None));
    let discarded = campaigns::discard(&proof, campaign).await.unwrap();
    assert_eq!((discarded.edit, discarded.refusal), (None, None));
}

#[tokio::test]
async fn one_id_of_the_callers_in_two_workspaces_leads_to_what_is_seen() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let (_, beta) = found(&it, "beta").await;
    let id = Uuid::from_u128(7);
    let create = async |workspace: WorkspaceId| {
        let proof = desk(&it, &it.root, workspace).await.may::<action::Brands>().unwrap();
        brands::create(&proof, Some(id), details()).await.unwrap().id
    };
    // Whichever of them was made first.
    let (theirs, ours) = (create(beta).await, create(acme).await);
    assert_eq!(theirs, ours);
    let admin = registrar(&it, &it.admin).await;
    assert_eq!(brands::locate(&admin, None, ours).await.unwrap().workspace_id(), acme);
    assert!(matches!(brands::locate(&admin, Some("beta"), ours).await, Err(Error::NotFound)));
    let root = registrar(&it, &it.root).await;
    let error = brands::locate(&root, None, ours).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { field: "X-Customer-ID", .. }), "{error}");
    assert_eq!(brands::locate(&root, Some("beta"), ours).await.unwrap().workspace_id(), beta);
}

#[tokio::test]
async fn a_vetting_that_begins_is_noted_once() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let id = verified(&it, acme, "B000001", details()).await;
    let (proof, scope) = (desk(&it, &it.root, acme).await.may::<action::Brands>().unwrap(), system(&it, acme));
    let provider = domain::tendlc::kinds::VettingProvider::Aegis;
    let ordered = brands::order_vetting(&proof, id, provider, "STANDARD").await.unwrap();
    let order = ordered.todo[0].clone();
    brands::vetting_begins(&scope, id, &order, &["V1".into()]).await.unwrap();
    let again = brands::vetting_begins(&scope, id, &order, &["V1".into(), "V2".into()]).await.unwrap();
    assert!(matches!(&again.todo[..], [Todo::Vetting { before: Some(before), .. }] if *before == ["V1"]), "{again:?}");
    assert!(brands::order_vetting(&proof, id, provider, "STANDARD").await.is_err(), "it is under way");
    assert!(brands::told(&scope, &again, &order, None).await.unwrap().todo.is_empty());
}

#[tokio::test]
async fn numbers_are_counted_where_they_are() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let brand = verified(&it, acme, "B000001", details()).await;
    let campaign = approved(&it, acme, brand, "C000001").await;
    let proof = desk(&it, &it.root, acme).await.may::<action::Numbers>().unwrap();
    for last in 1..=3 {
        numbers::assign(&proof, campaign, number(last)).await.unwrap();
    }
    numbers::active(&system(&it, acme), number(1), campaign).await.unwrap();
    numbers::add(&proof, number(4)).await.unwrap();
    for session in [&it.root, &it.admin] {
        let sight = registrar(&it, session).await.sight(None).await.unwrap();
        assert_eq!(numbers::total(&sight).await.unwrap(), 3);
        let counts = numbers::by_campaign(&sight, [campaign]).await.unwrap();
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [((acme, campaign), 3)]);
        let listed = attention::page(&sight, None, 0, Slice::page(1, 10)).await.unwrap();
        let waiting = listed.items.last();
        assert!(matches!(waiting, Some(Entry::Numbers { state: NumberState::Assigning, count: 2, .. })), "{waiting:?}");
    }
}

#[tokio::test]
async fn other_details_are_known_by_nobody_until_the_registry_has_looked() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let id = verified(&it, acme, "B000001", details()).await;
    let proof = desk(&it, &it.root, acme).await.may::<action::Brands>().unwrap();
    let mut other = details();
    other.display_name = "Acme One".into();
    let changed = brands::change(&proof, id, None, From::Form, other.clone()).await.unwrap();
    assert_eq!(changed.identity(), IdentityStatus::Verified, "the name that people know is compared with nothing");
    other.company_name = Some("Acme Holding LLC".into());
    let changed = brands::change(&proof, id, None, From::Form, other).await.unwrap();
    assert_eq!(changed.identity(), IdentityStatus::Unverified);
}

/// Nobody has checked what stands in a draft.
#[tokio::test]
async fn a_draft_is_not_resubmitted() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let brand = verified(&it, acme, "B000001", details()).await;
    let proof = desk(&it, &it.admin, acme).await.may::<action::Campaigns>().unwrap();
    let begun = campaigns::begin(&proof, brand, form().use_case).await.unwrap();
    let error = campaigns::resubmit(&proof, begun.id).await.unwrap_err();
    assert!(error.to_string().contains("hand it in first"), "{error}");
    assert_eq!(campaigns::find(&proof, begun.id).await.unwrap(), begun);
}
