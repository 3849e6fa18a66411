//! Message templates: written by those who make campaigns, approved by moderators. Versions are never edited.

use domain::{
    campaign::Campaign,
    id::TemplateId,
    merge,
    message_template::{MessageTemplate, TEMPLATES_MAX, TemplateUse, TemplateVersion, VERSIONS_MAX, VersionState},
    permission::{Permission, Reach, kind},
    segment,
};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use crate::{
    Error, Granted, Scope,
    audit::{Chain, Event},
    campaigns::check_note,
    db::{key, tx::Columns},
};

const ATTEMPTS_MAX: u32 = 20;
const NAME_CHARACTERS_MAX: usize = 80;

impl Columns for MessageTemplate {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("waits", (self.waiting().is_some() && self.archived_at_ms.is_none()).into_value())]
    }
}

fn template_key(scope: &Scope, id: TemplateId) -> RecordId {
    key::of("template", scope.workspace_id(), [key::id(id)])
}

/// All templates of the workspace, by name; archived ones last.
pub async fn list(scope: &Granted<kind::ViewWorkspace>) -> Result<Vec<MessageTemplate>, Error> {
    all(scope).await
}

async fn all(scope: &Scope) -> Result<Vec<MessageTemplate>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("template", scope.workspace_id(), []));
    let mut templates: Vec<MessageTemplate> = scope.inner().db.docs("SELECT VALUE doc FROM $range", vars).await?;
    templates.sort_by_key(|template| (template.archived_at_ms.is_some(), template.name.to_lowercase()));
    Ok(templates)
}

/// How many templates have a version that waits for a decision.
pub async fn waiting(scope: &Granted<kind::ViewWorkspace>) -> Result<u32, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("template", scope.workspace_id(), []));
    let waiting: Vec<MessageTemplate> =
        scope.inner().db.docs("SELECT VALUE doc FROM $range WHERE waits = true", vars).await?;
    Ok(u32::try_from(waiting.len()).unwrap_or(u32::MAX))
}

pub async fn find(scope: &Scope, id: TemplateId) -> Result<MessageTemplate, Error> {
    scope.inner().db.get(template_key(scope, id)).await?.ok_or(Error::NotFound)
}

/// What a campaign makes of the template with which its text began; None: it began without one.
pub async fn use_of(scope: &Scope, campaign: &Campaign) -> Result<Option<TemplateUse>, Error> {
    let Some(reference) = &campaign.parameters.template else { return Ok(None) };
    let template = match find(scope, reference.template).await {
        Ok(template) => Some(template),
        Err(Error::NotFound) => None,
        Err(other) => return Err(other),
    };
    Ok(Some(TemplateUse::of(reference, &campaign.parameters.text, template.as_ref())))
}

/// A new template with its first version; `ask`: moderators are asked to approve it.
pub async fn create(
    scope: &Granted<kind::CreateCampaign>,
    name: &str,
    text: &str,
    ask: bool,
) -> Result<MessageTemplate, Error> {
    let name = check_name(name)?;
    let text = check_text(text)?;
    let existing = all(scope).await?;
    let active: Vec<&MessageTemplate> = existing.iter().filter(|template| template.archived_at_ms.is_none()).collect();
    if active.iter().any(|template| template.name.to_lowercase() == name.to_lowercase()) {
        return Err(Error::invalid("name", "a template of this name exists already; write a new version of it"));
    }
    if active.len() >= TEMPLATES_MAX {
        return Err(Error::invalid("name", format!("a workspace has at most {TEMPLATES_MAX} templates; archive some")));
    }
    let template = MessageTemplate {
        workspace: scope.workspace_id(),
        id: TemplateId::from_uuid(scope.inner().new_uuid()?),
        name,
        versions: vec![written(scope, 1, text, ask)],
        archived_at_ms: None,
        created_by: scope.user_id(),
        created_by_name: scope.user().name.clone(),
        created_at_ms: scope.now_ms(),
        revision: 1,
    };
    let event = event(scope, "template.created", template.id).change("name", None, Some(template.name.clone())).change(
        "asks_for_approval",
        Some(false),
        Some(ask),
    );
    scope
        .inner()
        .audited(Chain::Workspace(scope.workspace_id()), event, |tx| {
            tx.create(template_key(scope, template.id), &template);
            scope.rely_on(tx);
        })
        .await?;
    Ok(template)
}

fn written(scope: &Scope, number: u32, text: String, ask: bool) -> TemplateVersion {
    TemplateVersion {
        number,
        text,
        state: if ask { VersionState::Waiting } else { VersionState::Written },
        written_by: scope.user_id(),
        written_by_name: scope.user().name.clone(),
        written_at_ms: scope.now_ms(),
        asked_by: ask.then(|| scope.user_id()),
        decided_by_name: None,
        decided_at_ms: None,
        note: None,
    }
}

fn check_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if !(1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
        return Err(Error::invalid("name", format!("a template's name has 1 to {NAME_CHARACTERS_MAX} characters")));
    }
    Ok(name.to_owned())
}

/// Browsers send line breaks as CR LF, and each CR would be a character of the message.
fn check_text(text: &str) -> Result<String, Error> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.trim().is_empty() {
        return Err(Error::invalid("text", "write the text"));
    }
    merge::Template::parse(&text).map_err(|refusal| Error::invalid("text", refusal.to_string()))?;
    segment::check(&text).map_err(|refusal| Error::invalid("text", refusal.to_string()))?;
    Ok(text)
}

/// A new version behind the newest that the writer saw.
pub async fn write(
    scope: &Granted<kind::CreateCampaign>,
    id: TemplateId,
    seen: u32,
    text: &str,
    ask: bool,
) -> Result<MessageTemplate, Error> {
    let text = check_text(text)?;
    change(scope, id, |before| {
        let newest = before.versions.last().map_or(0, |version| version.number);
        if newest != seen {
            let what =
                format!("somebody wrote version {newest} in the meantime; look at it, and write yours behind it");
            return Err(Error::Stale { what });
        }
        if before.versions.last().is_some_and(|version| version.text == text) {
            return Err(Error::invalid("text", "this is the text of the newest version; change it, or leave it"));
        }
        if before.versions.len() >= VERSIONS_MAX {
            return Err(Error::invalid(
                "text",
                format!("a template has at most {VERSIONS_MAX} versions; make a new one"),
            ));
        }
        if ask {
            check_nothing_waits(before)?;
        }
        let mut after = before.clone();
        after.versions.push(written(scope, newest + 1, text.clone(), ask));
        let event = event(scope, "template.version_written", id).change("version", None, Some(newest + 1)).change(
            "asks_for_approval",
            Some(false),
            Some(ask),
        );
        Ok((after, event))
    })
    .await
}

fn check_nothing_waits(template: &MessageTemplate) -> Result<(), Error> {
    match template.waiting() {
        Some(version) => Err(Error::Stale {
            what: format!("version {} is waiting for a decision already; one can wait at a time", version.number),
        }),
        None => Ok(()),
    }
}

/// Asks the moderators to approve a version.
pub async fn ask(scope: &Granted<kind::CreateCampaign>, id: TemplateId, number: u32) -> Result<MessageTemplate, Error> {
    change(scope, id, |before| {
        check_nothing_waits(before)?;
        let mut after = before.clone();
        let version = of(&mut after, number)?;
        if version.state != VersionState::Written {
            return Err(Error::Stale { what: format!("version {number} has been decided on already") });
        }
        version.state = VersionState::Waiting;
        version.asked_by = Some(scope.user_id());
        Ok((after, event(scope, "template.approval_asked", id).change("version", None, Some(number))))
    })
    .await
}

fn of(template: &mut MessageTemplate, number: u32) -> Result<&mut TemplateVersion, Error> {
    template.versions.iter_mut().find(|version| version.number == number).ok_or(Error::NotFound)
}

/// Approves the version that the moderator saw. Its text never changes, so the approval holds for good.
pub async fn approve(
    scope: &Granted<kind::DecideCampaign>,
    id: TemplateId,
    number: u32,
) -> Result<MessageTemplate, Error> {
    let scope: &Scope = scope;
    change(scope, id, |before| decided(scope, before, number, VersionState::Approved, None)).await
}

/// Rejects the version that the moderator saw; the note tells its writer why.
pub async fn reject(
    scope: &Granted<kind::DecideCampaign>,
    id: TemplateId,
    number: u32,
    note: &str,
) -> Result<MessageTemplate, Error> {
    let scope: &Scope = scope;
    let note = check_note(note)?;
    change(scope, id, |before| decided(scope, before, number, VersionState::Rejected, Some(note.clone()))).await
}

fn decided(
    scope: &Scope,
    before: &MessageTemplate,
    number: u32,
    state: VersionState,
    note: Option<String>,
) -> Result<(MessageTemplate, Event), Error> {
    let mut after = before.clone();
    let version = of(&mut after, number)?;
    match version.state {
        VersionState::Waiting => {}
        VersionState::Written => {
            return Err(Error::Stale { what: "nobody has asked for the approval of this version".into() });
        }
        VersionState::Approved | VersionState::Rejected => {
            let what = if version.state == VersionState::Approved { "approved" } else { "rejected" };
            let by = version.decided_by_name.as_deref().unwrap_or("somebody");
            let at = scope.show_time(version.decided_at_ms.unwrap_or_default());
            return Err(Error::Stale { what: format!("already {what} by {by} at {at}") });
        }
    }
    let own = version.is_contributor(scope.user_id()) && state == VersionState::Approved;
    if own && scope.workspace().four_eyes {
        return Err(Error::Stale {
            what: "you worked on this version, so somebody else has to approve it (four-eyes rule)".into(),
        });
    }
    version.state = state;
    version.decided_by_name = Some(scope.user().name.clone());
    version.decided_at_ms = Some(scope.now_ms());
    version.note.clone_from(&note);
    let approved = state == VersionState::Approved;
    let action = if approved { "template.version_approved" } else { "template.version_rejected" };
    let note = if own { Some("self-approval: the four-eyes rule is off".to_owned()) } else { note };
    Ok((after, event(scope, action, before.id).change("version", None, Some(number)).note(note)))
}

/// Whether the page offers the approval of a version to this person.
#[must_use]
pub fn may_approve(scope: &Scope, version: &TemplateVersion) -> bool {
    scope.reach(Permission::DecideCampaign) == Reach::Any
        && (!scope.workspace().four_eyes || !version.is_contributor(scope.user_id()))
}

/// Whether this person may put a template away.
#[must_use]
pub fn may_archive(scope: &Scope, template: &MessageTemplate) -> bool {
    template.archived_at_ms.is_none() && scope.reach(Permission::CreateCampaign) == Reach::Any
}

/// Takes a template out of what is offered; campaigns that use it stay as they are, and its name may be used again.
pub async fn archive(scope: &Granted<kind::CreateCampaign>, id: TemplateId) -> Result<MessageTemplate, Error> {
    change(scope, id, |before| {
        let mut after = before.clone();
        after.archived_at_ms = Some(scope.now_ms());
        Ok((after, event(scope, "template.archived", id).change("archived", Some(false), Some(true))))
    })
    .await
}

async fn change(
    scope: &Scope,
    id: TemplateId,
    compute: impl Fn(&MessageTemplate) -> Result<(MessageTemplate, Event), Error>,
) -> Result<MessageTemplate, Error> {
    for _ in 0..ATTEMPTS_MAX {
        let before = find(scope, id).await?;
        if before.archived_at_ms.is_some() {
            return Err(Error::Stale { what: "this template is archived".into() });
        }
        let (mut after, event) = compute(&before)?;
        after.revision = before.revision + 1;
        let outcome = scope
            .inner()
            .audited(Chain::Workspace(scope.workspace_id()), event, |tx| {
                tx.compare_and_set(template_key(scope, id), before.revision, &after);
                scope.rely_on(tx);
            })
            .await;
        match outcome {
            Ok(()) => return Ok(after),
            Err(Error::Moved) => {}
            Err(other) => return Err(other),
        }
    }
    Err(Error::Moved)
}

fn event(scope: &Scope, action: &'static str, template: TemplateId) -> Event {
    Event::new(scope.actor(), scope.origin(), action).on("template", &template)
}
