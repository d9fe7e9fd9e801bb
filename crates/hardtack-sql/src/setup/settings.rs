use std::time::Duration;

/// The settings that all stores on database servers share.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The table's name.
    pub table: String,
    /// The number of connections for reading.
    pub readers: usize,
    /// The number of connections for writing.
    pub writers: usize,
    /// The timeout for connecting, and for each answer.
    pub timeout: Duration,
    /// The interval of the automatic sweep, or `None` to disable it.
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
