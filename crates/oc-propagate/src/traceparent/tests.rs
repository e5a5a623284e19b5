use proptest::prelude::*;

use super::*;

const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

// Scenario: well-formed headers, each at the edge of one rule.
// Guarantee: they are read, and leave as version 00 with the known flags.
#[test]
fn accepted() {
    let ids = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
    for (case, header, flags) in [
        ("not sampled", format!("00-{ids}-00"), "00"),
        ("sampled", format!("00-{ids}-01"), "01"),
        ("random", format!("00-{ids}-02"), "02"),
        ("sampled and random", format!("00-{ids}-03"), "03"),
        ("unknown flags", format!("00-{ids}-ff"), "03"),
        ("unknown flags alone", format!("00-{ids}-fc"), "00"),
        ("leading white space", format!(" \t00-{ids}-01"), "01"),
        ("trailing white space", format!("00-{ids}-01\t "), "01"),
        ("higher version", format!("01-{ids}-01"), "01"),
        ("highest version", format!("fe-{ids}-01"), "01"),
        ("higher version, bare dash", format!("cc-{ids}-01-"), "01"),
        (
            "higher version, more",
            format!("cc-{ids}-01-what=ever é"),
            "01",
        ),
        (
            "higher version, unknown flags",
            format!("cc-{ids}-fe"),
            "02",
        ),
    ] {
        let parent = TraceParent::parse(header.as_bytes());
        let expected = format!("00-{ids}-{flags}");
        assert_eq!(
            parent.map(|parent| parent.to_string()),
            Ok(expected),
            "{case}"
        );
    }
}

// Scenario: headers that break one rule each.
// Guarantee: they are refused, for that reason.
#[test]
fn refused() {
    for (expected, headers) in REFUSED {
        for header in *headers {
            let error = TraceParent::parse(header.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), *expected, "{header}");
        }
    }
}

const REFUSED: &[(Kind, &[&str])] = &[
    (
        Kind::Length,
        &[
            "",
            " \t ",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-010",
        ],
    ),
    (
        Kind::Separator,
        &[
            "000-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e47360-0f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7001",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-010",
        ],
    ),
    (
        Kind::Digit,
        &[
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A",
            "0A-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "FF-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-+0f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-+1",
            ".0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6 3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47é-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        ],
    ),
    (
        Kind::Version,
        &["ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
    ),
    (
        Kind::ZeroTraceId,
        &["00-00000000000000000000000000000000-00f067aa0ba902b7-01"],
    ),
    (
        Kind::ZeroParentId,
        &["00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"],
    ),
];

// Scenario: a valid header with one byte replaced by each other byte, or cut anywhere.
// Guarantee: what is accepted is again a header of the same shape; a short one never is.
#[test]
fn single_faults() {
    for position in 0..VALID.len() {
        for byte in 0..=255 {
            let mut header = VALID.as_bytes().to_vec();
            header[position] = byte;
            let is_dash = matches!(position, 2 | 35 | 52);
            let is_legal = if is_dash {
                byte == b'-'
            } else {
                matches!(byte, b'0'..=b'9' | b'a'..=b'f')
            };
            let parsed = TraceParent::parse(&header);
            assert_eq!(parsed.is_ok(), is_legal, "byte {byte:#04x} at {position}");
        }
        assert!(TraceParent::parse(&VALID.as_bytes()[..position]).is_err());
    }
}

// Scenario: span contexts of the API, one of them with zeros, one with unknown flags.
// Guarantee: the way there and back keeps what the header can say, and marks it as remote.
#[test]
fn span_contexts() {
    let parent: TraceParent = VALID.parse().unwrap();
    let span_context = parent.to_span_context(TraceState::NONE);
    assert!(span_context.is_remote() && span_context.is_sampled());
    assert_eq!(TraceParent::from_span_context(&span_context), Some(parent));
    assert_eq!(TraceParent::from_span_context(&SpanContext::NONE), None);

    let unknown = TraceParent::new(parent.trace_id(), parent.span_id(), TraceFlags::new(0xfe));
    assert_eq!(unknown.map(|parent| parent.flags().to_u8()), Some(0x02));
    assert!(size_of::<TraceParent>() <= 32);
}

proptest! {
    // Scenario: any ids and flags. Guarantee: formatting and parsing keep them.
    #[test]
    fn round_trip(trace_id in 1u128.., span_id in 1u64.., flags in 0u8..4) {
        let parent = TraceParent::new(trace_id.into(), span_id.into(), TraceFlags::new(flags))
            .unwrap();
        prop_assert_eq!(TraceParent::parse(&parent.to_bytes()), Ok(parent));
        let expected = format!("00-{trace_id:032x}-{span_id:016x}-{flags:02x}");
        prop_assert_eq!(parent.to_string(), expected);
    }

    // Scenario: any bytes. Guarantee: no panic, and what is accepted is formatted from its text.
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(parent) = TraceParent::parse(&bytes) {
            prop_assert_eq!(TraceParent::parse(&parent.to_bytes()), Ok(parent));
        }
    }

    // Scenario: bytes near the grammar. Guarantee: accepted is what a second reading of the rules
    // accepts.
    #[test]
    fn near_misses(text in "[0-9a-fA-F]{2}[-_][0-9a-f]{31,33}-[0-9a-fx]{16}-[0-9a-f]{2}(-|-.|0)?") {
        let is_valid = |version: &str, rest: &str| {
            let fields: Vec<_> = rest.splitn(4, '-').collect();
            let is_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            fields.len() >= 3
                && [fields[0].len(), fields[1].len(), fields[2].len()] == [32, 16, 2]
                && (fields.len() == 3 || version != "00")
                && fields[..3].iter().copied().chain([version]).all(is_hex)
                && fields[..2].iter().all(|id| id.bytes().any(|b| b != b'0'))
                && version != "ff"
        };
        let expected = text.split_once('-').is_some_and(|(version, rest)| {
            version.len() == 2 && is_valid(version, rest)
        });
        prop_assert_eq!(TraceParent::parse(text.as_bytes()).is_ok(), expected, "{}", text);
    }
}
