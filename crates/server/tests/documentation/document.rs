use std::fs;
use std::path::{Path, PathBuf};

/// A page of the documentation.
pub(crate) struct Document {
    /// Its path from the root of the workspace.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
}

/// A fenced block of a page.
pub(crate) struct Block {
    /// The first word after the fence.
    pub(crate) language: String,
    /// The second word: the file that a reader saves it as.
    pub(crate) file: Option<String>,
    /// The line of its fence, from 1.
    pub(crate) line: usize,
    /// What stands between the fences.
    pub(crate) lines: Vec<String>,
}

/// The folder of the workspace's manifest.
pub(crate) fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the workspace is there")
}

impl Document {
    /// Every page that is held against the product.
    pub(crate) fn all() -> Vec<Self> {
        let mut paths = vec![root().join("README.md")];
        add_pages(&root().join("docs"), &mut paths);
        add_pages(&root().join("examples"), &mut paths);
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    /// The page with this path from the root.
    pub(crate) fn named(name: &str) -> Self {
        Self::read(&root().join(name))
    }

    fn read(path: &Path) -> Self {
        let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name, text }
    }

    /// Its fenced blocks in this language.
    pub(crate) fn blocks(&self, language: &str) -> Vec<Block> {
        let mut blocks = self.all_blocks();
        blocks.retain(|block| block.language == language);
        blocks
    }

    /// Its fenced blocks.
    pub(crate) fn all_blocks(&self) -> Vec<Block> {
        let (mut blocks, mut open) = (Vec::new(), None::<Block>);
        for (index, line) in self.text.lines().enumerate() {
            match (line.trim_start().strip_prefix("```"), open.as_mut()) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(info), None) => open = Some(Block::opened(info, index + 1)),
                (None, Some(block)) => block.lines.push(line.to_owned()),
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: the last block has no end", self.name);
        blocks
    }

    /// The cells of the table row whose first cell is this word, in backticks.
    pub(crate) fn row(&self, word: &str) -> Option<Vec<&str>> {
        let start = format!("| `{word}` |");
        let line = self.text.lines().find(|line| line.starts_with(&start))?;
        Some(line.trim_matches('|').split('|').map(str::trim).collect())
    }
}

impl Block {
    fn opened(info: &str, line: usize) -> Self {
        let mut words = info.split_whitespace().map(str::to_owned);
        Self { language: words.next().unwrap_or_default(), file: words.next(), line, lines: Vec::new() }
    }

    /// What stands between the fences.
    pub(crate) fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line, "\n"]).collect()
    }
}

fn add_pages(folder: &Path, pages: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in entries.map(|entry| entry.expect("a folder can be read").path()) {
        if path.is_dir() {
            add_pages(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
}
