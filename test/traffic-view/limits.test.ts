/** The page leaves things out, and nothing in the data becomes markup. */
import { describe, expect, test } from 'vitest';
import type { Har } from '../../src/journal/har/har-format.js';
import { cutText, fairLimit, fitText } from '../../traffic-view/cut.js';
import { escapeHtml, scriptBytes, scriptJson } from '../../traffic-view/escape.js';
import { notesHtml, problemsHtml } from '../../traffic-view/problems.js';
import { clientScript } from '../../traffic-view/script.js';
import { MOST_BYTES, trafficView } from '../../traffic-view/traffic-view.js';
import type { View } from '../../traffic-view/view.js';
import { archive, checkout, entry, many } from './archives.js';

function dataOf(html: string): View {
  return JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? '');
}

function changed({ log }: Har): Har {
  const rule = { kind: 'mutation', pattern: '<'.repeat(5000), place: '<'.repeat(5000) } as const;
  return archive(
    log.entries.map((each) => ({
      ...each,
      _rules: [rule, rule],
      _forwardedRequest: {
        ...each.request,
        postData: { mimeType: 'text/plain', params: [], text: '<'.repeat(50_000) },
      },
      _originalResponse: each.response,
    })),
  );
}

describe('escaping', () => {
  test('leaves no markup in HTML', () => {
    expect(escapeHtml(`<b title="it's">&amp;</b>`)).toBe('&lt;b title=&quot;it&#39;s&quot;&gt;&amp;amp;&lt;/b&gt;');
  });

  test.each(['</script><script>alert(1)</script>', '<!-- <script>', 'a\u2028b\u2029c', '\u0000\ud800"\\\r\n'])(
    'lets %j through a script element as it is',
    (text) => {
      const json = scriptJson({ [text]: text });
      expect(json).not.toMatch(/[<\u2028\u2029]/);
      expect(JSON.parse(json)).toEqual({ [text]: text });
    },
  );

  test('is done for the script itself, which ends no script element and uses nothing from outside', () => {
    const script = clientScript();
    expect(script).not.toMatch(/<\/script|<!--/i);
    expect(script).not.toMatch(/__vi|\bimport\b|\brequire\(|_js_\d|_\d\.|cov_/);
    expect(() => new Function(script)).not.toThrow();
  });

  test('leaves three elements with text to read of a hostile archive: title, data and script', () => {
    const hostile = `</title></script><script>alert(1)</script><!--`;
    const html = trafficView({
      title: hostile,
      har: archive([entry({ url: `https://shop.test/${hostile}`, content: { text: hostile } })]),
      problems: [hostile],
      warnings: [hostile],
      leaks: [hostile],
    });
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/title/g)).toHaveLength(1);
    expect(html).not.toContain('<!--');
  });
});

describe('the cut', () => {
  test('says how much is missing', () => {
    expect(cutText('short', 5)).toBe('short');
    expect(cutText('x'.repeat(1500), 10)).toBe('xxxxxxxxxx… (1,490 more characters)');
  });

  test('leaves no half of a character', () => {
    expect(cutText('ab😀cd', 3)).toBe('ab… (4 more characters)');
    expect(fitText('😀😀', 8)).toBe('😀');
  });

  test.each(['x'.repeat(1000), '<'.repeat(1000), 'ä😀"\n'.repeat(200), ''])(
    'fits text into bytes of the page, row %#',
    (text) => {
      for (const bytes of [0, 2, 3, 50, 999, 10_000]) {
        const kept = fitText(text, bytes);
        expect(text.startsWith(kept)).toBe(true);
        if (kept !== '') expect(scriptBytes(kept)).toBeLessThanOrEqual(bytes);
        if (bytes > 7000) expect(kept).toBe(text);
      }
    },
  );

  test('shares a budget fairly: the small get all, the large the same', () => {
    expect(fairLimit([10, 20, 30], 60)).toBe(Number.POSITIVE_INFINITY);
    expect(fairLimit([10, 1000, 1000], 110)).toBe(50);
    expect(fairLimit([100, 100], 0)).toBe(0);
    expect(fairLimit([], -5)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the size of the page', () => {
  test('lets an archive that fits be shown in full', () => {
    const { entries } = dataOf(trafficView({ title: 'all', har: many(300) }));
    expect(entries).toHaveLength(300);
    expect(
      entries.flatMap(({ response }) => response?.body?.notes ?? []).every((note) => /^(Binary|Image)/.test(note)),
    ).toBe(true);
  });

  test.each([
    ['long bodies', () => many(400, 100_000)],
    ['one huge body', () => archive([entry({ content: { mimeType: 'text/plain', text: '<'.repeat(30_000_000) } })])],
    ['many bodies', () => many(3000, 20_000)],
    ['long bodies before and after mutations, by rules that are long', () => changed(many(400, 100_000))],
    ['more exchanges than the journal keeps', () => many(12_000, 1000)],
  ])('stays below the limit with %s, and says what was cut', (_, make) => {
    const har = make();
    const html = trafficView({ title: 'cut', har, problems: Array.from({ length: 30 }, () => '<'.repeat(100_000)) });
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(MOST_BYTES);
    const { entries } = dataOf(html);
    expect(entries).toHaveLength(har.log.entries.length);
    const notes = entries.flatMap(({ request, response }) => [request.note, ...(response?.body?.notes ?? [])]);
    expect(notes.some((note) => /^Cut here after|^Left out/.test(note ?? ''))).toBe(true);
  });

  test('has the exchanges counted that do not fit at all', () => {
    const html = trafficView({ title: 'too many', har: many(40_000, 10) });
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(MOST_BYTES);
    const { entries } = dataOf(html);
    expect(html).toContain(
      `${(40_000 - entries.length).toLocaleString('en')} more exchanges did not fit into this page`,
    );
  });

  test('has a body that is no text named, not shown, but for a picture', () => {
    const bytes = { text: 'iVBORw0KGgo=', encoding: 'base64' as const };
    const { entries } = dataOf(
      trafficView({
        title: 'bodies',
        har: archive([
          entry({ content: { mimeType: 'application/octet-stream', ...bytes } }),
          entry({ content: { mimeType: 'image/png', ...bytes } }),
          entry({
            content: { mimeType: 'image/png', ...bytes, comment: 'The body did not arrive in full: 8 bytes came.' },
          }),
          entry({ content: { mimeType: 'image/png', text: 'A'.repeat(1_000_000), encoding: 'base64' } }),
        ]),
      }),
    );
    expect(entries.map(({ response }) => response?.body)).toMatchObject([
      { notes: ['Binary: not shown.'] },
      { image: 'data:image/png;base64,iVBORw0KGgo=' },
      { notes: ['The body did not arrive in full: 8 bytes came.', 'Binary: not shown.'] },
      { notes: ['Image: too large to be shown here.'] },
    ]);
  });

  test('leaves a text in a charset of its own shown as that text', () => {
    const shown = (mimeType: string, bytes: string) => {
      const content = { mimeType, text: Buffer.from(bytes, 'latin1').toString('base64'), encoding: 'base64' as const };
      return dataOf(trafficView({ title: 'text', har: archive([entry({ content })]) })).entries[0]?.response?.body;
    };
    expect(shown('text/plain; charset = latin1', 'caf\xe9')).toMatchObject({ text: 'café' });
    expect(shown('text/html', '<meta charset=windows-1251>\xcf')).toMatchObject({
      text: '<meta charset=windows-1251>П',
    });
    expect(shown('application/json', '"\xe9"')).toMatchObject({ notes: ['Binary: not shown.'] });
    expect(shown('text/plain', '\x1f\x8b\x08')).toMatchObject({ notes: ['Binary: not shown.'] });
  });

  test('has messages of a WebSocket counted where not all are there', () => {
    const message = { type: 'send', time: 1_772_619_630, opcode: 1, data: 'x' } as const;
    const { entries } = dataOf(
      trafficView({
        title: 'chat',
        har: archive([entry({ more: { _webSocketMessages: Array(5000).fill(message) } })]),
      }),
    );
    expect(entries[0]?.messages?.count).toBe(5000);
    expect(entries[0]?.messages?.list.length).toBe(2000);
  });
});

describe('an archive', () => {
  test('without the custom fields is shown too', () => {
    const plain = checkout().log.entries.map(
      (each) => Object.fromEntries(Object.entries(each).filter(([name]) => !name.startsWith('_'))) as typeof each,
    );
    const { entries } = dataOf(trafficView({ title: 'plain', har: archive(plain) }));
    expect(entries.map(({ id }) => id)).toEqual(plain.map((_, at) => at + 1));
    expect(new Set(entries.map(({ source }) => source))).toEqual(new Set(['upstream']));
  });

  test('whose dates cannot be read is shown', () => {
    const har = archive([{ ...entry(), startedDateTime: 'whenever' }]);
    expect(dataOf(trafficView({ title: 'dates', har }))).toMatchObject({ started: '', entries: [{ start: 0 }] });
  });

  test('draws a connection that was made before the request before it', () => {
    const { entries } = dataOf(
      trafficView({
        title: 'early',
        har: archive([entry({ at: 0 }), entry({ id: 2, at: 100, timings: { blocked: -1, connect: 30, ssl: 10 } })]),
      }),
    );
    expect(entries.map(({ start }) => start)).toEqual([0, 70]);
    expect(entries[1]?.phases).toMatchObject({ connect: 20, ssl: 10 });
  });
});

describe('problems', () => {
  test('have what differs marked, colours of terminals removed, and exchanges linked', () => {
    const html = problemsHtml(
      ['None.\n  #3 GET / (200)\n    status\n      \x1b[32m- 200\x1b[39m\n      + 404\n  #4 GET /'],
      new Set([3]),
    );
    expect(html).toContain('<span class="headline">None.</span>');
    expect(html).toContain('<span class="expected">      - 200</span>');
    expect(html).toContain('<span class="received">      + 404</span>');
    expect(html).toContain('<a href="#exchange-3" data-exchange="3">#3</a> GET / (200)');
    expect(html).toContain('  #4 GET /');
    expect(html).not.toContain('\x1b');
  });

  test('and notes are not there where there are none', () => {
    expect(problemsHtml([], new Set())).toBe('');
    expect(notesHtml('Warnings', 'warnings', [])).toBe('');
  });
});
