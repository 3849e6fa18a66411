//! Opening the embedded engine with memory settings of our own.
//!
//! SurrealDB sizes its memtable and block cache from the host's memory (1 GiB of memtable on a 24 GiB machine), and
//! `connect` offers no way to set them: the datastore is built by hand, as `surrealdb::engine::local` does it.

use std::sync::Arc;

use surrealdb::{Surreal, engine::local::Db as Local};
use surrealdb_cnf::ConfigMap;
use surrealdb_core::kvs::Datastore;

use super::Db;
use crate::{Engine, Error};

const NAMESPACE: &str = "message_center";

impl Db {
    pub(crate) async fn open(engine: &Engine) -> Result<Self, Error> {
        let (path, config) = match engine {
            Engine::Memory => ("memory".to_owned(), ConfigMap::empty()),
            Engine::Disk { dir, memtable_mib, block_cache_mib } => {
                std::fs::create_dir_all(dir).map_err(|cause| Error::Setup(format!("{}: {cause}", dir.display())))?;
                let mib = |mib: u32| (u64::from(mib) << 20).to_string();
                let config = ConfigMap::empty()
                    .with_key_value("surrealkv_max_memtable_size", mib(*memtable_mib))
                    .with_key_value("surrealkv_block_cache_capacity", mib(*block_cache_mib))
                    .with_key_value("datastore_sync", "every");
                (format!("surrealkv://{}", dir.display()), config)
            }
        };
        let setup =
            |cause: &dyn std::fmt::Display| Error::Setup(format!("cannot open the database at {path}: {cause}"));
        // Maintenance starts after the version key is written, else a new datastore looks like an old one.
        let datastore = Datastore::builder()
            .with_config(config)
            .without_maintenance_tasks()
            .build_with_path(&path)
            .await
            .map_err(|cause| setup(&cause))?;
        datastore.check_version().await.map_err(|cause| setup(&cause))?;
        datastore.bootstrap().await.map_err(|cause| setup(&cause))?;
        datastore.start_maintenance_tasks();
        let handle = Surreal::<Local>::unstable_from_datastore(datastore, None).await.map_err(|cause| setup(&cause))?;
        handle
            .query(format!("DEFINE NAMESPACE IF NOT EXISTS {NAMESPACE}; USE NS {NAMESPACE}; DEFINE DATABASE IF NOT EXISTS {NAMESPACE};"))
            .await
            .and_then(surrealdb::IndexedResults::check)
            .map_err(|cause| setup(&cause))?;
        handle.use_ns(NAMESPACE).use_db(NAMESPACE).await.map_err(|cause| setup(&cause))?;
        Ok(Self {
            handle: Arc::new(handle),
            known: Arc::default(),
            #[cfg(test)]
            down: std::sync::atomic::AtomicBool::default(),
        })
    }
}
