//! The files of each tool beside the tool itself: it sends what a jar wrote for it, and a jar reads what it writes.
//!
//! `./test` installs the tools and says where they are: `HARDTACK_TOOLS` is the folder of Python's, and
//! `HARDTACK_NODE_MODULES` the folder of Node's. A tool that is not installed is passed over, except in CI.

#![cfg(all(feature = "json", feature = "psl"))]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, SystemTime};
use std::{env, fs, thread};

use hardtack_jar::{Access, Format, Jar};

/// How a tool requests a URL with the cookies of a file, and writes its cookies into another one.
struct Tool {
    name: &'static str,
    program: fn() -> PathBuf,
    format: Format,
    /// The words that make it say its version.
    version: &'static [&'static str],
    arguments: fn(&str, &str, &str) -> Vec<String>,
}

static TOOLS: [Tool; 7] = [
    Tool {
        name: "curl",
        program: || "curl".into(),
        format: Format::Netscape,
        version: &["--version"],
        arguments: |url, load, save| {
            words(&["-sg", "--noproxy", "*", "-o", "/dev/null", "-b", load, "-c", save, url])
        },
    },
    Tool {
        name: "wget",
        program: || "wget".into(),
        format: Format::Wget,
        version: &["--version"],
        arguments: |url, load, save| {
            let mut arguments =
                words(&["-q", "-O", "/dev/null", "--no-proxy", "--no-hsts", "--keep-session-cookies"]);
            arguments.extend(words(&["--load-cookies", load, "--save-cookies", save, url]));
            arguments
        },
    },
    Tool {
        name: "Python's http.cookiejar",
        program: || "python3".into(),
        format: Format::Python,
        version: &["--version"],
        arguments: |url, load, save| words(&["-c", include_str!("python.py"), url, load, save]),
    },
    Tool {
        name: "yt-dlp",
        program: || tool("python3"),
        format: Format::Python,
        version: &["-m", "yt_dlp", "--version"],
        arguments: |url, load, save| words(&["-c", include_str!("yt_dlp_jar.py"), url, load, save]),
    },
    Tool {
        name: "HTTPie",
        program: || tool("python3"),
        format: Format::Httpie,
        version: &["-m", "httpie", "--version"],
        // It reads and writes one file.
        arguments: |url, load, save| {
            fs::copy(load, save).expect("a file");
            words(&["-m", "httpie", "--ignore-stdin", "--session", save, "GET", url])
        },
    },
    Tool {
        name: "Playwright",
        program: || tool("python3"),
        format: Format::Playwright,
        version: &["-m", "playwright", "--version"],
        arguments: |url, load, save| words(&["-c", include_str!("playwright_state.py"), url, load, save]),
    },
    Tool {
        name: "tough-cookie",
        program: || "node".into(),
        format: Format::ToughCookie,
        version: &["-p", "require('tough-cookie').version"],
        arguments: |url, load, save| words(&["-e", include_str!("tough_cookie.cjs"), "--", url, load, save]),
    },
];

/// A program of Python's tools.
fn tool(program: &str) -> PathBuf {
    env::var_os("HARDTACK_TOOLS").map(PathBuf::from).unwrap_or_default().join(program)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

impl Tool {
    fn command(&self) -> Command {
        let mut command = Command::new((self.program)());
        if let Some(modules) = env::var_os("HARDTACK_NODE_MODULES") {
            command.env("NODE_PATH", modules);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Its version; `None` if it is not installed.
    fn version(&self) -> Option<String> {
        let output = self.command().args(self.version).output().ok().filter(|output| output.status.success());
        assert!(
            output.is_some() || env::var("CI").as_deref() != Ok("true"),
            "{} is not installed",
            self.name
        );
        let Some(output) = output else {
            println!("summary: skipped: the files of {}: it is not installed", self.name);
            return None;
        };
        Some(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
    }

    fn fetch(&self, url: &str, load: &Path, save: &Path) {
        let arguments = (self.arguments)(url, &load.to_string_lossy(), &save.to_string_lossy());
        let output = self.command().args(arguments).output().expect("a tool");
        assert!(output.status.success(), "{} {url}: {output:?}", self.name);
    }
}

/// The tools that are installed, with their versions.
fn installed() -> impl Iterator<Item = (&'static Tool, String)> {
    TOOLS.iter().filter_map(|tool| Some((tool, tool.version()?)))
}

/// A server that sets two cookies, and tells which `Cookie` header each request had.
struct Server {
    port: u16,
    headers: Receiver<String>,
}

impl Server {
    /// `None` where the machine does not have the address.
    fn start(address: &str) -> Option<Self> {
        let listener = TcpListener::bind((address, 0)).ok()?;
        let port = listener.local_addr().ok()?.port();
        let (sender, headers) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(header) = answer(&stream) {
                    let _ = sender.send(header);
                }
            }
        });
        Some(Self { port, headers })
    }

    fn header(&self) -> String {
        sorted(&self.headers.recv_timeout(Duration::from_secs(120)).expect("a request"))
    }
}

fn answer(mut stream: &TcpStream) -> Option<String> {
    let mut header = String::new();
    for line in BufReader::new(stream).lines() {
        let line = line.ok()?;
        match line.split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("cookie") => header = value.to_owned(),
            None if line.is_empty() => break,
            _ => {}
        }
    }
    let answer = "HTTP/1.1 200 OK\r\nSet-Cookie: lasting=1; Max-Age=36000; HttpOnly\r\nSet-Cookie: session=2\r\n\
                  Content-Length: 0\r\nConnection: close\r\n\r\n";
    stream.write_all(answer.as_bytes()).ok()?;
    Some(header)
}

fn sorted(header: &str) -> String {
    let mut pairs: Vec<_> = header.split("; ").collect();
    pairs.sort_unstable();
    pairs.join("; ")
}

/// The hosts of the machine itself, which need no name server, with the address at which each is served.
const HOSTS: [(&str, &str); 3] = [("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")];

#[test]
fn each_tool_sends_what_was_written_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (load, save) = (folder.path().join("load.txt"), folder.path().join("save.txt"));
    for (tool, version) in installed() {
        for (host, address) in HOSTS {
            let Some(server) = Server::start(address) else { continue };
            let url = format!("http://{host}:{}/a/b", server.port);
            let (access, now) = (Access::http(&url).expect("a URL"), SystemTime::now());
            let mut jar = Jar::new();
            for line in
                ["session=1", "hidden=2; HttpOnly", "lasting=3; Max-Age=36000", "all=4; Path=/", "empty="]
            {
                jar.set(&access, line, now).expect("taken");
            }
            jar.set(&access, "elsewhere=1; Path=/x", now).expect("taken");
            fs::write(&load, jar.export(tool.format, now).expect("written").text()).expect("a file");
            tool.fetch(&url, &load, &save);
            let expected = String::from_utf8(jar.header(&access, now).expect("cookies")).expect("UTF-8");
            assert_eq!(server.header(), sorted(&expected), "{} {url}", tool.name);
        }
        println!("summary: {} sends what the jar writes as {}: {version}", tool.name, tool.format);
    }
}

#[test]
fn what_each_tool_writes_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let (load, save) = (folder.path().join("load.txt"), folder.path().join("save.txt"));
    for (tool, _) in installed() {
        for (host, address) in HOSTS {
            let Some(server) = Server::start(address) else { continue };
            let url = format!("http://{host}:{}/", server.port);
            let (access, now) = (Access::http(&url).expect("a URL"), SystemTime::now());
            fs::write(&load, Jar::new().export(tool.format, now).expect("written").text()).expect("a file");
            tool.fetch(&url, &load, &save);
            let text = fs::read(&save).expect("a file");
            assert_eq!(Format::detect(&text).ok(), Some(tool.format), "{} {url}", tool.name);
            let mut jar = Jar::new();
            let imported = jar.import(tool.format, &text, now).expect("cookies.txt");
            assert_eq!((imported.taken(), imported.left_out()), (2, &[][..]), "{} {url}", tool.name);
            let header = jar.header(&access, now).expect("cookies");
            assert_eq!(
                sorted(&String::from_utf8_lossy(&header)),
                "lasting=1; session=2",
                "{} {url}",
                tool.name
            );
        }
    }
}
