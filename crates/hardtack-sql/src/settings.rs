use std::time::Duration;

/// What can be set about every store on a database server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The table's name.
    pub table: String,
    /// How many connections read.
    pub readers: usize,
    /// How many connections write.
    pub writers: usize,
    /// How long connecting, and each statement, may take.
    pub timeout: Duration,
    /// How often the store sweeps by itself, if it does.
    pub sweep_interval: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            table: "hardtack_session".to_owned(),
            readers: 2,
            writers: 2,
            timeout: Duration::from_secs(10),
            sweep_interval: Some(Duration::from_secs(60)),
        }
    }
}
