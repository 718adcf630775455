import createDebug from 'debug';

/** Takes one line of debug output: the part of the pipeline it comes from, a format, values. */
export type Log = (part: LogPart, format: string, ...values: unknown[]) => void;

/** The parts of the pipeline; each is a namespace for `DEBUG=waylay:*`. */
export type LogPart = 'listen' | 'socks' | 'tls' | 'http' | 'tunnel' | 'upstream' | 'rules';

const parts = new Map<LogPart, createDebug.Debugger>();

/** Writes to standard error what `DEBUG=waylay:*` asks for. */
export const debugLog: Log = (part, format, ...values) => {
  let write = parts.get(part);
  if (write === undefined) parts.set(part, (write = createDebug(`waylay:${part}`)));
  if (write.enabled) write(format, ...values);
};
