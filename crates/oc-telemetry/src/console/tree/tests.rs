use std::time::{Duration, SystemTime};

use opentelemetry::trace::SpanKind;

use super::{TraceTree, TreeProblem, TreeSpan, check_whole};

/// A span that starts `start` and ends `end` milliseconds after the epoch.
fn span(id: &str, parent: Option<&str>, name: &str, start: u64, end: u64) -> TreeSpan {
    TreeSpan {
        parent_span_id: parent.map(str::to_owned),
        start: SystemTime::UNIX_EPOCH + Duration::from_millis(start),
        end: SystemTime::UNIX_EPOCH + Duration::from_millis(end),
        ..TreeSpan::new("4bf9", id, name)
    }
}

fn turn() -> Vec<TreeSpan> {
    let mut server = span("1", None, "POST /v1/messages", 0, 182);
    server.kind = SpanKind::Server;
    server.service = Some("gateway".to_owned());
    server.attributes = vec![("http.response.status_code".to_owned(), "200".to_owned())];
    let mut chat = span("3", Some("2"), "chat m", 10, 110);
    chat.kind = SpanKind::Client;
    chat.attributes = vec![
        ("gen_ai.usage.output_tokens".to_owned(), "7".to_owned()),
        ("gen_ai.usage.input_tokens".to_owned(), "5".to_owned()),
        ("secret".to_owned(), "text".to_owned()),
    ];
    let mut tool = span("4", Some("2"), "execute_tool read_file", 120, 140);
    tool.error = Some(String::new());
    tool.attributes = vec![("error.type".to_owned(), "timeout".to_owned())];
    let mut model = span("5", Some("3"), "llm_request", 12, 100);
    model.kind = SpanKind::Server;
    model.service = Some("vllm".to_owned());
    // Spans arrive when they end: children first.
    vec![
        model,
        chat,
        tool,
        span("2", Some("1"), "message.process", 1, 181),
        server,
    ]
}

/// A turn with a failed tool and a model server, as it is printed.
#[test]
fn a_turn_as_text() {
    let trees = TraceTree::from_spans(&turn());
    assert_eq!(trees.len(), 1);
    assert_eq!(
        trees[0].render(),
        "\
trace 4bf9  5 spans  182.0 ms
POST /v1/messages             SERVER    182.0 ms  http.response.status_code=200
└─ message.process            INTERNAL  180.0 ms
   ├─ chat m                  CLIENT    100.0 ms  gen_ai.usage.input_tokens=5  gen_ai.usage.output_tokens=7
   │  └─ llm_request          SERVER     88.0 ms  service=vllm
   └─ execute_tool read_file  INTERNAL   20.0 ms  ERROR timeout
"
    );
    assert_eq!(check_whole(&turn()), Ok(()));
}

/// The attributes shown can be chosen.
#[test]
fn other_attributes_as_text() {
    let text = TraceTree::from_spans(&turn())[0].render_with(&["secret"]);
    assert!(text.contains("secret=text"), "{text}");
    assert!(!text.contains("tokens"), "{text}");
}

/// The tree can be walked from the root and back.
#[test]
fn walking() {
    let trees = TraceTree::from_spans(&turn());
    let root = trees[0].root().unwrap();
    let process = root.child("message.process").unwrap();
    let names: Vec<_> = process
        .children()
        .map(|it| it.span().name.clone())
        .collect();
    assert_eq!(names, ["chat m", "execute_tool read_file"]);
    assert_eq!(process.parent().unwrap().span().span_id, "1");
    assert!(root.parent().is_none());
}

/// Traces are told apart, and the one that began first comes first.
#[test]
fn several_traces() {
    let mut early = TreeSpan::new("ff", "1", "early");
    early.start = SystemTime::UNIX_EPOCH;
    let late = TreeSpan {
        trace_id: "aa".to_owned(),
        ..span("1", None, "late", 5, 6)
    };
    let spans = [late, early];
    let trees = TraceTree::from_spans(&spans);
    let ids: Vec<_> = trees.iter().map(TraceTree::trace_id).collect();
    assert_eq!(ids, ["ff", "aa"]);
    assert_eq!(check_whole(&spans), Ok(()));
}

/// A span whose parent is missing is reported and still printed.
#[test]
fn an_orphan() {
    let spans = [
        span("1", None, "root", 0, 9),
        span("3", Some("2"), "lost", 1, 2),
    ];
    let problems = check_whole(&spans).unwrap_err();
    assert_eq!(
        problems,
        [TreeProblem::Orphan {
            trace_id: "4bf9".to_owned(),
            name: "lost".to_owned(),
            span_id: "3".to_owned(),
            parent_span_id: "2".to_owned(),
        }]
    );
    assert_eq!(
        problems[0].to_string(),
        "trace 4bf9: the parent 2 of span 3 \"lost\" is missing"
    );
    let text = TraceTree::from_spans(&spans)[0].render();
    assert!(
        text.ends_with("lost  INTERNAL  1.0 ms  parent=2\n"),
        "{text}"
    );
}

/// Two roots, no root and a repeated id are each reported.
#[test]
fn roots_and_repeated_ids() {
    let two = [span("1", None, "a", 0, 1), span("2", None, "b", 0, 1)];
    assert_eq!(
        check_whole(&two),
        Err(vec![TreeProblem::SeveralRoots {
            trace_id: "4bf9".to_owned(),
            names: vec!["a".to_owned(), "b".to_owned()],
        }])
    );
    let none = [span("2", Some("1"), "a", 0, 1)];
    let no_root = TreeProblem::NoRoot {
        trace_id: "4bf9".to_owned(),
    };
    assert!(check_whole(&none).unwrap_err().contains(&no_root));
    let repeated = [
        span("1", None, "a", 0, 1),
        span("2", Some("1"), "b", 0, 1),
        span("2", Some("1"), "b", 0, 1),
        span("2", Some("1"), "b", 0, 1),
    ];
    assert_eq!(
        check_whole(&repeated),
        Err(vec![TreeProblem::DuplicateSpanId {
            trace_id: "4bf9".to_owned(),
            span_id: "2".to_owned(),
        }])
    );
}

/// Spans that are their own ancestors are cut open: each is printed once, and the cycle reported.
#[test]
fn cycles() {
    let spans = [
        span("1", Some("3"), "a", 1, 2),
        span("2", Some("1"), "b", 2, 3),
        span("3", Some("2"), "c", 3, 4),
        span("4", Some("2"), "d", 4, 5),
        span("5", Some("5"), "self", 5, 6),
    ];
    let problems = check_whole(&spans).unwrap_err();
    let cycle = |id: &str| TreeProblem::Cycle {
        trace_id: "4bf9".to_owned(),
        span_id: id.to_owned(),
    };
    let no_root = TreeProblem::NoRoot {
        trace_id: "4bf9".to_owned(),
    };
    assert_eq!(problems, [cycle("1"), cycle("5"), no_root]);
    assert_eq!(TraceTree::from_spans(&spans)[0].render().lines().count(), 6);
}

/// A chain of any length costs neither the stack nor space that grows with its square.
#[test]
fn a_long_chain() {
    let spans: Vec<TreeSpan> = (0..50_000_u64)
        .map(|depth| {
            let parent = depth.checked_sub(1).map(|it| it.to_string());
            span(&depth.to_string(), parent.as_deref(), "n", depth, 60_000)
        })
        .collect();
    assert_eq!(check_whole(&spans), Ok(()));
    let text = TraceTree::from_spans(&spans)[0].render();
    assert_eq!(text.lines().count(), 50_001);
    assert!(text.lines().last().unwrap().contains("└─ (49999) n"));
    assert!(text.len() < 50_000 * 250, "{}", text.len());
}

/// Names and values cannot forge rows, reach the terminal, or fill the screen.
#[test]
fn hostile_text() {
    let mut hostile = span("1", None, "a\n└─ forged\u{1b}[2J\u{202e}", 0, 1);
    hostile.error = Some("x".repeat(1_000_000));
    let text = TraceTree::from_spans(&[hostile][..])[0].render();
    assert_eq!(text.lines().count(), 2);
    assert!(
        !text.contains('\u{1b}') && !text.contains('\u{202e}'),
        "{text}"
    );
    assert!(text.contains("a\\u{a}└─ forged\\u{1b}[2J"), "{text}");
    assert!(text.len() < 500, "{}", text.len());
}
