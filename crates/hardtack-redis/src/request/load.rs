use redis::{Cmd, RedisResult, Value};

use crate::connection::server::Server;
use crate::request::request_queue::{BatchedRequest, Reply};

/// A request to read a record.
#[derive(Debug)]
pub(crate) struct Load(Vec<u8>);

impl Load {
    pub(crate) fn new(key: Vec<u8>) -> Self {
        Self(key)
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.0
    }

    /// Returns the command that reads this record alone.
    pub(crate) fn command(&self) -> Cmd {
        let mut get = redis::cmd("GET");
        get.arg(&self.0);
        get
    }
}

impl BatchedRequest for Load {
    const GATHERS: bool = false;

    fn size(&self) -> usize {
        self.0.len()
    }

    async fn send_all(batch: &[Self], server: &Server) -> RedisResult<Vec<Reply>> {
        if let [alone] = batch {
            return Ok(vec![server.read(&alone.command()).await]);
        }
        let Value::Array(values) = server.read(&naming("MGET", batch)).await? else { return Ok(Vec::new()) };
        let mut answers: Vec<Reply> = values.into_iter().map(Ok).collect();
        // `MGET` returns nil both for a key that does not exist and for a key whose value is not a string. If any of
        // these keys exists, each of them is read again by itself, so that a wrong type is reported as an error.
        let is_nil = |answer: &Reply| matches!(answer, Ok(Value::Nil));
        let nil = batch.iter().zip(&answers).filter(|(_, answer)| is_nil(answer)).map(|(load, _)| load);
        let nil: Vec<&Self> = nil.collect();
        if !nil.is_empty() && server.read(&naming("EXISTS", nil)).await? != Value::Int(0) {
            for (load, answer) in batch.iter().zip(&mut answers).filter(|(_, answer)| is_nil(answer)) {
                *answer = server.read(&load.command()).await;
            }
        }
        Ok(answers)
    }
}

/// Returns a command whose arguments are the keys of all loads.
fn naming<'a>(command: &str, loads: impl IntoIterator<Item = &'a Load>) -> Cmd {
    let mut command = redis::cmd(command);
    for load in loads {
        command.arg(&load.0);
    }
    command
}
