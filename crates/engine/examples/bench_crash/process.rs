//! The programs under test, as processes of their own: the server and the SMS Core, of which one is killed, and the
//! simulator, which is not.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{JoinHandle, sleep},
    time::{Duration, Instant},
};

use crate::{Failure, recipients::place_of};

/// Campaigns that numbers can be of.
const PLACES: usize = 5;
const POLL: Duration = Duration::from_millis(2);
/// A start or an orderly end that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// Ends with the bench, however that ends.
struct Owned(Child);

impl Owned {
    /// SIGKILL.
    fn kill(&mut self) -> Result<(), Failure> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    /// SIGTERM, and waits for its end; how long that took.
    fn terminate(&mut self) -> Result<Duration, Failure> {
        let asked = Instant::now();
        if !Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status()?.success() {
            return Err("a process cannot be told to stop".into());
        }
        loop {
            match self.0.try_wait()? {
                Some(status) if status.success() => return Ok(asked.elapsed()),
                Some(status) => return Err(format!("a process stopped with {status}").into()),
                None if asked.elapsed() > PATIENCE => return Err("a process does not stop".into()),
                None => sleep(POLL),
            }
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The SMSC.
pub struct Simulator {
    _process: Owned,
    pub port: u16,
    log: PathBuf,
    reader: File,
    /// The beginning of a line whose end is not there yet.
    begun: Vec<u8>,
    /// Parts by the campaign's place.
    counts: [u64; PLACES],
}

impl Simulator {
    pub fn start(program: &Path, dir: &Path, behaviour: &str) -> Result<Self, Failure> {
        let log = dir.join("smsc.log");
        let reader = OpenOptions::new().create(true).append(true).read(true).open(&log)?;
        let mut child = Command::new(program)
            .args(["simulator", "--listen", "127.0.0.1:0", "--behaviour", behaviour, "--log"])
            .arg(&log)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take();
        let process = Owned(child);
        let mut line = String::new();
        BufReader::new(stdout.ok_or("the simulator has no output")?).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on ").ok_or("the simulator does not say where it listens")?;
        let port = address.parse::<SocketAddr>()?.port();
        Ok(Self { _process: process, port, log, reader, begun: Vec::new(), counts: [0; PLACES] })
    }

    /// Parts accepted so far, of all campaigns.
    pub fn accepted(&mut self) -> Result<u64, Failure> {
        Ok(self.accepted_of_each()?.iter().sum())
    }

    /// The same of each campaign, by its place.
    pub fn accepted_of_each(&mut self) -> Result<[u64; PLACES], Failure> {
        self.reader.read_to_end(&mut self.begun)?;
        let whole = self.begun.iter().rposition(|&octet| octet == b'\n').map_or(0, |end| end + 1);
        for line in self.begun[..whole].split_inclusive(|&octet| octet == b'\n') {
            let digits = line.split(|&octet| octet == b' ').next().unwrap_or_default();
            let number: u64 = std::str::from_utf8(digits)?.parse()?;
            self.counts[place_of(number)] += 1;
        }
        self.begun.drain(..whole);
        Ok(self.counts)
    }

    pub fn log(&self) -> &Path {
        &self.log
    }
}

/// What the server has said in its log since its start.
#[derive(Debug, Default)]
struct Said {
    folds_begun: u32,
    folds_ended: u32,
    /// Connections to the SMS Core.
    connections: u32,
}

#[derive(Default)]
struct Listening {
    said: Mutex<Said>,
    changed: Condvar,
}

impl Listening {
    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, line: &str) {
        let mut said = self.said();
        said.folds_begun += u32::from(line.contains("fold begins"));
        said.folds_ended += u32::from(line.contains("fold ended"));
        said.connections += u32::from(line.contains("connected to SMS Core"));
        drop(said);
        self.changed.notify_all();
    }
}

/// `message-center serve` on the data folder.
pub struct Server {
    process: Owned,
    address: SocketAddr,
    listening: Arc<Listening>,
    listener: JoinHandle<()>,
    pub started: Instant,
}

/// How to start the server.
pub struct Launch {
    pub program: PathBuf,
    pub config: PathBuf,
    pub data: PathBuf,
    /// Appended to by every start.
    pub log: PathBuf,
}

impl Launch {
    pub fn start(&self) -> Result<Server, Failure> {
        // Somebody else's luck in between shows as a server that does not get ready.
        let address = free_address()?;
        let mut child = Command::new(&self.program)
            .arg("--config")
            .arg(&self.config)
            .args(["serve", "--listen", &address.to_string(), "--data-dir"])
            .arg(&self.data)
            .args(["--log-format", "text", "--log-filter", "info,engine=debug,surrealdb=warn,surrealkv=warn"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = child.stderr.take();
        let process = Owned(child);
        let stderr = stderr.ok_or("the server has no log")?;
        let mut log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let listening = Arc::new(Listening::default());
        let told = Arc::clone(&listening);
        let listener = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                told.hear(&line);
                // The copy is for whoever looks for the cause of a failure.
                let _ = writeln!(log, "{line}");
            }
        });
        Ok(Server { process, address, listening, listener, started: Instant::now() })
    }
}

/// `message-center core`, with what it says in a file.
pub struct SmsCore(Owned);

impl SmsCore {
    pub fn start(program: &Path, config: &Path, log: &Path) -> Result<Self, Failure> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = Command::new(program);
        command.arg("core").arg("--config").arg(config).stdout(Stdio::null()).stderr(log);
        Ok(Self(Owned(command.spawn()?)))
    }

    /// SIGKILL.
    pub fn kill(mut self) -> Result<(), Failure> {
        self.0.kill()
    }

    /// SIGTERM, and waits for its end; how long that took.
    pub fn terminate(mut self) -> Result<Duration, Failure> {
        self.0.terminate()
    }
}

/// A port that nobody has a moment ago.
pub fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Server {
    /// Polls the readiness endpoint.
    pub fn until_ready(&mut self) -> Result<(), Failure> {
        while !self.is_ready() {
            if let Some(status) = self.process.0.try_wait()? {
                return Err(format!("the server ended while it started: {status}").into());
            }
            if self.started.elapsed() > PATIENCE {
                return Err("the server does not get ready".into());
            }
            sleep(POLL);
        }
        Ok(())
    }

    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(1))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    /// Waits for the next fold to begin; false: none did in time.
    pub fn until_fold(&self, patience: Duration) -> bool {
        let said = self.listening.said();
        let before = said.folds_begun;
        let waited = self.listening.changed.wait_timeout_while(said, patience, |said| said.folds_begun == before);
        waited.is_ok_and(|(said, _)| said.folds_begun > before)
    }

    /// Connections to the SMS Core since the start.
    pub fn connections(&self) -> u32 {
        self.listening.said().connections
    }

    /// Waits for one more than there were; false: there was none in time.
    pub fn until_connected(&self, before: u32, patience: Duration) -> bool {
        let said = self.listening.said();
        let waited = self.listening.changed.wait_timeout_while(said, patience, |said| said.connections == before);
        waited.is_ok_and(|(said, _)| said.connections > before)
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// SIGKILL; whether a fold was going on.
    pub fn kill(mut self) -> Result<bool, Failure> {
        self.process.kill()?;
        Ok(self.ended())
    }

    /// SIGTERM, and waits for its end; how long that took.
    pub fn terminate(mut self) -> Result<Duration, Failure> {
        let took = self.process.terminate()?;
        self.ended();
        Ok(took)
    }

    /// Reads the rest of the log; whether a fold had begun and not ended.
    fn ended(self) -> bool {
        // The pipe ends with the process, and so does whoever reads it.
        let _ = self.listener.join();
        let said = self.listening.said();
        said.folds_begun > said.folds_ended
    }
}
