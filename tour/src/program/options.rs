use hardtack_stores::StoreUrl;
use lexopt::prelude::*;

use crate::sessions::Backend;

/// The output of `--help`.
pub const USAGE: &str = "\
Usage: tour [--port PORT] [--kind signed|encrypted|stored] [--store URL] [--insecure-http]

Starts the tour of Hardtack: a page for each feature of cookies and sessions.

  --port PORT       the port to listen on, on this machine only. Default: 5000, or the next
                    free port
  --kind KIND       the kind of session until a visitor chooses another: stored on the server
                    (the default), or in the cookie, signed or encrypted
  --store URL       the store for stored sessions: sqlite:PATH, memory, or, if the tour is
                    built with the feature of the same name, postgres://, mysql://, or
                    redis://. Default: sqlite:.data/tour.db
  --insecure-http   omit Secure from cookies, for browsers that reject Secure cookies from
                    http://localhost (Safari)

Signed and encrypted sessions need a key. The tour uses the one in SECRET_KEY. If that is not
set, it creates a key in .data/secret_key.
";

const DEFAULT_PORT: u16 = 5000;
const DEFAULT_DATABASE: &str = ".data/tour.db";

/// The parsed command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The port to listen on.
    pub port: Port,
    /// The backend of a visitor's session until the visitor chooses another one.
    pub backend: Backend,
    /// The store for stored sessions.
    pub store: StoreUrl,
    /// Whether cookies are set without `Secure`.
    pub insecure_http: bool,
}

/// The port to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// Exactly this port. 0 means any free port.
    Exactly(u16),
    /// This port, or the next free one.
    From(u16),
}

impl Options {
    /// Parses a command line. Returns `None` if it asks for help.
    ///
    /// # Errors
    ///
    /// Returns an error that describes the first problem.
    pub fn parse(mut arguments: lexopt::Parser) -> Result<Option<Self>, lexopt::Error> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("port") => {
                    options.port = Port::Exactly(arguments.value()?.parse()?)
                }
                Long("kind") => options.backend = arguments.value()?.parse()?,
                Long("store") => options.store = arguments.value()?.parse()?,
                Long("insecure-http") => options.insecure_http = true,
                Short('h') | Long("help") => return Ok(None),
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(Some(options))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: Port::From(DEFAULT_PORT),
            backend: Backend::default(),
            store: StoreUrl::sqlite(DEFAULT_DATABASE).expect("SQLite is built in"),
            insecure_http: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(lexopt::Parser::from_args(line.split_whitespace()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn no_option_is_required() {
        let options = parse("").unwrap().unwrap();
        assert_eq!(options, Options::default());
        assert_eq!(options.backend, Backend::Stored);
        assert_eq!(options.store, "sqlite:.data/tour.db".parse().unwrap());
    }

    #[test]
    fn every_option_is_parsed() {
        let options = parse("--port 8080 --kind=stored --store memory --insecure-http")
            .unwrap()
            .unwrap();
        let expected = Options {
            port: Port::Exactly(8080),
            backend: Backend::Stored,
            store: StoreUrl::memory(),
            insecure_http: true,
        };
        assert_eq!(options, expected);
        assert_eq!(
            parse("--store sqlite:a:b.db").unwrap().unwrap().store,
            StoreUrl::sqlite("a:b.db").unwrap()
        );
        assert_eq!(parse("--kind signed").unwrap().unwrap().backend, Backend::Signed);
        assert_eq!(parse("--help"), Ok(None));
    }

    #[test]
    fn an_error_names_the_choices() {
        for (line, sentence) in [
            ("--kind safe", "use signed, encrypted, or stored"),
            ("--store somewhere:x", "sqlite:"),
            ("--store sqlite:", "path"),
            ("--port 99999", "99999"),
            ("--prot 1", "--prot"),
            ("8080", "8080"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(sentence), "{line}: {error}");
        }
    }
}
