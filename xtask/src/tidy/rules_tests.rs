//! Every rule of `docs/semantics.md` is quoted by a test.

use crate::repository::Repository;

/// Rules of what does not exist yet: children that a driver adopts.
const NOT_BUILT: [&str; 1] = ["E6.18"];

#[test]
fn every_rule_of_the_semantics_is_quoted_by_a_test() {
    let repository = Repository::read(&crate::root()).expect("the repository can be read");
    let page = repository.files["docs/semantics.md"].as_deref().expect("the page is text");
    let rules: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("- **")?.split("**").next())
        .filter(|rule| rule.starts_with('E') || rule.starts_with('S'))
        .collect();
    assert!(rules.len() > 250, "{} rules", rules.len());
    let tests: Vec<&str> = repository
        .texts()
        .filter(|(path, _)| path.ends_with(".rs") && path.contains("/tests"))
        .filter(|(path, _)| !path.starts_with("xtask/"))
        .map(|(_, text)| text)
        .collect();
    let is_quoted = |rule: &&str| {
        let name = format!("{}_", rule.replace('.', "_").to_lowercase());
        tests.iter().any(|text| text.contains(&name) || names(text, rule))
    };
    let missing: Vec<&str> =
        rules.into_iter().filter(|rule| !is_quoted(rule) && !NOT_BUILT.contains(rule)).collect();
    assert_eq!(missing, [""; 0], "no test quotes these rules");
}

/// Returns whether a text names a rule, and not only one whose number begins like it.
fn names(text: &str, rule: &str) -> bool {
    text.match_indices(rule).any(|(at, _)| {
        let behind = text[at + rule.len()..].chars().next();
        !behind.is_some_and(|c| c.is_ascii_digit())
    })
}
