#!/bin/sh
# Runs as root after the files are there: deb (configure) and rpm.
set -e

app=/opt/Wardlight
sandbox="$app/chrome-sandbox"
profile=/etc/apparmor.d/wardlight

# Where AppArmor forbids user namespaces to programs without a profile (Ubuntu 24.04 and newer), ours allows them. An
# AppArmor that can't read the profile doesn't need it.
profiled=no
if command -v aa-enabled >/dev/null 2>&1 && aa-enabled --quiet 2>/dev/null; then
  if apparmor_parser --skip-kernel-load --skip-cache --quiet "$app/resources/apparmor-profile" >/dev/null 2>&1; then
    cp -f "$app/resources/apparmor-profile" "$profile"
    chmod 644 "$profile"
    if ! { command -v ischroot >/dev/null 2>&1 && ischroot; }; then
      apparmor_parser --replace --write-cache --skip-read-cache "$profile" && profiled=yes || true
    fi
  fi
fi

# Chromium's sandbox is made with a user namespace. Its set-uid helper is armed only where ordinary users can't have
# one (asked as `nobody`: root always can), and never over what the administrator has decided.
if ! { command -v dpkg-statoverride >/dev/null 2>&1 && dpkg-statoverride --list "$sandbox" >/dev/null 2>&1; }; then
  if [ "$profiled" = yes ] ||
    setpriv --reuid=65534 --regid=65534 --clear-groups unshare --user --map-root-user true >/dev/null 2>&1; then
    chmod 0755 "$sandbox"
  else
    chmod 4755 "$sandbox"
  fi
fi

# Machine policy is looked for there. The package brings none: what is there is the administrator's, and outlives upgrades.
[ -e /etc/wardlight ] || [ -L /etc/wardlight ] || install -d -m 755 -o root -g root /etc/wardlight

if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database -q /usr/share/applications || true
fi
if command -v gtk-update-icon-cache >/dev/null 2>&1; then
  gtk-update-icon-cache -q -t -f /usr/share/icons/hicolor || true
fi
