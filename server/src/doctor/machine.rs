//! The machine: memory, files that may be open, processors, and the clock.

use std::{fs, path::Path, thread};

use app::api::diagnostics::Finding;

use super::{Area, Doctor, bytes};
use crate::metrics::Process;

const MEMORY_LEAST: u64 = 512 << 20;
/// Each page that follows live figures, each session of a link and each file has one.
const FILES_LEAST: u64 = 4_096;
/// When this program was made, about: a clock before it is wrong.
const NOT_BEFORE_S: i64 = 1_767_225_600;

pub(super) fn look(doctor: &Doctor) -> Vec<Finding> {
    let mut area = Area::new("Machine");
    match memory() {
        Some((total, available)) => {
            let said = format!("{} of {} are available", bytes(available), bytes(total));
            if total < MEMORY_LEAST {
                area.warn("Memory", said, "give it 512 MiB at least, and 1 GiB for campaigns of millions");
            } else if available < MEMORY_LEAST / 4 {
                area.warn("Memory", said, "other programs leave little: a large campaign may be stopped by the system");
            } else {
                area.good("Memory", said);
            }
        }
        None => {
            area.note("Memory", "the system does not say how much there is", "look that there are 512 MiB at least");
        }
    }
    let process = Process::read();
    if let Some(max) = process.open_files_max {
        let open = process.open_files.unwrap_or(0);
        let said =
            if doctor.live.is_some() { format!("{open} of {max} are open") } else { format!("{max} may be open") };
        if max < FILES_LEAST {
            area.warn(
                "Files and connections",
                said,
                "raise the limit to 65,536: LimitNOFILE= in the systemd unit, or ulimit -n",
            );
        } else if doctor.live.is_some() && open > max / 5 * 4 {
            area.warn("Files and connections", said, "raise the limit (LimitNOFILE=), or find out who opens so many");
        } else {
            area.good("Files and connections", said);
        }
    }
    let processors = thread::available_parallelism().map_or(1, usize::from);
    area.good("Processors", format!("{processors}"));
    clock(doctor, &mut area);
    area.findings
}

pub(super) fn clock(doctor: &Doctor, area: &mut Area) {
    let now_s = doctor.now_s();
    if now_s < NOT_BEFORE_S {
        area.fault(
            "Clock",
            "it shows a time before this program was made",
            "set the clock: campaigns start by it, and second factors and certificates are checked by it",
        );
    } else if Path::new("/run/systemd/timesync/synchronized").exists() {
        area.good("Clock", "it follows a time server");
    } else if Path::new("/run/systemd/timesync").exists() {
        area.warn(
            "Clock",
            "it has not followed a time server since the start of the machine",
            "look with timedatectl; second factors are refused when the clock is off by a minute",
        );
    } else {
        area.note(
            "Clock",
            "this machine does not say whether its clock follows a time server",
            "look that chrony, ntpd or the host of the container keeps it right",
        );
    }
}

/// All of it, and what programs can still get; of the container where it has a limit of its own.
fn memory() -> Option<(u64, u64)> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1_024)
    };
    let (total, available) = (of("MemTotal:")?, of("MemAvailable:")?);
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    match (number("/sys/fs/cgroup/memory.max"), number("/sys/fs/cgroup/memory.current")) {
        (Some(max), Some(current)) if max < total => Some((max, available.min(max.saturating_sub(current)))),
        _ => Some((total, available)),
    }
}
