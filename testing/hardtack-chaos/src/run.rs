use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::balancer::Balancer;
use crate::checker::{CheckReport, check};
use crate::client::Client;
use crate::engine::RunningEngine;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::options::{RunOptions, VersionChecks};

const SERVERS: usize = 3;
const CLIENTS: usize = 64;

/// The pause between two faults, for faults that are injected repeatedly.
const PAUSE: Duration = Duration::from_millis(700);

/// Executes one run and returns the result of the check.
pub(crate) async fn run(options: &RunOptions) -> Result<CheckReport, Box<dyn Error>> {
    let mut engine = RunningEngine::start(options.engine)?;
    let balancer = Balancer::start(SERVERS).await?;
    let mut servers = Servers::start(engine.url(), options.version_checks, balancer.clone()).await?;
    let (journal, stop) = (Arc::new(Journal::default()), Arc::new(AtomicBool::new(false)));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let mut client = Client {
            user: format!("user{number}"),
            port: balancer.port,
            journal: Arc::clone(&journal),
            stop: Arc::clone(&stop),
            browsers: [None, None],
            former: Vec::new(),
        };
        clients.spawn(async move {
            client.work().await;
            client
        });
    }

    // No faults are injected during the first and the last fifth of the time.
    let begun = Instant::now();
    tokio::time::sleep(options.time / 5).await;
    let mut injections = 0;
    while begun.elapsed() < options.time * 4 / 5 {
        if options.fault == Fault::KillServers {
            servers.restart(injections as usize % SERVERS).await?;
        }
        let fault = options.fault;
        engine = tokio::task::spawn_blocking(move || {
            let injected = engine.inject(fault, injections);
            injected.map(|()| engine)
        })
        .await??;
        injections += 1;
        tokio::time::sleep(PAUSE).await;
    }
    engine.clear();
    while begun.elapsed() < options.time || journal.acknowledged() < options.writes {
        tokio::time::sleep(PAUSE).await;
    }

    stop.store(true, Ordering::Relaxed);
    let worked = begun.elapsed();
    for client in clients.join_all().await {
        client.check_sessions().await;
    }
    let path = std::env::temp_dir().join(format!("hardtack-chaos-{}.journal", std::process::id()));
    let report = check(&journal.events());
    let (version, fault) = (engine.version(), options.fault);
    println!(
        "summary: {version}, {fault}, {SERVERS} servers, {CLIENTS} clients, {:.0} s: {report}",
        worked.as_secs_f64()
    );
    if !report.is_clean() {
        journal.save(&path)?;
        println!("the journal is in {}", path.display());
    }
    Ok(report)
}

/// The processes of the application.
struct Servers {
    url: String,
    version_checks: VersionChecks,
    balancer: Balancer,
    processes: Vec<Option<Child>>,
}

impl Servers {
    async fn start(
        url: String,
        version_checks: VersionChecks,
        balancer: Balancer,
    ) -> Result<Self, Box<dyn Error>> {
        let processes = (0..SERVERS).map(|_| None).collect();
        let mut servers = Self { url, version_checks, balancer, processes };
        for number in 0..SERVERS {
            servers.launch(number).await?;
        }
        Ok(servers)
    }

    /// Kills a server in the middle of its work, and starts another in its place.
    async fn restart(&mut self, number: usize) -> Result<(), Box<dyn Error>> {
        self.balancer.set(number, None);
        if let Some(mut process) = self.processes[number].take() {
            process.kill()?;
            process.wait()?;
        }
        self.launch(number).await
    }

    async fn launch(&mut self, number: usize) -> Result<(), Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg(&self.url).stdin(Stdio::piped()).stdout(Stdio::piped());
        if self.version_checks == VersionChecks::Off {
            command.arg("--careless");
        }
        let mut process = command.spawn()?;
        let output = process.stdout.take().ok_or("the server's output is piped")?;
        self.processes[number] = Some(process);
        let line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(output).read_line(&mut line).map(|_| line)
        });
        self.balancer.set(number, Some(line.await??.trim().parse()?));
        Ok(())
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().flatten() {
            drop((process.kill(), process.wait()));
        }
    }
}
