//! What those who run campaigns need of the machine and the database. They cannot mend it, so what they are told is whether
//! it is in order and what it means for them; where it is, how large and by what cause is for those who operate it.

use std::fs;

use app::api::diagnostics::Finding;
use engine::LinkState;

use super::{
    Area, Doctor, audit,
    data::{FREE_FAULT, FREE_LARGE},
    machine,
};
use crate::metrics::space;

const TELL: &str = "tell a super admin, who sees the cause on the installation's own page of diagnostics";

pub(super) async fn look(doctor: &Doctor) -> Vec<Finding> {
    let mut area = Area::new("Message Center");
    database(doctor, &mut area).await;
    core(doctor, &mut area);
    disk(doctor, &mut area);
    audit_log(doctor, &mut area);
    clock(doctor, &mut area);
    area.findings
}

async fn database(doctor: &Doctor, area: &mut Area) {
    let Some(live) = &doctor.live else { return };
    match live.door.schema().await {
        Ok(schema) if schema.found == schema.known => area.good("Database", "it answers"),
        Ok(_) => area.fault("Database", "it belongs to another version of Message Center", TELL),
        Err(_) => area.fault("Database", "it does not answer", TELL),
    }
}

/// Whether anything can leave at all; the links of a workspace's campaigns are said one by one elsewhere.
fn core(doctor: &Doctor, area: &mut Area) {
    let Some(live) = &doctor.live else { return };
    let channels = live.engine.channels();
    if channels.is_empty() {
        area.fault("SMS Core", "there is no link by which a message could leave", TELL);
    } else if channels.iter().any(|channel| channel.state == LinkState::Up) {
        area.good("SMS Core", "messages can leave");
    } else {
        area.fault("SMS Core", "no message can leave: no link is bound", TELL);
    }
}

fn disk(doctor: &Doctor, area: &mut Area) {
    match space(&doctor.config.data_dir) {
        Ok(found) if found.free < FREE_FAULT => {
            area.fault("Disk", "it is nearly full: campaigns and uploads are about to stop", TELL);
        }
        Ok(found) if found.free < found.total / 10 => area.warn("Disk", "less than a tenth of it is free", TELL),
        Ok(_) => area.good("Disk", "there is room"),
        Err(_) => area.warn("Disk", "it is not known how much of it is free", TELL),
    }
    let what = "Room for a large campaign";
    if space(&doctor.config.data_dir).is_ok_and(|found| found.free >= FREE_LARGE) {
        area.good(what, "a file of 1 GB with ten million recipients finds room");
    } else {
        area.note(what, "a file of 1 GB with ten million recipients may not find room", "ask a super admin before");
    }
}

fn audit_log(doctor: &Doctor, area: &mut Area) {
    let what = "Audit log";
    let standing = doctor.live.as_ref().map(|live| live.door.audit_fallback());
    let (waiting, lost) = standing.map_or((0, 0), |standing| (standing.bytes, standing.lost_events));
    let config = doctor.config.audit.to_config(&doctor.config.data_dir);
    if lost > 0 {
        area.fault(what, "events found no room and are counted only; the gap will be on record", TELL);
    } else if waiting > 0 || fs::metadata(config.dir.join("fallback.jsonl")).is_ok_and(|file| file.len() > 0) {
        area.warn(what, "events wait in a file until the database takes them; none is lost", TELL);
    } else {
        area.good(what, "everything is on record");
    }
    let path = config.checkpoints.unwrap_or_else(|| config.dir.join("checkpoints.jsonl"));
    let what = "Checkpoints of the audit log";
    match audit::last_at_ms(&path) {
        Ok(Some(at_ms)) if doctor.now_s() - at_ms / 1_000 > audit::LATE_S => {
            area.fault(what, "none has been written for some minutes", TELL);
        }
        Ok(Some(_)) => area.good(what, "they are written"),
        Ok(None) => area.note(what, "there are none yet", "the first one comes within a minute of the first start"),
        Err(_) => area.fault(what, "they cannot be read", TELL),
    }
}

/// As the doctor finds it, without what only an operator can do about it.
fn clock(doctor: &Doctor, area: &mut Area) {
    let mut found = Area::new(area.name);
    machine::clock(doctor, &mut found);
    area.findings.extend(found.findings.into_iter().map(|finding| {
        let advice = finding.advice.map(|_| "campaigns start by it; ask a super admin whether it is right".to_owned());
        Finding { advice, ..finding }
    }));
}
