/** Where this package is: a path, or a URL in ES modules. By the stack, since Playwright reads these sources as CommonJS too, which has no `import.meta`. */
export const here: string = ownFile();

function ownFile(): string {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_, [site]) => site?.getFileName();
    return String(new Error().stack);
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}
