/** Where this package is: a path, or a URL in ES modules. By the stack, since Playwright reads these sources as CommonJS too, which has no `import.meta`. */
export const here: string = ownFile();

function ownFile(): string {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = fileOf;
    return String(new Error().stack);
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function fileOf(_: Error, [site]: NodeJS.CallSite[]): string | null | undefined {
  return site?.getFileName();
}
