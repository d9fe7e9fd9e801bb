use std::error::Error;
use std::fmt;
use std::io::{BufRead, BufReader, Write, stdin};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::SystemTime;

use hardtack_core::protocol::{Changes, IdChange, Lineage, Login, Owner, Purpose, SessionId, StoreAction};
use hardtack_core::store::{self, Commit, Opened, SessionStore, StoreError};

/// The result of ending sessions while they were renewed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RenewalRace {
    /// The number of times that a user's sessions were ended while they were renewed.
    pub rounds: usize,
    /// The number of sessions that survived because they were renewed. It must be zero.
    pub survivors: usize,
}

type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// Returns the number of rounds in a test: the value of the environment variable `HARDTACK_RENEWALS`, or `otherwise`.
#[must_use]
pub fn rounds_of_renewals(otherwise: usize) -> usize {
    std::env::var("HARDTACK_RENEWALS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(otherwise)
}

/// Runs rounds in which every store except one renews a session of the same user, while the remaining store ends all of
/// that user's sessions. No session may be left after a round.
///
/// # Errors
///
/// Fails if a store operation fails.
pub async fn renew_while_ending<S: SessionStore + Clone>(stores: &[S], rounds: usize) -> Result<RenewalRace> {
    let mut renewed = RenewalRace { rounds, survivors: 0 };
    for round in 0..rounds {
        let ends = round % stores.len();
        let mut ready = Vec::new();
        for (number, store) in stores.iter().cloned().enumerate() {
            let part = if number == ends { Part::Ends } else { Part::renews(&store, number).await? };
            ready.push((store, part));
        }
        let running: Vec<_> = ready
            .into_iter()
            .map(|(store, part)| tokio::spawn(async move { part.play(&store).await }))
            .collect();
        for task in running {
            task.await??;
        }
        renewed.survivors += survivors(&stores[ends]).await?;
    }
    Ok(renewed)
}

/// Runs the rounds of [`renew_while_ending`] with five stores in five processes. The test program starts itself five
/// times, and each process runs the test `this`.
///
/// # Errors
///
/// Fails if a process cannot be started, or if a store operation fails in any process.
pub(crate) fn renew_while_ending_in_five_processes(
    this: &str,
    url: &str,
    rounds: usize,
) -> Result<RenewalRace> {
    let (_, test) = this.split_once("::").ok_or("a path without a crate")?;
    let mut players =
        (0..5).map(|number| PlayerProcess::start(test, url, number)).collect::<Result<Vec<_>>>()?;
    let mut renewed = RenewalRace { rounds, survivors: 0 };
    for round in 0..rounds {
        let ends = round % players.len();
        for (number, player) in players.iter_mut().enumerate() {
            player.say(if number == ends { "end" } else { "begin" })?;
        }
        all(&mut players, None)?;
        for player in &mut players {
            player.say("go")?;
        }
        all(&mut players, None)?;
        players[ends].say("count")?;
        renewed.survivors += all(&mut players, Some(ends))?;
    }
    for mut player in players {
        drop(player.commands);
        player.process.wait()?;
    }
    Ok(renewed)
}

/// Executes the commands of [`renew_while_ending_in_five_processes`] until there are no more, and returns `Some`.
/// Returns `None` in a process that was started in any other way.
///
/// # Errors
///
/// Fails if the store fails.
pub(crate) fn play_in_this_process<S: SessionStore>(
    connect: impl AsyncFnOnce(&str) -> Result<S, StoreError>,
) -> Result<Option<()>> {
    let Ok(started) = std::env::var(PLAYER_VARIABLE) else { return Ok(None) };
    let (number, url) = started.split_once(' ').ok_or("the arguments are a number and a URL")?;
    let number = number.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = connect(url).await?;
        let mut part = None;
        println!("\n{DONE} 0");
        for command in stdin().lines() {
            let mut count = 0;
            match &*command? {
                "begin" => part = Some(Part::renews(&store, number).await?),
                "end" => part = Some(Part::Ends),
                "go" => part.take().ok_or("the part was given")?.play(&store).await?,
                _ => count = survivors(&store).await?,
            }
            println!("\n{DONE} {count}");
        }
        Ok(Some(()))
    })
}

/// The role of a store in a round.
enum Part {
    Ends,
    Renews(Box<Commit>),
}

const PLAYER_VARIABLE: &str = "HARDTACK_PLAYER";
const DONE: &str = "done:";

fn user() -> Owner {
    Owner::new("ann")
}

impl Part {
    /// Creates a session by logging in, and prepares the commit that renews it.
    async fn renews<S: SessionStore>(store: &S, number: usize) -> std::result::Result<Self, StoreError> {
        let login = Login::new(user(), Lineage::from_random([number as u8; 16]));
        let commit = commit_of(StoreAction::Create, IdChange::LogIn, None, Some(login));
        let id = commit.fresh;
        store::commit(store, &commit).await?;
        let (purpose, key) = (Purpose::default(), id.store_key(&Purpose::default()));
        let Opened::Live(place, ..) = store::open(store, &purpose, key, SystemTime::now()).await? else {
            return Err(StoreError::new("opening a session", "the new session is missing"));
        };
        Ok(Self::Renews(Box::new(commit_of(StoreAction::Renew, IdChange::Renew, Some(place), None))))
    }

    async fn play<S: SessionStore>(self, store: &S) -> std::result::Result<(), StoreError> {
        match self {
            Self::Ends => store.delete_owned_by(&Purpose::default(), &user(), None).await.map(drop),
            Self::Renews(commit) => store::commit(store, &commit).await.map(drop),
        }
    }
}

fn commit_of(
    action: StoreAction,
    id_change: IdChange,
    located: Option<store::Located>,
    login: Option<Login>,
) -> Commit {
    let fresh = SessionId::from_random(unique());
    let mut commit = Commit::new(action, Purpose::default(), Changes::new(), fresh, SystemTime::now());
    (commit.id_change, commit.located, commit.login) = (id_change, located, login);
    commit
}

/// Returns bytes that are unique among the processes of a test. They need not be random, because the sessions contain
/// no secrets.
fn unique() -> [u8; 32] {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes[8..12].copy_from_slice(&std::process::id().to_be_bytes());
    bytes
}

/// Returns the number of the user's sessions that are left. Then ends them, so that the next round starts without
/// sessions.
async fn survivors<S: SessionStore>(store: &S) -> std::result::Result<usize, StoreError> {
    let left = store.owned_by(&Purpose::default(), &user(), None, 100).await?.len();
    store.delete_owned_by(&Purpose::default(), &user(), None).await?;
    Ok(left)
}

/// A process that takes part in the rounds with its own store.
struct PlayerProcess {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl PlayerProcess {
    fn start(test: &str, url: &str, number: usize) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--exact", test, "--include-ignored", "--nocapture"]);
        command.env(PLAYER_VARIABLE, format!("{number} {url}")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let commands = process.stdin.take().ok_or("the stream is piped")?;
        let answers = BufReader::new(process.stdout.take().ok_or("the stream is piped")?);
        let mut player = Self { process, commands, answers };
        player.hear()?;
        Ok(player)
    }

    fn say(&mut self, command: &str) -> Result {
        Ok(self.commands.write_all(format!("{command}\n").as_bytes())?)
    }

    fn hear(&mut self) -> Result<usize> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.answers.read_line(&mut line)? == 0 {
                return Err("a process that renews or ends sessions failed".into());
            }
            if let Some(count) = line.strip_prefix(DONE) {
                return Ok(count.trim().parse()?);
            }
        }
    }
}

/// Waits for the responses of all processes, or of only one, and returns the sum of their counts.
fn all(players: &mut [PlayerProcess], only: Option<usize>) -> Result<usize> {
    let mut sum = 0;
    for (number, player) in players.iter_mut().enumerate() {
        if only.is_none_or(|only| only == number) {
            sum += player.hear()?;
        }
    }
    Ok(sum)
}

impl fmt::Display for RenewalRace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "sessions ended while they were renewed, {} times: {} survivors",
            self.rounds, self.survivors
        )
    }
}
