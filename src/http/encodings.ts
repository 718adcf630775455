/**
 * The encodings of the Encoding standard, loaded where text is met that is not in UTF-8. Node's own TextDecoder is not
 * used for them: Node 20 reads windows-1252 as ISO-8859-1, and there is no encoder.
 */
import { requireOwn } from '../runtime/own-require.js';
import { TextDecoder } from '../runtime/realm.js';

type Encodings = typeof import('@exodus/bytes/encoding.js');
type SingleByte = typeof import('@exodus/bytes/single-byte.js');
type MultiByte = typeof import('@exodus/bytes/multi-byte.js');
type Sniffer = typeof import('encoding-sniffer/sniffer');

/** Encodes text; undefined where it has a character that the encoding has not. */
export type Encoder = (text: string) => Buffer | undefined;

/** The encoding's name in lower case, by any of its labels (section 4.2); undefined where nobody knows it. */
export function encodingNamed(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  if (/^\s*utf-?8\s*$/i.test(label)) return 'utf-8';
  const name = loaded<Encodings>('@exodus/bytes/encoding.js')?.labelToName(label) ?? nativeName(label);
  // A `replacement` must not be decoded (section 14.1).
  return name === undefined || name === 'replacement' ? undefined : name.toLowerCase();
}

/** The name for systems where the packages cannot be loaded: ES modules before Node 22.12. */
function nativeName(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** The bytes as text without their byte order mark; what is not of the encoding is U+FFFD. Never throws. */
export function decode(bytes: Uint8Array, encoding: string): string {
  if (encoding === 'utf-8') return new TextDecoder().decode(bytes);
  try {
    const Decoder = loaded<Encodings>('@exodus/bytes/encoding.js')?.TextDecoder ?? TextDecoder;
    return new Decoder(encoding).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

/** The encoder for a name that {@link encodingNamed} gave. */
export function encoderOf(encoding: string): Encoder {
  switch (encoding) {
    case 'utf-8':
      return (text) => Buffer.from(text);
    case 'utf-16le':
      return (text) => Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return (text) => Buffer.from(text, 'utf16le').swap16();
  }
  const encode = fatalEncoder(encoding);
  return (text) => {
    try {
      return encode === undefined ? undefined : Buffer.from(encode(text));
    } catch {
      return undefined;
    }
  };
}

const MULTI_BYTE = new Set(['gbk', 'gb18030', 'big5', 'euc-jp', 'iso-2022-jp', 'shift_jis', 'euc-kr']);

function fatalEncoder(encoding: string): ((text: string) => Uint8Array) | undefined {
  return MULTI_BYTE.has(encoding)
    ? loaded<MultiByte>('@exodus/bytes/multi-byte.js')?.createMultibyteEncoder(encoding)
    : loaded<SingleByte>('@exodus/bytes/single-byte.js')?.createSinglebyteEncoder(encoding);
}

/**
 * The encoding that an HTML page declares in `<meta>` or an XML declaration (HTML, "prescan a byte stream to determine
 * its encoding"), in lower case; undefined where it says nothing.
 */
export function sniffedEncoding(bytes: Uint8Array): string | undefined {
  const sniffer = loaded<Sniffer>('encoding-sniffer/sniffer');
  if (sniffer === undefined) return undefined;
  try {
    const { encoding, resultType } = sniffed(sniffer, bytes);
    return resultType === sniffer.ResultType.DEFAULT ? undefined : encodingNamed(encoding);
  } catch {
    return undefined;
  }
}

function sniffed({ Sniffer }: Sniffer, bytes: Uint8Array): InstanceType<Sniffer['Sniffer']> {
  const sniffer = new Sniffer();
  sniffer.write(bytes);
  return sniffer;
}

const modules = new Map<string, unknown>();

function loaded<Module>(specifier: string): Module | undefined {
  if (!modules.has(specifier)) modules.set(specifier, load(specifier));
  return modules.get(specifier) as Module | undefined;
}

function load(specifier: string): unknown {
  try {
    return requireOwn(specifier);
  } catch {
    return undefined;
  }
}
