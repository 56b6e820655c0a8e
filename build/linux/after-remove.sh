#!/bin/sh
# Runs as root after the files are gone: deb (remove, purge) and rpm (0: the last version). During an upgrade it leaves
# alone what the new version has just set up. What clinicians keep in their homes is never touched.
set -e

case "${1:-}" in
  remove | purge | disappear | 0) ;;
  *) exit 0 ;;
esac

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
