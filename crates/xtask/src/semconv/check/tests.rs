use super::*;
use crate::semconv::model::parse;

const ATTRIBUTES: &str = "
namespace = 'a'
brief = 'Letters.'
stability = 'development'

[[attribute]]
key = 'a.name'
type = 'string'
brief = 'The name.'
example = 'x'

[[attribute]]
key = 'a.count'
type = 'int'
brief = 'The number.'
example = '3'
";

const METRICS: &str = "
[buckets]
seconds = [0.1, 1]

[[metric]]
name = 'a.duration'
instrument = 'histogram'
value = 'double'
unit = 's'
brief = 'Duration of letters'
buckets = 'seconds'
attributes = { required = ['a.name'] }
";

const SPANS: &str = "
[[span]]
name = 'LETTER'
id = 'a.letter'
brief = 'A letter.'
kind = 'client'
names = ['letter {a.name}']
attributes = { required = ['a.name'], recommended = ['a.count'], at_start = ['a.name'] }
";

const EVENTS: &str = "
[[event]]
name = 'a.seen'
brief = 'A letter was seen.'
level = 'recommended'
same_as_span = 'a.letter'
";

/// Tables that are right, each with one text replaced by another.
struct Tables {
    attributes: String,
    metrics: String,
    spans: String,
    events: String,
}

impl Tables {
    fn new() -> Self {
        Self {
            attributes: ATTRIBUTES.to_owned(),
            metrics: METRICS.to_owned(),
            spans: SPANS.to_owned(),
            events: EVENTS.to_owned(),
        }
    }

    fn mistakes(&self) -> Vec<String> {
        let mut model = Model::default();
        model.attributes.insert(
            "attributes/a.toml".to_owned(),
            parse("attributes/a.toml", &self.attributes).unwrap(),
        );
        model.metrics.insert(
            "metrics/a.toml".to_owned(),
            parse("metrics/a.toml", &self.metrics).unwrap(),
        );
        model.spans.insert(
            "spans/a.toml".to_owned(),
            parse("spans/a.toml", &self.spans).unwrap(),
        );
        model.events = parse("events.toml", &self.events).unwrap();
        check(&model)
    }
}

fn replaced(text: &str, this: &str, that: &str) -> String {
    assert!(text.contains(this), "{this}");
    text.replacen(this, that, 1)
}

fn attributes(this: &str, that: &str) -> Vec<String> {
    let mut tables = Tables::new();
    tables.attributes = replaced(ATTRIBUTES, this, that);
    tables.mistakes()
}

fn metrics(this: &str, that: &str) -> Vec<String> {
    let mut tables = Tables::new();
    tables.metrics = replaced(METRICS, this, that);
    tables.mistakes()
}

fn spans(this: &str, that: &str) -> Vec<String> {
    let mut tables = Tables::new();
    tables.spans = replaced(SPANS, this, that);
    tables.mistakes()
}

fn events(this: &str, that: &str) -> Vec<String> {
    let mut tables = Tables::new();
    tables.events = replaced(EVENTS, this, that);
    tables.mistakes()
}

// Scenario: tables that are right.
// Guarantee: nothing is complained about, so that each complaint below comes from the one change.
#[test]
fn right_tables_pass() {
    assert_eq!(Tables::new().mistakes(), Vec::<String>::new());
}

// Scenario: one thing wrong with an attribute.
// Guarantee: the complaint names file, key and mistake.
#[test]
fn attributes_are_checked() {
    let cases = [
        (
            "key = 'a.count'",
            "key = 'a.name'",
            "`a.name` is in attributes/a.toml already",
        ),
        ("a.count", "a.Count", "`a.Count` is no key"),
        ("The number.", "The number", "brief without a full stop"),
        (
            "example = '3'",
            "example = 'three'",
            "`three`, which is not of its type",
        ),
        (
            "type = 'int'",
            "type = 'enum'",
            "is an enum and does not say which",
        ),
        (
            "type = 'int'",
            "type = 'enum'\nenum = 'Count'",
            "has no enum `Count`",
        ),
        (
            "type = 'int'",
            "type = 'int'\nname = 'NAME'",
            "is the second `NAME`",
        ),
        (
            "type = 'int'",
            "type = 'int'\nname = 'count'",
            "another name than `count`",
        ),
        (
            "type = 'int'",
            "type = 'int'\nmodule = 'b'",
            "the unknown module `b`",
        ),
        (
            "type = 'int'",
            "type = 'int'\ngeneration = 'older'",
            "without `successor` or `reason`",
        ),
        (
            "type = 'int'",
            "type = 'int'\nsuccessor = 'a.name'",
            "is still alive",
        ),
        (
            "type = 'int'",
            "type = 'int'\ngeneration = '1.41'\nsuccessor = 'a.size'",
            "the unknown successor `a.size`",
        ),
        (
            "type = 'int'",
            "type = 'int'\nkept = 'it is'",
            "`kept` is for names of the past",
        ),
        ("'development'", "'external'", "needs `source`"),
        (
            "namespace = 'a'",
            "namespace = 'b'",
            "`b` is not the file's name",
        ),
    ];
    for (this, that, expected) in cases {
        let found = attributes(this, that);
        assert!(
            found
                .iter()
                .any(|line| line.starts_with("attributes/a.toml: ") && line.contains(expected)),
            "{expected}: {found:?}"
        );
    }
}

// Scenario: one thing wrong with a set of values.
// Guarantee: the complaint says what.
#[test]
fn sets_are_checked() {
    let set = |values: &str| {
        let text = format!(
            "type = 'enum'\nenum = 'Count'\nbrief = 'The number.'\nexample = 'one'\n\
             [[enum]]\nname = 'Count'\nattribute = 'a.count'\nvalues = [{values}]\n"
        );
        let mut tables = Tables::new();
        tables.attributes = replaced(
            ATTRIBUTES,
            "type = 'int'\nbrief = 'The number.'\nexample = '3'\n",
            &text,
        );
        tables.mistakes()
    };
    let one = "{ value = 'one', brief = 'One.' }";
    assert_eq!(set(one), Vec::<String>::new());
    for (values, expected) in [
        (format!("{one}, {one}"), "has `one`, which is there already"),
        (
            "{ value = 'two', brief = 'Two.' }".to_owned(),
            "none of its values",
        ),
        (
            format!("{one}, {{ value = 'o-ne', variant = 'One', brief = 'One.' }}"),
            "has the variant `One` of another",
        ),
        (
            "{ value = 'one', brief = 'One.', aliases = ['1'] }".to_owned(),
            "has aliases in a closed set",
        ),
    ] {
        let found = set(&values);
        assert!(
            found.iter().any(|line| line.contains(expected)),
            "{expected}: {found:?}"
        );
    }
}

// Scenario: one thing wrong with a metric.
// Guarantee: the complaint names file, metric or buckets, and mistake.
#[test]
fn metrics_are_checked() {
    let cases = [
        (
            "['a.name']",
            "['a.title']",
            "`a.duration` lists the unknown attribute `a.title`",
        ),
        ("['a.name']", "['a.name', 'a.name']", "lists `a.name` twice"),
        (
            "[0.1, 1]",
            "[1, 0.1]",
            "`seconds` has bounds that do not rise",
        ),
        (
            "[0.1, 1]",
            "[1, 1]",
            "`seconds` has bounds that do not rise",
        ),
        ("[0.1, 1]", "[nan]", "`seconds` has bounds that do not rise"),
        (
            "buckets = 'seconds'",
            "buckets = 'bytes'",
            "the unknown buckets `bytes`",
        ),
        ("buckets = 'seconds'", "", "is a histogram without buckets"),
        (
            "'histogram'",
            "'counter'",
            "has buckets and is no histogram",
        ),
        (
            "Duration of letters",
            "Duration of letters.",
            "without a full stop",
        ),
        ("unit = 's'", "unit = ''", "has no unit"),
        (
            "unit = 's'",
            "unit = 's'\ngeneration = '1.41'",
            "without `replaced_by`",
        ),
        (
            "unit = 's'",
            "unit = 's'\nreplaced_by = ['b']",
            "the unknown metric `b`",
        ),
        (
            "required =",
            "include = ['g'], required =",
            "the unknown group `g`",
        ),
        (
            "[buckets]",
            "[group.g]\nrequired = ['a.count']\n[buckets]",
            "`g` is a group that nothing",
        ),
        (
            "[buckets]",
            "[condition]\n'a.count' = 'if'\n[buckets]",
            "a condition and is in no list",
        ),
        (
            "required =",
            "at_start = ['a.name'], required =",
            "lists that only spans have",
        ),
    ];
    for (this, that, expected) in cases {
        let found = metrics(this, that);
        assert!(
            found
                .iter()
                .any(|line| line.starts_with("metrics/a.toml: ") && line.contains(expected)),
            "{expected}: {found:?}"
        );
    }
}

// Scenario: one thing wrong with a span or an event.
// Guarantee: the complaint names file, span or event, and mistake.
#[test]
fn spans_and_events_are_checked() {
    let cases = [
        (
            "['a.count']",
            "['a.size']",
            "`a.letter` lists the unknown attribute `a.size`",
        ),
        (
            "at_start = ['a.name']",
            "at_start = ['a.b']",
            "when to set `a.b`",
        ),
        ("{a.name}", "{a.size}", "is named by `a.size`"),
        ("kind = 'client'", "", "lacks a kind or a name"),
        (
            "kind = 'client'",
            "kind = 'client'\nrefines = 'b'",
            "refines `b`, which is not there",
        ),
        (
            "kind = 'client'",
            "kind = 'client'\noperations = ['x']",
            "the unknown operation `x`",
        ),
        (
            "required =",
            "forbidden = ['a.*'], required =",
            "forbids `a.*` and carries it",
        ),
        (
            "required =",
            "forbidden = ['a.x'], required =",
            "forbids the unknown attribute `a.x`",
        ),
        (
            "required =",
            "added = ['a.x'], required =",
            "lists that only metrics have",
        ),
        ("'LETTER'", "'Letter'", "another name than `Letter`"),
    ];
    for (this, that, expected) in cases {
        let found = spans(this, that);
        assert!(
            found
                .iter()
                .any(|line| line.starts_with("spans/a.toml: ") && line.contains(expected)),
            "{expected}: {found:?}"
        );
    }
    let cases = [
        (
            "'a.letter'",
            "'a.word'",
            "is like the unknown span `a.word`",
        ),
        ("level = 'recommended'", "", "needs `level` or `successor`"),
        (
            "level = 'recommended'",
            "successor = 'a.x'",
            "the unknown successor `a.x`",
        ),
        ("'a.seen'", "'a seen'", "is no name of an event"),
    ];
    for (this, that, expected) in cases {
        let found = events(this, that);
        assert!(
            found
                .iter()
                .any(|line| line.starts_with("events.toml: ") && line.contains(expected)),
            "{expected}: {found:?}"
        );
    }
}

// Scenario: a key of a table that is not known, and a value of no set.
// Guarantee: reading fails and names file and line.
#[test]
fn unknown_words_are_refused() {
    for (this, that) in [("unit = 's'", "units = 's'"), ("'histogram'", "'gauge'")] {
        let text = replaced(METRICS, this, that);
        let error = parse::<crate::semconv::model::MetricFile>("metrics/a.toml", &text)
            .map(|_| ())
            .unwrap_err();
        let shown = format!("{error:#}");
        assert!(shown.contains("model/metrics/a.toml"), "{shown}");
        assert!(shown.contains("line "), "{shown}");
    }
}
