//! The data folder and the database in it.

use std::{fs, io::Write, path::Path, time::Instant};

use app::api::diagnostics::Finding;
use store::{Error, Schema};
use tokio::{net::TcpStream, time::timeout};

use super::{Area, Doctor, PATIENCE, bytes};
use crate::metrics::{folder_bytes, space};

/// With less nothing can be written soon.
pub(super) const FREE_FAULT: u64 = 512 << 20;
/// What a campaign of ten million recipients from a file of 1 GB takes while it is read and sent: the file, its sorted
/// numbers, its blocks, and their journal (docs/measurements.md), with room to spare.
pub(super) const FREE_LARGE: u64 = 8 << 30;

pub(super) async fn look(doctor: &Doctor) -> Vec<Finding> {
    let mut area = Area::new("Data");
    let folder = &doctor.config.data_dir;
    let shown = folder.display();
    if !folder.is_dir() {
        area.note(
            "Folder",
            format!("{shown} is not there"),
            "it is made at the first start; if it should be there, check data_dir",
        );
        return area.findings;
    }
    match probe(folder) {
        Ok(()) => area.good("Folder", format!("{shown} can be written to")),
        Err(cause) => area.fault(
            "Folder",
            format!("{shown} cannot be written to: {cause}"),
            "let the user that runs Message Center own the folder, and look whether the disk is mounted for writing",
        ),
    }
    match space(folder) {
        Ok(found) => {
            let said = format!("{} of {} are free", bytes(found.free), bytes(found.total));
            if found.free < FREE_FAULT {
                area.fault("Disk", said, "make room now: nothing can be written when it is full");
            } else if found.free < found.total / 10 {
                area.warn("Disk", said, "make room, shorten export_days, or set a retention of recipients' data");
            } else {
                area.good("Disk", said);
            }
            if found.free < FREE_LARGE {
                area.note(
                    "Room for a large campaign",
                    format!("a file of 1 GB with ten million recipients wants {}", bytes(FREE_LARGE)),
                    "before such a campaign, make room for it",
                );
            } else {
                area.good("Room for a large campaign", "a file of 1 GB with ten million recipients finds room");
            }
        }
        Err(cause) => area.warn("Disk", format!("the system does not say how much is free: {cause}"), "look with df"),
    }
    for (what, within) in
        [("Size of the database", "db"), ("Size of uploads", "uploads"), ("Size of exports", "exports")]
    {
        let within = folder.join(within);
        if within.is_dir() {
            area.good(what, bytes(folder_bytes(&within)));
        }
    }
    database(doctor, &mut area).await;
    area.findings
}

/// Writes a file, has it on the disk, and takes it away.
fn probe(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    let written = fs::File::create(&path).and_then(|mut file| {
        file.write_all(b"doctor")?;
        file.sync_all()
    });
    let removed = fs::remove_file(&path);
    written.and(removed)
}

async fn database(doctor: &Doctor, area: &mut Area) {
    let schema = if let Some(live) = &doctor.live {
        let begun = Instant::now();
        let schema = live.door.schema().await;
        if schema.is_ok() {
            area.good("Database", format!("it answers, in {} ms", begun.elapsed().as_millis()));
        }
        schema
    } else {
        let folder = doctor.config.data_dir.join("db");
        if !folder.is_dir() {
            area.note("Database", "there is none yet", "it is made at the first start");
            return;
        }
        if is_running(doctor).await {
            area.note(
                "Database",
                format!("a server answers at {} and has it", doctor.config.listen),
                "its page /installation/diagnostics says how the database is",
            );
            return;
        }
        store::schema(&store::Engine::disk(folder)).await
    };
    match schema {
        Ok(Schema { found, known }) if found == known => {
            area.good("Schema", format!("{found}, as this program expects"));
        }
        Ok(Schema { found: 0, known }) => {
            area.note("Schema", "the database is empty", format!("the next start makes schema {known}"));
        }
        Ok(Schema { found, known }) if found < known => area.note(
            "Schema",
            format!("{found}; this program expects {known}"),
            "the next start brings it up to date, and an older program cannot use it then: back up before",
        ),
        Ok(Schema { found, known }) => area.fault(
            "Schema",
            format!("{found}, written by a newer version; this program knows {known}"),
            "start the newer version, or restore the backup that was made before the upgrade",
        ),
        Err(Error::Setup(reason)) => area.fault(
            "Database",
            format!("it cannot be opened: {reason}"),
            "if another process has it, stop that one; else restore the latest backup: docs/OPERATIONS.md, “Restore”",
        ),
        Err(cause) => area.fault(
            "Database",
            format!("it does not answer: {cause}"),
            "look into the log for the cause, and whether the disk is full",
        ),
    }
}

/// Whether a server is up that has this configuration.
pub(super) async fn is_running(doctor: &Doctor) -> bool {
    let mut address = doctor.config.listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    matches!(timeout(PATIENCE, TcpStream::connect(address)).await, Ok(Ok(_)))
}
