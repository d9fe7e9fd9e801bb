use redis::{RedisResult, Value};

use crate::connection::server::{CommandKind, Server, check_reply};
use crate::request::request_queue::{BatchedRequest, Reply};
use crate::request::script::{self, ScriptCall};

/// A conditional write to a record, which is applied only if the record has the expected version.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) key: Vec<u8>,
    pub(crate) expected: [u8; 8],
    pub(crate) kind: ChangeKind,
    /// The whole record, or the times that a touch updates.
    pub(crate) value: Vec<u8>,
    /// The number of milliseconds for which to keep the record, as text.
    pub(crate) ttl: Vec<u8>,
}

/// The kinds of changes that the script `CHANGE` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    /// Replaces the record.
    Replace,
    /// Replaces the record. The entry in its owner's index has already been written.
    ReplaceListed,
    /// Updates the record's times.
    Touch,
}

impl ChangeKind {
    /// Returns the name of this kind in the script's arguments. A name must not be eight bytes long, because the script
    /// treats an argument of eight bytes as a version.
    fn name(self) -> &'static [u8] {
        match self {
            Self::Replace => b"replace",
            Self::ReplaceListed => b"listed",
            Self::Touch => b"touch",
        }
    }
}

impl Change {
    /// Returns the script call that makes these changes. The keys of all changes must be on one server.
    pub(crate) fn call<'a>(changes: &'a [Self]) -> ScriptCall<'a> {
        let keys = changes.iter().map(|change| &change.key[..]).collect();
        let mut arguments = Vec::with_capacity(2 + 2 * changes.len());
        for alike in changes.chunk_by(|one, next| one.kind == next.kind && one.ttl == next.ttl) {
            arguments.extend([alike[0].kind.name(), &alike[0].ttl]);
            arguments.extend(alike.iter().flat_map(|change| [&change.expected[..], &change.value]));
        }
        ScriptCall::new(&script::CHANGE, keys, arguments)
    }

    /// Returns the result of each change from the reply to the script call.
    pub(crate) fn answers(answer: Value) -> Vec<Reply> {
        let Value::Array(answers) = answer else { return Vec::new() };
        answers.into_iter().map(|answer| check_reply(Some(answer))).collect()
    }
}

impl BatchedRequest for Change {
    const GATHERS: bool = true;

    fn size(&self) -> usize {
        self.key.len() + self.value.len()
    }

    async fn send_all(batch: &[Self], server: &Server) -> RedisResult<Vec<Reply>> {
        let call = Self::call(batch);
        call.run(|command| async move { server.send(&command, CommandKind::Write).await })
            .await
            .map(Self::answers)
    }
}
