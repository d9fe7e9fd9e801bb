use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use hardtack_jar::{Format, Jar, JarFile};

use crate::support::{add, cookie, jar, now};
use crate::{killing, together};

const TASK: &str = "HARDTACK_JAR_CHILD";
const PATH: &str = "HARDTACK_JAR_PATH";

/// A task for this program, if a test started it as a child process.
pub(crate) struct Child {
    task: String,
    path: PathBuf,
}

impl Child {
    pub(crate) fn asked_for() -> Option<Self> {
        Some(Self { task: env::var(TASK).ok()?, path: env::var_os(PATH)?.into() })
    }

    pub(crate) fn run(&self) {
        match self.task.split_once(' ').unwrap_or((&self.task, "")) {
            ("save-until-killed", _) => killing::save_until_killed(&self.path),
            ("update", number) => {
                for round in 0..together::ROUNDS {
                    add(&self.path, &format!("n{number}-{round}")).unwrap();
                }
            }
            ("merge", number) => {
                let file = JarFile::new(&self.path, Format::Whole);
                let mut own = Jar::new();
                for round in 0..together::ROUNDS {
                    own.restore(&cookie(&format!("n{number}-{round}")), now()).unwrap();
                    let _ = file.merge(&mut own, now()).unwrap();
                }
            }
            ("save", names) => {
                let names: Vec<_> = names.split(' ').collect();
                let _ = JarFile::new(&self.path, Format::Whole).save(&jar(&names), now()).unwrap();
            }
            (task, _) => panic!("there is no task {task}"),
        }
    }
}

/// Returns a command that starts this program with a task.
pub(crate) fn command(task: &str, path: &Path) -> Command {
    with_task(Command::new(env::current_exe().unwrap()), task, path)
}

/// Returns another command with a task. The command must start this program.
pub(crate) fn with_task(mut command: Command, task: &str, path: &Path) -> Command {
    command.env(TASK, task).env(PATH, path);
    command
}
