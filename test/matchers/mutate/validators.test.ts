import { describe, expect, test } from 'vitest';
import { ofAnotherBody, unconditional, withoutDigests, withoutMarks } from '../../../matchers/mutate/validators.js';

type Fields = readonly string[];

describe('in a response with another body', () => {
  test.each<[string, Fields, Fields]>([
    ['a strong etag is marked', ['ETag', '"v1"'], ['ETag', '"v1;waylay-7"']],
    ['a weak one too', ['etag', 'W/"v1"'], ['etag', 'W/"v1;waylay-7"']],
    ['an empty one too', ['etag', '""'], ['etag', '";waylay-7"']],
    ['what is no etag is dropped', ['etag', 'v1', 'a', 'b'], ['a', 'b']],
    [
      'what is true of the old body only is dropped',
      [
        'Last-Modified',
        'x',
        'Content-MD5',
        'x',
        'Digest',
        'x',
        'Content-Digest',
        'x',
        'Repr-Digest',
        'x',
        'Accept-Ranges',
        'bytes',
        'Age',
        '1',
      ],
      ['Age', '1'],
    ],
  ])('%s', (_, before, after) => {
    expect(ofAnotherBody(before, before, 7)).toEqual(after);
  });

  test('a field that the change has set stays', () => {
    const before = ['ETag', '"v1"', 'Last-Modified', 'x', 'Digest', 'x'];
    const set = ['ETag', '"mine"', 'Last-Modified', 'y', 'Digest', 'z'];
    expect(ofAnotherBody(set, before, 7)).toEqual(set);
  });

  test('fields without validators are the same list', () => {
    const fields = ['Age', '1'];
    expect(ofAnotherBody(fields, fields, 7)).toBe(fields);
  });
});

test('a request with another body has no digests of the old one', () => {
  const before = ['Content-Digest', 'x', 'A', 'b', 'If-Match', '"v1"'];
  expect(withoutDigests(before, before)).toEqual(['A', 'b', 'If-Match', '"v1"']);
});

test('a request that needs the whole body has no conditions', () => {
  const fields = [
    'If-None-Match',
    '"a"',
    'If-Modified-Since',
    'x',
    'If-Range',
    '"a"',
    'Range',
    'bytes=1-',
    'If-Match',
    '"a"',
  ];
  expect(unconditional(fields)).toEqual(['If-Match', '"a"']);
  expect(unconditional(['a', 'b'])).toEqual(['a', 'b']);
});

describe('for marked etags in a request', () => {
  test.each<[string, Fields, Fields]>([
    ['if-match: the upstream knows its own', ['If-Match', '"a;waylay-7", W/"b"'], ['If-Match', '"a", W/"b"']],
    ['if-none-match: removed', ['If-None-Match', '"a;waylay-7", W/"b"'], ['If-None-Match', 'W/"b"']],
    [
      'if-none-match: of nothing else, with the date',
      ['If-None-Match', 'W/"a;waylay-7"', 'If-Modified-Since', 'x', 'A', 'b'],
      ['A', 'b'],
    ],
    ['if-range: the whole is sent', ['Range', 'bytes=5-', 'If-Range', '"a;waylay-12"', 'A', 'b'], ['A', 'b']],
  ])('%s', (_, sent, forwarded) => {
    expect(withoutMarks(sent)).toEqual(forwarded);
  });

  test.each<[Fields]>([
    [['If-None-Match', '"a"', 'If-Modified-Since', 'x']],
    [['If-None-Match', '*']],
    [['If-Match', '"a"']],
    [[]],
  ])('%j has none and stays the same list', (sent) => {
    expect(withoutMarks(sent)).toBe(sent);
  });
});

test('a request whose body is no longer in the chunks of Amazon S3 does not say so', () => {
  const before = [
    ...['x-amz-content-sha256', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'x-amz-decoded-content-length', '5'],
    ...['x-amz-trailer', 'x-amz-checksum-crc32', 'A', 'b'],
  ];
  expect(withoutDigests(before, before)).toEqual(['x-amz-content-sha256', 'UNSIGNED-PAYLOAD', 'A', 'b']);
});
