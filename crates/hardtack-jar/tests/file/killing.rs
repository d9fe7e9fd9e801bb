//! Tests a program that is killed while it saves. A child process saves jars with increasing numbers. The parent kills
//! the child (`kill -9`) repeatedly, and checks the file that it left.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::{env, io};

use hardtack_jar::{CookieRecord, Format, Jar, JarFile};

use crate::child::command;
use crate::support::{left_behind, now};
use crate::{Outcome, Test};

pub(crate) const TESTS: &[Test] = &[
    ("two_threads_tear_nothing", two_threads_tear_nothing),
    ("what_is_killed_while_saving_leaves_a_whole_jar", kill_and_look),
];

const COOKIES: usize = 2_000;
const SAVES_PER_KILL: usize = 5;

fn kill_and_look(folder: &Path) -> Outcome {
    let kills: usize = env::var("HARDTACK_KILLS").map_or(30, |kills| kills.parse().unwrap());
    let path = folder.join("killed.json");
    let mut last = 0;
    for _ in 0..kills {
        last = one_life(&path, last);
        let (count, number) = look(&path);
        // The file contains a complete jar: the last one that the child reported, or the one that it was saving.
        assert_eq!(count, COOKIES);
        assert!(number == last || number == last + 1, "{last} was saved, and {number} is there");
        last = number;
    }
    // The next save removes the temporary files that the killed processes left behind.
    save(&path, last + 1);
    assert_eq!(left_behind(folder).unwrap(), [""; 0]);
    println!("summary: the jar's file: {kills} kills while saving, whole each time");
    Outcome::Passed
}

fn one_life(path: &Path, mut last: u64) -> u64 {
    let mut child = command("save-until-killed", path).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for (count, line) in lines.enumerate() {
        // The last line may be incomplete.
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

pub(crate) fn save_until_killed(path: &Path) {
    let mut number = if path.exists() { look(path).1 } else { 0 };
    loop {
        number += 1;
        save(path, number);
        if io::stdout().lock().write_all(format!("{number} ok\n").as_bytes()).is_err() {
            return;
        }
    }
}

/// Saves a jar whose cookies all have this number as their value.
fn save(path: &Path, number: u64) {
    let mut jar = Jar::new();
    for index in 0..COOKIES {
        let (name, value, host) =
            (format!("n{index}"), number.to_string(), format!("h{}.example", index % 100));
        jar.restore(&CookieRecord::new(&name, &value, &host, now()), now()).unwrap();
    }
    let _ = JarFile::new(path, Format::Whole).save(&jar, now()).unwrap();
}

/// Returns the number of cookies in the file, and the number that is the value of all of them.
fn look(path: &Path) -> (usize, u64) {
    let mut jar = Jar::new();
    let imported = JarFile::new(path, Format::Whole).load(&mut jar, now()).unwrap();
    assert_eq!(imported.left_out(), []);
    let mut values: Vec<_> = jar.iter().map(|cookie| cookie.value().to_vec()).collect();
    values.dedup();
    assert_eq!(values.len(), 1, "a torn jar");
    (jar.len(), String::from_utf8(values.remove(0)).unwrap().parse().unwrap())
}

fn two_threads_tear_nothing(folder: &Path) -> Outcome {
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
    Outcome::Passed
}
