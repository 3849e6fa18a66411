//! How values of the crates below stand in the OpenAPI document: by how they are written in JSON, so that the two cannot
//! tell different things.

use domain::{
    campaign::{IngestReport, Mode, PauseReason, Progress, Status},
    inbound::Wish,
    recipient::RecipientState,
    sender::{Npi, SenderStatus, Ton},
    suppression::Source,
    webhook::{DeliveryState, EventKind},
};
use serde::Serialize;
use serde_json::Value;
use store::{exports::Format, usage::Counts};
use utoipa::openapi::{
    Array, Object, RefOr, Schema,
    schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type},
};

/// A text out of these.
fn one_of<T: Serialize>(all: &[T], nullable: bool) -> Object {
    let mut names: Vec<Value> = all.iter().filter_map(|value| serde_json::to_value(value).ok()).collect();
    let mut builder = ObjectBuilder::new();
    if nullable {
        names.push(Value::Null);
        builder = builder.schema_type(SchemaType::from_iter([Type::String, Type::Null]));
    } else {
        builder = builder.schema_type(Type::String);
    }
    builder.enum_values(Some(names)).build()
}

/// Counts by their names.
fn counts<T: Serialize + Default>() -> ObjectBuilder {
    let written = serde_json::to_value(T::default()).unwrap_or_default();
    let names = written.as_object().into_iter().flat_map(serde_json::Map::keys);
    names.fold(ObjectBuilder::new().schema_type(Type::Object), |builder, name| {
        builder.property(name, count()).required(name)
    })
}

fn count() -> Object {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build()
}

pub fn mode() -> Object {
    one_of(&Mode::ALL, false)
}

pub fn status() -> Object {
    one_of(&Status::ALL, false)
}

pub fn pause_reason() -> Object {
    one_of(&PauseReason::ALL, true)
}

pub fn recipient_state() -> Object {
    one_of(&RecipientState::ALL, false)
}

pub fn ton() -> Object {
    one_of(Ton::ALL, false)
}

pub fn npi() -> Object {
    one_of(Npi::ALL, false)
}

pub fn delivery_state() -> Object {
    one_of(&DeliveryState::ALL, false)
}

/// How a number came onto the suppression list.
pub fn suppression_source() -> Object {
    one_of(&Source::ALL, false)
}

/// The keyword that an inbound message is.
pub fn keyword() -> Object {
    one_of(&[Wish::Stop, Wish::Start, Wish::Help], true)
}

pub fn export_format() -> Object {
    one_of(&[Format::Csv, Format::Txt], false)
}

/// The events that an endpoint chooses from.
pub fn events() -> Array {
    ArrayBuilder::new().items(one_of(&EventKind::CHOICES, false)).build()
}

pub fn sender_status() -> Object {
    use SenderStatus::{Approved, Archived, Draft, PendingApproval, Rejected};
    one_of(&[Draft, PendingApproval, Approved, Rejected, Archived], false)
}

/// What happened to the lines of a file; null while there is none.
pub fn report() -> RefOr<Schema> {
    let report = counts::<IngestReport>().schema_type(SchemaType::from_iter([Type::Object, Type::Null]));
    report.build().into()
}

/// Recipients by state, and their sum.
pub fn recipients() -> Object {
    counts::<Progress>().property("total", count()).required("total").build()
}

/// Messages or segments.
pub fn sent() -> Object {
    counts::<Counts>().build()
}
