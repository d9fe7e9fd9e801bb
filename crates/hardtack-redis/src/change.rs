use redis::{RedisResult, Value};

use crate::lane::{Answer, Ask};
use crate::script::{self, Call};
use crate::server::{Kind, Server, answered};

/// What is written over a record, if it still has the version that is expected.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) key: Vec<u8>,
    pub(crate) expected: [u8; 8],
    pub(crate) how: How,
    /// The whole record, or the times that a touch moves.
    pub(crate) value: Vec<u8>,
    /// For how many milliseconds it is kept, as text.
    pub(crate) life: Vec<u8>,
}

/// What a change does, as the script knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Writes another record.
    Replace,
    /// The same, after its owner's entry was written.
    ReplaceListed,
    /// Writes its times.
    Touch,
}

impl How {
    /// Never of eight bytes: by that the script tells it from a version.
    fn name(self) -> &'static [u8] {
        match self {
            Self::Replace => b"replace",
            Self::ReplaceListed => b"listed",
            Self::Touch => b"touch",
        }
    }
}

impl Change {
    /// The call that makes these changes, of keys that one server holds.
    pub(crate) fn call<'a>(changes: &'a [Self]) -> Call<'a> {
        let keys = changes.iter().map(|change| &change.key[..]).collect();
        let mut arguments = Vec::with_capacity(2 + 2 * changes.len());
        for alike in changes.chunk_by(|one, next| one.how == next.how && one.life == next.life) {
            arguments.extend([alike[0].how.name(), &alike[0].life]);
            arguments.extend(alike.iter().flat_map(|change| [&change.expected[..], &change.value]));
        }
        Call::new(&script::CHANGE, keys, arguments)
    }

    /// What came of each change, by the answer to the call.
    pub(crate) fn answers(answer: Value) -> Vec<Answer> {
        let Value::Array(answers) = answer else { return Vec::new() };
        answers.into_iter().map(|answer| answered(Some(answer))).collect()
    }
}

impl Ask for Change {
    const GATHERS: bool = true;

    fn weight(&self) -> usize {
        self.key.len() + self.value.len()
    }

    async fn ask(group: &[Self], server: &Server) -> RedisResult<Vec<Answer>> {
        let call = Self::call(group);
        call.run(|command| async move { server.send(&command, Kind::Write).await }).await.map(Self::answers)
    }
}
