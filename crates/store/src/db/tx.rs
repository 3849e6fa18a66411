//! A transaction under construction: whole records in, numbered bindings out.

use serde::{Serialize, de::DeserializeOwned};
use surrealdb::types::{Object, RecordId, SerdeWrapper, SurrealValue, Value, Variables};

/// What a failed compare-and-set throws; [`super::classify`] looks for it.
pub(super) const STALE: &str = "mc:stale";
/// The same, for what a decision was based on: the person's role or the workspace's rules have changed.
pub(super) const RELIED: &str = "mc:relied";
/// The same, where computing the transaction again settles it: the head of an audit chain has moved on.
pub(super) const RETRY: &str = "mc:retry";

/// `BEGIN; …; COMMIT` with its values. Statements abort the whole transaction when what they expect is not so.
#[derive(Debug)]
pub(crate) struct Tx {
    sql: String,
    vars: Variables,
    bound: usize,
    tables: Vec<String>,
}

/// An aggregate as it is stored: itself as `doc`, and the columns that queries filter by.
pub(crate) trait Columns: Serialize + DeserializeOwned + Clone + 'static {
    /// Column names and values beside `doc`.
    fn columns(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}

fn content<T: Columns>(doc: &T) -> Value {
    let mut object = Object::new();
    for (name, value) in doc.columns() {
        object.insert(name, value);
    }
    object.insert("doc", SerdeWrapper(doc.clone()).into_value());
    Value::Object(object)
}

impl Tx {
    pub(crate) fn new() -> Self {
        Self { sql: "BEGIN;\n".to_owned(), vars: Variables::new(), bound: 0, tables: Vec::new() }
    }

    fn bind(&mut self, value: impl SurrealValue) -> String {
        let name = format!("v{}", self.bound);
        self.bound += 1;
        let value = value.into_value();
        self.note_tables(&value);
        self.vars.insert(name.clone(), value);
        format!("${name}")
    }

    /// Every record that is written is bound by its id, alone, in a list, or as the id of a row.
    fn note_tables(&mut self, value: &Value) {
        match value {
            Value::RecordId(id) if !self.tables.iter().any(|table| *table == id.table.as_str()) => {
                self.tables.push(id.table.as_str().to_owned());
            }
            Value::Array(values) => values.iter().for_each(|value| self.note_tables(value)),
            Value::Object(row) => {
                if let Some(id) = row.get("id") {
                    self.note_tables(id);
                }
            }
            _ => {}
        }
    }

    /// A record that must be new ([`super::Abort::Exists`] otherwise).
    pub(crate) fn create<T: Columns>(&mut self, id: RecordId, doc: &T) {
        let (id, content) = (self.bind(id), self.bind(content(doc)));
        self.sql.push_str(&format!("CREATE {id} CONTENT {content} RETURN NONE;\n"));
    }

    /// A record, new or replaced.
    pub(crate) fn put<T: Columns>(&mut self, id: RecordId, doc: &T) {
        let (id, content) = (self.bind(id), self.bind(content(doc)));
        self.sql.push_str(&format!("UPSERT {id} CONTENT {content} RETURN NONE;\n"));
    }

    /// Replaces a record whose `doc.revision` is still `expected` ([`super::Abort::Stale`] otherwise).
    pub(crate) fn compare_and_set<T: Columns>(&mut self, id: RecordId, expected: u64, doc: &T) {
        let (id, content, expected) = (self.bind(id), self.bind(content(doc)), self.bind(expected as i64));
        self.sql.push_str(&format!(
            "IF array::len((UPDATE {id} CONTENT {content} WHERE doc.revision = {expected} RETURN VALUE id)) != 1 {{ THROW '{STALE}' }};\n"
        ));
    }

    /// [`Tx::compare_and_set`] for what the caller reads anew and retries by itself; `expected` None: it must be new.
    pub(crate) fn advance<T: Columns>(&mut self, id: RecordId, expected: Option<u64>, doc: &T) {
        let Some(expected) = expected else {
            return self.create(id, doc);
        };
        let (id, content, expected) = (self.bind(id), self.bind(content(doc)), self.bind(expected as i64));
        self.sql.push_str(&format!(
            "IF array::len((UPDATE {id} CONTENT {content} WHERE doc.revision = {expected} RETURN VALUE id)) != 1 {{ THROW '{RETRY}' }};\n"
        ));
    }

    /// A unique claim of a workspace, or of the installation: made when free, kept when it is the holder's own already
    /// (`doc.workspace`) or shared with it (`doc.shared_with`), otherwise [`super::Abort::Exists`].
    pub(crate) fn claim<T: Columns>(&mut self, id: RecordId, doc: &T, holder: impl std::fmt::Display) {
        let (id, content, workspace) = (self.bind(id), self.bind(content(doc)), self.bind(holder.to_string()));
        self.sql.push_str(&format!(
            "IF (SELECT VALUE doc.workspace FROM ONLY {id}) != {workspace} AND {workspace} NOT IN ((SELECT VALUE doc.shared_with FROM ONLY {id}) ?? []) {{ CREATE {id} CONTENT {content} RETURN NONE }};\n"
        ));
    }

    /// Relies on a record that is read, not changed: writes it all the same, so that snapshot isolation sees a change
    /// by another transaction as a conflict (write skew).
    pub(crate) fn rely_on(&mut self, id: RecordId, expected: u64) {
        let (id, expected) = (self.bind(id), self.bind(expected as i64));
        self.sql.push_str(&format!(
            "IF array::len((UPDATE {id} SET doc.revision = {expected} WHERE doc.revision = {expected} RETURN VALUE id)) != 1 {{ THROW '{RELIED}' }};\n"
        ));
    }

    /// Aborts as [`Tx::rely_on`] does: what the decision was based on has ended by the clock.
    pub(crate) fn lapsed(&mut self) {
        self.sql.push_str(&format!("THROW '{RELIED}';\n"));
    }

    /// Goes on only while no record of a range of keys has one of these values ([`super::Abort::Stale`] otherwise).
    pub(crate) fn expect_none(&mut self, range: RecordId, column: &'static str, values: Vec<Value>) {
        let (range, values) = (self.bind(range), self.bind(values));
        self.sql.push_str(&format!(
            "IF array::len((SELECT VALUE id FROM {range} WHERE {column} IN {values} LIMIT 1)) != 0 {{ THROW '{STALE}' }};\n"
        ));
    }

    /// Sets a number of a record that is still there, whatever else it holds.
    pub(crate) fn set_number(&mut self, id: RecordId, field: &'static str, number: i64) {
        let (id, number) = (self.bind(id), self.bind(number));
        self.sql.push_str(&format!("UPDATE {id} SET doc.{field} = {number} RETURN NONE;\n"));
    }

    /// Packed bytes under a key that must be new.
    pub(crate) fn create_bytes(&mut self, id: RecordId, bytes: bytes::Bytes) {
        let (id, bytes) = (self.bind(id), self.bind(surrealdb::types::Bytes::from(bytes)));
        self.sql.push_str(&format!("CREATE {id} SET bytes = {bytes} RETURN NONE;\n"));
    }

    /// Packed bytes, new or replaced.
    pub(crate) fn put_bytes(&mut self, id: RecordId, bytes: bytes::Bytes) {
        let (id, bytes) = (self.bind(id), self.bind(surrealdb::types::Bytes::from(bytes)));
        self.sql.push_str(&format!("UPSERT {id} SET bytes = {bytes} RETURN NONE;\n"));
    }

    /// Packed bytes under keys that must be new, all in one statement: several times quicker than one each.
    pub(crate) fn insert_bytes(
        &mut self,
        table: &'static str,
        rows: impl IntoIterator<Item = (RecordId, bytes::Bytes)>,
    ) {
        let row = |(id, bytes): (RecordId, bytes::Bytes)| {
            let mut row = Object::new();
            row.insert("id", id);
            row.insert("bytes", surrealdb::types::Bytes::from(bytes));
            Value::Object(row)
        };
        let rows: Vec<Value> = rows.into_iter().map(row).collect();
        if !rows.is_empty() {
            let rows = self.bind(rows);
            self.sql.push_str(&format!("INSERT INTO {table} {rows} RETURN NONE;\n"));
        }
    }

    /// [`Tx::create`] for many records of a table, in one statement.
    pub(crate) fn insert<T: Columns>(&mut self, table: &'static str, docs: impl IntoIterator<Item = (RecordId, T)>) {
        let row = |(id, doc): (RecordId, T)| {
            let mut row = content(&doc);
            if let Value::Object(row) = &mut row {
                row.insert("id", id);
            }
            row
        };
        let rows: Vec<Value> = docs.into_iter().map(row).collect();
        if !rows.is_empty() {
            let rows = self.bind(rows);
            self.sql.push_str(&format!("INSERT INTO {table} {rows} RETURN NONE;\n"));
        }
    }

    /// Records without content under keys that must be new.
    pub(crate) fn insert_keys(&mut self, table: &'static str, keys: impl IntoIterator<Item = RecordId>) {
        let row = |key: RecordId| {
            let mut row = Object::new();
            row.insert("id", key);
            Value::Object(row)
        };
        let rows: Vec<Value> = keys.into_iter().map(row).collect();
        if !rows.is_empty() {
            let rows = self.bind(rows);
            self.sql.push_str(&format!("INSERT INTO {table} {rows} RETURN NONE;\n"));
        }
    }

    /// One record, or all of a range of keys.
    pub(crate) fn delete(&mut self, id: RecordId) {
        let id = self.bind(id);
        self.sql.push_str(&format!("DELETE {id} RETURN NONE;\n"));
    }

    /// These records, as far as they are there.
    pub(crate) fn delete_all(&mut self, ids: Vec<RecordId>) {
        let ids = self.bind(ids);
        self.sql.push_str(&format!("DELETE {ids} RETURN NONE;\n"));
    }

    /// One record that has to be there ([`super::Abort::Stale`] otherwise): of two who delete it, one gets through.
    pub(crate) fn delete_existing(&mut self, id: RecordId) {
        let id = self.bind(id);
        self.sql.push_str(&format!("IF array::len((DELETE {id} RETURN BEFORE)) != 1 {{ THROW '{STALE}' }};\n"));
    }

    /// The tables of the records that it names.
    pub(super) fn tables(&self) -> Vec<String> {
        self.tables.clone()
    }

    pub(super) fn into_query(mut self) -> (String, Variables) {
        self.sql.push_str("COMMIT;");
        (self.sql, self.vars)
    }
}
