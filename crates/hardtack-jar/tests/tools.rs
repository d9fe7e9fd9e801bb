//! The dialects of `cookies.txt` beside the tools that they are for: curl, wget and Python send what a jar wrote, and a jar
//! reads what they write. A tool that is not installed is passed over, except in CI.

#![cfg(feature = "psl")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, SystemTime};
use std::{env, fs, thread};

use hardtack_jar::{Access, Format, Jar};

const PYTHON: &str = "
import http.cookiejar, sys, urllib.request
url, load, save = sys.argv[1:]
jar = http.cookiejar.MozillaCookieJar(load)
jar.load(ignore_discard=True)
handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar)
urllib.request.build_opener(*handlers).open(url).read()
jar.save(save, ignore_discard=True)
";

/// How a tool requests a URL with the cookies of a file, and writes its cookies into another one.
struct Tool {
    program: &'static str,
    format: Format,
    arguments: fn(&str, &str, &str) -> Vec<String>,
}

const TOOLS: [Tool; 3] = [
    Tool {
        program: "curl",
        format: Format::Netscape,
        arguments: |url, load, save| {
            words(&["-sg", "--noproxy", "*", "-o", "/dev/null", "-b", load, "-c", save, url])
        },
    },
    Tool {
        program: "wget",
        format: Format::Wget,
        arguments: |url, load, save| {
            words(&[
                "-q",
                "-O",
                "/dev/null",
                "--no-proxy",
                "--no-hsts",
                "--keep-session-cookies",
                "--load-cookies",
                load,
                "--save-cookies",
                save,
                url,
            ])
        },
    },
    Tool {
        program: "python3",
        format: Format::Python,
        arguments: |url, load, save| words(&["-c", PYTHON, url, load, save]),
    },
];

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

impl Tool {
    fn is_installed(&self) -> bool {
        let run =
            Command::new(self.program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        let is_installed = run.is_ok_and(|status| status.success());
        assert!(is_installed || env::var("CI").as_deref() != Ok("true"), "{} is not installed", self.program);
        if !is_installed {
            println!("skipped: {} is not installed", self.program);
        }
        is_installed
    }

    fn fetch(&self, url: &str, load: &Path, save: &Path) {
        let arguments = (self.arguments)(url, &load.to_string_lossy(), &save.to_string_lossy());
        let status = Command::new(self.program).args(arguments).status().expect("a tool");
        assert!(status.success(), "{} {url}", self.program);
    }
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
    for tool in TOOLS.iter().filter(|tool| tool.is_installed()) {
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
            assert_eq!(server.header(), sorted(&expected), "{} {url}", tool.program);
        }
    }
}

#[test]
fn what_each_tool_writes_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let (load, save) = (folder.path().join("load.txt"), folder.path().join("save.txt"));
    for tool in TOOLS.iter().filter(|tool| tool.is_installed()) {
        for (host, address) in HOSTS {
            let Some(server) = Server::start(address) else { continue };
            let url = format!("http://{host}:{}/", server.port);
            let (access, now) = (Access::http(&url).expect("a URL"), SystemTime::now());
            fs::write(&load, Jar::new().export(tool.format, now).expect("written").text()).expect("a file");
            tool.fetch(&url, &load, &save);
            let text = fs::read(&save).expect("a file");
            assert_eq!(Format::detect(&text).ok(), Some(tool.format), "{} {url}", tool.program);
            let mut jar = Jar::new();
            let imported = jar.import(tool.format, &text, now).expect("cookies.txt");
            assert_eq!((imported.taken(), imported.left_out()), (2, &[][..]), "{} {url}", tool.program);
            let header = jar.header(&access, now).expect("cookies");
            assert_eq!(
                sorted(&String::from_utf8_lossy(&header)),
                "lasting=1; session=2",
                "{} {url}",
                tool.program
            );
        }
    }
}
