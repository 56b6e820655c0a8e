import { readFileSync } from 'node:fs';
import { followSignIn } from './browser.ts';
import { devUsers, passwordOf } from './users.ts';

/** Serves as `xdg-open`: `node browser-cli.ts URL` signs in as WARDLIGHT_TEST_USER. */
const url = process.argv[2];
if (!url) throw new Error('usage: browser-cli.ts URL');
/** A file in which a test says who it is this time, where more than one clinician signs in. */
const file = process.env['WARDLIGHT_TEST_USER_FILE'];
const named = file === undefined ? process.env['WARDLIGHT_TEST_USER'] : readFileSync(file, 'utf8').trim();
const username = named ?? devUsers[0]!.username;
await followSignIn(url, { username, password: passwordOf(username) });
