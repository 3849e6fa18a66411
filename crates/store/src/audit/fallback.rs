//! The file that takes events while the database does not answer.
//!
//! A line per event, synced in groups before the caller goes on. The file has a hard cap: what comes behind it is
//! counted, and so is everything after it until the gap is on record, so that the gap is one stretch of time. The count
//! is kept beside the file, for a crash.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::{chain::Chain, event::Entry};
use crate::{Error, metrics};

/// How often a lasting overflow is said again.
const SAY_AGAIN_MS: i64 = 60_000;

/// Where the fallback file lies, and how large it may grow.
#[derive(Debug, Clone)]
pub(crate) struct FallbackConfig {
    pub(crate) path: PathBuf,
    pub(crate) max_bytes: u64,
}

#[derive(Debug)]
pub(crate) struct Fallback {
    config: FallbackConfig,
    state: Mutex<State>,
    /// Held by whoever writes to the file or empties it.
    writing: tokio::sync::Mutex<()>,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) chain: String,
    #[serde(flatten)]
    pub(super) entry: Entry,
}

/// Events that found no room: how many, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gap {
    /// Names the gap in the log, so that it is recorded once.
    pub(super) id: String,
    pub(super) count: u64,
    pub(super) first_at_ms: i64,
    pub(super) last_at_ms: i64,
}

#[derive(Debug, Default)]
struct State {
    /// Lines on their way to the file, with the times of their events.
    pending: Vec<(String, i64)>,
    pending_bytes: u64,
    file_bytes: u64,
    /// What of the file is in the database.
    flushed_bytes: u64,
    /// Something is in the file or on its way there: what comes now goes behind it.
    engaged: bool,
    gap: Gap,
    gap_saved: Gap,
    said_at_ms: i64,
}

impl Fallback {
    /// Takes up what an earlier process left. A torn last line was never acknowledged, and is cut off.
    pub(crate) fn open(config: FallbackConfig) -> Result<Self, Error> {
        let setup = |cause: io::Error| Error::Setup(format!("{}: {cause}", config.path.display()));
        let file_bytes = mend(&config.path).map_err(setup)?;
        let gap: Gap = match fs::read(gap_path(&config.path)) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Gap::default(),
            Err(cause) => return Err(setup(cause)),
        };
        let engaged = file_bytes > 0 || gap.count > 0;
        let state = State { file_bytes, engaged, gap_saved: gap.clone(), gap, ..State::default() };
        Ok(Self { config, state: Mutex::new(state), writing: tokio::sync::Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether events go to the file, behind others that are there.
    pub(super) fn engaged(&self) -> bool {
        self.state().engaged
    }

    /// Keeps an event, durably, or counts it. `gap_id` names the gap if it begins here.
    pub(super) async fn keep(&self, chain: Chain, entry: Entry, gap_id: impl FnOnce() -> String) {
        let at_ms = entry.at_ms;
        let line = Line { chain: chain.name(), entry };
        let Ok(mut text) = serde_json::to_string(&line) else { return };
        text.push('\n');
        {
            let mut state = self.state();
            if !state.engaged {
                state.engaged = true;
                metrics::FALLBACK.one();
                tracing::error!(
                    sentinel = "audit-fallback",
                    file = %self.config.path.display(),
                    "[audit-fallback] the database takes no audit records: they go to a file until it does"
                );
            }
            let bytes = text.len() as u64;
            if state.gap.count > 0 || state.file_bytes + state.pending_bytes + bytes > self.config.max_bytes {
                state.lose(1, at_ms, gap_id);
            } else {
                state.pending_bytes += bytes;
                state.pending.push((text, at_ms));
            }
        }
        self.write_pending().await;
    }

    /// Writes what is on its way: whoever comes first writes for all, and who waited finds it done.
    async fn write_pending(&self) {
        let _writing = self.writing.lock().await;
        let (lines, bytes, before, gap) = {
            let mut state = self.state();
            let lines = std::mem::take(&mut state.pending);
            let bytes = std::mem::take(&mut state.pending_bytes);
            let before = state.file_bytes;
            state.file_bytes += bytes;
            (lines, bytes, before, (state.gap != state.gap_saved).then(|| state.gap.clone()))
        };
        let path = self.config.path.clone();
        let count = lines.len() as u64;
        let (first, last) = (lines.first().map(|line| line.1), lines.last().map(|line| line.1));
        let saved_gap = gap.clone();
        let written = tokio::task::spawn_blocking(move || {
            let text: String = lines.into_iter().map(|(line, _)| line).collect();
            let written = if text.is_empty() { Ok(()) } else { append(&path, before, text.as_bytes()) };
            let saved = gap.map_or(Ok(()), |gap| save_gap(&path, &gap));
            (written, saved)
        })
        .await;
        let (written, saved) = written.unwrap_or_else(|cause| (Err(io::Error::other(cause)), Ok(())));
        let mut state = self.state();
        if let Err(cause) = written {
            metrics::FALLBACK_OVERFLOW.one();
            tracing::error!(sentinel = "audit-fallback-overflow", %cause, "[audit-fallback-overflow] the file for audit events cannot be written");
            state.file_bytes -= bytes;
            for at_ms in first.into_iter().chain(last) {
                state.lose(0, at_ms, || format!("gap-{at_ms}"));
            }
            state.gap.count += count;
        }
        match (saved, saved_gap) {
            (Ok(()), Some(gap)) => state.gap_saved = gap,
            (Err(cause), _) => tracing::error!(%cause, "the count of lost audit events cannot be written"),
            (Ok(()), None) => {}
        }
    }

    /// The next lines that are not in the database yet, and where they end; None: there are none.
    pub(super) async fn next_lines(&self, most: usize) -> Result<Option<(Vec<Line>, u64)>, Error> {
        let (from, to) = {
            // With the lock: what is being written is not whole yet.
            let _writing = self.writing.lock().await;
            let state = self.state();
            (state.flushed_bytes, state.file_bytes)
        };
        if from >= to {
            return Ok(None);
        }
        let path = self.config.path.clone();
        let read = tokio::task::spawn_blocking(move || read_lines(&path, from, to, most)).await;
        match read.unwrap_or_else(|cause| Err(io::Error::other(cause))) {
            Ok(found) => Ok(Some(found)),
            Err(cause) => {
                tracing::error!(%cause, "the file of audit events cannot be read");
                Err(Error::Unavailable)
            }
        }
    }

    /// Everything before this place is in the database.
    pub(super) fn flushed(&self, end: u64) {
        self.state().flushed_bytes = end;
    }

    /// Empties the file when all of it is in the database; false: there is more.
    pub(super) async fn empty(&self) -> Result<bool, Error> {
        let _writing = self.writing.lock().await;
        {
            let state = self.state();
            if state.flushed_bytes < state.file_bytes || !state.pending.is_empty() {
                return Ok(false);
            }
        }
        let path = self.config.path.clone();
        let emptied = tokio::task::spawn_blocking(move || truncate(&path, 0)).await;
        if let Err(cause) = emptied.unwrap_or_else(|cause| Err(io::Error::other(cause))) {
            tracing::error!(%cause, "the file of audit events cannot be emptied");
            return Err(Error::Unavailable);
        }
        let mut state = self.state();
        state.file_bytes = 0;
        state.flushed_bytes = 0;
        Ok(true)
    }

    /// Bytes that are not in the database yet, and events that were lost.
    pub(crate) fn standing(&self) -> (u64, u64) {
        let state = self.state();
        ((state.file_bytes + state.pending_bytes).saturating_sub(state.flushed_bytes), state.gap.count)
    }

    /// What was lost so far.
    pub(super) fn gap(&self) -> Option<Gap> {
        Some(self.state().gap.clone()).filter(|gap| gap.count > 0)
    }

    /// The gap is on record; what was lost since counts as another one.
    pub(super) async fn gap_recorded(&self, recorded: &Gap) {
        let _writing = self.writing.lock().await;
        let left = {
            let mut state = self.state();
            let count = state.gap.count.saturating_sub(recorded.count);
            state.gap = match count {
                0 => Gap::default(),
                count => Gap {
                    id: format!("{}+", recorded.id),
                    count,
                    first_at_ms: recorded.last_at_ms,
                    last_at_ms: state.gap.last_at_ms,
                },
            };
            state.gap_saved = state.gap.clone();
            state.gap.clone()
        };
        let path = self.config.path.clone();
        let saved = tokio::task::spawn_blocking(move || save_gap(&path, &left)).await;
        if let Err(cause) = saved.unwrap_or_else(|cause| Err(io::Error::other(cause))) {
            tracing::error!(%cause, "the count of lost audit events cannot be written");
        }
    }

    /// Back to the database, if nothing came in between.
    pub(super) fn disengage(&self) -> bool {
        let mut state = self.state();
        if state.file_bytes > 0 || !state.pending.is_empty() || state.gap.count > 0 {
            return false;
        }
        if std::mem::take(&mut state.engaged) {
            tracing::info!("audit records go to the database again");
        }
        true
    }
}

impl State {
    fn lose(&mut self, count: u64, at_ms: i64, id: impl FnOnce() -> String) {
        if self.gap.id.is_empty() {
            self.gap = Gap { id: id(), count: 0, first_at_ms: at_ms, last_at_ms: at_ms };
            self.said_at_ms = i64::MIN;
        }
        self.gap.count += count;
        self.gap.last_at_ms = self.gap.last_at_ms.max(at_ms);
        if at_ms >= self.said_at_ms.saturating_add(SAY_AGAIN_MS) {
            self.said_at_ms = at_ms;
            metrics::FALLBACK_OVERFLOW.one();
            tracing::error!(
                sentinel = "audit-fallback-overflow",
                severity = "critical",
                lost = self.gap.count,
                "[audit-fallback-overflow] the file for audit events is full: events are counted and no more"
            );
        }
    }
}

fn gap_path(path: &Path) -> PathBuf {
    path.with_extension("gap")
}

fn append(path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = private(path)?;
    // Behind what is known to be whole: what a failed attempt left is written over.
    file.set_len(at)?;
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)?;
    file.sync_data()
}

fn truncate(path: &Path, len: u64) -> io::Result<()> {
    let file = private(path)?;
    file.set_len(len)?;
    file.sync_all()
}

fn save_gap(path: &Path, gap: &Gap) -> io::Result<()> {
    let path = gap_path(path);
    if gap.count == 0 {
        return match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
            _ => Ok(()),
        };
    }
    let next = path.with_extension("gap-next");
    let mut file = private(&next)?;
    file.set_len(0)?;
    file.write_all(&serde_json::to_vec(gap)?)?;
    file.sync_all()?;
    fs::rename(next, path)
}

/// Made if missing, for nobody else to read.
pub(super) fn private(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Cuts off a torn last line; the length of what is whole.
pub(super) fn mend(path: &Path) -> io::Result<u64> {
    const PIECE: u64 = 64 << 10;

    let len = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(cause) => return Err(cause),
    };
    let mut file = private(path)?;
    let mut end = len;
    while end > 0 {
        let begin = end.saturating_sub(PIECE);
        file.seek(SeekFrom::Start(begin))?;
        let mut piece = Vec::new();
        Read::by_ref(&mut file).take(end - begin).read_to_end(&mut piece)?;
        if let Some(at) = piece.iter().rposition(|&byte| byte == b'\n') {
            end = begin + at as u64 + 1;
            break;
        }
        end = begin;
    }
    if end < len {
        file.set_len(end)?;
        file.sync_all()?;
    }
    Ok(end)
}

fn read_lines(path: &Path, from: u64, to: u64, most: usize) -> io::Result<(Vec<Line>, u64)> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut reader = BufReader::new(file.take(to - from));
    let (mut lines, mut end) = (Vec::new(), from);
    let mut text = String::new();
    while lines.len() < most {
        text.clear();
        let read = reader.read_line(&mut text)?;
        if read == 0 {
            break;
        }
        end += read as u64;
        match serde_json::from_str(&text) {
            Ok(line) => lines.push(line),
            Err(cause) => tracing::error!(%cause, at = end, "a line of the file of audit events cannot be read"),
        }
    }
    Ok((lines, end))
}
