/**
 * A port that is free now. get-port is an ES module only, which Jest's `require` cannot load: in the CommonJS build,
 * this file is a copy of it (scripts/build.mjs).
 */
export { default } from 'get-port';
