//! Tests several programs that use one file concurrently.

use std::fs;
use std::path::Path;

use hardtack_jar::{CookieRecord, Error, Format, Jar, JarFile};

use crate::child::command;
use crate::support::{add, cookie, jar, left_behind, names, names_in, now};
use crate::{Outcome, Test};

pub(crate) const TESTS: &[Test] = &[
    ("eight_programs_that_update_at_once_lose_nothing", |folder| eight(folder, "update")),
    ("eight_programs_that_merge_at_once_lose_nothing", |folder| eight(folder, "merge")),
    ("merging_keeps_what_another_program_has_saved", merging),
    ("a_cookie_that_is_removed_within_an_update_stays_away", removing),
    ("of_two_copies_the_newer_one_is_saved", newer),
    ("a_change_that_fails_leaves_the_file_as_it_was", failing),
];

const PROGRAMS: usize = 8;
pub(crate) const ROUNDS: usize = 12;

/// Starts eight programs that use the same file, which does not exist at first.
fn eight(folder: &Path, task: &str) -> Outcome {
    let path = folder.join("jar.json");
    let start = |number: usize| command(&format!("{task} {number}"), &path).spawn().unwrap();
    let programs: Vec<_> = (0..PROGRAMS).map(start).collect();
    for mut program in programs {
        assert!(program.wait().unwrap().success());
    }
    assert_eq!(names_in(&path).len(), PROGRAMS * ROUNDS);
    assert_eq!(left_behind(folder).unwrap(), [""; 0]);
    Outcome::Passed
}

fn merging(folder: &Path) -> Outcome {
    let path = folder.join("jar.json");
    let file = JarFile::new(&path, Format::Whole);
    let mut own = jar(&["own"]);
    add(&path, "others").unwrap();
    let _ = file.merge(&mut own, now()).unwrap();
    assert_eq!((names(&own), names_in(&path)), (strings(&["others", "own"]), strings(&["others", "own"])));
    // The file still contains the cookie, so merging restores it.
    own.retain(|cookie| cookie.name() != b"others");
    let _ = file.merge(&mut own, now()).unwrap();
    assert_eq!(names(&own), ["others", "own"]);
    // Saving replaces all cookies in the file.
    let _ = file.save(&jar(&["new"]), now()).unwrap();
    assert_eq!(names_in(&path), ["new"]);
    Outcome::Passed
}

fn removing(folder: &Path) -> Outcome {
    let path = folder.join("jar.json");
    add(&path, "a").unwrap();
    add(&path, "b").unwrap();
    let remove =
        |jar: &mut Jar, _: &_| -> Result<usize, Error> { Ok(jar.retain(|cookie| cookie.name() != b"a")) };
    let (removed, _) = JarFile::new(&path, Format::Whole).update(&mut Jar::new(), now(), remove).unwrap();
    assert_eq!((removed, names_in(&path)), (1, strings(&["b"])));
    Outcome::Passed
}

fn newer(folder: &Path) -> Outcome {
    let path = folder.join("jar.json");
    let file = JarFile::new(&path, Format::Whole);
    let jar_of = |value: &'static str, age: u64| {
        let mut cookie: CookieRecord<'_> = cookie("a");
        cookie.value = value.as_bytes().into();
        cookie.updated = Some(now() - std::time::Duration::from_secs(age));
        let mut jar = Jar::new();
        jar.restore(&cookie, now()).unwrap();
        jar
    };
    for (in_file, own, expected) in [(1, 2, "file"), (2, 1, "own")] {
        let _ = file.save(&jar_of("file", in_file), now()).unwrap();
        let mut own = jar_of("own", own);
        let _ = file.merge(&mut own, now()).unwrap();
        assert_eq!(own.iter().next().unwrap().value(), expected.as_bytes());
    }
    Outcome::Passed
}

fn failing(folder: &Path) -> Outcome {
    let path = folder.join("jar.json");
    let file = JarFile::new(&path, Format::Whole);
    for before in [None, Some("")] {
        if let Some(text) = before {
            fs::write(&path, text).unwrap();
        }
        let fail = |jar: &mut Jar, _: &_| -> Result<(), Box<dyn std::error::Error>> {
            jar.restore(&cookie("a"), now())?;
            Err("no".into())
        };
        let error = file.update(&mut Jar::new(), now(), fail).unwrap_err();
        assert_eq!(error.to_string(), "no");
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), before);
    }
    Outcome::Passed
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
