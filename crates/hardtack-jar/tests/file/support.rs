use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use hardtack_jar::{CookieRecord, Error, Format, Jar, JarFile};

pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// Returns a session cookie.
pub(crate) fn cookie(name: &str) -> CookieRecord<'_> {
    let mut cookie = CookieRecord::new(name, "1", "example.com", now());
    cookie.updated = Some(now());
    cookie
}

pub(crate) fn jar(names: &[&str]) -> Jar {
    let mut jar = Jar::new();
    for name in names {
        jar.restore(&cookie(name), now()).unwrap();
    }
    jar
}

/// Returns the names in a jar, in alphabetical order.
pub(crate) fn names(jar: &Jar) -> Vec<String> {
    let mut names: Vec<_> = jar.iter().map(|cookie| String::from_utf8_lossy(cookie.name()).into()).collect();
    names.sort();
    names
}

/// Returns the names in a file, in alphabetical order.
pub(crate) fn names_in(path: &Path) -> Vec<String> {
    let mut jar = Jar::new();
    assert_eq!(JarFile::new(path, Format::Whole).load(&mut jar, now()).unwrap().left_out(), []);
    names(&jar)
}

pub(crate) fn add(path: &Path, name: &str) -> Result<(), Error> {
    let file = JarFile::new(path, Format::Whole);
    file.update(&mut Jar::new(), now(), |jar, _| {
        jar.restore(&cookie(name), now()).unwrap();
        Ok(())
    })
    .map(drop)
}

/// Returns the names of the temporary files that the library left in a folder.
pub(crate) fn left_behind(folder: &Path) -> io::Result<Vec<String>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let names = names.collect::<io::Result<Vec<_>>>()?;
    Ok(names.into_iter().filter(|name| name.contains("hardtack-")).collect())
}
