use std::fmt;
#[cfg(any(feature = "http", feature = "grpc"))]
use std::{
    io::{self, Write as _},
    sync::Arc,
};

use bytes::Bytes;
#[cfg(any(feature = "http", feature = "grpc"))]
use flate2::{Compression, write::GzEncoder};
#[cfg(any(feature = "http", feature = "grpc"))]
use tokio::sync::OnceCell;

use crate::Signal;

/// The bytes of one OTLP export request, and how many items are in it.
///
/// The body is a serialised `Export{Trace,Metrics,Logs}ServiceRequest`, not compressed. Cloning is
/// cheap: the bytes are shared, so that several destinations and every retry send the same ones,
/// compressed at most once.
#[derive(Clone)]
pub struct Payload {
    signal: Signal,
    body: Bytes,
    items: u64,
    generation: u64,
    #[cfg(any(feature = "http", feature = "grpc"))]
    gzip: Arc<OnceCell<Bytes>>,
}

impl Payload {
    /// A payload of `items` spans, data points or log records.
    pub fn new(signal: Signal, body: Bytes, items: u64) -> Self {
        Self {
            signal,
            body,
            items,
            generation: 0,
            #[cfg(any(feature = "http", feature = "grpc"))]
            gzip: Arc::default(),
        }
    }

    /// Sets the [`generation`](Self::generation). Default 0.
    #[must_use]
    pub const fn with_generation(mut self, generation: u64) -> Self {
        self.generation = generation;
        self
    }

    /// The signal the items belong to.
    pub const fn signal(&self) -> Signal {
        self.signal
    }

    /// The serialised request.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The number of spans, data points or log records in the body.
    pub const fn items(&self) -> u64 {
        self.items
    }

    /// The collection that the items belong to, counted up: a payload replaces those of a lower
    /// generation where [`DeliveryConfig::newest_only`](crate::DeliveryConfig::newest_only) holds.
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether somebody has compressed it.
    #[cfg(all(test, any(feature = "http", feature = "grpc")))]
    pub(crate) fn is_gzipped(&self) -> bool {
        self.gzip.initialized()
    }

    /// The body, compressed with gzip by the first who asks. A large one is compressed on a thread
    /// for blocking work, so that others are not kept waiting; that needs a tokio runtime.
    #[cfg(any(feature = "http", feature = "grpc"))]
    pub(crate) async fn gzipped(&self) -> io::Result<Bytes> {
        let packed = self.gzip.get_or_try_init(|| async {
            if self.body.len() < LARGE {
                return gzip(&self.body);
            }
            let body = self.body.clone();
            let packed = tokio::task::spawn_blocking(move || gzip(&body)).await;
            packed.unwrap_or_else(|error| Err(io::Error::other(error)))
        });
        packed.await.cloned()
    }
}

/// Does not show the body, which may hold prompts and completions.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("signal", &self.signal)
            .field("bytes", &self.body.len())
            .field("items", &self.items)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// The fastest level: protobuf of telemetry shrinks to a few per cent more than at the default
/// one, in a fraction of the time.
#[cfg(any(feature = "http", feature = "grpc"))]
fn gzip(body: &[u8]) -> io::Result<Bytes> {
    let buffer = Vec::with_capacity(body.len() / 4);
    let mut encoder = GzEncoder::new(buffer, Compression::fast());
    encoder.write_all(body)?;
    let mut packed = encoder.finish()?;
    // It may wait for as long as the payload does.
    packed.shrink_to_fit();
    Ok(packed.into())
}

/// Compressing less takes a fraction of a millisecond, which handing it to another thread costs
/// as well.
#[cfg(any(feature = "http", feature = "grpc"))]
const LARGE: usize = 64 * 1024;

#[cfg(all(test, feature = "http"))]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use futures_util::poll;

    use super::*;

    fn payload(len: usize) -> Payload {
        let body: Vec<u8> = (0_u8..=250).cycle().take(len).collect();
        Payload::new(Signal::Traces, body.into(), 1)
    }

    /// Whoever asks, for whichever clone, gets the same bytes, not just equal ones; they unpack to
    /// the body.
    #[tokio::test]
    async fn compressed_once() {
        for len in [0, 1000, LARGE, 1_000_000] {
            let payload = payload(len);
            let other = payload.clone();
            let (one, two) = tokio::join!(payload.gzipped(), other.gzipped());
            let (one, two) = (one.unwrap(), two.unwrap());
            assert_eq!(one.as_ptr(), two.as_ptr());
            let later = payload.clone().gzipped().await.unwrap();
            assert_eq!(one.as_ptr(), later.as_ptr());
            let mut unpacked = Vec::new();
            GzDecoder::new(&*one).read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, *payload.body());
        }
    }

    /// While every thread for blocking work is taken, a small body is ready at once and a large one
    /// waits; if nobody waits for it any more, the next one who asks gets it all the same.
    #[test]
    fn large_ones_elsewhere() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        runtime.block_on(async {
            let (release, released) = std::sync::mpsc::channel::<()>();
            let busy = tokio::task::spawn_blocking(move || released.recv());
            let small = payload(LARGE - 1);
            assert!(poll!(std::pin::pin!(small.gzipped())).is_ready());
            let large = payload(LARGE);
            assert!(poll!(std::pin::pin!(large.gzipped())).is_pending());
            release.send(()).unwrap();
            assert!(!large.gzipped().await.unwrap().is_empty());
            busy.await.unwrap().unwrap();
        });
    }

    /// What is in a payload does not show.
    #[test]
    fn debug_shows_no_content() {
        let payload = Payload::new(Signal::Logs, Bytes::from_static(b"secret"), 1);
        let shown = format!("{payload:?}");
        assert!(shown.contains("bytes: 6"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
