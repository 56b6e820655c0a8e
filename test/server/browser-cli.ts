import { followSignIn } from './browser.ts';
import { devUsers, passwordOf } from './users.ts';

/** Serves as `xdg-open`: `node browser-cli.ts URL` signs in as WARDLIGHT_TEST_USER. */
const url = process.argv[2];
if (!url) throw new Error('usage: browser-cli.ts URL');
const username = process.env['WARDLIGHT_TEST_USER'] ?? devUsers[0]!.username;
await followSignIn(url, { username, password: passwordOf(username) });
