use proptest::prelude::*;

use super::*;

fn parse(lines: &[&str]) -> Result<String, Kind> {
    TraceStateHeader::parse(lines)
        .map(TraceStateHeader::into_string)
        .map_err(ParseTraceStateError::kind)
}

// Scenario: well-formed lines. Guarantee: they are joined in order, otherwise unchanged.
#[test]
fn accepted() {
    let long = "z".repeat(256);
    for (lines, expected) in [
        (vec!["foo=1"], "foo=1".to_owned()),
        (vec!["foo=1,bar=2"], "foo=1,bar=2".to_owned()),
        (vec!["foo=1", "bar=2"], "foo=1,bar=2".to_owned()),
        (vec!["foo=1,foo=2", "foo=1"], "foo=1,foo=2,foo=1".to_owned()),
        (vec![], String::new()),
        (vec![""], String::new()),
        (vec![" \t "], String::new()),
        (vec![",, ,"], String::new()),
        (vec!["foo=1", ""], "foo=1".to_owned()),
        (vec!["", "foo=1"], "foo=1".to_owned()),
        (vec!["foo=1,,bar=2,"], "foo=1,bar=2".to_owned()),
        (
            vec!["foo=1 \t , \t bar=2"],
            "foo=1 \t , \t bar=2".to_owned(),
        ),
        (vec![" foo=1\t", "\tbar=2 "], "foo=1,bar=2".to_owned()),
        (vec!["foo=  a b"], "foo=  a b".to_owned()),
        (vec!["0a=1"], "0a=1".to_owned()),
        (vec!["a_b-c*d/e@f=1"], "a_b-c*d/e@f=1".to_owned()),
        (vec!["foo@=1"], "foo@=1".to_owned()),
        (
            vec!["foo@@bar=1,foo@bar@baz=2"],
            "foo@@bar=1,foo@bar@baz=2".to_owned(),
        ),
        (vec!["foo= !\"#$%&'()*+-./:;<>?@[\\]^_`{|}~"], {
            "foo= !\"#$%&'()*+-./:;<>?@[\\]^_`{|}~".to_owned()
        }),
        (vec![&format!("{long}={long}")], format!("{long}={long}")),
    ] {
        assert_eq!(parse(&lines), Ok(expected), "{lines:?}");
    }
}

// Scenario: lines with one fault each. Guarantee: the whole is refused, for that reason.
#[test]
fn refused() {
    let long = "z".repeat(257);
    for (lines, expected) in [
        (vec!["foo"], Kind::Key),
        (vec!["=1"], Kind::Key),
        (vec!["foo =1"], Kind::Key),
        (vec!["FOO=1"], Kind::Key),
        (vec!["foo.bar=1"], Kind::Key),
        (vec!["@foo=1"], Kind::Key),
        (vec!["_foo=1"], Kind::Key),
        (vec!["é=1"], Kind::Key),
        (vec![&format!("{long}=1")], Kind::Key),
        (vec!["foo="], Kind::Value),
        (vec!["foo=  "], Kind::Value),
        (vec!["foo=1=2"], Kind::Value),
        (vec!["foo=a\tb"], Kind::Value),
        (vec!["foo=a\u{7f}"], Kind::Value),
        (vec!["foo=é"], Kind::Value),
        (vec![&format!("foo={long}")], Kind::Value),
        (vec!["foo=1", "bar=2,BAD=3"], Kind::Key),
    ] {
        assert_eq!(parse(&lines), Err(expected), "{lines:?}");
    }
}

// Scenario: 32 and 33 members, in one line and in two, empty ones between them.
// Guarantee: 32 pass, 33 are refused; empty ones do not count.
#[test]
fn at_most_32_members() {
    let members = |from: usize, to: usize| {
        let members: Vec<_> = (from..to).map(|i| format!("k{i}={i}")).collect();
        members.join(",,")
    };
    assert!(parse(&[&members(0, 32)]).is_ok());
    assert!(parse(&[&members(0, 20), ",", &members(20, 32)]).is_ok());
    assert_eq!(parse(&[&members(0, 33)]), Err(Kind::TooManyMembers));
    assert_eq!(
        parse(&[&members(0, 20), &members(20, 33)]),
        Err(Kind::TooManyMembers)
    );
}

// Scenario: a list blown up with white space. Guarantee: only its members travel on.
#[test]
fn white_space_is_bounded() {
    let lines = format!("foo=1,{}bar=2", " ".repeat(10_000));
    assert_eq!(parse(&[&lines]), Ok("foo=1,bar=2".to_owned()));
}

// Scenario: the API's type after changes by the program; `foo@@bar` is a key it cannot hold.
// Guarantee: changes go left, the rest stays as and where it was, emptied means empty.
#[test]
fn changes_are_merged() {
    let header = TraceStateHeader::parse(&["a=1 ,foo@@bar=2", "b=3"]).unwrap();
    let received = header.to_trace_state();
    let merge = |current: &TraceState| header.merge(&received, current).into_string();

    assert_eq!(received.header(), "a=1,b=3");
    assert_eq!(merge(&received), "a=1 ,foo@@bar=2,b=3");
    let added = received.insert("own", "x").unwrap();
    assert_eq!(merge(&added), "own=x,a=1,foo@@bar=2,b=3");
    let changed = received.insert("b", "4").unwrap();
    assert_eq!(merge(&changed), "b=4,a=1,foo@@bar=2");
    let deleted = received.delete("a").unwrap();
    assert_eq!(merge(&deleted), "foo@@bar=2,b=3");
    assert_eq!(merge(&TraceState::NONE), "");
    let hostile = received.insert("own", "x\r\ny").unwrap();
    assert_eq!(merge(&hostile), "a=1,foo@@bar=2,b=3");
}

// Scenario: members that the API takes and the header must not have.
// Guarantee: they are left out, the others are sent.
#[test]
fn what_the_api_lets_through() {
    let trace_state = TraceState::from_key_value([
        ("a", "1"),
        ("b", ""),
        ("c", "x\r\ny: z"),
        ("d", "é"),
        ("e", "5"),
    ]);
    let header = TraceStateHeader::from_trace_state(&trace_state.unwrap());
    assert_eq!(header.as_str(), "a=1,e=5");
}

// Scenario: a full list, to which the program adds a member.
// Guarantee: 32 are sent, the right-most is gone.
#[test]
fn a_full_list_loses_its_last() {
    let members: Vec<_> = (0..32).map(|i| format!("k{i}@=v")).collect();
    let header = TraceStateHeader::parse(&[&members.join(",")]).unwrap();
    let received = header.to_trace_state();
    let merged = header.merge(&received, &received.insert("own", "x").unwrap());
    assert_eq!(merged.members().count(), 32);
    assert_eq!(merged.members().next(), Some(("own", "x")));
    assert_eq!(merged.members().last(), Some(("k30@", "v")));
}

proptest! {
    // Scenario: any lines. Guarantee: no panic; what is accepted is accepted again, unchanged.
    #[test]
    fn any_lines(lines in proptest::collection::vec(".{0,40}", 0..4)) {
        reparse(&lines)?;
    }

    // Scenario: lines near the grammar. Guarantee: the same.
    #[test]
    fn near_misses(lines in proptest::collection::vec(NEAR, 0..3)) {
        reparse(&lines)?;
    }
}

const NEAR: &str = "([a-z@]{1,3}=[ -~]{1,4}[,\t ]{0,2}){0,5}";

fn reparse(lines: &[String]) -> Result<(), TestCaseError> {
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    if let Ok(header) = TraceStateHeader::parse(&lines) {
        let again = TraceStateHeader::parse(&[header.as_str()]);
        prop_assert_eq!(again.as_ref(), Ok(&header));
        prop_assert!(header.members().count() <= TraceStateHeader::MAX_MEMBERS);
    }
    Ok(())
}
