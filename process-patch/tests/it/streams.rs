//! Patches that arrive in pieces.

use process_patch::ErrorKind;
use process_patch::stream::{ContentField, PatchStream, StreamEvent};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::structured::values;

/// Feeds pieces; returns the events with neighbouring deltas joined, and the batch or the refusal.
fn feed(pieces: &[&[u8]]) -> (Vec<StreamEvent>, Result<Value, (ErrorKind, String)>) {
    let mut stream = PatchStream::new();
    let mut events = Vec::new();
    let fed = pieces.iter().try_for_each(|piece| stream.push(piece, &mut events));
    let again = stream.push(b"", &mut events);
    assert_eq!(fed, again, "a refused stream stays refused");
    let batch = stream.finish().map_err(|error| (error.kind, error.message));
    let mut joined: Vec<StreamEvent> = Vec::new();
    for event in events {
        match (joined.last_mut(), event) {
            (
                Some(StreamEvent::ContentDelta { index, field, text }),
                StreamEvent::ContentDelta { index: other, field: same, text: more },
            ) if (*index, *field) == (other, same) => {
                assert!(!more.is_empty(), "a delta says something");
                text.push_str(&more);
            }
            (_, event) => joined.push(event),
        }
    }
    (joined, batch)
}

/// Feeds a text whole, cut in two at every byte, and byte by byte: always the same comes of it.
fn everywhere(text: &[u8]) -> (Vec<StreamEvent>, Result<Value, (ErrorKind, String)>) {
    let whole = feed(&[text]);
    for cut in 0..=text.len() {
        assert_eq!(feed(&[&text[..cut], &text[cut..]]), whole, "cut at {cut}");
    }
    let bytes: Vec<&[u8]> = text.chunks(1).collect();
    assert_eq!(feed(&bytes), whole, "byte by byte");
    whole
}

fn refusal(text: &str) -> String {
    let (_, batch) = everywhere(text.as_bytes());
    let (kind, message) = batch.expect_err("it is to be refused");
    assert_eq!(kind, ErrorKind::InvalidPatch);
    message.trim_start_matches("the patches are no batch: ").to_owned()
}

fn delta(index: usize, field: ContentField, text: &str) -> StreamEvent {
    StreamEvent::ContentDelta { index, field, text: text.to_owned() }
}

fn opened(index: usize, operation: &str, location: Value) -> StreamEvent {
    StreamEvent::PatchOpened { index, operation: operation.to_owned(), location }
}

/// P22.1, P22.4: the three shapes tell the same, and the batch is what stands there.
#[test]
fn three_shapes_tell_the_same() {
    let patches = json!([
        {"operation": "append", "location": "## A", "content": "- é \u{1f600} \"q\"\n\\"},
        {"operation": "update", "location": ["# T", "## B"], "old_content": "x", "new_content": "y"},
    ]);
    let expected = [
        opened(0, "append", json!("## A")),
        delta(0, ContentField::Content, "- é \u{1f600} \"q\"\n\\"),
        StreamEvent::PatchClosed { index: 0 },
        opened(1, "update", json!(["# T", "## B"])),
        delta(1, ContentField::NewContent, "y"),
        StreamEvent::PatchClosed { index: 1 },
    ];
    let shapes = [
        patches.clone(),
        json!({"base_hash": "00", "patches": patches}),
        json!({"content": "Sure.", "mini_process": {"patches": patches, "process_state": {"patches": 1}}}),
    ];
    for shape in shapes {
        for text in [shape.to_string(), serde_json::to_string_pretty(&shape).expect("it is JSON")] {
            let (events, batch) = everywhere(text.as_bytes());
            assert_eq!(events, expected, "{text}");
            assert_eq!(batch.expect("it is a batch"), shape);
        }
    }
}

/// P22.4: what comes before operation and location is kept until both are known.
#[test]
fn contents_that_come_first_wait() {
    let text =
        r##"[{"content": "a\u00e9\ud83d\ude00", "location": "# A", "operation": "insert"}]"##;
    let (events, _) = everywhere(text.as_bytes());
    assert_eq!(
        events,
        [
            opened(0, "insert", json!("# A")),
            delta(0, ContentField::Content, "aé\u{1f600}"),
            StreamEvent::PatchClosed { index: 0 },
        ]
    );
}

/// P22.4: a delta is told as soon as it is there, and never half a character.
#[test]
fn a_delta_does_not_wait_for_its_end() {
    let mut stream = PatchStream::new();
    let mut events = Vec::new();
    let text = "[{\"operation\":\"append\",\"location\":\"\",\"content\":\"aé".as_bytes();
    stream.push(&text[..text.len() - 1], &mut events).expect("so far");
    assert_eq!(events.pop(), Some(delta(0, ContentField::Content, "a")));
    stream.push(&text[text.len() - 1..], &mut events).expect("so far");
    assert_eq!(events.pop(), Some(delta(0, ContentField::Content, "é")));
    stream.push(b"\\ud83d", &mut events).expect("so far");
    assert_eq!(events.len(), 1);
    stream.push(b"\\ude00", &mut events).expect("so far");
    assert_eq!(events.pop(), Some(delta(0, ContentField::Content, "\u{1f600}")));
    let error = stream.finish().expect_err("it has not ended");
    assert!(error.message.ends_with("the stream ends before the batch does"), "{error}");
}

/// P22.4: what is no patch is told nothing of; the batch decides.
#[test]
fn what_cannot_be_judged_is_left_to_the_batch() {
    let text = r##"[1, "x", [], {}, {"operation": "append"}, {"operation": 1, "location": {}},
        {"operation": "append", "location": ["a", 1], "content": "x"},
        {"operation": "append", "location": ["a", ["b"]], "content": "x"},
        {"operation": "append", "location": "a", "content": {"content": "x"}}]"##;
    let (events, batch) = everywhere(text.as_bytes());
    assert_eq!(events, [opened(8, "append", json!("a")), StreamEvent::PatchClosed { index: 8 }]);
    assert_eq!(
        batch.expect("it is JSON"),
        serde_json::from_str::<Value>(text).expect("it is JSON")
    );
}

/// P22.2: one fence around the whole is taken off; prose is refused.
#[test]
fn one_fence_around_it_is_taken_off() {
    for text in [
        "```json\n[]\n```",
        "```\n[]```\n",
        "\u{feff} \n````JSON \r\n[]\r\n````\n\n",
        "\u{feff}[]",
        " []\n",
    ] {
        let (_, batch) = everywhere(text.as_bytes());
        assert_eq!(batch, Ok(json!([])), "{text:?}");
    }
    let begins = "the stream begins with something that is no batch";
    let cases = [
        ("Here it is: []", format!("line 1, column 1: {begins}")),
        ("``[]``", format!("line 1, column 3: {begins}")),
        ("\u{feff}\u{feff}[]", format!("line 1, column 2: {begins}")),
        (
            "```md\n[]\n```",
            "line 1, column 6: the fence around the batch is not one of `json`".into(),
        ),
        ("```json [] ```", "line 1, column 14: the stream ends before the batch does".into()),
        ("```json\n[]", "line 2, column 2: the stream ends before the batch does".into()),
        ("```json\n[]\n``", "line 3, column 2: the stream ends before the batch does".into()),
        ("```json\n[]\n````", "line 3, column 4: something stands behind the batch".into()),
        ("```json\n[]\n``` []", "line 3, column 5: something stands behind the batch".into()),
        ("[] done", "line 1, column 4: something stands behind the batch".into()),
        ("[]\n```", "line 2, column 1: something stands behind the batch".into()),
        ("", "line 1, column 0: the stream ends before the batch does".into()),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(text), expected, "{text:?}");
    }
}

/// P22.3, P22.5: each refusal has its line, its column and its reason.
#[test]
fn every_refusal_has_its_place() {
    let deep = "[".repeat(65);
    let cases = [
        ("[\n  {\"é\" 1}]", "line 2, column 8: `1` stands where a colon belongs"),
        (
            "[1 2]",
            "line 1, column 4: `2` stands where a comma or the end of the list or map belongs",
        ),
        ("[1,]", "line 1, column 4: `]` stands where a value belongs"),
        ("[}", "line 1, column 2: `}` stands where a value or `]` belongs"),
        ("{1", "line 1, column 2: `1` stands where a key in quotes or `}` belongs"),
        ("{\"a\":1,}", "line 1, column 8: `}` stands where a key in quotes belongs"),
        ("[é", "line 1, column 2: something else stands where a value or `]` belongs"),
        ("[01]", "line 1, column 4: `01` is no value of JSON"),
        ("[nul]", "line 1, column 5: `nul` is no value of JSON"),
        ("[1e999]", "line 1, column 7: `1e999` is no value of JSON"),
        ("[\"\\x\"]", "line 1, column 4: a text holds an escape that JSON does not know"),
        ("[\"\\ud800x", "line 1, column 9: a text holds half of a surrogate pair"),
        ("[\"\\ud800\\n", "line 1, column 10: a text holds half of a surrogate pair"),
        ("[\"\\udc00", "line 1, column 8: a text holds half of a surrogate pair"),
        ("[\"\n", "line 1, column 3: a text holds a control character that is not escaped"),
        ("{}", "line 1, column 2: there are no `patches` in it"),
        ("{\"mini_process\":{}}", "line 1, column 19: there are no `patches` in it"),
        ("{\"patches\":{}}", "line 1, column 12: `patches` is a map, not a list"),
        ("{\"patches\":\"\"}", "line 1, column 12: `patches` is not a list"),
        ("{\"mini_process\":[]}", "line 1, column 17: `mini_process` is a list, not a map"),
        ("{\"mini_process\":1}", "line 1, column 18: `mini_process` is not a map"),
        ("{\"patches\":[],\"patches\":[]}", "line 1, column 23: the key `patches` stands twice"),
        (
            "{\"patches\":[],\"mini_process\":{\"patches\":[]}}",
            "line 1, column 41: patches stand in two places",
        ),
        (
            "[{\"operation\":\"a\",\"operation\":\"b\"}]",
            "line 1, column 29: the key `operation` stands twice",
        ),
        ("[{\"a\":{\"b\":1,\"b\":2}}]", "line 1, column 16: the key `b` stands twice"),
        (&deep, "line 1, column 65: lists and maps are nested over 64 levels"),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(text), expected, "{text:?}");
    }
    let (_, batch) = everywhere(b"[\"\xc3(\"]");
    assert_eq!(
        batch.expect_err("no UTF-8").1,
        "the patches are no batch: line 1, column 4: the stream is not UTF-8"
    );
}

/// P22.5: nothing is longer than it may be.
#[test]
fn a_stream_has_an_end() {
    let many = format!("[{}1]", "1,".repeat(10_000));
    let (_, batch) = feed(&[many.as_bytes()]);
    assert!(batch.expect_err("too many").1.ends_with("there are over 10000 patches"));
    let blanks = vec![b' '; 17 << 20];
    let (_, batch) = feed(&[&blanks]);
    assert!(batch.expect_err("too long").1.ends_with("the stream is longer than 16777216 bytes"));
}

fn batches() -> impl Strategy<Value = Value> {
    let patch = (values(), "[a-z]{0,6}", "\\PC{0,12}", any::<bool>()).prop_map(|(value, word, text, first)| {
        if first {
            json!({"content": text, "operation": word, "location": word, "other": value})
        } else {
            json!({"operation": word, "location": [word, text], "new_content": text, "other": value})
        }
    });
    (proptest::collection::vec(patch, 0..4), 0..3).prop_map(|(patches, shape)| match shape {
        0 => json!(patches),
        1 => json!({"note": 1, "patches": patches}),
        _ => json!({"mini_process": {"a": [], "patches": patches}, "content": "x"}),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// P22.4: a cut at any byte tells the same, and the batch is what serde_json reads.
    #[test]
    fn cuts_make_no_difference(batch in batches(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&batch) } else { serde_json::to_string(&batch) };
        let text = text.expect("it is JSON");
        let (events, read) = everywhere(text.as_bytes());
        prop_assert_eq!(read, Ok(batch.clone()));
        let list = batch.as_array().or_else(|| batch["patches"].as_array())
            .or_else(|| batch["mini_process"]["patches"].as_array()).expect("it has patches");
        for (at, patch) in list.iter().enumerate() {
            let told: String = events.iter().filter_map(|event| match event {
                StreamEvent::ContentDelta { index, text, .. } if *index == at => Some(text.as_str()),
                _ => None,
            }).collect();
            let content = patch.get("content").or_else(|| patch.get("new_content"));
            prop_assert_eq!(Some(told.as_str()), content.and_then(Value::as_str));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// Any bytes: an answer, and the same one however they are cut. What is taken is JSON.
    #[test]
    fn nothing_panics(
        bytes in proptest::collection::vec(prop_oneof![
            any::<u8>(), proptest::sample::select(b"[]{}\",:\\u0dn`json \n{\"patches\":[".to_vec()),
        ], 0..40),
    ) {
        let (_, batch) = everywhere(&bytes);
        if let Ok(batch) = batch {
            prop_assert!(batch.is_array() || batch.is_object());
        }
    }

    /// A batch with one byte changed: what is taken is what serde_json takes.
    #[test]
    fn a_changed_byte_is_judged_as_by_serde_json(batch in batches(), at in any::<usize>(), byte in any::<u8>()) {
        let mut text = batch.to_string().into_bytes();
        let at = at % text.len();
        text[at] = byte;
        let (_, read) = feed(&[&text]);
        match (read, serde_json::from_slice::<Value>(&text)) {
            (Ok(read), Ok(expected)) => prop_assert_eq!(read, expected),
            (Ok(read), Err(error)) => prop_assert!(false, "{} but {}", read, error),
            (Err(_), _) => {}
        }
    }
}
