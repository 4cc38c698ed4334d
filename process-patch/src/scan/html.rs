//! Where an HTML block begins and ends; kinds are numbered as in CommonMark.

/// Names that begin a block of kind 6, in order.
const BLOCK_NAMES: [&str; 62] = [
    "address",
    "article",
    "aside",
    "base",
    "basefont",
    "blockquote",
    "body",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "iframe",
    "legend",
    "li",
    "link",
    "main",
    "menu",
    "menuitem",
    "nav",
    "noframes",
    "ol",
    "optgroup",
    "option",
    "p",
    "param",
    "search",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "track",
    "ul",
];

/// Names that begin a block of kind 1, which ends with a closing tag of any of them.
const RAW_NAMES: [&str; 4] = ["pre", "script", "style", "textarea"];

/// Returns the kind of the HTML block that begins here, if one does; `text` begins with `<`.
pub(super) fn start(text: &[u8]) -> Option<u8> {
    let rest = text.strip_prefix(b"<")?;
    match rest.first()? {
        b'!' if rest.starts_with(b"!--") => Some(2),
        b'!' if rest.starts_with(b"![CDATA[") => Some(5),
        b'!' => rest.get(1).filter(|byte| byte.is_ascii_alphabetic()).map(|_| 4),
        b'?' => Some(3),
        b'/' => named(&rest[1..], true).or_else(|| alone(closing_tag(&rest[1..]))),
        _ => named(rest, false).or_else(|| alone(open_tag(rest))),
    }
}

/// Answers whether a block of this kind ends on this line; kinds 6 and 7 end at a blank line.
pub(super) fn ends(kind: u8, line: &[u8]) -> bool {
    let holds = |end: &[u8]| memchr::memmem::find(line, end).is_some();
    match kind {
        1 => memchr::memmem::find_iter(line, b"</").any(|at| {
            let rest = &line[at + 2..];
            let (name, behind) = split_name(rest);
            behind.first() == Some(&b'>') && is_among(&RAW_NAMES, name)
        }),
        2 => holds(b"-->"),
        3 => holds(b"?>"),
        4 => line.contains(&b'>'),
        5 => holds(b"]]>"),
        _ => false,
    }
}

/// Returns the kind, 1 or 6, that the name of a tag alone decides.
fn named(text: &[u8], closing: bool) -> Option<u8> {
    let (name, rest) = split_name(text);
    let ended = matches!(rest.first(), None | Some(b' ' | b'\t' | b'>'));
    if !closing && ended && is_among(&RAW_NAMES, name) {
        return Some(1);
    }
    ((ended || rest.starts_with(b"/>")) && is_among(&BLOCK_NAMES, name)).then_some(6)
}

fn split_name(text: &[u8]) -> (&[u8], &[u8]) {
    let length = text.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    text.split_at(length)
}

fn is_among(names: &[&str], name: &[u8]) -> bool {
    names.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

/// Returns kind 7 when nothing but blanks follows the tag.
fn alone(behind: Option<&[u8]>) -> Option<u8> {
    behind?.iter().all(|byte| is_space(*byte)).then_some(7)
}

/// Returns what follows the closing tag whose name begins here.
fn closing_tag(text: &[u8]) -> Option<&[u8]> {
    skip_spaces(tag_name(text)?).strip_prefix(b">")
}

/// Returns what follows the open tag whose name begins here.
fn open_tag(text: &[u8]) -> Option<&[u8]> {
    let mut rest = tag_name(text)?;
    if is_among(&RAW_NAMES, &text[..text.len() - rest.len()]) {
        return None;
    }
    loop {
        let next = skip_spaces(rest);
        if let Some(behind) = next.strip_prefix(b"/>").or_else(|| next.strip_prefix(b">")) {
            return Some(behind);
        }
        if next.len() == rest.len() {
            return None;
        }
        rest = attribute(next)?;
    }
}

fn tag_name(text: &[u8]) -> Option<&[u8]> {
    text.first().filter(|byte| byte.is_ascii_alphabetic())?;
    let in_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'-';
    Some(&text[text.iter().take_while(in_name).count()..])
}

/// Returns what follows the attribute that begins here.
fn attribute(text: &[u8]) -> Option<&[u8]> {
    let first = text.first()?;
    if !(first.is_ascii_alphabetic() || matches!(first, b'_' | b':')) {
        return None;
    }
    let in_name =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-');
    let behind_name = &text[text.iter().take_while(in_name).count()..];
    let Some(value) = skip_spaces(behind_name).strip_prefix(b"=") else {
        return Some(behind_name);
    };
    let value = skip_spaces(value);
    match *value.first()? {
        quote @ (b'"' | b'\'') => {
            let end = memchr::memchr(quote, &value[1..])?;
            Some(&value[end + 2..])
        }
        _ => {
            let ends = |byte: u8| {
                is_space(byte) || matches!(byte, b'"' | b'\'' | b'=' | b'<' | b'>' | b'`')
            };
            let length = value.iter().take_while(|byte| !ends(**byte)).count();
            (length > 0).then(|| &value[length..])
        }
    }
}

fn skip_spaces(text: &[u8]) -> &[u8] {
    &text[text.iter().take_while(|byte| is_space(**byte)).count()..]
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0b' | b'\x0c')
}
