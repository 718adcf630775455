/** The text in the place of a secret. */
export const MASKED = '[masked]';

/**
 * One secret: a header field by its name, or a field of the URL's query, of a form, or of a JSON body. Names are compared
 * without regard to case, `-` and `_`: `access_token` is `accessToken`. Of JSON, keys from the outside inwards, separated
 * by dots: `*` is any one key or index, `**` any number of them: `'**.password'`, `'user.tokens.*'`.
 */
export type MaskRule = string | { readonly query: string } | { readonly form: string } | { readonly json: string };

/** Header fields that say who somebody is. */
const HEADERS = [
  'authorization',
  'cookie',
  'set-cookie',
  'proxy-authorization',
  'api-key',
  'apikey',
  'private-token',
  'x-access-token',
  'x-amz-security-token',
  'x-api-key',
  'x-auth-token',
  'x-goog-api-key',
];

/** Names of secrets in queries, forms and JSON. */
const NAMES = [
  'access_token',
  'api_key',
  'auth_token',
  'client_assertion',
  'client_secret',
  'id_token',
  'passwd',
  'password',
  'private_key',
  'refresh_token',
  'secret',
  'secret_access_key',
  'secret_key',
  'session_token',
];

/** Names in URLs alone: signatures, which are as good as a password while they last, and names of sessions. */
const OF_URLS = [
  'jsessionid',
  'phpsessid',
  'sig',
  'signature',
  'token',
  'x-amz-credential',
  'x-amz-security-token',
  'x-amz-signature',
  'x-goog-credential',
  'x-goog-signature',
];

/** The mask where nothing else is asked for: a list to add to, `[...DEFAULT_MASK, { query: 'ticket' }]`. */
export const DEFAULT_MASK: readonly MaskRule[] = [
  ...HEADERS,
  ...NAMES.flatMap((name): MaskRule[] => [{ query: name }, { form: name }, { json: `**.${name}` }]),
  ...OF_URLS.map((name): MaskRule => ({ query: name })),
];

/** True if the value is one rule of a mask. */
export function isMaskRule(value: unknown): value is MaskRule {
  if (typeof value === 'string') return value !== '';
  if (typeof value !== 'object' || value === null) return false;
  const [[kind, name] = [], ...others] = Object.entries(value);
  return (
    others.length === 0 && ['query', 'form', 'json'].includes(String(kind)) && typeof name === 'string' && name !== ''
  );
}
