use std::env;
use std::path::Path;

use clap::Args;
use hardtack_stores::{AnyStore, Engine, StoreUrl};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// The store to use.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    /// The URL of the store: sqlite:PATH, postgres://…, mysql://…, redis://…, redis-sentinel://…, or redis-cluster://….
    /// Use HARDTACK_STORE for a URL with a password
    // This is a `String`, not a URL, because clap's errors quote values that fail to parse, and such a value may
    // contain a password.
    #[arg(long, value_name = "URL", env = VARIABLE, hide_env_values = true)]
    pub(crate) store: Option<String>,
}

const VARIABLE: &str = "HARDTACK_STORE";

impl StoreArgs {
    pub(crate) fn parse(text: &str) -> Result<StoreUrl, Failure> {
        text.parse().map_err(|error| Failure::usage(format!("--store: {error}")))
    }

    pub(crate) async fn open(&self) -> Result<AnyStore, Failure> {
        let Some(text) = &self.store else {
            let message = format!("no store is given: use --store URL, or set {VARIABLE}");
            return Err(Failure::usage(message));
        };
        let url = Self::parse(text)?;
        if has_password(text) && env::var(VARIABLE).as_ref() != Ok(text) {
            output::note(format_args!(
                "every user of this machine can read the password in --store: set {VARIABLE} instead"
            ));
        }
        if url.engine() == Engine::Memory {
            return Err(Failure::usage(
                "a memory store is visible only to its own application: use a store outside the application, such as sqlite:PATH",
            ));
        }
        if url.path().is_some_and(|path| !Path::exists(path)) {
            return Err(Failure::new(
                Exit::NotFound,
                format!("the store {url} does not exist: check the path"),
            ));
        }
        url.open().await.map_err(|error| Failure::caused(Exit::Unreachable, &error))
    }
}

/// Returns whether a URL contains a password: whether the part before the `@` contains a `:`.
fn has_password(url: &str) -> bool {
    let address = url.split_once("://").map_or("", |(_, rest)| rest);
    address.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_seen() {
        for url in ["postgres://ada:secret@host/db", "redis://:secret@host", "mysql://a:b@c@host/db"] {
            assert!(has_password(url), "{url}");
        }
        for url in ["postgres://ada@host:5432/db", "redis://host:6379", "sqlite:a:b@c"] {
            assert!(!has_password(url), "{url}");
        }
    }
}
