//! `./x bench ingest`: recipient files through the real ingest into an embedded database on disk, against PostgreSQL with
//! the same files. Prints one JSON object a line.
//!
//! `--recipients N` (default ten million), `--dir FOLDER` for files and databases (default the system's temporary folder),
//! `--no-anchor` leaves PostgreSQL out. Each measurement runs in a process of its own, so that peaks do not mix.

use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use domain::{clock::Clock, id::CampaignId, merge::Template, phone::Country};
use engine::ingest::{self, Choices, IngestProgress, Job, StoreSink};
use store::{Engine, Reason, StoreConfig};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

type Outcome<T> = Result<T, Box<dyn Error>>;

const RSS_GROWTH_MIB_MAX: f64 = 64.0;
const TEXT: &str = "Hello {first_name}, your parcel for {city} arrives tomorrow.";

#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [flag, file, recipients] if flag == "--measure" => measure(Path::new(file), recipients),
        _ => compare(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("bench ingest: {cause}");
            ExitCode::FAILURE
        }
    }
}

/// The value behind an option.
fn option<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1).map(String::as_str)
}

/// Removes the files of the bench, whatever happens.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(&self.0) {
            eprintln!("bench ingest: {} stays behind: {cause}", self.0.display());
        }
    }
}

fn compare(arguments: &[String]) -> Outcome<()> {
    let recipients: u64 = option(arguments, "--recipients").unwrap_or("10000000").parse()?;
    let parent = option(arguments, "--dir").map_or_else(std::env::temp_dir, PathBuf::from);
    let with_anchor = !arguments.iter().any(|argument| argument == "--no-anchor");
    let folder = Folder(parent.join(format!("message-center-bench-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0)?;
    let (txt, csv, small) = (folder.0.join("numbers.txt"), folder.0.join("people.csv"), folder.0.join("small.csv"));
    write_numbers(&txt, recipients)?;
    write_people(&csv, recipients)?;
    write_people(&small, 10)?;

    let numbers = measure_apart(&txt, recipients)?;
    let people = measure_apart(&csv, recipients)?;
    let few = measure_apart(&small, 10)?;
    for (metric, file, measured) in [("recipients_per_s", &txt, &numbers), ("csv_recipients_per_s", &csv, &people)] {
        let rate = recipients as f64 / measured.seconds;
        let anchor = if with_anchor { Some(recipients as f64 / postgres_seconds(file)?) } else { None };
        report(
            metric,
            rate,
            "1/s",
            "postgresql copy + unique index + checkpoint",
            anchor,
            anchor.map(|anchor| rate / anchor),
        );
    }
    let growth = (people.peak_rss_mib - few.peak_rss_mib).max(0.0);
    let ratio = (growth > 0.0).then(|| RSS_GROWTH_MIB_MAX / growth);
    report("rss_growth_mib", growth, "MiB", "design", Some(RSS_GROWTH_MIB_MAX), ratio);
    report("rss_peak_mib", people.peak_rss_mib, "MiB", "none", None, None);
    report("csv_mib", std::fs::metadata(&csv)?.len() as f64 / f64::from(1 << 20), "MiB", "none", None, None);
    Ok(())
}

fn report(metric: &str, value: f64, unit: &str, anchor: &str, anchor_value: Option<f64>, ratio: Option<f64>) {
    let number = |value: Option<f64>| value.map_or_else(|| "null".to_owned(), |value| format!("{value:.2}"));
    println!(
        r#"{{"bench":"ingest","metric":"{metric}","value":{value:.2},"unit":"{unit}","anchor":"{anchor}","anchor_value":{},"ratio":{}}}"#,
        number(anchor_value),
        number(ratio)
    );
}

/// Number `i` of a hundred million Austrian mobile numbers, each once, in no order.
fn number(i: u64) -> u64 {
    436_600_000_000 + (i * 48_271_633 + 12_345_677) % 100_000_000
}

fn write_numbers(path: &Path, recipients: u64) -> Outcome<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for i in 0..recipients {
        writeln!(file, "+{}", number(i))?;
    }
    Ok(file.flush()?)
}

/// About a hundred bytes a line: a gigabyte for ten million.
fn write_people(path: &Path, recipients: u64) -> Outcome<()> {
    const NAMES: [&str; 8] = ["Anna", "Maximilian", "Jörg", "Theresia", "Leopold", "Zoë", "Katharina", "Bert"];
    const CITIES: [&str; 5] = ["Wien", "Klagenfurt am Wörthersee", "Graz", "Sankt Pölten", "Linz"];
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(file, "phone,first_name,last_name,city,customer,note")?;
    for i in 0..recipients {
        let (name, city) = (NAMES[(i % 8) as usize], CITIES[(i / 3 % 5) as usize]);
        let other = i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        writeln!(
            file,
            "+{},{name},Mustermann-{other},{city},C{other:010},\"order {i}, express delivery, floor {}\"",
            number(i),
            i % 9
        )?;
    }
    Ok(file.flush()?)
}

struct Measured {
    seconds: f64,
    peak_rss_mib: f64,
}

/// Runs this program again for one file.
fn measure_apart(file: &Path, recipients: u64) -> Outcome<Measured> {
    let mut child = Command::new(std::env::current_exe()?);
    let output =
        child.arg("--measure").arg(file).arg(recipients.to_string()).stderr(std::process::Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut values = text.split_whitespace().map(str::parse);
    match (output.status.success(), values.next(), values.next()) {
        (true, Some(Ok(seconds)), Some(Ok(peak_rss_mib))) => Ok(Measured { seconds, peak_rss_mib }),
        _ => Err(format!("measuring {} failed", file.display()).into()),
    }
}

/// Reads one file into a new database; prints seconds and the peak of resident memory in MiB.
fn measure(file: &Path, recipients: &str) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let data = Folder(file.with_extension("data"));
    let seconds = runtime.block_on(ingest_into(file, &data.0, recipients.parse()?))?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM in /proc/self/status")?;
    let peak_kib: f64 = peak.trim().trim_end_matches("kB").trim().parse()?;
    println!("{seconds} {}", peak_kib / 1_024.0);
    Ok(())
}

async fn ingest_into(file: &Path, data: &Path, recipients: u64) -> Outcome<f64> {
    let config = StoreConfig::new(Engine::disk(data.join("db")), data.join("keys"));
    let opened = store::open(config, Arc::new(SystemClock)).await?;
    let id = "0190b7a0-0000-7000-8000-000000000001";
    let campaign: CampaignId = id.parse()?;
    let merged = file.extension().is_some_and(|extension| extension == "csv");
    let job = Job {
        upload: id.parse()?,
        file: file.to_owned(),
        size_bytes: std::fs::metadata(file)?.len(),
        scratch_dir: data.to_owned(),
        choices: Choices::default(),
        country: Some(Country::parse("AT")?),
        template: Template::parse(if merged { TEXT } else { "Hello" })?,
    };
    let mut sink = StoreSink::new(opened.system.enter(id.parse()?, Reason::Ingest), campaign);
    let (progress, _) = watch::channel(IngestProgress::default());
    let start = Instant::now();
    let report = ingest::run(job, &mut sink, Arc::new(()), &progress, CancellationToken::new()).await?;
    let seconds = start.elapsed().as_secs_f64();
    if report.accepted != recipients || report.lines != recipients {
        return Err(format!("{recipients} recipients went in, and {report:?} came out").into());
    }
    Ok(seconds)
}

/// The same file in PostgreSQL.
fn postgres_seconds(file: &Path) -> Outcome<f64> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/bench-postgres.sh");
    let output = Command::new(script).arg(file).stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("PostgreSQL could not be measured".into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
