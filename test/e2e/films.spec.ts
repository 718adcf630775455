/** A stubbed film, as a browser plays it: in parts. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from '../tools.js';
import { expect, test } from './origins.js';

let folder: string;
let film: string;

test.beforeAll(async () => {
  if (!tool('ffmpeg')) {
    if (process.env.WAYLAY_REQUIRE_TOOLS) throw new Error('This test needs ffmpeg, and WAYLAY_REQUIRE_TOOLS is set.');
    test.skip(true, 'needs ffmpeg, which is not on PATH');
  }
  folder = await mkdtemp(join(tmpdir(), 'waylay-film-'));
  film = join(folder, 'film.webm');
  // Noise, which nothing compresses: a browser does not read ahead through the whole of it.
  const source = 'nullsrc=size=320x240:rate=10:duration=60,geq=random(1)*255:128:128';
  const coding = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '8M', '-g', '10'];
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, ...coding, film]);
});

test.afterAll(() => rm(folder ?? '', { recursive: true, force: true }));

test('seeking in a stubbed film asks for the part that is shown', async ({ page, waylay }) => {
  const stub = waylay.stubResponse('https://cdn.invalid/film.webm', { file: film });
  await page.goto('https://shop.test/');

  const shown = await page.evaluate(async (src) => {
    const video = document.createElement('video');
    Object.assign(video, { src, muted: true, preload: 'metadata' });
    document.body.append(video);
    const on = (event: string) =>
      new Promise((resolve, reject) => {
        video.addEventListener(event, resolve, { once: true });
        video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
      });
    await on('loadedmetadata');
    const seeked = on('seeked');
    video.currentTime = 50;
    await seeked;
    return { at: video.currentTime, until: video.seekable.length === 0 ? 0 : Math.round(video.seekable.end(0)) };
  }, 'https://cdn.invalid/film.webm');

  expect(shown).toEqual({ at: 50, until: 60 });
  const asked = stub.exchanges.map(({ request, response }) => [request.header('range'), response?.status]);
  expect(asked[0]).toEqual(['bytes=0-', 206]);
  // Some way into the file.
  const starts = asked.map(([range]) => Number(/^bytes=(\d+)-/.exec(String(range))?.[1]));
  expect(Math.max(...starts)).toBeGreaterThan(1_000_000);
});
