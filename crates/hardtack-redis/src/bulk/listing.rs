use std::hash::{DefaultHasher, Hash, Hasher};

use futures_util::future::join_all;
use hardtack_core::protocol::StoreKey;
use hardtack_core::store::{Cursor, Listed, Page, StoreError};
use redis::Value;

use crate::bulk::peek::{log_omitted, peek, unless_unreadable};
use crate::bulk::scan::scan;
use crate::connection::server::Server;
use crate::error::{failed, unexpected_reply};
use crate::record::encoding::Head;
use crate::record::keys::Keys;
use crate::servers::Servers;

const LISTING: &str = "listing sessions";

/// The maximum number of `SCAN` steps for one page. A page may need many steps, because most of the keys may belong to
/// another program.
const MAX_STEPS: usize = 16;

/// The maximum number of records that are requested concurrently.
const MAX_CONCURRENT_READS: usize = 128;

/// A position in a scan of the keys of all servers, which are scanned one after another.
///
/// A scan step returns the next keys of a server, perhaps more than requested. Surplus keys are returned with the next
/// page, so the cursor contains them. A position is valid only for the server process that returned it, and only until
/// the nodes redistribute their slots. If the process has changed, the scan of its server starts again; if slots have
/// moved, the whole scan does. Some records then appear twice.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct ScanPosition {
    /// A hash of the assignment of slots to servers.
    layout: u64,
    /// The index of the server that is being scanned.
    server: u16,
    /// A number that identifies the process of this server.
    process: u64,
    /// The position in this server's keys from which `SCAN` continues.
    from: u64,
    /// Keys that were found but not listed yet.
    left: Vec<StoreKey>,
}

/// The size of the cursor's first part: the layout, the server, the process, and the position. The keys in `left`
/// follow.
const HEAD: usize = 26;

/// Returns one page of the records on all servers.
pub(crate) async fn page(
    servers: &Servers,
    keys: &Keys,
    after: Option<&Cursor>,
    size: usize,
) -> Result<Page, StoreError> {
    let masters = servers.masters().await.map_err(failed(LISTING))?;
    let mut position = ScanPosition::after(after)?;
    if position.layout != masters.layout {
        position = ScanPosition { layout: masters.layout, left: position.left, ..ScanPosition::default() };
    }
    let (mut known, mut left_out) = (None, None);
    let mut records = Vec::new();
    for _ in 0..MAX_STEPS {
        while records.len() < size && !position.left.is_empty() {
            let count = position.left.len().min(size - records.len()).min(MAX_CONCURRENT_READS);
            let peeked = position.left.drain(..count).map(|key| read_listed(servers, keys, key));
            for peek in join_all(peeked).await {
                records.extend(unless_unreadable(peek, &mut left_out)?.flatten());
            }
        }
        if records.len() >= size {
            break;
        }
        let Some(server) = masters.servers.get(usize::from(position.server)) else {
            log_omitted(left_out.as_ref());
            return Ok(Page::new(records, None));
        };
        if known != Some(position.server) {
            known = Some(position.server);
            position.enter(process(server).await?);
        }
        let step = scan(server, keys, position.from, size - records.len(), LISTING).await?;
        position.left = step.found;
        position.from = step.next;
        position.server += u16::from(step.next == 0);
    }
    log_omitted(left_out.as_ref());
    Ok(Page::new(records, Some(position.cursor())))
}

async fn read_listed(servers: &Servers, keys: &Keys, key: StoreKey) -> Result<Option<Listed>, StoreError> {
    let Some((bytes, length)) = peek(servers, &keys.record(&key), LISTING).await? else { return Ok(None) };
    Head::read(&bytes)?.listed(key, &bytes, length).map(Some)
}

/// Returns a number that identifies a server's process: a hash of its run id.
async fn process(server: &Server) -> Result<u64, StoreError> {
    let mut command = redis::cmd("INFO");
    let answer = server.read(command.arg("server")).await.map_err(failed(LISTING))?;
    let Value::BulkString(text) = answer else { return Err(unexpected_reply(LISTING)) };
    let mut hasher = DefaultHasher::new();
    text.split(|byte| *byte == b'\n').find(|line| line.starts_with(b"run_id:")).hash(&mut hasher);
    Ok(hasher.finish())
}

impl ScanPosition {
    fn after(cursor: Option<&Cursor>) -> Result<Self, StoreError> {
        let Some(cursor) = cursor else { return Ok(Self::default()) };
        let read = || {
            let (layout, rest) = cursor.as_bytes().split_first_chunk()?;
            let (server, rest) = rest.split_first_chunk()?;
            let (process, rest) = rest.split_first_chunk()?;
            let (from, rest) = rest.split_first_chunk()?;
            let (left, []) = rest.as_chunks() else { return None };
            Some(Self {
                layout: u64::from_be_bytes(*layout),
                server: u16::from_be_bytes(*server),
                process: u64::from_be_bytes(*process),
                from: u64::from_be_bytes(*from),
                left: left.iter().map(|key| StoreKey::from_bytes(*key)).collect(),
            })
        };
        read().ok_or_else(|| cursor.strange())
    }

    fn cursor(&self) -> Cursor {
        let mut bytes = Vec::with_capacity(HEAD + self.left.len() * StoreKey::LEN);
        bytes.extend_from_slice(&self.layout.to_be_bytes());
        bytes.extend_from_slice(&self.server.to_be_bytes());
        bytes.extend_from_slice(&self.process.to_be_bytes());
        bytes.extend_from_slice(&self.from.to_be_bytes());
        self.left.iter().for_each(|key| bytes.extend_from_slice(key.as_bytes()));
        Cursor::from_bytes(bytes)
    }

    /// Restarts the scan of the current server if `process` is not the process that returned the position.
    fn enter(&mut self, process: u64) {
        if self.process != process {
            (self.process, self.from) = (process, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_its_cursor() {
        let mut position =
            ScanPosition { layout: u64::MAX, server: 2, process: 3, from: 4, left: Vec::new() };
        for number in 0..3 {
            assert_eq!(ScanPosition::after(Some(&position.cursor())).unwrap(), position);
            position.left.push(StoreKey::from_bytes([number; 32]));
        }
        assert_eq!(ScanPosition::after(None).unwrap(), ScanPosition::default());
        for invalid in [&b""[..], &[7; 25], &[7; 27], &[7; 57]] {
            assert!(ScanPosition::after(Some(&Cursor::from_bytes(invalid))).is_err());
        }
    }

    #[test]
    fn another_process_is_scanned_from_the_start() {
        let mut position = ScanPosition { process: 3, from: 4, ..ScanPosition::default() };
        position.enter(3);
        assert_eq!(position.from, 4);
        position.enter(5);
        assert_eq!((position.process, position.from), (5, 0));
    }
}
