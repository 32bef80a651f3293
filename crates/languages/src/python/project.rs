//! The Python files of one version: found by path or module name, read and parsed when first asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, OnceLock};

use ruff_python_ast::ModModule;
use ruff_source_file::LineIndex;

use super::calls::CallIndex;
use super::documented;
use super::dotenv::{self, Dotenv};
use super::frameworks::{self, Django};
use super::roots;

/// The folder of a path, empty for the tree itself.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Files larger than this are named and left out: generated tables, not code that a person changes.
pub const LARGEST_FILE: usize = 2 * 1024 * 1024;

/// Why a file is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unparsed {
    /// Reading failed.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// Not UTF-8 (and no declared encoding is supported).
    #[error("is not UTF-8 (byte {0})")]
    NotUtf8(usize),
    /// Larger than [`LARGEST_FILE`].
    #[error("is too large to read ({0} bytes)")]
    TooLarge(usize),
    /// Not Python.
    #[error("syntax error in line {line}: {message}")]
    Syntax {
        /// Line, from 1.
        line: u32,
        /// The parser's words.
        message: String,
    },
}

/// One parsed source file.
#[derive(Debug)]
pub struct Parsed {
    /// Path relative to the tree, `/` between parts.
    pub path: String,
    /// Importable module name.
    pub module: String,
    /// The source.
    pub text: String,
    pub(crate) ast: ModModule,
    pub(crate) lines: LineIndex,
}

impl Parsed {
    /// Parses `bytes` as the file `path`, importable as `module`.
    ///
    /// # Errors
    /// When the file is not UTF-8, too large or not Python.
    pub fn new(path: &str, module: &str, bytes: Vec<u8>) -> Result<Self, Unparsed> {
        if bytes.len() > LARGEST_FILE {
            return Err(Unparsed::TooLarge(bytes.len()));
        }
        let text = String::from_utf8(bytes).map_err(|error| Unparsed::NotUtf8(error.utf8_error().valid_up_to()))?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let lines = LineIndex::from_source_text(&text);
        match ruff_python_parser::parse_module(&text) {
            Ok(parsed) => Ok(Self {
                path: path.to_owned(),
                module: module.to_owned(),
                ast: parsed.into_syntax(),
                lines,
                text,
            }),
            Err(error) => Err(Unparsed::Syntax {
                line: lines.line_index(error.location.start()).get() as u32,
                message: error.error.to_string(),
            }),
        }
    }

    /// The source lines from `first` to `last`, both counted from 1 and included.
    pub fn lines_between(&self, first: u32, last: u32) -> impl Iterator<Item = &str> {
        let lines = self.text.lines().skip(first.saturating_sub(1) as usize);
        lines.take((last + 1).saturating_sub(first) as usize)
    }

    /// Line (from 1) of a byte offset.
    pub(crate) fn line(&self, offset: ruff_text_size::TextSize) -> u32 {
        self.lines.line_index(offset).get() as u32
    }

    /// Lines (from 1) of a range of the text, from its first to its last.
    pub(crate) fn lines_of(&self, range: ruff_text_size::TextRange) -> std::ops::RangeInclusive<u32> {
        self.line(range.start())..=self.line(range.end())
    }
}

type Reader = Box<dyn Fn(&str) -> io::Result<Vec<u8>> + Send + Sync>;
type Slot = OnceLock<Result<Arc<Parsed>, Unparsed>>;

/// All Python files of one version.
pub struct Project {
    files: BTreeMap<String, Slot>,
    /// Examples of each file and document, read when first asked for.
    examples: BTreeMap<String, OnceLock<Vec<Parsed>>>,
    roots: Vec<String>,
    read: Reader,
    calls: OnceLock<CallIndex>,
    django: OnceLock<Option<Django>>,
    dotenv: OnceLock<Dotenv>,
}

impl Project {
    /// A project of these paths (relative, `/` between parts), read through `read`. Of other files than Python's, those that
    /// say where a project begins are looked at, by name.
    pub fn new(
        paths: impl IntoIterator<Item = String>,
        read: impl Fn(&str) -> io::Result<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let mut declaring = BTreeSet::new();
        let mut files: BTreeMap<String, Slot> = BTreeMap::new();
        let mut examples = BTreeMap::new();
        for path in paths {
            if path.ends_with(".py") || documented::is_document(&path) {
                examples.insert(path.clone(), OnceLock::new());
            }
            if roots::declares(&path) {
                declaring.insert(path.clone());
            }
            if path.ends_with(".py") {
                files.insert(path, OnceLock::new());
            }
        }
        let names: BTreeSet<&str> = files.keys().map(String::as_str).collect();
        let text = |path: &str| read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let roots = roots::of(&names, &declaring, &text);
        Self {
            files,
            examples,
            roots,
            read: Box::new(read),
            calls: OnceLock::new(),
            django: OnceLock::new(),
            dotenv: OnceLock::new(),
        }
    }

    /// Settings of a Django project, looked for once.
    pub fn django(&self) -> Option<&Django> {
        self.django.get_or_init(|| frameworks::django(self)).as_ref()
    }

    /// Variables that the version holds in a file `.env`, looked for once.
    pub fn dotenv(&self) -> &Dotenv {
        self.dotenv.get_or_init(|| dotenv::of(self))
    }

    /// All paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Folders that modules are imported from, relative to the tree, the first to look in first; `""` is the tree itself.
    pub fn roots(&self) -> &[String] {
        &self.roots
    }

    /// Whether the version has this file.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The raw bytes of any file of the version, Python or not.
    ///
    /// # Errors
    /// What the reader says.
    pub fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        (self.read)(path)
    }

    /// The parsed file; parsed once.
    ///
    /// # Errors
    /// When the file is not there, cannot be read or parsed; the same answer each time.
    pub fn parsed(&self, path: &str) -> Result<Arc<Parsed>, Unparsed> {
        let Some(slot) = self.files.get(path) else {
            return Err(Unparsed::Unreadable("no such file".to_owned()));
        };
        self.filled(slot, path).clone()
    }

    /// As [`Project::parsed`], borrowed from the project: what points into the tree lives as long as the project does.
    pub(crate) fn file(&self, path: &str) -> Option<&Parsed> {
        let slot = self.files.get(path)?;
        self.filled(slot, path).as_deref().ok()
    }

    /// What the docstrings of a file, or a document, show by example: each a file of its own that holds the statements alone.
    pub(crate) fn examples(&self, path: &str) -> &[Parsed] {
        let Some(slot) = self.examples.get(path) else {
            return &[];
        };
        slot.get_or_init(|| match self.has(path) {
            true => self.file(path).map(documented::of_file).unwrap_or_default(),
            false => match (self.read)(path) {
                Ok(bytes) => documented::of_document(path, &String::from_utf8_lossy(&bytes)),
                Err(_) => Vec::new(),
            },
        })
    }

    /// Paths of documents that may show by example how the project is used: a README, pages of documentation, the description in a package's metadata.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &str> {
        let all = self.examples.keys().map(String::as_str);
        all.filter(|path| !path.ends_with(".py"))
    }

    /// Paths of the files that may call something of the name `name`.
    pub(crate) fn calling(&self, name: &str) -> Vec<&str> {
        let paths: Vec<&str> = self.paths().collect();
        let index = self
            .calls
            .get_or_init(|| CallIndex::new(paths.len(), |at| (self.read)(paths[at]).ok()));
        index
            .files(name)
            .iter()
            .filter_map(|at| paths.get(*at as usize).copied())
            .collect()
    }

    fn filled<'a>(&self, slot: &'a Slot, path: &str) -> &'a Result<Arc<Parsed>, Unparsed> {
        slot.get_or_init(|| {
            let bytes = (self.read)(path).map_err(|error| Unparsed::Unreadable(error.to_string()))?;
            Parsed::new(path, &self.module_name(path), bytes).map(Arc::new)
        })
    }

    /// Importable name of the file `path`: relative to the deepest root that holds it.
    pub fn module_name(&self, path: &str) -> String {
        let root = self
            .roots
            .iter()
            .filter(|root| {
                // A root's own `__init__.py` makes it no package of itself; one of the folder above, if anything.
                root.is_empty()
                    || path
                        .strip_prefix(root.as_str())
                        .is_some_and(|rest| rest.starts_with('/') && rest != "/__init__.py")
            })
            .max_by_key(|root| root.len());
        let inside = root.map_or(
            path,
            |root| if root.is_empty() { path } else { &path[root.len() + 1..] },
        );
        let stem = inside.strip_suffix(".py").unwrap_or(inside);
        let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
        stem.replace('/', ".")
    }

    /// The file that holds the module `name`, if the version has it.
    pub fn path_of(&self, name: &str) -> Option<&str> {
        let inside = name.replace('.', "/");
        self.roots.iter().find_map(|root| {
            let prefix = if root.is_empty() {
                String::new()
            } else {
                format!("{root}/")
            };
            // Where both are there, Python takes the package.
            [format!("{prefix}{inside}/__init__.py"), format!("{prefix}{inside}.py")]
                .into_iter()
                .find_map(|candidate| self.files.get_key_value(&candidate).map(|(path, _)| path.as_str()))
        })
    }

    /// Where the tree holds what `import name` may mean in `module`, though imports do not start there: a file or folder of
    /// that name outside all packages, or the package of that name that the module itself is in. The nearest to the top.
    pub fn holding(&self, name: &str, module: &str) -> Option<&str> {
        let file = format!("{name}.py");
        let own = module.split('.').any(|part| part == name);
        let outside = |found: &str| {
            let folder = folder_of(found);
            own || !self.has(&format!("{folder}/__init__.py"))
        };
        self.paths()
            .filter_map(|path| {
                let mut end = 0;
                path.split('/').find_map(|part| {
                    let found = &path[..end + part.len()];
                    end += part.len() + 1;
                    ((part == name || part == file) && outside(found)).then_some(found)
                })
            })
            .min_by(|a, b| (a.matches('/').count(), *a).cmp(&(b.matches('/').count(), *b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(paths: &[&str]) -> Project {
        Project::new(paths.iter().map(|path| (*path).to_owned()), |_| Ok(b"x = 1\n".to_vec()))
    }

    #[test]
    fn names_modules_from_the_root_that_holds_them() {
        let project = project(&["src/cart/__init__.py", "src/cart/money.py", "setup.py", "tools/gen.py"]);
        assert_eq!(project.roots(), ["src", ""]);
        assert_eq!(project.module_name("src/cart/money.py"), "cart.money");
        assert_eq!(project.module_name("src/cart/__init__.py"), "cart");
        assert_eq!(project.module_name("tools/gen.py"), "tools.gen");
        assert_eq!(project.path_of("cart.money"), Some("src/cart/money.py"));
        assert_eq!(project.path_of("cart"), Some("src/cart/__init__.py"));
        assert_eq!(project.path_of("nothing"), None);
        let project = self::project(&["x.py", "x/__init__.py"]);
        assert_eq!(project.path_of("x"), Some("x/__init__.py"));
    }

    #[test]
    fn a_file_that_makes_a_root_look_like_a_package_is_none_of_its_modules() {
        let paths = [
            "pyproject.toml",
            "src/__init__.py",
            "src/cart/__init__.py",
            "src/cart/money.py",
        ];
        let project = Project::new(paths.map(str::to_owned), |_| {
            Ok(b"[tool.setuptools.packages.find]\nwhere = ['src']\n".to_vec())
        });
        assert_eq!(project.module_name("src/cart/money.py"), "cart.money");
        assert_eq!(project.module_name("src/__init__.py"), "src");
        assert_eq!(project.path_of("src"), Some("src/__init__.py"));
    }

    #[test]
    fn finds_what_an_import_may_mean_where_imports_do_not_start() {
        let project = project(&[
            "src/__init__.py",
            "src/cart/__init__.py",
            "src/cart/yaml.py",
            "tools/gen/gen.py",
        ]);
        assert_eq!(project.holding("cart", "src.cart.yaml"), Some("src/cart"));
        assert_eq!(project.holding("gen", "tools.other"), Some("tools/gen"));
        // A package's own module of the name of what is not installed is not meant.
        assert_eq!(project.holding("yaml", "src.cart"), None);
        assert_eq!(project.holding("art", "src.cart"), None);
    }

    #[test]
    fn each_of_several_projects_has_its_root() {
        let project = project(&[
            "packages/one/pyproject.toml",
            "packages/one/one/__init__.py",
            "packages/two/setup.py",
            "packages/two/src/two.py",
            "tests/data/three/pyproject.toml",
            "tests/data/three/three/__init__.py",
            "tool/__init__.py",
            "tool/skeleton/setup.cfg",
            "tool/skeleton/four/__init__.py",
            "setup.py",
        ]);
        assert_eq!(project.roots(), ["packages/one", "packages/two/src", ""]);
        assert_eq!(project.module_name("packages/one/one/__init__.py"), "one");
        assert_eq!(project.path_of("two"), Some("packages/two/src/two.py"));
        assert_eq!(project.module_name("packages/two/setup.py"), "packages.two.setup");
    }

    #[test]
    fn tells_why_a_file_is_not_parsed() {
        assert!(matches!(
            Parsed::new("a.py", "a", b"def f(:\n".to_vec()),
            Err(Unparsed::Syntax { line: 1, .. })
        ));
        assert_eq!(
            Parsed::new("a.py", "a", vec![b'a', 0xff]).err(),
            Some(Unparsed::NotUtf8(1))
        );
    }
}
