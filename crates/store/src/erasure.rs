//! One number over all campaigns of a workspace: what is known of it as a file, and taking it out of everything.
//!
//! A filter beside each block makes looking cheap: what cannot hold the number is not read. Each campaign is one
//! transaction with its audit record, which names the hash; what was cut off is repeated and goes on.

use domain::{campaign::Campaign, id::CampaignId, permission::kind, phone::PhoneNumber};
use surrealdb::types::Variables;

use crate::{
    Error, Granted, Scope,
    audit::{Chain, Event},
    campaigns,
    db::{corrupt, key},
    exports::error_code,
    inbound, journal, policies,
    recipients::{self, Erasure, push_cell},
    suppressions,
};

/// Recipients of one campaign that a file names; more of one number are one-time codes, and look alike.
const ROWS_MAX: usize = 10_000;
/// Attempts on a campaign that changes at the same time.
const ATTEMPTS_MAX: u32 = 20;

/// The campaigns of a workspace, newest first: their ids sort by the time of their making.
async fn all_campaigns(scope: &Scope) -> Result<Vec<CampaignId>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("campaign", scope.workspace_id(), []));
    let mut answer = scope.inner().db.read("SELECT VALUE record::id(id)[1] FROM $range", vars).await?;
    let ids: Vec<String> = answer.take(0).map_err(corrupt)?;
    let mut ids: Vec<CampaignId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    Ok(ids)
}

fn named(scope: &Scope, number: PhoneNumber) -> String {
    format!("{} {}", number.masked(), scope.ctn_key().ctn_hash(number))
}

/// Everything that is known of a number, as a CSV file: a campaign at a time. It is a reveal, and recorded as one.
#[derive(Debug)]
pub struct NumberCsv {
    proof: Granted<kind::ManageWorkspace>,
    number: PhoneNumber,
    campaigns: std::vec::IntoIter<CampaignId>,
    started: bool,
}

impl NumberCsv {
    pub async fn open(
        proof: &Granted<kind::ManageWorkspace>,
        reveal: &Granted<kind::RevealNumbers>,
        number: PhoneNumber,
    ) -> Result<Self, Error> {
        if reveal.workspace_id() != proof.workspace_id() {
            return Err(Error::Forbidden);
        }
        let event = Event::new(proof.actor(), proof.origin(), "recipients.number_exported")
            .on("workspace", &proof.workspace_id())
            .note(named(proof, number));
        proof.inner().audited(Chain::Workspace(proof.workspace_id()), event, |_| {}).await?;
        let campaigns = all_campaigns(proof).await?.into_iter();
        Ok(Self { proof: proof.clone(), number, campaigns, started: false })
    }

    /// The next piece of the file; None at its end.
    pub async fn next_piece(&mut self) -> Result<Option<String>, Error> {
        if !self.started {
            self.started = true;
            return self.beginning().await.map(Some);
        }
        let Some(id) = self.campaigns.next() else { return Ok(None) };
        self.of_campaign(id).await.map(Some)
    }

    /// The heading, and how the number is on the suppression list.
    async fn beginning(&self) -> Result<String, Error> {
        let mut out = "where,campaign,status,no,number,state,error,sent_at,settled_at,columns\r\n".to_owned();
        if let Some(entry) = suppressions::find(&self.proof, self.number).await? {
            let since = self.proof.show_time(entry.at_ms);
            let cells = ["suppression list", "", entry.source.label(), "", "", "", "", &since, "", &entry.by];
            let number = self.number.as_u64().to_string();
            self.row(&mut out, cells.map(str::to_owned), &number);
        }
        for (at_ms, saddr, text) in inbound::of_number(&self.proof, self.number).await? {
            let at = self.proof.show_time(at_ms);
            let text = format!("to {saddr}: {}", text.unwrap_or_default());
            let cells = ["inbound message", "", "", "", "", "", "", &at, "", &text];
            let number = self.number.as_u64().to_string();
            self.row(&mut out, cells.map(str::to_owned), &number);
        }
        for sent in policies::history::of_number(&self.proof, self.number).await? {
            let at = self.proof.show_time(sent.at_ms());
            let cells = ["message counted by policies", "", "", "", "", "", "", &at, "", ""];
            let number = self.number.as_u64().to_string();
            self.row(&mut out, cells.map(str::to_owned), &number);
        }
        Ok(out)
    }

    fn row(&self, out: &mut String, mut cells: [String; 10], number: &str) {
        number.clone_into(&mut cells[4]);
        for (column, cell) in cells.iter().enumerate() {
            if column > 0 {
                out.push(',');
            }
            push_cell(out, cell);
        }
        out.push_str("\r\n");
    }

    async fn of_campaign(&self, id: CampaignId) -> Result<String, Error> {
        let scope: &Scope = &self.proof;
        let mut out = String::new();
        let tail = journal::tail(scope, id).await?;
        let found = recipients::find_by_number(scope, id, self.number, ROWS_MAX, &tail).await?;
        if found.is_empty() {
            return Ok(out);
        }
        let campaign = campaigns::find(scope, id).await?;
        let number = self.number.as_u64().to_string();
        let time = |at_ms: Option<i64>| at_ms.map(|at_ms| scope.show_time(at_ms)).unwrap_or_default();
        for recipient in found {
            let columns = recipients::values_of(scope, id, recipient.index).await?;
            let columns: Vec<String> = columns.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let cells = [
                id.to_string(),
                campaign.parameters.name.clone(),
                campaign.life.status.label().to_owned(),
                (recipient.index + 1).to_string(),
                String::new(),
                recipient.status.state.label().to_owned(),
                recipient.status.error.map(error_code).unwrap_or_default(),
                time(recipient.status.submitted_at_ms),
                time(recipient.status.done_at_ms),
                columns.join("; "),
            ];
            self.row(&mut out, cells, &number);
        }
        Ok(out)
    }
}

/// What a number was taken out of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// Those that had it; files of their records hold it still.
    pub campaigns: Vec<CampaignId>,
    pub recipients: u64,
    /// Rejected lines of files.
    pub lines: u64,
    /// Messages that the number wrote.
    pub messages: u64,
    /// Messages to it that policies counted.
    pub counted: u64,
}

/// Takes a number out of every campaign of the workspace. Refused while one that has it is being sent: what is under way
/// needs the number until it is settled.
pub async fn erase(proof: &Granted<kind::ManageWorkspace>, number: PhoneNumber) -> Result<Erased, Error> {
    let all = all_campaigns(proof).await?;
    // First that nothing refuses: a number is not left half erased for that.
    let mut holding = Vec::new();
    for id in all {
        let erasure = Erasure::plan(proof.inner(), proof.workspace_id(), id, number).await?;
        if !erasure.is_empty() {
            let campaign = campaigns::find(proof, id).await?;
            check_settled(&campaign)?;
            holding.push(id);
        }
    }
    let mut erased = Erased::default();
    for id in holding {
        while erase_in(proof, id, number, &mut erased).await? {}
        erased.campaigns.push(id);
    }
    erased.messages = inbound::erase(proof, number, &named(proof, number)).await?;
    erased.counted = policies::history::erase(proof, number, &named(proof, number)).await?;
    Ok(erased)
}

fn check_settled(campaign: &Campaign) -> Result<(), Error> {
    let Campaign { life, parameters, .. } = campaign;
    if life.status.is_active() || campaign.progress.claimed > 0 {
        let what = format!(
            "this number is in the campaign “{}”, which is {}; erase it once that has ended, or cancel it first",
            parameters.name,
            life.status.label().to_lowercase()
        );
        return Err(Error::Stale { what });
    }
    Ok(())
}

/// One transaction; true: it took something out, and there may be more.
async fn erase_in(
    proof: &Granted<kind::ManageWorkspace>,
    id: CampaignId,
    number: PhoneNumber,
    erased: &mut Erased,
) -> Result<bool, Error> {
    let (inner, workspace) = (proof.inner(), proof.workspace_id());
    for _ in 0..ATTEMPTS_MAX {
        let before = campaigns::find(proof, id).await?;
        check_settled(&before)?;
        let erasure = Erasure::plan(inner, workspace, id, number).await?;
        if erasure.is_empty() {
            return Ok(false);
        }
        let after = Campaign { revision: before.revision + 1, ..before.clone() };
        let event = Event::new(proof.actor(), proof.origin(), "recipients.number_erased")
            .on("campaign", &id)
            .change("recipients", None, Some(erasure.recipients))
            .change("rejected_lines", None, Some(erasure.lines))
            .note(named(proof, number));
        let outcome = inner
            .audited(Chain::Workspace(workspace), event, |tx| {
                // Whoever starts it, or erases another number of the same block, comes before or after.
                tx.compare_and_set(campaigns::campaign_key(workspace, id), before.revision, &after);
                erasure.put(tx, workspace, id);
                proof.rely_on(tx);
            })
            .await;
        match outcome {
            Ok(()) => {
                erased.recipients += erasure.recipients;
                erased.lines += erasure.lines;
                return Ok(true);
            }
            Err(Error::Moved) => {}
            Err(other) => return Err(other),
        }
    }
    Err(Error::Moved)
}
