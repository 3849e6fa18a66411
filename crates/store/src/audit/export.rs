//! The log as a file: CSV for spreadsheets, JSON lines for programs. A page is in memory at a time.

use std::fmt::Write;

use domain::audit::{Actor, AuditRecord};

use super::{
    Event,
    read::{Cursor, Filter, Narrowed, Reader},
};
use crate::{Error, recipients::push_cell};

const PAGE: usize = 500;
const HEADER: &str = "number,time_utc,action,actor,actor_email,role,resource,resource_id,changes,note,address,user_agent,\
                      request_id,hash\r\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    JsonLines,
}

/// An export under way, newest records first.
#[derive(Debug)]
pub struct Export {
    reader: Reader,
    format: Format,
    /// None: there is nothing to be found.
    narrowed: Option<Narrowed>,
    before: Option<Cursor>,
    begun: bool,
}

impl Export {
    /// The export itself is recorded before the first line is given.
    pub async fn open(reader: Reader, filter: &Filter, format: Format) -> Result<Self, Error> {
        let inner = reader.inner();
        let kind = match format {
            Format::Csv => "CSV",
            Format::JsonLines => "JSON lines",
        };
        let narrowed = inner.narrowed(filter).await?;
        let what = if *filter == Filter::default() { "all records" } else { "the records of a filter" };
        let event = Event::new(reader.actor(), reader.origin(), "audit.exported")
            .on("audit", &reader.chain().name())
            .note(format!("{what}, as {kind}"));
        inner.audited(reader.chain(), event, |_| {}).await?;
        Ok(Self { reader, format, narrowed, before: None, begun: false })
    }

    /// The next piece of the file; None at its end.
    pub async fn next_piece(&mut self) -> Result<Option<String>, Error> {
        let mut out = String::new();
        if !self.begun && self.format == Format::Csv {
            out.push_str(HEADER);
        }
        let first = !std::mem::replace(&mut self.begun, true);
        let Some(narrowed) = &self.narrowed else { return Ok(Some(out).filter(|_| first)) };
        if !first && self.before.is_none() {
            return Ok(None);
        }
        let page = self.reader.inner().list(self.reader.chain(), narrowed, self.before, PAGE).await?;
        self.before = page.next;
        for record in &page.records {
            match self.format {
                Format::Csv => push_row(&mut out, record),
                Format::JsonLines => {
                    out.push_str(&serde_json::to_string(record).map_err(|_| Error::Corrupt)?);
                    out.push('\n');
                }
            }
        }
        Ok(Some(out))
    }
}

fn push_row(out: &mut String, record: &AuditRecord) {
    let (actor, email, role) = match &record.actor {
        Actor::User { name, email, capacity, .. } => {
            (name.clone(), email.as_str(), capacity.map_or("", domain::permission::Capacity::label))
        }
        Actor::System { reason } => (format!("System ({reason})"), "", ""),
        Actor::Unknown => ("Unknown".to_owned(), "", ""),
    };
    let mut changes = String::new();
    for change in &record.changes {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        let gap = if changes.is_empty() { "" } else { "; " };
        _ = write!(changes, "{gap}{}: {} → {}", change.field, value(&change.before), value(&change.after));
    }
    let cells = [
        record.seq.to_string(),
        utc(record.at_ms),
        record.action.clone(),
        actor,
        email.to_owned(),
        role.to_owned(),
        record.resource_kind.clone(),
        record.resource_id.clone(),
        changes,
        record.note.clone().unwrap_or_default(),
        record.origin.address.clone(),
        record.origin.user_agent.clone(),
        record.origin.request_id.clone(),
        record.hash.clone(),
    ];
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        push_cell(out, cell);
    }
    out.push_str("\r\n");
}

fn utc(at_ms: i64) -> String {
    domain::schedule::Zone::parse("UTC").map_or_else(|_| at_ms.to_string(), |zone| zone.format_exact(at_ms))
}
