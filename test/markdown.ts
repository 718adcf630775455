/** The links of a page of Markdown, and where in it links may lead. */

/** The targets of links and pictures, in the order in which they come. */
export function linksOf(page: string): string[] {
  return [...withoutCode(page).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target);
}

/** The anchors of its headings, as code hosts and registries make them. */
export function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutBlocks(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => {
    const anchor = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

function withoutBlocks(page: string): string {
  return page.replace(/^( *)```.*?^\1```$/gms, '');
}

function withoutCode(page: string): string {
  return withoutBlocks(page).replace(/`[^`\n]*`(?!\])/g, '');
}
