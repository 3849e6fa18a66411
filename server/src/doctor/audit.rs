//! The audit log: its checkpoints, and the file for when the database does not answer.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    path::Path,
};

use app::api::diagnostics::Finding;
use serde::Deserialize;

use super::{Area, Doctor, bytes};

/// There is a checkpoint every minute while a server runs.
pub(super) const LATE_S: i64 = 300;
/// What the last line of the checkpoints may have.
const LINE_MAX: u64 = 4 << 20;

pub(super) fn look(doctor: &Doctor) -> Vec<Finding> {
    let mut area = Area::new("Audit log");
    let config = doctor.config.audit.to_config(&doctor.config.data_dir);
    match config.retention_days {
        Some(days) => area.good("Retention", format!("records are kept for {days} days")),
        None => area.good("Retention", "records are kept for ever"),
    }
    fallback(doctor, &mut area, &config.dir.join("fallback.jsonl"), config.fallback_max_bytes);
    let path = config.checkpoints.unwrap_or_else(|| config.dir.join("checkpoints.jsonl"));
    checkpoints(doctor, &mut area, &path);
    area.findings
}

fn fallback(doctor: &Doctor, area: &mut Area, path: &Path, max_bytes: u64) {
    let what = "File for when the database is away";
    let lost = doctor.live.as_ref().map_or(0, |live| live.door.audit_fallback().lost_events);
    if lost > 0 {
        area.fault(
            what,
            format!("it was full, and {lost} events are counted and no more"),
            "have the database answer again: the gap is put on record then. Raise fallback_max_mib if this can happen again",
        );
        return;
    }
    match lines(path) {
        Ok((_, 0)) => area.good(what, format!("empty, of {} at most", bytes(max_bytes))),
        Ok((lines, size)) => area.warn(
            what,
            format!("{lines} events wait in it, {} of {} at most", bytes(size), bytes(max_bytes)),
            "they go into the database by themselves once it answers; if they do not, look into the log",
        ),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            area.good(what, format!("empty, of {} at most", bytes(max_bytes)));
        }
        Err(cause) => area.warn(
            what,
            format!("{} cannot be read: {cause}", path.display()),
            "let the user that runs Message Center own it",
        ),
    }
}

/// Lines and bytes.
fn lines(path: &Path) -> io::Result<(u64, u64)> {
    let file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let mut lines = 0;
    loop {
        let (ends, read) = {
            let piece = reader.fill_buf()?;
            (piece.iter().filter(|octet| **octet == b'\n').count() as u64, piece.len())
        };
        if read == 0 {
            return Ok((lines, size));
        }
        lines += ends;
        reader.consume(read);
    }
}

fn checkpoints(doctor: &Doctor, area: &mut Area, path: &Path) {
    let what = "Checkpoints";
    let running = doctor.live.is_some();
    match last_at_ms(path) {
        Ok(Some(at_ms)) => {
            let age_s = doctor.now_s() - at_ms / 1_000;
            if age_s < -60 {
                area.fault(
                    what,
                    format!("the last one is {} s in the future", -age_s),
                    "the clock of this machine was set back: set it right, and have it follow a time server",
                );
            } else if running && age_s > LATE_S {
                area.fault(
                    what,
                    format!("the last one is {age_s} s old; there should be one every minute"),
                    "look into the log for [audit-checkpoint]: the file or its disk cannot be written to",
                );
            } else if running {
                area.good(what, format!("the last one is {} s old", age_s.max(0)));
            } else {
                area.good(what, "there are some; message-center audit verify checks the log against them");
            }
        }
        Ok(None) => area.note(what, "there are none yet", "the first one is written within a minute of the first start"),
        Err(cause) => area.fault(
            what,
            format!("{} cannot be read: {cause}", path.display()),
            "let the user that runs Message Center own the file; without it nobody can tell whether the log was changed",
        ),
    }
}

#[derive(Debug, Deserialize)]
struct Line {
    statement: Statement,
}

#[derive(Debug, Deserialize)]
struct Statement {
    at_ms: i64,
}

/// When the last checkpoint was written; None: there is none.
pub(super) fn last_at_ms(path: &Path) -> io::Result<Option<i64>> {
    use std::io::{Read, Seek, SeekFrom};

    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(cause),
    };
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(LINE_MAX)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let last = end.split(|octet| *octet == b'\n').rfind(|line| !line.is_empty());
    let Some(last) = last else { return Ok(None) };
    let line: Line = serde_json::from_slice(last).map_err(io::Error::other)?;
    Ok(Some(line.statement.at_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_checkpoint_and_the_lines_of_a_file_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints.jsonl");
        assert_eq!(last_at_ms(&path).unwrap(), None);
        let line = |at_ms: i64| {
            format!("{{\"statement\":{{\"at_ms\":{at_ms},\"previous\":\"\",\"heads\":[]}},\"signature\":\"x\"}}\n")
        };
        fs::write(&path, line(7) + &line(9)).unwrap();
        assert_eq!(last_at_ms(&path).unwrap(), Some(9));
        assert_eq!(lines(&path).unwrap().0, 2);
        fs::write(&path, "nonsense\n").unwrap();
        assert!(last_at_ms(&path).is_err());
    }
}
