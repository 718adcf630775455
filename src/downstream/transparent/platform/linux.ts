/** Netfilter: nftables and iptables, by `redirect` or `dnat`. */
import type { Socket } from 'node:net';
import { InternalError } from '../../../errors.js';
import { readSocketAddress, SOCKADDR_IN, SOCKADDR_IN6 } from '../socket-address.js';
import type { NatLookup } from './nat-lookup.js';

// linux/netfilter_ipv4.h and linux/netfilter_ipv6/ip6_tables.h; the levels are those of getsockopt(2).
const SOL_IP = 0;
const SOL_IPV6 = 41;
/** IP6T_SO_ORIGINAL_DST, too. */
const SO_ORIGINAL_DST = 80;

type GetSockOpt = (fd: number, level: number, name: number, value: Buffer, length: number[]) => number;

/** Loads what asks the kernel: Node has no getsockopt. */
export async function linuxNatLookup(): Promise<NatLookup> {
  const getsockopt = await loadGetSockOpt();
  return {
    originalDestination(socket) {
      const fd = fileDescriptor(socket);
      const address = socket.localAddress;
      if (fd === undefined || address === undefined) return undefined;
      // An IPv4 connection to a socket that listens on `::` has an address with a dot, and is asked for as IPv4.
      const isIPv4 = address.includes('.');
      const value = Buffer.alloc(isIPv4 ? SOCKADDR_IN : SOCKADDR_IN6);
      const length = [value.length];
      // It fails (ENOENT) where no rule tracks the connection: then it was not redirected.
      if (getsockopt(fd, isIPv4 ? SOL_IP : SOL_IPV6, SO_ORIGINAL_DST, value, length) !== 0) return undefined;
      return readSocketAddress(value);
    },
  };
}

async function loadGetSockOpt(): Promise<GetSockOpt> {
  try {
    const { default: koffi } = await import('koffi');
    const program = koffi.load(null);
    return program.func(
      'int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *length)',
    ) as GetSockOpt;
  } catch (cause) {
    throw new InternalError(
      'WAYLAY_TRANSPARENT',
      `transparent: 'kernel' asks the kernel through the package koffi, which cannot be loaded: ${reason(cause)}. Install it with npm install --save-dev koffi, or use transparent: 'name'.`,
      { cause },
    );
  }
}

// Node has no public name for it.
function fileDescriptor(socket: Socket): number | undefined {
  const fd = (socket as { _handle?: { fd?: number } })._handle?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}

function reason(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
}
