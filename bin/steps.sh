# Read by bin/setup and its parts: runs a step only when something it reads has changed. Not a program of its own.
# shellcheck shell=bash

toolchain_directory=${TOOLCHAIN_DIRECTORY:-var}
stamps=$toolchain_directory/stamps
logs=$toolchain_directory/log

# Prints one checksum over the named files and folders: their names and their contents, not their times.
checksum() {
  local path
  for path in "$@"; do
    if [ -e "$path" ]; then
      find "$path" -type f -not -name '*.pyc' -not -path '*/node_modules/*' -not -path "${without:-/}/*" -print0
    else
      printf 'absent: %s\0' "$path"
    fi
  done | sort -z | xargs -0 -r sha256sum -- 2>&1 | sha256sum | cut -d' ' -f1
}

# step NAME TITLE PRODUCT FACT [INPUT ...] -- COMMAND [ARGUMENT ...]
#
# FACT names a function that prints what else the step depends on, such as the version of Python; `true` for nothing.
# 1. Compare the inputs, the command and the fact with what the last success left.
# 2. Unchanged, and PRODUCT (a file or folder the step makes; empty for none) is still there: say so and return.
# 3. Otherwise run the command with its output in a log, so that a good run is one line.
# 4. Failure: show the end of the log and where the rest is, leave no stamp, and stop. The next run tries again.
step() {
  local name=$1 title=$2 product=$3 fact=$4 inputs=() state started
  shift 4
  while [ "$1" != "--" ]; do
    inputs+=("$1")
    shift
  done
  shift
  mkdir -p "$stamps" "$logs"
  state="$(checksum "${inputs[@]}") $*"
  if [ -f "$stamps/$name" ] && [ "$(cat "$stamps/$name")" = "$state $("$fact")" ] && { [ -z "$product" ] || [ -e "$product" ]; }; then
    printf '  %-22s unchanged\n' "$title"
    return 0
  fi
  rm -f "$stamps/$name"
  if [ -t 1 ]; then
    printf '  %-22s working ...\r' "$title"
  fi
  started=$SECONDS
  if ! "$@" >"$logs/$name.log" 2>&1 </dev/null; then
    printf '  %-22s failed after %d s. The end of its output:\n\n' "$title" "$((SECONDS - started))"
    tail -n 30 "$logs/$name.log" | sed 's/^/    /'
    printf '\nNothing else was changed; what was done before this step is kept. The whole output is in %s.\n' "$logs/$name.log"
    printf 'Put right what it names and run the same command again: it goes on from here.\n'
    return 1
  fi
  # The fact is asked again: a step such as the migrations changes what it depends on.
  printf '%s' "$state $("$fact")" >"$stamps/$name"
  printf '  %-22s done in %d s\n' "$title" "$((SECONDS - started))"
}
