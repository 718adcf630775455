import { type Colors, NO_COLORS } from './colors.js';
import { Mask } from './mask.js';

/** How values are shown in a message. */
export interface Style {
  /** What is not shown. */
  readonly mask: Mask;
  readonly colors: Colors;
  /** The connections of this process are routed to the proxy, whatever client opens them. Default: they are not. */
  readonly processLed?: boolean | undefined;
}

/** Without colours, with the default mask. */
export const PLAIN: Style = { mask: new Mask(), colors: NO_COLORS };
