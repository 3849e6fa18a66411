//! The blocks that the numbers of a Trigger campaign are filling, until a fold has written them.

use std::{collections::BTreeMap, sync::Arc};

use super::added::{Added, Row};
use crate::recipients::{BLOCK_LEN, RecipientBlock};

/// Numbers and merge values of the blocks that are not durable as blocks yet, and of the last one, which is not full.
#[derive(Debug, Default)]
pub(super) struct Filling(BTreeMap<u32, Block>);

#[derive(Debug)]
struct Block {
    block: Arc<RecipientBlock>,
    /// The tick of the latest change; 0: as the database has it.
    changed: u64,
}

impl Filling {
    pub(super) fn get(&self, number: u32) -> Option<&Arc<RecipientBlock>> {
        self.0.get(&number).map(|filling| &filling.block)
    }

    /// Takes a block as the database has it.
    pub(super) fn load(&mut self, number: u32, block: RecipientBlock) {
        self.0.entry(number).or_insert_with(|| Block { block: Arc::new(block), changed: 0 });
    }

    /// Puts a recipient behind the last one of its block; the first of a block makes it.
    pub(super) fn push(&mut self, index: u32, added: &Added, row: &Row, tick: u64) {
        let new = || Block { block: Arc::new(RecipientBlock::new(Arc::clone(&added.fields))), changed: 0 };
        let filling = self.0.entry(index / BLOCK_LEN).or_insert_with(new);
        let block = Arc::make_mut(&mut filling.block);
        append(block, added, row);
        filling.changed = tick;
    }

    /// What changed since it was folded last.
    pub(super) fn changed(&self) -> Vec<(u32, Arc<RecipientBlock>)> {
        let changed = self.0.iter().filter(|(_, filling)| filling.changed > 0);
        changed.map(|(&number, filling)| (number, Arc::clone(&filling.block))).collect()
    }

    /// What was changed up to `tick` is durable; full blocks are not needed any more.
    pub(super) fn folded(&mut self, tick: u64) {
        self.0.retain(|_, filling| {
            if filling.changed <= tick {
                filling.changed = 0;
            }
            filling.changed > 0 || !filling.block.is_full()
        });
    }
}

/// Puts a row of `added` at the end of a block, by the names of its fields. What does not fit was refused long before; a
/// recipient whose values are damaged keeps its place, and has no text that could be sent.
pub(super) fn append(block: &mut RecipientBlock, added: &Added, row: &Row) {
    let fields = Arc::clone(block.field_names());
    let values = fields.iter().map(|field| added.value(row, field));
    if block.push(row.number, row.segments, values).is_err() {
        _ = block.push(row.number, row.segments, fields.iter().map(|_| ""));
    }
}
