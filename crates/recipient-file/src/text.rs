//! Segments of each recipient's own text.

use domain::{
    merge::Template,
    reject::RejectReason,
    segment::{self, MAX_SEGMENTS, SegmentError},
};

/// A text of at most so many bytes cannot take more than [`MAX_SEGMENTS`]: a UTF-8 character has at least as many bytes
/// as UTF-16 units, a part in UCS-2 holds 66 and its last unit may stay empty; GSM-7 holds more.
const CERTAINLY_FITS_OCTETS: usize = MAX_SEGMENTS * 66;

/// The campaign's text with its fields bound to columns.
#[derive(Debug, Clone)]
pub struct BoundText {
    template: Template,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Constant(u8),
    Merged { literal_octets: usize, fields: Vec<BoundField> },
}

#[derive(Debug, Clone)]
struct BoundField {
    name: String,
    /// Among the kept columns.
    value: usize,
    uses: usize,
}

impl BoundText {
    /// `field_names` are those of the kept columns; the layout has made sure that none is missing.
    pub fn new(template: &Template, field_names: &[String]) -> Self {
        let octets = |filled: &str| {
            template.render(|field| Some(if field == filled { "x" } else { "" })).map_or(0, |text| text.len())
        };
        let literal_octets = template.render(|_| Some("")).map_or(0, |text| text.len());
        let kind = if template.is_constant() {
            let segments = template.render(|_| None).map_or(0, |text| segment::measure(&text).segments);
            Kind::Constant(u8::try_from(segments).unwrap_or(u8::MAX))
        } else {
            let bind = |name: &String| BoundField {
                name: name.clone(),
                value: field_names.iter().position(|field| field == name).unwrap_or(usize::MAX),
                uses: octets(name) - literal_octets,
            };
            Kind::Merged { literal_octets, fields: template.fields().iter().map(bind).collect() }
        };
        Self { template: template.clone(), kind }
    }

    /// Whether the text can be sent at all. Quick for texts that are not long: pass 1 asks for every line.
    pub fn check<V: AsRef<str>>(&self, values: &[V]) -> Result<(), RejectReason> {
        let Kind::Merged { literal_octets, fields } = &self.kind else {
            return Ok(());
        };
        let octets = |field: &BoundField| field.uses * values.get(field.value).map_or(0, |value| value.as_ref().len());
        let total = literal_octets + fields.iter().map(octets).sum::<usize>();
        if total == 0 || total > CERTAINLY_FITS_OCTETS { self.segments(values).map(drop) } else { Ok(()) }
    }

    /// Segments of the text with these values put into it.
    pub fn segments<V: AsRef<str>>(&self, values: &[V]) -> Result<u8, RejectReason> {
        let fields = match &self.kind {
            Kind::Constant(segments) => return Ok(*segments),
            Kind::Merged { fields, .. } => fields,
        };
        let value = |name: &str| {
            let field = fields.iter().find(|field| field.name == name)?;
            values.get(field.value).map(AsRef::as_ref)
        };
        let text = self.template.render(value).map_err(|_| RejectReason::ColumnMissing)?;
        match segment::check(&text) {
            Ok(measure) => Ok(measure.segments as u8),
            Err(SegmentError::Empty) => Err(RejectReason::TextEmpty),
            Err(SegmentError::TooLong { .. }) => Err(RejectReason::TextTooLong),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        /// Pass 1 and pass 2 have to agree on every line.
        #[test]
        fn the_quick_check_agrees(
            literal in "[a-z€😀]{0,40}",
            values in vec("[a-z€😀^]{0,500}", 2..=2),
        ) {
            let template = Template::parse(&format!("{literal}{{a}}{{b}}{{a}}")).unwrap();
            let text = BoundText::new(&template, &["a".to_owned(), "b".to_owned()]);
            prop_assert_eq!(text.check(&values), text.segments(&values).map(drop));
        }
    }

    #[test]
    fn a_constant_text_is_measured_once() {
        let template = Template::parse(&"x".repeat(161)).unwrap();
        assert_eq!(BoundText::new(&template, &[]).segments::<&str>(&[]), Ok(2));
    }
}
