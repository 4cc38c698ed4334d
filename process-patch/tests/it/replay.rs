//! The history of a document, version by version: each step as a patch, and all of it back.

use process_patch::{Batch, Document, Options, splice};
use serde_json::{Value, json};

/// How many versions a history has.
const VERSIONS: usize = 120;

/// A section of a document that a test keeps beside the text.
#[derive(Clone)]
struct Section {
    level: usize,
    title: String,
    paragraphs: Vec<String>,
}

impl Section {
    fn location(&self) -> String {
        format!("{} {}", "#".repeat(self.level), self.title)
    }
}

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

fn written(sections: &[Section]) -> String {
    let blocks = sections.iter().flat_map(|section| {
        std::iter::once(section.location()).chain(section.paragraphs.iter().cloned())
    });
    let blocks: Vec<String> = blocks.collect();
    format!("{}\n", blocks.join("\n\n"))
}

/// Returns where a section with all that stands below it ends.
fn end_of(sections: &[Section], at: usize) -> usize {
    let behind = sections[at + 1..].iter().position(|other| other.level <= sections[at].level);
    behind.map_or(sections.len(), |length| at + 1 + length)
}

fn paragraph(number: usize, dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => format!("| a | b |\n|---|---|\n| {number} | 2 |"),
        1 => format!("```sh\n# no heading {number}\nmake {number}\n```"),
        2 => format!("> said in {number}\n> and gone on"),
        _ => format!("Words of {number}, on\ntwo lines."),
    }
}

/// Makes the next version, and returns the patch that does the same.
fn next(sections: &mut Vec<Section>, number: usize, dice: &mut Dice) -> Value {
    let at = dice.below(sections.len());
    let location = sections[at].location();
    match dice.below(6) {
        0 if at > 0 => {
            let end = end_of(sections, at);
            sections.drain(at..end);
            json!({"operation": "delete", "location": location})
        }
        1 if !sections[at].paragraphs.is_empty() => {
            let place = dice.below(sections[at].paragraphs.len());
            let gone = sections[at].paragraphs.remove(place);
            json!({"operation": "delete", "location": location, "content": gone})
        }
        2 if !sections[at].paragraphs.is_empty() => {
            let place = dice.below(sections[at].paragraphs.len());
            let new = paragraph(number, dice);
            let old = std::mem::replace(&mut sections[at].paragraphs[place], new.clone());
            json!({"operation": "update", "location": location, "old_content": old, "new_content": new})
        }
        3 => {
            let new = paragraph(number, dice);
            sections[at].paragraphs.push(new.clone());
            json!({"operation": "append", "location": location, "scope": "body", "content": new})
        }
        4 if sections[at].level < 4 => {
            let end = end_of(sections, at);
            let section = Section {
                level: sections[at].level + 1,
                title: format!("Section {number}"),
                paragraphs: vec![paragraph(number, dice)],
            };
            let path = format!("{location} > {}", section.location());
            let content = section.paragraphs[0].clone();
            sections.insert(end, section);
            json!({"operation": "insert", "location": path, "content": content})
        }
        _ => {
            let new = paragraph(number, dice);
            sections[at].paragraphs.insert(0, new.clone());
            json!({"operation": "insert", "location": location, "content": new})
        }
    }
}

#[test]
fn p11_each_version_of_a_history_is_made_by_its_patch_and_all_is_taken_back_to_the_byte() {
    for seed in 0..20 {
        let mut dice = Dice(seed);
        let mut sections = vec![Section {
            level: 1,
            title: "Plan".to_owned(),
            paragraphs: vec!["What it is about.".to_owned()],
        }];
        let first = written(&sections);
        let mut document = Document::new(first.clone()).unwrap();
        let mut versions = vec![first.clone()];
        let mut undo = Vec::new();
        for number in 0..VERSIONS {
            let patch = next(&mut sections, number, &mut dice);
            let batch = Batch::from_json(json!([patch.clone()])).unwrap();
            let applied = document.apply(&batch, Options::default()).unwrap_or_else(|error| {
                panic!("seed {seed}, {patch}: {error}\n{}", document.text())
            });
            assert_eq!(document.text(), written(&sections), "seed {seed}: {patch}");
            undo.push(splice::invert(&applied.splices));
            versions.push(document.text().to_owned());
        }
        for splices in undo.iter().rev() {
            assert_eq!(Some(document.text()), versions.pop().as_deref());
            document.splice_all(splices).unwrap();
        }
        assert_eq!(document.text(), first);
    }
}
