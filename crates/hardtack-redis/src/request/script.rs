use std::sync::LazyLock;

use redis::{Cmd, ErrorKind, RedisResult, ServerErrorKind, Value};

/// A script that Redis runs atomically. Redis caches each script, so that later calls need only its digest.
///
/// In the code, constant offsets in commands are strings, because Lua would otherwise convert numbers to strings, which
/// takes longer than the comparison itself.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) code: &'static str,
    pub(crate) digest: LazyLock<String>,
}

/// A script with its keys and arguments.
#[derive(Debug)]
pub(crate) struct ScriptCall<'a> {
    script: &'static Script,
    pub(crate) keys: Vec<&'a [u8]>,
    arguments: Vec<&'a [u8]>,
}

impl<'a> ScriptCall<'a> {
    pub(crate) fn new(script: &'static Script, keys: Vec<&'a [u8]>, arguments: Vec<&'a [u8]>) -> Self {
        Self { script, keys, arguments }
    }

    /// Calls the script by its digest. Only if the server reports that it does not have the script, and so has executed
    /// nothing, is the whole script sent.
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

/// Defines the Lua function `index`, which adds `entry` to an owner's index with the time of Redis's clock as its
/// score, keeps the index for at least `ttl` milliseconds, and returns the number of entries.
///
/// The score only decides how long an entry without a record is kept. It has no effect on sessions.
macro_rules! index {
    () => {
        r"
local function index(entries, entry, ttl)
    local time = redis.call('TIME')
    redis.call('ZADD', entries, time[1] * 1000 + math.floor(time[2] / 1000), entry)
    if redis.call('PTTL', entries) < tonumber(ttl) then redis.call('PEXPIRE', entries, ttl) end
    return redis.call('ZCARD', entries)
end
"
    };
}

/// Defines Lua functions that read the fields of a record from its head; `encoding.rs` describes the layout. The head
/// of a value that is not a string is empty, so the value is not treated as a record. `owner_key` returns the length of
/// the purpose, the purpose, and the owner, or `false` for a record without an owner.
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
local function owner_key(key, old)
    local length = struct.unpack('>I4', old, 58)
    if length == 0 then return false end
    return redis.call('GETRANGE', key, '81', 80 + byte(old, 82) + length)
end
"
    };
}

/// Defines the Lua function `remove`, which removes a record. It returns the ticket and the owner key of the record,
/// whose index entry the caller must remove, or 1 if the record has no owner.
macro_rules! remove {
    () => {
        r"
local function remove(key, old)
    local was = owner_key(key, old)
    redis.call('DEL', key)
    if was then return ticket(old) .. was end
    return 1
end
"
    };
}

script! {
    /// Adds an entry to an owner's index. Keys: owner's index. Arguments: entry, TTL. Returns the new number of
    /// entries.
    INDEX = index!(), "return index(KEYS[1], ARGV[1], ARGV[2])"
}

script! {
    /// Creates a record that has an owner, on a server that stores all keys. Keys: record, owner's index. Arguments:
    /// value, TTL, entry, TTL of the entry. Returns the new number of entries, or 0 if the record already exists.
    CREATE_OWNED = index!(), r"
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local entries = index(KEYS[2], ARGV[3], ARGV[4])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return entries"
}

script! {
    /// Makes conditional changes. Keys: any number of records. Arguments: for each record, its expected version and the
    /// value to write. The first record, and each record whose kind or TTL differs from those before it, is preceded by
    /// the kind and the TTL. The kind is 'replace' for the whole record, 'listed' for the whole record if the index
    /// entry with the value's ticket has been written, or 'touch' for the record's times.
    ///
    /// Returns for each record: 0 if the change was refused; 1 if it was made; 2 if it was refused because the index
    /// entry must be written first; and, if it was made and an old index entry must be removed, the ticket and the
    /// owner key of that entry. If the owner and the deadline stay the same, so do the ticket and the entry. If the
    /// server refuses all writes, the whole call fails with the error of the first write.
    CHANGE = record!(), r"
local call, pcall, nobody = redis.call, redis.pcall, '\0\0\0\0'
local function change(key, expected, value, kind, ttl)
    local old = pcall('GETRANGE', key, '0', '81')
    if old.err then return is_no_string(old) and 0 or old end
    if version(old) ~= expected then return 0 end
    if kind == 'touch' then
        call('SETRANGE', key, '9', value)
        if sub(old, 10, 17) ~= sub(value, 1, 8) then call('PEXPIRE', key, ttl) end
        return 1
    end
    local was, stays = false, false
    if sub(old, 58, 61) ~= nobody then was = owner_key(key, old) end
    if sub(value, 58, 61) ~= nobody then
        stays = kind ~= 'listed'
        if stays and (was ~= sub(value, 82, 81 + byte(value, 82) + struct.unpack('>I4', value, 58))
            or sub(old, 42, 49) ~= sub(value, 42, 49)) then return 2 end
    end
    if sub(old, 10, 17) == sub(value, 10, 17) then
        call('SET', key, value, 'KEEPTTL')
    else
        call('SET', key, value, 'PX', ttl)
    end
    if stays then
        call('SETRANGE', key, '49', ticket(old))
    elseif was then
        return ticket(old) .. was
    end
    return 1
end
local answers, at, kind, ttl = {}, 1
for number = 1, #KEYS do
    if #ARGV[at] ~= 8 then kind, ttl, at = ARGV[at], ARGV[at + 1], at + 2 end
    answers[number] = change(KEYS[number], ARGV[at], ARGV[at + 1], kind, ttl)
    at = at + 2
end
return answers"
}

script! {
    /// Deletes a record. Keys: record. Arguments: expected version. Returns 0 if the record does not have this version;
    /// 1 if it was deleted; and, if it was deleted and its index entry must be removed, the ticket and the owner key of
    /// that entry.
    DELETE = record!(), remove!(), r"
local old = head(KEYS[1])
if version(old) ~= ARGV[1] then return 0 end
return remove(KEYS[1], old)"
}

script! {
    /// Deletes a record that expired at or before a time. Keys: record. Arguments: the time, in milliseconds since
    /// 1970. Returns 0 if there is no record or it has not expired; otherwise, returns the same as `DELETE`.
    SWEEP = record!(), remove!(), r"
local old = head(KEYS[1])
if not is_ours(old) or struct.unpack('>i8', old, 26) > tonumber(ARGV[1]) then return 0 end
return remove(KEYS[1], old)"
}

script! {
    /// Deletes a record of an owner. Keys: record. Arguments: owner key, and the spared lineage or an empty string.
    /// Returns 1 and the ticket if the record belonged to this owner and was removed; 2 if it belongs to this owner and
    /// is spared; 0 and its version if it does not belong to this owner; and an empty string if there is no record.
    REVOKE = record!(), r"
local old = head(KEYS[1])
if not is_ours(old) then return '' end
if owner_key(KEYS[1], old) ~= ARGV[1] then return '0' .. version(old) end
if lineage(old) == ARGV[2] then return '2' end
redis.call('DEL', KEYS[1])
return '1' .. ticket(old)"
}

script! {
    /// Reads the start of a record. Keys: record. Returns the record up to the first byte of its data, and its total
    /// length. For a value that is not a record, returns some of its bytes, and 1 if the key exists or 0 if it does
    /// not.
    PEEK = record!(), r"
local old = head(KEYS[1])
if not is_ours(old) then return {old, redis.call('EXISTS', KEYS[1])} end
local owner = struct.unpack('>I4', old, 58)
local label = struct.unpack('>I4', old, 62)
local data = 82 + byte(old, 82) + math.max(owner - 1, 0) + math.max(label - 1, 0)
return {redis.call('GETRANGE', KEYS[1], '0', data), redis.call('STRLEN', KEYS[1])}"
}

script! {
    /// Removes old entries from an owner's index. Keys: owner's index. Arguments: an age in milliseconds, and entries.
    /// Removes the given entries that are older than this age.
    REMOVE_STALE = r"
local time = redis.call('TIME')
local before = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[1]
for number = 2, #ARGV do
    local written = redis.call('ZSCORE', KEYS[1], ARGV[number])
    if written and tonumber(written) < before then redis.call('ZREM', KEYS[1], ARGV[number]) end
end
return 1"
}
