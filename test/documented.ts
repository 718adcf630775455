/** One section of a page that shows the same with two tools. */
export interface Section {
  readonly title: string;
  /** With the tool that is left. */
  readonly before: string;
  /** With Waylay. */
  readonly after: string;
  /** Code after either. */
  readonly both: string;
}

/** The sections of a page of docs/migrating that have three blocks of code. */
export function sectionsOf(page: string): Section[] {
  return page
    .split(/^## /m)
    .slice(1)
    .flatMap((text) => {
      const [title = ''] = text.split('\n');
      const blocks = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code);
      if (blocks.length === 0) return [];
      const [before, after, both] = blocks;
      if (before === undefined || after === undefined || both === undefined || blocks.length > 3) {
        throw new Error(`'${title}' has ${blocks.length} blocks of code, and not three`);
      }
      return [{ title, before, after, both }];
    });
}
