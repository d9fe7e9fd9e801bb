use std::hash::{DefaultHasher, Hash, Hasher};

use futures_util::future::join_all;
use hardtack_core::session::StoreKey;
use hardtack_core::store::{Cursor, Listed, Page, StoreError};
use redis::Value;

use crate::error::{failed, strange};
use crate::keys::Keys;
use crate::left_out::{report, sort};
use crate::link::Link;
use crate::look::look;
use crate::record::Head;
use crate::scan::scan;
use crate::server::Server;

const LISTING: &str = "listing sessions";

/// The number of `SCAN` steps to take for one page. Most of the keys may belong to another program.
const MAX_STEPS: usize = 16;

/// The number of records that are requested at once.
const AT_ONCE: usize = 128;

/// A scan of the keys of all servers, one after the other.
///
/// A step returns a server's next keys, and perhaps more than requested. The surplus is left for the next page, and is
/// therefore part of the cursor. A position in a scan is valid only in the server process that returned it, and only
/// until the nodes redistribute their slots. After that, the scan starts over, and records appear twice.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Walk {
    /// The slot assignment.
    layout: u64,
    /// The index of the server.
    server: u16,
    /// The server process.
    process: u64,
    /// The position from which to continue.
    from: u64,
    /// Keys that were found but not listed yet.
    left: Vec<StoreKey>,
}

/// The size of the layout, the server, the process, and the position; the remaining keys follow.
const HEAD: usize = 26;

/// Returns one page.
pub(crate) async fn page(
    link: &Link,
    keys: &Keys,
    after: Option<&Cursor>,
    size: usize,
) -> Result<Page, StoreError> {
    let masters = link.masters().await.map_err(failed(LISTING))?;
    let mut walk = Walk::after(after)?;
    if walk.layout != masters.layout {
        walk = Walk { layout: masters.layout, left: walk.left, ..Walk::default() };
    }
    let (mut known, mut left_out) = (None, None);
    let mut records = Vec::new();
    for _ in 0..MAX_STEPS {
        while records.len() < size && !walk.left.is_empty() {
            let count = walk.left.len().min(size - records.len()).min(AT_ONCE);
            let looks = walk.left.drain(..count).map(|key| look_at(link, keys, key));
            for look in join_all(looks).await {
                records.extend(sort(look, &mut left_out)?.flatten());
            }
        }
        if records.len() >= size {
            break;
        }
        let Some(server) = masters.servers.get(usize::from(walk.server)) else {
            report(left_out.as_ref());
            return Ok(Page { records, next: None });
        };
        if known != Some(walk.server) {
            known = Some(walk.server);
            walk.enter(process(server).await?);
        }
        let step = scan(server, keys, walk.from, size - records.len(), LISTING).await?;
        walk.left = step.found;
        walk.from = step.next;
        walk.server += u16::from(step.next == 0);
    }
    report(left_out.as_ref());
    Ok(Page { records, next: Some(walk.cursor()) })
}

async fn look_at(link: &Link, keys: &Keys, key: StoreKey) -> Result<Option<Listed>, StoreError> {
    let Some((bytes, length)) = look(link, &keys.record(&key), LISTING).await? else { return Ok(None) };
    Head::read(&bytes)?.listed(key, &bytes, length).map(Some)
}

/// Returns a number that identifies a server's process: a hash of its run id.
async fn process(server: &Server) -> Result<u64, StoreError> {
    let mut command = redis::cmd("INFO");
    let answer = server.read(command.arg("server")).await.map_err(failed(LISTING))?;
    let Value::BulkString(text) = answer else { return Err(strange(LISTING)) };
    let mut hasher = DefaultHasher::new();
    text.split(|byte| *byte == b'\n').find(|line| line.starts_with(b"run_id:")).hash(&mut hasher);
    Ok(hasher.finish())
}

impl Walk {
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

    /// Continues the scan in a server process, or restarts it if the process is another one.
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
    fn a_walk_comes_back_from_its_cursor() {
        let mut walk = Walk { layout: u64::MAX, server: 2, process: 3, from: 4, left: Vec::new() };
        for number in 0..3 {
            assert_eq!(Walk::after(Some(&walk.cursor())).unwrap(), walk);
            walk.left.push(StoreKey::from_bytes([number; 32]));
        }
        assert_eq!(Walk::after(None).unwrap(), Walk::default());
        for strange in [&b""[..], &[7; 25], &[7; 27], &[7; 57]] {
            assert!(Walk::after(Some(&Cursor::from_bytes(strange))).is_err());
        }
    }

    #[test]
    fn another_process_is_walked_from_its_beginning() {
        let mut walk = Walk { process: 3, from: 4, ..Walk::default() };
        walk.enter(3);
        assert_eq!(walk.from, 4);
        walk.enter(5);
        assert_eq!((walk.process, walk.from), (5, 0));
    }
}
