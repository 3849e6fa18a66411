//! The text of each recipient, encoded.

use std::sync::{Arc, OnceLock};

use domain::{
    ctn_hash::WorkspaceKey,
    merge::{MergeError, Template},
    segment::{self, Encoded},
};
use store::recipients::RecipientBlock;

/// Makes the octets of a campaign's messages; a text without merge fields is encoded once.
#[derive(Debug)]
pub(crate) struct Composer {
    template: Template,
    constant: Option<Arc<Encoded>>,
    constant_hash: OnceLock<u32>,
}

/// A merge field has no value, or the text is empty or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsendable;

impl Composer {
    pub(crate) fn new(text: &str) -> Result<Self, MergeError> {
        let template = Template::parse(text)?;
        let constant = if template.is_constant() {
            template.render(|_| None).ok().and_then(|text| encode(&text).ok())
        } else {
            None
        };
        Ok(Self { template, constant, constant_hash: OnceLock::new() })
    }

    /// What the text of recipient `row` of a block is known again by; None: it cannot be made.
    pub(crate) fn text_hash(&self, key: &WorkspaceKey, block: &RecipientBlock, row: usize) -> Option<u32> {
        if self.constant.is_some() {
            return Some(*self.constant_hash.get_or_init(|| {
                let text = self.template.render(|_| None).unwrap_or_default();
                key.text_hash(&text)
            }));
        }
        Some(key.text_hash(&self.template.render(|field| block.field(field, row)).ok()?))
    }

    /// The message of recipient `row` of a block.
    pub(crate) fn compose(&self, block: &RecipientBlock, row: usize) -> Result<Arc<Encoded>, Unsendable> {
        if let Some(encoded) = &self.constant {
            return Ok(Arc::clone(encoded));
        }
        let text = self.template.render(|field| block.field(field, row)).map_err(|_| Unsendable)?;
        encode(&text)
    }
}

fn encode(text: &str) -> Result<Arc<Encoded>, Unsendable> {
    let encoded = segment::encode(text).map_err(|_| Unsendable)?;
    if encoded.parts.is_empty() || encoded.parts.len() > segment::MAX_SEGMENTS {
        return Err(Unsendable);
    }
    Ok(Arc::new(encoded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> RecipientBlock {
        let mut block = RecipientBlock::new(vec!["name".to_owned()].into());
        block.push(436_601_234_567, 1, ["Ann"]).unwrap();
        block.push(436_601_234_568, 1, [&*"x".repeat(1_900)]).unwrap();
        block
    }

    #[test]
    fn a_text_without_fields_is_encoded_once() {
        let composer = Composer::new("Hello {{you}}").unwrap();
        let (first, second) = (composer.compose(&block(), 0).unwrap(), composer.compose(&block(), 1).unwrap());
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(*first, segment::encode("Hello {you}").unwrap());
    }

    #[test]
    fn fields_are_the_recipients_own() {
        let composer = Composer::new("Hello {name}").unwrap();
        assert_eq!(*composer.compose(&block(), 0).unwrap(), segment::encode("Hello Ann").unwrap());
        assert_eq!(composer.compose(&block(), 1), Err(Unsendable), "far too long");
        assert_eq!(Composer::new("Hello {surname}").unwrap().compose(&block(), 0), Err(Unsendable));
    }

    #[test]
    fn an_empty_text_is_not_sent() {
        assert_eq!(Composer::new("").unwrap().compose(&block(), 0), Err(Unsendable));
    }
}
