/**
 * The one module of node-forge that Waylay loads: importing all of it takes three times as long.
 * @types/node-forge describes the package as a whole only.
 */
declare module 'node-forge/lib/asn1.js' {
  export interface Asn1 {
    readonly tagClass: number;
    readonly type: number;
    readonly constructed: boolean;
    /** Bytes, one character each; or the elements. */
    readonly value: string | Asn1[];
  }

  interface ByteBuffer {
    getBytes(): string;
  }

  const asn1: {
    create(tagClass: number, type: number, constructed: boolean, value: string | Asn1[]): Asn1;
    /** Throws where the bytes are not DER. */
    fromDer(bytes: string, options: { decodeBitStrings: boolean }): Asn1;
    toDer(value: Asn1): ByteBuffer;
    oidToDer(oid: string): ByteBuffer;
    derToOid(bytes: string): string;
  };
  export default asn1;
}
