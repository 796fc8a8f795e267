//! As much Markdown as is needed to hold documents against the files that they speak of.

use std::collections::BTreeMap;

/// The targets of the links in a document, `[text](target)` and `[label]: target`. Code does not count.
#[must_use]
pub fn links(document: &str) -> Vec<String> {
    let text = without_code(document);
    let mut links: Vec<_> = text.split("](").skip(1).filter_map(|rest| target(rest, ')')).collect();
    let definitions = text.lines().filter(|line| line.starts_with('['));
    links.extend(definitions.filter_map(|line| target(line.split_once("]: ")?.1, '\n')));
    links
}

/// The anchors of a document's headings, as code hosts make them.
#[must_use]
pub fn anchors(document: &str) -> Vec<String> {
    let mut seen = BTreeMap::<String, usize>::new();
    let outside = lines_outside_fences(document);
    let headings =
        outside.filter(|line| line.starts_with('#')).map(|line| slug(line.trim_start_matches('#')));
    let anchors = headings.map(|slug| {
        let times = seen.entry(slug.clone()).or_default();
        *times += 1;
        if *times == 1 { slug } else { format!("{slug}-{}", *times - 1) }
    });
    anchors.collect()
}

/// What stands in backticks in one line.
pub fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The lines that belong to no fenced block.
pub fn lines_outside_fences(document: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    document.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

fn without_code(document: &str) -> String {
    let outside = |line: &str| line.split('`').step_by(2).collect::<String>();
    lines_outside_fences(document).map(outside).collect::<Vec<_>>().join("\n")
}

/// A target ends at `end`, or at the space before its title.
fn target(rest: &str, end: char) -> Option<String> {
    let target = rest.split(end).next()?.split_whitespace().next()?;
    Some(target.trim_matches(['<', '>']).to_owned())
}

fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_code() {
        let document = "See [a](docs/a.md#top \"Title\") and [`b`](b.md).\n`[no](c.md)`\n```\n[no](d.md)\n```\n[e]: e.md";
        assert_eq!(links(document), ["docs/a.md#top", "b.md", "e.md"]);
    }

    #[test]
    fn anchors_are_those_of_the_headings() {
        let document =
            "# What's `new`?\n```\n# no heading\n```\n## The way of a request\n## The way of a request\n";
        assert_eq!(anchors(document), ["whats-new", "the-way-of-a-request", "the-way-of-a-request-1"]);
    }

    #[test]
    fn code_spans_are_what_stands_in_backticks() {
        assert_eq!(code_spans("`a/b.rs`: `c` then").collect::<Vec<_>>(), ["a/b.rs", "c"]);
    }
}
