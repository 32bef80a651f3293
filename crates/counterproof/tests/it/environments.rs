//! Where the interpreter, its packages and the modules of each version come from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Repository, function, status};

/// What an interpreter prints.
fn ask(python: &Path, question: &str) -> String {
    let output = Command::new(python)
        .args(["-c", question])
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Says why a test has nothing to look at on this machine.
#[allow(clippy::print_stderr, reason = "a test that looks at nothing must say so")]
fn skip(reason: &str) {
    eprintln!("skipped: {reason}");
}

const NEEDS_MORE_THAN_GIT: &str = "\
from importlib.metadata import version

from pkg._version import VERSION
from pkg import _json


def label(n):
    return VERSION + str(n)


def distribution(n):
    return version('pkgdist') + str(n)


def quoted(text):
    return _json.encode_basestring_ascii(str(text)) + 'a'
";

/// A repository whose package needs a generated module, an extension and metadata that git does not hold; `None` where the
/// interpreter has no extension in a file of its own that could stand for a built one.
fn needs_more_than_git() -> Option<Repository> {
    let extension = ask(
        Path::new("python3"),
        "import _json; print(getattr(_json, '__file__', ''))",
    );
    if !extension.ends_with(".so") {
        skip("this interpreter has no extension in a file of its own");
        return None;
    }
    let repository = Repository::new(&[
        (".gitignore", "/pkg/_version.py\n*.so\n*.egg-info/\n"),
        ("pkg/__init__.py", ""),
        ("pkg/core.py", NEEDS_MORE_THAN_GIT),
        ("pkg/_json.c", "int answer = 1;\n"),
        ("plain.py", "def plain(n):\n    return n + 1\n"),
        ("setup.py", "# setup\n"),
    ]);
    repository.write(&[
        ("pkg/_version.py", "VERSION = '7'\n"),
        (
            "pkgdist.egg-info/PKG-INFO",
            "Metadata-Version: 2.1\nName: pkgdist\nVersion: 1.2\n",
        ),
        (
            "pkg/core.py",
            &NEEDS_MORE_THAN_GIT
                .replace("str(n)", "str(n) + '!'")
                .replace("+ 'a'", "+ 'b'"),
        ),
        ("plain.py", "def plain(n):\n    return n + 2\n"),
    ]);
    let name = Path::new(&extension).file_name().expect("a name");
    fs::copy(&extension, repository.path().join("pkg").join(name)).expect("a copy");
    Some(repository)
}

#[test]
fn what_git_does_not_hold_is_laid_over_both_versions_and_named() {
    let Some(repository) = needs_more_than_git() else {
        return;
    };
    let report = repository.json(&["check"]);
    let example = |name: &str, side: &str| function(&report, name)["findings"][0]["example"][side].clone();
    assert_eq!(example("label", "base"), "'70'");
    assert_eq!(example("label", "head"), "'70!'");
    assert_eq!(example("distribution", "base"), "'1.20'");
    assert_eq!(status(&report, "quoted"), "changed", "{report:#}");
    let notes = report["notes"].to_string();
    for name in [
        "pkg/_version.py",
        "pkg/_json.",
        "pkgdist.egg-info/PKG-INFO",
        "laid over both",
    ] {
        assert!(notes.contains(name), "{name}: {notes}");
    }
}

#[test]
fn a_version_that_a_build_would_write_has_a_stand_in() {
    let tools = "[tool.hatch.build.hooks.vcs]\nversion-file = \"pkg/_version.py\"\n";
    let core = "from pkg._version import __version__\n\n\ndef label(n):\n    return __version__ + str(n)\n";
    let repository = Repository::new(&[
        ("pyproject.toml", tools),
        ("pkg/__init__.py", "from pkg.core import label\n"),
        ("pkg/core.py", core),
    ]);
    repository.write(&[("pkg/core.py", &core.replace("str(n)", "repr(n)"))]);
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "label"), "changed", "{report:#}");
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("pkg/_version.py is written when the project is built"),
        "{notes}"
    );
}

#[test]
fn an_extension_whose_sources_changed_is_not_verified() {
    let Some(repository) = needs_more_than_git() else {
        return;
    };
    repository.write(&[
        ("pkg/_json.c", "int answer = 2;\n"),
        // The same code under another name for the parameter: proved, but for the extension.
        ("pkg/core.py", &NEEDS_MORE_THAN_GIT.replace("(text)", "(words)")),
    ]);
    let report = repository.json(&["check"]);
    let quoted = function(&report, "quoted");
    assert_eq!(quoted["status"], "not_verified", "{report:#}");
    let reason = quoted["reason"].as_str().expect("a reason");
    for part in ["pkg._json", "pkg/_json.c", "--trees"] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    assert_eq!(status(&report, "plain"), "changed", "what does not need it is checked");
    assert!(report["unverified"].to_string().contains("pkg/_json.c"), "{report:#}");
}

const IDENTITY: &str = "\
from pkg import helper

try:
    from pkg import extra
except ImportError:
    extra = None

try:
    from space import part
except ImportError:
    part = None


def identity(n):
    return [helper.NAME, extra and extra.NAME, part and part.NAME]
";

/// A virtual environment without packages, whose folder of packages holds these files.
fn virtual_environment(folder: &Path, packages: &[(&str, String)]) -> PathBuf {
    let output = Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(folder)
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{output:?}");
    let python = folder.join("bin/python");
    let site = PathBuf::from(ask(&python, "import sysconfig; print(sysconfig.get_path('purelib'))"));
    for (name, text) in packages {
        let path = site.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    python
}

/// As setuptools writes it for projects that a line in a `.pth` file cannot serve, shortened.
const FINDER: &str = "\
import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from itertools import chain
from pathlib import Path

MAPPING = {'pkg': '@SOURCE@/pkg'}
NAMESPACES = {'space': ['@SOURCE@/space']}
HOOK = '__editable__.project.finder.__path_hook__'


class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        for pkg, pkg_path in MAPPING.items():
            if fullname == pkg or fullname.startswith(pkg + '.'):
                rest = fullname[len(pkg):].strip('.')
                place = Path(pkg_path, *rest.split('.')) if rest else Path(pkg_path)
                for candidate in chain([place / '__init__.py'], [place.with_suffix('.py')]):
                    if candidate.exists():
                        return spec_from_file_location(fullname, str(candidate))
        return None


class _EditableNamespaceFinder:
    @classmethod
    def _path_hook(cls, path):
        if path == HOOK:
            return cls
        raise ImportError

    @classmethod
    def find_spec(cls, fullname, target=None):
        if fullname in NAMESPACES:
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = NAMESPACES[fullname]
            return spec
        return None


def install():
    sys.meta_path.insert(0, _EditableFinder)
    sys.path_hooks.append(_EditableNamespaceFinder._path_hook)
    sys.path.insert(0, HOOK)
";

/// An editable install points to the user's tree, which here says otherwise than both versions do.
fn editable(packages: impl Fn(&str) -> Vec<(&'static str, String)>) {
    let repository = Repository::new(&[
        ("pkg/__init__.py", ""),
        ("pkg/helper.py", "NAME = 'before'\n"),
        ("pkg/core.py", IDENTITY),
        ("space/other.py", "NAME = 'other'\n"),
    ]);
    repository.write(&[("pkg/helper.py", "NAME = 'after'\n")]);
    repository.commit("second");
    let poison = "NAME = 'the tree of the user'\n";
    repository.write(&[
        ("pkg/helper.py", poison),
        ("pkg/extra.py", poison),
        ("space/part.py", poison),
    ]);
    let environment = repository.path().join("../environment");
    let python = virtual_environment(&environment, &packages(&repository.path().to_string_lossy()));
    for more in [&[][..], &["--no-sandbox"]] {
        let python = [
            "check",
            "main~1..main",
            "--no-cache",
            "--python",
            python.to_str().expect("UTF-8"),
        ];
        let report = repository.json(&[&python, more].concat());
        let example = &function(&report, "identity")["findings"][0]["example"];
        assert_eq!(example["base"], "['before', None, None]", "{more:?} {report:#}");
        assert_eq!(example["head"], "['after', None, None]", "{more:?} {report:#}");
    }
}

#[test]
fn an_editable_install_by_path_does_not_lend_its_modules() {
    editable(|tree| vec![("__editable__.project.pth", format!("{tree}\n"))]);
}

#[test]
fn an_editable_install_by_finder_does_not_lend_its_modules() {
    editable(|tree| {
        vec![
            ("__editable___project_finder.py", FINDER.replace("@SOURCE@", tree)),
            (
                "__editable__.project.pth",
                "import __editable___project_finder; __editable___project_finder.install()\n".to_owned(),
            ),
        ]
    });
}

#[test]
fn a_project_that_was_imported_before_the_harness_is_imported_anew() {
    editable(|tree| {
        let import = format!("import sys; sys.path.insert(0, {tree:?})\nimport pkg.helper\nimport space.other\n");
        vec![("early.pth", import)]
    });
}

#[test]
fn a_module_that_another_one_hides_is_named_with_what_hides_it() {
    let files = [
        ("x.py", "def hidden(n):\n    return n + 1\n"),
        ("x/__init__.py", "def seen(n):\n    return n + 1\n"),
        ("src/y.py", "def seen_in_source(n):\n    return n + 1\n"),
        ("y.py", "def hidden_by_source(n):\n    return n + 1\n"),
    ];
    let repository = Repository::new(&files);
    repository.write(
        &files
            .map(|(path, text)| (path, text.replace("n + 1", "n + 2")))
            .each_ref()
            .map(|(path, text)| (*path, text.as_str())),
    );
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "seen"), "changed", "{report:#}");
    assert_eq!(status(&report, "seen_in_source"), "changed", "{report:#}");
    for (name, reason) in [
        ("hidden", "x.py cannot be imported: `import x` gives x/__init__.py"),
        ("hidden_by_source", "y.py cannot be imported: `import y` gives src/y.py"),
    ] {
        assert_eq!(status(&report, name), "not_verified", "{report:#}");
        assert_eq!(function(&report, name)["reason"], reason);
    }
}

#[test]
fn source_folders_and_namespaces_are_found() {
    let text = "def NAME(n):\n    return n + 1\n";
    let files = [
        ("src/pkg/__init__.py", "top"),
        ("src/pkg/sub/mod.py", "inner"),
        ("space/one/__init__.py", "spaced"),
        ("space/two/three.py", "deep"),
        ("lib/other/__init__.py", "library"),
    ]
    .map(|(path, name)| (path, text.replace("NAME", name)));
    let repository = Repository::new(&files.each_ref().map(|(path, text)| (*path, text.as_str())));
    let changed = files
        .each_ref()
        .map(|(path, text)| (*path, text.replace("n + 1", "n + 2")));
    repository.write(&changed.each_ref().map(|(path, text)| (*path, text.as_str())));
    let report = repository.json(&["check"]);
    for (name, import) in [
        ("top", "from pkg import top"),
        ("inner", "from pkg.sub.mod import inner"),
        ("spaced", "from space.one import spaced"),
        ("deep", "from space.two.three import deep"),
        ("library", "from other import library"),
    ] {
        assert_eq!(status(&report, name), "changed", "{report:#}");
        let example = &function(&report, name)["findings"][0]["example"];
        assert!(example["setup"].to_string().contains(import), "{example:#}");
    }
}

/// A package that was installed in place, and belongs to neither version, by what is in the folder of packages.
fn sibling(packages: impl Fn(&str) -> Vec<(&'static str, String)>) {
    let text = "from sibling import FACTOR\n\n\ndef f(n):\n    return FACTOR + n\n";
    let repository = Repository::new(&[("a.py", text)]);
    repository.write(&[
        ("a.py", &text.replace("+ n", "- n")),
        ("../sib ling/sibling/__init__.py", "FACTOR = 7\n"),
    ]);
    let folder = repository.path().join("../sib ling").canonicalize().expect("a folder");
    let folder = folder.to_str().expect("UTF-8");
    let mut files = packages(folder);
    let record = format!(
        "{{\"dir_info\": {{\"editable\": true}}, \"url\": \"file://{}\"}}",
        folder.replace(' ', "%20")
    );
    files.push(("sibling-1.dist-info/direct_url.json", record));
    let python = virtual_environment(&repository.path().join("../environment"), &files);
    let check = || repository.json(&["check", "--python", python.to_str().expect("UTF-8")]);
    let report = check();
    assert_eq!(
        function(&report, "f")["findings"][0]["example"]["base"],
        "8",
        "{report:#}"
    );
    assert_eq!(check()["cached"], true);
    // It is no part of either version, but what was found rests on it.
    repository.write(&[("../sib ling/sibling/__init__.py", "FACTOR = 10\n")]);
    let report = check();
    assert_eq!(report["cached"], false);
    assert_eq!(
        function(&report, "f")["findings"][0]["example"]["base"],
        "11",
        "{report:#}"
    );
}

#[test]
fn another_package_that_is_installed_in_place_can_be_imported() {
    sibling(|folder| vec![("__editable__.sibling.pth", format!("{folder}\n"))]);
}

#[test]
fn another_package_that_is_installed_in_place_by_a_finder_can_be_imported() {
    sibling(|folder| {
        let finder = FINDER
            .replace("'pkg': '@SOURCE@/pkg'", &format!("'sibling': '{folder}/sibling'"))
            .replace("'space': ['@SOURCE@/space']", "");
        let install = "import __editable___sibling_finder; __editable___sibling_finder.install()\n";
        vec![
            ("__editable___sibling_finder.py", finder),
            ("__editable__.sibling.pth", install.to_owned()),
        ]
    });
}

#[test]
fn several_projects_in_one_repository_import_each_other() {
    let text = "from second.part import FACTOR\n\n\ndef f(n):\n    return FACTOR + n\n";
    let repository = Repository::new(&[
        ("packages/first/pyproject.toml", "[project]\nname = 'first'\n"),
        ("packages/first/first/__init__.py", ""),
        ("packages/first/first/a.py", text),
        ("packages/second/pyproject.toml", "[project]\nname = 'second'\n"),
        ("packages/second/second/__init__.py", ""),
        ("packages/second/second/part.py", "FACTOR = 7\n"),
    ]);
    repository.write(&[("packages/second/second/part.py", "FACTOR = 8\n")]);
    let report = repository.json(&["check"]);
    let example = &function(&report, "f")["findings"][0]["example"];
    assert_eq!(example["base"], "7", "{report:#}");
    assert_eq!(example["head"], "8", "{report:#}");
    assert_eq!(example["setup"][0], "from first.a import f");
}

/// A package below `src`, which looks like a package itself.
const STRAY: [(&str, &str); 4] = [
    ("src/__init__.py", ""),
    ("src/cart/__init__.py", ""),
    ("src/cart/money.py", "def cents(n):\n    return n\n"),
    (
        "src/cart/total.py",
        "from cart.money import cents\n\n\ndef total(n: int):\n    return cents(n) + 1\n",
    ),
];

#[test]
fn imports_start_where_the_project_declares_it() {
    let repository = Repository::new(&STRAY);
    let declared = "[tool.setuptools.packages.find]\nwhere = [\"src\"]\n";
    repository.write(&[("pyproject.toml", declared)]);
    repository.commit("declared");
    repository.write(&[(STRAY[3].0, &STRAY[3].1.replace("+ 1", "+ 2"))]);
    let report = repository.json(&["check"]);
    let setup = &function(&report, "total")["findings"][0]["example"]["setup"];
    assert_eq!(setup[0], "from cart.total import total", "{report}");
}

#[test]
fn a_package_of_the_tree_that_imports_do_not_find_is_not_said_to_be_missing_elsewhere() {
    let repository = Repository::new(&STRAY);
    repository.write(&[(STRAY[3].0, &STRAY[3].1.replace("+ 1", "+ 2"))]);
    let said = repository.run(&["check"]).to_string();
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let told =
        "needs `cart`, which is not installed; src/cart is in the tree, but nothing declares that imports start in src";
    assert!(words.contains(told), "{said}");
}
