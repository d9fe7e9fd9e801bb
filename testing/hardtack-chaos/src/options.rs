use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

use crate::engine::Engine;
use crate::fault::Fault;

/// The text that `--help` prints.
pub(crate) const USAGE: &str = "\
Usage: hardtack-chaos run [--engine ENGINE] [--fault FAULT] [--seconds N] [--writes N] [--careless]
       hardtack-chaos check JOURNAL

  --engine ENGINE   redis, redis-cluster, postgres, or mariadb, started for the run; default: redis
  --fault FAULT     none, kill-servers, restart-database, cut-wires, delay-wires, or kill-master; default: none
  --seconds N       how long the clients run; default: 15
  --writes N        and then until at least N writes are acknowledged; default: 0
  --careless        use a store that writes without checking the version: the checker must report it
";

/// The parsed command line.
#[derive(Debug, Clone)]
pub(crate) enum Options {
    Help,
    Run(RunOptions),
    Check(PathBuf),
    /// Runs one of the application's servers.
    Serve(ServeOptions),
}

#[derive(Debug, Clone)]
pub(crate) struct RunOptions {
    pub(crate) engine: Engine,
    pub(crate) fault: Fault,
    pub(crate) time: Duration,
    pub(crate) writes: u64,
    pub(crate) version_checks: VersionChecks,
}

#[derive(Debug, Clone)]
pub(crate) struct ServeOptions {
    pub(crate) url: String,
    pub(crate) version_checks: VersionChecks,
}

/// Whether the store compares the version of a record before it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VersionChecks {
    On,
    Off,
}

impl Options {
    pub(crate) fn parse(mut arguments: lexopt::Parser) -> Result<Self, lexopt::Error> {
        let Some(Value(command)) = arguments.next()? else { return Ok(Self::Help) };
        match command.to_str() {
            Some("check") => Ok(Self::Check(arguments.value()?.into())),
            Some("run") => RunOptions::parse(&mut arguments).map(Self::Run),
            Some("serve") => {
                let url = arguments.value()?.string()?;
                let version_checks = match arguments.next()? {
                    Some(Long("careless")) => VersionChecks::Off,
                    _ => VersionChecks::On,
                };
                Ok(Self::Serve(ServeOptions { url, version_checks }))
            }
            _ => Ok(Self::Help),
        }
    }
}

impl RunOptions {
    fn parse(arguments: &mut lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut options = Self {
            engine: Engine::Redis,
            fault: Fault::None,
            time: Duration::from_secs(15),
            writes: 0,
            version_checks: VersionChecks::On,
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("engine") => options.engine = arguments.value()?.parse()?,
                Long("fault") => options.fault = arguments.value()?.parse()?,
                Long("seconds") => options.time = Duration::from_secs(arguments.value()?.parse()?),
                Long("writes") => options.writes = arguments.value()?.parse()?,
                Long("careless") => options.version_checks = VersionChecks::Off,
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(options)
    }
}
