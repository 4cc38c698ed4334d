//! The algebra of splices: application, inverse, sum, and what can be carried over what.

use process_patch::splice::{apply, apply_to, check, compose, invert, rebase};
use process_patch::{ErrorKind, Splice};
use proptest::prelude::*;
use serde_json::json;

pub(crate) fn splice(offset: usize, removed: &str, inserted: &str) -> Splice {
    Splice { offset, removed: removed.to_owned(), inserted: inserted.to_owned() }
}

/// Returns splices for a text by numbers: where each begins and ends, and what it inserts.
pub(crate) fn splices_for(text: &str, choices: &[(usize, usize, String)]) -> Vec<Splice> {
    let mut text = text.to_owned();
    let mut splices = Vec::new();
    for (start, length, inserted) in choices {
        let mut bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        bounds.push(text.len());
        let first = start % bounds.len();
        let last = (first + length).min(bounds.len() - 1);
        let splice = splice(bounds[first], &text[bounds[first]..bounds[last]], inserted);
        apply_to(&mut text, std::slice::from_ref(&splice)).expect("it was made for the text");
        splices.push(splice);
    }
    splices
}

pub(crate) fn texts() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        proptest::sample::select(vec![
            "a", "b", "\n", "é", "😀", " ", "# h\n", "- x\n", "\n\n", "```\n",
        ]),
        0..30,
    )
    .prop_map(|pieces| pieces.concat())
}

pub(crate) fn choices(most: usize) -> impl Strategy<Value = Vec<(usize, usize, String)>> {
    let inserted = proptest::sample::select(vec!["", "x", "é\n", "y\nz", "- n\n", "# s\n", "\n"]);
    let choice = (0_usize..60, 0_usize..6, inserted.prop_map(str::to_owned));
    proptest::collection::vec(choice, 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// P21.1, P21.2: what was applied and taken back is the text, byte for byte.
    #[test]
    fn apply_and_invert_is_nothing(text in texts(), choices in choices(12)) {
        let splices = splices_for(&text, &choices);
        check(&text, &splices).expect("made for it");
        let after = apply(&text, &splices).expect("made for it");
        prop_assert_eq!(apply(&after, &invert(&splices)).expect("its inverse"), text);
    }

    /// P21.1: many splices at once come to the same as one after the other.
    #[test]
    fn at_once_is_one_after_the_other(text in texts(), choices in choices(12)) {
        let splices = splices_for(&text, &choices);
        let mut slowly = text.clone();
        for splice in &splices {
            apply_to(&mut slowly, std::slice::from_ref(splice)).expect("made for it");
        }
        prop_assert_eq!(apply(&text, &splices).expect("made for it"), slowly);
    }

    /// P21.3: the sum does what both do, has a normal form, and does not depend on brackets.
    #[test]
    fn the_sum_does_what_both_do(
        text in texts(), one in choices(6), two in choices(6), three in choices(6),
    ) {
        let first = splices_for(&text, &one);
        let between = apply(&text, &first).expect("made for it");
        let second = splices_for(&between, &two);
        let after = apply(&between, &second).expect("made for it");
        let sum = compose(&first, &second).expect("they follow");
        prop_assert_eq!(&apply(&text, &sum).expect("the sum fits"), &after);
        for pair in sum.windows(2) {
            prop_assert!(pair[0].offset + pair[0].inserted.len() < pair[1].offset);
        }
        prop_assert!(sum.iter().all(|splice| splice.removed != splice.inserted));
        prop_assert_eq!(compose(&sum, &[]).expect("alone"), sum.clone());
        let nothing = compose(&sum, &invert(&sum)).expect("they follow");
        prop_assert_eq!(nothing, vec![]);

        let third = splices_for(&after, &three);
        let left = compose(&sum, &third).expect("they follow");
        let right = compose(&first, &compose(&second, &third).expect("they follow"));
        let end = apply(&after, &third).expect("made for it");
        prop_assert_eq!(apply(&text, &left).expect("the sum fits"), end.clone());
        prop_assert_eq!(apply(&text, &right.expect("they follow")).expect("the sum fits"), end);
    }

    /// P21.4: two that do not overlap commute, and whether they do has no direction.
    #[test]
    fn rebase_commutes(text in texts(), ours in choices(4), theirs in choices(4)) {
        let ours = splices_for(&text, &ours);
        let theirs = splices_for(&text, &theirs);
        match (rebase(&text, &ours, &theirs), rebase(&text, &theirs, &ours)) {
            (Ok(ours_behind), Ok(theirs_behind)) => {
                let after_theirs = apply(&text, &theirs).expect("made for it");
                let after_ours = apply(&text, &ours).expect("made for it");
                prop_assert_eq!(
                    apply(&after_theirs, &ours_behind).expect("it was carried"),
                    apply(&after_ours, &theirs_behind).expect("it was carried")
                );
            }
            (Err(ours), Err(theirs)) => {
                prop_assert_eq!(ours.kind, ErrorKind::Conflict);
                prop_assert_eq!(theirs.kind, ErrorKind::Conflict);
            }
            (ours, theirs) => prop_assert!(false, "{:?} but {:?}", ours, theirs),
        }
    }

    /// P21.4: what is carried over a change and over its inverse is as before, or refused where the
    /// inverse puts something back at the very place.
    #[test]
    fn rebase_there_and_back(text in texts(), ours in choices(3), theirs in choices(3)) {
        let ours = splices_for(&text, &ours);
        let theirs = splices_for(&text, &theirs);
        if let Ok(carried) = rebase(&text, &ours, &theirs) {
            match rebase(&apply(&text, &theirs).expect("made for it"), &carried, &invert(&theirs)) {
                Ok(back) => prop_assert_eq!(back, compose(&ours, &[]).expect("alone")),
                Err(error) => prop_assert_eq!(error.kind, ErrorKind::Conflict),
            }
        }
    }

    /// Any splices, fitting or not: an answer, and a text that stays when it is refused.
    #[test]
    fn nothing_panics(
        text in texts(),
        one in proptest::collection::vec((any::<usize>(), texts(), texts()), 0..6),
        two in proptest::collection::vec((0_usize..40, texts(), texts()), 0..6),
    ) {
        let make = |list: Vec<(usize, String, String)>| -> Vec<Splice> {
            list.into_iter()
                .map(|(offset, removed, inserted)| Splice { offset, removed, inserted })
                .collect()
        };
        let (one, two) = (make(one), make(two));
        for list in [&one, &two] {
            let mut changed = text.clone();
            if let Err(error) = apply_to(&mut changed, list) {
                prop_assert_eq!(error.kind, ErrorKind::Stale);
                prop_assert_eq!(&changed, &text);
            }
        }
        let _ = (compose(&one, &two), compose(&two, &two), rebase(&text, &one, &two), rebase(&text, &two, &two));
    }
}

/// P21.1: refused whole, with the place.
#[test]
fn a_splice_that_does_not_fit_changes_nothing() {
    let mut text = "one\ntwo\nthree\n".to_owned();
    let splices = [splice(0, "one", "1"), splice(6, "six", "6")];
    let error = apply_to(&mut text, &splices).expect_err("it does not fit");
    assert_eq!(text, "one\ntwo\nthree\n");
    assert_eq!((error.kind, error.line), (ErrorKind::Stale, Some(3)));
    let expected = json!({"splice": 1, "offset": 6, "expected": "six", "found": "thr"});
    assert_eq!(*error.details, expected);
    // In the middle of a character, and behind every end.
    for (offset, removed) in [(1, "x"), (usize::MAX, ""), (usize::MAX - 1, "xx")] {
        let error = apply("é", &[splice(offset, removed, "")]).expect_err("it does not fit");
        assert_eq!(error.kind, ErrorKind::Stale);
    }
}

/// P21.5: the table of touching edges.
#[test]
fn touching_changes_are_in_order_only_at_a_clear_edge() {
    let (text, apart, overlap) = ("a\nb\nc d\n", true, false);
    let cases = [
        // Two insertions at one place: nobody can say which comes first.
        (splice(2, "", "x\n"), splice(2, "", "y\n"), overlap),
        (splice(2, "", "x\n"), splice(2, "", "x\n"), overlap),
        // Whole lines side by side.
        (splice(0, "a\n", "A\n"), splice(2, "b\n", "B\n"), apart),
        (splice(0, "a\n", ""), splice(2, "", "y\n"), apart),
        (splice(2, "", "x\n"), splice(2, "b\n", "B\n"), apart),
        // Parts of one line.
        (splice(4, "c", "C"), splice(5, " d", "D"), overlap),
        (splice(4, "c", ""), splice(5, "", "x"), overlap),
        // What begins within a line joins it to what follows.
        (splice(1, "\nb\n", ""), splice(4, "", "x\n"), overlap),
        (splice(3, "", "x\n"), splice(3, "\n", "y\n"), overlap),
        // A line of it in between.
        (splice(0, "a", "A"), splice(4, "c", "C"), apart),
        // A line that loses its end joins what follows.
        (splice(0, "a\n", "A"), splice(2, "b\n", "B\n"), overlap),
        // What follows a heading or a fence belongs to it.
        (splice(0, "a\n", "# A\n"), splice(2, "b\n", "B\n"), overlap),
        (splice(0, "a\n", "```\n"), splice(2, "", "B\n"), overlap),
        (splice(0, "a\n", "A\n---\n"), splice(2, "", "B\n"), overlap),
        // What is indented belongs to what stands before it.
        (splice(0, "a\n", "- A\n"), splice(2, "", "  B\n"), overlap),
        // One inside the other, and both the same.
        (splice(0, "a\nb\n", ""), splice(2, "b\n", "B\n"), overlap),
        (splice(0, "a\n", "A\n"), splice(0, "a\n", "A\n"), overlap),
    ];
    for (ours, theirs, expected) in cases {
        for (left, right) in [(&ours, &theirs), (&theirs, &ours)] {
            let (left, right) = ([left.clone()], [right.clone()]);
            check(text, &left).expect("the case fits the text");
            assert_eq!(rebase(text, &left, &right).is_ok(), expected, "{left:?} over {right:?}");
        }
    }
}

/// P21.4: an overlap says what either side does there.
#[test]
fn an_overlap_is_shown() {
    let error =
        rebase("a", &[splice(0, "a", "b")], &[splice(0, "a", "c")]).expect_err("they overlap");
    assert_eq!(error.kind, ErrorKind::Conflict);
    let side = |inserted: &str| json!({"offset": 0, "removed": "a", "inserted": inserted});
    assert_eq!(error.details["overlaps"], json!([{"ours": side("b"), "theirs": side("c")}]));
}
