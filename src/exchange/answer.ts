import type { Answer, ResponseHead } from '../interceptor.js';
import type { Sending } from '../upstream/connection.js';
import { headerValue } from './headers.js';
import type { ResponseSink } from './sink.js';

/**
 * Sends an answer that was made here, as an upstream would: in order, and no faster than it is taken.
 *
 * @param failed told where the answer's body throws
 */
export function sendAnswer(
  answer: Answer,
  method: string,
  sink: ResponseSink,
  failed: (cause: unknown) => void,
): Sending {
  let goOn = () => {};
  let aborted = false;

  async function send({ body, trailers, ...head }: Answer): Promise<void> {
    if (Buffer.isBuffer(body)) {
      sink.head(withLength(head, body, method));
      if (body.length > 0) sink.data(body);
    } else {
      sink.head(head);
      for await (const chunk of body) {
        if (aborted) return;
        if (!sink.data(Buffer.from(chunk))) {
          await new Promise<void>((resolve) => {
            goOn = resolve;
          });
        }
      }
    }
    sink.end(trailers ?? []);
  }

  send(answer).catch(failed);
  return {
    pause: () => {},
    resume: () => goOn(),
    abort: () => {
      aborted = true;
      goOn();
    },
  };
}

// RFC 9110, section 8.6: a length unless the message cannot have one.
function withLength(head: ResponseHead, body: Buffer, method: string): ResponseHead {
  const mayHaveBody = head.status !== 204 && head.status !== 304;
  if (!mayHaveBody || headerValue(head.headers, 'content-length') !== undefined) return head;
  if (method === 'HEAD' && body.length === 0) return head;
  return { ...head, headers: [...head.headers, 'Content-Length', String(body.length)] };
}
