//! Cases of patches that were made on an older text.

use process_patch::{Batch, Document, Options, ThreeWay};
use serde::Deserialize;
use serde_json::Value;

use super::case::{Named, run_all};
use super::check::{check_success, check_text, check_words, differ};

/// An older text, the text by now, and patches of the older one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    rule: String,
    base: String,
    document: String,
    patches: Value,
    expect: Expect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    document: Option<String>,
    error: Option<String>,
    #[serde(default)]
    sections: Vec<String>,
}

impl Named for Case {
    fn name(&self) -> &str {
        &self.name
    }

    fn rule(&self) -> &str {
        &self.rule
    }
}

#[test]
fn every_case_of_an_older_text_comes_out_as_it_says() {
    run_all(&["three_way"], run);
}

fn run(case: &Case) -> Result<(), String> {
    let mut document = Document::new(case.document.as_str()).map_err(|error| error.to_string())?;
    let batch = Batch::from_json(case.patches.clone()).map_err(|error| error.to_string())?;
    let options = Options { hashes: true, ..Options::default() };
    let result = document.apply_on_base(&case.base, &batch, options);
    if let Ok(ThreeWay::Merged(applied)) = &result {
        check_success(&case.document, &document, applied)?;
        let wanted = case.expect.document.as_ref().ok_or("it was applied")?;
        return check_text(wanted, document.text());
    }
    check_text(&case.document, document.text())?;
    let mut sections = Vec::new();
    if let Ok(ThreeWay::Conflicts(conflicts)) = &result {
        for conflict in conflicts {
            if conflict.reason.is_empty() || conflict.marked().is_empty() {
                return Err(differ("words of the conflict", &"some", conflict));
            }
            sections.push(conflict.section.clone());
        }
    }
    let Err(error) = result.and_then(ThreeWay::into_result) else {
        return Err("there are no conflicts".to_owned());
    };
    check_words(&error)?;
    if Some(error.kind.as_str()) != case.expect.error.as_deref() {
        return Err(differ("result", &case.expect, &format!("{}: {error}", error.kind)));
    }
    if sections == case.expect.sections {
        Ok(())
    } else {
        Err(differ("sections", &case.expect.sections, &sections))
    }
}
