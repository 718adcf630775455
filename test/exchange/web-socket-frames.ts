/** A frame of a WebSocket as text, masked where its sender has to, with a mask that changes nothing. */
export function framed(sender: 'client' | 'server', payload: string, opcode = 1): string {
  const masked = sender === 'client';
  const head = String.fromCharCode(0x80 | opcode, payload.length | (masked ? 0x80 : 0));
  return `${head}${masked ? '\0\0\0\0' : ''}${payload}`;
}
