import { fileOfCaller } from './stack.js';

/**
 * The place of this package: a path, or a URL in ES modules. By the stack, since Playwright reads these sources as
 * CommonJS too, which has no `import.meta`.
 */
export const packageLocation: string = fileOfCaller() ?? '';
