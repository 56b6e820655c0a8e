#!/bin/sh
# Runs as root after the files are gone: deb (remove, purge) and rpm (0: the last version). During an upgrade it leaves
# alone what the new version has just set up. What clinicians keep in their homes goes by machine policy
# (removal.userData); whatever is wrong with the policy or a home, it stays.
set -e

case "${1:-}" in
  remove | purge | disappear | 0) ;;
  *) exit 0 ;;
esac

policy=/etc/wardlight/policy.json
program=/opt/Wardlight/wardlight

# Also for the workstation's own log: where many are removed at once, nobody reads what each has said.
say() {
  echo "wardlight: $1"
  logger -t wardlight -- "$1" 2>/dev/null || true
}

# As main/managed/sources/file.ts: a file that only root can have written, nor put another in its place.
is_roots() {
  [ ! -L "$1" ] && [ "$(stat -c %u -- "$1")" = 0 ] || return 1
  case $(stat -c %A -- "$1") in ?????w???? | ????????w?) return 1 ;; esac
}

# Each token of a JSON text (RFC 8259) on a line of its own; what belongs to none is one too, so that nothing is left out.
tokens() {
  LC_ALL=C grep -aoE '"([^"\\[:cntrl:]]|\\(["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|[][{}:,]|[^][{}:,"[:space:]]+|[^[:space:]]'
}

# removal.userData of these tokens, once the whole document was seen to be one; nothing of a document in which a name is
# there twice or is written in a way that could hide one.
user_data_in_tokens() {
  awk '
    function fail() { failed = 1; exit 1 }
    function begin(kind) { if (++depth > 32) fail(); is[depth] = kind; want = kind == "{" ? "name or end" : "value or end" }
    function end(kind) { if (is[depth] != kind) fail(); depth--; want = depth ? "more" : "nothing" }
    function at(path) { return is[1] == "{" && (depth == 1 ? path == name[1] : is[2] == "{" && path == name[1] name[2]) }
    want == "" { want = "value" }
    $0 == "\"" { fail() }
    /^"/ && want ~ /^name/ {
      if (/\\/) fail()
      name[depth] = $0
      if (depth < 3 && (at("\"removal\"") || at("\"removal\"\"userData\"")) && seen[depth]++) fail()
      want = "colon"; next
    }
    $0 == ":" && want == "colon" { want = "value"; next }
    /^[{[]$/ && want ~ /^value/ { begin($0); next }
    $0 == "}" && (want == "name or end" || want == "more") { end("{"); next }
    $0 == "]" && (want == "value or end" || want == "more") { end("["); next }
    $0 == "," && want == "more" { want = is[depth] == "{" ? "name" : "value"; next }
    /^("|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?$|(true|false|null)$)/ && want ~ /^value/ {
      if (depth == 2 && at("\"removal\"\"userData\"")) found = $0
      want = depth ? "more" : "nothing"; next
    }
    { fail() }
    END { if (!failed && want == "nothing" && found ~ /^"/) print substr(found, 2, length(found) - 2) }
  '
}

# What policy says about what clinicians keep; nothing wherever it can't be believed whole.
user_data_by_policy() {
  [ -e "$policy" ] || return 0
  for place in / /etc /etc/wardlight "$policy"; do is_roots "$place" || return 0; done
  [ -f "$policy" ] && [ "$(stat -c %s "$policy")" -le 1048576 ] || return 0
  iconv -f UTF-8 -t UTF-8 "$policy" >/dev/null 2>&1 || return 0
  if tr -d '\t\n\r' <"$policy" | LC_ALL=C grep -aq '[[:cntrl:]]'; then return 0; fi
  LC_ALL=C sed '1s/^\xEF\xBB\xBF//' "$policy" | tokens | user_data_in_tokens || true
}

# Accounts of this workstation, as in /etc/passwd, with those of a directory that have a home here.
accounts() {
  {
    getent passwd || true
    stat -c %u /home/* /home/*/* 2>/dev/null | sort -u | while read -r uid; do getent passwd "$uid" || true; done
  } | sort -u
}

# What is done in a home, as its account, so that nothing of anybody else's can go whatever links are there and however
# they change meanwhile. Ends with 10 where nothing is kept, and 11 where it isn't at its place in a home of this computer.
forget='
  cd -- "$1" 2>/dev/null && [ -O . ] || exit 10
  [ -e .config/Wardlight ] || [ -L .config/Wardlight ] || exit 10
  home=$(pwd -P)
  cd .config/Wardlight 2>/dev/null && [ -O . ] && [ "$(pwd -P)" = "$home/.config/Wardlight" ] || exit 11
  # A home in the network is the one of other workstations too.
  case $(stat -f -c %T .) in
    ext2/ext3 | xfs | btrfs | zfs | f2fs | jfs | reiserfs | bcachefs | ecryptfs | overlayfs | tmpfs) ;;
    *) exit 11 ;;
  esac
  if [ "$2" = keep-unsent ]; then
    # What a profile needs to be unlocked again and to send, the record of accesses, and what must not be forgotten: an
    # erasure that its server has ordered, numbers that were given, updates that were seen.
    find . -xdev ! -type d ! -path "./audit/*" ! -path "./wipes/*" ! -path "./downtime/*" ! -path ./updates/seen.json \
      ! -path ./workstation.json ! -path "./profiles/*/profile.json" ! -path "./profiles/*/slots.json" ! -path "./profiles/*/upgrade.json*" \
      ! -path "./profiles/*/outbox.db*" ! -path "./profiles/*/documents/spool*/*" -delete || exit 12
    find . -xdev -depth -mindepth 1 -type d -empty -delete || exit 12
  else
    # Keys first: without them the rest is noise, however far it comes.
    find . -xdev -name "slots.json*" ! -type d -delete || exit 12
    find . -xdev -mindepth 1 -delete && cd .. && rmdir Wardlight || exit 12
  fi
'

# With nothing of root: no rights, no terminal or open file that the account could use through the process, no end to wait for.
as_account() {
  setsid -w timeout -k 5 600 setpriv --reuid="$1" --regid="$2" --clear-groups --no-new-privs --inh-caps=-all \
    env -i PATH=/usr/bin:/bin LC_ALL=C sh -c "$forget" sh "$3" "$4" \
    </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

# Numbers of the accounts that have the program open.
in_use() {
  for process in /proc/[0-9]*; do
    case $(readlink "$process/exe" 2>/dev/null) in "$program" | "$program (deleted)") stat -c %u "$process" ;; esac
  done 2>/dev/null || true
}

forget_user_data() {
  open=" $(in_use | tr '\n' ' ')"
  accounts | while IFS=: read -r name _ uid gid _ home _; do
    case $uid:$gid in *[!0-9:]* | :* | *: | 0:*) continue ;; esac
    case $home in /?*) ;; *) continue ;; esac
    [ -e "$home/.config/Wardlight" ] || [ -L "$home/.config/Wardlight" ] || continue
    case $open in *" $uid "*)
      say "data of $name: kept, as Wardlight is open there"
      continue
      ;;
    esac
    code=0
    as_account "$uid" "$gid" "$home" "$1" || code=$?
    case $code in
      0) say "data of $name: destroyed ($1)" ;;
      10) ;;
      11) say "data of $name: kept, as it is not at its place on a disk of this workstation" ;;
      *) say "data of $name: not destroyed, or not all of it" ;;
    esac
  done
}

# Not where another package has taken the files over.
if [ "$1" != disappear ]; then
  chosen=$(user_data_by_policy)
  case $chosen in
    keep-unsent | destroy) forget_user_data "$chosen" ;;
    *) say 'what clinicians keep in their homes stays' ;;
  esac
fi

profile=/etc/apparmor.d/wardlight
if [ -f "$profile" ]; then
  if command -v aa-enabled >/dev/null 2>&1 && aa-enabled --quiet 2>/dev/null; then
    if ! { command -v ischroot >/dev/null 2>&1 && ischroot; }; then
      apparmor_parser --remove "$profile" >/dev/null 2>&1 || true
    fi
  fi
  rm -f "$profile"
fi
# Only where it is empty: policy goes by whoever has put it there.
rmdir /etc/wardlight 2>/dev/null || true

if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database -q /usr/share/applications || true
fi
