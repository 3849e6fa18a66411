//! What belongs to another tenant cannot be told from what does not exist: the answers are the same, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    actor::{Actor, Verdict},
    answer::Answer,
    case::Case,
    cases::CASES,
    installation::{Installation, MISSING_ID, MISSING_SLUG},
    subject::Names,
};

/// What requests name besides the workspace.
const IDS: [&str; 10] =
    ["id", "sender", "user", "upload", "invitation", "key", "export", "number", "webhook", "delivery"];

/// An answer without what differs in every answer, and without the names that were asked for.
#[derive(Debug, PartialEq, Eq)]
struct Plain {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
    /// What a page hands to the browser half behind its end. How often it is there depends on how often the page was
    /// rendered until everything was loaded.
    handed_over: BTreeSet<String>,
}

impl Plain {
    fn of(answer: &Answer, varying: &[String]) -> Self {
        let plain = |text: &str| varying.iter().fold(text.to_owned(), |text, value| text.replace(value, "…"));
        let headers = answer.headers.iter().filter(|(name, _)| *name != "date");
        let headers = headers.map(|(name, value)| (name.to_string(), plain(value.to_str().unwrap()))).collect();
        let body = plain(&answer.body);
        let (body, behind) = body.split_once("</html>").unwrap_or((&body, ""));
        let handed_over = behind.split("__RESOLVED_RESOURCES[").filter_map(|part| part.split_once("] = "));
        let handed_over = handed_over.map(|(_, value)| value.split("</script>").next().unwrap_or(value).to_owned());
        Self { status: answer.status.as_u16(), headers, body: body.to_owned(), handed_over: handed_over.collect() }
    }
}

async fn ask(it: &Installation, case: &Case, actor: Actor, names: &Names) -> (Verdict, Plain) {
    let token = it.token(case, actor).await;
    let answer = Answer::to(&it.server.router, case.request(names, token.as_deref())).await;
    let policy = answer.headers.get("content-security-policy").unwrap().to_str().unwrap();
    let nonce = policy.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\'')).map(|(nonce, _)| nonce);
    let mut varying: Vec<String> = nonce.into_iter().map(str::to_owned).collect();
    varying.push(answer.headers.get("x-request-id").unwrap().to_str().unwrap().to_owned());
    for key in ["slug"].into_iter().chain(IDS).filter(|key| case.names(key)) {
        varying.push(names.get(key).to_owned());
    }
    (answer.verdict(), Plain::of(&answer, &varying))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_workspace_is_like_none() {
    let it = Installation::start().await;
    for case in CASES.iter().filter(|case| case.names("slug")) {
        let foreign = it.subject(&it.globex, &it.globex.author, case.about).await;
        let missing =
            IDS.iter().fold(foreign.clone().with("slug", MISSING_SLUG), |names, key| names.with(key, MISSING_ID));
        for actor in
            [Actor::Anonymous, Actor::Author, Actor::AuthorModerator, Actor::Moderator, Actor::Admin, Actor::Staff]
        {
            let (verdict, given) = ask(&it, case, actor, &it.complete(foreign.clone(), actor)).await;
            let (_, nothing) = ask(&it, case, actor, &it.complete(missing.clone(), actor)).await;
            let expected = if actor == Actor::Anonymous { Verdict::SignIn } else { Verdict::NotFound };
            assert_eq!(verdict, expected, "{} as {}: {given:?}", case.row, actor.label());
            assert_eq!(given, nothing, "{} as {}", case.row, actor.label());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_id_is_like_none() {
    let it = Installation::start().await;
    for case in CASES.iter().filter(|case| case.names("slug")) {
        for key in IDS.into_iter().filter(|key| case.names(key)) {
            let own = it.subject(&it.acme, &it.acme.author, case.about).await;
            let foreign = it.subject(&it.globex, &it.globex.author, case.about).await;
            for actor in
                [Actor::Author, Actor::AuthorModerator, Actor::Moderator, Actor::Admin, Actor::SuperAdmin, Actor::Staff]
            {
                let name = |id: &str| it.complete(own.clone().with(key, id), actor);
                let (_, given) = ask(&it, case, actor, &name(foreign.get(key))).await;
                let (_, nothing) = ask(&it, case, actor, &name(MISSING_ID)).await;
                let what = format!("{} with another's {key} as {}", case.row, actor.label());
                assert!((400..500).contains(&given.status), "{what}: {given:?}");
                assert_eq!(given, nothing, "{what}");
            }
        }
    }
}

/// The other tests look for the word of a tenant where it must not be. Here it has to be.
#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_a_tenant_bears_its_word() {
    let it = Installation::start().await;
    let lists =
        ["campaigns", "members", "senders", "campaign_audit", "GET /w/{slug}/events", "GET /w/{slug}/campaigns"];
    for case in CASES.iter().filter(|case| lists.contains(&case.row) && case.note.is_empty()) {
        let names = it.subject(&it.globex, &it.globex.author, case.about).await;
        let names = it.complete(names, Actor::Stranger);
        let token = it.token(case, Actor::Stranger).await;
        let answer = Answer::to(&it.server.router, case.request(&names, token.as_deref())).await;
        assert!(answer.body.contains(it.globex.word), "{}: {}", case.row, answer.body);
        let (others, own) = (it.secrets(Actor::Stranger), it.secrets(Actor::Author));
        assert!(others.iter().all(|secret| !answer.body.contains(secret)), "{}", case.row);
        assert!(own.iter().any(|secret| answer.body.contains(secret)), "{}", case.row);
    }
}
