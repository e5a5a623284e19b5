use super::EstimateSize;
use crate::Payload;

/// The size above which [`encode_bounded`]'s callers cut a batch by default: 4 MiB.
///
/// Receivers commonly refuse larger messages; it is gRPC's default limit.
pub const DEFAULT_MAX_PAYLOAD_BYTES: usize = 4 * 1024 * 1024;

/// What became of one part of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub enum Bounded<E> {
    /// A payload within the limit.
    Fits(Payload),
    /// A payload of one item that alone exceeds the limit; the caller decides whether to send it.
    TooLarge(Payload),
    /// One item that could not be encoded.
    #[non_exhaustive]
    Failed {
        /// Why.
        error: E,
    },
}

impl<E> Bounded<E> {
    /// The number of items of the batch that this part stands for.
    pub const fn items(&self) -> u64 {
        match self {
            Self::Fits(payload) | Self::TooLarge(payload) => payload.items(),
            Self::Failed { .. } => 1,
        }
    }
}

/// Encodes `items` with `encode` into payloads of at most `max_bytes` each.
///
/// A batch that is larger by its [estimate](EstimateSize) is cut before anything is encoded, so
/// that the work and the memory do not grow with the batch. A part whose encoding is larger all the
/// same, or fails, is halved and tried again until it holds a single item: one item that is too
/// large or cannot be encoded does not take its neighbours along. The order of the items is kept.
/// `encode` returns `None` for a part in which there is nothing to send; such a part is left out of
/// the result. It is not called for an empty batch.
///
/// The limit holds for the bytes before compression.
pub fn encode_bounded<T: EstimateSize, E>(
    items: &[T],
    max_bytes: usize,
    mut encode: impl FnMut(&[T]) -> Result<Option<Payload>, E>,
) -> Vec<Bounded<E>> {
    let mut done = Vec::new();
    let mut rest = items;
    // Parts still to encode, the first one on top: never more than a part can be halved.
    let mut waiting = Vec::new();
    loop {
        let Some(part) = waiting.pop() else {
            if rest.is_empty() {
                return done;
            }
            let (next, others) = rest.split_at(fitting(rest, max_bytes));
            rest = others;
            waiting.push(next);
            continue;
        };
        let is_single = part.len() == 1;
        match encode(part) {
            Ok(None) => {}
            Ok(Some(payload)) if payload.body().len() <= max_bytes => {
                done.push(Bounded::Fits(payload));
            }
            Ok(Some(payload)) if is_single => done.push(Bounded::TooLarge(payload)),
            Err(error) if is_single => done.push(Bounded::Failed { error }),
            Ok(Some(_)) | Err(_) => {
                let (first, second) = part.split_at(part.len() / 2);
                waiting.push(second);
                waiting.push(first);
            }
        }
    }
}

/// How many items from the beginning fit by their estimate; at least one.
fn fitting<T: EstimateSize>(items: &[T], max_bytes: usize) -> usize {
    let mut bytes = 0_usize;
    let fits = items.iter().take_while(|item| {
        bytes = bytes.saturating_add(item.estimated_size());
        bytes <= max_bytes
    });
    fits.count().max(1).min(items.len())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::Signal;

    /// An item of so many bytes, whose size is not known before.
    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Unknown(usize);

    impl EstimateSize for Unknown {
        fn estimated_size(&self) -> usize {
            0
        }
    }

    /// An item of so many bytes.
    impl EstimateSize for usize {
        fn estimated_size(&self) -> usize {
            *self
        }
    }

    /// Each item stands for as many bytes as its value; `POISON` cannot be encoded.
    fn encode(part: &[usize]) -> Result<Option<Payload>, ()> {
        if part.contains(&POISON) {
            return Err(());
        }
        let body = Bytes::from(vec![0; part.iter().sum()]);
        Ok(Some(Payload::new(Signal::Logs, body, part.len() as u64)))
    }

    const POISON: usize = usize::MAX;
    const MAX: usize = 100;

    proptest! {
        /// Every item is in exactly one part, in order, whether or not its size is known before; only
        /// single items are too large or failed.
        #[test]
        fn parts_add_up(
            items in proptest::collection::vec(
                prop_oneof![8 => 0_usize..40, 1 => 90_usize..150, 1 => Just(POISON)],
                0..60,
            ),
        ) {
            let unknown: Vec<_> = items.iter().copied().map(Unknown).collect();
            let by_measure = encode_bounded(&unknown, MAX, |part| {
                encode(&part.iter().map(|item| item.0).collect::<Vec<_>>())
            });
            for parts in [encode_bounded(&items, MAX, encode), by_measure] {
            let mut rest = items.as_slice();
            for part in &parts {
                let (taken, left) = rest.split_at(usize::try_from(part.items()).unwrap());
                rest = left;
                match part {
                    Bounded::Fits(payload) => {
                        prop_assert!(payload.body().len() <= MAX);
                        prop_assert_eq!(payload.body().len(), taken.iter().sum::<usize>());
                    }
                    Bounded::TooLarge(payload) => {
                        prop_assert_eq!(&[payload.body().len()], taken);
                        prop_assert!(payload.body().len() > MAX);
                    }
                    Bounded::Failed { .. } => prop_assert_eq!(&[POISON], taken),
                }
            }
            prop_assert!(rest.is_empty());
            }
        }
    }

    /// A batch within the limit is encoded once, as a whole.
    #[test]
    fn a_small_batch_is_one_payload() {
        let mut calls = 0;
        let parts = encode_bounded(&[1; 100], MAX, |part| {
            calls += 1;
            encode(part)
        });
        assert!(matches!(parts.as_slice(), [Bounded::Fits(payload)] if payload.items() == 100));
        assert_eq!(calls, 1);
    }

    /// Nothing is asked of the encoder for an empty batch, and nothing comes out.
    #[test]
    fn an_empty_batch_has_no_parts() {
        let parts = encode_bounded(&[], MAX, |_: &[usize]| -> Result<_, ()> {
            panic!("called for an empty batch")
        });
        assert!(parts.is_empty());
    }

    /// A limit of zero ends with one part an item.
    #[test]
    fn an_impossible_limit_ends() {
        let parts = encode_bounded(&[1; 1000], 0, encode);
        assert_eq!(parts.len(), 1000);
    }

    /// However large a batch is, the encoder never gets more than the limit, and each item once.
    #[test]
    fn a_huge_batch_is_cut_before_it_is_encoded() {
        let mut encoded = 0;
        let parts = encode_bounded(&vec![7; 10_000], MAX, |part| {
            assert!(part.iter().sum::<usize>() <= MAX, "{} items", part.len());
            encoded += part.len();
            encode(part)
        });
        assert_eq!(encoded, 10_000);
        assert_eq!(parts.len(), 10_000_usize.div_ceil(MAX / 7));
    }
}
