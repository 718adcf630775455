/** Where this package is. */
// biome-ignore lint/suspicious/noTsIgnore: it is an error in one of the two builds only.
// @ts-ignore: CommonJS has no import.meta, and gets a file of its own (scripts/build.mjs).
export const here: string = import.meta.url;
