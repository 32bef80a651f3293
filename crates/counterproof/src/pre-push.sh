#!/bin/sh
# counterproof:pre-push
# Written by `counterproof install pre-push`, taken out by `counterproof uninstall pre-push`. What is pushed is checked against
# what the remote has; a difference in behaviour that is not accepted stops the push. What cannot be verified does not, and
# `git push --no-verify` pushes without being asked. COUNTERPROOF_PUSH_BUDGET says how long a check may take (30s).
program=@PROGRAM@
budget=${COUNTERPROOF_PUSH_BUDGET:-30s}
remote=$1

pushed=$(cat)
[ -n "$pushed" ] || pushed='-'

# The hook that was here before has the first word, with the same arguments and input.
earlier="$0.before-counterproof"
if [ -x "$earlier" ]; then
    if [ "$pushed" = - ]; then "$earlier" "$@" </dev/null; else printf '%s\n' "$pushed" | "$earlier" "$@"; fi || exit $?
fi
[ "$pushed" != - ] || exit 0

say() { printf 'counterproof: %s\n' "$1" >&2; }

if ! command -v "$program" >/dev/null 2>&1; then
    say "$program is not there, so that nothing is checked; \`counterproof uninstall pre-push\` takes the hook out"
    exit 0
fi
# Git names the repository to a hook by variables, which would lead git commands in other folders to it, too.
unset $(git rev-parse --local-env-vars)

# What the remote has of a branch, as far as this repository knows; else of its default branch.
base_of() {
    for known in "$2" "refs/remotes/$remote/HEAD" "refs/remotes/$remote/main" "refs/remotes/$remote/master"; do
        git rev-parse --verify --quiet "$known^{commit}" >/dev/null || continue
        git merge-base "$known" "$1" && return
    done
    return 1
}

done_already=' '
found=0
while read -r local_ref local_id remote_ref remote_id; do
    case $local_id in *[!0]*) ;; *) continue ;; esac # A branch that is deleted.
    commit=$(git rev-parse --verify --quiet "$local_id^{commit}") || continue # A tag of something else.
    if ! base=$(base_of "$commit" "$remote_id"); then
        say "$local_ref is not verified: what $remote has already is not known here"
        continue
    fi
    case $done_already in *" $base..$commit "*) continue ;; esac
    done_already="$done_already$base..$commit "
    [ "$base" != "$commit" ] || continue
    "$program" check --budget "$budget" "$base..$commit" </dev/null
    code=$?
    case $code in
        0) ;;
        1) found=1 ;;
        130) exit 1 ;;
        *) say "$local_ref is not verified (exit code $code), and is pushed" ;;
    esac
done <<PUSHED
$pushed
PUSHED

if [ "$found" = 1 ]; then
    say 'not pushed: mend what differs, accept it with `counterproof accept`, or push with `git push --no-verify`'
    exit 1
fi
