//! What lies between two documents, section by section and line by line.

use std::collections::BTreeMap;

use diffy::{DiffOptions, PatchFormatter};
use process_patch::Document;
use serde_json::{Value, json};

/// The lines around a change that a difference shows.
const CONTEXT_LINES: usize = 3;

/// The most lines, of both sides together, that are paired one by one: the work grows with their
/// square. More are shown as one block that gives way to another.
const COMPARED_LINES_MAX: usize = 10_000;

/// The most sections of a document that are told apart; what follows belongs to the last one.
const SECTIONS_MAX: usize = 10_000;

/// The longest part of a heading in the path of a section, in characters.
const HEADING_CHARS_MAX: usize = 200;

/// What lies between two documents.
#[derive(Clone, Debug, Default)]
pub struct DocumentDifference {
    /// Sections that one of them has and the other has not, or that say something else.
    pub sections: Vec<SectionChange>,
    /// The lines, in the unified form; empty when there is no difference.
    pub lines: String,
}

/// What became of a section: of its own text, without its sub-sections.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SectionChange {
    /// The path of its heading, with a number behind it where it stands more than once; empty for
    /// what stands before the first heading.
    pub section: String,
    /// `added`, `changed` or `removed`.
    pub change: &'static str,
}

impl DocumentDifference {
    /// Compares two documents, section by section and line by line.
    #[must_use]
    pub fn between(before: &str, after: &str, name: &str) -> Self {
        if before == after {
            return Self::default();
        }
        let (old, new) = (sections(before), sections(after));
        let places = |sections: &[(String, String)]| -> BTreeMap<String, String> {
            sections.iter().cloned().collect()
        };
        let (in_old, in_new) = (places(&old), places(&new));
        let told = |section: &str, change| SectionChange { section: section.to_owned(), change };
        let gone = old.iter().filter_map(|(path, text)| match in_new.get(path) {
            None => Some(told(path, "removed")),
            Some(other) if other != text => Some(told(path, "changed")),
            Some(_) => None,
        });
        let come = new.iter().filter(|(path, _)| !in_old.contains_key(path));
        let sections = gone.chain(come.map(|(path, _)| told(path, "added"))).collect();
        Self { sections, lines: unified(before, after, name) }
    }

    /// Returns whether there is no difference.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the difference as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let sections = self.sections.iter();
        let sections =
            sections.map(|found| json!({"section": found.section, "change": found.change}));
        json!({"sections": sections.collect::<Vec<_>>(), "lines": self.lines})
    }
}

/// Returns each heading's path, numbered where it stands more than once, with what stands below it
/// before the next heading; what stands before the first one has an empty path.
fn sections(text: &str) -> Vec<(String, String)> {
    let Ok(document) = Document::new(text) else { return Vec::new() };
    let headings = document.outline().headings();
    let headings = &headings[..headings.len().min(SECTIONS_MAX)];
    let first = headings.first().map_or(text.len(), |heading| heading.start());
    let mut found = vec![(String::new(), text[..first].trim().to_owned())];
    let mut above: Vec<(u8, String)> = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (index, heading) in headings.iter().enumerate() {
        let end = headings.get(index + 1).map_or(text.len(), |next| next.start());
        let level = heading.level();
        above.retain(|(other, _)| *other < level);
        let title = heading.title(text).chars().take(HEADING_CHARS_MAX).collect();
        above.push((level, title));
        let titles: Vec<&str> = above.iter().map(|(_, title)| title.as_str()).collect();
        let mut path = titles.join(" > ");
        let count = counts.entry(path.clone()).or_default();
        *count += 1;
        if *count > 1 {
            path = format!("{path} #{count}");
        }
        found.push((path, text[heading.end()..end].trim().to_owned()));
    }
    found
}

/// Returns what changed between two texts in the unified form, empty when they are the same.
pub(crate) fn unified(before: &str, after: &str, name: &str) -> String {
    if before == after {
        return String::new();
    }
    let (original, modified) = (format!("a/{name}"), format!("b/{name}"));
    let (old, new) = (lines(before), lines(after));
    let same = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    let (old_rest, new_rest) = (&old[same..], &new[same..]);
    let pairs = old_rest.iter().rev().zip(new_rest.iter().rev());
    let behind = pairs.take_while(|(one, other)| one == other).count();
    let (removed, inserted) = (old_rest.len() - behind, new_rest.len() - behind);
    if removed + inserted <= COMPARED_LINES_MAX {
        let mut options = DiffOptions::new();
        options
            .set_context_len(CONTEXT_LINES)
            .set_original_filename(original)
            .set_modified_filename(modified);
        let patch = options.create_patch(before, after);
        return PatchFormatter::new().suppress_blank_empty(false).fmt_patch(&patch).to_string();
    }
    let context = same.min(CONTEXT_LINES);
    let start = same - context;
    let follows = behind.min(CONTEXT_LINES);
    let range = |count: usize| match context + count + follows {
        0 => "0,0".to_owned(),
        lines => format!("{},{lines}", start + 1),
    };
    let (old_range, new_range) = (range(removed), range(inserted));
    let mut text = format!("--- {original}\n+++ {modified}\n@@ -{old_range} +{new_range} @@\n");
    let mut put = |sign: char, lines: &[&str]| {
        for line in lines {
            text.push(sign);
            text.push_str(line);
            if !line.ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    };
    put(' ', &old[start..same]);
    put('-', &old_rest[..removed]);
    put('+', &new_rest[..inserted]);
    put(' ', &new_rest[inserted..inserted + follows]);
    text
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str, after: &str) -> Vec<String> {
        let found = DocumentDifference::between(before, after, "x.md");
        found.sections.iter().map(|it| format!("{} {}", it.change, it.section)).collect()
    }

    #[test]
    fn a_section_is_told_by_its_path_and_by_its_own_text() {
        let before = "Top\n\n# A\n\none\n\n## B\n\ntwo\n\n## C\n\nthree\n";
        let after = "Top\n\n# A\n\none\n\n## B\n\n2\n\n## D\n\nfour\n";
        assert_eq!(
            told(before, after),
            ["changed # A > ## B", "removed # A > ## C", "added # A > ## D"]
        );
        assert_eq!(told("", "# A\n"), ["added # A"]);
        assert_eq!(told("# A\n\n# A\n", "# A\n\n# A\n\nx\n"), ["changed # A #2"]);
        assert!(DocumentDifference::between("x", "x", "x.md").is_empty());
    }

    #[test]
    fn many_lines_are_one_block_that_says_the_same() {
        let text = |word: &str| -> String {
            (0..8_000).map(|number| format!("{word} {number}\n")).collect()
        };
        let (before, after) =
            (format!("a\nb\nc\nd\n{}e", text("old")), format!("a\nb\nc\nd\n{}e", text("new")));
        let lines = unified(&before, &after, "x.md");
        assert!(
            lines
                .starts_with("--- a/x.md\n+++ b/x.md\n@@ -2,8004 +2,8004 @@\n b\n c\n d\n-old 0\n")
        );
        assert!(lines.ends_with("+new 7999\n e\n\\ No newline at end of file\n"), "{lines}");
        let patch = diffy::Patch::from_str(&lines).expect("it fits");
        assert_eq!(diffy::apply(&before, &patch).expect("it fits"), after);
    }

    #[test]
    fn what_would_take_for_ever_is_compared_at_once() {
        let headings = |letter: char| format!("## {letter}\n").repeat(400_000);
        let start = std::time::Instant::now();
        let found = DocumentDifference::between(&headings('a'), &headings('b'), "x.md");
        assert_eq!(found.sections.len(), 2 * SECTIONS_MAX);
        let long = format!("# {}\n{}", "long ".repeat(100_000), "## a\n".repeat(50_000));
        let found = DocumentDifference::between("", &long, "x.md");
        assert!(found.sections.iter().all(|it| it.section.len() < 500));
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}
