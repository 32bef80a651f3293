//! What calls of languages do, by their names.

/// A language as far as it matters here.
pub struct Language {
    /// Calls whose argument a shell runs.
    pub shells: &'static [&'static str],
    /// Calls whose arguments are a program and its arguments.
    pub programs: &'static [&'static str],
    /// Calls that take a folder away with all that is in it.
    pub trees: &'static [&'static str],
    /// Calls that take a file away.
    pub files: &'static [&'static str],
    /// Calls that run text as code.
    pub evaluates: &'static [&'static str],
}

pub static PYTHON: Language = Language {
    shells: &[
        "os.system",
        "os.popen",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "commands.getoutput",
        "pty.spawn",
    ],
    programs: &[
        "subprocess.run",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "subprocess.Popen",
        "os.execv",
        "os.execvp",
        "os.spawnl",
    ],
    trees: &["shutil.rmtree", "rmtree"],
    files: &[
        "os.remove",
        "os.unlink",
        "os.rmdir",
        "os.removedirs",
        ".unlink",
        ".rmdir",
    ],
    evaluates: &["exec", "eval", "compile", "__import__"],
};
pub static NODE: Language = Language {
    shells: &["execSync", ".exec", "child_process.exec"],
    programs: &["spawnSync", "execFileSync", "spawn", "execFile"],
    trees: &[
        "fs.rmSync",
        "rmSync",
        "fs.rm",
        "rimraf",
        "rimrafSync",
        "fs.rmdirSync",
        "fs.rmdir",
        "fse.remove",
        "removeSync",
        "Deno.remove",
        "Deno.removeSync",
        "promises.rm",
        "promises.rmdir",
    ],
    files: &["fs.unlinkSync", "unlinkSync", "fs.unlink"],
    evaluates: &["eval", "Function"],
};
pub static RUBY: Language = Language {
    shells: &[
        "system",
        "exec",
        "IO.popen",
        "Open3.capture2",
        "Open3.capture3",
        "spawn",
        "Kernel.system",
    ],
    programs: &[],
    trees: &[
        "FileUtils.rm_rf",
        "FileUtils.rm_r",
        "FileUtils.remove_dir",
        "FileUtils.remove_entry",
        "rm_rf",
    ],
    files: &["File.delete", "File.unlink", "FileUtils.rm"],
    evaluates: &["eval", "instance_eval"],
};
pub static PERL: Language = Language {
    shells: &["system", "exec", "qx"],
    programs: &[],
    trees: &["rmtree", "remove_tree"],
    files: &["unlink", "rmdir"],
    evaluates: &["eval"],
};
pub static PHP: Language = Language {
    shells: &["system", "exec", "shell_exec", "passthru", "popen", "proc_open"],
    programs: &[],
    trees: &[],
    files: &["unlink", "rmdir"],
    evaluates: &["eval", "assert"],
};
pub static AWK: Language = Language {
    shells: &["system"],
    programs: &[],
    trees: &[],
    files: &[],
    evaluates: &[],
};
pub static LUA: Language = Language {
    shells: &["os.execute", "io.popen"],
    programs: &[],
    trees: &[],
    files: &["os.remove"],
    evaluates: &["load", "loadstring"],
};
