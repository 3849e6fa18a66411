use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const NOW_MS: i64 = 1_790_000_000_000;

fn any_standing() -> impl Strategy<Value = Standing> {
    (prop::sample::select(&[Role::Author, Role::Moderator, Role::Admin][..]), any::<bool>())
        .prop_map(|(role, flag)| Standing::new(role, flag))
}

fn any_tenure() -> impl Strategy<Value = Tenure> {
    let temporary = (NOW_MS - 1_000..NOW_MS + 1_000, prop::option::of(any_standing()))
        .prop_map(|(ends_at_ms, then)| Temporary { ends_at_ms, then });
    (any_standing(), prop::option::of(temporary)).prop_map(|(standing, temporary)| Tenure { standing, temporary })
}

fn user(number: u8) -> UserId {
    UserId::from_uuid(Uuid::from_u128(u128::from(number)))
}

#[derive(Debug, Clone, Copy)]
struct Person {
    tenure: Option<Tenure>,
    super_admin: bool,
    active: bool,
}

proptest! {
    /// However people change each other, each as an admin or super admin of that moment, an admin stays.
    #[test]
    fn no_row_of_changes_leaves_a_workspace_without_an_admin(
        people in prop::collection::vec((any_tenure(), any::<bool>(), any::<bool>()), 2..6),
        changes in prop::collection::vec((0_usize..6, 0_usize..6, prop::option::of(any_tenure())), 0..60),
    ) {
        let mut people: Vec<Person> = people
            .into_iter()
            .map(|(tenure, super_admin, active)| Person { tenure: tenure.at(NOW_MS), super_admin, active })
            .collect();
        people[0] = Person {
            tenure: Some(Tenure::lasting(Standing::new(Role::Admin, false))),
            super_admin: false,
            active: true,
        };
        let is_admin = |person: &Person| person.active && person.tenure.is_some_and(Tenure::is_lasting_admin);
        for (by, of, after) in changes {
            let (by, of) = (by % people.len(), of % people.len());
            let Some(before) = people[of].tenure else { continue };
            let change = MemberChange {
                by: user(by as u8),
                by_super_admin: people[by].super_admin,
                of: user(of as u8),
                of_super_admin: people[of].super_admin,
                of_active: people[of].active,
                before,
                after,
                other_admins: people.iter().enumerate().filter(|(index, one)| *index != of && is_admin(one)).count(),
            };
            if change.check().is_ok() {
                prop_assert!(by != of, "nobody changes themselves");
                prop_assert!(!people[of].super_admin || people[by].super_admin);
                people[of].tenure = after;
            }
            prop_assert!(people.iter().any(is_admin));
        }
    }

    #[test]
    fn what_is_temporary_ends_and_what_was_before_comes_back(
        before in any_tenure(), standing in any_standing(), for_ms in 1_i64..TEMPORARY_MAX_MS, after_ms in 0_i64..1_000,
    ) {
        let Some(before) = before.at(NOW_MS) else { return Ok(()) };
        match before.with_temporary(standing, NOW_MS + for_ms, NOW_MS) {
            Ok(tenure) => {
                prop_assert_eq!(tenure.at(NOW_MS + for_ms - 1).map(|now| now.standing), Some(standing));
                let later = tenure.at(NOW_MS + for_ms + after_ms);
                prop_assert_eq!(later, before.in_the_end().map(Tenure::lasting));
                prop_assert!(!tenure.is_lasting_admin());
            }
            Err(refusal) => {
                prop_assert_eq!(refusal, InvalidEnd::Same);
                prop_assert_eq!(before.in_the_end(), Some(standing));
            }
        }
    }

    #[test]
    fn a_tenure_is_settled_once(tenure in any_tenure(), now_ms in NOW_MS - 2_000..NOW_MS + 2_000) {
        let settled = tenure.at(now_ms);
        prop_assert_eq!(settled.and_then(|settled| settled.at(now_ms)), settled);
    }

    #[test]
    fn a_standing_is_stored_and_read(standing in any_standing()) {
        let text = serde_json::to_string(&standing).unwrap();
        prop_assert_eq!(serde_json::from_str::<Standing>(&text).unwrap(), standing);
    }
}

#[test]
fn the_flag_is_kept_for_authors_only() {
    assert!(Standing::new(Role::Author, true).moderator_flag());
    assert!(!Standing::new(Role::Admin, true).moderator_flag());
    let stored: Standing = serde_json::from_str(r#"{"role":"moderator","moderator_flag":true}"#).unwrap();
    assert!(!stored.moderator_flag());
}

#[test]
fn an_end_lies_within_the_next_year() {
    let author = Standing::new(Role::Author, false);
    assert_eq!(Tenure::until(author, NOW_MS, NOW_MS), Err(InvalidEnd::Past));
    assert_eq!(Tenure::until(author, NOW_MS + TEMPORARY_MAX_MS + 1, NOW_MS), Err(InvalidEnd::Far));
    let week = Tenure::until(author, NOW_MS + 7 * DAY_MS, NOW_MS).unwrap();
    assert_eq!(week.at(NOW_MS + 7 * DAY_MS), None);
    assert_eq!(week.in_the_end(), None);
}

#[test]
fn another_temporary_role_keeps_what_comes_back() {
    let author = Tenure::lasting(Standing::new(Role::Author, false));
    let moderator = author.with_temporary(Standing::new(Role::Moderator, false), NOW_MS + 5, NOW_MS).unwrap();
    let admin = moderator.with_temporary(Standing::new(Role::Admin, false), NOW_MS + 9, NOW_MS).unwrap();
    assert_eq!(admin.at(NOW_MS + 9), Some(author));
}

#[test]
fn who_was_rejected_waits_a_day() {
    let ask = |state| JoinAsk { slug: "acme".into(), asked_at_ms: NOW_MS, state };
    assert_eq!(ask(JoinState::Waiting).check_again(NOW_MS + 1), Err(AskRefusal::Waits));
    assert_eq!(ask(JoinState::Waiting).check_again(NOW_MS + REQUEST_LIFE_MS), Ok(()));
    let rejected = ask(JoinState::Rejected { at_ms: NOW_MS + 10 });
    assert_eq!(rejected.check_again(NOW_MS + 10 + ASK_AGAIN_MS - 1), Err(AskRefusal::Rejected));
    assert_eq!(rejected.check_again(NOW_MS + 10 + ASK_AGAIN_MS), Ok(()));
}

#[test]
fn an_invitation_is_open_until_its_end_or_that_of_the_membership() {
    let invitation = Invitation {
        id: InvitationId::from_uuid(Uuid::from_u128(1)),
        email: "new@acme.example".into(),
        standing: Standing::new(Role::Author, false),
        member_until_ms: Some(NOW_MS + 5),
        note: None,
        invited_by_name: "Ann".into(),
        invited_at_ms: NOW_MS,
        expires_at_ms: NOW_MS + INVITATION_LIFE_MS,
    };
    assert!(invitation.is_open(NOW_MS + 4));
    assert!(!invitation.is_open(NOW_MS + 5));
    let lasting = Invitation { member_until_ms: None, ..invitation };
    assert!(lasting.is_open(NOW_MS + INVITATION_LIFE_MS - 1));
    assert!(!lasting.is_open(NOW_MS + INVITATION_LIFE_MS));
}

#[test]
fn notes_are_trimmed_and_not_endless() {
    assert_eq!(check_note("  \n"), Ok(None));
    assert_eq!(check_note(" hello "), Ok(Some("hello".to_owned())));
    assert_eq!(check_note(&"x".repeat(501)), Err(LongNote));
}
