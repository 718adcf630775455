import { fileOfCaller } from './stack.js';

/** Where this package is: a path, or a URL in ES modules. By the stack, since Playwright reads these sources as CommonJS too, which has no `import.meta`. */
export const here: string = fileOfCaller() ?? '';
