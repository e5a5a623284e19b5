//! The whole way: recorded here, decoded at a receiver.

use oc_telemetry::testing::OtlpReceiver;

use crate::support::{PROTOCOLS, expect_all, record, to};

/// One span, one counter and one event arrive by each protocol, and the report says so.
#[test]
fn all_signals_arrive() {
    for protocol in PROTOCOLS {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = to(&receiver, protocol).build().unwrap();
        assert_eq!(telemetry.warnings(), []);
        record(&telemetry);
        let report = telemetry.shutdown();
        assert!(report.is_complete(), "{report}");

        expect_all(&receiver);
        let (spans, logs) = (receiver.spans(), receiver.logs());
        assert_eq!(logs[0].trace_id.as_ref(), Some(&spans[0].trace_id));
        assert_eq!(logs[0].span_id.as_ref(), Some(&spans[0].span_id));
    }
}
