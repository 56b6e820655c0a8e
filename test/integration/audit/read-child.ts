/* Reads a log as the command line does, and closes it: `read-child.ts FILE`, its key in the environment. */
import { openLogFile } from '../../support/audit.ts';

const [, , file = ''] = process.argv;
const db = openLogFile(file, Buffer.from(process.env['KEY'] ?? '', 'base64'));
db.prepare('SELECT count(*) FROM entry').get();
db.close();
