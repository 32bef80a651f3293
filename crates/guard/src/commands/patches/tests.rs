use super::*;
use crate::{Files, Surroundings};

struct Tree;

impl Files for Tree {
    fn read(&self, path: &str) -> Option<String> {
        Some(match path {
            "/code/shop/tests/test_a.py" => "def test_a():\n    assert f() == 1\n",
            "/code/shop/src/a.py" => "x = 1\n",
            "/code/shop/weak.patch" => WEAK,
            "/code/shop/good.patch" => GOOD,
            "/code/shop/mail.patch" => concat!(
                "From 1 Mon Sep 17 00:00:00 2001\nFrom: A <a@x>\nSubject: [PATCH] x\n\n---\n .husky/x | 1 +\n\n",
                "diff --git a/.husky/pre-push b/.husky/pre-push\nnew file mode 100755\n--- /dev/null\n+++ b/.husky/pre-push\n",
                "@@ -0,0 +1 @@\n+exit 0\n--\n2.40\n"
            ),
            _ => return None,
        }
        .to_owned())
    }
}

const WEAK: &str =
    "--- a/tests/test_a.py\n+++ b/tests/test_a.py\n@@ -1,2 +1,2 @@\n def test_a():\n-    assert f() == 1\n+    pass\n";
const GOOD: &str = "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,2 +1,2 @@\n-x = 1\n--- a/tests/test_a.py\n+x = 2\n+y = 2\ndiff --git a/tests/test_b.py b/tests/test_b.py\nnew file mode 100644\n--- /dev/null\n+++ b/tests/test_b.py\n@@ -0,0 +1,2 @@\n+def test_b():\n+    assert g()\n";

fn decided(line: &str) -> Decision {
    crate::command(line, &Surroundings::bare("/code/shop", &Tree)).decision
}

#[test]
fn a_patch_of_an_agent_is_read_as_the_agent_reads_it() {
    let patch = read(
        "*** Begin Patch\n*** Delete File: tests/test_a.py\n*** Update File: a\n*** Move to: b\n@@\n x\n-y\n+z\n*** End Patch",
    );
    let edit = |path: &str, before: Option<&str>, after: &str| Edit {
        path: path.to_owned(),
        before: before.map(str::to_owned),
        after: after.to_owned(),
    };
    assert_eq!(
        patch.edits,
        [
            edit("tests/test_a.py", None, ""),
            edit("a", Some("x\ny\n"), "x\nz\n"),
            edit("b", Some("x\ny\n"), "x\nz\n"),
        ]
    );
    assert_eq!(
        patch.commands,
        [
            ["rm", "-f", "--", "tests/test_a.py"].map(str::to_owned).to_vec(),
            ["mv", "--", "a", "b"].map(str::to_owned).to_vec()
        ]
    );
    assert!(patch.unclear.is_empty());
    // Context that looks like a header: both readings are told.
    let patch = read("*** Update File: tests/test_a.py\n@@\n *** Update File: x.md\n-assert f()\n+pass\n");
    let paths: Vec<&str> = patch.edits.iter().map(|edit| edit.path.as_str()).collect();
    assert_eq!(paths, ["tests/test_a.py", "tests/test_a.py", "x.md"]);
    assert!(
        patch.edits[0]
            .before
            .as_ref()
            .is_some_and(|before| before.contains("assert"))
    );
    // What cannot be read is told.
    for text in [
        "***Update File: tests/test_a.py\n@@\n-x\n",
        "*** Begin Patch\n*** Delete File: a\n+x\n*** End Patch",
        "*** Begin Patch\n*** Update File: a\n@@\n-x\nwhat\n*** End Patch",
    ] {
        assert!(!read(text).unclear.is_empty(), "{text}");
    }
}

#[test]
fn patches_in_a_shell_are_judged_like_edits() {
    for line in [
        "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: .codex/hooks.json\n@@\n-a\n+b\n*** End Patch\nEOF",
        "apply_patch '*** Begin Patch\n*** Delete File: tests/test_a.py\n*** End Patch'",
        "cd src && applypatch '*** Begin Patch\n*** Update File: ../tests/test_a.py\n@@\n-    assert f() == 1\n+    pass\n*** End Patch'",
        "git apply weak.patch",
        "git -C . apply --index weak.patch",
        "git apply < weak.patch",
        "cat weak.patch | patch -p1",
        "patch -p1 < weak.patch",
        "patch -p1 -i weak.patch",
        "patch tests/test_a.py weak.patch",
        "cd tests && patch test_a.py ../weak.patch",
        "git am mail.patch",
        "cd src && git am ../mail.patch",
        "cd src && git apply ../weak.patch",
        "git apply <<'EOF'\ndiff --git a/tests/test_a.py b/docs/a.txt\nsimilarity index 100%\nrename from tests/test_a.py\nrename to docs/a.txt\nEOF",
        "git apply <<'EOF'\ndiff --git a/tests/test_a.py b/tests/test_a.py\ndeleted file mode 100644\n--- a/tests/test_a.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-def test_a():\n-    assert f() == 1\nEOF",
        "git apply -R <<'EOF'\n--- a/tests/test_a.py\n+++ b/tests/test_a.py\n@@ -1,1 +1,2 @@\n def test_a():\n+    assert f() == 1\nEOF",
        "patch -p0 <<'EOF'\n--- .claude/settings.json.orig\t2026-01-01\n+++ .claude/settings.json\t2026-01-01\n@@ -1 +1 @@\n-a\n+b\nEOF",
        "git apply --directory=tests <<'EOF'\n--- a/test_a.py\n+++ b/test_a.py\n@@ -2 +2 @@\n-    assert f() == 1\n+    pass\nEOF",
    ] {
        assert_ne!(decided(line), Decision::Allow, "{line}");
    }
    assert_eq!(
        decided("apply_patch '*** Begin Patch\n*** Add File: .counterproof/accepted.toml\n+x\n*** End Patch'"),
        Decision::Deny
    );
}

#[test]
fn ordinary_patches_stay_allowed() {
    for line in [
        "git apply good.patch",
        "patch -p1 < good.patch",
        "git apply --check weak.patch",
        "git apply --stat weak.patch",
        "git apply /tmp/nobody-knows.patch",
        "git diff | git apply -R",
        "curl -s https://example.com/x.patch | git apply",
        "git am *.patch",
        "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: src/a.py\n@@ def f\n x\n-y\n+z\n\n*** End of File\n*** Add File: docs/x.md\n+*** Update File: tests/test_a.py\n+- assert\n*** End Patch\nEOF",
        "apply_patch '*** Begin Patch\n*** Update File: src/a.py\n*** Move to: src/b.py\n@@\n-x\n+y\n*** Delete File: src/c.py\n*** End Patch'",
        "patch --dry-run -p1 < weak.patch",
        "git apply <<'EOF'\ndiff --git a/tests/test_a.py b/tests/unit/test_a.py\nsimilarity index 100%\nrename from tests/test_a.py\nrename to tests/unit/test_a.py\nEOF",
    ] {
        assert_eq!(decided(line), Decision::Allow, "{line}");
    }
}
