use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::GzDecoder;

use super::EncodeLogsError;

/// The largest request that the exporter makes, before compression, and so the most that is
/// unpacked.
pub(super) const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The captured body as plain protobuf.
///
/// The body itself tells what it is. The `content-encoding` header would not do: headers from the
/// environment replace the exporter's own. A request with a resource starts with its first field.
pub(super) fn plain(captured: Bytes) -> Result<Bytes, EncodeLogsError> {
    if captured.first() == Some(&RESOURCE_LOGS_KEY) {
        Ok(captured)
    } else if captured.starts_with(&GZIP_MAGIC) {
        let unpacked = gunzip(&captured, MAX_BYTES);
        unpacked.map_err(EncodeLogsError::compression)
    } else {
        let unknown = io::Error::new(io::ErrorKind::Unsupported, "neither protobuf nor gzip");
        Err(EncodeLogsError::compression(unknown))
    }
}

fn gunzip(packed: &[u8], max_bytes: usize) -> io::Result<Bytes> {
    let mut unpacked = Vec::with_capacity(packed.len().saturating_mul(4).min(max_bytes));
    // One byte more than allowed shows that there is more.
    let limit = (max_bytes as u64).saturating_add(1);
    GzDecoder::new(packed)
        .take(limit)
        .read_to_end(&mut unpacked)?;
    if unpacked.len() > max_bytes {
        let message = "the unpacked body is larger than any request that is made";
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(unpacked.into())
}

/// The key of `ExportLogsServiceRequest.resource_logs`: field 1, length-delimited.
const RESOURCE_LOGS_KEY: u8 = 0x0a;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

#[cfg(test)]
mod tests {
    use std::{error::Error, io::Write};

    use flate2::{Compression, write::GzEncoder};

    use super::*;
    use crate::encode::EncodeLogsErrorKind;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    /// Plain and packed bodies come out the same.
    #[test]
    fn plain_and_gzip_are_told_apart() {
        let request = Bytes::from_static(&[RESOURCE_LOGS_KEY, 2, 0x0a, 0]);
        assert_eq!(plain(request.clone()).unwrap(), request);
        assert_eq!(plain(gzip(&request).into()).unwrap(), request);
    }

    /// Other encodings, cut-off gzip and an empty body are errors that keep their cause.
    #[test]
    fn what_cannot_be_unpacked_is_an_error() {
        let zstd = vec![0x28, 0xb5, 0x2f, 0xfd, 0];
        let mut cut_off = gzip(&[RESOURCE_LOGS_KEY; 100]);
        cut_off.truncate(cut_off.len() / 2);
        for body in [zstd, cut_off, Vec::new()] {
            let error = plain(body.into()).unwrap_err();
            assert_eq!(error.kind(), EncodeLogsErrorKind::Compression);
            assert!(error.source().is_some());
        }
    }

    /// A body that unpacks to more than the limit is refused, one that just fits is not.
    #[test]
    fn unpacking_is_bounded() {
        let packed = gzip(&[RESOURCE_LOGS_KEY; 1000]);
        assert_eq!(gunzip(&packed, 1000).unwrap().len(), 1000);
        let error = gunzip(&packed, 999).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
