//! A jar in a file: whole or not there, however the program ends, and its owner's alone.
//!
//! A child process saves jars of growing numbers; the parent kills it (`kill -9`) again and again, and looks at what it
//! left. `HARDTACK_KILLS` says how often, by default thirty times.
//!
//! A program of its own and no test function, because it starts itself as the child.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};
use std::{env, fs, io};

use hardtack_jar::{CookieRecord, Format, Jar, JarFile};

const CHILD: &str = "HARDTACK_JAR_CHILD";
const COOKIES: usize = 2_000;
const SAVES_PER_KILL: usize = 5;

fn main() {
    match env::var_os(CHILD) {
        Some(path) => save_until_killed(Path::new(&path)),
        None => {
            let folder = tempfile::tempdir().unwrap();
            only_the_owner_can_read(folder.path());
            what_is_beside_cookies_stays(folder.path());
            two_threads_tear_nothing(folder.path());
            what_cannot_be_written_is_told(folder.path());
            kill_and_look(folder.path());
            println!("test result: ok. 5 passed; 0 failed; 0 ignored");
        }
    }
}

fn kill_and_look(folder: &Path) {
    let kills: usize = env::var("HARDTACK_KILLS").map_or(30, |kills| kills.parse().unwrap());
    let path = folder.join("killed.json");
    let mut last = 0;
    for _ in 0..kills {
        last = one_life(&path, last);
        let (count, number) = look(&path);
        // Whole, and the last that was told of, or the one that was under way.
        assert_eq!(count, COOKIES);
        assert!(number == last || number == last + 1, "{last} was saved, and {number} is there");
        last = number;
    }
    // What the killed ones left behind, the next one removes.
    save(&path, last + 1);
    let left: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("hardtack-")), "{left:?}");
    println!("summary: the jar's file: {kills} kills while saving, whole each time");
}

fn one_life(path: &Path, mut last: u64) -> u64 {
    let program = env::current_exe().unwrap();
    let mut child = Command::new(program).env(CHILD, path).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for (count, line) in lines.enumerate() {
        // The last line may have been cut off.
        if let Some(number) = line.unwrap().strip_suffix(" ok") {
            last = number.parse().unwrap();
        }
        if count + 1 == SAVES_PER_KILL {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    last
}

fn save_until_killed(path: &Path) {
    let mut number = if path.exists() { look(path).1 } else { 0 };
    loop {
        number += 1;
        save(path, number);
        if io::stdout().lock().write_all(format!("{number} ok\n").as_bytes()).is_err() {
            return;
        }
    }
}

/// A jar whose cookies all have that number as their value.
fn save(path: &Path, number: u64) {
    let mut jar = Jar::new();
    for index in 0..COOKIES {
        let (name, value, host) =
            (format!("n{index}"), number.to_string(), format!("h{}.example", index % 100));
        jar.restore(&CookieRecord::new(&name, &value, &host, now()), now()).unwrap();
    }
    let _ = JarFile::new(path, Format::Whole).save(&jar, now()).unwrap();
}

/// How many cookies there are, and the one number that is their value.
fn look(path: &Path) -> (usize, u64) {
    let mut jar = Jar::new();
    let imported = JarFile::new(path, Format::Whole).load(&mut jar, now()).unwrap();
    assert_eq!(imported.left_out(), []);
    let mut values: Vec<_> = jar.iter().map(|cookie| cookie.value().to_vec()).collect();
    values.dedup();
    assert_eq!(values.len(), 1, "a torn jar");
    (jar.len(), String::from_utf8(values.remove(0)).unwrap().parse().unwrap())
}

fn only_the_owner_can_read(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let path = folder.join("open.json");
        fs::write(&path, "{}").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let link = folder.join("link.json");
        symlink(&path, &link).unwrap();
        save(&link, 1);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(look(&path), (COOKIES, 1));
    }
    let mut jar = Jar::new();
    let missing = JarFile::new(folder.join("missing.json"), Format::Whole);
    assert_eq!(missing.load(&mut jar, now()).unwrap().taken(), 0);
}

fn what_is_beside_cookies_stays(folder: &Path) {
    let path = folder.join("state.json");
    fs::write(
        &path,
        r#"{"cookies": [], "origins": [{"origin": "https://example.com", "localStorage": []}]}"#,
    )
    .unwrap();
    let mut jar = Jar::new();
    jar.restore(&CookieRecord::new("a", "1", "example.com", now()), now()).unwrap();
    let _ = JarFile::new(&path, Format::Playwright).save(&jar, now()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("https://example.com") && text.contains("\"a\""), "{text}");
}

fn two_threads_tear_nothing(folder: &Path) {
    let path = folder.join("shared.json");
    save(&path, 1);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let path = &path;
            scope.spawn(move || (0..10).for_each(|number| save(path, thread * 100 + number)));
        }
        for _ in 0..20 {
            assert_eq!(look(&path).0, COOKIES);
        }
    });
    assert_eq!(look(&path).0, COOKIES);
}

fn what_cannot_be_written_is_told(folder: &Path) {
    let jar = Jar::new();
    let nowhere = JarFile::new(folder.join("missing/folder/jar.json"), Format::Whole);
    let error = nowhere.save(&jar, now()).unwrap_err();
    assert_eq!(error.kind(), hardtack_jar::ErrorKind::Io);
    assert!(JarFile::new(folder, Format::Whole).save(&jar, now()).is_err());
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}
