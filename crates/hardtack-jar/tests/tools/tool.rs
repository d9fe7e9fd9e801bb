//! The tools, and how each one is run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use hardtack_jar::{Attribute, Format};

use crate::server::{BROWSER_HOSTS, HOSTS};

/// A tool that requests a URL with the cookies from a file, and writes its cookies to another file.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    program: fn() -> PathBuf,
    pub(crate) format: Format,
    /// The arguments with which the tool prints its version.
    version: &'static [&'static str],
    arguments: fn(&str, &str, &str) -> Vec<String>,
    /// The hosts that the tool resolves without a name server, each with the address at which it is served.
    pub(crate) hosts: &'static [(&'static str, &'static str)],
    /// The attributes that the tool itself loses, although its format can store them.
    pub(crate) drops: &'static [Attribute],
}

static TOOLS: [Tool; 10] = [
    Tool {
        name: "curl",
        program: || "curl".into(),
        format: Format::Netscape,
        version: &["--version"],
        arguments: |url, load, save| {
            words(&["-sg", "--noproxy", "*", "-o", "/dev/null", "-b", load, "-c", save, url])
        },
        hosts: HOSTS,
        drops: &[],
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
        hosts: HOSTS,
        drops: &[],
    },
    Tool {
        name: "Python's http.cookiejar",
        program: || "python3".into(),
        format: Format::Python,
        version: &["--version"],
        arguments: |url, load, save| words(&["-c", include_str!("python.py"), url, load, save]),
        hosts: HOSTS,
        // `http.cookiejar` keeps the attribute of a cookie from a file, but not of a cookie from a server.
        drops: &[Attribute::HttpOnly],
    },
    Tool {
        name: "yt-dlp",
        program: || tool("python3"),
        format: Format::Python,
        version: &["-m", "yt_dlp", "--version"],
        arguments: |url, load, save| words(&["-c", include_str!("yt_dlp_jar.py"), url, load, save]),
        hosts: HOSTS,
        // yt-dlp saves lines without `#HttpOnly_`.
        drops: &[Attribute::HttpOnly],
    },
    Tool {
        name: "HTTPie",
        program: || tool("python3"),
        format: Format::Httpie,
        version: &["-m", "httpie", "--version"],
        // HTTPie reads and writes the same file.
        arguments: |url, load, save| {
            fs::copy(load, save).expect("a file");
            words(&["-m", "httpie", "--ignore-stdin", "--session", save, "GET", url])
        },
        hosts: HOSTS,
        drops: &[],
    },
    Tool {
        name: "tough-cookie",
        program: || "node".into(),
        format: Format::ToughCookie,
        version: &["-p", "require('tough-cookie').version"],
        arguments: |url, load, save| words(&["-e", include_str!("tough_cookie.cjs"), "--", url, load, save]),
        hosts: HOSTS,
        drops: &[],
    },
    Tool {
        name: "Playwright",
        program: || tool("python3"),
        format: Format::Playwright,
        version: &["-m", "playwright", "--version"],
        arguments: |url, load, save| words(&["-c", include_str!("playwright_state.py"), url, load, save]),
        hosts: BROWSER_HOSTS,
        drops: &[],
    },
    Tool {
        name: "Puppeteer",
        program: || "node".into(),
        format: Format::DevTools,
        version: &["-p", "require('puppeteer-core/package.json').version"],
        arguments: |url, load, save| words(&["-e", include_str!("puppeteer.cjs"), "--", url, load, save]),
        hosts: BROWSER_HOSTS,
        drops: &[],
    },
    Tool {
        name: "Selenium",
        program: || tool("python3"),
        format: Format::Selenium,
        version: &[
            "-c",
            "import selenium, subprocess
driver = subprocess.check_output(['chromedriver', '--version'], text=True).split()
print(selenium.__version__, 'with', *driver[:2])",
        ],
        arguments: |url, load, save| words(&["-c", include_str!("selenium_cookies.py"), url, load, save]),
        hosts: BROWSER_HOSTS,
        drops: &[],
    },
    Tool {
        name: "A browser extension",
        program: || "node".into(),
        format: Format::CookieEditor,
        version: &[
            "-p",
            "const chromium = process.env.HARDTACK_CHROMIUM ?? '/usr/bin/chromium';
require('puppeteer-core') && require('node:child_process').execFileSync(chromium, ['--version'], { encoding: 'utf8' })",
        ],
        arguments: |url, load, save| words(&["-e", include_str!("extension.cjs"), "--", url, load, save]),
        hosts: BROWSER_HOSTS,
        drops: &[],
    },
];

/// Returns the path of a program in the folder of the Python tools.
fn tool(program: &str) -> PathBuf {
    env::var_os("HARDTACK_TOOLS").map(PathBuf::from).unwrap_or_default().join(program)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Returns the tools that are installed, with their versions.
pub(crate) fn installed() -> impl Iterator<Item = (&'static Tool, String)> {
    TOOLS.iter().filter_map(|tool| Some((tool, tool.version()?)))
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

    /// Returns the tool's version, or `None` if the tool is not installed.
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
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // curl prints the versions of its libraries after its own.
        Some(text.split(['\n', '(']).next().unwrap_or_default().trim().to_owned())
    }

    pub(crate) fn fetch(&self, url: &str, load: &Path, save: &Path) {
        let arguments = (self.arguments)(url, &load.to_string_lossy(), &save.to_string_lossy());
        let output = self.command().args(arguments).output().expect("a tool");
        assert!(output.status.success(), "{} {url}: {output:?}", self.name);
    }
}
