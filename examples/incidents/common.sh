# Shared by the scenarios: a throw-away folder, a repository, people with keys of their own. Nothing outside of that folder is touched.
set -u
here=$(cd "$(dirname "$0")" && pwd)
if [[ -n "${COUNTERPROOF:-}" ]]; then
  counterproof=$COUNTERPROOF
elif command -v counterproof > /dev/null; then
  counterproof=$(command -v counterproof)
else
  echo "building counterproof, which takes some minutes once" >&2
  (cd "$here/../../.." && cargo build --quiet --release --package counterproof) || exit 3
  counterproof=$here/../../../target/release/counterproof
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export COUNTERPROOF_CACHE=$work/cache COUNTERPROOF_KEYS=$work/keys/machine
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com
# A person approves here, and no agent: this is a play.
unset CLAUDECODE GEMINI_CLI CODEX_SANDBOX CODEX_THREAD_ID CURSOR_AGENT OPENCODE
mkdir -p "$work/shop" "$work/keys"

# Says what happens.
say() { printf '\n── %s\n' "$*"; }

# Runs the program; its exit code is shown, and kept in $code.
run() {
  printf '$ counterproof %s\n' "$*" | sed "s#$work/##g"
  code=0
  "$counterproof" "$@" 2>&1 | sed "s#$work/##g"
  code=${PIPESTATUS[0]}
  printf '(exit %s)\n' "$code"
}

# As run, with the key of somebody.
run_as() {
  local who=$1
  shift
  COUNTERPROOF_KEY=$(key "$who") run "$@"
}

# The file with the key of somebody, made when it is first asked for.
key() {
  COUNTERPROOF_KEYS=$work/keys/$1 "$counterproof" approve key > "$work/keys/$1.line"
  echo "$work/keys/$1/own.pem"
}

# Their public key, as a policy takes it.
public() {
  key "$1" > /dev/null
  sed 's/^keys = \["\(.*\)"\]$/\1/' "$work/keys/$1.line"
}

# Ends the play: something went another way than it should.
must() {
  if [[ "$code" != "$1" ]]; then
    echo "this should have ended with $1" >&2
    exit 9
  fi
}
