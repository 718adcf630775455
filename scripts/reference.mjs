// @ts-check
/**
 * Writes the reference of the public names, docs/api, from their descriptions in the sources; an argument is a folder that
 * takes its place, a second one a file that gets the same as JSON. It fails where a public name has no description, or needs one that is not public.
 */
import { register } from 'node:module';
import { join, resolve } from 'node:path';
import { root } from './command.mjs';

// Typedoc needs the API in JavaScript that TypeScript had up to version 6.
const HOOKS = `export const resolve = (specifier, context, next) =>
  next(specifier === 'typescript' ? 'typescript-6' : specifier, context);`;
register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
const { Application } = await import('typedoc');

const app = await Application.bootstrapWithPlugins({
  options: join(root, 'scripts', 'reference.json'),
  outputs: [
    { name: 'markdown', path: resolve(process.argv[2] ?? join(root, 'docs', 'api')) },
    ...(process.argv[3] === undefined ? [] : [{ name: 'json', path: resolve(process.argv[3]) }]),
  ],
});
const project = await app.convert();
if (project !== undefined) {
  app.validate(project);
  if (!app.logger.hasErrors() && !app.logger.hasWarnings()) await app.generateOutputs(project);
}
process.exitCode = project === undefined || app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;
