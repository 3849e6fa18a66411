//! Mails: written out ([`text`], [`compose`]), handed to the mail server ([`Mailer`]), and the job that empties the
//! outbox ([`Job`]).

mod compose;
mod job;
mod mailer;
mod text;

pub use self::{
    job::{Job, Round, round},
    mailer::Mailer,
};
