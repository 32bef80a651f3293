//! Where an action would happen, told by files and variables alone: no program is started for it, not even git. Only what is no plain allow
//! and reaches a service is looked at again by what git says of the default branch ([`gravest`]).

use std::collections::BTreeMap;
use std::time::Duration;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use guard::{Decision, Effect, Files, Judgement, Reach, Service, Surroundings};
use nix::time::ClockId;

use crate::config;
use crate::gating::policy;
use crate::settings;

/// Bytes of a file that is read.
const LONGEST: u64 = 256 * 1024;

/// The files of this machine.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Option<String> {
        read(Utf8Path::new(path))
    }

    fn exists(&self, path: &str) -> bool {
        Utf8Path::new(path).metadata().is_ok_and(|data| data.is_file())
    }

    fn real(&self, path: &str) -> Option<String> {
        real(Utf8Path::new(path)).map(Utf8PathBuf::into_string)
    }
}

/// Where a path leads when links are followed, and the rest of it as it stands where nothing is there yet.
fn real(path: &Utf8Path) -> Option<Utf8PathBuf> {
    path.ancestors().find_map(|above| {
        let real = above.canonicalize_utf8().ok()?;
        let rest = path.strip_prefix(above).ok()?;
        // Nothing joined would put a `/` behind it.
        Some(if rest.as_str().is_empty() {
            real
        } else {
            real.join(rest)
        })
    })
}

/// The text of a plain file; none of what is none, longer, or no text.
fn read(path: &Utf8Path) -> Option<String> {
    crate::files::read_plain_text(path, LONGEST).ok()
}

/// What is known of a folder; without one, of the one we are in.
pub fn of<'a>(folder: Option<&str>, files: &'a dyn Files) -> Surroundings<'a> {
    let here = super::here();
    let folder = folder.map_or_else(|| here.clone(), |folder| plain(&here.join(folder)));
    let home = settings::home().unwrap_or_else(|| Utf8PathBuf::from("/root"));
    let top = folder.ancestors().find(|folder| folder.join(".git").exists());
    let git = top.and_then(git_folder);
    let variables: BTreeMap<String, String> = settings::of_environments();
    Surroundings {
        repository: top.map(|top| top.as_str().to_owned()),
        branch: git.as_deref().and_then(branch),
        default_branch: git.as_deref().and_then(default_branch),
        kube_context: kube_context(&home, variables.get("KUBECONFIG").map(String::as_str)),
        terraform_workspace: read(&folder.join(".terraform/environment")).map(|text| text.trim().to_owned()),
        executable: std::env::current_exe()
            .ok()
            .and_then(|path| path.into_os_string().into_string().ok()),
        state: settings::state_folder().map(Utf8PathBuf::into_string),
        services: top.map(services).unwrap_or_default(),
        folder: folder.into_string(),
        home: home.into_string(),
        variables,
        files,
        is_late: Some(&is_late),
    }
}

/// A folder without what spells it in another way: a slash at its end, `.`, or `..`, which behind a link leads where only the file system
/// knows.
fn plain(folder: &Utf8Path) -> Utf8PathBuf {
    if folder.components().any(|part| part == Utf8Component::ParentDir) {
        let lexical = || guard::surroundings::resolved(folder.as_str(), "/", "/").into();
        return folder.canonicalize_utf8().unwrap_or_else(|_| lexical());
    }
    folder.components().collect()
}

/// CPU time that there is for a judgement; a busy machine takes none of it.
const MOST_CPU: Duration = Duration::from_millis(500);

/// Whether this process has used up its time. Where the system does not tell, it has.
fn is_late() -> bool {
    used(ClockId::CLOCK_PROCESS_CPUTIME_ID).is_none_or(|used| used > MOST_CPU)
}

/// Tells whether this thread has used up its time since now: a process that judges more than once has begun long before. Where the
/// system does not tell, it has.
pub fn late_from_now() -> impl Fn() -> bool {
    let thread = ClockId::CLOCK_THREAD_CPUTIME_ID;
    let begun = used(thread);
    move || {
        let taken = used(thread).zip(begun).map(|(now, begun)| now.saturating_sub(begun));
        taken.is_none_or(|taken| taken > MOST_CPU)
    }
}

fn used(clock: ClockId) -> Option<Duration> {
    nix::time::clock_gettime(clock).ok().map(Duration::from)
}

/// The commit that is checked out.
pub fn commit(folder: &str) -> Option<String> {
    let top = Utf8Path::new(folder)
        .ancestors()
        .find(|folder| folder.join(".git").exists())?;
    let git = git_folder(top)?;
    let head = read(&git.join("HEAD"))?;
    let Some(name) = head.trim().strip_prefix("ref: ") else {
        return Some(head.trim().to_owned());
    };
    let common = common_folder(&git);
    if let Some(id) = read(&git.join(name)).or_else(|| read(&common.join(name))) {
        return Some(id.trim().to_owned());
    }
    let packed = read(&common.join("packed-refs"))?;
    let line = packed.lines().find(|line| line.split(' ').nth(1) == Some(name))?;
    line.split(' ').next().map(str::to_owned)
}

/// What all worktrees of a repository have in common, by the folder of one of them.
pub fn common_folder(git: &Utf8Path) -> Utf8PathBuf {
    read(&git.join("commondir")).map_or_else(|| git.to_owned(), |text| git.join(text.trim()))
}

/// Git's folder: of a linked worktree, its own one.
pub fn git_folder(top: &Utf8Path) -> Option<Utf8PathBuf> {
    let path = top.join(".git");
    match read(&path) {
        None => Some(path),
        Some(link) => Some(top.join(link.strip_prefix("gitdir:")?.trim())),
    }
}

/// The branch that is checked out.
fn branch(git: &Utf8Path) -> Option<String> {
    let head = read(&git.join("HEAD"))?;
    Some(head.trim().strip_prefix("ref: refs/heads/")?.to_owned())
}

/// The branch that the remote says is its default.
fn default_branch(git: &Utf8Path) -> Option<String> {
    let head = read(&common_folder(git).join("refs/remotes/origin/HEAD"))?;
    Some(head.trim().strip_prefix("ref: refs/remotes/origin/")?.to_owned())
}

/// The context that `kubectl` would use: the line of its configuration that says so.
fn kube_context(home: &Utf8Path, named: Option<&str>) -> Option<String> {
    let path = match named {
        Some(paths) => Utf8PathBuf::from(paths.split(':').next().unwrap_or(paths)),
        None => home.join(".kube/config"),
    };
    let text = read(&path)?;
    let line = text.lines().find_map(|line| line.strip_prefix("current-context:"))?;
    let name = line.trim().trim_matches(['"', '\'']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// Services of the configuration; one that cannot be read has none, and `check` tells what is wrong with it.
fn services(top: &Utf8Path) -> Vec<Service> {
    if !top.join(config::NAME).exists() {
        return Vec::new();
    }
    told(config::read(top).map(|config| config.service).unwrap_or_default())
}

/// What was judged, looked at again with the services of the default branch where it reaches a service: the graver counts.
pub fn gravest(
    place: &mut Surroundings<'_>,
    judgement: Judgement,
    judge: impl Fn(&Surroundings<'_>) -> Judgement,
) -> Judgement {
    let reaches = |effect: &Effect| effect.reach == Reach::Service && effect.decision > Decision::Allow;
    if !judgement.effects.iter().any(reaches) {
        return judgement;
    }
    let Some(services) = united_services(place) else {
        return judgement;
    };
    place.services = services;
    let again = judge(place);
    let weight = |one: &Judgement| (one.decision, one.takes_two());
    if weight(&again) < weight(&judgement) {
        judgement
    } else {
        again
    }
}

/// The services of the working tree and those of the default branch, where that has any of its own, each with its gravest tier: a change
/// that is checked out must not choose how grave it is. Git is asked for them, so that only what is no plain allow waits for it.
fn united_services(surroundings: &Surroundings<'_>) -> Option<Vec<Service>> {
    let top = Utf8Path::new(surroundings.repository.as_deref()?);
    let (branch, side) = change::branch(top.as_std_path(), None).ok()?;
    let judging = policy::of(&side, &branch.name).ok()?;
    let mut all = surroundings.services.clone();
    for service in told(judging.config.service) {
        match all.iter_mut().find(|one| one.name == service.name) {
            None => all.push(service),
            Some(one) => {
                one.tier = one.tier.min(service.tier);
                let more = service.paths.into_iter().filter(|path| !one.paths.contains(path));
                let more: Vec<String> = more.collect();
                one.paths.extend(more);
            }
        }
    }
    (all != surroundings.services).then_some(all)
}

fn told(services: Vec<gate::Service>) -> Vec<Service> {
    services
        .into_iter()
        .map(|service| Service {
            name: service.name.into_inner(),
            tier: service.tier,
            paths: service.paths,
        })
        .collect()
}
