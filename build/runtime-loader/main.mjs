// The official Electron binary starts an app from the folder named on its command line. The stand-in runtime has no
// such loader, so this one, kept inside it, does the same. It is never part of a package.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const named = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (!named) throw new Error('usage: electron <folder of the app>');
const folder = resolve(named);
const description = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

app.setName(description.productName ?? description.name);
app.setVersion(description.version);
app.setAppPath(folder);
// Awaited, so that `ready` is not emitted before the app had its chance to register schemes and to enable the sandbox.
await import(pathToFileURL(join(folder, description.main)).href);
