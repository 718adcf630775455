/** Types as one short word. */
import { essenceOf } from '../src/http/content-type.js';

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/[/+]json|ndjson/, 'json'],
  [/^text\/html/, 'html'],
  [/javascript|ecmascript/, 'js'],
  [/^text\/css/, 'css'],
  [/^image\/svg/, 'svg'],
  [/[/+]xml\b/, 'xml'],
  [/^text\/event-stream/, 'events'],
  [/^text\/plain/, 'text'],
  [/icon$/, 'icon'],
  [/^font\/|font/, 'font'],
  [/octet-stream/, 'binary'],
  [/form-urlencoded|form-data/, 'form'],
  [/wasm/, 'wasm'],
  [/grpc/, 'grpc'],
  [/x-unknown/, ''],
];

/** `json`, `html`, `png`; what the browser asked for it as, where the response does not say. */
export function shortType(mimeType: string, resourceType = ''): string {
  if (resourceType === 'websocket') return 'socket';
  const essence = essenceOf(mimeType);
  const word = WORDS.find(([pattern]) => pattern.test(essence))?.[1];
  return (word ?? essence.replace(/^.*\//, '').replace(/^x-/, '').slice(0, 12)) || resourceType;
}
