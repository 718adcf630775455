// @ts-check
/** Certificates for servers of the bench, from an authority that has nothing to do with any proxy's. */
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/** @typedef {{ key: string, cert: string, ca: string, spki: string }} Identity */

/**
 * A certificate for `localhost`, `127.0.0.1` and `*.bench.test`, signed by itself and a root of its own.
 *
 * @param {string} [name] of the root
 * @returns {Identity}
 */
export function selfSigned(name = `Bench ${process.pid}`) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const subject = sequence(set(sequence(oid('550403'), text(name))));
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const day = 86_400_000;
  const names = sequence(
    tagged(0x82, Buffer.from('localhost')),
    tagged(0x82, Buffer.from('*.bench.test')),
    tagged(0x87, Buffer.from([127, 0, 0, 1])),
  );
  const yes = tagged(0x01, Buffer.from([0xff]));
  const extensions = sequence(
    sequence(oid('551d11'), tagged(0x04, names)),
    sequence(oid('551d13'), yes, tagged(0x04, sequence(yes))),
    sequence(oid('551d25'), tagged(0x04, sequence(oid('2b06010505070301')))),
  );
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.from([1 + (process.pid % 100)])),
    algorithm,
    subject,
    sequence(time(Date.now() - day), time(Date.now() + 30 * day)),
    subject,
    spki,
    tagged(0xa3, extensions),
  );
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const cert = `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const digest = createHash('sha256').update(createPublicKey(cert).export({ type: 'spki', format: 'der' }));
  return { key, cert, ca: cert, spki: digest.digest('base64') };
}

/**
 * @param {number} tag
 * @param {Buffer} content
 */
function tagged(tag, content) {
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

/** @param {Buffer[]} parts */
function sequence(...parts) {
  return tagged(0x30, Buffer.concat(parts));
}

/** @param {Buffer[]} parts */
function set(...parts) {
  return tagged(0x31, Buffer.concat(parts));
}

/** @param {string} hex */
function oid(hex) {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

/** @param {string} value */
function text(value) {
  return tagged(0x0c, Buffer.from(value));
}

/** @param {number} at */
function time(at) {
  return tagged(0x17, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}
