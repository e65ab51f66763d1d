/** `callwright backup FILE [--with-keys] [--without-sound]` and `callwright restore FILE`: what this machine's installation keeps. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readSettings } from '../settings.ts';
import { readBackup, writeBackup } from './backup-file.ts';
import { withDatabase } from './database.ts';

const USAGE = `usage: callwright backup FILE [--with-keys] [--without-sound]
       callwright restore FILE

backup   writes the database as of this moment and all sound files, while the installation runs or not.
         --with-keys puts the master key in too: whoever has the file can then read every secret.
         --without-sound leaves messages and recordings out: copy the folder recordings of the media
         directory (CALLWRIGHT_MEDIA_DIR) beside it.
restore  fills a new installation, before its first start. Without the key in the backup, put the
         file secret.key of the old data directory into the new one first.
`;

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    allowPositionals: true,
    options: {
      'with-keys': { type: 'boolean', default: false },
      'without-sound': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [verb, file, ...more] = positionals;
  if (values.help || !file || more.length > 0 || (verb !== 'backup' && verb !== 'restore')) {
    say(USAGE);
    return values.help ? 0 : 2;
  }
  const settings = readSettings(process.env, root);
  // npm runs scripts in the folder of the package, whoever calls means the one they are in
  const path = resolve(process.env.INIT_CWD ?? process.cwd(), file);
  if (verb === 'backup') {
    const key = values['with-keys'] ? readFileSync(settings.secretKeyFile) : null;
    const mediaDir = values['without-sound'] ? null : settings.mediaDir;
    const { tables, rows, sounds } = await withDatabase(settings, false, (url) =>
      writeBackup(url, path, { key, mediaDir }),
    );
    say(`${rows} rows of ${tables} tables and ${sounds} sound files are in ${path}`);
    if (!key) say(`The master key is not: keep ${settings.secretKeyFile} in another safe place.`);
    return 0;
  }
  const { secretKeyFile: keyFile, mediaDir } = settings;
  const { at, tables, rows, sounds } = await withDatabase(settings, true, (url) =>
    readBackup(url, path, { keyFile, mediaDir }),
  );
  say(`${rows} rows of ${tables} tables and ${sounds} sound files are back, as of ${at}`);
  if (!existsSync(settings.secretKeyFile))
    say(`Put secret.key of the old installation at ${settings.secretKeyFile} before you start this one.`);
  if (!existsSync(join(settings.dataDir, 'admin.key')))
    say('API keys and log-ins are those of the old installation; npm start makes an administrator’s key again.');
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const { code, message, stack } = error as { code?: string; message: string; stack?: string };
    say(code ? `${message} (${code})` : (stack ?? message));
    process.exit(1);
  },
);
