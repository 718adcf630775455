/** Reads what a trace.zip of Playwright says of the network. */
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';

export interface TracedRequest {
  readonly method: string;
  readonly url: string;
  readonly status: number;
}

/** The requests that a trace shows in its network tab. */
export async function requestsOfTrace(path: string): Promise<TracedRequest[]> {
  const found: TracedRequest[] = [];
  for (const [name, bytes] of unzip(await readFile(path))) {
    if (!name.endsWith('.network')) continue;
    for (const line of bytes.toString().split('\n')) {
      if (line === '') continue;
      const { type, snapshot } = JSON.parse(line);
      if (type !== 'resource-snapshot') continue;
      const { request, response } = snapshot;
      found.push({ method: request.method, url: request.url, status: response.status });
    }
  }
  return found;
}

/** The files of a zip archive, by its central directory (APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16). */
function* unzip(zip: Buffer): Generator<[name: string, bytes: Buffer]> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const method = zip.readUInt16LE(at + 10);
    const size = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const local = zip.readUInt32LE(at + 42);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(start, start + size);
    yield [name, method === 0 ? data : inflateRawSync(data)];
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}
