//! `… -p hardtack-http-bench -- hot [engines…]`: measures the throughput of one session to which 64 clients write
//! concurrently, in one server process and in two. Each write is a request through the session layer, without HTTP.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hardtack::{Session, SessionLayer, Stored};
use hardtack_bench_load::{Result, TASKS};
use hardtack_stores::AnyStore;
use http::{Request, Response, StatusCode, header};
use tokio::runtime::Runtime;
use tower::{BoxError, Layer, ServiceExt, service_fn};

use crate::engine::Engine;
use crate::server_process::Contender;

const TIME: Duration = Duration::from_secs(5);

/// Prints a row for one process and a row for two.
pub(crate) fn measure(runtime: &Runtime, engine: &Engine) -> Result {
    for processes in [1, 2] {
        let url = engine.url(Contender::Hardtack);
        let cookie = runtime.block_on(begin(&url))?;
        let mut writers = Vec::new();
        for _ in 0..processes {
            writers.push(Writer::start(&url, &cookie, TASKS / processes)?);
        }
        for writer in &mut writers {
            writer.go()?;
        }
        let mut done = Vec::new();
        for writer in writers {
            done.push(writer.finish()?);
        }
        let sum = |what: fn(&Done) -> u64| done.iter().map(what).sum::<u64>();
        let (written, refused) = (sum(|done| done.written), sum(|done| done.refused));
        let counted = runtime.block_on(read(&url, &cookie))?;
        // A write for which the response was a 503 may have been applied.
        assert!(
            (written..=written + refused).contains(&counted),
            "{written} acknowledged, {counted} counted"
        );
        println!(
            "{:<36}{:>10}{:>14.0}{:>8}{:>20.2}{:>12.1}{:>22}",
            engine.title(),
            processes,
            written as f64 / TIME.as_secs_f64(),
            refused,
            sum(|done| done.conflicts) as f64 / written as f64,
            done.iter().map(|done| done.slowest).max().unwrap_or_default() as f64 / 1000.0,
            format!(
                "{} to {}",
                done.iter().map(|done| done.fewest).min().unwrap_or_default(),
                done.iter().map(|done| done.most).max().unwrap_or_default()
            ),
        );
    }
    Ok(())
}

pub(crate) fn print_head() {
    println!("one session, which {TASKS} clients write for {} seconds without pause", TIME.as_secs());
    println!(
        "{:<36}{:>10}{:>14}{:>8}{:>20}{:>12}{:>22}",
        "", "processes", "writes/s", "503s", "conflicts/write", "slowest, ms", "writes of a client"
    );
}

/// The combined results of the clients in one process.
struct Done {
    written: u64,
    refused: u64,
    conflicts: u64,
    /// The duration of the slowest request, in microseconds.
    slowest: u64,
    fewest: u64,
    most: u64,
}

/// A server process that also contains clients.
struct Writer {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Writer {
    fn start(url: &str, cookie: &str, clients: u64) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["write", url, cookie, &clients.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut output = BufReader::new(process.stdout.take().ok_or("the output is piped")?);
        output.read_line(&mut String::new())?;
        Ok(Self { process, output })
    }

    fn go(&mut self) -> Result {
        Ok(self.process.stdin.as_mut().ok_or("the input is piped")?.write_all(b"go\n")?)
    }

    fn finish(mut self) -> Result<Done> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        self.process.wait()?;
        let numbers: Vec<u64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let [written, refused, conflicts, slowest, fewest, most] = numbers[..] else {
            return Err(format!("a writer process printed {line:?}").into());
        };
        Ok(Done { written, refused, conflicts, slowest, fewest, most })
    }
}

/// Runs in the process of a [`Writer`]: prints that the process is ready, waits for a line on standard input, runs the
/// clients, and prints their results.
pub(crate) async fn write(url: &str, cookie: &str, clients: &str) -> Result {
    let layer = SessionLayer::stored(AnyStore::open(url).await?);
    println!("ready");
    std::io::stdin().lock().read_line(&mut String::new())?;
    let (begin, cookie) = (Instant::now(), Arc::<str>::from(cookie));
    let tasks: Vec<_> = (0..clients.parse()?)
        .map(|_| {
            let (layer, cookie) = (layer.clone(), Arc::clone(&cookie));
            tokio::spawn(async move {
                let (mut written, mut refused, mut slowest) = (0_u64, 0_u64, Duration::ZERO);
                while begin.elapsed() < TIME {
                    let asked = Instant::now();
                    match visit(&layer, &cookie, count).await?.status() {
                        StatusCode::OK => written += 1,
                        _ => refused += 1,
                    }
                    slowest = slowest.max(asked.elapsed());
                }
                Result::<_>::Ok((written, refused, slowest))
            })
        })
        .collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await??);
    }
    println!(
        "{} {} {} {} {} {}",
        done.iter().map(|(written, ..)| written).sum::<u64>(),
        done.iter().map(|(_, refused, _)| refused).sum::<u64>(),
        layer.metrics().conflicts,
        done.iter().map(|(.., slowest)| slowest.as_micros()).max().unwrap_or_default(),
        done.iter().map(|(written, ..)| written).min().unwrap_or(&0),
        done.iter().map(|(written, ..)| written).max().unwrap_or(&0),
    );
    Ok(())
}

/// Starts the session, and returns its cookie.
async fn begin(url: &str) -> Result<String> {
    let layer = SessionLayer::stored(AnyStore::open(url).await?);
    let response = visit(&layer, "", |session| session.insert("visits", 0)).await?;
    let cookie = response.headers()[header::SET_COOKIE].to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// Returns the number of writes that the session has counted.
async fn read(url: &str, cookie: &str) -> Result<u64> {
    let layer = SessionLayer::stored(AnyStore::open(url).await?);
    let (tell, told) = std::sync::mpsc::channel();
    visit(&layer, cookie, move |session| tell.send(session.get("visits")).unwrap_or_default()).await?;
    Ok(told.recv()?.ok_or("the session is missing")?)
}

fn count(session: &Session) {
    session.update("visits", |visits: &mut u64| *visits += 1);
}

/// Runs a request with a cookie, in which `work` uses the session.
async fn visit(
    layer: &SessionLayer<Stored>,
    cookie: &str,
    work: impl Fn(&Session) + Clone + Send,
) -> Result<Response<String>> {
    let handler = service_fn(move |request: Request<()>| {
        let work = work.clone();
        async move {
            let session: Session = Session::open(request.extensions(), request.headers()).await?;
            work(&session);
            Ok::<_, BoxError>(Response::new(String::new()))
        }
    });
    let request = Request::builder().header(header::COOKIE, cookie).body(())?;
    layer.layer(handler).oneshot(request).await
}
