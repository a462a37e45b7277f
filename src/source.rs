//! Which texts has the run seen, and where in them is a place?

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

/// A text of this run, by its number in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A byte range in one file; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end }
    }
}

/// A place as people and editors count it: both 1-based, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    pub line: u32,
    pub column: u32,
}

/// The byte at which each line of a text starts.
#[derive(Debug, Clone)]
pub struct Lines(Vec<u32>);

impl Lines {
    pub fn of(text: &str) -> Lines {
        let mut starts = Vec::with_capacity(text.len() / 32 + 1);
        starts.push(0);
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        starts.shrink_to_fit();
        Lines(starts)
    }

    /// The number of lines; an empty text has one.
    pub fn count(&self) -> u32 {
        self.0.len() as u32
    }

    /// The byte at which a 1-based line starts, where there is one.
    pub fn start(&self, line: usize) -> Option<u32> {
        self.0.get(line.saturating_sub(1)).copied()
    }

    /// The byte offset of a 1-based line and a 0-based column counted in characters.
    pub fn offset(&self, text: &str, line: usize, column: usize) -> u32 {
        let start = self.start(line).map_or(text.len(), |start| start as usize);
        let rest = &text[start..];
        let ascii = rest.as_bytes().get(..column).is_some_and(<[u8]>::is_ascii);
        let bytes =
            if ascii { column } else { rest.chars().take(column).map(char::len_utf8).sum() };
        (start + bytes).min(text.len()) as u32
    }

    /// The 1-based line that holds the byte `offset`.
    pub fn line(&self, offset: u32) -> u32 {
        self.0.partition_point(|start| *start <= offset) as u32
    }

    /// The bytes of a 1-based line, without its line break.
    pub fn range(&self, text: &str, line: u32) -> (u32, u32) {
        let at = |n: usize| self.0.get(n).copied();
        let start = at(line as usize - 1).unwrap_or(text.len() as u32);
        let end = at(line as usize).unwrap_or(text.len() as u32);
        let line = text[start as usize..end as usize].trim_end_matches(['\n', '\r']);
        (start, start + line.len() as u32)
    }
}

/// One text: where it came from, what it says.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Absolute, as the walk or the user named it.
    pub path: PathBuf,
    pub text: Arc<str>,
    lines: OnceLock<Lines>,
}

impl SourceFile {
    fn new(path: PathBuf, text: Arc<str>) -> SourceFile {
        SourceFile { path, text, lines: OnceLock::new() }
    }

    /// Where its lines start; of most files nobody asks.
    pub fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(&self.text))
    }

    /// Where a byte offset stands, for people.
    pub fn place(&self, offset: u32) -> LineColumn {
        let offset = offset.min(self.text.len() as u32);
        let line = self.lines().line(offset);
        let (start, _) = self.lines().range(&self.text, line);
        let before = self.text.get(start as usize..offset as usize).unwrap_or("");
        LineColumn { line, column: before.chars().count() as u32 + 1 }
    }
}

/// Why a text could not be had.
#[derive(Debug)]
pub enum ReadError {
    Io(io::Error),
    /// The text is not UTF-8; the byte at which it stops being so.
    NotUtf8(usize),
    /// A folder, a socket, a device: something that holds no text.
    NotAFile,
    TooLarge(u64),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io(error) => write!(f, "{error}"),
            ReadError::NotUtf8(at) => write!(f, "not UTF-8: byte {at} starts no character"),
            ReadError::NotAFile => write!(f, "not a file"),
            ReadError::TooLarge(bytes) => {
                write!(f, "{bytes} bytes, more than the {} that are read", Sources::MOST_BYTES)
            }
        }
    }
}

impl std::error::Error for ReadError {}

/// Every text of the run. An overlay stands in for the disk: unsaved buffers, tests.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    by_path: FxHashMap<PathBuf, FileId>,
    overlay: FxHashMap<PathBuf, Arc<str>>,
    /// Numbers that are held for files which were not asked for yet.
    reserved: FxHashMap<PathBuf, FileId>,
}

impl Sources {
    /// No source file that people write is larger; a generated table that is would cost
    /// a hundred times its size in memory.
    pub const MOST_BYTES: u64 = 4 << 20;

    /// Says what `path` holds, whatever the disk says.
    pub fn overlay(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) {
        self.overlay.insert(path.into(), text.into());
    }

    /// What was said of `path` instead of what the disk says.
    pub fn overlaid(&self, path: &Path) -> Option<&Arc<str>> {
        self.overlay.get(path)
    }

    /// Files beneath a folder of which only the overlay knows, in order: buffers never saved.
    pub fn only_overlaid(&self, folder: &Path) -> Vec<PathBuf> {
        let beneath = self.overlay.keys().filter(|path| path.starts_with(folder));
        let mut paths: Vec<PathBuf> = beneath.filter(|path| !path.exists()).cloned().collect();
        paths.sort();
        paths
    }

    /// Reads a text once and remembers it.
    pub fn load(&mut self, path: &Path) -> Result<FileId, ReadError> {
        if let Some(id) = self.by_path.get(path) {
            return Ok(*id);
        }
        let text = match self.overlay.get(path) {
            Some(text) => text.clone(),
            None => read(path)?,
        };
        Ok(self.add(path.to_path_buf(), text))
    }

    /// Remembers a text that the caller already has.
    pub fn add(&mut self, path: PathBuf, text: Arc<str>) -> FileId {
        let file = SourceFile::new(path, text);
        let reserved = self.reserved.remove(&file.path);
        let id = reserved.unwrap_or(FileId(self.files.len() as u32));
        self.by_path.insert(file.path.clone(), id);
        match self.files.get_mut(id.0 as usize) {
            Some(held) => *held = file,
            None => self.files.push(file),
        }
        id
    }

    /// Holds the first numbers for files, in this order, whether they will be asked for or not. To
    /// be called before anything is read.
    pub fn reserve(&mut self, paths: &[PathBuf]) {
        for path in paths {
            self.reserved.insert(path.clone(), FileId(self.files.len() as u32));
            self.files.push(SourceFile::new(path.clone(), "".into()));
        }
    }

    /// Whether a file stands at `path`, on the disk or in the overlay.
    pub fn exists(&self, path: &Path) -> bool {
        self.overlay.contains_key(path) || path.is_file()
    }

    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    pub fn find(&self, path: &Path) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }

    /// The text of a span; empty where the span does not lie on character bounds.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

fn read(path: &Path) -> Result<Arc<str>, ReadError> {
    let meta = std::fs::metadata(path).map_err(ReadError::Io)?;
    if !meta.is_file() {
        return Err(ReadError::NotAFile);
    }
    if meta.len() > Sources::MOST_BYTES {
        return Err(ReadError::TooLarge(meta.len()));
    }
    let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
    let file = std::fs::File::open(path).map_err(ReadError::Io)?;
    file.take(Sources::MOST_BYTES + 1).read_to_end(&mut bytes).map_err(ReadError::Io)?;
    // It may have grown meanwhile.
    if bytes.len() as u64 > Sources::MOST_BYTES {
        return Err(ReadError::TooLarge(bytes.len() as u64));
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| ReadError::NotUtf8(error.utf8_error().valid_up_to()))?;
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut sources = Sources::default();
        let id = sources.add("/a.rs".into(), "ä = 1;\nlet ö = ü;\n".into());
        let file = sources.get(id);
        let at = file.text.find('ü').unwrap() as u32;
        assert_eq!(file.place(at), LineColumn { line: 2, column: 9 });
        assert_eq!(file.lines().offset(&file.text, 2, 8), at);
        assert_eq!(file.lines().range(&file.text, 2), (8, 20));
    }

    #[test]
    fn numbers_are_held() {
        let mut sources = Sources::default();
        sources.reserve(&["/a.rs".into(), "/b.rs".into()]);
        assert_eq!(sources.find(Path::new("/b.rs")), None);
        assert_eq!(sources.add("/c.rs".into(), "c".into()), FileId(2));
        assert_eq!(sources.add("/b.rs".into(), "b".into()), FileId(1));
        assert_eq!((&*sources.get(FileId(1)).text, &*sources.get(FileId(0)).text), ("b", ""));
        assert_eq!(sources.find(Path::new("/b.rs")), Some(FileId(1)));
    }

    #[test]
    fn overlay_wins_over_the_disk() {
        let mut sources = Sources::default();
        sources.overlay("/nowhere/at/all.rs", "fn main() {}");
        let id = sources.load(Path::new("/nowhere/at/all.rs")).unwrap();
        assert_eq!(&*sources.get(id).text, "fn main() {}");
        assert!(matches!(sources.load(Path::new("/nowhere/else.rs")), Err(ReadError::Io(_))));
    }
}
