//! Just enough of `google.rpc.Status` and `google.rpc.RetryInfo`, read from protobuf's wire format.
//!
//! A server's error answer may be cut off or broken; whatever can be read before that counts.

use std::time::Duration;

use bytes::Buf;

use super::retry_after;

/// What a `google.rpc.Status` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RpcStatus<'a> {
    /// Field `message`.
    pub(super) message: Option<&'a [u8]>,
    /// `retry_delay` of the first `google.rpc.RetryInfo` among `details`, capped. Zero if it is
    /// negative.
    pub(super) retry_delay: Option<Duration>,
}

impl<'a> RpcStatus<'a> {
    /// Reads as much of `bytes` as can be read.
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        let mut status = Self::default();
        for (field, value) in fields(bytes) {
            match (field, value) {
                (2, Value::Bytes(message)) => status.message = Some(message),
                (3, Value::Bytes(any)) if status.retry_delay.is_none() => {
                    status.retry_delay = retry_info(any);
                }
                _ => {}
            }
        }
        status
    }
}

/// `retry_delay` if `any`, a `google.protobuf.Any`, holds a `RetryInfo`.
fn retry_info(any: &[u8]) -> Option<Duration> {
    let mut type_url: &[u8] = &[];
    let mut value: &[u8] = &[];
    for field in fields(any) {
        match field {
            (1, Value::Bytes(bytes)) => type_url = bytes,
            (2, Value::Bytes(bytes)) => value = bytes,
            _ => {}
        }
    }
    if !type_url.ends_with(b"/google.rpc.RetryInfo") {
        return None;
    }
    let delay = fields(value).find_map(|field| match field {
        (1, Value::Bytes(delay)) => Some(delay),
        _ => None,
    })?;
    let (mut seconds, mut nanos) = (0, 0);
    for field in fields(delay) {
        match field {
            (1, Value::Varint(value)) => seconds = value.cast_signed(),
            (2, Value::Varint(value)) => nanos = value.cast_signed(),
            _ => {}
        }
    }
    let whole = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    let part = Duration::from_nanos(u64::try_from(nanos).unwrap_or(0));
    Some(retry_after::capped(whole.saturating_add(part)))
}

enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// The fields of a message up to its end or the first that cannot be read.
fn fields(mut bytes: &[u8]) -> impl Iterator<Item = (u64, Value<'_>)> {
    std::iter::from_fn(move || {
        let key = varint(&mut bytes)?;
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut bytes)?),
            1 => {
                take(&mut bytes, 8)?;
                Value::Fixed
            }
            2 => {
                let len = usize::try_from(varint(&mut bytes)?).ok()?;
                Value::Bytes(take(&mut bytes, len)?)
            }
            5 => {
                take(&mut bytes, 4)?;
                Value::Fixed
            }
            _ => return None,
        };
        Some((key >> 3, value))
    })
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = bytes.try_get_u8().ok()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (head, tail) = bytes.split_at_checked(len)?;
    *bytes = tail;
    Some(head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(field: u8, value: &[u8]) -> Vec<u8> {
        let mut out = vec![field << 3 | 2, u8::try_from(value.len()).unwrap()];
        out.extend_from_slice(value);
        out
    }

    fn status(duration: &[u8]) -> Vec<u8> {
        let mut any = bytes(1, b"type.googleapis.com/google.rpc.RetryInfo");
        any.extend(bytes(2, &bytes(1, duration)));
        let mut status = vec![0x08, 14];
        status.extend(bytes(2, b"busy"));
        status.extend(bytes(3, &bytes(1, b"type.googleapis.com/google.rpc.Help")));
        status.extend(bytes(3, &any));
        status
    }

    /// Delays as servers may write them, negative and endless ones among them.
    #[test]
    fn delays() {
        let minus_one = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        let negative = [&[0x08][..], &minus_one].concat();
        let huge = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        let table: &[(&[u8], Duration)] = &[
            (&[0x08, 2], Duration::from_secs(2)),
            (&[0x10, 5], Duration::from_nanos(5)),
            (
                &[0x08, 1, 0x10, 0x80, 0x94, 0xeb, 0xdc, 0x03],
                Duration::from_secs(2),
            ),
            (&[], Duration::ZERO),
            (&negative, Duration::ZERO),
            (&huge, Duration::from_hours(1)),
        ];
        for (duration, expected) in table {
            let bytes = status(duration);
            let status = RpcStatus::read(&bytes);
            assert_eq!(status.message, Some(&b"busy"[..]));
            assert_eq!(status.retry_delay, Some(*expected), "{duration:?}");
        }
    }

    /// A status without `RetryInfo`, and one that is cut off: what comes before the cut counts.
    #[test]
    fn incomplete() {
        assert_eq!(RpcStatus::read(&[]), RpcStatus::default());
        let whole = status(&[0x08, 2]);
        let cut = RpcStatus::read(&whole[..whole.len() - 1]);
        assert_eq!(cut.message, Some(&b"busy"[..]));
        assert_eq!(cut.retry_delay, None);
    }

    proptest! {
        /// Any bytes: reading ends, and a delay is never longer than the cap.
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let delay = RpcStatus::read(&bytes).retry_delay.unwrap_or_default();
            prop_assert!(delay <= Duration::from_hours(1));
        }
    }
}
