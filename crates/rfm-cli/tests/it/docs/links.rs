//! Links lead to files and headings that are there, and nowhere outside.

use std::path::{Component, Path, PathBuf};

use super::{Document, root};

/// A link in a document.
struct Link<'a> {
    line: usize,
    target: &'a str,
}

#[test]
fn links_lead_somewhere() {
    let documents = Document::all();
    let mut links = 0;
    for document in &documents {
        let headings: Vec<String> = headings(document);
        let folder = Path::new(&document.name).parent().expect("folder");
        for Link { line, target } in found(document) {
            links += 1;
            let place = format!("{}:{line}: {target}", document.name);
            assert!(!target.contains("://"), "{place}: leads outside");
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = plain(&folder.join(path));
            if path == folder {
                assert!(
                    headings.iter().any(|it| it == heading),
                    "{place}: no such heading"
                );
                continue;
            }
            assert!(root().join(&path).exists(), "{place}: no such file");
            if !heading.is_empty() {
                let other = documents.iter().find(|it| Path::new(&it.name) == path);
                let other = self::headings(other.expect("a document"));
                assert!(
                    other.iter().any(|it| it == heading),
                    "{place}: no such heading"
                );
            }
        }
    }
    assert!(links >= 20, "links are found");
}

/// The links of a document outside its blocks.
fn found(document: &Document) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    for (line, text) in document.prose() {
        for rest in text.split("](").skip(1) {
            let target = rest.split(')').next().expect("a link ends");
            links.push(Link { line, target });
        }
    }
    links
}

/// The anchors of a document's headings, as both `MkDocs` and GitHub make them
/// from plain ones.
fn headings(document: &Document) -> Vec<String> {
    let headings = document.prose().filter(|(_, line)| line.starts_with('#'));
    headings
        .map(|(_, line)| {
            let kept = line.trim_start_matches('#').trim().to_lowercase();
            kept.chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                assert!(plain.pop(), "{}: leads outside", path.display());
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}
