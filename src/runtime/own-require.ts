/**
 * Loads what is needed seldom, at once and only then. By Node's own `require`, whatever module system runs this: the
 * packages are ES modules, which Jest's `require` cannot load, and of their tables one copy a process is enough. In the
 * CommonJS build, `here` is another file (scripts/build.mjs).
 */
import { packageLocation } from './package-location.js';
import { processGlobal } from './realm.js';

let requireHere: NodeJS.Require | undefined;

/** @throws where the package cannot be loaded, such as an ES module before Node 20.19 and 22.12 */
export function requireOwn(specifier: string): unknown {
  requireHere ??= processGlobal.process.getBuiltinModule('node:module').createRequire(packageLocation);
  return requireHere(specifier);
}
