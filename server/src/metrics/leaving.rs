//! Mails and events that leave.

use meter::{Counter, Sheet};

pub static MAILS_SENT: Counter = Counter::new();
pub static MAILS_FAILED: Counter = Counter::new();
pub static EVENTS_ARRIVED: Counter = Counter::new();
pub static EVENTS_FAILED: Counter = Counter::new();

pub(super) fn fill(sheet: &mut Sheet) {
    let help = "Attempts to hand a mail to the mail server.";
    for (outcome, count) in [("taken", &MAILS_SENT), ("failed", &MAILS_FAILED)] {
        sheet.counter("message_center_mail_attempts_total", help, &[("outcome", outcome)], count.get());
    }
    let help = "Attempts to send an event to a program of a workspace.";
    for (outcome, count) in [("arrived", &EVENTS_ARRIVED), ("failed", &EVENTS_FAILED)] {
        sheet.counter("message_center_webhook_attempts_total", help, &[("outcome", outcome)], count.get());
    }
}
