//! Tests `hardtack jar`: conversions between all formats, concurrent imports, and exports that are killed.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value as Json;

use crate::fixture::{Fixture, RECORDING};
use crate::program::{finish, hardtack, run};

const FORMS: [&str; 10] = [
    "whole",
    "netscape",
    "wget",
    "python",
    "devtools",
    "playwright",
    "cookie-editor",
    "selenium",
    "cookie-store",
    "tough-cookie",
];

#[test]
fn cookies_convert_from_every_format_to_every_other() {
    let fixture = Fixture::new();
    let shown = |file: &str| run(["jar", "show", file, "--json", "--values"]).json();
    let expected = shown(&fixture.fill("{cookies.txt}"));
    for from in FORMS {
        let first = fixture.fill(&format!("{{from-{from}}}"));
        assert_eq!(
            run(["jar", "export", &fixture.fill("{cookies.txt}"), "--to", from, "--output", &first]).code,
            Some(0)
        );
        for to in FORMS {
            let second = fixture.fill(&format!("{{from-{from}-to-{to}}}"));
            let outcome = run(["jar", "import", &first, "--output", &second, "--to", to]);
            assert_eq!(outcome.code, Some(0), "{from} to {to}: {outcome:?}");
            let mut found = shown(&second);
            for cookie in found.as_array_mut().expect("a list") {
                // Playwright's format cannot store a cookie without `SameSite`.
                if from == "playwright" || to == "playwright" {
                    cookie["same_site"] = Json::Null;
                }
                // wget's format has no `HttpOnly`, because wget treats the line of such a cookie as a comment.
                if (from == "wget" || to == "wget") && cookie["value"] == "secret-value" {
                    cookie["http_only"] = true.into();
                }
            }
            assert_eq!(found, expected, "{from} to {to}");
        }
    }
    println!("summary: hardtack jar: {} formats, each to each", FORMS.len());
}

#[test]
fn a_recording_is_imported() {
    let folder = tempfile::tempdir().expect("a folder");
    let har = folder.path().join("recording.har");
    fs::write(&har, RECORDING).expect("a file");
    let har = har.display().to_string();
    let json = run(["jar", "show", &har, "--from", "har", "--json"]).json();
    assert_eq!((&json[0]["name"], &json[0]["domain"]), (&"id".into(), &"shop.example".into()));
}

#[test]
fn the_rest_of_a_jars_file_is_kept() {
    let fixture = Fixture::new();
    for (name, text, kept) in [
        (
            "storage.json",
            r#"{"cookies": [], "origins": [{"origin": "https://shop.example", "localStorage": []}]}"#,
            &["https://shop.example"][..],
        ),
        (
            "session.json",
            r#"{"__meta__": {"httpie": "3.2.4"}, "auth": {"raw_auth": "jane:x"}, "cookies": [],
                "headers": [{"name": "X-A", "value": "b"}]}"#,
            &["3.2.4", "jane:x", "X-A"],
        ),
        ("commented.txt", "# the shop, for the nightly job\n", &["\n# the shop, for the nightly job\n"]),
    ] {
        let path = fixture.fill(&format!("{{{name}}}"));
        fs::write(&path, text).expect("a file");
        let outcome = run(["jar", "import", &fixture.fill("{cookies.txt}"), "--output", &path]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let text = fs::read_to_string(&path).expect("a file");
        assert!(kept.iter().all(|kept| text.contains(kept)), "{name}: {text}");
        let shown = run(["jar", "show", &path, "--json"]).json();
        assert_eq!(shown.as_array().map(Vec::len), Some(3), "{name}");
    }
}

#[test]
fn a_killed_export_leaves_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |number| format!("site{number}.example\tFALSE\t/\tFALSE\t4102444800\tid\t{number}\n");
    let source = folder.path().join("source.txt");
    fs::write(&source, (0..3000).map(line).collect::<String>()).expect("a file");
    let target = folder.path().join("target.txt");
    let old = line(0);
    let export = || {
        fs::write(&target, &old).expect("a file");
        let mut command = hardtack();
        command.args(["jar", "export"]).arg(&source).args(["--to", "netscape", "--output"]).arg(&target);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    };
    // The duration of an export that is not killed. The kills are spread over this time.
    let begin = Instant::now();
    assert!(export().wait().expect("it ends").success());
    let whole = begin.elapsed();
    let (mut killed, mut done) = (0, 0);
    for round in 0..20 {
        let mut child = export();
        std::thread::sleep(whole * round / 15);
        let _ = child.kill();
        if child.wait().expect("it ends").success() {
            done += 1
        } else {
            killed += 1
        }
        let text = fs::read_to_string(&target).expect("a file");
        assert!(
            text == old || text.lines().filter(|line| line.contains(".example\t")).count() == 3000,
            "torn"
        );
    }
    println!("summary: hardtack jar export: killed {killed} times of {}, no torn file", killed + done);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_jar() {
    use std::os::unix::fs::PermissionsExt;

    let fixture = Fixture::new();
    let path = fixture.fill("{private.txt}");
    run(["jar", "export", &fixture.fill("{cookies.txt}"), "--to", "netscape", "--output", &path]);
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
}

#[test]
fn eight_imports_at_once_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let jar = folder.path().join("jar.json");
    let children: Vec<_> = (0..8)
        .map(|number| {
            let lines =
                (0..50).map(|line| format!("site{number}-{line}.example\tFALSE\t/\tFALSE\t0\tid\t1\n"));
            let source = folder.path().join(format!("{number}.txt"));
            fs::write(&source, lines.collect::<String>()).expect("a file");
            let mut command = hardtack();
            command.args(["jar", "import"]).arg(&source).arg("--output").arg(&jar);
            command.stdout(Stdio::null()).spawn().expect("it starts")
        })
        .collect();
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    let shown = run(["jar", "show", &jar.display().to_string(), "--json"]).json();
    assert_eq!(shown.as_array().map(Vec::len), Some(400));
    let left: Vec<_> =
        fs::read_dir(folder.path()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left.len(), 9, "only the sources and the jar are left: {left:?}");
}

#[test]
fn five_thousand_cookies_are_imported_and_exported() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let many = |line: &dyn Fn(usize) -> String| (0..5_000).map(line).collect::<String>();
    fs::write(path("many.txt"), many(&|at| format!("site{at}.example\tFALSE\t/\tFALSE\t0\tid\t{at}\n")))
        .expect("a file");
    fs::write(path("one.txt"), many(&|at| format!("shop.example\tFALSE\t/\tFALSE\t0\tid{at}\t1\n")))
        .expect("a file");
    let imported = run(["jar", "import", &path("many.txt"), &path("one.txt"), "--output", &path("jar.json")]);
    assert_eq!(imported.code, Some(0), "{imported:?}");
    assert!(
        imported.stdout.starts_with("10000 imported, 0 outdated, 0 expired, 0 left out; 10000 cookies in")
    );
    let exported = run(["jar", "export", &path("jar.json"), "--output", &path("out.txt")]);
    assert!(exported.stdout.starts_with("10000 written"), "{exported:?}");
    let text = fs::read_to_string(path("out.txt")).expect("a file");
    assert_eq!(text.lines().filter(|line| line.contains(".example\t")).count(), 10_000);
    let shown = run(["jar", "show", &path("out.txt"), "--json"]).json();
    assert_eq!(shown.as_array().map(Vec::len), Some(10_000));
    let header = run(["jar", "header", "http://shop.example/", &path("out.txt"), "--json"]).json();
    assert_eq!(header["cookies"], 5_000);
    let removed = run(["jar", "remove", &path("out.txt"), "--domain", "shop.example", "--name", "id7"]);
    assert!(removed.stdout.starts_with("1 removed; 9999 left"), "{removed:?}");
}

#[test]
fn the_newer_of_two_cookies_wins_in_either_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let end = |days: u64| {
        let end = SystemTime::now() + Duration::from_secs(days * 86_400);
        end.duration_since(SystemTime::UNIX_EPOCH).expect("a clock that is set").as_secs()
    };
    fs::write(path("live.txt"), format!("shop.example\tFALSE\t/\tFALSE\t{}\tid\tnew\n", end(90)))
        .expect("a file");
    fs::write(path("old.txt"), "shop.example\tFALSE\t/\tFALSE\t1000000000\tid\told\n").expect("a file");
    fs::File::open(path("old.txt"))
        .and_then(|file| file.set_modified(SystemTime::now() - Duration::from_secs(100 * 86_400)))
        .expect("a time");
    for files in [["live.txt", "old.txt"], ["old.txt", "live.txt"]] {
        let jar = path(&format!("{}.json", files[0]));
        let outcome = run(["jar", "import", &path(files[0]), &path(files[1]), "--output", &jar]);
        assert!(
            outcome.stdout.starts_with("1 imported, 0 outdated, 1 expired, 0 left out; 1 cookie in"),
            "{outcome:?}"
        );
        let shown = run(["jar", "show", &jar, "--json", "--values"]).json();
        assert_eq!(shown[0]["value"], "new", "{files:?}");
    }
}

#[test]
fn the_name_of_a_new_jar_sets_its_format() {
    let fixture = Fixture::new();
    for (name, begins) in [("a.txt", "# Netscape HTTP Cookie File"), ("a.json", "{"), ("jar", "{")] {
        let path = fixture.path().join(name).display().to_string();
        // An empty file is treated as a new jar.
        for round in ["new", "touched"] {
            if round == "touched" {
                fs::write(&path, "").expect("a file");
            }
            let outcome = run(["jar", "import", &fixture.fill("{cookies.txt}"), "--output", &path]);
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
            assert!(fs::read_to_string(&path).expect("a file").starts_with(begins), "{round} {name}");
        }
    }
}

#[test]
fn a_dash_is_standard_output() {
    let fixture = Fixture::new();
    for arguments in [
        &["jar", "export", "cookies.txt", "--to", "netscape", "--output", "-"][..],
        &["jar", "import", "cookies.txt", "--to", "netscape", "--output", "-"],
        &["man", "--output", "-"],
    ] {
        let outcome = finish(hardtack().args(arguments).current_dir(fixture.path()), b"");
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(outcome.stdout.len() > 100 && !fixture.path().join("-").exists(), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_or_a_pipe_is_written_to_and_not_replaced() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    use std::process::Command;

    let fixture = Fixture::new();
    // The test creates its own pipe, device, and link like `/dev/stdout`, because a bug could replace the machine's
    // own.
    let [null, stdout] = ["{null}", "{stdout}"].map(|name| fixture.fill(name));
    let made = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).stderr(Stdio::null()).status().is_ok_and(|made| made.success())
    };
    // Only root can create a device.
    let has_device = made("mknod", &[&null, "c", "1", "3"]);
    symlink("/proc/self/fd/1", &stdout).expect("a link");
    for verb in ["import", "export"] {
        let save = |output: &str| {
            run(["jar", verb, &fixture.fill("{cookies.txt}"), "--to", "netscape", "--output", output])
        };
        let pipe = fixture.fill(&format!("{{pipe-{verb}}}"));
        assert!(made("mkfifo", &[&pipe]));
        // The pipe is opened for reading and writing, so that neither side waits for the other.
        let mut end = fs::File::options().read(true).write(true).open(&pipe).expect("a pipe");
        let outcome = save(&pipe);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(fs::symlink_metadata(&pipe).expect("a pipe").file_type().is_fifo());
        let mut begins = [0; 10];
        std::io::Read::read_exact(&mut end, &mut begins).expect("cookies");
        assert_eq!(&begins, b"# Netscape");
        if has_device {
            let outcome = save(&null);
            // Temporary folders may be mounted without support for devices.
            assert!(matches!(outcome.code, Some(0 | 6)), "{outcome:?}");
            assert!(fs::symlink_metadata(&null).expect("a device").file_type().is_char_device());
        }
        let outcome = save(&stdout);
        assert!(outcome.stdout.contains("secret-value"), "{outcome:?}");
        assert!(fs::symlink_metadata(&stdout).expect("a link").is_symlink());
    }
}

#[test]
fn a_partly_unreadable_jar_is_not_changed() {
    let fixture = Fixture::new();
    let (cookies, half) = (fixture.fill("{cookies.txt}"), fixture.fill("{half.txt}"));
    let before = fs::read(&half).expect("a file");
    let refused = run(["jar", "import", &cookies, "--output", &half]);
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert!(refused.stderr.contains("line 2") && refused.stderr.contains("--force"), "{refused:?}");
    let removed = run(["jar", "remove", &half, "--domain", "half.example"]);
    assert_eq!(removed.code, Some(5), "{removed:?}");
    assert_eq!(fs::read(&half).expect("a file"), before);
}

#[test]
fn problems_of_a_long_file_take_a_few_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies.txt").display().to_string();
    let jar = folder.path().join("jar.json").display().to_string();
    let lines = "shop.example\tFALSE\t/\tFALSE\t0\tid\t1\n".to_owned() + &"one\ttwo\tthree\n".repeat(500);
    fs::write(&path, lines).expect("a file");
    for arguments in
        [&["show", &path][..], &["import", &path, "--output", &jar], &["export", &path, "--to", "whole"]]
    {
        let outcome = run(["jar"].iter().chain(arguments));
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert_eq!(outcome.stderr.lines().count(), 20, "{outcome:?}");
        assert!(
            outcome.stderr.contains("line 2") && outcome.stderr.contains("left out: 481 more"),
            "{outcome:?}"
        );
    }
    let json = run(["jar", "import", &path, "--output", &jar, "--json"]).json();
    assert_eq!(json["files"][0]["reasons"].as_array().map(Vec::len), Some(500));
}

#[test]
fn expired_cookies_are_shown_and_marked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies.txt").display().to_string();
    let lines = "a.example\tFALSE\t/\tFALSE\t1000000000\told\t1\na.example\tFALSE\t/\tFALSE\t0\tnew\t1\n";
    fs::write(&path, lines).expect("a file");
    let text = run(["jar", "show", &path]).stdout;
    assert!(text.lines().any(|line| line.starts_with("old") && line.contains("✗ expired")), "{text}");
    assert!(text.ends_with("2 cookies: 1 live (1 session cookie), 1 expired\n"), "{text}");
    let json = run(["jar", "show", &path, "--json"]).json();
    let expired: Vec<_> =
        json.as_array().expect("a list").iter().map(|one| (&one["name"], &one["expired"])).collect();
    assert_eq!(expired, [(&"new".into(), &false.into()), (&"old".into(), &true.into())]);
}

#[test]
fn removing_a_site_keeps_the_others() {
    let fixture = Fixture::new();
    for form in FORMS {
        let path = fixture.fill(&format!("{{remove-{form}}}"));
        let cookies = fixture.fill("{cookies.txt}");
        assert_eq!(run(["jar", "export", &cookies, "--to", form, "--output", &path]).code, Some(0));
        let outcome = run(["jar", "remove", &path, "--domain", "shop.example"]);
        assert!(outcome.stdout.starts_with("2 removed; 1 left in"), "{form}: {outcome:?}");
        let shown = run(["jar", "show", &path, "--json"]).json();
        assert_eq!(shown.as_array().map(Vec::len), Some(1), "{form}");
        let before = fs::read(&path).expect("a file");
        assert_eq!(run(["jar", "remove", &path, "--domain", "shop.example"]).code, Some(3), "{form}");
        assert_eq!(fs::read(&path).expect("a file"), before, "{form}");
    }
}

#[test]
fn a_header_has_the_cookies_that_a_browser_sends() {
    let fixture = Fixture::new();
    let cookies = fixture.fill("{cookies.txt}");
    let header = |url: &str| run(["jar", "header", url, &cookies]);
    assert_eq!(header("https://shop.example/").stdout, "Cookie: id=secret-value; theme=dark\n");
    assert_eq!(
        header("http://www.shop.example/").stdout,
        "Cookie: theme=dark\n",
        "no Secure cookie over http"
    );
    let nothing = header("https://example.org/");
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(1), ""));
}
