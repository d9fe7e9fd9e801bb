//! Tests what `hardtack jar` writes, replaces, keeps, and reports.

use std::fs;
use std::process::Stdio;

use serde_json::Value as Json;

use crate::fixture::Fixture;
use crate::program::{Outcome, finish, hardtack, run};

const EXPIRED: &str = "shop.example\tFALSE\t/\tFALSE\t1000000000\told\t1\n";

impl Fixture {
    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        fs::write(self.path().join(name), text).expect("a file");
        name.to_owned()
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.path().join(name)).expect("a file")).expect("text")
    }

    /// Runs `hardtack jar` in the fixture's folder.
    fn jar(&self, line: &str) -> Outcome {
        let arguments = line.split(' ').filter(|word| !word.is_empty());
        finish(hardtack().arg("jar").args(arguments).current_dir(self.path()), b"")
    }
}

#[test]
fn an_export_replaces_only_jars() {
    let fixture = Fixture::new();
    for (name, text) in [
        ("package.json", r#"{"name": "shop", "version": "1.0.0", "dependencies": {}}"#),
        ("notes.txt", "Call the plumber.\nBuy milk, bread, and two dozen eggs.\n"),
        ("comments.txt", "# theme = dark\n# language = en\n"),
        ("header.txt", "theme=dark; lang=en"),
        ("list.txt", "[1, 2, 3]"),
        ("jar.txt", "shop.example\tFALSE\t/\tFALSE\t0\tid\tx\nthree\tfields\tonly\n"),
        ("image.txt", "\u{89}PNG\0\0\0"),
    ] {
        fixture.write(name, text);
        for more in ["", "--json", "--domain nobody.example"] {
            let refused = fixture.jar(&format!("export cookies.txt --to netscape --output {name} {more}"));
            assert_eq!(refused.code, Some(5), "{name}: {refused:?}");
            assert!(refused.stderr.contains("--force") && refused.stdout.is_empty(), "{name}: {refused:?}");
            assert_eq!(fixture.read(name), text);
        }
        let forced = fixture.jar(&format!("export cookies.txt --to netscape --output {name} --force"));
        assert_eq!(forced.code, Some(0), "{name}: {forced:?}");
        assert!(fixture.read(name).starts_with("# Netscape HTTP Cookie File"), "{name}");
    }
    for name in ["firefox.sqlite", "Cookies", "recording.har"] {
        let before = fs::read(fixture.path().join(name)).expect("a file");
        let refused = fixture.jar(&format!("export cookies.txt --to whole --output {name}"));
        assert_eq!(refused.code, Some(5), "{name}: {refused:?}");
        assert_eq!(fs::read(fixture.path().join(name)).expect("a file"), before);
    }
}

#[test]
fn an_export_replaces_an_empty_file_and_a_jar_of_any_format() {
    let fixture = Fixture::new();
    fixture.write("empty", " \n");
    fixture.write("only_header", "# Netscape HTTP Cookie File\n");
    fixture.write("other", "other.example\tFALSE\t/\tFALSE\t0\tid\tother\n");
    for name in ["empty", "only_header", "other", "state.json", "new"] {
        let outcome = fixture.jar(&format!("export cookies.txt --to whole --output {name}"));
        assert_eq!(outcome.code, Some(0), "{name}: {outcome:?}");
        assert!(fixture.read(name).starts_with("{\"hardtack-jar\""), "{name}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_under_another_name_gets_only_the_cookies() {
    let fixture = Fixture::new();
    // The test creates its own link like `/dev/stdout`, because a bug could replace the machine's own.
    std::os::unix::fs::symlink("/proc/self/fd/1", fixture.path().join("stdout")).expect("a link");
    for line in [
        "export cookies.txt --to playwright --output stdout",
        "import cookies.txt --to playwright --output stdout",
        "export cookies.txt --to playwright --output /dev/fd/1",
        "import cookies.txt --to playwright --output /proc/self/fd/1",
    ] {
        let piped = fixture.jar(line);
        assert_eq!(piped.code, Some(0), "{line}: {piped:?}");
        assert_eq!(piped.json()["cookies"].as_array().map(Vec::len), Some(3), "{line}");
        assert!(piped.stderr.contains("3 "), "{line}: {piped:?}");
        let file = fs::File::create(fixture.path().join("redirected")).expect("a file");
        let mut command = hardtack();
        command.arg("jar").args(line.split(' ')).current_dir(fixture.path());
        let output = command.stdout(file).stderr(Stdio::piped()).output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{line}");
        assert_eq!(fixture.read("redirected"), piped.stdout, "{line}");
        let refused = fixture.jar(&format!("{line} --json"));
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{line}: {refused:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_gets_the_cookies_and_standard_error_gets_the_summary() {
    let fixture = Fixture::new();
    for verb in ["export", "import"] {
        let script = format!(
            "{{ \"$1\" jar {verb} cookies.txt --to netscape --output /dev/fd/3 3>&1 >summary | cat >data; }} 2>errors"
        );
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_hardtack")]).current_dir(fixture.path());
        assert!(shell.status().expect("a shell").success());
        assert!(fixture.read("data").contains("secret-value"), "{verb}");
        assert_eq!(fixture.read("summary"), "", "{verb}");
        assert!(fixture.read("errors").contains("3 "), "{verb}: {}", fixture.read("errors"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn cookies_are_removed_from_a_pipe_as_from_standard_input() {
    let fixture = Fixture::new();
    let cookies = fs::read(fixture.path().join("cookies.txt")).expect("a file");
    let outcome =
        finish(hardtack().args(["jar", "remove", "/dev/stdin", "--domain", "shop.example"]), &cookies);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome.stdout.contains("other-value") && !outcome.stdout.contains("secret-value"),
        "{outcome:?}"
    );
}

const STATE: &str = r#"{"cookies": [{"name": "id", "value": "1", "domain": "shop.example", "path": "/", "expires": -1,
    "httpOnly": false, "secure": false, "sameSite": "Lax"}],
    "origins": [{"origin": "https://shop.example", "localStorage": [{"name": "token", "value": "abc"}]}]}"#;

#[test]
fn the_rest_of_a_file_is_exported_with_its_cookies() {
    let fixture = Fixture::new();
    fixture.write("source.json", STATE);
    fixture.write("target.json", STATE.replace("https://shop.example", "https://old.example"));
    for name in ["target.json", "fresh.json"] {
        let outcome = fixture.jar(&format!("export source.json --to playwright --output {name}"));
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{outcome:?}");
        let state: Json = serde_json::from_str(&fixture.read(name)).expect("JSON");
        assert_eq!(state["origins"].as_array().map(Vec::len), Some(1), "{name}");
        assert_eq!(state["origins"][0]["origin"], "https://shop.example", "{name}");
    }
    fixture.write("plain.txt", "shop.example\tFALSE\t/\tFALSE\t0\tid\tx\n");
    let outcome = fixture.jar("export plain.txt --to playwright --output target.json");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        !fixture.read("target.json").contains("https://"),
        "the localStorage of the replaced file is gone"
    );
    fixture.write("commented.txt", "# from the phone\nshop.example\tFALSE\t/\tFALSE\t0\tid\tx\n");
    fixture.jar("export commented.txt --to python --output python.txt");
    assert!(fixture.read("python.txt").contains("# from the phone\n"));
}

#[test]
fn an_export_reports_that_the_rest_of_a_file_is_dropped() {
    let fixture = Fixture::new();
    fixture.write("source.json", STATE);
    fixture.write("commented.txt", "# from the phone\nshop.example\tFALSE\t/\tFALSE\t0\tid\tx\n");
    fixture.write(
        "session.json",
        r#"{"auth": {"type": "basic", "raw_auth": "jane:x"}, "headers": [], "cookies":
            [{"name": "id", "value": "1", "domain": "shop.example", "path": "/", "secure": false, "expires": null}]}"#,
    );
    for (line, what) in [
        ("export source.json --to netscape", "localStorage"),
        ("export source.json --to playwright --domain shop.example", "localStorage"),
        ("export commented.txt --to whole", "comments"),
        ("export session.json --from httpie --to whole", "authentication"),
    ] {
        let outcome = fixture.jar(line);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(outcome.stderr.contains("without") && outcome.stderr.contains(what), "{line}: {outcome:?}");
        let json = fixture.jar(&format!("{line} --output out --json")).json();
        assert!(json["dropped"].as_str().is_some_and(|dropped| dropped.contains(what)), "{line}: {json}");
        fs::remove_file(fixture.path().join("out")).expect("a file");
    }
    let outcome = fixture.jar("export state.json --to netscape");
    assert_eq!(outcome.stderr, "", "a storage state without storage loses nothing");
}

#[test]
fn an_import_reports_what_the_jars_format_cannot_store() {
    let fixture = Fixture::new();
    fixture.write(
        "wget.txt",
        "# HTTP cookie file.\n# Generated by Wget on 2026-11-29 12:00:00.\n# Edit at your own risk.\n",
    );
    for more in ["", "--to wget"] {
        let output = if more.is_empty() { "wget.txt" } else { "-" };
        let outcome = fixture.jar(&format!("import cookies.txt --output {output} {more}"));
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(
            outcome.stderr.contains("cannot store HttpOnly, which 1 cookie had"),
            "{output}: {outcome:?}"
        );
    }
    let json = fixture.jar("import cookies.txt --output lost.txt --to wget --json").json();
    assert_eq!(json["lost"]["HttpOnly"], 1, "{json}");

    fixture.write(
        "tab.json",
        STATE
            .replace(
                "\"value\": \"1\"",
                "\"value\": \"caf\\u00e9\", \"partitionKey\": \"https://top.example\"",
            )
            .replace("\"secure\": false", "\"secure\": true"),
    );
    let text = fixture.jar("import tab.json --output text.txt");
    assert_eq!(text.code, Some(1), "{text:?}");
    assert!(
        text.stdout.starts_with("0 imported, 0 outdated, 0 expired, 1 left out; 0 cookies in text.txt"),
        "{text:?}"
    );
    let json = fixture.jar("import tab.json --output json.txt --json").json();
    assert_eq!((&json["taken"], &json["left_out"]), (&0.into(), &1.into()), "{json}");
    assert!(json["reasons"][0].as_str().is_some_and(|reason| reason.contains("partitioned")), "{json}");
}

#[test]
fn a_removal_reports_what_the_files_format_loses() {
    let fixture = Fixture::new();
    let before = fixture.read("cookies.txt");
    let outcome = fixture.jar("remove cookies.txt --from wget --domain other.example");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.stderr.contains("cannot store HttpOnly"), "{outcome:?}");
    fixture.write("cookies.txt", before);
    let json = fixture.jar("remove cookies.txt --from wget --domain other.example --json").json();
    assert_eq!(json["lost"]["HttpOnly"], 1, "{json}");
}

#[test]
fn expired_cookies_of_a_rewritten_jar_are_counted() {
    let fixture = Fixture::new();
    let jar = format!("{EXPIRED}other.example\tFALSE\t/\tFALSE\t0\tid\tx\n");
    fixture.write("jar.txt", &jar);
    let outcome = fixture.jar("import cookies.txt --output jar.txt");
    assert_eq!(
        outcome.stdout,
        "3 imported, 0 outdated, 0 expired, 0 left out; 3 cookies in jar.txt, 1 expired cookie dropped\n"
    );
    fixture.write("jar.txt", &jar);
    assert_eq!(fixture.jar("import cookies.txt --output jar.txt --json").json()["dropped"], 1);

    fixture.write("jar.txt", format!("{jar}a.example\tFALSE\t/\tFALSE\t1\ta\t1\n"));
    let outcome = fixture.jar("remove jar.txt --domain other.example");
    assert_eq!(outcome.stdout, "1 removed; 0 left in jar.txt, 2 expired cookies dropped\n");
}

#[test]
fn an_expired_cookie_can_be_removed() {
    let fixture = Fixture::new();
    let jar = format!("{EXPIRED}other.example\tFALSE\t/\tFALSE\t0\tid\tx\n");
    fixture.write("jar.txt", &jar);
    let outcome = fixture.jar("remove jar.txt --domain shop.example");
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(0), "1 removed (1 expired); 1 left in jar.txt\n"),
        "{outcome:?}"
    );
    assert!(!fixture.read("jar.txt").contains("old"));
    fixture.write("jar.txt", &jar);
    let none = fixture.jar("remove jar.txt --domain shop.example --name new");
    assert_eq!(none.code, Some(3), "{none:?}");
    assert_eq!(fixture.read("jar.txt"), jar);
    let piped = finish(hardtack().args(["jar", "remove", "-", "--domain", "shop.example"]), jar.as_bytes());
    assert!(piped.code == Some(0) && piped.stderr.contains("1 removed (1 expired); 1 left"), "{piped:?}");
}

#[test]
fn cookies_that_need_an_option_are_reported_once() {
    let fixture = Fixture::new();
    crate::databases::encrypted(&fixture.path().join("Encrypted"), 14);
    let outcome = fixture.jar("show Encrypted");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    assert!(outcome.stderr.contains("14 cookies") && outcome.stderr.contains("--key file:"), "{outcome:?}");
    let wrong = fixture.jar("show Encrypted --key file:key --key-system linux");
    assert!(wrong.stderr.lines().count() == 1 && wrong.stderr.contains("the key from --key"), "{wrong:?}");
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_a_file_cannot_be_written() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.path().join("folder")).expect("a folder");
    std::os::unix::fs::symlink("b", fixture.path().join("a")).expect("a link");
    std::os::unix::fs::symlink("a", fixture.path().join("b")).expect("a link");
    for verb in ["import", "export"] {
        for output in ["folder", "folder/", "a", "new.txt/", "new.txt/.", "cookies.txt/", "."] {
            let outcome = fixture.jar(&format!("{verb} cookies.txt --to netscape --output {output}"));
            assert_eq!(outcome.code, Some(6), "{verb} {output}: {outcome:?}");
        }
    }
    assert!(!fixture.path().join("new.txt").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_name_need_not_be_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let fixture = Fixture::new();
    let name = |bytes| fixture.path().join(OsStr::from_bytes(bytes)).into_os_string();
    let (source, target) = (name(b"caf\xe9.txt"), name(b"k\xe4se.json"));
    fs::copy(fixture.path().join("cookies.txt"), &source).expect("a file");
    for verb in ["import", "export"] {
        let arguments = ["jar".as_ref(), verb.as_ref(), source.as_os_str(), "--output".as_ref(), &target];
        let outcome = run(arguments);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
    let arguments =
        ["jar".as_ref(), "remove".as_ref(), source.as_os_str(), "--domain".as_ref(), "shop.example".as_ref()];
    assert_eq!(run(arguments).code, Some(0));
    assert_eq!(run(["jar".as_ref(), "show".as_ref(), target.as_os_str()]).code, Some(0));
}

#[test]
fn an_import_reports_what_it_drops_from_its_files() {
    let fixture = Fixture::new();
    fixture.write("source.json", STATE);
    fixture.write("comments.txt", "# mine\nshop.example\tFALSE\t/\tFALSE\t0\tid\t1\n");
    let outcome = fixture.jar("import source.json comments.txt cookies.txt --output jar.json --json");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let dropped: Vec<_> = (0..3).map(|file| outcome.json()["files"][file]["dropped"].clone()).collect();
    assert_eq!(dropped, [Json::from("its `localStorage` and other data"), "its comments".into(), Json::Null]);
    for line in [
        "source.json: only the cookies were imported, without its `localStorage` and other data",
        "comments.txt: only the cookies were imported, without its comments",
    ] {
        assert!(outcome.stderr.contains(line), "{outcome:?}");
    }
}

#[test]
fn the_counts_of_the_files_add_up_to_those_of_the_import() {
    let fixture = Fixture::new();
    let nameless = r#"[{"name": "", "value": "1", "domain": "a.example"}, {"name": "a", "value": "1", "domain": "a.example"}]"#;
    fixture.write("nameless.json", nameless);
    let outcome = fixture.jar("import nameless.json cookies.txt --to netscape --output jar.txt --json");
    let json = outcome.json();
    let count = |json: &Json, name: &str| json[name].as_u64().expect("a count");
    let files = count(&json["files"][0], "taken") + count(&json["files"][1], "taken");
    assert_eq!((count(&json, "unwritable"), count(&json["files"][0], "taken")), (1, 2));
    assert_eq!(count(&json, "taken") + count(&json, "unwritable"), files);
}

#[test]
fn a_session_whose_cookies_have_no_domain_can_be_changed_with_its_url() {
    let fixture = Fixture::new();
    let session = r#"{"__meta__": {}, "auth": {}, "headers": [], "cookies": [
        {"name": "a", "value": "1", "domain": "", "path": "/", "secure": false, "expires": null},
        {"name": "b", "value": "1", "domain": "", "path": "/", "secure": false, "expires": null}]}"#;
    for line in
        ["remove session.json --domain shop.example --name a", "import cookies.txt --output session.json"]
    {
        fixture.write("session.json", session);
        let refused = fixture.jar(line);
        assert_eq!(refused.code, Some(5), "{line}: {refused:?}");
        assert!(refused.stderr.contains("--url"), "{line}: {refused:?}");
        assert_eq!(fixture.read("session.json"), session);
        let outcome = fixture.jar(&format!("{line} --url https://shop.example/"));
        assert_eq!(outcome.code, Some(0), "{line}: {outcome:?}");
        let shown = fixture.jar("show session.json --json");
        assert!(shown.stdout.contains("shop.example") && shown.code == Some(0), "{line}: {shown:?}");
    }
}
