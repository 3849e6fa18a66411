//! Numbered schema files, applied once each and remembered with their checksum.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Db, Tx, key, tx::Columns};
use crate::Error;

/// In order; never edited once released.
const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_foundations", include_str!("../schema/0001_foundations.surql")),
    ("0002_audit", include_str!("../schema/0002_audit.surql")),
    ("0003_identity", include_str!("../schema/0003_identity.surql")),
    ("0004_members", include_str!("../schema/0004_members.surql")),
    ("0005_workspaces", include_str!("../schema/0005_workspaces.surql")),
    ("0006_notices", include_str!("../schema/0006_notices.surql")),
    ("0007_keys", include_str!("../schema/0007_keys.surql")),
    ("0008_time", include_str!("../schema/0008_time.surql")),
    ("0009_trigger", include_str!("../schema/0009_trigger.surql")),
    ("0010_recipient_data", include_str!("../schema/0010_recipient_data.surql")),
    ("0011_api", include_str!("../schema/0011_api.surql")),
    ("0012_templates_and_tests", include_str!("../schema/0012_templates_and_tests.surql")),
    ("0013_links", include_str!("../schema/0013_links.surql")),
    ("0014_tendlc", include_str!("../schema/0014_tendlc.surql")),
    ("0015_tendlc_use", include_str!("../schema/0015_tendlc_use.surql")),
    ("0018_policies", include_str!("../schema/0018_policies.surql")),
    ("0022_sent_clock", include_str!("../schema/0022_sent_clock.surql")),
    ("0023_installation_senders", include_str!("../schema/0023_installation_senders.surql")),
    (TENDLC_LISTS, include_str!("../schema/0025_tendlc_lists.surql")),
    ("0026_recipient_counts", include_str!("../schema/0026_recipient_counts.surql")),
    ("0027_tendlc_events", include_str!("../schema/0027_tendlc_events.surql")),
    (TENDLC_PHASES, include_str!("../schema/0028_tendlc_phases.surql")),
    ("0029_webhook_secrets", include_str!("../schema/0029_webhook_secrets.surql")),
];

/// Their columns are computed here, and not in the database.
const TENDLC_LISTS: &str = "0025_tendlc_lists";
const TENDLC_PHASES: &str = "0028_tendlc_phases";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Applied {
    number: u32,
    name: String,
    sha256: String,
    at_ms: i64,
}

impl Columns for Applied {}

/// The newest schema that this program knows.
pub(crate) fn known() -> u32 {
    MIGRATIONS.iter().map(|(name, _)| number_of(name)).max().unwrap_or(0)
}

/// The number that the name begins with.
fn number_of(name: &str) -> u32 {
    name.split('_').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The newest schema that was applied; 0: none was.
pub(crate) async fn found(db: &Db) -> Result<u32, Error> {
    db.read(TABLE, Default::default()).await?;
    let applied: Vec<Applied> = db.docs("SELECT VALUE doc FROM schema_migration", Default::default()).await?;
    Ok(applied.iter().map(|migration| migration.number).max().unwrap_or(0))
}

/// Where it is remembered what was applied.
const TABLE: &str = "DEFINE TABLE IF NOT EXISTS schema_migration SCHEMAFULL; DEFINE FIELD IF NOT EXISTS doc ON schema_migration TYPE object FLEXIBLE;";

pub(crate) async fn run(db: &Db, now_ms: i64) -> Result<(), Error> {
    db.read(TABLE, Default::default()).await?;
    let mut applied: Vec<Applied> = db.docs("SELECT VALUE doc FROM schema_migration", Default::default()).await?;
    applied.sort_by_key(|migration| migration.number);
    if let Some(last) = applied.last().filter(|last| last.number > known()) {
        return Err(Error::NewerSchema { found: last.number, known: known() });
    }
    for (name, sql) in MIGRATIONS {
        let number = number_of(name);
        let sha256 = crate::access::hex(&Sha256::digest(sql.as_bytes()));
        if let Some(earlier) = applied.iter().find(|earlier| earlier.number == number) {
            if earlier.sha256 != sha256 {
                return Err(Error::Setup(format!(
                    "migration {name} is not the one that was applied to this database; use the version that wrote it"
                )));
            }
            continue;
        }
        // Every statement of a migration is idempotent: a crash in the middle repeats it as a whole.
        db.read(sql, Default::default()).await?;
        if [TENDLC_LISTS, TENDLC_PHASES].contains(name) {
            crate::tendlc::fill_columns(db).await?;
        }
        let record = Applied { number, name: (*name).to_owned(), sha256, at_ms: now_ms };
        db.transact(|| {
            let mut tx = Tx::new();
            tx.put(key::global("schema_migration", name), &record);
            tx
        })
        .await?;
        tracing::info!(migration = name, "schema migrated");
    }
    Ok(())
}
