//! The list as a file.

use domain::{permission::kind, phone::PhoneNumber};

use super::{index::read_shards, read_head, shard::Shard};
use crate::{
    Error, Granted, Scope,
    audit::{Chain, Event},
    recipients::push_cell,
};

/// The whole list as `number,source,added_at,added_by`, a piece at a time: a download holds one shard in memory. It is a
/// reveal, and stands in the audit log as one.
#[derive(Debug)]
pub struct ListCsv {
    scope: Scope,
    next_shard: Option<u64>,
    started: bool,
}

impl ListCsv {
    pub async fn open(
        scope: &Granted<kind::ManageWorkspace>,
        proof: &Granted<kind::RevealNumbers>,
    ) -> Result<Self, Error> {
        if proof.workspace_id() != scope.workspace_id() {
            return Err(Error::Forbidden);
        }
        let head = read_head(scope.inner(), scope.workspace_id()).await?;
        let event = Event::new(scope.actor(), scope.origin(), "suppressions.exported")
            .on("workspace", &scope.workspace_id())
            .change("numbers", None, Some(head.total()));
        scope.inner().audited(Chain::Workspace(scope.workspace_id()), event, |_| {}).await?;
        let scope: &Scope = scope;
        Ok(Self { scope: scope.clone(), next_shard: Some(0), started: false })
    }

    /// The next piece of the file; None at its end.
    pub async fn next_piece(&mut self) -> Result<Option<String>, Error> {
        if !self.started {
            self.started = true;
            return Ok(Some("number,source,added_at,added_by\r\n".to_owned()));
        }
        let Some(from) = self.next_shard else { return Ok(None) };
        let found = read_shards(self.scope.inner(), self.scope.workspace_id(), from, 1).await?;
        let Some((number, bytes)) = found.first() else {
            self.next_shard = None;
            return Ok(None);
        };
        self.next_shard = Some(number + 1);
        let mut out = String::new();
        for entry in Shard::decode(bytes)?.entries() {
            let number = PhoneNumber::from_u64(entry.number).ok_or(Error::Corrupt)?;
            // Digits alone: a spreadsheet takes a leading + for a formula.
            out.push_str(&number.as_u64().to_string());
            out.push(',');
            push_cell(&mut out, entry.source.label());
            out.push(',');
            push_cell(&mut out, &self.scope.show_time(entry.at_ms));
            out.push(',');
            push_cell(&mut out, &entry.by);
            out.push_str("\r\n");
        }
        Ok(Some(out))
    }
}
