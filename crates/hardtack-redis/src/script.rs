use std::sync::LazyLock;

use redis::{Cmd, ErrorKind, RedisResult, ServerErrorKind, Value};

/// A script that Redis runs as one atomic step, and keeps under its digest once it has seen it.
///
/// Offsets are given to commands as text: of a number Lua would make one first, which takes longer than the comparison.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) code: &'static str,
    pub(crate) digest: LazyLock<String>,
}

/// A script with what it is called with.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    script: &'static Script,
    pub(crate) keys: Vec<&'a [u8]>,
    arguments: Vec<&'a [u8]>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(script: &'static Script, keys: Vec<&'a [u8]>, arguments: Vec<&'a [u8]>) -> Self {
        Self { script, keys, arguments }
    }

    /// Sends it once, but for a server that does not know the script, and so has done nothing: that gets the whole of it.
    pub(crate) async fn run<F>(&self, send: impl Fn(Cmd) -> F) -> RedisResult<Value>
    where
        F: Future<Output = RedisResult<Value>>,
    {
        match send(self.command("EVALSHA", &self.script.digest)).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                send(self.command("EVAL", self.script.code)).await
            }
            answer => answer,
        }
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.keys.len()).arg(&self.keys).arg(&self.arguments);
        command
    }
}

macro_rules! script {
    ($(#[$doc:meta])* $name:ident = $($code:expr),+) => {
        $(#[$doc])*
        pub(crate) static $name: Script = Script {
            code: concat!($($code),+),
            digest: LazyLock::new(|| redis::Script::new(concat!($($code),+)).get_hash().to_owned()),
        };
    };
}

/// Lists `member` in an owner's entries for `life` milliseconds at least, at Redis' own time.
///
/// Redis' time decides nothing about sessions: only how long an entry without a record is left alone.
macro_rules! index {
    () => {
        r"
local function index(entries, member, life)
    local time = redis.call('TIME')
    redis.call('ZADD', entries, time[1] * 1000 + math.floor(time[2] / 1000), member)
    if redis.call('PTTL', entries) < tonumber(life) then redis.call('PEXPIRE', entries, life) end
    return redis.call('ZCARD', entries)
end
"
    };
}

/// Where things lie in a record, by its head: `record.rs` has the table. What is not a string is not a record either, and its
/// head is empty. A holder is the purpose behind its length, and the
/// owner; of a record that is nobody's it is false.
macro_rules! record {
    () => {
        r"
local sub, byte = string.sub, string.byte
local function is_no_string(old) return string.find(old.err, 'WRONGTYPE', 1, true) end
local function head(key)
    local old = redis.pcall('GETRANGE', key, '0', '81')
    if not old.err then return old end
    return is_no_string(old) and '' or redis.call('GETRANGE', key, '0', '81')
end
local function is_ours(old) return #old == 82 and byte(old, 1) == 2 end
local function version(old) return sub(old, 2, 9) end
local function ticket(old) return sub(old, 50, 57) end
local function lineage(old) return sub(old, 66, 81) end
local function holder(key, old)
    local length = struct.unpack('>I4', old, 58)
    if length == 0 then return false end
    return redis.call('GETRANGE', key, '81', 80 + byte(old, 82) + length)
end
"
    };
}

/// Removes a record. 1; or, of an entry that is left over, its ticket and holder.
macro_rules! remove {
    () => {
        r"
local function remove(key, old)
    local was = holder(key, old)
    redis.call('DEL', key)
    if was then return ticket(old) .. was end
    return 1
end
"
    };
}

script! {
    /// Owner's entries; member, life. How many entries there are then.
    INDEX = index!(), "return index(KEYS[1], ARGV[1], ARGV[2])"
}

script! {
    /// Record, owner's entries; value, life, member, life of the entry. How many entries there are then, or 0 if the
    /// record is there already. For servers that hold all keys.
    CREATE_OWNED = index!(), r"
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local entries = index(KEYS[2], ARGV[3], ARGV[4])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return entries"
}

script! {
    /// Any number of records; for each its expected version and what is written, and before the first, and wherever they
    /// change, how and life. How is 'replace' for the whole record, 'listed' for the same if the owner's entry with the
    /// value's ticket is written, 'touch' for its times.
    ///
    /// For each 0 if refused; 1 if done; 2 if refused because the entry has to be written first; if done and an entry is
    /// left over, its ticket and holder. An owner who stays keeps the ticket, and so the entry. If nothing may be
    /// written, the first write is an error for all.
    CHANGE = record!(), r"
local call, pcall, nobody = redis.call, redis.pcall, '\0\0\0\0'
local function change(key, expected, value, how, life)
    local old = pcall('GETRANGE', key, '0', '81')
    if old.err then return is_no_string(old) and 0 or old end
    if version(old) ~= expected then return 0 end
    if how == 'touch' then
        call('SETRANGE', key, '9', value)
        if sub(old, 10, 17) ~= sub(value, 1, 8) then call('PEXPIRE', key, life) end
        return 1
    end
    local was, stays = false, false
    if sub(old, 58, 61) ~= nobody then was = holder(key, old) end
    if sub(value, 58, 61) ~= nobody then
        stays = how ~= 'listed'
        if stays and (was ~= sub(value, 82, 81 + byte(value, 82) + struct.unpack('>I4', value, 58))
            or sub(old, 42, 49) ~= sub(value, 42, 49)) then return 2 end
    end
    if sub(old, 10, 17) == sub(value, 10, 17) then
        call('SET', key, value, 'KEEPTTL')
    else
        call('SET', key, value, 'PX', life)
    end
    if stays then
        call('SETRANGE', key, '49', ticket(old))
    elseif was then
        return ticket(old) .. was
    end
    return 1
end
local answers, at, how, life = {}, 1
for number = 1, #KEYS do
    if #ARGV[at] ~= 8 then how, life, at = ARGV[at], ARGV[at + 1], at + 2 end
    answers[number] = change(KEYS[number], ARGV[at], ARGV[at + 1], how, life)
    at = at + 2
end
return answers"
}

script! {
    /// Record; expected version. 0 if refused; 1 if done; if done and an entry is left over, its ticket and holder.
    DELETE = record!(), remove!(), r"
local old = head(KEYS[1])
if version(old) ~= ARGV[1] then return 0 end
return remove(KEYS[1], old)"
}

script! {
    /// Record; now, in milliseconds. As `DELETE`, if it expired at or before.
    SWEEP = record!(), remove!(), r"
local old = head(KEYS[1])
if not is_ours(old) or struct.unpack('>i8', old, 26) > tonumber(ARGV[1]) then return 0 end
return remove(KEYS[1], old)"
}

script! {
    /// Record; holder, spared lineage or nothing. 1 and the ticket if it was theirs, and is no more; 2 if it is theirs and
    /// spared; otherwise 0 and its version; nothing, if it is not there.
    REVOKE = record!(), r"
local old = head(KEYS[1])
if not is_ours(old) then return '' end
if holder(KEYS[1], old) ~= ARGV[1] then return '0' .. version(old) end
if lineage(old) == ARGV[2] then return '2' end
redis.call('DEL', KEYS[1])
return '1' .. ticket(old)"
}

script! {
    /// Record. All of it but its data, of which only the first byte, if it has any; and how long the whole is. Of a value
    /// that is not a record, some bytes, and whether it is there.
    LOOK = record!(), r"
local old = head(KEYS[1])
if not is_ours(old) then return {old, redis.call('EXISTS', KEYS[1])} end
local owner = struct.unpack('>I4', old, 58)
local label = struct.unpack('>I4', old, 62)
local data = 82 + byte(old, 82) + math.max(owner - 1, 0) + math.max(label - 1, 0)
return {redis.call('GETRANGE', KEYS[1], '0', data), redis.call('STRLEN', KEYS[1])}"
}

script! {
    /// Owner's entries; age in milliseconds, members. Removes those of them that are older.
    FORGET = r"
local time = redis.call('TIME')
local before = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[1]
for number = 2, #ARGV do
    local written = redis.call('ZSCORE', KEYS[1], ARGV[number])
    if written and tonumber(written) < before then redis.call('ZREM', KEYS[1], ARGV[number]) end
end
return 1"
}
