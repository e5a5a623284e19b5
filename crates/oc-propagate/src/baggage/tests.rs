use proptest::prelude::*;

use super::*;

// Scenario: metadata as a program may set it, legal or not.
// Guarantee: only legal properties come out of it, in order.
#[test]
fn metadata_becomes_properties() {
    for (metadata, expected) in [
        ("", ""),
        ("p", ";p"),
        ("p;q=1", ";p;q=1"),
        (" p ; q = 1 ;; ", ";p;q=1"),
        ("p=a%20b", ";p=a%20b"),
        ("p=a b,c", ";p=a%20b%2Cc"),
        ("p=50%", ";p=50%25"),
        ("p=", ";p="),
        ("p=a=b", ";p=a%3Db"),
        ("not a token;q", ";q"),
        ("a\r\nb: c;q", ";q"),
        ("=x;é;q", ";q"),
    ] {
        let mut member = BaggageMember::new("k", "v");
        member.properties = metadata_to_properties(metadata);
        let (header, dropped) = BaggageHeader::encode([&member]);
        assert_eq!(header, Some(format!("k=v{expected}")), "{metadata}");
        assert_eq!(dropped, 0);
    }
}

// Scenario: an entry too large to be sent, between two small ones.
// Guarantee: it is dropped alone, and no separator of it is left.
#[test]
fn what_does_not_fit_is_dropped_alone() {
    let members = [
        BaggageMember::new("a", "1"),
        BaggageMember::new("b", " ".repeat(3_000)),
        BaggageMember::new("c", "3"),
    ];
    let (header, dropped) = BaggageHeader::encode(&members);
    assert_eq!((header.as_deref(), dropped), (Some("a=1,c=3"), 1));
}

// Scenario: 65 entries. Guarantee: 64 are sent.
#[test]
fn at_most_64_members_are_sent() {
    let members: Vec<_> = (0..65)
        .map(|i| BaggageMember::new(format!("k{i}"), "v"))
        .collect();
    let (header, dropped) = BaggageHeader::encode(&members);
    assert_eq!(header.unwrap().split(',').count(), 64);
    assert_eq!(dropped, 1);
}

// Scenario: more malformed members than a list may have, then a good one.
// Guarantee: they use up the list, so the work they cause is bounded; all are counted.
#[test]
fn malformed_members_hold_their_place() {
    let line = format!("{}a=1", "junk,".repeat(64));
    let header = BaggageHeader::decode(&[&line]);
    assert_eq!((header.members.len(), header.dropped), (0, 65));
}

fn member() -> impl Strategy<Value = BaggageMember> {
    let property = ("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,5}", any::<Option<String>>());
    (
        "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}",
        any::<String>(),
        proptest::collection::vec(property, 0..3),
    )
        .prop_map(|(key, value, properties)| BaggageMember {
            key,
            value,
            properties: properties
                .into_iter()
                .map(|(key, value)| BaggageProperty { key, value })
                .collect(),
        })
}

proptest! {
    // Scenario: any values below legal keys.
    // Guarantee: they survive, and only legal octets are sent.
    #[test]
    fn round_trip(members in proptest::collection::vec(member(), 0..5)) {
        let (header, dropped) = BaggageHeader::encode(&members);
        if dropped == 0 {
            let header = header.unwrap_or_default();
            prop_assert!(header.bytes().all(|byte| byte.is_ascii_graphic()));
            let decoded = BaggageHeader::decode(&[&header]);
            prop_assert_eq!(decoded, BaggageHeader { members, dropped: 0 });
        }
    }

    // Scenario: any properties. Guarantee: they survive the API's metadata string.
    #[test]
    fn metadata_round_trip(member in member()) {
        let metadata = properties_to_metadata(&member.properties);
        prop_assert_eq!(metadata_to_properties(&metadata), member.properties);
    }

    // Scenario: any lines. Guarantee: no panic, limits hold, and what was read can be sent on.
    #[test]
    fn any_lines(lines in proptest::collection::vec("([a-z%=;, \"\\\\é]|.){0,60}", 0..4)) {
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let header = BaggageHeader::decode(&lines);
        let (sent, dropped) = BaggageHeader::encode(&header.members);
        prop_assert_eq!(dropped, 0);
        let again = BaggageHeader::decode(&[sent.as_deref().unwrap_or_default()]);
        prop_assert_eq!(again.members, header.members);
    }
}
