//! Rejected lines as people see them: a page, or all of them as a CSV file.

use domain::id::CampaignId;

use super::{
    Reject, RejectChunk, Reveal,
    csv::push_cell,
    read::reveal_recorded,
    write::{REJECTS, read_packed},
};
use crate::{Error, Scope};

const PAGE_ROWS_MAX: usize = 500;

fn is_full(scope: &Scope, reveal: Reveal<'_>) -> Result<bool, Error> {
    match reveal {
        Reveal::Masked => Ok(false),
        Reveal::Full(proof) if proof.workspace_id() == scope.workspace_id() => Ok(true),
        Reveal::Full(_) => Err(Error::Forbidden),
    }
}

fn shown(reject: Reject, full: bool) -> Reject {
    if full { reject } else { Reject { text: reject.masked_text(), ..reject } }
}

/// Rejects of lines behind `after_line`, in the order of the file; at most `limit`.
pub async fn rejects_page(
    scope: &Scope,
    campaign: CampaignId,
    after_line: u64,
    limit: usize,
    reveal: Reveal<'_>,
) -> Result<Vec<Reject>, Error> {
    let full = is_full(scope, reveal)?;
    let limit = limit.clamp(1, PAGE_ROWS_MAX);
    let mut rows = Vec::new();
    let mut from = 0;
    while rows.len() < limit {
        let chunks = read_packed(scope.inner(), REJECTS, scope.workspace_id(), campaign, from, 8).await?;
        let Some(&(last, _)) = chunks.last() else { break };
        from = last + 1;
        for (_, bytes) in chunks {
            let chunk = RejectChunk::decode(&bytes)?;
            let behind = chunk.rejects.into_iter().filter(|reject| reject.line > after_line);
            rows.extend(behind.take(limit - rows.len()).map(|reject| shown(reject, full)));
        }
    }
    if full && !rows.is_empty() {
        reveal_recorded(scope, campaign, format!("{} rejected lines", rows.len())).await?;
    }
    Ok(rows)
}

/// All rejects as `line,reason,text`, a piece at a time: a download holds one chunk in memory.
#[derive(Debug)]
pub struct RejectsCsv {
    scope: Scope,
    campaign: CampaignId,
    full: bool,
    next_chunk: Option<u64>,
    started: bool,
}

impl RejectsCsv {
    pub async fn open(scope: &Scope, campaign: CampaignId, reveal: Reveal<'_>) -> Result<Self, Error> {
        let full = is_full(scope, reveal)?;
        if full {
            reveal_recorded(scope, campaign, "all rejected lines, as a file".to_owned()).await?;
        }
        Ok(Self { scope: scope.clone(), campaign, full, next_chunk: Some(0), started: false })
    }

    /// The next piece of the file; None at its end.
    pub async fn next_piece(&mut self) -> Result<Option<String>, Error> {
        if !self.started {
            self.started = true;
            return Ok(Some("line,reason,text\r\n".to_owned()));
        }
        let Some(from) = self.next_chunk else { return Ok(None) };
        let scope = &self.scope;
        let found = read_packed(scope.inner(), REJECTS, scope.workspace_id(), self.campaign, from, 1).await?;
        let Some((number, bytes)) = found.first() else {
            self.next_chunk = None;
            return Ok(None);
        };
        self.next_chunk = Some(number + 1);
        let mut out = String::new();
        for reject in RejectChunk::decode(bytes)?.rejects {
            let reject = shown(reject, self.full);
            out.push_str(&reject.line.to_string());
            out.push(',');
            push_cell(&mut out, &reject.reason.to_string());
            out.push(',');
            push_cell(&mut out, &reject.text);
            out.push_str("\r\n");
        }
        Ok(Some(out))
    }
}
