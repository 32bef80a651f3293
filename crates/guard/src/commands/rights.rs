//! Who may do what with files: `chmod`, `chown` and their like.

use super::files::{named, weaker};
use super::guarded::guarded;
use super::options::Options;
use super::paths::{PathKind, kind};
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::verification::Guarded;
use crate::walk::{On, Run, Walker, shown};

pub fn opened(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["--reference"]);
    let mut operands = options.operands.iter();
    // `-x` takes a right away; it is a mode and no option.
    let mode = match options
        .all()
        .find(|(name, _)| name.len() == 2 && "xrw".contains(&name[1..]))
    {
        Some((name, _)) => name.to_owned(),
        None => operands.next().map(|arg| arg.text.clone()).unwrap_or_default(),
    };
    let recursive = options.has(&["-R", "--recursive"]);
    let digits = mode.chars().all(|c| c.is_ascii_digit()) && !mode.is_empty();
    let for_all = digits && mode.ends_with(['7', '6', '2', '3']) && mode.len() >= 3
        || mode.split(',').any(|part| {
            (part.starts_with('o') || part.starts_with('a')) && part.contains(['+', '=']) && part.contains('w')
        });
    let sets_id =
        digits && mode.len() == 4 && mode.starts_with(['4', '6', '2']) || mode.contains("+s") || mode.contains("u=s");
    let runs = mode.chars().any(|c| matches!(c, '1' | '3' | '5' | '7'));
    let closes = digits && !runs || mode == "-x" || mode.starts_with("a-") || mode.contains("-x");
    let hides = digits && mode.trim_start_matches('0').is_empty() || mode == "-x" || mode.starts_with("a-");
    for operand in operands {
        let text = operand.text.as_str();
        let kind = kind(walker, text);
        let grave = matches!(
            kind,
            PathKind::Root | PathKind::System | PathKind::Home | PathKind::Secret
        );
        let target = format!("{} to everybody", named(text, kind));
        if grave && (recursive || for_all) && kind != PathKind::Secret || kind == PathKind::Secret && for_all {
            let effect = Effect::new(EffectKind::Expose, target, Reversible::No, Reach::Machine);
            walker.effect(effect.instead("give a right to the one file that needs it"));
        } else if for_all && walker.on != On::Throwaway && kind != PathKind::Temporary {
            let effect = Effect::new(EffectKind::Expose, target, Reversible::Yes, Reach::Machine);
            walker.effect(
                effect
                    .decided(Decision::Ask)
                    .instead("`chmod u+rw` gives it to its owner alone"),
            );
        } else if sets_id {
            let effect = Effect::new(
                EffectKind::Expose,
                format!("{} with its owner's rights", named(text, kind)),
                Reversible::Yes,
                Reach::Machine,
            );
            walker.effect(effect.decided(Decision::Ask));
        } else if hides && (grave || recursive) && kind != PathKind::Temporary {
            let target = format!("whether {} can be read by anybody", named(text, kind));
            let effect = Effect::new(EffectKind::Overwrite, target, Reversible::Partly, Reach::Machine);
            walker.effect(effect.decided(if grave { Decision::Deny } else { Decision::Ask }));
        }
        if let Some(guarded) = guarded(walker, text).filter(|guarded| *guarded == Guarded::Hook && closes) {
            walker.effect(weaker(&shown(text), guarded, "switches off"));
        }
    }
}

pub fn owned(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(run.args, &["--reference", "--from", "-m", "-x"]);
    let recursive = options.has(&["-R", "--recursive"]);
    for operand in options.operands.iter().skip(usize::from(name != "setfacl")) {
        let kind = kind(walker, &operand.text);
        let decision = match kind {
            PathKind::Root | PathKind::System | PathKind::Home if recursive => Decision::Deny,
            PathKind::Root | PathKind::System | PathKind::Secret => Decision::Ask,
            PathKind::Unknown if recursive => Decision::Ask,
            _ => continue,
        };
        let effect = Effect::new(
            EffectKind::Overwrite,
            format!("whom {} belongs to", named(&operand.text, kind)),
            Reversible::Partly,
            Reach::Machine,
        );
        walker.effect(effect.decided(decision).instead("name the one file that needs it"));
    }
}
