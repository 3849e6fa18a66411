//! This process, as Linux tells of it in `/proc`. What it does not tell is left out.

use std::fs;

use meter::Sheet;

/// `USER_HZ`: what the kernel counts processor time in for programs, on every architecture that we build for.
const TICKS_PER_S: f64 = 100.0;

/// What is known of the process.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Process {
    pub resident_bytes: Option<u64>,
    pub cpu_s: Option<f64>,
    pub threads: Option<u64>,
    pub open_files: Option<u64>,
    /// What the system lets it have open.
    pub open_files_max: Option<u64>,
    /// Since the epoch.
    pub started_s: Option<f64>,
}

impl Process {
    #[must_use]
    pub fn read() -> Self {
        let text = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
        let status = text("status");
        let (cpu_s, age_ticks) = stat(&text("stat")).unzip();
        let booted_s = fs::read_to_string("/proc/stat").ok().and_then(|text| {
            text.lines().find_map(|line| line.strip_prefix("btime ")).and_then(|text| text.trim().parse::<f64>().ok())
        });
        Self {
            resident_bytes: after(&status, "VmRSS:").map(|kib| kib * 1_024),
            cpu_s,
            threads: after(&status, "Threads:"),
            open_files: fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count() as u64),
            open_files_max: after(&text("limits"), "Max open files"),
            started_s: booted_s.zip(age_ticks).map(|(booted_s, ticks)| booted_s + ticks / TICKS_PER_S),
        }
    }

    pub(super) fn fill(&self, sheet: &mut Sheet) {
        if let Some(cpu_s) = self.cpu_s {
            sheet.counter_of("process_cpu_seconds_total", "Processor time of the process.", &[], cpu_s);
        }
        let number = |value: Option<u64>| value.map(|value| value as f64);
        for (name, help, value) in [
            ("process_resident_memory_bytes", "Memory of the process.", number(self.resident_bytes)),
            ("process_threads", "Threads of the process.", number(self.threads)),
            ("process_open_fds", "Files and connections that are open.", number(self.open_files)),
            ("process_max_fds", "Files and connections that may be open.", number(self.open_files_max)),
            ("process_start_time_seconds", "When the process started, since the epoch.", self.started_s),
        ] {
            if let Some(value) = value {
                sheet.gauge(name, help, &[], value);
            }
        }
    }
}

/// The first number behind a name.
fn after(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// Processor time in seconds, and when the process started in ticks since the boot. The program's name, in brackets, may
/// have spaces and brackets itself.
fn stat(text: &str) -> Option<(f64, f64)> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some(((number(11)? + number(12)?) / TICKS_PER_S, number(19)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_tables_are_read() {
        let line =
            "42 (message) center) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0 12345 0 0 18446744073709551615";
        assert_eq!(stat(line), Some((3.0, 12_345.0)));
        assert_eq!(stat("nonsense"), None);
        assert_eq!(after("Name:\tx\nVmRSS:\t  2048 kB\n", "VmRSS:"), Some(2_048));
        let limits = "Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 4096                 files\n";
        assert_eq!(after(limits, "Max open files"), Some(1_024));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_known() {
        let process = Process::read();
        assert!(process.resident_bytes.is_some_and(|bytes| bytes > 1 << 20), "{process:?}");
        assert!(process.open_files.is_some_and(|files| files > 2), "{process:?}");
        let now_s = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
        assert!(process.started_s.is_some_and(|at_s| at_s > 1e9 && at_s < now_s + 60.0), "{process:?}");
    }
}
