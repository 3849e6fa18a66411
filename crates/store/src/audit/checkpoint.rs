//! Checkpoints: signed statements of where the chains ended, outside of the database.
//!
//! Whoever can write to the database can write a whole new chain that holds in itself. It does not agree with the
//! statements in this file, and the key that signs them is not in the database. A line is a statement with its Ed25519
//! signature; each names the hash of the line before it.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fallback::{mend, private};
use crate::{Error, access::hex};

const KEY_FILE: &str = "audit.key";
const KEY_BYTES: usize = 32;

/// The end of a chain, or the place up to which its records were removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    pub(super) chain: String,
    pub(super) seq: u64,
    pub(super) hash: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Statement {
    pub(super) at_ms: i64,
    /// SHA-256 of the line before; empty in the first line of all.
    pub(super) previous: String,
    /// The chains that have grown since the line before.
    pub(super) heads: Vec<Place>,
    /// Stated again when old lines are dropped: where the records that are kept begin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) anchors: Vec<Place>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    statement: Statement,
    signature: String,
}

/// The key that signs; made if missing, and for nobody else to read.
pub(crate) fn signing_key(keys_dir: &Path) -> Result<SigningKey, Error> {
    let path = keys_dir.join(KEY_FILE);
    let setup = |cause: io::Error| Error::Setup(format!("{}: {cause}", path.display()));
    match fs::read(&path) {
        Ok(bytes) => {
            let seed: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| {
                Error::Setup(format!("{}: not 32 bytes; restore the key from your backup", path.display()))
            })?;
            Ok(SigningKey::from_bytes(&seed))
        }
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            let seed = crate::access::random_bytes::<KEY_BYTES>()?;
            let mut file = private(&path).map_err(setup)?;
            file.write_all(&seed).and_then(|()| file.sync_all()).map_err(setup)?;
            Ok(SigningKey::from_bytes(&seed))
        }
        Err(cause) => Err(setup(cause)),
    }
}

fn signed(statement: Statement, key: &SigningKey) -> io::Result<String> {
    let signature = key.sign(&serde_json::to_vec(&statement)?);
    let line = Signed { statement, signature: STANDARD.encode(signature.to_bytes()) };
    Ok(serde_json::to_string(&line)?)
}

fn hash_of_line(line: &str) -> String {
    hex(&Sha256::digest(line.as_bytes()))
}

/// The file, open for further statements.
#[derive(Debug)]
pub(super) struct Checkpoints {
    path: PathBuf,
    key: SigningKey,
    /// The hash of the last line.
    last: String,
    pub(super) last_at_ms: i64,
    /// What was last stated of each chain.
    pub(super) heads: HashMap<String, Place>,
}

impl Checkpoints {
    /// A torn last line is cut off: it was never synced, and is made anew.
    pub(super) fn open(path: &Path, key: SigningKey) -> Result<Self, Error> {
        let setup = |cause: io::Error| Error::Setup(format!("{}: {cause}", path.display()));
        mend(path).map_err(setup)?;
        private(path).map_err(setup)?;
        let mut file =
            Self { path: path.to_owned(), key, last: String::new(), last_at_ms: i64::MIN, heads: HashMap::new() };
        for line in lines(path, file.key.verifying_key()).map_err(setup)? {
            let line = line.map_err(setup)?;
            file.last = line.hash;
            match line.statement {
                Ok(statement) => file.take(statement),
                Err(flaw) => tracing::error!(line = line.number, %flaw, "a checkpoint of the audit log is damaged"),
            }
        }
        Ok(file)
    }

    fn take(&mut self, statement: Statement) {
        self.last_at_ms = statement.at_ms;
        self.heads.extend(statement.heads.into_iter().map(|place| (place.chain.clone(), place)));
    }

    /// Appends a statement, durably.
    pub(super) fn state(&mut self, at_ms: i64, heads: Vec<Place>, anchors: Vec<Place>) -> io::Result<()> {
        let statement = Statement { at_ms, previous: self.last.clone(), heads, anchors };
        let line = signed(statement.clone(), &self.key)?;
        // A failed attempt may have left a piece of a line.
        let end = mend(&self.path)?;
        let mut file = private(&self.path)?;
        io::Seek::seek(&mut file, io::SeekFrom::Start(end))?;
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_data()?;
        self.last = hash_of_line(&line);
        self.take(statement);
        Ok(())
    }

    /// For each chain the last place that was stated at or before `limit_ms`.
    pub(super) fn places_until(&self, limit_ms: i64) -> io::Result<HashMap<String, (Place, i64)>> {
        let mut places = HashMap::new();
        for line in lines(&self.path, self.key.verifying_key())? {
            let Ok(statement) = line?.statement else { continue };
            if statement.at_ms > limit_ms {
                break;
            }
            let at_ms = statement.at_ms;
            places.extend(statement.heads.into_iter().map(|place| (place.chain.clone(), (place, at_ms))));
        }
        Ok(places)
    }

    /// Drops the lines from before `limit_ms`: what they state of is removed, up to the anchors that were stated anew.
    pub(super) fn drop_until(&self, limit_ms: i64) -> io::Result<()> {
        let next = self.path.with_extension("next");
        let mut file = private(&next)?;
        file.set_len(0)?;
        let mut dropped = false;
        for line in lines(&self.path, self.key.verifying_key())? {
            let line = line?;
            if line.statement.as_ref().is_ok_and(|statement| statement.at_ms <= limit_ms) {
                dropped = true;
                continue;
            }
            writeln!(file, "{}", line.text)?;
        }
        if !dropped {
            return fs::remove_file(next);
        }
        file.sync_all()?;
        fs::rename(next, &self.path)?;
        self.path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    #[error("it is no checkpoint")]
    Unreadable,
    #[error("its signature is wrong")]
    Signature,
    #[error("it does not follow the line before it: a line was removed, moved or put in")]
    Order,
}

#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) statement: Result<Statement, Flaw>,
    text: String,
    hash: String,
}

/// The lines of a file one by one, checked. A last line that is torn is passed over.
pub(super) fn lines(path: &Path, key: VerifyingKey) -> io::Result<impl Iterator<Item = io::Result<Line>> + use<>> {
    let mut reader = match File::open(path) {
        Ok(file) => Some(BufReader::new(file)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => None,
        Err(cause) => return Err(cause),
    };
    let (mut number, mut previous) = (0, None);
    Ok(std::iter::from_fn(move || {
        let mut text = String::new();
        match reader.as_mut()?.read_line(&mut text) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(cause) => {
                reader = None;
                return Some(Err(cause));
            }
        }
        text = text.strip_suffix('\n')?.to_owned();
        number += 1;
        let hash = hash_of_line(&text);
        let statement = check(&text, &key, previous.as_deref());
        previous = Some(hash.clone());
        Some(Ok(Line { number, statement, text, hash }))
    }))
}

/// The first line of a file follows on lines that were dropped.
fn check(text: &str, key: &VerifyingKey, previous: Option<&str>) -> Result<Statement, Flaw> {
    let Signed { statement, signature } = serde_json::from_str(text).map_err(|_| Flaw::Unreadable)?;
    let bytes = STANDARD.decode(signature).map_err(|_| Flaw::Signature)?;
    let signature = Signature::from_slice(&bytes).map_err(|_| Flaw::Signature)?;
    let said = serde_json::to_vec(&statement).map_err(|_| Flaw::Unreadable)?;
    key.verify_strict(&said, &signature).map_err(|_| Flaw::Signature)?;
    if previous.is_some_and(|previous| previous != statement.previous) {
        return Err(Flaw::Order);
    }
    Ok(statement)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(seq: u64) -> Place {
        Place { chain: "installation".into(), seq, hash: format!("{seq:064}") }
    }

    fn flaws(path: &Path, key: &SigningKey) -> Vec<(u64, Flaw)> {
        lines(path, key.verifying_key())
            .unwrap()
            .map(Result::unwrap)
            .filter_map(|line| line.statement.err().map(|flaw| (line.number, flaw)))
            .collect()
    }

    #[test]
    fn a_torn_line_is_mended_and_a_changed_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("checkpoints.jsonl");
        let key = signing_key(dir.path()).unwrap();
        assert_eq!(signing_key(dir.path()).unwrap(), key, "the key stays");
        let mut file = Checkpoints::open(&path, key.clone()).unwrap();
        for seq in 1..=4 {
            file.state(seq, vec![place(seq as u64)], Vec::new()).unwrap();
        }
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{whole}{{\"statement\":{{\"at_ms\":5,")).unwrap();
        assert_eq!(flaws(&path, &key), []);
        let mut file = Checkpoints::open(&path, key.clone()).unwrap();
        assert_eq!(file.heads["installation"], place(4));
        file.state(5, vec![place(5)], Vec::new()).unwrap();
        assert_eq!(flaws(&path, &key), []);

        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, whole.replace("\"seq\":3", "\"seq\":2")).unwrap();
        assert_eq!(flaws(&path, &key), [(3, Flaw::Signature), (4, Flaw::Order)]);
        let without: String =
            whole.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, line)| format!("{line}\n")).collect();
        fs::write(&path, without).unwrap();
        assert_eq!(flaws(&path, &key), [(2, Flaw::Order)]);
    }

    #[test]
    fn old_lines_are_dropped_and_the_rest_still_holds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("checkpoints.jsonl");
        let key = signing_key(dir.path()).unwrap();
        let mut file = Checkpoints::open(&path, key.clone()).unwrap();
        for seq in 1..=4 {
            file.state(seq, vec![place(seq as u64)], Vec::new()).unwrap();
        }
        assert_eq!(file.places_until(2).unwrap()["installation"].0, place(2));
        file.drop_until(2).unwrap();
        let numbers = || lines(&path, key.verifying_key()).unwrap().map(|line| line.unwrap().statement.unwrap().at_ms);
        assert_eq!(numbers().collect::<Vec<_>>(), [3, 4]);
        file.state(5, Vec::new(), vec![place(2)]).unwrap();
        assert_eq!(numbers().collect::<Vec<_>>(), [3, 4, 5]);
    }
}
