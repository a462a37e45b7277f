//! Which file does a URI name, and which URI a file?

use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stays as it is in the path of a URI.
const KEPT: AsciiSet =
    NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The path of a `file:` URI on this machine; others, such as buffers without a name, have none.
pub(super) fn path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.0.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let decoded = percent_decode_str(rest).decode_utf8().ok()?;
    let (host, path) = decoded.split_at(decoded.find('/')?);
    let path = if cfg!(windows) {
        let path = path.replace('/', "\\");
        match host {
            // `/c:/x`.
            "" => path.strip_prefix('\\').unwrap_or(&path).to_string(),
            host => format!("\\\\{host}{path}"),
        }
    } else if host.is_empty() {
        path.to_string()
    } else {
        return None;
    };
    let path = PathBuf::from(path);
    path.is_absolute().then_some(path)
}

/// The URI of an absolute path.
pub(super) fn uri(path: &Path) -> Uri {
    let text = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let encoded = utf8_percent_encode(&text, &KEPT).to_string();
    Uri(match encoded.strip_prefix("//") {
        // A share of another machine.
        Some(share) => format!("file://{share}"),
        None if encoded.starts_with('/') => format!("file://{encoded}"),
        None => format!("file:///{encoded}"),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back() {
        for text in ["/a/b.rs", "/a b/ü%20#?.yaml", "/w/c++/x@2/[id].rs"] {
            assert_eq!(path(&uri(Path::new(text))), Some(PathBuf::from(text)), "{text}");
        }
        assert_eq!(uri(Path::new("/a b/ü")).0, "file:///a%20b/%C3%BC");
        // As editors write them.
        assert_eq!(path(&Uri("file:///a%2Bb/c++.rs".into())), Some("/a+b/c++.rs".into()));
        assert_eq!(path(&Uri("file://localhost/a".into())), Some("/a".into()));
        for other in ["untitled:Untitled-1", "file://server/a", "file:a", "git:/a/b.rs", ""] {
            assert_eq!(path(&Uri(other.into())), None, "{other}");
        }
    }
}
