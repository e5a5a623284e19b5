//! Cutting.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::privacy::{Cap, Message, Part, messages_json, preview_json};

/// Guarantee: what fits is not copied; what does not is cut on a boundary to no more than the cap.
#[test]
fn text() {
    let cap = Cap::new(100);
    assert!(matches!(cap.cut(&"x".repeat(100)), Cow::Borrowed(_)));
    for text in ["x".repeat(101), "é".repeat(60), "\u{1f600}".repeat(1000)] {
        let cut = cap.cut(&text).into_owned();
        assert!(cut.len() <= 100, "{cut}");
        let (kept, rest) = cut.split_once('…').unwrap();
        assert!(text.starts_with(kept) && kept.len() > 60);
        assert_eq!(rest, format!("[cut {} bytes]", text.len() - kept.len()));
        assert_eq!(cap.cut(&cut), cut);
    }
    assert_eq!(Cap::new(0).max_bytes(), 64);
}

/// Guarantee: a text that is cut twice says what both took.
#[test]
fn adds_up() {
    let once = Cap::new(200).cut(&"x".repeat(1000)).into_owned();
    let twice = Cap::new(100).cut(&once).into_owned();
    let kept = twice.split_once('…').unwrap().0.len();
    assert_eq!(
        twice,
        format!("{}…[cut {} bytes]", "x".repeat(kept), 1000 - kept)
    );
}

/// Scenario: one huge and some small messages. Guarantee: the JSON is valid and within the cap, the
/// small ones are whole, roles and ids stay.
#[test]
fn the_longest_text_is_cut() {
    let messages = messages_json(&[
        Message::system("be brief"),
        Message::user("\"\n\u{1}é".repeat(100_000)),
        Message::new("assistant").with_part(Part::ToolCall {
            id: Some("call_7".into()),
            name: "weather".into(),
            arguments: Some(json!({"city": "Oslo", "note": "n".repeat(9_000)})),
        }),
    ]);
    for max in [1_000, 4_096, 65_536] {
        let text = Cap::new(max).cut_json(messages.clone());
        assert!(text.len() <= max && text.len() > max / 2, "{}", text.len());
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value[0]["parts"][0]["content"], "be brief");
        assert_eq!(value[1]["role"], "user");
        assert!(
            value[1]["parts"][0]["content"]
                .as_str()
                .unwrap()
                .ends_with(" bytes]")
        );
        assert_eq!(value[2]["parts"][0]["id"], "call_7");
        assert_eq!(value[2]["parts"][0]["arguments"]["city"], "Oslo");
    }
}

/// Scenario: more messages than fit, however short. Guarantee: the newest stay, a mark stands for
/// the others.
#[test]
fn the_oldest_messages_go() {
    let messages: Vec<Message> = (0..10_000)
        .map(|i| Message::user(format!("number {i}")))
        .collect();
    let text = Cap::new(2_000).cut_json(messages_json(&messages));
    assert!(text.len() <= 2_000, "{}", text.len());
    let value: Value = serde_json::from_str(&text).unwrap();
    let list = value.as_array().unwrap();
    assert!(list.len() > 10);
    assert!(
        list[0]["parts"][0]["content"]
            .as_str()
            .unwrap()
            .starts_with("…[cut ")
    );
    assert_eq!(list.last().unwrap()["parts"][0]["content"], "number 9999");
}

/// Guarantee: whatever the shape, the result is JSON within the cap.
#[test]
fn hostile_shapes() {
    let mut deep = json!("x");
    for _ in 0..400 {
        deep = json!([deep]);
    }
    for value in [
        json!("x".repeat(9_999)),
        json!({"k".repeat(9_999): 1}),
        json!([{"role": "r".repeat(9_999), "parts": []}]),
        json!((0..9_999).collect::<Vec<_>>()),
        json!({"a": (0..9_999).map(|i| i.to_string()).collect::<Vec<_>>()}),
        json!({"a": "b".repeat(9_999), "messages": [1]}),
        json!({"k".repeat(9_999): 1, "messages": (0..9_999).collect::<Vec<_>>()}),
        json!({"messages": "x".repeat(9_999)}),
        deep,
    ] {
        let text = Cap::new(300).cut_json(value);
        assert!(text.len() <= 300, "{text}");
        serde_json::from_str::<Value>(&text).unwrap();
    }
}

/// Guarantee: what MLflow shows of a long conversation stays an object with messages, of which the
/// newest are left; a single long one keeps its beginning.
#[test]
fn previews_stay_objects() {
    let messages: Vec<_> = (0..100)
        .map(|n| Message::user(format!("number {n}")))
        .collect();
    for max in [200, 300, 1_000, 2_000] {
        let text = Cap::new(max).cut_json(preview_json(&messages));
        assert!(text.len() <= max, "{text}");
        let cut: Value = serde_json::from_str(&text).unwrap();
        let list = cut["messages"].as_array().unwrap();
        assert_eq!(list.last().unwrap()["content"], "number 99");
        assert_eq!(list[0]["role"], "system");
        assert!(list[0]["content"].as_str().unwrap().starts_with("…[cut "));
    }
    let one = [Message::user("x".repeat(999))];
    let text = Cap::new(200).cut_json(preview_json(&one));
    let cut: Value = serde_json::from_str(&text).unwrap();
    assert!(
        cut["messages"][0]["content"]
            .as_str()
            .unwrap()
            .starts_with("xxx")
    );
}
