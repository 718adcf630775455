import { type Colors, NO_COLORS } from './colors.js';
import { Mask } from './mask.js';

/** How values are shown in a message. */
export interface Style {
  /** What is not shown. */
  readonly mask: Mask;
  readonly colors: Colors;
}

/** Without colours, with the default mask. */
export const PLAIN: Style = { mask: new Mask(), colors: NO_COLORS };
