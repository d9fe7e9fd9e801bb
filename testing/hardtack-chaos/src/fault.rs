use std::fmt;
use std::str::FromStr;

/// The fault to inject during a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The application's servers are killed, one after the other, and restarted.
    KillServers,
    /// The database is killed and restarted.
    RestartDatabase,
    /// All connections to the database are cut repeatedly.
    CutWires,
    /// The responses of the database are delayed.
    DelayWires,
    /// A master of a cluster is killed, and its replica is promoted.
    KillMaster,
}

const NAMES: [(Fault, &str); 6] = [
    (Fault::None, "none"),
    (Fault::KillServers, "kill-servers"),
    (Fault::RestartDatabase, "restart-database"),
    (Fault::CutWires, "cut-wires"),
    (Fault::DelayWires, "delay-wires"),
    (Fault::KillMaster, "kill-master"),
];

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = NAMES.iter().find(|(_, name)| *name == text);
        known.map(|(fault, _)| *fault).ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|(_, name)| *name).collect();
            format!("use one of {}", names.join(", "))
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(fault, _)| fault == self).map(|(_, name)| *name);
        f.write_str(name.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_name() {
        for (fault, name) in NAMES {
            assert_eq!((name.parse(), fault.to_string().as_str()), (Ok(fault), name));
        }
    }
}
