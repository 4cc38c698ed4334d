//! Tests of the documents for people, with names that try to be more than names.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{markdown, mermaid};
use crate::{
    model::{Process, Step},
    samples::{FULL, process, step_id},
    status::StepStatus,
};

/// Texts that would be structure if they were written as they are.
const HOSTILE: [&str; 11] = [
    "two\nlines\r\nand\u{2028}more",
    "# heading\n## Steps",
    "a | b | c",
    "\"] --> evil[\"",
    "<script>alert(1)</script>",
    "<!-- hidden",
    "\\<script>",
    "- [x] done\n- [x] too",
    "```\nfence",
    "end\n  subgraph x",
    "#quot;]:::failed",
];

fn check(document: &str, expect: Expect) {
    expect.assert_eq(document);
}

/// A process in which this text stands wherever one can.
fn filled(text: &str) -> Process {
    let mut process = process(FULL);
    let own = || text.to_owned();
    (process.name, process.goal, process.template) = (own(), own(), Some(own()));
    process.tags = vec![own()];
    for step in &mut process.steps {
        (step.name, step.description) = (own(), None);
        (step.inputs, step.outputs, step.checks) = (vec![own()], vec![own()], vec![own()]);
    }
    for decision in &mut process.decisions {
        (decision.question, decision.choice, decision.rationale) = (own(), own(), own());
        decision.options = vec![own()];
    }
    for risk in &mut process.risks {
        (risk.risk, risk.impact, risk.mitigation, risk.status) = (own(), own(), own(), own());
    }
    for evidence in &mut process.evidence {
        (evidence.kind, evidence.value, evidence.step_id) = (own(), own(), Some(own()));
    }
    process.extra.insert("missing".to_owned(), serde_json::json!([text]));
    process
}

/// What each line of a Markdown document begins, block within block, and how many cells it has.
fn structure(document: &str) -> Vec<String> {
    let begins_block = |word: &&str| {
        let number =
            word.strip_suffix(['.', ')']).is_some_and(|number| number.parse::<u64>().is_ok());
        number
            || word.starts_with("```")
            || ["#", "##", "###", ">", "-", "*", "+", "|", "---"].contains(word)
    };
    let shape = document.lines().map(|line| {
        let mut words = line.split(' ').peekable();
        let mut blocks: Vec<&str> = Vec::new();
        // A heading or a cell holds no blocks, a list item or quotation may.
        while !blocks.last().is_some_and(|block| block.starts_with(['#', '|']))
            && let Some(block) = words.next_if(begins_block)
        {
            blocks.push(block);
        }
        if blocks.last() == Some(&"-") && words.next_if(|word| word.starts_with('[')).is_some() {
            blocks.push("[ ]");
        }
        let bars = line.replace("\\\\", "").replace("\\|", "").matches('|').count();
        format!("{} {}", blocks.join(" "), if blocks.first() == Some(&"|") { bars } else { 0 })
    });
    shape.collect()
}

#[test]
fn a_process_is_a_guide_that_can_be_followed() {
    check(
        &markdown(&process(FULL)),
        expect![[r#"
        # Move the post office

        > **Goal:** Letters arrive as before
        > **Status:** in_progress
        > **Progress:** 1 of 2 steps (50 %)
        > **ID:** `proc-001`
        > **Template:** `infra-deploy`
        > **Tags:** post, summer

        ## Steps

        ### 1. Measure the rooms

        - [x] **completed** (`s1`), 2026-02-10 10:30 UTC

        Each one twice

        **Inputs:**

        - keys

        **Outputs:**

        - table of sizes

        **Checks:**

        - [x] both measurements agree

        ### 2. Pack

        - [ ] **in_progress** (`pack`), 2026-02-11 08:00 UTC

        ## Decisions

        ### Which van?

        **Choice:** large

        **Options:** small, large

        **Rationale:** One trip

        ## Risks

        | Risk | Impact | Mitigation | Status |
        |---|---|---|---|
        | Rain | critical | Tarpaulin | mitigating |

        ## Evidence

        - **file** sizes.csv (step `s1`), 2026-02-10 11:31 UTC

        ## What is missing

        - [ ] No rollback procedure defined
        - [ ] address of the new office

        ---
        _Last updated: 2026-02-11T08:00:00Z_
    "#]],
    );
}

#[test]
fn an_empty_process_is_a_guide_too() {
    check(
        &markdown(&process("name: x\ncreatedAt: 2026-02-10T10:00:00Z\n")),
        expect![[r#"
        # x

        > **Status:** planned
        > **Progress:** 0 of 0 steps (0 %)
        > **ID:** `proc-001`

        ## Steps

        No steps yet.

        ## What is missing

        - [ ] No decisions logged
        - [ ] No evidence recorded
        - [ ] No rollback procedure defined

        ---
        _Last updated: 2026-02-10T10:00:00Z_
    "#]],
    );
}

#[test]
fn hostile_names_stay_names_in_markdown() {
    let mut all = process("name: x\ncreatedAt: 2026-02-10T10:00:00Z\n");
    all.name = HOSTILE[4].to_owned();
    all.steps = HOSTILE
        .iter()
        .zip(1..)
        .map(|(name, number)| Step {
            inputs: vec![(*name).to_owned()],
            checks: vec![(*name).to_owned()],
            ..Step::new(step_id(&format!("s{number}")), *name)
        })
        .collect();
    check(
        &markdown(&all),
        expect![[r##"
        # &lt;script>alert(1)&lt;/script>

        > **Status:** planned
        > **Progress:** 0 of 11 steps (0 %)
        > **ID:** `proc-001`

        ## Steps

        ### 1. two lines and more

        - [ ] **pending** (`s1`)

        **Inputs:**

        - two lines and more

        **Checks:**

        - [ ] two lines and more

        ### 2. # heading ## Steps

        - [ ] **pending** (`s2`)

        **Inputs:**

        - \# heading ## Steps

        **Checks:**

        - [ ] # heading ## Steps

        ### 3. a | b | c

        - [ ] **pending** (`s3`)

        **Inputs:**

        - a | b | c

        **Checks:**

        - [ ] a | b | c

        ### 4. "] --> evil["

        - [ ] **pending** (`s4`)

        **Inputs:**

        - "] --> evil["

        **Checks:**

        - [ ] "] --> evil["

        ### 5. &lt;script>alert(1)&lt;/script>

        - [ ] **pending** (`s5`)

        **Inputs:**

        - &lt;script>alert(1)&lt;/script>

        **Checks:**

        - [ ] &lt;script>alert(1)&lt;/script>

        ### 6. &lt;!-- hidden

        - [ ] **pending** (`s6`)

        **Inputs:**

        - &lt;!-- hidden

        **Checks:**

        - [ ] &lt;!-- hidden

        ### 7. \&lt;script>

        - [ ] **pending** (`s7`)

        **Inputs:**

        - \&lt;script>

        **Checks:**

        - [ ] \&lt;script>

        ### 8. - [x] done - [x] too

        - [ ] **pending** (`s8`)

        **Inputs:**

        - \- [x] done - [x] too

        **Checks:**

        - [ ] - [x] done - [x] too

        ### 9. ``` fence

        - [ ] **pending** (`s9`)

        **Inputs:**

        - \``` fence

        **Checks:**

        - [ ] ``` fence

        ### 10. end subgraph x

        - [ ] **pending** (`s10`)

        **Inputs:**

        - end subgraph x

        **Checks:**

        - [ ] end subgraph x

        ### 11. #quot;]:::failed

        - [ ] **pending** (`s11`)

        **Inputs:**

        - \#quot;]:::failed

        **Checks:**

        - [ ] #quot;]:::failed

        ## What is missing

        - [ ] No decisions logged
        - [ ] No evidence recorded
        - [ ] No rollback procedure defined

        ---
        _Last updated: 2026-02-10T10:00:00Z_
    "##]],
    );
}

#[test]
fn hostile_cells_stay_in_their_row() {
    let mut all = process("name: x\ncreatedAt: 2026-02-10T10:00:00Z\n");
    all.risks = HOSTILE
        .iter()
        .map(|text| filled(text).risks[0].clone())
        .chain([filled("back\\|slash\\").risks[0].clone()])
        .collect();
    let document = markdown(&all);
    let rows = document.lines().filter(|line| line.starts_with("| ")).count();
    assert_eq!(rows, HOSTILE.len() + 2, "{document}");
    for row in document.lines().filter(|line| line.starts_with("| ")) {
        let bars = row.replace("\\\\", "").replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{row}");
    }
}

#[test]
fn no_text_changes_the_structure_of_a_guide() {
    let plain = structure(&markdown(&filled("plain")));
    for text in HOSTILE {
        let document = markdown(&filled(text));
        assert_eq!(structure(&document), plain, "{document}");
        assert!(!document.contains("<script") && !document.contains("<!--"), "{document}");
    }
}

#[test]
fn inequalities_and_arrows_are_left_alone() {
    let document = markdown(&filled("load < 5 && x <- 3"));
    assert!(document.contains("- load < 5 && x <- 3\n"), "{document}");
}

#[test]
fn a_process_is_a_chart_coloured_by_status() {
    let mut process = process(FULL);
    process.steps = StepStatus::ALL
        .into_iter()
        .zip(1..)
        .map(|(status, number)| Step {
            status,
            ..Step::new(step_id(&format!("s{number}")), format!("Step {status}"))
        })
        .collect();
    check(
        &mermaid(&process),
        expect![[r#"
        flowchart TD
          subgraph process["Move the post office"]
            direction TB
            step1["1. Step pending"]:::pending
            step2["2. Step in_progress"]:::active
            step3["3. Step waiting"]:::active
            step4["4. Step completed"]:::completed
            step5["5. Step skipped"]:::skipped
            step6["6. Step failed"]:::failed
            step7["7. Step cancelled"]:::skipped
            step8["8. Step compensated"]:::skipped
            step1 --> step2
            step2 --> step3
            step3 --> step4
            step4 --> step5
            step5 --> step6
            step6 --> step7
            step7 --> step8
          end
          classDef pending fill:#f4f4f5,stroke:#71717a,color:#3f3f46
          classDef active fill:#fef3c7,stroke:#d97706,color:#78350f
          classDef completed fill:#dcfce7,stroke:#16a34a,color:#14532d
          classDef skipped fill:#e0e7ff,stroke:#6366f1,color:#312e81
          classDef failed fill:#fee2e2,stroke:#dc2626,color:#7f1d1d
    "#]],
    );
}

#[test]
fn an_empty_process_is_a_chart_too() {
    check(
        &mermaid(&process("name: x\n")),
        expect![[r#"
        flowchart TD
          subgraph process["x"]
            direction TB
            empty["No steps yet"]
          end
          classDef pending fill:#f4f4f5,stroke:#71717a,color:#3f3f46
          classDef active fill:#fef3c7,stroke:#d97706,color:#78350f
          classDef completed fill:#dcfce7,stroke:#16a34a,color:#14532d
          classDef skipped fill:#e0e7ff,stroke:#6366f1,color:#312e81
          classDef failed fill:#fee2e2,stroke:#dc2626,color:#7f1d1d
    "#]],
    );
}

#[test]
fn hostile_names_stay_names_in_a_chart() {
    let mut all = process("name: x\n");
    all.name = HOSTILE[3].to_owned();
    all.steps = HOSTILE
        .iter()
        .zip(1..)
        .map(|(name, number)| Step::new(step_id(&format!("s{number}")), *name))
        .collect();
    let chart = mermaid(&all);
    let boxes: Vec<&str> =
        chart.lines().map(str::trim).filter(|line| line.contains("[\"")).collect();
    check(
        &boxes.join("\n"),
        expect![[r##"
        subgraph process["#34;#93; --#62; evil#91;#34;"]
        step1["1. two lines and more"]:::pending
        step2["2. #35; heading #35;#35; Steps"]:::pending
        step3["3. a #124; b #124; c"]:::pending
        step4["4. #34;#93; --#62; evil#91;#34;"]:::pending
        step5["5. #60;script#62;alert(1)#60;/script#62;"]:::pending
        step6["6. #60;!-- hidden"]:::pending
        step7["7. #92;#60;script#62;"]:::pending
        step8["8. - #91;x#93; done - #91;x#93; too"]:::pending
        step9["9. #96;#96;#96; fence"]:::pending
        step10["10. end subgraph x"]:::pending
        step11["11. #35;quot#59;#93;:::failed"]:::pending"##]],
    );
}

#[test]
fn a_long_name_is_cut_in_a_chart() {
    let mut long = process("name: x\n");
    long.name = "é".repeat(200);
    let chart = mermaid(&long);
    assert!(chart.contains(&format!("[\"{}…\"]", "é".repeat(120))), "{chart}");
}

proptest! {
    #[test]
    fn any_name_is_one_label_of_a_chart(text in "\\PC{0,12}|[\\n\"\\[\\]{}#;<>|`\\\\ -]{0,12}") {
        let chart = mermaid(&filled(&text));
        prop_assert_eq!(chart.lines().count(), mermaid(&filled("plain")).lines().count());
        for line in chart.lines().filter(|line| line.contains("[\"")) {
            prop_assert_eq!(line.matches('"').count(), 2, "{}", line);
            prop_assert_eq!(line.matches('[').count(), 1, "{}", line);
            prop_assert_eq!(line.matches(']').count(), 1, "{}", line);
        }
    }

    #[test]
    fn any_text_keeps_the_lines_of_a_guide(text in "[a\\n\\r#>|`\\[\\]<!*+1.) x~=_-]{1,12}") {
        prop_assume!(!text.trim().is_empty());
        let document = markdown(&filled(&format!("x{text}")));
        prop_assert_eq!(document.lines().count(), markdown(&filled("plain")).lines().count());
    }
}
