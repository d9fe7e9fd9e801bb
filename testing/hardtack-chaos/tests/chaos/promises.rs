use std::process::Command;

/// Runs `hardtack-chaos run`, and returns whether it succeeded, and its output. By default, a run takes 15 seconds. If
/// the environment variable `HARDTACK_CHAOS_WRITES` contains a number, the run continues until that number of writes
/// has been acknowledged.
fn run(arguments: &[&str]) -> (bool, String) {
    let writes = std::env::var("HARDTACK_CHAOS_WRITES").unwrap_or_else(|_| "0".to_owned());
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardtack-chaos"));
    let output = command.arg("run").args(arguments).args(["--writes", &writes]).output().expect("it runs");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    (output.status.success(), said)
}

fn holds(engine: &str, faults: &[&str]) {
    for fault in faults {
        let (is_clean, said) = run(&["--engine", engine, "--fault", fault]);
        assert!(is_clean, "{engine}, {fault}: {said}");
    }
}

#[test]
#[ignore = "needs Redis"]
fn redis_keeps_every_promise() {
    holds("redis", &["kill-servers", "restart-database", "cut-wires", "delay-wires"]);
}

#[test]
#[ignore = "needs Redis"]
fn a_redis_cluster_keeps_every_promise_while_servers_are_killed() {
    holds("redis-cluster", &["kill-servers"]);
}

/// Redis does not guarantee that a promoted replica has all acknowledged writes, so writes may be lost, and the test
/// prints how many. A session that remains must not show another user.
#[test]
#[ignore = "needs Redis"]
fn a_promoted_replica_shows_nobody_another_user() {
    let (_, said) = run(&["--engine", "redis-cluster", "--fault", "kill-master"]);
    assert!(said.contains(" acknowledged writes in "), "{said}");
    assert!(said.contains(", 0 unexpected pages, 0 rejections without a retry time"), "{said}");
}

#[test]
#[ignore = "needs PostgreSQL"]
fn postgresql_keeps_every_promise() {
    holds("postgres", &["kill-servers", "restart-database", "cut-wires", "delay-wires"]);
}

#[test]
#[ignore = "needs MariaDB"]
fn mariadb_keeps_every_promise() {
    holds("mariadb", &["kill-servers", "restart-database", "cut-wires", "delay-wires"]);
}

/// Checks that the checker finds lost writes: a check that never fails would prove nothing.
#[test]
#[ignore = "needs Redis"]
fn a_store_that_writes_without_looking_is_found() {
    let (is_clean, said) = run(&["--engine", "redis", "--seconds", "5", "--careless"]);
    assert!(!is_clean && !said.contains("; 0 writes lost"), "{said}");
}
