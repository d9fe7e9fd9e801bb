//! Tests the kinds of files to which the path of a jar can refer.

use std::path::Path;
use std::{fs, io};

use hardtack_jar::{ErrorKind, Format, JarFile};

use crate::support::{jar, left_behind, names_in, now};
use crate::{Outcome, Test};

#[cfg(not(unix))]
pub(crate) const TESTS: &[Test] = &[
    ("a_folder_is_not_written", folder_is_none),
    ("a_name_of_the_greatest_length_is_saved", long_name),
    ("only_what_a_killed_save_left_is_removed", left_by_others),
];

#[cfg(unix)]
pub(crate) const TESTS: &[Test] = &[
    ("a_folder_is_not_written", folder_is_none),
    ("a_name_of_the_greatest_length_is_saved", long_name),
    ("only_what_a_killed_save_left_is_removed", left_by_others),
    ("only_the_owner_can_read_a_jar", unix::owner_only),
    ("a_link_stays_and_its_target_is_replaced", unix::link),
    ("a_link_to_nothing_creates_its_target", unix::dangling),
    ("a_pipe_is_written_to_and_stays", unix::pipe),
    ("a_device_is_written_to_and_stays", unix::device),
    ("a_socket_is_not_replaced", unix::socket),
    ("standard_output_is_written_at_its_end", unix::standard_output),
    ("a_file_that_can_only_be_read_is_loaded", unix::read_only),
    ("another_users_file_stays_that_users", unix::other_owner),
    ("a_file_with_two_names_keeps_both", unix::hard_link),
    ("a_mounted_file_is_written_in_place", unix::mounted),
    ("a_full_disk_leaves_a_mounted_file_as_it_was_and_a_copy_of_the_new_one", unix::full),
    ("a_file_in_a_folder_without_write_permission_is_written_in_place", unix::closed_folder),
];

fn save(path: &Path) -> Result<(), hardtack_jar::Error> {
    JarFile::new(path, Format::Whole).save(&jar(&["a"]), now()).map(drop)
}

fn folder_is_none(folder: &Path) -> Outcome {
    for path in [folder.to_owned(), folder.join("missing/folder/jar.json")] {
        let error = save(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("it is a folder") || cause.contains("does not exist"), "{cause}");
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    Outcome::Passed
}

fn long_name(folder: &Path) -> Outcome {
    for length in [101, 240, 255] {
        let path = folder.join("n".repeat(length));
        save(&path).unwrap();
        save(&path).unwrap();
        assert_eq!(names_in(&path), ["a"]);
    }
    assert_eq!(left_behind(folder).unwrap(), [""; 0]);
    Outcome::Passed
}

fn left_by_others(folder: &Path) -> Outcome {
    let path = folder.join("cookies.txt");
    let kept = [".cookies.txt.hardtack-2026-01-backup", ".cookies.txt.hardtack-2026-11"];
    for name in kept.iter().chain(&[".cookies.txt.hardtack-saving-1-0"]) {
        fs::write(folder.join(name), "mine").unwrap();
    }
    save(&path).unwrap();
    let mut left = left_behind(folder).unwrap();
    left.sort();
    assert_eq!(left, kept);
    Outcome::Passed
}

#[cfg(unix)]
mod unix {
    use std::fs::{File, Permissions};
    use std::io::Read;
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown, symlink};
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::child::{command, with_task};

    const NOBODY: u32 = 65_534;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn is_root(folder: &Path) -> bool {
        fs::metadata(folder).unwrap().uid() == 0
    }

    /// Gives other users access to a test's folder.
    fn open(folder: &Path) {
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    }

    pub(super) fn owner_only(folder: &Path) -> Outcome {
        let path = folder.join("jar.json");
        save(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        for before in [0o666, 0o644, 0o640, 0o600, 0o400] {
            fs::set_permissions(&path, Permissions::from_mode(before)).unwrap();
            save(&path).unwrap();
            assert_eq!(mode(&path), 0o600, "{before:o}");
        }
        Outcome::Passed
    }

    pub(super) fn link(folder: &Path) -> Outcome {
        let (path, link) = (folder.join("jar.json"), folder.join("link.json"));
        fs::write(&path, "").unwrap();
        symlink(&path, &link).unwrap();
        save(&link).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        assert_eq!(names_in(&path), ["a"]);
        Outcome::Passed
    }

    pub(super) fn dangling(folder: &Path) -> Outcome {
        let link = folder.join("link.json");
        symlink("target.json", &link).unwrap();
        save(&link).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!((names_in(&folder.join("target.json")), mode(&link)), (vec!["a".to_owned()], 0o600));
        let nowhere = folder.join("nowhere.json");
        symlink("missing/target.json", &nowhere).unwrap();
        let error = save(&nowhere).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("missing does not exist"), "{cause}");
        assert!(fs::symlink_metadata(&nowhere).unwrap().is_symlink());
        Outcome::Passed
    }

    pub(super) fn pipe(folder: &Path) -> Outcome {
        let path = folder.join("pipe");
        if !Command::new("mkfifo").arg(&path).status().is_ok_and(|status| status.success()) {
            return Outcome::Skipped("there is no mkfifo");
        }
        let mut text = String::new();
        std::thread::scope(|scope| {
            let saving = scope.spawn(|| save(&path));
            File::open(&path).unwrap().read_to_string(&mut text).unwrap();
            saving.join().unwrap().unwrap();
        });
        assert!(text.contains("hardtack-jar"), "{text}");
        assert!(fs::symlink_metadata(&path).unwrap().file_type().is_fifo());
        // Merging fails, because cookies that were written to a pipe cannot be read back.
        let update = JarFile::new(&path, Format::Whole).merge(&mut jar(&[]), now());
        assert_eq!(update.unwrap_err().kind(), ErrorKind::Io);
        Outcome::Passed
    }

    pub(super) fn device(folder: &Path) -> Outcome {
        // The test creates its own device, because a bug could replace the machine's `/dev/null`.
        let path = folder.join("null");
        let made = Command::new("mknod").arg(&path).args(["c", "1", "3"]).stderr(Stdio::null()).status();
        if !made.is_ok_and(|status| status.success()) {
            return Outcome::Skipped("making a device needs root");
        }
        match save(&path) {
            Ok(()) => {}
            // The temporary folder may be mounted without support for devices.
            Err(error) => assert_eq!(error.kind(), ErrorKind::Io),
        }
        assert!(fs::symlink_metadata(&path).unwrap().file_type().is_char_device());
        assert_eq!(left_behind(folder).unwrap(), [""; 0]);
        Outcome::Passed
    }

    pub(super) fn socket(folder: &Path) -> Outcome {
        let path = folder.join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert_eq!(save(&path).unwrap_err().kind(), ErrorKind::Io);
        assert!(fs::symlink_metadata(&path).unwrap().file_type().is_socket());
        Outcome::Passed
    }

    pub(super) fn standard_output(folder: &Path) -> Outcome {
        if !cfg!(target_os = "linux") {
            return Outcome::Skipped("there is no /proc/self/fd");
        }
        // The test creates its own link like `/dev/stdout`, because a bug could replace the machine's own.
        let stdout = folder.join("stdout");
        symlink("/proc/self/fd/1", &stdout).unwrap();
        let path = folder.join("output");
        fs::write(&path, "before\n").unwrap();
        let inode = fs::metadata(&path).unwrap().ino();
        for device in [&stdout, Path::new("/dev/fd/1"), Path::new("/proc/self/fd/1")] {
            let output = File::options().append(true).open(&path).unwrap();
            let mut child = command("save a", device).stdout(output).spawn().unwrap();
            assert!(child.wait().unwrap().success());
        }
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("before\n"), "{text}");
        assert_eq!(text.matches("hardtack-jar").count(), 3);
        assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
        // Standard output may also be a pipe.
        let output = command("save a", &stdout).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains("hardtack-jar"));
        assert!(fs::symlink_metadata(&stdout).unwrap().is_symlink());
        Outcome::Passed
    }

    pub(super) fn read_only(folder: &Path) -> Outcome {
        let path = folder.join("jar.json");
        save(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        fs::set_permissions(folder, Permissions::from_mode(0o500)).unwrap();
        assert_eq!(names_in(&path), ["a"]);
        fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
        Outcome::Passed
    }

    pub(super) fn other_owner(folder: &Path) -> Outcome {
        if !is_root(folder) {
            return Outcome::Skipped("only root has other users' files");
        }
        let path = folder.join("jar.json");
        save(&path).unwrap();
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        let before = fs::metadata(&path).unwrap();
        save(&path).unwrap();
        let after = fs::metadata(&path).unwrap();
        assert_eq!((after.uid(), after.gid(), mode(&path)), (NOBODY, NOBODY, 0o600));
        assert_ne!(after.ino(), before.ino());
        // If another user saves to root's file, the owner cannot be preserved, so the file is written in place, or not
        // at all.
        open(folder);
        chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
        chown(&path, Some(0), Some(0)).unwrap();
        for (mode, succeeds) in [(0o606, true), (0o604, false)] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let mut child = command("save b", &path);
            let Ok(output) = child.uid(NOBODY).gid(NOBODY).current_dir("/").output() else {
                return Outcome::Skipped("other users cannot start this program");
            };
            assert_eq!(output.status.success(), succeeds, "{mode:o}");
            let after = fs::metadata(&path).unwrap();
            assert_eq!((after.uid(), after.permissions().mode() & 0o777), (0, mode));
            assert_eq!(names_in(&path), ["b"]);
        }
        assert_eq!(left_behind(folder).unwrap(), [""; 0]);
        Outcome::Passed
    }

    pub(super) fn hard_link(folder: &Path) -> Outcome {
        let (path, other) = (folder.join("jar.json"), folder.join("other.json"));
        // The old content is longer than the new one, and readable by others.
        let _ = JarFile::new(&path, Format::Whole).save(&jar(&["b", "c", "d"]), now()).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        fs::hard_link(&path, &other).unwrap();
        save(&path).unwrap();
        assert_eq!((names_in(&path), names_in(&other)), (vec!["a".to_owned()], vec!["a".to_owned()]));
        assert_eq!(fs::metadata(&path).unwrap().ino(), fs::metadata(&other).unwrap().ino());
        assert_eq!(mode(&other), 0o600);
        assert_eq!(left_behind(folder).unwrap(), [""; 0]);
        // A file with only one name is replaced again.
        fs::remove_file(&other).unwrap();
        let before = fs::metadata(&path).unwrap().ino();
        save(&path).unwrap();
        assert_ne!(fs::metadata(&path).unwrap().ino(), before);
        Outcome::Passed
    }

    pub(super) fn mounted(folder: &Path) -> Outcome {
        let (path, mounted) = (folder.join("jar.json"), folder.join("mounted.json"));
        // The old content is longer than the new one.
        let _ = JarFile::new(&path, Format::Whole).save(&jar(&["b", "c", "d"]), now()).unwrap();
        fs::write(&mounted, "").unwrap();
        let script = format!(
            "mount --bind '{}' '{}' && exec '{}'",
            path.display(),
            mounted.display(),
            std::env::current_exe().unwrap().display()
        );
        let may_mount = Command::new("unshare").args(["-m", "true"]).stderr(Stdio::null()).status();
        if !may_mount.is_ok_and(|status| status.success()) {
            return Outcome::Skipped("mounting needs root");
        }
        let mut unshare = Command::new("unshare");
        unshare.args(["-m", "sh", "-c", &script]);
        let inode = fs::metadata(&path).unwrap().ino();
        let output = with_task(unshare, "save a", &mounted).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(names_in(&path), ["a"]);
        assert_eq!((fs::metadata(&path).unwrap().ino(), mode(&path)), (inode, 0o600));
        assert_eq!(left_behind(folder).unwrap(), [""; 0]);
        Outcome::Passed
    }

    /// Tests saving to a small, full file system in a separate mount namespace.
    pub(super) fn full(folder: &Path) -> Outcome {
        let (path, mounted, disk) =
            (folder.join("jar.json"), folder.join("mounted.json"), folder.join("disk"));
        let _ = JarFile::new(&path, Format::Whole).save(&jar(&["old"]), now()).unwrap();
        let old = fs::read(&path).unwrap();
        fs::write(&mounted, "").unwrap();
        fs::create_dir(&disk).unwrap();
        let script = format!(
            "mount -t tmpfs -o size=64k none '{disk}' || exit 99
             cp '{path}' '{disk}/jar.json'
             dd if=/dev/zero of='{disk}/filler' bs=4096 2>/dev/null
             mount --bind '{disk}/jar.json' '{mounted}' || exit 99
             '{program}'; code=$?; cp '{disk}/jar.json' '{path}'; exit $code",
            disk = disk.display(),
            path = path.display(),
            mounted = mounted.display(),
            program = std::env::current_exe().unwrap().display()
        );
        let names = ["a", "b", "c"].map(|name| name.repeat(4_000));
        let mut unshare = Command::new("unshare");
        unshare.args(["-m", "sh", "-c", &script]);
        let output = match with_task(unshare, &format!("save {}", names.join(" ")), &mounted).output() {
            Ok(output) if ![Some(1), Some(99)].contains(&output.status.code()) => output,
            _ => return Outcome::Skipped("mounting needs root"),
        };
        assert!(!output.status.success());
        assert_eq!(fs::read(&path).unwrap(), old);
        let left = left_behind(folder).unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(names_in(&folder.join(&left[0])), names);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(&left[0]), "{error}");
        Outcome::Passed
    }

    pub(super) fn closed_folder(folder: &Path) -> Outcome {
        let inner = folder.join("inner");
        fs::create_dir(&inner).unwrap();
        let path = inner.join("jar.json");
        let _ = JarFile::new(&path, Format::Whole).save(&jar(&["b", "c", "d"]), now()).unwrap();
        let inode = fs::metadata(&path).unwrap().ino();
        let mut child = command("save a", &path);
        if is_root(folder) {
            // Root has access to everything, so the child runs as another user.
            open(folder);
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
            fs::set_permissions(&inner, Permissions::from_mode(0o755)).unwrap();
            child.uid(NOBODY).gid(NOBODY).current_dir("/");
        } else {
            fs::set_permissions(&inner, Permissions::from_mode(0o500)).unwrap();
        }
        let output = match child.output() {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Outcome::Skipped("other users cannot start this program");
            }
            output => output.unwrap(),
        };
        fs::set_permissions(&inner, Permissions::from_mode(0o700)).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!((names_in(&path), fs::metadata(&path).unwrap().ino()), (vec!["a".to_owned()], inode));
        Outcome::Passed
    }
}
