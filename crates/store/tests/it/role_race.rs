//! Races on the last admin of a workspace: one is left.

use domain::{
    id::UserId,
    members::Standing,
    permission::{Role, kind},
};
use store::{Error, Session, members, members::roles};

use crate::{
    fixture::{self, Installation},
    roles::another_super_admin,
};

/// With the fixture's super admin, who is a member too.
const ADMINS: usize = 5;

async fn admins(it: &Installation) -> Vec<UserId> {
    let scope = it.enter(&it.root).await;
    let members = members::list(&scope.grant().unwrap()).await.unwrap();
    members.into_iter().filter(|member| member.tenure.is_lasting_admin()).map(|member| member.user).collect()
}

/// Each of the given people removes or demotes the member beside them, all at once.
async fn all_at_once(it: &Installation, who: &[Session], whom: &[UserId]) -> usize {
    let mut tasks = Vec::new();
    for (index, (session, &user)) in who.iter().zip(whom).enumerate() {
        let scope = it.enter(session).await;
        let proof = scope.grant::<kind::ManageMembers>().unwrap();
        let seen = roles::find(&proof, user).await.unwrap().revision;
        tasks.push(tokio::spawn(async move {
            if index % 2 == 0 {
                roles::remove(&proof, user, seen).await
            } else {
                roles::change(&proof, user, seen, Standing::new(Role::Author, false), None).await
            }
        }));
    }
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => done += 1,
            Err(Error::Invalid { .. } | Error::Stale { .. } | Error::NotFound) => {}
            Err(other) => panic!("a loser must be told why, not: {other}"),
        }
    }
    done
}

/// Super admins, whose own rights do not depend on the workspace, each take away another of its admins.
async fn from_above(it: Installation) {
    let proof = it.enter(&it.root).await.grant::<kind::ManageMembers>().unwrap();
    for session in [&it.author, &it.author_moderator, &it.moderator] {
        let user = session.user().id;
        let seen = roles::find(&proof, user).await.unwrap().revision;
        roles::change(&proof, user, seen, Standing::new(Role::Admin, false), None).await.unwrap();
    }
    let whom = admins(&it).await;
    assert_eq!(whom.len(), ADMINS);
    let mut rulers = Vec::new();
    for number in 0..ADMINS {
        rulers.push(another_super_admin(&it, number as u32).await);
    }
    let done = all_at_once(&it, &rulers, &whom).await;
    assert_eq!((done, admins(&it).await.len()), (ADMINS - 1, 1));
}

/// The admins take away each other.
async fn each_other(it: Installation) {
    let sessions = [it.admin.clone(), it.author.clone()];
    let author = it.author.user().id;
    let proof = it.enter(&it.root).await.grant::<kind::ManageMembers>().unwrap();
    let seen = roles::find(&proof, author).await.unwrap().revision;
    roles::change(&proof, author, seen, Standing::new(Role::Admin, false), None).await.unwrap();
    let second = another_super_admin(&it, 1).await;
    let proof = it.enter(&second).await.grant::<kind::ManageMembers>().unwrap();
    let seen = roles::find(&proof, it.root.user().id).await.unwrap().revision;
    roles::remove(&proof, it.root.user().id, seen).await.unwrap();
    let done = all_at_once(&it, &sessions, &[author, it.admin.user().id]).await;
    assert_eq!((done, admins(&it).await.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory_super_admins_leave_one() {
    from_above(fixture::in_memory().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_disk_super_admins_leave_one() {
    from_above(fixture::on_disk().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory_admins_leave_one_of_each_other() {
    each_other(fixture::in_memory().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_disk_admins_leave_one_of_each_other() {
    each_other(fixture::on_disk().await).await;
}
