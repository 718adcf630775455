/** Replaces tokens among the subprotocols of a WebSocket, where browsers can set no other field. Pure. */
import { MASKED } from './mask.js';

/**
 * Names by which a token says what it is, itself or before the next one: `access_token, …`,
 * `base64url.bearer.authorization.k8s.io.…`.
 */
const TOKEN = /(?:bearer|token|authorization|jwt|api-?key)(?:\.k8s\.io)?/gi;
/** A JSON Web Token (RFC 7519, section 3). */
const JWT = /^eyJ[\w-]*\.[\w-]*\.[\w-]*$/;

/** The list as it may be shown. */
export function protocolsWithoutTokens(list: string): string {
  let isNext = false;
  return list
    .split(',')
    .map((item) => {
      const name = item.trim();
      const of = [...name.matchAll(TOKEN)].at(-1);
      const end = of === undefined ? undefined : of.index + of[0].length;
      const isSecret = isNext || JWT.test(name);
      isNext = !isSecret && end === name.length;
      if (isSecret) return item.replace(name, MASKED);
      const behind = end === undefined ? '' : name.slice(end);
      return /^[.\-_:=]./.test(behind) ? item.replace(behind, `${behind[0]}${MASKED}`) : item;
    })
    .join(',');
}
