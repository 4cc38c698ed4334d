//! Code as one line, spaced as people space it.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;

/// Signs of two characters.
const PAIRS: [&str; 5] = ["->", "..", "::", "==", "=>"];

/// Words behind which a bracket keeps its distance.
const WORDS: [&str; 8] = ["as", "const", "dyn", "for", "impl", "in", "mut", "where"];

/// Returns the tokens as one line.
pub(super) fn tidy(tokens: &impl ToTokens) -> String {
    let mut signs = Vec::new();
    flatten(tokens.to_token_stream(), &mut signs);
    let mut line = String::new();
    let mut before = "";
    for (index, sign) in signs.iter().enumerate() {
        let next = signs.get(index + 1).map_or("", String::as_str);
        if sign == "," && matches!(next, ")" | "]" | ">") {
            continue;
        }
        if !line.is_empty() && is_apart(before, sign) {
            line.push(' ');
        }
        line.push_str(sign);
        before = sign;
    }
    line
}

/// Lists words and signs, brackets among them.
fn flatten(tokens: TokenStream, signs: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                signs.push(open.to_owned());
                flatten(group.stream(), signs);
                signs.push(close.to_owned());
            }
            token => {
                let text = token.to_string();
                match signs.last_mut() {
                    Some(last)
                        if last == "'" || PAIRS.contains(&format!("{last}{text}").as_str()) =>
                    {
                        last.push_str(&text);
                    }
                    _ => signs.push(text),
                }
            }
        }
    }
}

fn is_apart(before: &str, next: &str) -> bool {
    let is_word = before.ends_with(|last: char| last.is_alphanumeric() || last == '_');
    if matches!(before, "" | "(" | "[" | "<" | "&" | "*" | "::" | "?" | "#" | "!" | ".") {
        return false;
    }
    match next {
        "" | ")" | "]" | ">" | "," | ";" | ":" | "." | "!" => false,
        "?" => matches!(before, ":" | "+"),
        "::" | "<" => !is_word && before != ">",
        "(" | "[" => WORDS.contains(&before) || !is_word && before != ">",
        _ => true,
    }
}
