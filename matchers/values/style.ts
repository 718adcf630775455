import { type Colors, NO_COLORS } from './colors.js';
import { Mask } from './mask.js';

/** The style in which values are shown in a message. */
export interface Style {
  /** The values that are not shown. */
  readonly mask: Mask;
  readonly colors: Colors;
  /** The connections of this process are routed to the proxy, whatever client opens them. Default: they are not. */
  readonly processRouted?: boolean | undefined;
}

/** Without colours, with the default mask. */
export const PLAIN: Style = { mask: new Mask(), colors: NO_COLORS };
