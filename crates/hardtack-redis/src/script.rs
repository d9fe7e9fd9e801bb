use std::sync::LazyLock;

/// A script that Redis runs as one atomic step, and keeps under its digest once it has seen it.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) code: &'static str,
    pub(crate) digest: LazyLock<String>,
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

/// The owner of a record by its head, or false; and how a former owner is told: their ticket, and who they are.
macro_rules! owner {
    () => {
        r"
local function owner(key, head)
    local length = struct.unpack('>I4', head, 50)
    if length == 0 then return false end
    return redis.call('GETRANGE', key, 57, 55 + length)
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
    /// Record; expected version, value, life, 'listed' if the owner's entry with the value's ticket is written.
    ///
    /// 0 if refused; 1 if done; 2 if refused because the entry has to be written first; if done and an entry is left
    /// over, its ticket and owner. An owner who stays keeps the ticket, and so the entry.
    REPLACE = owner!(), r"
local old = redis.call('GETRANGE', KEYS[1], 0, 56)
if string.sub(old, 2, 9) ~= ARGV[1] then return 0 end
local was = owner(KEYS[1], old)
local length = struct.unpack('>I4', ARGV[2], 50)
local stays = false
if length > 0 then
    stays = ARGV[4] ~= 'listed'
    if stays and (was ~= string.sub(ARGV[2], 58, 56 + length)
        or string.sub(old, 34, 41) ~= string.sub(ARGV[2], 34, 41)) then return 2 end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if stays then
    redis.call('SETRANGE', KEYS[1], 41, string.sub(old, 42, 49))
elseif was then
    return string.sub(old, 42, 49) .. was
end
return 1"
}

script! {
    /// Record; expected version, the two times, life. 1 if done, 0 if refused.
    TOUCH = r"
if redis.call('GETRANGE', KEYS[1], 1, 8) ~= ARGV[1] then return 0 end
redis.call('SETRANGE', KEYS[1], 9, ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1"
}

script! {
    /// Record; expected version. 0 if refused; 1 if done; if done and an entry is left over, its ticket and owner.
    DELETE = owner!(), r"
local old = redis.call('GETRANGE', KEYS[1], 0, 56)
if string.sub(old, 2, 9) ~= ARGV[1] then return 0 end
local was = owner(KEYS[1], old)
redis.call('DEL', KEYS[1])
if was then return string.sub(old, 42, 49) .. was end
return 1"
}

script! {
    /// Record; now, in milliseconds. As `DELETE`, if it expired at or before.
    SWEEP = owner!(), r"
local old = redis.call('GETRANGE', KEYS[1], 0, 56)
if #old < 57 or struct.unpack('>i8', old, 18) > tonumber(ARGV[1]) then return 0 end
local was = owner(KEYS[1], old)
redis.call('DEL', KEYS[1])
if was then return string.sub(old, 42, 49) .. was end
return 1"
}

script! {
    /// Record; owner. 1 and the ticket if it was theirs, and is no more; otherwise 0 and its version; nothing, if it
    /// is not there.
    REVOKE = owner!(), r"
local old = redis.call('GETRANGE', KEYS[1], 0, 56)
if #old < 57 then return '' end
if owner(KEYS[1], old) ~= ARGV[1] then return '0' .. string.sub(old, 2, 9) end
redis.call('DEL', KEYS[1])
return '1' .. string.sub(old, 42, 49)"
}

script! {
    /// Record. All of it but its data, of which only the first byte, if it has any; and how long the whole is.
    LOOK = r"
local head = redis.call('GETRANGE', KEYS[1], 0, 56)
if #head < 57 then return {head, #head} end
local owner = struct.unpack('>I4', head, 50)
local label = struct.unpack('>I4', head, 54)
local data = 57 + math.max(owner - 1, 0) + math.max(label - 1, 0)
return {redis.call('GETRANGE', KEYS[1], 0, data), redis.call('STRLEN', KEYS[1])}"
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
