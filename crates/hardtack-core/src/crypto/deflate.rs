//! zlib streams (RFC 1950), compatible with Python's `zlib.compress` and `zlib.decompress`.

use flate2::{Compress, Decompress, FlushCompress, FlushDecompress, Status};

use super::Rejection;

/// Compresses text. Returns `None` if that does not make the cookie shorter.
///
/// This is the rule of itsdangerous: compression must save at least one byte in addition to the dot that marks a
/// compressed payload.
pub(super) fn compress(text: &str) -> Option<Vec<u8>> {
    let most = text.len().checked_sub(2)?;
    let mut deflated = Vec::with_capacity(most);
    // A stream that does not fit into `most` bytes is not used, so it need not be finished.
    let status = Compress::new(flate2::Compression::new(6), true).compress_vec(
        text.as_bytes(),
        &mut deflated,
        FlushCompress::Finish,
    );
    (matches!(status, Ok(Status::StreamEnd)) && deflated.len() <= most).then_some(deflated)
}

/// Inflates one complete zlib stream with at most `limit` bytes of content. Bytes after the stream are ignored.
pub(super) fn inflate(stream: &[u8], limit: usize) -> Result<Vec<u8>, Rejection> {
    let mut inflater = Decompress::new(true);
    let mut text = Vec::with_capacity(limit.min(stream.len().saturating_mul(4).max(MIN_ROOM)));
    loop {
        let read = usize::try_from(inflater.total_in()).map_err(|_| Rejection::Payload)?;
        let status = inflater
            .decompress_vec(&stream[read.min(stream.len())..], &mut text, FlushDecompress::Finish)
            .map_err(|_| Rejection::Payload)?;
        match status {
            Status::StreamEnd if text.len() > limit => return Err(Rejection::TooLarge),
            Status::StreamEnd => return Ok(text),
            // The buffer is not full but there is no more output: the stream is truncated.
            _ if text.len() < text.capacity() => return Err(Rejection::Payload),
            _ if text.len() > limit => return Err(Rejection::TooLarge),
            _ => text.reserve_exact(text.len().max(MIN_ROOM).min(limit - text.len() + 1)),
        }
    }
}

/// The minimum number of bytes to reserve for the output.
const MIN_ROOM: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_text_comes_back() {
        let text = "abc".repeat(1000);
        let stream = compress(&text).unwrap();
        assert!(stream.len() < 100);
        assert_eq!(stream[..2], [0x78, 0x9c], "zlib header of level 6 with a 15-bit window");
        assert_eq!(inflate(&stream, 3000).unwrap(), text.as_bytes());
    }

    #[test]
    fn text_that_does_not_shrink_is_not_compressed() {
        for text in ["", "{", "{}", r#"{"a":1}"#, r#"{"a":"q8Zk2LxP0vBn"}"#] {
            assert_eq!(compress(text), None, "{text}");
        }
    }

    #[test]
    fn bytes_after_the_stream_are_ignored() {
        let mut stream = compress(&"x".repeat(50)).unwrap();
        stream.extend_from_slice(b"garbage");
        assert_eq!(inflate(&stream, 50).unwrap(), "x".repeat(50).as_bytes());
    }

    #[test]
    fn every_cut_stream_is_refused() {
        let stream = compress(&"hello, hello, hello, hello".repeat(40)).unwrap();
        for end in 0..stream.len() {
            assert_eq!(inflate(&stream[..end], 1 << 20), Err(Rejection::Payload), "cut at {end}");
        }
    }

    #[test]
    fn wrong_checksum_is_refused() {
        let mut stream = compress(&"x".repeat(50)).unwrap();
        *stream.last_mut().unwrap() ^= 1;
        assert_eq!(inflate(&stream, 50), Err(Rejection::Payload));
    }

    #[test]
    fn limit_is_exact_and_bounds_the_memory() {
        for length in [1_usize, 40, 511, 512, 513, 100_000] {
            let text = "x".repeat(length.max(30));
            let stream = compress(&text).unwrap();
            assert_eq!(inflate(&stream, text.len()).unwrap().len(), text.len());
            assert_eq!(inflate(&stream, text.len() - 1), Err(Rejection::TooLarge));
        }
        assert_eq!(inflate(&compress(&"x".repeat(1000)).unwrap(), 0), Err(Rejection::TooLarge));
    }
}
