import { MAX_HEAD_SIZE } from '../limits.js';

/** Limits of a reader. */
export interface ReaderLimits {
  /** Bytes of a head: start line, fields and empty line. Default: 256 KiB. */
  readonly maxHeadSize: number;
  /** Fields of a head. Default: no limit but that of their bytes. */
  readonly maxFields: number;
  /** Bytes of the trailers of a body. Default: 256 KiB. */
  readonly maxTrailersSize: number;
  /** Bytes of the chunk extensions of a request's body, which nobody has a use for. Default: 16 KiB, as Node. */
  readonly maxExtensionsSize: number;
}

export const DEFAULT_LIMITS: ReaderLimits = {
  maxHeadSize: MAX_HEAD_SIZE,
  maxFields: Number.POSITIVE_INFINITY,
  maxTrailersSize: MAX_HEAD_SIZE,
  maxExtensionsSize: 16 * 1024,
};
