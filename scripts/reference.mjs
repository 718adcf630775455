// @ts-check
/**
 * Writes the reference of the public names, by default to the folder reference, from their descriptions in the sources. An
 * argument is a folder that takes its place, a second one a file that gets the same as JSON. It fails where a public name,
 * or a member of it, has no description, or needs a type that is not public.
 */
import { register } from 'node:module';
import { join, resolve } from 'node:path';
import { root } from './command.mjs';

// Typedoc needs the API in JavaScript that TypeScript had up to version 6.
const HOOKS = `export const resolve = (specifier, context, next) =>
  next(specifier === 'typescript' ? 'typescript-6' : specifier, context);`;
register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
const { Application, DeclarationReflection, ReflectionKind, ReflectionType } = await import('typedoc');

const DESCRIBED =
  ReflectionKind.Class |
  ReflectionKind.Interface |
  ReflectionKind.TypeAlias |
  ReflectionKind.Function |
  ReflectionKind.Variable |
  ReflectionKind.Property |
  ReflectionKind.Method |
  ReflectionKind.Accessor;

/**
 * The names without a description. A member that is written inside of another's type is described where that is.
 *
 * @param {import('typedoc').ProjectReflection} project
 */
function undescribed(project) {
  return project
    .getReflectionsByKind(DESCRIBED)
    .filter((reflection) => reflection instanceof DeclarationReflection && !isDescribed(reflection))
    .map((reflection) => reflection.getFriendlyFullName())
    .filter((name) => !name.includes('.__type.'));
}

/** @param {import('typedoc').DeclarationReflection} reflection */
function isDescribed({ signatures = [], getSignature, type, ...reflection }) {
  const declared = type instanceof ReflectionType ? [type.declaration, ...(type.declaration.signatures ?? [])] : [];
  const all = [reflection, ...signatures, getSignature, ...declared];
  return all.some((one) => one?.comment?.hasVisibleComponent());
}

const app = await Application.bootstrapWithPlugins({
  options: join(root, 'scripts', 'reference.json'),
  outputs: [
    { name: 'markdown', path: resolve(process.argv[2] ?? join(root, 'reference')) },
    ...(process.argv[3] === undefined ? [] : [{ name: 'json', path: resolve(process.argv[3]) }]),
  ],
});
const project = await app.convert();
if (project !== undefined) {
  app.validate(project);
  for (const name of undescribed(project)) app.logger.error(`${name} has no description`);
}
const complete = project !== undefined && !app.logger.hasErrors() && !app.logger.hasWarnings();
if (complete) await app.generateOutputs(project);
process.exitCode = complete ? 0 : 1;
