use std::io::{self, IsTerminal};

use clap::Args;
use tour::{Backend, Options, Port};

use crate::arguments::StoreArgs;
use crate::exit::Exit;
use crate::failure::Failure;

/// Start the tour: a page for each feature of cookies and sessions
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack serve
  hardtack serve --port 8080 --kind signed
  hardtack serve --store memory")]
pub(crate) struct Serve {
    /// The port to listen on, on localhost only. Default: 5000, or the next free port
    #[arg(long)]
    port: Option<u16>,
    /// The kind of sessions until a visitor chooses another: stored, signed, or encrypted
    #[arg(long, default_value = "stored")]
    kind: Backend,
    /// The store for stored sessions: sqlite:PATH, memory, postgres://…, mysql://…, or redis://…. Default:
    /// sqlite:.data/tour.db
    #[arg(long, value_name = "URL", env = "HARDTACK_STORE", hide_env_values = true)]
    store: Option<String>,
    /// Omit Secure from cookies, for browsers that refuse Secure cookies from http://localhost (Safari)
    #[arg(long)]
    insecure_http: bool,
}

impl Serve {
    pub(crate) async fn run(self) -> Result<Exit, Failure> {
        let mut options =
            Options { backend: self.kind, insecure_http: self.insecure_http, ..Options::default() };
        if let Some(port) = self.port {
            options.port = Port::Exactly(port);
        }
        if let Some(store) = &self.store {
            options.store = StoreArgs::parse(store)?;
        }
        tracing_subscriber::fmt()
            .without_time()
            .with_target(false)
            .with_ansi(io::stderr().is_terminal())
            .with_writer(io::stderr)
            .init();
        match tour::run(options).await {
            Ok(()) => Ok(Exit::Done),
            Err(error) => Err(Failure::caused(Exit::Unreachable, &*error)),
        }
    }
}
