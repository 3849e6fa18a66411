//! Requests, by how they were answered.

use std::time::Duration;

use meter::{Counter, Histogram, Ladder, Sheet};

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

static ANSWERS: [Counter; CLASSES.len()] = [const { Counter::new() }; CLASSES.len()];
static TIMES: Histogram = Histogram::new(Ladder::Quick);

/// A request was answered. What lasts, such as an upload or a stream, counts until its answer begins.
pub fn answered(status: u16, lasted: Duration) {
    let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
    ANSWERS[class].one();
    TIMES.record(lasted);
}

pub(super) fn fill(sheet: &mut Sheet) {
    for (class, count) in CLASSES.iter().zip(&ANSWERS) {
        let help = "Requests, by class of the answer's status.";
        sheet.counter("message_center_http_requests_total", help, &[("class", class)], count.get());
    }
    let help = "From a request to the beginning of its answer.";
    sheet.times("message_center_http_request_seconds", help, &[], &TIMES.read());
}
