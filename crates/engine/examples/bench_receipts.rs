//! `./x bench receipts`: the index by which receipts find their messages, when none of the receipts has come yet. Prints
//! one JSON object a line; the anchor is a hash table that has all of it in memory.
//!
//! `--messages N` (default ten million); `--dir FOLDER` for what is not kept in memory (default the system's temporary
//! folder).

use std::{collections::HashMap, error::Error, path::PathBuf, process::ExitCode, time::Instant};

use engine::dispatch::index::{Index, Target};

type Outcome<T> = Result<T, Box<dyn Error>>;

const LINK: &str = "carrier";
/// Recipients of one campaign.
const CAMPAIGN: u32 = 1_000_000;

fn main() -> ExitCode {
    match measure(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("bench receipts: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn option<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1).map(String::as_str)
}

fn report(metric: &str, value: f64, unit: &str, anchor: Option<f64>, ratio: Option<f64>) {
    let number = |value: Option<f64>| value.map_or_else(|| "null".to_owned(), |value| format!("{value:.2}"));
    let name = if anchor.is_some() { "hash table in memory" } else { "none" };
    println!(
        r#"{{"bench":"receipts","metric":"{metric}","value":{value:.2},"unit":"{unit}","anchor":"{name}","anchor_value":{},"ratio":{}}}"#,
        number(anchor),
        number(ratio)
    );
}

/// Of this process's own memory; not of the file's pages, which the system keeps while it has room.
fn anonymous_mib() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).ok_or("the system does not tell its memory")?;
    let kib: f64 = line.split_whitespace().nth(1).ok_or("the system does not tell its memory")?.parse()?;
    Ok(kib / 1_024.0)
}

/// As simulators and many carriers count: in hexadecimal digits.
fn message_id(number: u32) -> String {
    format!("{number:08x}")
}

const fn target(number: u32) -> Target {
    Target { slot: number / CAMPAIGN, index: number % CAMPAIGN, part: 0 }
}

/// Every number below `count` once, in no order.
fn shuffled(count: u32) -> impl Iterator<Item = u32> {
    // Odd and not a multiple of a factor of any round number.
    const STEP: u64 = 2_654_435_761;
    let step = (STEP..).step_by(2).find(|step| gcd(*step, u64::from(count)) == 1).unwrap_or(1);
    (0..u64::from(count)).map(move |place| (place * step % u64::from(count)) as u32)
}

const fn gcd(left: u64, right: u64) -> u64 {
    if right == 0 { left } else { gcd(right, left % right) }
}

fn measure(arguments: &[String]) -> Outcome<()> {
    let messages: u32 = option(arguments, "--messages").map_or(Ok(10_000_000), str::parse)?;
    let folder = option(arguments, "--dir").map_or_else(std::env::temp_dir, PathBuf::from);

    let idle_mib = anonymous_mib()?;
    let mut index = Index::new(folder);
    let begin = Instant::now();
    for number in 0..messages {
        index.insert(index.key(LINK, &message_id(number)), target(number));
    }
    let accepted_per_s = f64::from(messages) / begin.elapsed().as_secs_f64();
    let index_mib = anonymous_mib()? - idle_mib;
    if index.len() != messages as usize {
        return Err(format!("{} of {messages} messages are in the index", index.len()).into());
    }
    let octets = index.octets_on_disk() as f64 / f64::from(messages);

    let begin = Instant::now();
    let mut wrong = 0_u32;
    for number in shuffled(messages) {
        let key = index.key(LINK, &message_id(number));
        wrong += u32::from(index.get(key) != Some(target(number)));
        index.settle(key, target(number));
    }
    let receipts_per_s = f64::from(messages) / begin.elapsed().as_secs_f64();
    if wrong > 0 || !index.is_empty() {
        return Err(format!("{wrong} receipts found another message, {} none", index.len()).into());
    }
    drop(index);

    let idle_mib = anonymous_mib()?;
    let anchor: HashMap<u64, u64> = (0..messages).map(|number| (u64::from(number) << 20, u64::from(number))).collect();
    let anchor_mib = anonymous_mib()? - idle_mib;
    drop(anchor);

    report("accepted_per_s", accepted_per_s, "messages/s", None, None);
    report("receipts_per_s", receipts_per_s, "receipts/s", None, None);
    report("memory_growth_mib", index_mib, "MiB", Some(anchor_mib), Some(anchor_mib / index_mib));
    report("disk_octets_per_message", octets, "B", None, None);
    Ok(())
}
