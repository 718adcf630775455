/** Things borrowed of operating systems (docs/internals.md). */
import { execFileSync } from 'node:child_process';
import { release } from 'node:os';
import { test } from 'vitest';
import { borrowed } from './borrowed.js';

// Only there is a pf that can be asked, and only root may ask.
test.skipIf(process.platform !== 'darwin' || process.getuid?.() !== 0)(
  'pf prints its state table in lines that can be read (on macOS, as root)',
  () => {
    const holds = borrowed('The state table of pf', `Darwin ${release()}`);
    const table = execFileSync('/sbin/pfctl', ['-s', 'state'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines = table.split('\n').filter((line) => /^\S+ tcp /.test(line));
    const unread = lines.filter((line) => !/^\S+ tcp \S+( \(\S+\))? (<-|->) \S+/.test(line));
    holds(unread.length === 0, `a line is \`ALL tcp HERE <- THERE <- CLIENT\`, not: ${unread[0]}`);
  },
);
