/** The content of a leaf certificate: a pure template, from what the client asked for and what upstream showed. */
import { domainToASCII } from 'node:url';
import { ipBytes, ipText } from '../net/ip-address.js';
import { memoize } from '../runtime/memoize.js';
import type { Defect, UpstreamCertificate } from './upstream-certificate.js';

/** The facts that the certificate authority needs to make a leaf. */
export interface LeafTemplate {
  /** The upstream's whole subject, in place of the next two: DER, a byte a character. */
  readonly subject?: string | undefined;
  /** The common name, at most 64 characters (RFC 5280, appendix A); the full names are in the other two lists. */
  readonly commonName: string | undefined;
  readonly organization: string | undefined;
  /** A-labels in lower case, wildcards as they are. */
  readonly dnsNames: readonly string[];
  /** IP addresses in canonical form (RFC 5952). */
  readonly ipAddresses: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The defect of the upstream certificate, which the leaf mirrors; or the one asked for by the test. */
  readonly defect: Defect | undefined;
}

/** The source of a template. */
export interface LeafSource {
  /** The name as the client sent it (SNI); undefined where it sent none. */
  readonly serverName: string | undefined;
  /** The name or IP address that the client asked to be connected with. */
  readonly host: string;
  /** Undefined where no upstream was asked. With `defect: undefined` its flaws are forgiven. */
  readonly upstream: UpstreamCertificate | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const DAY = 86_400_000;
/** Below the 398 days that clients allow at most. */
const LIFETIME = 90 * DAY;
const NAME_LIMIT = 64;

/**
 * The names and the validity of a leaf. Without a defect: upstream's names and those asked for,
 * valid now and no longer than upstream's certificate. With one: exactly upstream's names and
 * dates, so that a client finds the same fault.
 *
 * @example leafTemplate({ serverName: 'shop.test', host: '127.0.0.1', upstream: undefined, now }).dnsNames // ['shop.test']
 */
export function leafTemplate({ serverName, host, upstream, now }: LeafSource): LeafTemplate {
  const names = new Names();
  for (const name of upstream?.dnsNames ?? []) names.add(name);
  for (const address of upstream?.ipAddresses ?? []) names.add(address);
  const defect = upstream?.defect;
  if (defect === undefined) {
    for (const name of upstream?.commonNames ?? []) names.add(name);
    if (upstream?.commonName !== undefined) names.add(upstream.commonName);
    names.addMissing(serverName);
    names.addMissing(host);
  }
  const parts = [...(upstream?.commonNames ?? []), upstream?.commonName, upstream?.organization];
  return {
    subject: parts.some(isTooLong) ? undefined : upstream?.subject,
    commonName: attribute(upstream === undefined ? names.first : upstream.commonName),
    organization: attribute(upstream?.organization),
    dnsNames: [...names.dns],
    ipAddresses: [...names.ip],
    ...(defect === undefined ? soundValidity(upstream, now) : sameValidity(upstream, now)),
    defect,
  };
}

/** A host that no client asks for: nothing below `.invalid` exists (RFC 6761, section 6.4). */
const WRONG_HOST = 'wrong.host.invalid';

/**
 * A leaf that is sound but for one defect. Its dates are over, or its names are another host's;
 * self-signed, both are as they should be.
 *
 * @example defectiveTemplate({ serverName: 'shop.test', host: 'shop.test', now }, 'wrong-host').dnsNames // ['wrong.host.invalid']
 */
export function defectiveTemplate(
  source: Omit<LeafSource, 'upstream'>,
  defect: Defect & ('expired' | 'wrong-host' | 'self-signed'),
): LeafTemplate {
  const sound = leafTemplate({ ...source, upstream: undefined });
  switch (defect) {
    case 'expired': {
      // Ends yesterday, for clocks that are slow.
      const notAfter = sound.notBefore;
      return { ...sound, notBefore: new Date(notAfter.getTime() - LIFETIME), notAfter, defect };
    }
    case 'wrong-host':
      return { ...sound, commonName: WRONG_HOST, dnsNames: [WRONG_HOST], ipAddresses: [], defect };
    case 'self-signed':
      return { ...sound, defect };
  }
}

/** Equal for templates that make the same leaf. */
export function templateKey(template: LeafTemplate): string {
  const { subject, commonName, organization, dnsNames, ipAddresses, notBefore, notAfter, defect } = template;
  return JSON.stringify([
    [subject, commonName, organization, defect].map((value) => value ?? null),
    dnsNames,
    ipAddresses,
    notBefore.getTime(),
    notAfter.getTime(),
  ]);
}

class Names {
  readonly dns = new Set<string>();
  readonly ip = new Set<string>();

  /** Drops what is neither a host name nor an address. */
  add(name: string): void {
    const written = asWritten(name);
    if (written?.kind === 'ip') this.ip.add(written.text);
    else if (written !== null) this.dns.add(written.text);
  }

  /** Does not add a name that a wildcard covers: one leaf then serves all its hosts. */
  addMissing(name: string | undefined): void {
    if (name === undefined) return;
    const written = asWritten(name);
    const wildcard = written?.kind === 'dns' ? written.text.replace(/^[^.]+/, '*') : undefined;
    // Clients take no wildcard for all of a top-level domain.
    const isCovered = wildcard?.includes('.', 2) === true && this.dns.has(wildcard);
    if (!isCovered) this.add(name);
  }

  get first(): string | undefined {
    const [name] = [...this.dns, ...this.ip];
    return name;
  }
}

interface WrittenName {
  readonly kind: 'dns' | 'ip';
  readonly text: string;
}

/** The name as a leaf has it; null where it is neither a host's nor an address. */
const asWritten = memoize((name: string): WrittenName | null => {
  const address = ipBytes(name);
  const ip = address === undefined ? undefined : ipText(address);
  if (ip !== undefined) return { kind: 'ip', text: ip };
  const dns = hostName(name);
  return dns === undefined ? null : { kind: 'dns', text: dns };
});

// Host names as resolvers take them: labels of up to 63 characters, underscores included (they occur),
// an asterisk in the first one. Names with other characters are put into A-labels (RFC 5890).
function hostName(name: string): string | undefined {
  let ascii = name.toLowerCase().replace(/\.$/, '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range
  if (/[^\u0000-\u007f]/.test(ascii)) ascii = /[\s/\\?#@:%[\]]/.test(ascii) ? '' : domainToASCII(ascii);
  return ascii.length <= 253 && /^[a-z0-9_*-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(ascii) ? ascii : undefined;
}

// RFC 5280, appendix A: ub-common-name and ub-organization-name.
function attribute(text: string | undefined): string | undefined {
  return text === '' || isTooLong(text) ? undefined : text;
}

function isTooLong(text: string | undefined): boolean {
  return text !== undefined && [...text].length > NAME_LIMIT;
}

/** Begins yesterday, for clocks that are slow. In whole days, so that the same leaf serves all day. */
function soundValidity(upstream: UpstreamCertificate | undefined, now: number): Validity {
  const today = Math.floor(now / DAY) * DAY;
  const end = upstream?.validTo.getTime() ?? 0;
  const notAfter = end > now ? Math.min(end, today + LIFETIME) : today + LIFETIME;
  return { notBefore: new Date(today - DAY), notAfter: new Date(notAfter) };
}

function sameValidity(upstream: UpstreamCertificate | undefined, now: number): Validity {
  const { notBefore, notAfter } = soundValidity(undefined, now);
  return { notBefore: valid(upstream?.validFrom) ?? notBefore, notAfter: valid(upstream?.validTo) ?? notAfter };
}

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

function valid(date: Date | undefined): Date | undefined {
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}
