//! Every row of the access table, called by everybody. The answers are compared with what the tables say, and with
//! `access_grid.txt`, which is there to be read.

use std::{collections::BTreeMap, fmt::Write, path::Path, time::Duration};

use domain::permission::Permission;
use tokio::time::timeout;

use crate::{
    actor::Actor,
    answer::Answer,
    case::Case,
    cases::CASES,
    installation::Installation,
    subject::{Names, Subject},
};

const GRID: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/access_grid.txt");
/// No answer takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);
const HEAD: &str = "\
# What the server answers to whom: a line for each row of server/src/access.rs, or for each way to call it.
#
# Everything is about the workspace \"acme\" and, where the line does not say otherwise, about what its author made.
# stranger: an admin of another workspace. blocked: an admin of acme, blocked while signed in. super admin: no member.
# staff, staff viewer: acme is assigned to them as an admin and a viewer of the 10DLC staff. outsider: in no workspace.
# ok: it is done. sign in: 401, or the way to the sign-in page. 403, 404: the permission is missing, or there is nothing.
# four eyes: nobody approves what they made. -: that cannot be.
#
# Made by `ACCEPT_ACCESS_GRID=1 cargo nextest run -p server the_answers_are_those_of_the_grid`; look at each difference.

";

#[tokio::test(flavor = "multi_thread")]
async fn the_answers_are_those_of_the_grid() {
    let it = Installation::start().await;
    let mut lines = vec![header()];
    let mut wrong = Vec::new();
    for case in CASES {
        let words = call(&it, case, &mut wrong).await;
        let name = if case.note.is_empty() { case.row.to_owned() } else { format!("{} ({})", case.row, case.note) };
        lines.push([vec![name, case.row().needs.to_string()], words].concat());
    }
    assert!(wrong.is_empty(), "answers that the tables do not allow:\n{}", wrong.join("\n"));
    compare(GRID, &format!("{HEAD}{}", aligned(&lines)));
}

fn header() -> Vec<String> {
    ["request", "needs"].into_iter().chain(Actor::ALL.map(Actor::label)).map(str::to_owned).collect()
}

/// The answers to everybody, in words. Something new is made after each call that may have changed it.
async fn call(it: &Installation, case: &Case, wrong: &mut Vec<String>) -> Vec<String> {
    let mut words = Vec::new();
    let mut untouched: Option<Names> = None;
    for actor in Actor::ALL {
        if case.own && !can_own(actor, case.about) {
            words.push("-".to_owned());
            continue;
        }
        let owner = it.person(actor).filter(|_| case.own).unwrap_or(&it.acme.author);
        let subject = match untouched.take() {
            Some(subject) => subject,
            None => it.subject(&it.acme, owner, case.about).await,
        };
        let names = it.complete(subject.clone(), actor);
        let token = it.token(case, actor).await;
        let answer = Answer::to(&it.server.router, case.request(&names, token.as_deref()));
        let hangs = || format!("{} {}: the {} is not answered", case.row, case.note, actor.label());
        let answer = timeout(PATIENCE, answer).await.unwrap_or_else(|_| panic!("{}", hangs()));
        let own = case.own || actor == Actor::Author;
        let (expected, given) = (actor.verdict(case.row().needs, own), answer.verdict());
        if expected != given {
            wrong.push(format!("{} {}: {} gets {given:?}, not {expected:?}", case.row, case.note, actor.label()));
        }
        let seen = format!("{} {}", answer.body, answer.location()).to_lowercase();
        let reads_all = case.across && actor == Actor::SuperAdmin;
        for secret in it.secrets(actor).into_iter().filter(|_| !reads_all) {
            if seen.contains(&secret) {
                wrong.push(format!("{} shows {secret:?} to the {}", case.row, actor.label()));
            }
        }
        let word = answer.word();
        if !case.own && matches!(word.as_str(), "sign in" | "403" | "404") {
            untouched = Some(subject);
        }
        words.push(word);
    }
    words
}

/// Whether somebody can have made such a thing.
fn can_own(actor: Actor, about: Subject) -> bool {
    match about {
        Subject::Campaign(_) | Subject::WaitingTemplate => actor.may(Permission::CreateCampaign),
        _ => actor.may(Permission::SubmitRevision),
    }
}

pub fn aligned(lines: &[Vec<String>]) -> String {
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<_> = line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        writeln!(text, "{}", cells.join("  ").trim_end()).unwrap();
    }
    text
}

/// With the file of a grid, which is there to be read.
pub fn compare(file: &str, grid: &str) {
    if std::env::var_os("ACCEPT_ACCESS_GRID").is_some() {
        std::fs::write(file, grid).unwrap();
        return;
    }
    let accepted = std::fs::read_to_string(Path::new(file)).unwrap_or_default();
    let difference = difference(&accepted, grid);
    assert!(
        difference.is_empty(),
        "other answers than in {file} (- there, + now). If each is meant, set ACCEPT_ACCESS_GRID=1 and run the test \
         again:\n{difference}"
    );
}

/// The lines that are only in one of the two, by the request that they are about; blanks are no difference.
fn difference(before: &str, after: &str) -> String {
    let lines = |text: &str| -> BTreeMap<String, usize> {
        let rows = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        rows.enumerate().map(|(place, row)| (row.split_whitespace().collect::<Vec<_>>().join(" "), place)).collect()
    };
    let (before, after) = (lines(before), lines(after));
    let only = |these: &BTreeMap<String, usize>, those: &BTreeMap<String, usize>, sign: char| -> Vec<_> {
        let alone = these.iter().filter(|(row, _)| !those.contains_key(*row));
        alone.map(|(row, &place)| (place, sign == '+', format!("{sign} {row}"))).collect()
    };
    let mut lines = [only(&before, &after, '-'), only(&after, &before, '+')].concat();
    lines.sort();
    lines.into_iter().map(|(.., line)| line).collect::<Vec<_>>().join("\n")
}
